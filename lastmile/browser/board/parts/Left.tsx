// What is on no route: stops the solver left out, with the reason, and orders that wait to be planned.
import type { JSX } from "preact";
import { dropAt } from "../drag";
import type { OrderRow, StopRow } from "../rows";
import { picked } from "../selection";
import { hoveredStop, pressStop, selectedStop } from "../state";
import { day, format, isWaiting, ready, unassigned, waiting } from "../store";
import { Empty, Priority } from "./Bits";
import { byMouse, Grip, recipients, street } from "./Stop";
import { WhyNot } from "../why/Why";
import { n, t } from "../../ui/words";

function LeftStop({ stop, mayPlan }: { stop: StopRow; mayPlan: boolean }): JSX.Element {
  const [first, rest] = street(stop.place.line);
  const selected = selectedStop.value === stop.id || picked.value.has(stop.id);
  return (
    <li class={`left-stop${selected ? " is-selected" : ""}`} data-stop={stop.id} onPointerEnter={() => (hoveredStop.value = stop.id)} onPointerLeave={() => (hoveredStop.value = null)}>
      {mayPlan ? <Grip stop={stop} label={t("Put {stop} on a route", { stop: first })} /> : <span class="grip-space" />}
      <button class="left-open" onPointerDown={(event) => mayPlan && byMouse(event, stop)} onClick={(event) => pressStop(stop.id, event)} aria-pressed={selected}>
        <span class="row gap-2">
          <span class="stop-street clip">{first}</span>
          <Priority level={stop.priority} />
          <span class="tiny muted numbers push nowrap">{stop.window ? format.value.span(stop.window) : t("any time")}</span>
        </span>
        <span class="tiny muted clip">
          {recipients(stop)}
          {rest ? `, ${rest}` : ""}
        </span>
        {stop.unassigned && !isWaiting(stop) && <span class="reason">{stop.unassigned.message}</span>}
      </button>
      {stop.unassigned && !isWaiting(stop) && <WhyNot stop={stop} mayPlan={mayPlan} />}
    </li>
  );
}

export function Unassigned({ mayPlan }: { mayPlan: boolean }): JSX.Element {
  const rows = unassigned.value;
  const target = dropAt.value?.lane === "off";
  return (
    <div class={`drop-zone${target ? " is-target" : ""}`} data-drop-lane="off">
      {rows.length === 0 ? (
        <Empty icon="check" title={t("Every stop has a route")}>
          <p>{t("What the plan cannot serve is listed here, with the reason. Drag a stop here to take it off its route.")}</p>
        </Empty>
      ) : (
        <ul class="left-list">
          {rows.map((stop) => (
            <LeftStop key={stop.id} stop={stop} mayPlan={mayPlan} />
          ))}
        </ul>
      )}
    </div>
  );
}

function ReadyOrder({ order }: { order: OrderRow }): JSX.Element {
  const [first, rest] = street(order.place.line);
  return (
    <li class="left-stop">
      <span class="grip-space" />
      <a class="left-open" href={`/orders/${order.id}/`}>
        <span class="row gap-2">
          <span class="stop-street clip">{first}</span>
          <Priority level={order.priority} />
          <span class="tiny muted numbers push nowrap">{order.window ? format.value.span(order.window) : t("any time")}</span>
        </span>
        <span class="tiny muted clip">
          {order.recipient.name}
          {rest ? `, ${rest}` : ""} · {order.reference}
        </span>
      </a>
    </li>
  );
}

const SHOWN = 400;

/** Everything that no solve has looked at yet: stops of the plan, and orders that are on no stop. */
export function Ready({ mayPlan }: { mayPlan: boolean }): JSX.Element {
  const rows = ready.value;
  const stops = waiting.value;
  if (rows.length + stops.length === 0) {
    return (
      <Empty icon="orders" title={t("No order waits")}>
        <p>{t("Orders that are ready but on no plan yet appear here as soon as they come in.")}</p>
      </Empty>
    );
  }
  const left = Math.max(0, SHOWN - stops.length);
  const more = Math.max(0, stops.length - SHOWN) + Math.max(0, rows.length - left);
  return (
    <>
      <ul class="left-list">
        {stops.slice(0, SHOWN).map((stop) => (
          <LeftStop key={stop.id} stop={stop} mayPlan={mayPlan} />
        ))}
        {rows.slice(0, left).map((order) => (
          <ReadyOrder key={order.id} order={order} />
        ))}
      </ul>
      {more > 0 && (
        <p class="list-title">
          {n("and {count} more", "and {count} more", more)}: <a href={`/orders/?day=${day.value}`}>{t("see all orders")}</a>
        </p>
      )}
    </>
  );
}
