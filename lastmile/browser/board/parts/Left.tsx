// What is on no route: stops the solver left out, with the reason, and orders that wait to be planned.
import type { JSX } from "preact";
import { dropAt } from "../drag";
import type { OrderRow, StopRow } from "../rows";
import { hoveredStop, selectedStop, showStop } from "../state";
import { day, format, isWaiting, ready, unassigned, waiting } from "../store";
import { count } from "../words";
import { Empty, Priority } from "./Bits";
import { Grip, street, title } from "./Stop";

function LeftStop({ stop, mayPlan }: { stop: StopRow; mayPlan: boolean }): JSX.Element {
  const [first, rest] = street(stop.place.line);
  const selected = selectedStop.value === stop.id;
  return (
    <li class={`left-stop${selected ? " is-selected" : ""}`} data-stop={stop.id} onPointerEnter={() => (hoveredStop.value = stop.id)} onPointerLeave={() => (hoveredStop.value = null)}>
      {mayPlan ? <Grip stop={stop} label={`Put ${first} on a route`} /> : <span class="grip-space" />}
      <button class="left-open" onClick={() => showStop(stop.id)}>
        <span class="row gap-2">
          <span class="stop-street clip">{first}</span>
          <Priority level={stop.priority} />
          <span class="tiny muted numbers push nowrap">{stop.window ? format.value.span(stop.window) : "any time"}</span>
        </span>
        <span class="tiny muted clip">
          {title(stop)}
          {stop.orders.length > 1 ? ` and ${count(stop.orders.length - 1, "more order")}` : ""}
          {rest ? `, ${rest}` : ""}
        </span>
        {stop.unassigned && !isWaiting(stop) && <span class="reason">{stop.unassigned.message}</span>}
      </button>
    </li>
  );
}

export function Unassigned({ mayPlan }: { mayPlan: boolean }): JSX.Element {
  const rows = unassigned.value;
  const target = dropAt.value?.lane === "off";
  return (
    <div class={`drop-zone${target ? " is-target" : ""}`} data-lane="off">
      {rows.length === 0 ? (
        <Empty icon="check" title="Every stop has a route">
          <p>What the plan cannot serve is listed here, with the reason. Drag a stop here to take it off its route.</p>
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
          <span class="tiny muted numbers push nowrap">{order.window ? format.value.span(order.window) : "any time"}</span>
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
      <Empty icon="orders" title="No order waits">
        <p>Orders that are ready but on no plan yet appear here as soon as they come in.</p>
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
          and {count(more, "more", "more")}: <a href={`/orders/?day=${day.value}`}>see all orders</a>
        </p>
      )}
    </>
  );
}
