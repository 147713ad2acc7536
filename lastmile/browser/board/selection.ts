// What is selected: a set of stops, the one the selection grows from, and a route. List, map and timeline all show it.
import { batch, computed, signal } from "@preact/signals";
import type { StopRow } from "./rows";
import { shownRoutes, stopsOf, unassigned, waiting } from "./store";

export const picked = signal<ReadonlySet<string>>(new Set());
/** Where a range begins, and what the panes scroll to: the stop that was touched last. */
export const anchor = signal<string | null>(null);
export const selectedRoute = signal<string | null>(null);
/** The other end of the range while Shift is held. */
let reach: string | null = null;

/** Every stop of the day in the order of the lists: routes by name, then what is on no route. */
export const inOrder = computed<StopRow[]>(() => [
  ...shownRoutes.value.flatMap((route) => stopsOf(route.id)),
  ...unassigned.value,
  ...waiting.value,
]);

/** What is selected, in that order; stops that are gone are not in it. */
export const pickedStops = computed<StopRow[]>(() =>
  picked.value.size === 0 ? [] : inOrder.value.filter((stop) => picked.value.has(stop.id)),
);

export interface Sums {
  stops: number;
  orders: number;
  service_s: number;
  weight_g: number;
  volume_ml: number;
  pieces: number;
  routes: number;
  unassigned: number;
}

export const pickedSums = computed<Sums>(() => {
  const sums: Sums = { stops: 0, orders: 0, service_s: 0, weight_g: 0, volume_ml: 0, pieces: 0, routes: 0, unassigned: 0 };
  const routes = new Set<string>();
  for (const stop of pickedStops.value) {
    sums.stops++;
    sums.orders += stop.orders.length;
    sums.service_s += stop.service_s;
    sums.weight_g += stop.load.weight_g ?? 0;
    sums.volume_ml += stop.load.volume_ml ?? 0;
    sums.pieces += stop.load.pieces ?? 0;
    if (stop.route) routes.add(stop.route);
    else sums.unassigned++;
  }
  sums.routes = routes.size;
  return sums;
});

export function pickOnly(id: string): void {
  set([id], id);
}

/** Take it in, or out when it is in. */
export function pickAlso(id: string): void {
  const next = new Set(picked.peek());
  if (next.has(id)) next.delete(id);
  else next.add(id);
  set(next, id);
}

/** From the anchor to this one, both included; `within` is the order that is seen (all stops by default). */
export function pickTo(id: string, within: readonly string[] = inOrder.peek().map((stop) => stop.id)): void {
  const from = within.indexOf(anchor.peek() ?? id);
  const to = within.indexOf(id);
  if (anchor.peek() === null || from < 0 || to < 0) return pickOnly(id);
  batch(() => {
    picked.value = new Set(within.slice(Math.min(from, to), Math.max(from, to) + 1));
    reach = id;
  });
}

/** A step with Shift held: the range that ends at `from` grows or shrinks to `to`; any other selection begins anew there. */
export function growTo(from: string | null, to: string, within?: readonly string[]): void {
  if (from && (reach ?? anchor.peek()) !== from) pickOnly(from);
  pickTo(to, within);
}

export function pickAll(ids: Iterable<string>, add = false): void {
  const next = new Set(add ? picked.peek() : []);
  let last: string | null = null;
  for (const id of ids) {
    next.add(id);
    last = id;
  }
  set(next, last ?? anchor.peek());
}

export function unpick(): void {
  set([], null);
}

function set(ids: Iterable<string>, at: string | null): void {
  batch(() => {
    picked.value = new Set(ids);
    anchor.value = at;
    reach = null;
  });
}
