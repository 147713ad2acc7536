// While a stop is dragged: what each stretch of a lane means. `drag.ts` finds these by their data attributes.
import type { JSX } from "preact";
import { dragged, dropAt } from "../drag";
import { gaps } from "./hit";
import type { Metrics } from "./Plane";
import { laneFor, rows, view } from "./state";
import { t } from "../../ui/words";

export function Drops({ first, last, metrics }: { first: number; last: number; metrics: Metrics }): JSX.Element {
  const target = dropAt.value;
  const own = new Set(dragged.value?.stops);
  return (
    <div class="gantt-drops" aria-hidden="true">
      {rows.value.slice(first, last + 1).map((row, index) => {
        if (row.route && (row.route.status === "completed" || row.route.status === "cancelled")) return null;
        const lane = laneFor(row);
        const style = { top: `${metrics.axis + (first + index) * metrics.lane}px`, height: `${metrics.lane}px` };
        const found = lane ? gaps(lane, view.value, own) : [{ position: 0, left: 0, right: view.value.width }];
        return (
          <div key={row.id} class={`gantt-drop-lane${target?.lane === row.id ? " is-target" : ""}`} style={style} data-drop-lane={row.id} data-drop-axis="x">
            {found.map((gap) => (
              <div
                key={gap.position}
                class={`gantt-drop${target?.lane === row.id && target.position === gap.position ? " is-target" : ""}`}
                data-drop-gap={gap.position}
                style={{ left: `${gap.left}px`, width: `${gap.right - gap.left}px` }}
              />
            ))}
          </div>
        );
      })}
      <div class={`gantt-drop-off${target?.lane === "off" ? " is-target" : ""}`} data-drop-lane="off">
        {t("Off its route")}
      </div>
    </div>
  );
}
