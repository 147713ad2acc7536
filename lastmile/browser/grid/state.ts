// What the grid knows: rows fetched as they come into sight, which of them are shown, where the cursor is.
import { computed, signal } from "@preact/signals";
import { ApiError } from "../board/api";
import { toast } from "../ui/toasts";
import * as api from "./rows";
import type { Edit, LineRow, Meta } from "./rows";
import { n, t } from "../ui/words";

export const file = signal("");
export const meta = signal<Meta | null>(null);
export const onlyBad = signal(false);
/** Positions of the rows shown under "only faulty": as they were when it was chosen, so that a mended row stays. */
const badShown = signal<number[]>([]);
export const version = signal(0);
export const cursor = signal({ row: 0, column: 0 });
/** The other corner of the marked block; null = the cursor's cell alone. */
export const anchor = signal<{ row: number; column: number } | null>(null);
export const editing = signal<{ text: string; all: boolean } | null>(null);
export const saving = signal(0);
export const failure = signal("");

const held = new Map<number, LineRow>();
const asked = new Set<number>();
const undone: Edit[][] = [];

export const shownCount = computed(() => (onlyBad.value ? badShown.value.length : (meta.value?.total ?? 0)));
export const width = computed(() => (meta.value ? meta.value.columns.length + (meta.value.too_wide ? 1 : 0) : 0));

export function positionOf(row: number): number {
  return onlyBad.peek() ? (badShown.peek()[row] ?? -1) : row;
}

export function lineAt(row: number): LineRow | undefined {
  void version.value;
  return held.get(positionOf(row));
}

/** A cell's text. The column beyond the last one holds all cells too many. */
export function textOf(line: LineRow, column: number): string {
  const columns = meta.value?.columns.length ?? 0;
  if (column < columns) return line.cells[column] ?? "";
  return line.cells.slice(columns).filter((cell) => cell.trim()).join(" | ");
}

function said(error: unknown): void {
  const words = error instanceof ApiError ? error.message : t("Something went wrong in this page. Load it again.");
  if (!(error instanceof ApiError)) console.error(error);
  toast(words, "bad");
}

/** Fetch the rows from `first` to `last` that are not here yet, in bites the server gives at once. */
export async function want(first: number, last: number): Promise<void> {
  const missing: number[] = [];
  for (let row = Math.max(0, first); row <= Math.min(last, shownCount.peek() - 1); row++) {
    const position = positionOf(row);
    if (position >= 0 && !held.has(position) && !asked.has(position)) missing.push(position);
  }
  for (let start = 0; start < missing.length; start += api.ROWS_AT_ONCE) {
    const some = missing.slice(start, start + api.ROWS_AT_ONCE);
    for (const position of some) asked.add(position);
    try {
      for (const line of await api.lines(file.peek(), some)) held.set(line.position, line);
    } catch (error) {
      said(error);
    } finally {
      for (const position of some) asked.delete(position);
    }
    version.value++;
  }
}

let timer: ReturnType<typeof setTimeout> | undefined;

/** Fetch the grid as a whole; again every second while its rows are being worked on. */
export async function load(): Promise<void> {
  clearTimeout(timer);
  try {
    const fresh = await api.grid(file.peek());
    const first = !meta.peek()?.ready && fresh.ready;
    meta.value = fresh;
    failure.value = "";
    if (first) show(fresh.bad > 0);
    if (busy() || !fresh.ready) timer = setTimeout(() => void load(), fresh.ready || fresh.work ? 1_000 : 3_000);
  } catch (error) {
    failure.value = error instanceof ApiError ? error.message : t("The rows could not be loaded.");
    timer = setTimeout(() => void load(), 5_000);
  }
}

export function busy(): boolean {
  const work = meta.value?.work;
  return work != null && (work.status === "queued" || work.status === "running");
}

/** Show all rows, or only those that are faulty now. */
export function show(bad: boolean): void {
  badShown.value = meta.peek()?.bad_at ?? [];
  onlyBad.value = bad;
  cursor.value = { row: 0, column: 0 };
  anchor.value = null;
  editing.value = null;
  if (bad) jump(1, true);
}

export function marked(): { top: number; left: number; bottom: number; right: number } {
  const a = anchor.value ?? cursor.value, b = cursor.value;
  return {
    top: Math.min(a.row, b.row), bottom: Math.max(a.row, b.row),
    left: Math.min(a.column, b.column), right: Math.max(a.column, b.column),
  };
}

/** Change cells: shown at once, judged by the server, put back with its sentence where it refuses. */
export async function change(edits: Edit[], remember = true): Promise<void> {
  const now = meta.peek();
  if (!now || !edits.length) return;
  const before: Edit[] = [];
  const kept = new Map<number, LineRow>();
  for (const one of edits) {
    const line = held.get(one.position);
    if (!line) continue;
    if (!kept.has(one.position)) kept.set(one.position, line);
    before.push({ ...one, text: textOf(line, one.column) });
    const cells = [...(held.get(one.position)?.cells ?? [])];
    cells[one.column] = one.text;
    held.set(one.position, { ...line, cells: Array.from(cells, (cell) => cell ?? "") });
  }
  version.value++;
  saving.value++;
  try {
    const answer = await api.edit(file.peek(), edits);
    const bad = new Set(meta.peek()?.bad_at);
    for (const line of answer.rows) {
      held.set(line.position, line);
      if (line.status === "bad") bad.add(line.position);
      else bad.delete(line.position);
    }
    meta.value = { ...(meta.peek() ?? now), ...answer.counts, bad_at: [...bad].sort((a, b) => a - b) };
    if (remember) undone.push(before);
  } catch (error) {
    for (const [position, line] of kept) held.set(position, line);
    said(error);
  } finally {
    saving.value--;
    version.value++;
  }
}

/** Take the last change back. */
export function undo(): void {
  const last = undone.pop();
  if (last) void change(last, false);
  else toast(t("There is nothing to take back."), "info");
}

/** Put the cursor on the next faulty cell (or the one before), around the end. */
export function jump(step: 1 | -1, here = false): void {
  const bad = meta.peek()?.bad_at ?? [];
  if (!bad.length) return;
  const at = positionOf(cursor.peek().row);
  const further = step > 0 && !here ? nextInRow(held.get(at), cursor.peek().column) : undefined;
  if (further !== undefined) {
    cursor.value = { row: cursor.peek().row, column: further };
    anchor.value = null;
    return;
  }
  let target: number | undefined;
  if (here) target = bad[0];
  else if (step > 0) target = bad.find((one) => one > at) ?? bad[0];
  else target = bad.filter((one) => one < at).at(-1) ?? bad.at(-1);
  if (target === undefined) return;
  const row = onlyBad.peek() ? badShown.peek().indexOf(target) : target;
  if (row < 0) return;
  void want(row, row).then(() => {
    const column = held.get(target)?.faults.find((fault) => fault.column !== null)?.column ?? 0;
    cursor.value = { row, column };
    anchor.value = null;
  });
}

/** The next faulty cell of the row after this column. */
function nextInRow(line: LineRow | undefined, column: number): number | undefined {
  const columns = (line?.faults ?? []).map((fault) => fault.column ?? -1).sort((a, b) => a - b);
  return columns.find((one) => one > column);
}

/** Say that a column is another field ("" leaves it out): all rows are checked again. */
export async function choose(header: string, field: string): Promise<void> {
  const now = meta.peek();
  if (!now) return;
  const mapping = Object.fromEntries(now.columns.filter((one) => one.header).map((one) => [one.header, one.field]));
  for (const name of Object.keys(mapping)) if (field && mapping[name] === field) mapping[name] = "";
  mapping[header] = field;
  await work(api.columns(file.peek(), mapping), () => t("The rows are checked anew. Your choice is remembered."));
}

/** Import every sound row that is no order yet. */
export async function importRows(): Promise<void> {
  await work(api.store(file.peek()), (result) => {
    const parts = [
      result.created ? n("{count} new", "{count} new", result.created) : "",
      result.updated ? n("{count} updated", "{count} updated", result.updated) : "",
      result.unchanged ? n("{count} unchanged", "{count} unchanged", result.unchanged) : "",
      result.kept ? n("{count} kept as planned", "{count} kept as planned", result.kept) : "",
    ].filter(Boolean);
    return parts.length ? t("Imported: {what}.", { what: parts.join(", ") }) : t("Imported: nothing.");
  });
}

async function work(started: Promise<{ operation: api.Work }>, words: (result: Record<string, number>) => string): Promise<void> {
  try {
    let operation = (await started).operation;
    const now = meta.peek();
    if (now) meta.value = { ...now, work: operation };
    while (operation.status === "queued" || operation.status === "running") {
      await new Promise((resolve) => setTimeout(resolve, 400));
      operation = await api.operation(operation.id);
    }
    if (operation.status === "succeeded") toast(words(operation.result ?? {}));
    else toast(operation.error ?? t("Nothing was changed."), "bad");
  } catch (error) {
    said(error);
  }
  held.clear();
  undone.length = 0;
  await load();
  show(onlyBad.peek() && (meta.peek()?.bad ?? 0) > 0);
  version.value++;
  document.dispatchEvent(new CustomEvent("lastmile:imported"));
}
