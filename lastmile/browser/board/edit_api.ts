// The doors of a plan's edits.
import { call } from "./api";
import type { Consequence, LockStrength, StopRow } from "./rows";

export interface EditRow {
  id: string;
  number: number;
  kind: "move" | "lock" | "accept" | "automatic";
  label: string;
  by: string;
  mine: boolean;
  at: string;
  undone_at: string | null;
  stops: string[];
}
/** This dispatcher's edits, newest first, and what undo and redo would take. */
export interface EditsRow {
  results: EditRow[];
  undo: EditRow | null;
  redo: EditRow | null;
}
export interface DoneRow extends EditsRow {
  edit: EditRow | null;
  consequence: Consequence | null;
}
/** A stop that somebody changed meanwhile: as it is now, and what happened in a sentence. */
export interface ChangedRow {
  id: string;
  now: StopRow;
  by: string;
  at: string;
  sentence: string;
}
export interface Foreseen extends Consequence {
  /** Where the stops would be: after how many others. */
  place: { shift: string | null; positions: number[] };
}
export interface Change {
  stop: string;
  /** null = off its route. */
  shift: string | null;
  /** How many stops come before it; null = where it costs least. */
  position: number | null;
}
export type Seen = Record<string, number>;

export function list(plan: string): Promise<EditsRow> {
  return call<EditsRow>(`plans/${plan}/edits/`);
}

export function edit(plan: string, changes: Change[], seen: Seen, despiteLocks: boolean): Promise<DoneRow> {
  return call<DoneRow>(`plans/${plan}/edits/`, "POST", { changes, seen, despite_locks: despiteLocks });
}

export function lock(plan: string, stops: string[], strength: LockStrength | null, seen: Seen): Promise<DoneRow> {
  return call<DoneRow>(`plans/${plan}:lock`, "POST", { stops, lock: strength, seen });
}

export function undo(plan: string, id: string | null): Promise<DoneRow> {
  return call<DoneRow>(`plans/${plan}:undo`, "POST", { edit: id });
}

export function redo(plan: string): Promise<DoneRow> {
  return call<DoneRow>(`plans/${plan}:redo`, "POST", {});
}

/** Have the plan made ready for such questions: a large one takes seconds. */
export function beReady(plan: string): Promise<{ stops: number }> {
  return call<{ stops: number }>(`plans/${plan}/consequences/`);
}

export function consequences(
  plan: string,
  stops: readonly string[],
  shift: string | null,
  position: number | null,
  signal: AbortSignal,
): Promise<Foreseen> {
  return call<Foreseen>(`plans/${plan}/consequences/`, "POST", { stops, shift, position }, signal);
}
