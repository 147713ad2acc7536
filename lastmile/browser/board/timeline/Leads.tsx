// The names left of the lanes: driver, vehicle, load, and whether the van is heard from. Only those that are seen exist.
import type { JSX } from "preact";
import { silenceOf } from "../ages";
import { memo } from "../memo";
import { Icon, LoadBar } from "../parts/Bits";
import { selectedRoute } from "../selection";
import { showRoute } from "../state";
import { drivers, isLate, vehicles } from "../store";
import { type Row, rows } from "./state";
import { t } from "../../ui/words";

export function Leads({ first, last }: { first: number; last: number }): JSX.Element {
  return (
    <ul class="gantt-leads" aria-label={t("Routes of the timeline")}>
      {rows.value.slice(first, last + 1).map((row, index) => (
        <Lead key={row.id} row={row} top={first + index} />
      ))}
    </ul>
  );
}

function LeadInner({ row, top }: { row: Row; top: number }): JSX.Element {
  const style = { top: `calc(var(--gantt-axis) + ${top} * var(--gantt-lane))` };
  if (!row.route) {
    return (
      <li class="gantt-lead is-free" style={style}>
        <span class="gantt-who">
          <span class="clip">{drivers.get(row.shift.driver)?.name ?? t("Driver")}</span>
          <span class="tiny muted clip">{vehicles.value.find((one) => one.id === row.shift.vehicle)?.name}, {t("no route")}</span>
        </span>
      </li>
    );
  }
  const { route, stops } = row;
  const late = stops.filter(isLate).length;
  const silence = route.status === "started" ? silenceOf(route.driver.id) : "";
  return (
    <li class={`gantt-lead${selectedRoute.value === route.id ? " is-selected" : ""}${silence ? " is-stale" : ""}`} style={{ ...style, "--route": route.color }}>
      <button onClick={() => showRoute(route.id)} tabIndex={-1}>
        <span class="route-color" aria-hidden="true" />
        <span class="gantt-who">
          <span class="strong clip">{route.driver.name}</span>
          {silence ? (
            <span class="tiny gantt-silent clip">
              <Icon name="offline" size="small" />
              {t("no position for {time}", { time: silence })}
            </span>
          ) : (
            <span class="row gap-1">
              <span class="tiny muted clip">{route.vehicle.name}</span>
              {late > 0 && <span class="tiny is-late nowrap">{t("{late} late", { late })}</span>}
            </span>
          )}
        </span>
        {!silence && <LoadBar load={route.load} capacity={route.capacity} />}
      </button>
    </li>
  );
}

const Lead = memo(LeadInner);
