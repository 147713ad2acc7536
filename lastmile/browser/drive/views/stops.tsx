// All stops of the route, and one of them in full.
import { isDone, sequence } from "../core/day";
import type { Day, Stop } from "../core/rows";
import { addressParts, span, time } from "../format";
import * as state from "../state";
import { W } from "../words";
import { Big, ending, Icon, PriorityChip, proofsOf, recipients, Sheet } from "./parts";
import { lateMinutes, StopBody } from "./stop_card";
import { close, navigateToStop, open, tab } from "./ui";

export function Stops() {
  const day = state.day.value;
  if (!day?.route) return <p class="empty-note">{W.noRouteTitle}</p>;
  const stops = sequence(day);
  const skipped = stops.filter((stop) => stop.status === "skipped");
  const todo = stops.filter((stop) => !isDone(stop) && stop.status !== "skipped");
  const done = stops.filter(isDone);
  return (
    <div class="stops">
      <h1 class="only-heard">{W.stopsTitle}</h1>
      {todo.length > 0 && <List title={W.open} stops={todo} day={day} />}
      {skipped.length > 0 && <List title={W.skippedStops} stops={skipped} day={day} />}
      {done.length > 0 && <List title={W.doneStops} stops={done} day={day} />}
    </div>
  );
}

function List({ title, stops, day }: { title: string; stops: Stop[]; day: Day }) {
  return (
    <section>
      <h2 class="list-title">{title} <span class="muted numbers">{stops.length}</span></h2>
      <ol class="list">{stops.map((stop) => <Line key={stop.id} stop={stop} color={day.route?.color ?? ""} />)}</ol>
    </section>
  );
}

function Line({ stop, color }: { stop: Stop; color: string }) {
  const done = isDone(stop);
  const end = done ? ending(stop) : null;
  const [street] = addressParts(stop.place.line);
  const told = stop.promised ?? stop.window;
  const now = state.stop.value?.id === stop.id;
  return (
    <li>
      <button type="button" class="line" data-now={now || undefined} data-done={done || undefined} onClick={() => { open.value = { kind: "stop", stop: stop.id }; }}>
        <span class="number numbers" data-tone={end?.tone ?? (stop.status === "skipped" ? "warn" : "")} style={end || stop.status === "skipped" ? undefined : { "--route": color }}>
          {end ? <Icon name={end.tone === "bad" ? "close" : "check"} size="small" /> : stop.sequence}
        </span>
        <span class="line-text">
          <b class="clip">{street}</b>
          <span class="clip muted">{recipients(stop)}</span>
          <span class="line-marks">
            {end && <span class={`chip chip-${end.tone}`}>{end.word}</span>}
            {!done && <PriorityChip priority={stop.priority} />}
            {!done && told && <span class="chip numbers"><Icon name="clock" size="small" />{span(told)}</span>}
            {!done && proofsOf(stop).map((proof) => <span key={proof} class="chip chip-violet"><Icon name={proof === "photo" ? "camera" : proof === "pin" ? "key" : "signature"} size="small" /></span>)}
          </span>
        </span>
        <span class={`numbers line-time${!done && lateMinutes(stop) ? " is-late" : ""}`}>{time(stop.arrived_at ?? stop.eta_at ?? stop.planned_arrival_at)}</span>
      </button>
    </li>
  );
}

export function StopSheet({ id }: { id: string }) {
  const day = state.day.value;
  const stop = day?.stops.find((one) => one.id === id);
  if (!day || !stop) return null;
  const going = day.route?.status === "started" && day.driver.duty !== "on_break" && !isDone(stop);
  const next = state.stop.value?.id === stop.id;
  const here = stop.status === "arrived";
  const arrive = async (): Promise<void> => {
    await state.arrive(stop);
    close();
    tab.value = "now";
  };
  const foot = going ? (
    <div class="actions">
      {here ? (
        <>
          <Big tone="bad" icon="close" onClick={() => { open.value = { kind: "fail", stop: stop.id }; }}>{W.fail}</Big>
          <Big tone="primary" icon="check" onClick={() => { open.value = { kind: "deliver", stop: stop.id }; }}>{W.deliver}</Big>
        </>
      ) : (
        <>
          <Big tone="soft" icon="arrow" onClick={() => navigateToStop(stop)}>{W.navigate}</Big>
          <Big tone={next ? "primary" : "plain"} icon="pin" onClick={() => void arrive()}>{W.goHere}</Big>
        </>
      )}
    </div>
  ) : undefined;
  return (
    <Sheet title={W.stopNumber(String(stop.sequence ?? ""))} onClose={close} foot={foot}>
      <div class="stop-detail">
        {isDone(stop) && <p><span class={`chip chip-${ending(stop).tone}`}>{ending(stop).word}</span> <span class="muted numbers">{time(stop.arrived_at)}</span></p>}
        {going && !next && !here && <div class="notice notice-info"><Icon name="info" /><div>{W.outOfOrder}</div></div>}
        <StopBody stop={stop} />
      </div>
    </Sheet>
  );
}
