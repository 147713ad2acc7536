// The routes as cards: who drives what, how full and how far; open one to see its stops.
import type { JSX } from "preact";
import { dropAt } from "../drag";
import { duration } from "../format";
import { memo } from "../memo";
import type { RouteRow, ShiftRow, StopRow } from "../rows";
import { openRoutes, selectedRoute, toggleRoute } from "../state";
import { drivers, format, isDone, isLate, positions, serverNow, shifts, shownRoutes, stopsOf, vehicles } from "../store";
import { STALE_S } from "../vans";
import { count } from "../words";
import { Icon, LoadBar, Status } from "./Bits";
import { StopLine } from "./Stop";

/** How old the driver's last position is; grey and said when it is stale. */
export function Age({ driver }: { driver: string }): JSX.Element | null {
  void positions.changed.value;
  const fix = positions.get(driver);
  if (!fix) return null;
  const seconds = Math.max(0, (serverNow() - Date.parse(fix.fix_at)) / 1000);
  const stale = seconds > STALE_S;
  return (
    <span class={`age tiny${stale ? " is-stale" : ""}`} title={stale ? "No position for more than a minute" : "Position"}>
      <Icon name={stale ? "offline" : "signal"} size="small" />
      {seconds < 5 ? "now" : `${duration(seconds)} ago`}
    </span>
  );
}

/** When the driver is or will be back: the planned end, moved by as much as the last stop is late or early. */
function backAt(route: RouteRow, stops: StopRow[]): string {
  const last = stops[stops.length - 1];
  if (route.status !== "started" || !route.ends_at || !last?.planned_arrival_at || !last.eta_at) {
    return format.value.time(route.completed_at ?? route.ends_at);
  }
  const shift = Date.parse(last.arrived_at ?? last.eta_at) - Date.parse(last.planned_arrival_at);
  return format.value.time(new Date(Date.parse(route.ends_at) + shift).toISOString());
}

function RouteCardInner({ route, stops, open, mayPlan }: { route: RouteRow; stops: StopRow[]; open: boolean; mayPlan: boolean }): JSX.Element {
  const done = stops.filter(isDone).length;
  const late = stops.filter(isLate).length;
  const selected = selectedRoute.value === route.id;
  const target = dropAt.value?.lane === route.id ? dropAt.value.position : null;
  const moving = route.status === "started";
  return (
    <li class={`route-card${open ? " is-open" : ""}${selected ? " is-selected" : ""}`} data-route={route.id} data-lane={route.id} style={{ "--route": route.color }}>
      <button class="route-open" aria-expanded={open} onClick={() => toggleRoute(route.id)}>
        <span class="route-color" aria-hidden="true" />
        <span class="route-who">
          <span class="row gap-2">
            <span class="strong clip">{route.driver.name}</span>
            {late > 0 && <span class="chip chip-bad">{late} late</span>}
          </span>
          <span class="row gap-2">
            <span class="tiny muted clip">{route.vehicle.name}</span>
            {moving && <Age driver={route.driver.id} />}
          </span>
        </span>
        <span class="route-state">
          <Status state={route.status} />
        </span>
        <span class="route-numbers numbers tiny">
          <span title="Stops done of all">
            <b>{done}</b>/{stops.length} stops
          </span>
          <span>
            {format.value.time(route.started_at ?? route.starts_at)}–{backAt(route, stops)}
          </span>
          <span>{format.value.distance(route.distance_m)}</span>
          <span>{format.value.money(route.cost_cents)}</span>
          <LoadBar load={route.load} capacity={route.capacity} />
        </span>
        {stops.length > 0 && (
          <span class="route-progress" aria-hidden="true">
            <span style={{ width: `${(done / stops.length) * 100}%` }} />
          </span>
        )}
      </button>
      {open && (
        <ol class={`stop-list${target !== null ? " is-target" : ""}`}>
          {stops.map((stop, index) => (
            <DropBefore key={stop.id} on={target === index}>
              <StopLine stop={stop} color={route.color} mayPlan={mayPlan} />
            </DropBefore>
          ))}
          {target === stops.length && <li class="drop-line" />}
          {route.rest && (
            <li class="stop-rest tiny muted">
              <Icon name="clock" size="small" />
              Break {format.value.span(route.rest)}
            </li>
          )}
        </ol>
      )}
      {!open && target !== null && <div class="drop-line" />}
    </li>
  );
}

function DropBefore({ on, children }: { on: boolean; children: JSX.Element }): JSX.Element {
  return (
    <>
      {on && <li class="drop-line" aria-hidden="true" />}
      {children}
    </>
  );
}

const RouteCard = memo(RouteCardInner);

/** A shift without a route: it takes stops like any other. */
function FreeShift({ shift }: { shift: ShiftRow }): JSX.Element {
  const driver = drivers.get(shift.driver);
  const vehicle = vehicles.value.find((row) => row.id === shift.vehicle);
  const lane = `shift:${shift.id}`;
  return (
    <li class={`route-card is-free${dropAt.value?.lane === lane ? " is-target" : ""}`} data-lane={lane} style={{ "--route": driver?.color ?? "var(--line-strong)" }}>
      <div class="route-open">
        <span class="route-color" aria-hidden="true" />
        <span class="route-who">
          <span class="strong clip">{driver?.name ?? "Driver"}</span>
          <span class="tiny muted clip">{vehicle?.name}</span>
        </span>
        <span class="route-state tiny muted numbers">
          free {format.value.time(shift.starts_at)}–{format.value.time(shift.ends_at)}
        </span>
      </div>
    </li>
  );
}

export function freeShifts(): ShiftRow[] {
  const used = new Set(shownRoutes.value.map((route) => route.shift));
  void drivers.changed.value;
  return shifts.value.filter((shift) => !used.has(shift.id) && shift.status === "rostered");
}

export function Routes({ mayPlan }: { mayPlan: boolean }): JSX.Element {
  const rows = shownRoutes.value;
  const free = freeShifts();
  return (
    <>
      <ul class="route-list">
        {rows.map((route) => (
          <RouteCard key={route.id} route={route} stops={stopsOf(route.id)} open={openRoutes.value.has(route.id)} mayPlan={mayPlan} />
        ))}
      </ul>
      {free.length > 0 && (
        <>
          <h3 class="list-title">{count(free.length, "driver")} without a route</h3>
          <ul class="route-list">
            {free.map((shift) => (
              <FreeShift key={shift.id} shift={shift} />
            ))}
          </ul>
        </>
      )}
    </>
  );
}
