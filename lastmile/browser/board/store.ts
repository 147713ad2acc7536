// The board's rows: one table per kind, never changed by older versions. Views are computed from the tables.
import { batch, computed, signal } from "@preact/signals";
import { formatFor } from "./format";
import type {
  ArrivalRow, DepotRow, DriverRow, ExceptionRow, Gone, LiveRows, MapRow, Opening, OperationRow, OrderRow, Organization, PlanRow, PositionRow, RouteRow, Row,
  ShiftRow, Snapshot, StopRow, VehicleRow, ZoneRow,
} from "./rows";

/** Rows of one kind. Readers subscribe to `changed`; a batch of rows wakes them once. */
export class Table<R extends Row> {
  private rows = new Map<string, R>();
  private removed = new Map<string, number>();
  readonly changed = signal(0);

  get(id: string): R | undefined {
    return this.rows.get(id);
  }

  /** All rows; reading subscribes. */
  all(): R[] {
    void this.changed.value;
    return [...this.rows.values()];
  }

  /** Put a row in its place unless what is known of it is newer; says whether it was put. */
  put(row: R | Gone): boolean {
    // What was deleted comes back only newer; what is there is also replaced at its own version, since rows carry parts
    // of others (an order's state on its stop, counts on a route).
    if (row.version <= (this.removed.get(row.id) ?? -Infinity)) return false;
    if (row.version < (this.rows.get(row.id)?.version ?? -Infinity)) return false;
    if ("gone" in row) {
      this.removed.set(row.id, row.version);
      this.rows.delete(row.id);
    } else {
      this.removed.delete(row.id);
      this.rows.set(row.id, row);
    }
    return true;
  }

  apply(rows: readonly (R | Gone)[] | undefined): void {
    if (!rows) return;
    let any = false;
    for (const row of rows) any = this.put(row) || any;
    if (any) this.changed.value++;
  }

  /** Take a snapshot's rows as the truth. */
  replace(rows: readonly R[]): void {
    const next = new Map<string, R>();
    for (const row of rows) {
      next.set(row.id, row);
    }
    this.rows = next;
    this.removed.clear();
    this.changed.value++;
  }
}

export const stops = new Table<StopRow>();
/** Arrivals that are newer than the rows of their stops. */
const arrivals = new Map<string, ArrivalRow>();
export const routes = new Table<RouteRow>();
export const orders = new Table<OrderRow>();
export const positions = new Table<PositionRow>();
export const operations = new Table<OperationRow>();
export const drivers = new Table<DriverRow>();
export const zones = new Table<ZoneRow>();
export const exceptions = new Table<ExceptionRow>();

export const plan = signal<PlanRow | null>(null);
export const organization = signal<Organization | null>(null);
export const depots = signal<DepotRow[]>([]);
export const vehicles = signal<VehicleRow[]>([]);
export const shifts = signal<ShiftRow[]>([]);
export const map = signal<MapRow | null>(null);
export const loaded = signal(false);

/** What is shown until the snapshot is there: some of the rows, and counts for what the others would tell. */
export const opening = signal<Opening | null>(null);

/** The day and depot that are shown; "" until the server has said which day it is. */
export const day = signal("");
export const depot = signal<string | null>(null);

/** The server's clock minus this machine's, ms: ages are told by the server's clock. */
export const clockOffset = signal(0);
/** Ticks every few seconds, so that ages grow on the screen. */
export const now = signal(Date.now());

export function serverNow(): number {
  return now.value + clockOffset.value;
}

function takeFrame(rows: Pick<Snapshot, "at" | "organization" | "map" | "plan" | "depots" | "zones" | "day">): void {
  clockOffset.value = Date.parse(rows.at) - Date.now();
  now.value = Date.now();
  if (JSON.stringify(organization.peek()) !== JSON.stringify(rows.organization)) organization.value = rows.organization;
  if (JSON.stringify(depots.peek()) !== JSON.stringify(rows.depots)) depots.value = rows.depots;
  zones.replace(rows.zones);
  if (JSON.stringify(plan.peek()) !== JSON.stringify(rows.plan)) plan.value = rows.plan;
  if (JSON.stringify(map.peek()) !== JSON.stringify(rows.map)) map.value = rows.map;
  if (day.peek() === "") day.value = rows.day;
  if (depot.peek() === null) depot.value = rows.plan?.depot ?? rows.depots[0]?.id ?? null;
}

/** Show a day that has routes before its snapshot is there. It is no truth to build upon: the snapshot replaces all of it. */
export function takeOpening(rows: Opening): void {
  const elsewhere = (day.peek() !== "" && day.peek() !== rows.day) || (depot.peek() !== null && depot.peek() !== rows.plan?.depot);
  if (loaded.peek() || elsewhere || rows.routes.length === 0) return;
  batch(() => {
    takeFrame(rows);
    routes.replace(rows.routes);
    stops.replace(rows.stops);
    positions.replace(rows.positions);
    operations.replace(rows.operations);
    exceptions.replace(rows.exceptions);
    opening.value = rows;
  });
}

export function takeSnapshot(snapshot: Snapshot): void {
  batch(() => {
    takeFrame(snapshot);
    vehicles.value = snapshot.vehicles;
    shifts.value = snapshot.shifts;
    drivers.replace(snapshot.drivers);
    routes.replace(snapshot.routes);
    stops.replace(snapshot.stops);
    arrivals.clear();
    orders.replace([...snapshot.orders.ready, ...snapshot.orders.needs_attention]);
    positions.replace(snapshot.positions);
    operations.replace(snapshot.operations);
    exceptions.replace(snapshot.exceptions);
    opening.value = null;
    loaded.value = true;
  });
}

export function takeRows(rows: LiveRows): void {
  batch(() => {
    for (const row of rows.plan ?? []) takePlan(row);
    routes.apply(rows.route);
    stops.apply(rows.stop?.map(withArrival));
    stops.apply(rows.arrival?.flatMap(takeArrival));
    orders.apply(rows.order);
    positions.apply(rows.position);
    followClock(rows.position);
    operations.apply(rows.operation);
    drivers.apply(rows.driver);
    zones.apply(rows.zone);
    exceptions.apply(rows.exception);
  });
}

/** A row of a stop that was made before its newest arrival was told, with that arrival. */
function withArrival(row: StopRow | Gone): StopRow | Gone {
  const arrival = arrivals.get(row.id);
  if (!arrival) return row;
  if (!("gone" in row) && row.version < arrival.version) return { ...row, eta_at: arrival.eta_at, late_s: arrival.late_s };
  arrivals.delete(row.id);
  return row;
}

/** The stop's row with this arrival, if it is news. The row keeps its version: what else it says may be older. */
function takeArrival(arrival: ArrivalRow): StopRow[] {
  const row = stops.get(arrival.id);
  if (!row || arrival.version <= row.version || arrival.version <= (arrivals.get(arrival.id)?.version ?? -Infinity)) return [];
  arrivals.set(arrival.id, arrival);
  return [{ ...row, eta_at: arrival.eta_at, late_s: arrival.late_s }];
}

/** A played day runs faster than this machine's clock: the newest fix pulls the server's clock along. */
function followClock(rows: LiveRows["position"]): void {
  let newest = 0;
  for (const row of rows ?? []) if (!("gone" in row)) newest = Math.max(newest, Date.parse(row.fix_at));
  const ahead = newest - (Date.now() + clockOffset.peek());
  if (ahead > 0) clockOffset.value += ahead;
}

export function takePlan(row: PlanRow | Gone): void {
  const known = plan.peek();
  if ("gone" in row) {
    if (known?.id === row.id) plan.value = null;
  } else if (row.day === day.peek() && row.depot === depot.peek() && (known?.id !== row.id || row.version >= known.version)) {
    plan.value = row;
  }
}

// --- Views ---------------------------------------------------------------------------------------------------------

export const format = computed(() =>
  formatFor(organization.value ?? { id: "", name: "", timezone: "UTC", currency: "EUR" }),
);

const DONE = new Set(["attempted", "departed"]);
const MOVABLE = new Set(["unassigned", "planned", "allocated"]);
export const isDone = (stop: StopRow): boolean => DONE.has(stop.status);
export const isMovable = (stop: StopRow): boolean => MOVABLE.has(stop.status);
export const isLate = (stop: StopRow): boolean => stop.late_s > 0 && stop.status !== "unassigned";

/** This plan's routes, by driver's name. */
export const shownRoutes = computed<RouteRow[]>(() => {
  const id = plan.value?.id;
  return routes
    .all()
    .filter((route) => route.plan === id && route.status !== "cancelled")
    .sort((a, b) => a.driver.name.localeCompare(b.driver.name) || (a.starts_at ?? "").localeCompare(b.starts_at ?? ""));
});

/** This plan's stops. */
export const shownStops = computed<StopRow[]>(() => {
  const id = plan.value?.id;
  return stops.all().filter((stop) => stop.plan === id && stop.status !== "cancelled");
});

const EMPTY: StopRow[] = [];
let grouped = new Map<string, StopRow[]>();

/** Stops by route, in order. A route whose stops did not change keeps its very array, so that its list is not redrawn. */
export const stopsByRoute = computed<Map<string, StopRow[]>>(() => {
  const groups = new Map<string, StopRow[]>();
  for (const stop of shownStops.value) {
    if (!stop.route) continue;
    const group = groups.get(stop.route);
    if (group) group.push(stop);
    else groups.set(stop.route, [stop]);
  }
  for (const [id, group] of groups) {
    group.sort((a, b) => (a.sequence ?? 0) - (b.sequence ?? 0));
    const before = grouped.get(id);
    if (before && before.length === group.length && before.every((stop, index) => stop === group[index])) {
      groups.set(id, before);
    }
  }
  grouped = groups;
  return groups;
});

export const stopsOf = (route: string): StopRow[] => stopsByRoute.value.get(route) ?? EMPTY;

const offRoute = computed<StopRow[]>(() =>
  shownStops.value
    .filter((stop) => stop.status === "unassigned")
    .sort((a, b) => rank(b) - rank(a) || a.place.line.localeCompare(b.place.line)),
);
/** A stop that no solve has looked at yet: it waits, nothing is wrong with it. */
export const isWaiting = (stop: StopRow): boolean => stop.unassigned?.code === "not_planned_yet";

/** Stops that the solver left out or that were taken off a route. */
export const unassigned = computed<StopRow[]>(() => offRoute.value.filter((stop) => !isWaiting(stop)));
/** Stops that wait for their first solve. */
export const waiting = computed<StopRow[]>(() => offRoute.value.filter(isWaiting));

function rank(stop: StopRow): number {
  return stop.priority === "urgent" ? 2 : stop.priority === "high" ? 1 : 0;
}

const stopOrders = computed<Set<string>>(() => {
  const ids = new Set<string>();
  for (const stop of shownStops.value) for (const order of stop.orders) ids.add(order.id);
  return ids;
});

/** Ready orders of the day that are on no stop yet. */
export const ready = computed<OrderRow[]>(() =>
  orders
    .all()
    .filter((order) => order.status === "ready" && order.delivery_on === day.value && !stopOrders.value.has(order.id))
    .sort((a, b) => a.reference.localeCompare(b.reference)),
);

export const attention = computed<OrderRow[]>(() =>
  orders.all().filter((order) => order.status === "needs_attention" && order.delivery_on === day.value),
);

/** How many of what is on no route there are, and of whom could drive. */
export const counts = computed(() => {
  const early = opening.value;
  if (early && plan.value) {
    const { waiting, ready, needs_attention, shifts } = early.counts;
    return { ready, waiting, unassigned: plan.value.summary.unassigned - waiting, attention: needs_attention, shifts };
  }
  return {
    ready: ready.value.length, waiting: waiting.value.length, unassigned: unassigned.value.length, attention: attention.value.length,
    shifts: shifts.value.length,
  };
});

export const shownStop = (id: string): StopRow | undefined => {
  void stops.changed.value;
  return stops.get(id);
};

export interface Totals {
  stops: number;
  done: number;
  failed: number;
  unassigned: number;
  late: number;
  distance_m: number;
  duration_s: number;
  cost_cents: number;
  routes: number;
}

/** The plan's sums, from the rows on the screen, so that they always agree with the lists. */
export const totals = computed<Totals>(() => {
  const sum: Totals = { stops: 0, done: 0, failed: 0, unassigned: 0, late: 0, distance_m: 0, duration_s: 0, cost_cents: 0, routes: 0 };
  for (const route of shownRoutes.value) {
    sum.distance_m += route.distance_m;
    sum.duration_s += route.duration_s;
    sum.cost_cents += route.cost_cents;
    sum.routes++;
  }
  const early = opening.value;
  if (early && plan.value) {
    const { stops, unassigned, late } = plan.value.summary;
    return { ...sum, stops, unassigned, late, done: early.counts.done, failed: early.counts.failed };
  }
  for (const stop of shownStops.value) {
    sum.stops++;
    if (stop.status === "unassigned") sum.unassigned++;
    if (isDone(stop)) sum.done++;
    if (stop.outcome?.startsWith("failed")) sum.failed++;
    if (isLate(stop)) sum.late++;
  }
  return sum;
});

/** The solve that runs for this plan, if one does. */
export const solving = computed<OperationRow | null>(() => {
  const id = plan.value?.operation;
  void operations.changed.value;
  const row = id ? operations.get(id) : undefined;
  return row && (row.status === "queued" || row.status === "running") ? row : null;
});
