// Dragging a stop by its grip, with mouse, pen or finger: over routes, between their stops, or off its route.
// A drop only opens the dialog with the consequence; nothing moves by a slip of the hand.
import { signal } from "@preact/signals";
import type { StopRow } from "./rows";
import { moving, openRoutes, tab } from "./state";

/** Where the dragged stop would go: a lane is a route's id, `shift:<id>` or `off`. */
export interface Drop {
  lane: string;
  position: number;
}

export const dragged = signal<{ stop: StopRow; x: number; y: number } | null>(null);
export const dropAt = signal<Drop | null>(null);

const START_PX = 4;
const OPEN_MS = 650;
const EDGE_PX = 48;

let waits: { lane: string; timer: number } | null = null;

export function grab(event: PointerEvent, stop: StopRow): void {
  if (event.button !== 0) return;
  const from = { x: event.clientX, y: event.clientY };
  const panel = document.querySelector<HTMLElement>("[data-scroll]");
  let scroll = 0;
  let frame = 0;

  const tick = (): void => {
    if (scroll && panel) panel.scrollTop += scroll;
    frame = requestAnimationFrame(tick);
  };
  const onMove = (move: PointerEvent): void => {
    if (!dragged.peek()) {
      if (Math.hypot(move.clientX - from.x, move.clientY - from.y) < START_PX) return;
      document.body.classList.add("is-dragging");
      frame = requestAnimationFrame(tick);
    }
    dragged.value = { stop, x: move.clientX, y: move.clientY };
    const next = find(move.clientX, move.clientY, stop);
    const held = dropAt.peek();
    if (next?.lane !== held?.lane || next?.position !== held?.position) dropAt.value = next;
    if (panel) {
      const box = panel.getBoundingClientRect();
      const inside = move.clientX > box.left && move.clientX < box.right;
      scroll = inside && move.clientY < box.top + EDGE_PX ? -9 : inside && move.clientY > box.bottom - EDGE_PX ? 9 : 0;
    }
  };
  const end = (drop: boolean) => (): void => {
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
    if (drop && dragged.peek() && target) moving.value = { stop: stop.id, target };
    dragged.value = null;
    dropAt.value = null;
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

function swallow(click: MouseEvent): void {
  click.stopPropagation();
  click.preventDefault();
}

function stopWaiting(): void {
  if (waits) clearTimeout(waits.timer);
  waits = null;
}

function find(x: number, y: number, stop: StopRow): Drop | null {
  const under = document.elementFromPoint(x, y);
  const tabButton = under?.closest<HTMLElement>("[data-drop-tab]");
  const lane = under?.closest<HTMLElement>("[data-lane]");
  openAfterAWhile(tabButton, lane);
  if (tabButton?.dataset.dropTab === "unassigned") return stop.route ? { lane: "off", position: 0 } : null;
  const name = lane?.dataset.lane;
  if (!lane || !name) return null;
  if (name === "off") return stop.route ? { lane: "off", position: 0 } : null;
  const lines = [...lane.querySelectorAll<HTMLElement>("[data-stop]")].filter((line) => line.dataset.stop !== stop.id);
  if (lines.length === 0) {
    // A closed route: at its end. What stands in it is known to the dialog.
    return { lane: name, position: -1 };
  }
  let position = lines.length;
  for (let index = 0; index < lines.length; index++) {
    const box = (lines[index] as HTMLElement).getBoundingClientRect();
    if (y < box.top + box.height / 2) {
      position = index;
      break;
    }
  }
  return { lane: name, position };
}

/** A closed route opens, and a tab comes to the front, when the stop is held over it. */
function openAfterAWhile(tabButton: HTMLElement | null | undefined, lane: HTMLElement | null | undefined): void {
  const route = lane?.dataset.route;
  const closed = route && !openRoutes.peek().has(route) ? route : undefined;
  const name = tabButton?.dataset.dropTab ?? closed;
  if (waits?.lane === name) return;
  stopWaiting();
  if (!name) return;
  const timer = window.setTimeout(() => {
    if (tabButton) tab.value = name as "routes" | "unassigned";
    else openRoutes.value = new Set([...openRoutes.peek(), name]);
    waits = null;
  }, OPEN_MS);
  waits = { lane: name, timer };
}
