// The keyboard in the timeline: a cursor that walks over lanes and their stops, as in a grid.
import { batch, signal } from "@preact/signals";
import { growTo, pickAlso } from "../selection";
import { showRoute, showStop } from "../state";
import { bringIn, fitAll, laneFor, look, rows, view } from "./state";
import { pan, zoom } from "./view";

/** The row under the cursor and the index of its stop; -1 = the lane itself. */
export interface Cursor {
  row: number;
  index: number;
}
export const cursor = signal<Cursor | null>(null);

function marksOf(row: number) {
  const one = rows.peek()[row];
  return (one && laneFor(one)?.marks) ?? [];
}

export function stopAt(at: Cursor | null): string | null {
  return at && at.index >= 0 ? (marksOf(at.row)[at.index]?.stop ?? null) : null;
}

export function place(at: Cursor): void {
  const mark = marksOf(at.row)[at.index];
  batch(() => {
    cursor.value = at;
    if (mark) bringIn(mark.arrival, mark.end);
  });
}

/** Put the cursor where the selection is, or on the first lane. */
export function wake(stop: string | null): void {
  if (cursor.peek() && rows.peek()[cursor.peek()!.row]) return;
  for (let row = 0; stop && row < rows.peek().length; row++) {
    const index = marksOf(row).findIndex((mark) => mark.stop === stop);
    if (index >= 0) return place({ row, index });
  }
  if (rows.peek().length) place({ row: 0, index: -1 });
}

/** The stop of another lane that is nearest in time. */
function across(from: Cursor, row: number): Cursor {
  const mark = marksOf(from.row)[from.index];
  const there = marksOf(row);
  if (!mark || there.length === 0) return { row, index: -1 };
  let index = 0;
  for (let i = 1; i < there.length; i++) {
    if (Math.abs(there[i]!.arrival - mark.arrival) < Math.abs(there[index]!.arrival - mark.arrival)) index = i;
  }
  return { row, index };
}

function step(key: string, at: Cursor, page: number): Cursor | null {
  const last = rows.peek().length - 1;
  const end = marksOf(at.row).length - 1;
  switch (key) {
    case "ArrowRight":
      return { ...at, index: Math.min(end, at.index + 1) };
    case "ArrowLeft":
      return { ...at, index: Math.max(-1, at.index - 1) };
    case "ArrowDown":
      return across(at, Math.min(last, at.row + 1));
    case "ArrowUp":
      return across(at, Math.max(0, at.row - 1));
    case "PageDown":
      return across(at, Math.min(last, at.row + page));
    case "PageUp":
      return across(at, Math.max(0, at.row - page));
    case "Home":
      return { ...at, index: Math.min(0, end) };
    case "End":
      return { ...at, index: end };
    default:
      return null;
  }
}

/** Take a key that was pressed in the timeline; says whether it meant something. `page` is how many lanes are seen. */
export function press(event: KeyboardEvent, page: number): boolean {
  const at = cursor.peek();
  if (!at || event.altKey || event.metaKey || (event.ctrlKey && event.key !== " ")) return false;
  const next = step(event.key, at, page);
  if (next) {
    place(next);
    const stop = stopAt(next);
    if (event.shiftKey && stop) growTo(stopAt(at), stop);
    return true;
  }
  const stop = stopAt(at);
  const middle = view.peek().width / 2;
  switch (event.key) {
    case "Enter":
      if (stop) showStop(stop);
      else if (rows.peek()[at.row]?.route) showRoute(rows.peek()[at.row]!.id);
      return true;
    case " ":
      if (stop) pickAlso(stop);
      return true;
    case "+":
    case "=":
      look(zoom(view.peek(), 0.7, middle));
      return true;
    case "-":
      look(zoom(view.peek(), 1 / 0.7, middle));
      return true;
    case "0":
      fitAll();
      return true;
    case "[":
    case "]":
      look(pan(view.peek(), (event.key === "]" ? 1 : -1) * middle * 0.5));
      return true;
    default:
      return false;
  }
}
