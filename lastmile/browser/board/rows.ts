// The rows as the server sends them (docs/architecture.md). Instants RFC 3339 UTC, metres, seconds, grams, millilitres, cents.
import type { MessageRow, ThreadRow } from "./messages/rows";
import type { PresenceRow } from "./people/rows";

export interface Span {
  start: string;
  end: string;
}
export interface Load {
  weight_g: number;
  volume_ml: number;
  pieces: number;
  pallets: number;
}
export interface Capacity {
  weight_g: number;
  volume_ml: number;
  pieces: number | null;
  pallets: number | null;
}
export interface Named {
  id: string;
  name: string;
}
/** Everything live has an id and a version that only grows. */
export interface Row {
  id: string;
  version: number;
}
export type Gone = Row & { gone: true };

export interface PlaceRow {
  id: string;
  line: string;
  lat: number | null;
  lon: number | null;
  review: string;
}
export interface OrderRow extends Row {
  reference: string;
  merchant: Named | null;
  status: string;
  attention_reason: string;
  delivery_on: string;
  recipient: { name: string; phone: string; email: string };
  place: PlaceRow;
  window: Span | null;
  promised: Span | null;
  service_s: number;
  priority: Priority;
  load: Load;
}
export type Priority = "normal" | "high" | "urgent";

export interface StopOrder {
  id: string;
  reference: string;
  recipient: string;
  phone: string;
  status: string;
  priority: Priority;
  proof_required: string;
  instructions: string;
  recipient_answer: "" | "confirmed" | "declined";
}
export interface StopRow extends Row {
  plan: string;
  route: string | null;
  sequence: number | null;
  status: string;
  place: { line: string; lat: number | null; lon: number | null };
  orders: StopOrder[];
  window: Span | null;
  promised?: Span | null;
  service_s: number;
  planned_arrival_at: string | null;
  planned_departure_at: string | null;
  eta_at: string | null;
  arrived_at: string | null;
  departed_at: string | null;
  late_s: number;
  unassigned: { code: string; message: string } | null;
  skills: string[];
  load: Load;
  priority: Priority;
  outcome: string | null;
  lock: LockStrength | null;
}
/** What no solve may change of a stop's place: its driver, its order among its neighbours, its very position. */
export type LockStrength = "driver" | "order" | "position";
export interface RouteRow extends Row {
  plan: string;
  shift: string;
  driver: Named;
  vehicle: Named;
  depot: string;
  status: string;
  color: string;
  starts_at: string | null;
  ends_at: string | null;
  started_at: string | null;
  completed_at: string | null;
  distance_m: number;
  duration_s: number;
  cost_cents: number;
  stops_total: number;
  stops_done: number;
  load: Load;
  capacity: Capacity;
  rest: Span | null;
  geometry: string;
}
export interface PlanRow extends Row {
  day: string;
  depot: string;
  status: string;
  operation: string | null;
  roads: string;
  pending: number;
  summary: {
    distance_m: number;
    duration_s: number;
    cost_cents: number;
    stops: number;
    unassigned: number;
    routes: number;
    late: number;
  };
}
export interface PositionRow extends Row {
  driver: string;
  route: string | null;
  lat: number;
  lon: number;
  heading: number | null;
  speed_mps: number | null;
  fix_at: string;
}
export interface OperationRow extends Row {
  kind: string;
  status: string;
  progress: {
    phase?: string;
    /** Of a preview: the plan it is for. */
    plan?: string;
    seconds?: number;
    budget_s?: number;
    cost_cents?: number;
    assigned?: number;
    stops?: number;
  };
  result: Record<string, unknown> | null;
  error: string | null;
  created_at: string;
  finished_at: string | null;
}
export interface DepotRow extends Row {
  name: string;
  line: string;
  lat: number;
  lon: number;
  opens: string;
  closes: string;
}
/** An area that limits or prefers who serves it. */
export interface ZoneRow extends Row {
  name: string;
  color: string;
  /** Its corners as [latitude, longitude], not closed. */
  outline: [number, number][];
  /** Who keeps to it, by id. */
  drivers: string[];
  status: string;
}
export interface VehicleRow extends Row {
  name: string;
  plate: string;
  kind: string;
  capacity: Capacity;
  skills: string[];
  status: string;
}
export interface DriverRow extends Row {
  name: string;
  phone: string;
  skills: string[];
  duty: string;
  color: string;
  vehicle: string | null;
  zones_strict: boolean;
}
export interface ShiftRow extends Row {
  day: string;
  driver: string;
  vehicle: string;
  depot: string;
  starts_at: string;
  ends_at: string;
  status: string;
}
export interface AttemptRow {
  id: string;
  order: string;
  driver: string;
  number: number;
  outcome: string;
  succeeded: boolean;
  note: string;
  name: string;
  at: string;
  proofs: { id: string; kind: string; url: string }[];
}
export interface MapRow {
  style_url: string | null;
  pmtiles_url: string | null;
  bbox: [number, number, number, number] | null;
  center: [number, number] | null;
  attribution: string;
}
export interface Organization {
  id: string;
  name: string;
  timezone: string;
  currency: string;
  distance_unit?: string;
  clock?: string;
  /** The reader's language as a BCP 47 tag: en-GB, nl, de, fr, es. */
  language?: string;
  units?: string;
}
export interface ExceptionRow extends Row {
  kind: string;
  status: "open" | "acknowledged" | "resolved" | "dismissed";
  /** The higher the sooner. */
  urgency: number;
  subject: string;
  subject_id: string;
  day: string;
  depot: string | null;
  stop: string | null;
  route: string | null;
  order: string | null;
  reference: string;
  recipient: string;
  place: string;
  driver: { id: string; name: string; phone: string } | null;
  opened_at: string;
  since_at: string;
  numbers: {
    late_s?: number;
    not_left_s?: number;
    due_at?: string;
    reach_at?: string;
    stops?: number;
    stood_s?: number;
    silent_s?: number;
    off_m?: number;
    code?: string;
  };
  proposal: { rule: string; fix: string; words: string } | null;
  taken_by: Named | null;
  resolution: string;
}
export interface Snapshot {
  at: string;
  day: string;
  organization: Organization;
  depots: DepotRow[];
  zones: ZoneRow[];
  drivers: DriverRow[];
  vehicles: VehicleRow[];
  shifts: ShiftRow[];
  plan: PlanRow | null;
  routes: RouteRow[];
  stops: StopRow[];
  orders: { ready: OrderRow[]; needs_attention: OrderRow[] };
  positions: PositionRow[];
  operations: OperationRow[];
  exceptions: ExceptionRow[];
  map: MapRow;
}

/** What the board shows before its snapshot is there: all routes without their lines, the stops of some, counts. */
export interface Opening {
  at: string;
  day: string;
  organization: Organization;
  depots: DepotRow[];
  zones: ZoneRow[];
  plan: PlanRow | null;
  routes: RouteRow[];
  stops: StopRow[];
  /** The routes whose stops are all among `stops`. */
  whole: string[];
  operations: OperationRow[];
  counts: { done: number; failed: number; waiting: number; ready: number; needs_attention: number; shifts: number };
  positions: PositionRow[];
  exceptions: ExceptionRow[];
  map: MapRow;
}

/** What a move by hand leads to: the difference of all routes together. */
export interface Consequence {
  delta_s: number;
  delta_m: number;
  delta_cents: number;
  newly_late: string[];
  promises_broken: string[];
  broken: string[];
  /** Locks that stand against it, as sentences: a person may overrule them. */
  locked: string[];
  applied: boolean;
}

/** When a stop is expected, at its version: all that changes of thousands of stops while vans move. */
export interface ArrivalRow extends Row {
  eta_at: string | null;
  late_s: number;
}

export interface LiveRows {
  stop?: (StopRow | Gone)[];
  arrival?: ArrivalRow[];
  route?: (RouteRow | Gone)[];
  plan?: (PlanRow | Gone)[];
  order?: (OrderRow | Gone)[];
  position?: (PositionRow | Gone)[];
  operation?: (OperationRow | Gone)[];
  driver?: (DriverRow | Gone)[];
  zone?: (ZoneRow | Gone)[];
  thread?: (ThreadRow | Gone)[];
  message?: (MessageRow | Gone)[];
  presence?: (PresenceRow | Gone)[];
  exception?: (ExceptionRow | Gone)[];
}
export type LiveMessage =
  | { type: "hello"; epoch: string; seq: number }
  | { type: "rows"; seq: number; rows: LiveRows }
  | { type: "present"; day: string; you: string; present: PresenceRow[] }
  | { type: "pong" };
