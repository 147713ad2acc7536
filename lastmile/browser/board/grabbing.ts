// Where every drag begins: list, map and timeline. What goes along is for `drag.ts` to say (`along` in `edits.ts`).
import { grab } from "./drag";
import type { StopRow } from "./rows";
import { isMovable } from "./store";

/** Begin a drag at the pointer, if the stop may be moved. */
export function startDrag(event: PointerEvent | MouseEvent, stop: StopRow): boolean {
  if (!isMovable(stop) || event.button !== 0) return false;
  const { clientX, clientY, button } = event;
  grab(event instanceof PointerEvent ? event : new PointerEvent("pointerdown", { clientX, clientY, button }), stop);
  return true;
}
