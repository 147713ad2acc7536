// The grid's rows as the API gives them (orders/queries_grid.py), and the doors they come through.
import { call } from "../board/api";

export interface CellFault { column: number | null; code: string; message: string }
export interface LineRow {
  position: number;
  line: number;
  cells: string[];
  faults: CellFault[];
  status: "good" | "bad" | "imported";
  order: string | null;
  outcome: string;
}
export interface Column { header: string; field: string; how: string }
export interface Work {
  id: string;
  kind: string;
  status: string;
  progress: { stage?: string; rows?: number };
  result: Record<string, number> | null;
  error: string | null;
}
export interface Counts { total: number; good: number; bad: number; imported: number }
export interface Meta extends Counts {
  id: string;
  columns: Column[];
  fields: { name: string; label: string }[];
  missing: string[];
  bad_at: number[];
  too_wide: boolean;
  work: Work | null;
  ready: boolean;
}
export interface Edit { position: number; column: number; text: string }

export const ROWS_AT_ONCE = 200;

export function grid(file: string): Promise<Meta> {
  return call<Meta>(`imports/${file}/grid/`);
}

export async function lines(file: string, positions: number[]): Promise<LineRow[]> {
  return (await call<{ rows: LineRow[] }>(`imports/${file}/rows/?at=${positions.join(",")}`)).rows;
}

export function edit(file: string, cells: Edit[]): Promise<{ rows: LineRow[]; counts: Counts }> {
  return call(`imports/${file}/rows/`, "PATCH", { cells });
}

export function columns(file: string, mapping: Record<string, string>): Promise<{ operation: Work }> {
  return call(`imports/${file}:columns`, "POST", { mapping });
}

export function store(file: string): Promise<{ operation: Work }> {
  return call(`imports/${file}:store`, "POST", {});
}

export function operation(id: string): Promise<Work> {
  return call<Work>(`operations/${id}/`);
}
