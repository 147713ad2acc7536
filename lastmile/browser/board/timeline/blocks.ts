// From a route and its stops to what its lane shows. Pure: rows and a clock in, instants (ms since 1970) out.
import type { RouteRow, StopRow } from "../rows";

export type BlockKind = "travel" | "service" | "wait" | "rest";
export type Look = "todo" | "next" | "done" | "failed" | "skipped";

/** A stretch of the driver's day. */
export interface Block {
  kind: BlockKind;
  from: number;
  to: number;
}

/** One stop on a lane. `arrival` ≤ `start` ≤ `end`: reached, begun (after waiting for its window), left. */
export interface Mark {
  stop: string;
  number: string;
  arrival: number;
  start: number;
  end: number;
  /** When the plan wanted it reached; null for a stop that the plan gives no time. */
  planned: number | null;
  window: [number, number] | null;
  late: boolean;
  look: Look;
}

/** A route's day from the depot and back. `from` null = nothing of it has a time yet. */
export interface Lane {
  route: string;
  from: number | null;
  to: number | null;
  blocks: Block[];
  marks: Mark[];
}

const DONE = new Set(["attempted", "departed"]);

function at(instant: string | null | undefined): number | null {
  const ms = instant ? Date.parse(instant) : Number.NaN;
  return Number.isFinite(ms) ? ms : null;
}

function lookOf(stop: StopRow): Look {
  if (DONE.has(stop.status)) return stop.outcome?.startsWith("failed") ? "failed" : "done";
  if (stop.status === "next" || stop.status === "arrived") return "next";
  return stop.status === "skipped" ? "skipped" : "todo";
}

function markOf(stop: StopRow, now: number): Mark | null {
  const planned = at(stop.planned_arrival_at);
  const arrived = at(stop.arrived_at);
  const arrival = arrived ?? at(stop.eta_at) ?? planned;
  if (arrival === null) return null;
  const service = stop.service_s * 1000;
  const leaves = at(stop.planned_departure_at);
  // What the plan's dwell has over the service is waiting for the window; whoever comes later waits less.
  const waits = planned !== null && leaves !== null ? Math.max(0, leaves - planned - service) : 0;
  const begins = waits > 0 && leaves !== null ? leaves - service : arrival;
  const departed = at(stop.departed_at);
  const underWay = arrived !== null && departed === null && stop.status === "arrived";
  const start = departed !== null ? Math.min(Math.max(arrival, begins), departed) : Math.max(arrival, begins);
  const end = departed ?? (underWay ? Math.max(start + service, now) : start + service);
  const window = stop.window && ([at(stop.window.start), at(stop.window.end)] as const);
  return {
    stop: stop.id,
    number: stop.sequence === null ? "" : String(stop.sequence),
    arrival,
    start: Math.max(arrival, start),
    end: Math.max(end, arrival),
    planned,
    window: window && window[0] !== null && window[1] !== null ? [window[0], window[1]] : null,
    late: stop.late_s > 0,
    look: lookOf(stop),
  };
}

/** The way between two instants, with the part that is the break cut out of it. */
function way(from: number, to: number, rest: [number, number] | null, kind: BlockKind): Block[] {
  if (to <= from) return [];
  if (!rest || rest[1] <= from || rest[0] >= to) return [{ kind, from, to }];
  const parts: Block[] = [];
  if (rest[0] > from) parts.push({ kind, from, to: rest[0] });
  if (rest[1] < to) parts.push({ kind, from: rest[1], to });
  return parts;
}

/** The lane of a route. `stops` in their order; `now` only stretches a visit that is under way. */
export function laneOf(route: RouteRow, stops: readonly StopRow[], now: number): Lane {
  const marks = stops.map((stop) => markOf(stop, now)).filter((mark): mark is Mark => mark !== null);
  const leaves = at(route.started_at) ?? at(route.starts_at);
  const rest = route.rest && ([at(route.rest.start), at(route.rest.end)] as const);
  const pause: [number, number] | null = rest && rest[0] !== null && rest[1] !== null && rest[1] > rest[0] ? [rest[0], rest[1]] : null;
  const blocks: Block[] = [];
  let here = leaves ?? marks[0]?.arrival ?? null;
  const from = here;
  for (const mark of marks) {
    if (here !== null) blocks.push(...way(here, mark.arrival, pause, "travel"));
    blocks.push(...way(mark.arrival, mark.start, pause, "wait"));
    if (mark.end > mark.start) blocks.push({ kind: "service", from: mark.start, to: mark.end });
    here = Math.max(here ?? mark.end, mark.end);
  }
  const to = homeAt(route, stops, marks, here);
  if (here !== null && to !== null) blocks.push(...way(here, to, pause, "travel"));
  if (pause) blocks.push({ kind: "rest", from: pause[0], to: pause[1] });
  return { route: route.id, from, to, blocks, marks };
}

/** When the driver is or will be back: the planned end, moved by as much as the last stop is late or early. */
function homeAt(route: RouteRow, stops: readonly StopRow[], marks: readonly Mark[], after: number | null): number | null {
  const completed = at(route.completed_at);
  if (completed !== null) return Math.max(completed, after ?? completed);
  const ends = at(route.ends_at);
  if (ends === null) return after;
  const last = marks[marks.length - 1];
  const leaves = at(stops[stops.length - 1]?.planned_departure_at);
  const moved = last && leaves !== null ? last.end - leaves : 0;
  return Math.max(ends + moved, after ?? 0);
}
