// The driver's day as rows, and what each report makes of it: the same moves as the server's, so that the page can go
// on without an answer. Pure: rows in, rows out.
import type { Day, Report, Stop } from "./rows";

const TO_DO = ["out_for_delivery", "next", "arrived"];
const DONE = ["attempted", "departed"];

export function isDone(stop: Stop): boolean {
  return DONE.includes(stop.status);
}
export function isOpen(stop: Stop): boolean {
  return TO_DO.includes(stop.status) || stop.status === "allocated";
}
export function failed(outcome: string | null): boolean {
  return outcome !== null && outcome.startsWith("failed");
}

function inOrder(stops: readonly Stop[]): Stop[] {
  return [...stops].sort((a, b) => (a.sequence ?? 1e9) - (b.sequence ?? 1e9));
}

/** Stops in the order of the route, without those that were taken off it. */
export function sequence(day: Day): Stop[] {
  return inOrder(day.stops.filter((stop) => stop.status !== "cancelled" && stop.status !== "unassigned"));
}

/** Where the driver is or heads for; the one just attempted stays until it is left. */
export function current(day: Day): Stop | null {
  if (day.route?.status !== "started") return null;
  const stops = sequence(day);
  // Two doors can be open when a report was refused: the one reached last is where the driver stands.
  const latest = (a: Stop, b: Stop): number => (b.arrived_at ?? "").localeCompare(a.arrived_at ?? "");
  for (const status of ["arrived", "attempted", "next"]) {
    const found = stops.filter((stop) => stop.status === status).sort(latest)[0];
    if (found) return found;
  }
  return stops.find((stop) => TO_DO.includes(stop.status)) ?? null;
}

export interface Progress { total: number; done: number; delivered: number; failed: number; skipped: number }

export function progress(day: Day): Progress {
  const stops = sequence(day);
  const done = stops.filter(isDone);
  const lost = done.filter((stop) => failed(stop.outcome)).length;
  return {
    total: stops.length, done: done.length, failed: lost, delivered: done.length - lost,
    skipped: stops.filter((stop) => stop.status === "skipped").length,
  };
}

function withStop(day: Day, id: string, change: Partial<Stop>): Day {
  return { ...day, stops: day.stops.map((stop) => (stop.id === id ? { ...stop, ...change } : stop)) };
}

function headOn(day: Day): Day {
  const stops = sequence(day);
  if (stops.some((stop) => stop.status === "next" || stop.status === "arrived")) return day;
  const next = stops.find((stop) => stop.status === "out_for_delivery");
  return next ? withStop(day, next.id, { status: "next" }) : day;
}

function arrived(day: Day, id: string, at: string): Day {
  let then = day;
  for (const stop of day.stops) {
    if (stop.id === id) continue;
    if (stop.status === "attempted") then = withStop(then, stop.id, { status: "departed", departed_at: at });
    if (stop.status === "next") then = withStop(then, stop.id, { status: "out_for_delivery" });
  }
  return withStop(then, id, { status: "arrived", arrived_at: at });
}

function outcomeOf(stop: Stop, report: Report): string {
  const main = report.data.outcome ?? "";
  const own = new Map(report.data.orders?.map((one) => [one.order, one.outcome]));
  const codes = new Set(stop.orders.map((order) => own.get(order.id) ?? main));
  if (codes.size <= 1) return [...codes][0] ?? main;
  const lost = [...codes].filter((code) => code.startsWith("failed")).length;
  return lost && lost < codes.size ? "mixed" : ([...codes][0] ?? main);
}

const AT_A_STOP = ["arrived", "attempted", "departed", "skipped"];

/** The day after one report; a report that no longer fits it changes nothing. */
export function apply(day: Day, report: Report): Day {
  const { route } = day;
  const at = report.device_at;
  const duty = (to: Day["driver"]["duty"]): Day => ({ ...day, driver: { ...day.driver, duty: to } });
  if (report.type === "duty_on" || report.type === "break_ended") return duty("on_duty");
  if (report.type === "duty_off") return duty("off_duty");
  if (report.type === "break_started") return duty("on_break");
  if (!route || (report.data.route && report.data.route !== route.id)) return day;
  if (report.type === "route_started") {
    if (route.status !== "distributed") return day;
    const stops = day.stops.map((stop) => (stop.status === "allocated" ? { ...stop, status: "out_for_delivery" } : stop));
    return headOn({ ...duty("on_duty"), stops, route: { ...route, status: "started", started_at: at } });
  }
  if (route.status !== "started") return day;
  if (report.type === "route_completed") {
    const stops = day.stops.filter((stop) => isDone(stop)).map((stop) => ({ ...stop, status: "departed" }));
    return { ...day, stops, route: { ...route, status: "completed", completed_at: at } };
  }
  const stop = day.stops.find((one) => one.id === report.stop);
  if (!stop || !AT_A_STOP.includes(report.type)) return day;
  if (report.type === "arrived") return isDone(stop) || stop.status === "arrived" ? day : arrived(day, stop.id, at);
  if (report.type === "attempted") {
    if (isDone(stop)) return day;
    return withStop(day, stop.id, { status: "attempted", outcome: outcomeOf(stop, report), arrived_at: stop.arrived_at ?? at });
  }
  if (report.type === "departed") {
    return stop.status === "attempted" ? headOn(withStop(day, stop.id, { status: "departed", departed_at: at })) : day;
  }
  return isDone(stop) || stop.status === "skipped" ? day : headOn(withStop(day, stop.id, { status: "skipped" }));
}

/** What the page shows: the server's last word with everything on top that has not reached it. */
export function withReports(day: Day, waiting: readonly Report[]): Day {
  return waiting.reduce(apply, day);
}

/** YYYY-MM-DD in a time zone. */
export function dayIn(zone: string, at: Date): string {
  try {
    return new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" }).format(at);
  } catch {
    return at.toISOString().slice(0, 10);
  }
}
