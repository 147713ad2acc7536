// The routes as cards: who drives what, how full and how far; open one to see its stops.
import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { ageOf, silenceOf } from "../ages";
import { dragged, dropAt } from "../drag";
import { whenIdle } from "../idle";
import { memo } from "../memo";
import { RouteWrite } from "../messages/RouteWrite";
import type { RouteRow, ShiftRow, StopRow } from "../rows";
import { picked } from "../selection";
import { openRoutes, selectedRoute, toggleRoute } from "../state";
import { drivers, format, isDone, isLate, opening, shifts, shownRoutes, stopsOf, vehicles } from "../store";
import { Icon, LoadBar, Status } from "./Bits";
import { StopLine } from "./Stop";
import { n, t } from "../../ui/words";

/** How old the driver's last position is; grey and said when it is stale. */
export function Age({ driver }: { driver: string }): JSX.Element | null {
  const [age, silence] = [ageOf(driver), silenceOf(driver)];
  if (!age && !silence) return null;
  return (
    <span class={`age tiny${silence ? " is-stale" : ""}`} title={silence ? t("No position for more than a minute") : t("Position")}>
      <Icon name={silence ? "offline" : "signal"} size="small" />
      {silence ? t("no position for {time}", { time: silence }) : age}
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
  const over = dropAt.value?.lane === route.id;
  const target = over ? (dropAt.value?.position ?? null) : null;
  const before = target === null ? null : lineBefore(stops, target);
  const chosen = picked.value.size > 1 ? stops.filter((stop) => picked.value.has(stop.id)).length : 0;
  const moving = route.status === "started";
  return (
    <li class={`route-card${open ? " is-open" : ""}${selected ? " is-selected" : ""}${over && !open ? " is-target" : ""}`} data-route={route.id} data-drop-lane={route.id} style={{ "--route": route.color }}>
      <button class="route-open" aria-expanded={open} onClick={() => toggleRoute(route.id)}>
        <span class="route-color" aria-hidden="true" />
        <span class="route-who">
          <span class="row gap-2">
            <span class="strong clip">{route.driver.name}</span>
            {late > 0 && <span class="chip chip-bad">{t("{late} late", { late })}</span>}
          </span>
          <span class="row gap-2">
            <span class="tiny muted clip">{route.vehicle.name}</span>
            {chosen > 0 && <span class="chip chip-accent">{t("{count} selected", { count: chosen })}</span>}
            {moving && <Age driver={route.driver.id} />}
          </span>
        </span>
        <span class="route-state">
          <Status state={route.status} />
          <LoadBar load={route.load} capacity={route.capacity} />
        </span>
        <span class="route-numbers numbers tiny">
          <span title={t("Stops done of all")}>
            <b>{done}</b>/{n("{count} stop", "{count} stops", stops.length)}
          </span>
          <span>
            {format.value.time(route.started_at ?? route.starts_at)}–{backAt(route, stops)}
          </span>
          <span>{format.value.distance(route.distance_m)}</span>
          <span>{format.value.money(route.cost_cents)}</span>
        </span>
        {stops.length > 0 && (
          <span class="route-progress" aria-hidden="true">
            <span style={{ width: `${(done / stops.length) * 100}%` }} />
          </span>
        )}
      </button>
      {open && stops.length > 0 && (
        <p class="route-paper tiny">
          <a href={`/routes/${route.id}/manifest.pdf`} target="_blank" rel="noopener">
            <Icon name="file" size="small" />
            {t("Manifest")}
          </a>
          <a href={`/routes/${route.id}/load-list.pdf`} target="_blank" rel="noopener">
            <Icon name="file" size="small" />
            {t("Load list")}
          </a>
        </p>
      )}
      {open && (
        <ol class={`stop-list${over ? " is-target" : ""}`}>
          {stops.map((stop, index) => (
            <DropBefore key={stop.id} on={before === index}>
              <StopLine stop={stop} color={route.color} mayPlan={mayPlan} />
            </DropBefore>
          ))}
          {before === stops.length && <li class="drop-line" />}
          <RouteWrite route={route} stops={stops} />
          {route.rest && (
            <li class="stop-rest tiny muted">
              <Icon name="clock" size="small" />
              {t("Break {span}", { span: format.value.span(route.rest) })}
            </li>
          )}
        </ol>
      )}
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

/** Which line of the list comes right after the place `target`, which is counted without the dragged stops. */
function lineBefore(stops: StopRow[], target: number): number {
  const group = new Set(dragged.value?.stops);
  let others = 0;
  for (const [index, stop] of stops.entries()) {
    if (group.has(stop.id)) continue;
    if (others === target) return index;
    others++;
  }
  return stops.length;
}

const RouteCard = memo(RouteCardInner);

/** A shift without a route: it takes stops like any other. */
function FreeShift({ shift }: { shift: ShiftRow }): JSX.Element {
  const driver = drivers.get(shift.driver);
  const vehicle = vehicles.value.find((row) => row.id === shift.vehicle);
  const lane = `shift:${shift.id}`;
  return (
    <li class={`route-card is-free${dropAt.value?.lane === lane ? " is-target" : ""}`} data-drop-lane={lane} style={{ "--route": driver?.color ?? "var(--line-strong)" }}>
      <div class="route-open">
        <span class="route-color" aria-hidden="true" />
        <span class="route-who">
          <span class="strong clip">{driver?.name ?? t("Driver")}</span>
          <span class="tiny muted clip">{vehicle?.name}</span>
        </span>
        <span class="route-state tiny muted numbers">
          {t("free {span}", { span: `${format.value.time(shift.starts_at)}–${format.value.time(shift.ends_at)}` })}
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

/** How many cards are drawn: those that are seen first, then a few at a time. Hundreds at once would hold the page up. */
const drawn = signal(16);
const MORE = 8;

/** Until all stops are there: the routes from the first on as far as theirs are. */
function first(routes: RouteRow[], whole: Set<string>): RouteRow[] {
  const end = routes.findIndex((route) => !whole.has(route.id));
  return routes.slice(0, Math.min(drawn.value, end < 0 ? routes.length : end));
}

export function Routes({ mayPlan }: { mayPlan: boolean }): JSX.Element {
  const all = shownRoutes.value;
  const early = opening.value;
  const rows = early ? first(all, new Set(early.whole)) : all.filter((route, index) => index < drawn.value || openRoutes.value.has(route.id));
  const whole = !early && rows.length === all.length;
  useEffect(() => {
    if (!early && !whole) whenIdle(() => (drawn.value += MORE));
  }, [early, whole, drawn.value]);
  const free = whole ? freeShifts() : [];
  return (
    <>
      <ul class="route-list">
        {rows.map((route) => (
          <RouteCard key={route.id} route={route} stops={stopsOf(route.id)} open={openRoutes.value.has(route.id)} mayPlan={mayPlan} />
        ))}
      </ul>
      {free.length > 0 && (
        <>
          <h2 class="list-title">{n("{count} driver without a route", "{count} drivers without a route", free.length)}</h2>
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
