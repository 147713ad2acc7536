// The doors of the exceptions queue.
import { call } from "../api";
import type { ExceptionRow } from "../rows";

export interface FixRow {
  key: string;
  icon: string;
  title: string;
  consequence: string;
  does: "do" | "open" | "call";
  href: string;
  reason: boolean;
  best: boolean;
}
export interface VersionRow {
  who: string;
  says: string;
  at: string;
}
export interface HistoryRow {
  at: string;
  event: string;
  actor: string;
  reason: string;
}
export interface FixesRow {
  fixes: FixRow[];
  versions: VersionRow[];
  history: HistoryRow[];
}

export function fixes(id: string, signal: AbortSignal): Promise<FixesRow> {
  return call<FixesRow>(`exceptions/${id}/fixes/`, "GET", undefined, signal);
}

export function acknowledge(id: string): Promise<ExceptionRow> {
  return call<ExceptionRow>(`exceptions/${id}:acknowledge`, "POST", {});
}

export function close(id: string, verb: "resolve" | "dismiss", reason: string): Promise<ExceptionRow> {
  return call<ExceptionRow>(`exceptions/${id}:${verb}`, "POST", { reason });
}

export function fix(id: string, key: string, reason: string): Promise<ExceptionRow> {
  return call<ExceptionRow>(`exceptions/${id}:fix`, "POST", { fix: key, reason });
}
