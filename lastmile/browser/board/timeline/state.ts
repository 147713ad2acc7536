// What the timeline shows: its lanes, the stretch of time, its height. Heights are remembered, times are not.
import { batch, computed, effect, signal } from "@preact/signals";
import { anchor } from "../selection";
import type { RouteRow, ShiftRow, StopRow } from "../rows";
import { depot, serverNow, shifts, shownRoutes, stops, stopsByRoute } from "../store";
import { laneOf, type Lane } from "./blocks";
import { fit, reveal, type View } from "./view";

const KEPT = "board.timeline";

export interface Size {
  /** Share of the stage's height. */
  share: number;
  folded: boolean;
  /** The timeline has the stage for itself. */
  full: boolean;
}

function kept(): Size {
  try {
    const found = JSON.parse(localStorage.getItem(KEPT) ?? "{}") as Partial<Size>;
    const share = Number(found.share);
    return { share: share >= 0.12 && share <= 0.9 ? share : 0.36, folded: found.folded === true, full: false };
  } catch {
    return { share: 0.36, folded: false, full: false };
  }
}

export const size = signal<Size>(kept());

export function resize(change: Partial<Size>): void {
  const next = { ...size.peek(), ...change };
  size.value = { ...next, share: Math.min(0.85, Math.max(0.14, next.share)) };
  try {
    localStorage.setItem(KEPT, JSON.stringify({ share: size.peek().share, folded: size.peek().folded }));
  } catch {
    // Kept for this page only.
  }
}

/** One line of the timeline: a route, or a driver who has none yet. */
export type Row = { id: string; route: RouteRow; stops: StopRow[] } | { id: string; route: null; shift: ShiftRow };

const NONE: StopRow[] = [];

export const rows = computed<Row[]>(() => {
  const used = new Set(shownRoutes.value.map((route) => route.shift));
  const free = shifts.value.filter((shift) => !used.has(shift.id) && shift.status === "rostered" && shift.depot === depot.value);
  return [
    ...shownRoutes.value.map((route) => ({ id: route.id, route, stops: stopsByRoute.value.get(route.id) ?? NONE })),
    ...free.map((shift) => ({ id: `shift:${shift.id}`, route: null, shift })),
  ];
});

const known = new Map<string, { route: RouteRow; stops: StopRow[]; lane: Lane; until: number }>();

/** The row's lane, reckoned again only when its route or stops changed (or a visit under way grew). */
export function laneFor(row: Row): Lane | null {
  if (!row.route) return null;
  const now = serverNow();
  const before = known.get(row.id);
  if (before && before.route === row.route && before.stops === row.stops && now < before.until) return before.lane;
  const lane = laneOf(row.route, row.stops, now);
  const grows = row.stops.some((stop) => stop.status === "arrived");
  known.set(row.id, { route: row.route, stops: row.stops, lane, until: grows ? now + 20_000 : Infinity });
  return lane;
}

export const rowOf = computed<Map<string, number>>(() => new Map(rows.value.map((row, index) => [row.id, index])));

export const view = signal<View>({ from: 0, to: 1, width: 0 });
/** Whether somebody zoomed or panned; until then the picture follows what is planned. */
export const held = signal(false);

/** From the first to the last instant of all lanes; null when nothing has a time. */
export const extent = computed<[number, number] | null>(() => {
  let from = Infinity;
  let to = -Infinity;
  for (const row of rows.value) {
    const lane = laneFor(row);
    const ends = lane ? [lane.from, lane.to] : row.route ? [] : [Date.parse(row.shift.starts_at), Date.parse(row.shift.ends_at)];
    for (const at of ends) {
      if (at === null) continue;
      from = Math.min(from, at);
      to = Math.max(to, at);
    }
  }
  return from < to ? [from, to] : null;
});

export function look(next: View): void {
  batch(() => {
    view.value = next;
    held.value = true;
  });
}

export function fitAll(): void {
  const whole = extent.peek();
  batch(() => {
    held.value = false;
    if (whole) view.value = fit(view.peek(), ...whole);
  });
}

/** Keep the whole day in the picture until somebody looks closer. */
export function followExtent(): () => void {
  return effect(() => {
    const whole = extent.value;
    const { width } = view.value;
    if (whole && width && !held.peek()) {
      const next = fit(view.peek(), ...whole);
      if (next.from !== view.peek().from || next.to !== view.peek().to) view.value = next;
    }
  });
}

/** Where the stop that was touched last stands: its row, and its time. */
export const touched = computed<{ row: number; from: number; to: number } | null>(() => {
  const id = anchor.value;
  void stops.changed.value;
  const stop = id ? stops.get(id) : undefined;
  const index = stop?.route ? rowOf.value.get(stop.route) : undefined;
  const row = index === undefined ? undefined : rows.value[index];
  const mark = row && laneFor(row)?.marks.find((one) => one.stop === id);
  return mark && index !== undefined ? { row: index, from: mark.arrival, to: mark.end } : null;
});

export function bringIn(from: number, to: number): void {
  const next = reveal(view.peek(), from, to);
  if (next !== view.peek()) look(next);
}
