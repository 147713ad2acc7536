// What the palette finds: commands, stops and orders, drivers, routes, vehicles. Rows become things with words; the
// words are matched loosely by fuzzysort.
import fuzzysort from "fuzzysort";
import { toast } from "../ui/toasts";
import { commands, groupOf, keysOf, possible } from "./commands";
import { showRoute, showStop } from "./state";
import { drivers, format, ready, shownRoutes, stopsOf, vehicles, isLate } from "./store";
import { inside } from "./format";
import { inOrder } from "./selection";
import { stateWord } from "./words";
import { n, t } from "../ui/words";

export interface Found {
  id: string;
  kind: "Action" | "Stop" | "Order" | "Route" | "Vehicle" | "Driver";
  icon: string;
  title: string;
  /** What else is said about it; searched as well. */
  more: string;
  keys?: string;
  run(): void;
}

const MOST = 40;

/** Everything that can be found now. Built when the palette opens; the rows do not move under the fingers. */
export function everything(): Found[] {
  const found: Found[] = [];
  for (const command of commands.peek()) {
    if (!possible(command) || command.id === "view.find" || command.id === "view.back") continue;
    const keys = keysOf(command)[0];
    found.push({ id: command.id, kind: "Action", icon: command.icon ?? "bolt", title: command.title, more: groupOf(command), ...(keys ? { keys } : {}), run: () => command.run() });
  }
  const driven = new Set<string>();
  const used = new Set<string>();
  for (const route of shownRoutes.peek()) {
    driven.add(route.driver.id);
    used.add(route.vehicle.id);
    const stops = stopsOf(route.id);
    const late = stops.filter(isLate).length;
    const run = (): void => showRoute(route.id);
    found.push({ id: route.id, kind: "Route", icon: "route", title: route.driver.name, more: [route.vehicle.name, n("{count} stop", "{count} stops", stops.length), inside(stateWord(route.status)), late ? t("{late} late", { late }) : ""].filter(Boolean).join(", "), run });
    found.push({ id: `${route.id} van`, kind: "Vehicle", icon: "truck", title: route.vehicle.name, more: t("{plate} with {driver}", { plate: vehicles.peek().find((one) => one.id === route.vehicle.id)?.plate ?? "", driver: route.driver.name }), run });
  }
  for (const driver of drivers.all()) {
    if (driven.has(driver.id)) continue;
    found.push({ id: driver.id, kind: "Driver", icon: "person", title: driver.name, more: `${t("no route on this day")}, ${inside(stateWord(driver.duty))}`, run: () => noRoute(driver.name) });
  }
  for (const van of vehicles.peek()) {
    if (used.has(van.id)) continue;
    found.push({ id: van.id, kind: "Vehicle", icon: "truck", title: van.name, more: `${van.plate}, ${t("no route on this day")}`, run: () => noRoute(van.name) });
  }
  for (const stop of inOrder.peek()) {
    const line = stop.place.line;
    for (const order of stop.orders) {
      found.push({
        id: order.id, kind: "Stop", icon: "pin", title: order.recipient, more: [order.reference, line, stop.sequence ? t("stop {number}", { number: stop.sequence }) : "", format.peek().time(stop.eta_at ?? stop.planned_arrival_at)].filter(Boolean).join(" · "),
        run: () => showStop(stop.id),
      });
    }
  }
  for (const order of ready.peek()) {
    found.push({ id: order.id, kind: "Order", icon: "orders", title: order.recipient.name, more: `${order.reference} · ${order.place.line}`, run: () => location.assign(`/orders/${order.id}/`) });
  }
  return found;
}

/** Who has no route is not on the board: say so instead of doing nothing. */
function noRoute(name: string): void {
  toast(t("{name} has no route on this day.", { name }), "info");
}

const KINDS: Record<Found["kind"], () => string> = {
  Action: () => t("Action"), Stop: () => t("Stop"), Order: () => t("Order"), Route: () => t("Route"), Vehicle: () => t("Vehicle"), Driver: () => t("Driver"),
};
export const kindWord = (kind: Found["kind"]): string => KINDS[kind]();

const RANK: Record<Found["kind"], number> = { Action: 0.02, Route: 0.05, Driver: 0.03, Vehicle: 0, Stop: 0.04, Order: 0.03 };

/** The best matches; without words, what can be done now. */
export function search(words: string, all: readonly Found[]): Found[] {
  const wanted = words.trim();
  if (!wanted) return all.filter((one) => one.kind === "Action").slice(0, MOST);
  const matches = fuzzysort
    .go(wanted, all as Found[], {
      keys: ["title", "more"], limit: MOST, threshold: 0.25,
      scoreFn: (result) => (result.score > 0 ? result.score + (RANK[result.obj.kind] ?? 0) : 0),
    });
  // What matches alike stands in the order of its names: Van 2 before Van 10.
  return [...matches].sort((a, b) => b.score - a.score || a.obj.title.localeCompare(b.obj.title, undefined, { numeric: true })).map((result) => result.obj);
}
