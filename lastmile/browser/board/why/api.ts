// The doors of "why not?".
import { call } from "../api";
import type { StopRow } from "../rows";

export interface Way {
  key: string;
  code: string;
  message: string;
  possible: boolean;
  why_not: string;
  warning: string;
  shift: string;
  label: string;
  position: number;
  delta_cents: number;
  delta_m: number;
  delta_s: number;
}
export interface Reasons {
  stop: string;
  code: string;
  message: string;
  ways: Way[];
}

export function why(stop: string, signal?: AbortSignal): Promise<Reasons> {
  return call<Reasons>(`stops/${stop}/why/`, "GET", undefined, signal);
}

export function relax(stop: string, way: Way): Promise<StopRow> {
  return call<StopRow>(`stops/${stop}:relax`, "POST", { relaxation: way.key });
}
