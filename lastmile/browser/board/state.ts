// What the dispatcher looks at and does: selection, tabs, open dialogs. Nothing here comes from the server.
import { batch, computed, effect, signal } from "@preact/signals";
import { pickAlso, pickOnly, pickTo, selectedRoute, unpick } from "./selection";
import { day, depot, isWaiting, stops } from "./store";

export { selectedRoute } from "./selection";

export type Tab = "routes" | "unassigned" | "ready" | "exceptions" | "messages";


export const tab = signal<Tab>("routes");
/** The stop that is shown in full. Which stops are selected is said by `selection.ts`. */
export const selectedStop = signal<string | null>(null);
/** The stop under the pointer, in the list, on the map or in the timeline. */
export const hoveredStop = signal<string | null>(null);
export const openRoutes = signal<ReadonlySet<string>>(new Set());
/** On a narrow screen: one pane, or (on a tablet) all of them beside each other. */
export type View = "split" | "list" | "map" | "timeline";
export const view = signal<View>("split");

export interface Moving {
  stop: string;
  /** All stops that go together, `stop` among them; without it there is only the one. */
  stops?: readonly string[];
  /** A target chosen by a drop; null = chosen in the dialog. A position of null is the place that costs least. */
  target: { lane: string; position: number | null } | null;
}
/** The stop whose move is being decided in the dialog. */
export const moving = signal<Moving | null>(null);

export const drawerStop = computed(() => {
  void stops.changed.value;
  return selectedStop.value ? (stops.get(selectedStop.value) ?? null) : null;
});

export function toggleRoute(id: string): void {
  const next = new Set(openRoutes.peek());
  if (next.has(id)) next.delete(id);
  else next.add(id);
  batch(() => {
    openRoutes.value = next;
    selectedRoute.value = next.has(id) ? id : selectedRoute.peek() === id ? null : selectedRoute.peek();
  });
}

export function showRoute(id: string): void {
  batch(() => {
    tab.value = "routes";
    selectedRoute.value = id;
    openRoutes.value = new Set([...openRoutes.peek(), id]);
  });
  scrollTo(`[data-route="${id}"]`);
}

/** Select a stop wherever it is, and show it in the list. */
export function showStop(id: string): void {
  const stop = stops.get(id);
  if (!stop) return;
  batch(() => {
    selectedStop.value = id;
    pickOnly(id);
    if (stop.route) {
      tab.value = "routes";
      selectedRoute.value = stop.route;
      openRoutes.value = new Set([...openRoutes.peek(), stop.route]);
    } else {
      tab.value = isWaiting(stop) ? "ready" : "unassigned";
    }
  });
  scrollTo(`[data-stop="${id}"]`);
}

/** A press on a stop, anywhere: it alone, with Ctrl also it, with Shift everything up to it. */
export function pressStop(id: string, held: { shiftKey: boolean; ctrlKey: boolean; metaKey: boolean }): void {
  if (!held.shiftKey && !held.ctrlKey && !held.metaKey) return showStop(id);
  batch(() => {
    if (held.shiftKey) pickTo(id);
    else pickAlso(id);
    selectedStop.value = null;
    const route = stops.get(id)?.route;
    if (route) openRoutes.value = new Set([...openRoutes.peek(), route]);
  });
  scrollTo(`[data-stop="${id}"]`);
}

export function clearSelection(): void {
  batch(() => {
    selectedStop.value = null;
    selectedRoute.value = null;
    unpick();
  });
}

export function scrollTo(selector: string): void {
  requestAnimationFrame(() => document.querySelector(selector)?.scrollIntoView({ block: "nearest" }));
}

/** The address names the day and depot, so that it can be kept and sent. */
export function followAddress(): void {
  effect(() => {
    if (!day.value) return;
    const query = new URLSearchParams({ day: day.value });
    if (depot.value) query.set("depot", depot.value);
    history.replaceState(null, "", `?${query}`);
  });
}
