// Selecting stops on the map: a rectangle with Shift and drag, or with one of the two tools a rectangle or a free line. The
// outline of a zone is drawn like the free line.
import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { BoardMap } from "../../map/map";
import { outlined } from "../../map/ring";
import { pickAll } from "../selection";
import { pressStop, selectedStop, tab } from "../state";
import { stops } from "../store";
import { drawn } from "../zones/state";
import { toast } from "../../ui/toasts";
import { t } from "../../ui/words";

type Tool = "rectangle" | "lasso" | "zone";
type Point = readonly [number, number];

/** The tool that the next drag on the map uses; null = the map's own panning. */
export const tool = signal<Tool | null>(null);

const LEAST_PX = 5;
/** A zone has at most so many corners, and at least so many square pixels on the screen. */
const MOST_CORNERS = 120;
const LEAST_PX2 = 400;

export function LassoTools(): JSX.Element {
  const choose = (next: Tool) => (): void => {
    tool.value = tool.peek() === next ? null : next;
  };
  return (
    <div class="map-zoom">
      <button class="button button-icon" aria-label={t("Select stops in a rectangle")} aria-pressed={tool.value === "rectangle"} title={t("Select in a rectangle (Shift and drag)")} onClick={choose("rectangle")}>
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
          <path d="M4 5h16v14H4Z" stroke-dasharray="3.2 2.6" />
          <path d="m11 10 6 2.3-2.6 1-1 2.6Z" fill="currentColor" />
        </svg>
      </button>
      <button class="button button-icon" aria-label={t("Select stops with a lasso")} aria-pressed={tool.value === "lasso"} title={t("Select with a free line")} onClick={choose("lasso")}>
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
          <path d="M12 4c5 0 8.5 2.4 8.5 5.5S17 15 12 15s-8.5-2.4-8.5-5.5S7 4 12 4ZM7 14c-1.5.8-1.5 3 .3 3.3 1.7.3 2.2 1.5 1.2 3.2" />
        </svg>
      </button>
    </div>
  );
}

/** Takes the pointer from the map while a tool is chosen or Shift is held. */
export function Lasso({ box, map }: { box: { current: HTMLDivElement | null }; map: { current: BoardMap | null } }): JSX.Element | null {
  const [ring, setRing] = useState<Point[] | null>(null);

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    let ended = -1;
    const begin = (event: PointerEvent): void => {
      const kind = tool.peek() ?? (event.shiftKey ? "rectangle" : null);
      if (!kind || event.button !== 0) return;
      event.stopPropagation();
      event.preventDefault();
      const whole = element.getBoundingClientRect();
      const spot = (at: PointerEvent): Point => [at.clientX - whole.left, at.clientY - whole.top];
      const first = spot(event);
      let points: Point[] = [first];
      const move = (next: PointerEvent): void => {
        const here = spot(next);
        points = kind !== "rectangle" ? [...points, here] : [first, [here[0], first[1]], here, [first[0], here[1]]];
        setRing(points);
      };
      const end = (last: PointerEvent): void => {
        window.removeEventListener("pointermove", move);
        window.removeEventListener("pointerup", end);
        window.removeEventListener("pointercancel", end);
        setRing(null);
        tool.value = null;
        ended = last.timeStamp;
        if (last.type === "pointercancel" || !map.current) return;
        const here = spot(last);
        if (kind === "zone") {
          const ring = outlined(points, MOST_CORNERS, LEAST_PX2);
          drawn(map.current.placesAt(ring).map(([lon, lat]) => [lat, lon]));
          return;
        }
        if (points.every(([x, y]) => Math.hypot(x - first[0], y - first[1]) < LEAST_PX)) {
          const picked = map.current.pickAt(here[0], here[1]);
          if (picked?.kind === "stop" && stops.get(picked.id)) pressStop(picked.id, event);
          return;
        }
        choose(map.current.within(points), event.ctrlKey || event.metaKey);
      };
      window.addEventListener("pointermove", move);
      window.addEventListener("pointerup", end);
      window.addEventListener("pointercancel", end);
    };
    // The map listens to mouse and touch events, not to pointers: those must not reach it either.
    const hold = (event: Event): void => {
      // The click that ends a drag would clear what the drag has just selected.
      const ends = event.type === "click" && event.timeStamp - ended < 60;
      if (tool.peek() || (event as MouseEvent).shiftKey || ends) {
        event.stopPropagation();
        if (event.type === "touchstart") event.preventDefault();
      }
    };
    const escape = (event: KeyboardEvent): void => {
      if (event.key === "Escape" && tool.peek()) {
        event.stopPropagation();
        tool.value = null;
      }
    };
    element.addEventListener("pointerdown", begin, true);
    element.addEventListener("mousedown", hold, true);
    element.addEventListener("click", hold, true);
    element.addEventListener("touchstart", hold, { capture: true, passive: false });
    window.addEventListener("keydown", escape, true);
    return () => {
      element.removeEventListener("pointerdown", begin, true);
      element.removeEventListener("mousedown", hold, true);
      element.removeEventListener("click", hold, true);
      element.removeEventListener("touchstart", hold, true);
      window.removeEventListener("keydown", escape, true);
    };
  }, []);

  useEffect(() => {
    box.current?.classList.toggle("has-tool", tool.value !== null);
  }, [tool.value]);

  if (!ring) return null;
  return (
    <svg class="lasso" aria-hidden="true">
      <polygon points={ring.map(([x, y]) => `${x},${y}`).join(" ")} />
    </svg>
  );
}

/** Orders that are on no stop yet are drawn like stops, but cannot be moved: they are left out. */
function choose(ids: readonly string[], add: boolean): void {
  const known = ids.filter((id) => stops.get(id));
  selectedStop.value = null;
  pickAll(known, add);
  if (known.length === 0) toast(t("No stop is in there."), "info");
  else if (known.some((id) => stops.get(id)?.route)) tab.value = "routes";
  if (known.length === 1) toast(t("One stop selected."), "info");
}
