// What lies under a point or in a rectangle of the timeline. Pure.
import type { Lane, Mark } from "./blocks";
import { timeAt, type View, xOf } from "./view";

const REACH_PX = 5;

/** The stop of the lane that is nearest to `x`, if one is within reach. */
export function markAt(lane: Lane, view: View, x: number): Mark | null {
  let best: Mark | null = null;
  let nearest = REACH_PX;
  for (const mark of lane.marks) {
    const left = xOf(view, mark.arrival);
    const right = xOf(view, mark.end);
    const off = x < left ? left - x : x > right ? x - right : 0;
    if (off < nearest || (off === 0 && nearest > 0)) {
      best = mark;
      nearest = off;
    }
  }
  return best;
}

/** The stops whose visits touch the time between two x of the lanes `first` to `last`. */
export function marksIn(lanes: readonly (Lane | null)[], view: View, x0: number, x1: number, first: number, last: number): string[] {
  const from = timeAt(view, Math.min(x0, x1));
  const to = timeAt(view, Math.max(x0, x1));
  const found: string[] = [];
  for (let index = Math.max(0, first); index <= Math.min(lanes.length - 1, last); index++) {
    for (const mark of lanes[index]?.marks ?? []) if (mark.end >= from && mark.arrival <= to) found.push(mark.stop);
  }
  return found;
}

/** Where something dropped on the lane may go: for each position the stretch of x that means it, in order. */
export function gaps(lane: Lane, view: View, without: ReadonlySet<string> = new Set()): { position: number; left: number; right: number }[] {
  const middles = lane.marks.filter((mark) => !without.has(mark.stop)).map((mark) => xOf(view, (mark.arrival + mark.end) / 2));
  const found: { position: number; left: number; right: number }[] = [];
  let left = 0;
  for (let position = 0; position <= middles.length; position++) {
    const right = Math.min(view.width, Math.max(left, middles[position] ?? view.width));
    if (right > left) found.push({ position, left, right });
    left = Math.max(left, right);
  }
  return found;
}
