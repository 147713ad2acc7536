// Proposals as the server sends them: dispatch/proposal_rows.py and dispatch/difference.py.
import type { Row } from "../rows";

export interface Figures {
  distance_m: number;
  duration_s: number;
  cost_cents: number;
  late_stops: number;
  late_s: number;
  promises_broken: number;
  unassigned: number;
  stops: number;
  vans: number;
  terms: Record<string, number>;
}
export interface Spot {
  shift: string;
  position: number;
  at: string;
  late_s: number;
}
export type Kind = "driver" | "order" | "shifted" | "onto" | "off" | "retimed";
export type Promised = "none" | "kept" | "broken";
export interface StopChange {
  stop: string;
  kind: Kind;
  group: string;
  before: Spot | null;
  after: Spot | null;
  promise_before: Promised;
  promise: Promised;
  reason: string;
}
export interface Deltas {
  delta_s: number;
  delta_m: number;
  delta_cents: number;
  delta_late_s: number;
}
export interface RouteChange extends Deltas {
  shift: string;
  label: string;
  imagined: boolean;
  group: string;
  stops_before: number;
  stops_after: number;
  gained: string[];
  lost: string[];
  reordered: string[];
}
export interface Group extends Deltas {
  id: string;
  shifts: string[];
  moved: number;
}
export interface Difference {
  totals: Deltas & { churn: number; terms: { name: string; before: number; after: number; delta: number }[] };
  groups: Group[];
  routes: RouteChange[];
  stops: StopChange[];
}
export interface ProposalRow extends Row {
  plan: string;
  kind: "optimise" | "reoptimise" | "what_if";
  title: string;
  status: "open" | "accepted" | "partly_accepted" | "rejected" | "stale";
  made_by: string;
  made_at: string;
  decided_at: string | null;
  settings: Partial<Wanted>;
  needs: { kind: string; message: string }[];
  stale: boolean;
  before: Figures;
  after: Figures;
  churn: number;
}
export interface Line {
  shift: string;
  label: string;
  geometry: string;
  stops: string[];
}
export interface Proposal extends ProposalRow {
  accepted: string[];
  difference: Difference;
  lines: Line[];
}

export const SCOPES = ["redistribute_stops_between_drivers", "reorder_all_stops", "reorder_changed_stops"] as const;
/** What a run is asked for. */
export interface Wanted {
  scope: (typeof SCOPES)[number];
  max_changes: number | null;
  keep_loaded: boolean;
  keep_promises: boolean;
  objective: string;
  seconds: number;
  changed: string[];
}
export interface Fleet {
  absent: string[];
  longer: { shift: string; minutes: number }[];
  more: { like: string | null; driver: string | null; vehicle: string | null }[];
}
