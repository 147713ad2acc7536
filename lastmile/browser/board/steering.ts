// The commands that belong to the board itself: panes, places, theme, selection. Other parts register their own.
import { signal } from "@preact/signals";
import { theme, toggleTheme } from "../ui/theme";
import { busy, distribute, planDay, showDay } from "./actions";
import { register } from "./commands";
import { shiftDay } from "./format";
import { registerKeys } from "./exceptions/Queue";
import { refresh } from "./live";
import { inOrder, picked, pickAll, pickedStops, selectedRoute } from "./selection";
import { clearSelection, moving, selectedStop, tab, type Tab, view, type View } from "./state";
import { day, format, isMovable, plan, ready, serverNow, stopsOf, totals } from "./store";
import { fitAll, resize, size } from "./timeline/state";
import { enterList } from "./walking";
import { t } from "../ui/words";

export const helpOpen = signal(false);
export const paletteOpen = signal(false);

/** Bring a pane to the front and put the keyboard into it. */
export function enter(pane: Exclude<View, "split">): void {
  if (view.peek() !== "split" || matchMedia("(max-width: 44rem)").matches) view.value = pane;
  if (pane === "timeline") resize({ folded: false });
  // The pane may have to be drawn first.
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      if (pane === "list") enterList();
      else document.querySelector<HTMLElement>(pane === "map" ? ".map-canvas canvas" : ".gantt-plane")?.focus();
    }),
  );
}

/** Bring a list to the front and put the keyboard into it. */
export function showTab(name: Tab): void {
  tab.value = name;
  enter("list");
}

const go = (address: string) => (): void => location.assign(address);
const selecting = (): boolean => picked.value.size > 0;

/** Esc takes back one thing at a time: the stop in full, then the selection. */
function back(): void {
  if (selectedStop.peek() && picked.peek().size <= 1) {
    const id = selectedStop.peek();
    selectedStop.value = null;
    document.querySelector<HTMLElement>(`[data-stop="${id}"] .stop-open, [data-stop="${id}"] .left-open`)?.focus();
  } else clearSelection();
}

export function registerAll(mayPlan: boolean): void {
  register({ id: "view.keys", title: t("Show all keys"), keys: "?", icon: "key", run: () => (helpOpen.value = true) });
  register({ id: "view.find", title: t("Find anything"), keys: ["mod+k", "/"], icon: "search", run: () => (paletteOpen.value = true) });
  register({ id: "view.theme", title: t("Change between light and dark"), icon: theme() === "dark" ? "sun" : "moon", run: toggleTheme });
  register({ id: "view.refresh", title: t("Fetch the board again"), icon: "refresh", run: () => void refresh() });
  register({ id: "view.back", title: t("Close or clear"), keys: "escape", when: () => !moving.value && (selecting() || selectedStop.value !== null || selectedRoute.value !== null), run: back });

  register({ id: "pane.list", title: t("To the list"), keys: "1", icon: "orders", run: () => enter("list") });
  register({ id: "pane.map", title: t("To the map"), keys: "2", icon: "pin", run: () => enter("map") });
  register({ id: "pane.timeline", title: t("To the timeline"), keys: "3", icon: "clock", run: () => enter("timeline") });
  register({ id: "timeline.fold", title: t("Fold or unfold the timeline"), keys: "t", icon: "down", run: () => resize({ folded: !size.peek().folded, full: false }) });
  register({ id: "timeline.full", title: t("Timeline as large as possible, or back"), keys: "shift+t", icon: "up", run: () => resize({ full: !size.peek().full, folded: false }) });
  register({ id: "timeline.fit", title: t("Timeline: the whole day"), icon: "fit", run: fitAll });

  register({ id: "go.routes", title: t("Routes"), keys: "g r", icon: "route", run: () => showTab("routes") });
  register({ id: "go.unassigned", title: t("Unassigned stops"), keys: "g u", icon: "warn", run: () => showTab("unassigned") });
  register({ id: "go.exceptions", title: t("Exceptions"), keys: "g e", icon: "warn", run: () => showTab("exceptions") });
  register({ id: "go.ready", title: t("What is not planned"), keys: "g n", icon: "orders", run: () => showTab("ready") });
  register({ id: "go.today", title: t("Today"), keys: "g t", icon: "calendar", run: () => showDay(format.peek().dayOf(new Date(serverNow()))) });
  register({ id: "go.before", title: t("The day before"), keys: "g ,", icon: "left", run: () => showDay(shiftDay(day.peek(), -1)) });
  register({ id: "go.after", title: t("The day after"), keys: "g .", icon: "right", run: () => showDay(shiftDay(day.peek(), 1)) });
  register({ id: "go.orders", title: t("Orders"), keys: "g o", icon: "orders", run: go("/orders/") });
  register({ id: "go.review", title: t("Addresses to review"), keys: "g a", icon: "review", run: go("/orders/review/") });
  register({ id: "go.import", title: t("Import orders"), keys: "g i", icon: "import", run: () => location.assign(`/orders/import/?day=${day.peek()}`) });
  register({ id: "go.insights", title: t("Insights"), keys: "g s", icon: "insights", run: go("/insights/") });
  register({ id: "go.settings", title: t("Settings"), icon: "coins", run: go("/settings/") });

  register({ id: "selection.route", title: t("Select the whole route"), keys: "shift+a", icon: "route", when: () => routeAtHand() !== null, run: pickRoute });
  register({ id: "pick.all", group: t("Selection"), title: t("Select every stop"), keys: "mod+a", when: () => inOrder.value.length > 0, icon: "check", run: () => pickAll(inOrder.peek().map((stop) => stop.id)) });

  registerKeys(mayPlan);
  if (!mayPlan) return;
  register({ id: "selection.move", title: t("Move…"), keys: "m", icon: "move", when: () => pickedStops.value.length === 1 && isMovable(pickedStops.value[0]!), run: () => (moving.value = { stop: pickedStops.peek()[0]!.id, target: null }) });
  register({ id: "plan.optimize", title: t("Optimise the day"), keys: "shift+o", icon: "spark", when: () => busy.value === null && (ready.value.length > 0 || totals.value.stops > 0) && plan.value?.status !== "distributed", run: () => void planDay(null) });
  register({ id: "plan.send", title: t("Send to drivers"), keys: "shift+s", icon: "send", when: () => busy.value === null && plan.value?.status === "optimized", run: () => void distribute() });
}

function routeAtHand(): string | null {
  return pickedStops.value[0]?.route ?? selectedRoute.value;
}

function pickRoute(): void {
  const route = routeAtHand();
  if (route) pickAll(stopsOf(route).map((stop) => stop.id));
}
