// The timeline for those who do not see the canvas: one row of the grid, with a cell for each of its stops.
import type { JSX } from "preact";
import { picked } from "../selection";
import { drivers, format, stops } from "../store";
import type { Cursor } from "./cursor";
import { routeWords, stopName, stopWords } from "./describe";
import type { Metrics } from "./Plane";
import { laneFor, rows, view } from "./state";
import { xOf } from "./view";
import { t } from "../../ui/words";

export function Cells({ row, at, metrics, scroll }: { row: number; at: Cursor | null; metrics: Metrics; scroll: number }): JSX.Element | null {
  const one = rows.value[row];
  if (!one) return null;
  const lane = laneFor(one);
  const top = metrics.axis + row * metrics.lane - scroll;
  const name = one.route
    ? routeWords(one.route, one.stops)
    : `${drivers.get(one.shift.driver)?.name ?? t("Driver")}, ${t("no route yet")}, ${t("free {span}", { span: `${format.value.time(one.shift.starts_at)}–${format.value.time(one.shift.ends_at)}` })}`;
  return (
    <div role="row" aria-rowindex={row + 1} class="gantt-cells">
      <div role="rowheader" id={`gantt-at-${row}--1`} aria-colindex={1} style={{ top: `${top}px`, left: "0px", width: "8px", height: `${metrics.lane}px` }}>
        {name}
      </div>
      {(lane?.marks ?? []).map((mark, index) => {
        const stop = stops.get(mark.stop);
        if (!stop) return null;
        // Only the cells round the cursor have a place on the screen: the rest would be laid out for nobody.
        const near = at !== null && Math.abs(at.index - index) < 2;
        const left = near ? Math.max(0, Math.min(view.value.width - 8, xOf(view.value, mark.start))) : 0;
        return (
          <div key={mark.stop} role="gridcell" id={`gantt-at-${row}-${index}`} aria-colindex={index + 2} aria-selected={picked.value.has(mark.stop)} style={{ top: `${top}px`, left: `${left}px`, width: "8px", height: `${metrics.lane}px` }}>
            {stopName(stop)}, {stopWords(stop)}
          </div>
        );
      })}
    </div>
  );
}
