// Dragging stops by a grip, with mouse, pen or finger, to wherever a drop target lies.
//
// A drop target is declared in the markup, wherever it is drawn (list, timeline, map):
//   data-drop-lane="<route id>" | "shift:<shift id>" | "off"   on the element that takes stops;
//   data-drop-position="n"   on its children that stand for stops, n = how many stops come before that one;
//   data-drop-axis="x"       on the lane where its children lie beside each other (else they lie below each other);
//   data-drop-gap="n"        on children that stand for the places themselves: exactly after n others.
// The pointer before the middle of a child means "before it". A lane without such children takes stops where they cost
// least (position null). Stops that are being dragged do not count.
//
// Whoever draws a stop lets it be dragged by `onPointerDown={(event) => grab(event, stop)}`; `dragged` and `dropAt` say
// what is under way. A drop is applied at once as an edit; what a rule or a lock stands against opens the dialog.
import { signal } from "@preact/signals";
import { along, drop, openDialog } from "./edits";
import { foresight } from "./foresight";
import type { StopRow } from "./rows";
import { openRoutes, tab, type Tab } from "./state";
import { stops } from "./store";

/** Where the dragged stops would go. `position`: after how many others; null = where it costs least. */
export interface Drop {
  lane: string;
  position: number | null;
}

export interface Dragged {
  /** The one under the pointer. */
  stop: StopRow;
  /** All that go along, in their order. */
  stops: string[];
  x: number;
  y: number;
}

export const dragged = signal<Dragged | null>(null);
export const dropAt = signal<Drop | null>(null);

const START_PX = 4;
const OPEN_MS = 650;
const EDGE_PX = 48;

let waits: { lane: string; timer: number } | null = null;

export function grab(event: PointerEvent, stop: StopRow): void {
  if (event.button !== 0) return;
  const from = { x: event.clientX, y: event.clientY };
  const panel = document.querySelector<HTMLElement>("[data-scroll]");
  const group = inOrder(along(stop));
  let scroll = 0;
  let frame = 0;

  const aim = (x: number, y: number): void => {
    const next = find(x, y, group);
    const held = dropAt.peek();
    if (next?.lane !== held?.lane || next?.position !== held?.position) dropAt.value = next;
  };
  const tick = (): void => {
    const now = dragged.peek();
    if (scroll && panel && now) panel.scrollTop += scroll;
    // What lies under a resting pointer changes: the list runs past it, a tab opens, rows come and go.
    if (now) aim(now.x, now.y);
    frame = requestAnimationFrame(tick);
  };
  const onMove = (move: PointerEvent): void => {
    if (!dragged.peek()) {
      if (Math.hypot(move.clientX - from.x, move.clientY - from.y) < START_PX) return;
      document.body.classList.add("is-dragging");
      frame = requestAnimationFrame(tick);
    }
    dragged.value = { stop, stops: group, x: move.clientX, y: move.clientY };
    aim(move.clientX, move.clientY);
    if (panel) {
      const box = panel.getBoundingClientRect();
      const inside = move.clientX > box.left && move.clientX < box.right;
      scroll = inside && move.clientY < box.top + EDGE_PX ? -9 : inside && move.clientY > box.bottom - EDGE_PX ? 9 : 0;
    }
  };
  const end = (lets: boolean) => (): void => {
    // A drag ends with a click on the grip; that click must not open the dialog a second time.
    if (dragged.peek()) window.addEventListener("click", swallow, { capture: true, once: true });
    setTimeout(() => window.removeEventListener("click", swallow, { capture: true }), 0);
    cancelAnimationFrame(frame);
    window.removeEventListener("pointermove", onMove);
    window.removeEventListener("pointerup", dropped);
    window.removeEventListener("pointercancel", cancelled);
    window.removeEventListener("keydown", onKey, true);
    document.body.classList.remove("is-dragging");
    stopWaiting();
    const target = dropAt.peek();
    const ahead = foresight.peek();
    const under = dragged.peek() !== null;
    dragged.value = null;
    dropAt.value = null;
    if (!lets || !under || !target || isThere(group, target)) return;
    const wish = { stops: group, ...target };
    if (ahead?.kind === "known" && (ahead.row.broken.length > 0 || ahead.row.locked.length > 0)) openDialog(wish);
    else void drop(wish);
  };
  const onKey = (key: KeyboardEvent): void => {
    if (key.key === "Escape") {
      key.stopPropagation();
      cancelled();
    }
  };
  const dropped = end(true);
  const cancelled = end(false);
  window.addEventListener("pointermove", onMove);
  window.addEventListener("pointerup", dropped);
  window.addEventListener("pointercancel", cancelled);
  window.addEventListener("keydown", onKey, true);
}

/** Stops of a group keep the order they have: by route, then by their number. */
function inOrder(ids: string[]): string[] {
  const key = (id: string): [string, number] => [stops.get(id)?.route ?? "", stops.get(id)?.sequence ?? 0];
  return [...ids].sort((a, b) => {
    const [routeA, numberA] = key(a);
    const [routeB, numberB] = key(b);
    return routeA.localeCompare(routeB) || numberA - numberB;
  });
}

/** Whether a single stop would be put where it is. */
function isThere(group: string[], target: Drop): boolean {
  const [only] = group;
  const row = only === undefined ? undefined : stops.get(only);
  if (group.length !== 1 || !row) return false;
  if (target.lane === "off") return row.route === null;
  return row.route === target.lane && target.position === (row.sequence ?? 1) - 1;
}

function swallow(click: MouseEvent): void {
  click.stopPropagation();
  click.preventDefault();
}

function stopWaiting(): void {
  if (waits) clearTimeout(waits.timer);
  waits = null;
}

function find(x: number, y: number, group: string[]): Drop | null {
  const under = document.elementFromPoint(x, y);
  const tabButton = under?.closest<HTMLElement>("[data-drop-tab]");
  const lane = under?.closest<HTMLElement>("[data-drop-lane]");
  openAfterAWhile(tabButton, lane);
  const name = lane?.dataset.dropLane;
  if (!lane || !name) return null;
  if (name === "off") return group.some((id) => stops.get(id)?.route) ? { lane: "off", position: null } : null;
  const gap = under?.closest<HTMLElement>("[data-drop-gap]");
  if (gap && lane.contains(gap)) return { lane: name, position: Number(gap.dataset.dropGap) };
  return { lane: name, position: positionIn(lane, name, x, y, group) };
}

function positionIn(lane: HTMLElement, name: string, x: number, y: number, group: string[]): number | null {
  const rows = group.map((id) => stops.get(id));
  // The places of the dragged stops on this lane are free for the others.
  const own = rows.filter((row) => row?.route === name).map((row) => (row?.sequence ?? 1) - 1);
  const counted = (n: number): number => n - own.filter((one) => one < n).length;
  let last: number | null = null;
  for (const child of lane.querySelectorAll<HTMLElement>("[data-drop-position]")) {
    const n = Number(child.dataset.dropPosition);
    if (own.includes(n)) {
      last ??= counted(n);
      continue;
    }
    const box = child.getBoundingClientRect();
    const isBefore = lane.dataset.dropAxis === "x" ? x < box.left + box.width / 2 : y < box.top + box.height / 2;
    if (isBefore) return counted(n);
    last = counted(n) + 1;
  }
  return last;
}

/** A closed route opens, and a tab comes to the front, when stops are held over it. */
function openAfterAWhile(tabButton: HTMLElement | null | undefined, lane: HTMLElement | null | undefined): void {
  const route = lane?.dataset.route;
  const closed = route && !openRoutes.peek().has(route) ? route : undefined;
  const name = tabButton?.dataset.dropTab ?? closed;
  if (waits?.lane === name) return;
  stopWaiting();
  if (!name) return;
  const timer = window.setTimeout(() => {
    if (tabButton) tab.value = name as Tab;
    else openRoutes.value = new Set([...openRoutes.peek(), name]);
    waits = null;
  }, OPEN_MS);
  waits = { lane: name, timer };
}
