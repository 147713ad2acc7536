// The first tab: what to do now, whatever state the day is in, and the buttons for it.
import type { ComponentChildren } from "preact";
import { failed, isDone, progress, sequence } from "../core/day";
import type { Day, Stop } from "../core/rows";
import { addressParts, dayWord, lasting, length, span, time } from "../format";
import * as state from "../state";
import { W } from "../words";
import { Big, ending, Icon, recipients } from "./parts";
import { StopBody, When } from "./stop_card";
import { navigate, navigateToStop, open, tab } from "./ui";

export function Now() {
  const day = state.day.value;
  if (!day) return <Waiting />;
  const { route } = day;
  if (day.driver.duty === "on_break") return <OnBreak day={day} />;
  if (!route || state.outdated.value) return <NoRoute day={day} />;
  if (route.status === "distributed") return <Start day={day} />;
  if (route.status === "completed") return <Completed day={day} />;
  const stop = state.stop.value;
  return stop ? <AtStop day={day} stop={stop} /> : <AllDone day={day} />;
}

export function Actions() {
  const day = state.day.value;
  if (!day) return null;
  const { route } = day;
  const stop = state.stop.value;
  if (day.driver.duty === "on_break") return <Bar><Big tone="primary" icon="truck" onClick={() => void state.endBreak()} wide>{W.endBreak}</Big></Bar>;
  if (!route || state.outdated.value) return null;
  if (route.status === "distributed") return <Bar><Big tone="primary" icon="truck" onClick={() => void state.startRoute()} wide>{W.startRoute}</Big></Bar>;
  if (route.status === "completed") {
    return day.driver.duty === "off_duty" ? null : <Bar><Big tone="primary" icon="leave" onClick={() => void state.goOffDuty()} wide>{W.goOffDuty}</Big></Bar>;
  }
  if (!stop) {
    return (
      <Bar>
        {day.depot && <Big icon="arrow" tone="soft" onClick={() => day.depot && navigate({ lat: day.depot.lat, lon: day.depot.lon, label: day.depot.name })}>{W.navigate}</Big>}
        <Big tone="primary" icon="flag" onClick={() => { open.value = { kind: "complete" }; }}>{W.completeRoute}</Big>
      </Bar>
    );
  }
  if (stop.status === "attempted") return <Leave day={day} stop={stop} />;
  if (stop.status === "arrived") {
    return (
      <Bar>
        <Big tone="bad" icon="close" onClick={() => { open.value = { kind: "fail", stop: stop.id }; }}>{W.fail}</Big>
        <Big tone="primary" icon="check" onClick={() => { open.value = { kind: "deliver", stop: stop.id }; }}>{W.deliver}</Big>
      </Bar>
    );
  }
  return (
    <Bar>
      <Big tone="soft" icon="arrow" onClick={() => navigateToStop(stop)}>{W.navigate}</Big>
      <Big tone="primary" icon="pin" onClick={() => void state.arrive(stop)}>{W.arrive}</Big>
    </Bar>
  );
}

function Bar({ children }: { children: ComponentChildren }) {
  return <div class="actions">{children}</div>;
}

function after(day: Day, stop: Stop): Stop | undefined {
  return sequence(day).find((one) => one.id !== stop.id && ["next", "out_for_delivery"].includes(one.status));
}

/** Leaving is reported by going on. */
function Leave({ day, stop }: { day: Day; stop: Stop }) {
  const next = after(day, stop);
  const go = async (drive: boolean): Promise<void> => {
    await state.depart(stop);
    if (drive && next) navigateToStop(next);
  };
  return (
    <Bar>
      {next && <Big tone="soft" icon="arrow" onClick={() => void go(true)}>{W.navigate}</Big>}
      <Big tone="primary" icon="right" onClick={() => void go(false)} wide={!next}>{next ? W.continueOn : W.continueEnd}</Big>
    </Bar>
  );
}

function AtStop({ day, stop }: { day: Day; stop: Stop }) {
  if (stop.status === "attempted") return <JustDone day={day} stop={stop} />;
  const here = stop.status === "arrived";
  const next = after(day, stop);
  return (
    <article class="card-now" data-testid="now" data-stop={stop.id} data-status={stop.status}>
      <div class="card-line">
        <span class={`badge ${here ? "badge-here" : ""}`}><Icon name={here ? "door" : "arrow"} size="small" />{here ? W.atStop : W.nextStop}</span>
        <span class="muted numbers">{W.stopNumber(String(stop.sequence ?? ""))}</span>
      </div>
      <StopBody stop={stop} />
      <div class="card-more">
        <button type="button" class="quiet" onClick={() => { open.value = { kind: "skip", stop: stop.id }; }}><Icon name="later" />{W.skip}</button>
        {!here && day.driver.duty === "on_duty" && <button type="button" class="quiet" onClick={() => void state.startBreak()}><Icon name="cup" />{W.startBreak}</button>}
      </div>
      {next && <Then stop={next} />}
    </article>
  );
}

function Then({ stop }: { stop: Stop }) {
  return (
    <button type="button" class="then" onClick={() => { tab.value = "stops"; }}>
      <span class="muted">{W.thenNext}</span><span class="grow clip">{stop.place.line}</span><span class="numbers muted">{time(stop.eta_at ?? stop.planned_arrival_at)}</span><Icon name="right" size="small" />
    </button>
  );
}

function JustDone({ day, stop }: { day: Day; stop: Stop }) {
  const { word, tone } = ending(stop);
  const next = after(day, stop);
  const [street, town] = addressParts(next?.place.line ?? "");
  return (
    <>
      <article class="card-now done" data-testid="now" data-stop={stop.id} data-status={stop.status} data-tone={tone}>
        <div class="mark" aria-hidden="true"><Icon name={tone === "bad" ? "close" : "check"} size="huge" /></div>
        <div role="status">
          <h1>{failed(stop.outcome) ? W.notDelivered : stop.outcome === "mixed" ? W.partly : W.delivered}</h1>
          <p class="just-what">{word}</p>
          <p class="muted">{stop.place.line}</p>
        </div>
      </article>
      {next && (
        <article class="card-now">
          <div class="card-line"><span class="badge"><Icon name="arrow" size="small" />{W.thenStop}</span><span class="muted numbers">{W.stopNumber(String(next.sequence ?? ""))}</span></div>
          <div class="address"><h2>{street}</h2>{town && <p>{town}</p>}</div>
          <When stop={next} />
          <p class="with-icon"><Icon name="person" /><span>{recipients(next)}</span></p>
        </article>
      )}
    </>
  );
}

function Numbers({ items }: { items: [string, string][] }) {
  return (
    <dl class="numbers-row">
      {items.map(([label, value]) => <div key={label}><dd class="numbers">{value}</dd><dt>{label}</dt></div>)}
    </dl>
  );
}

function Start({ day }: { day: Day }) {
  const route = day.route;
  const stops = sequence(day);
  const first = stops[0];
  const parcels = stops.reduce((sum, stop) => sum + (stop.load.pieces || stop.orders.length), 0);
  return (
    <article class="card-now" data-testid="start">
      <p class="muted">{dayWord(day.day)}</p>
      <h1>{W.readyTitle(day.driver.name.split(" ")[0] ?? "")}</h1>
      <Numbers items={[[W.stopsWord, String(stops.length)], [W.parcelsWord, String(parcels)], [W.drive, length(route?.distance_m ?? 0)], [W.back_at, time(route?.ends_at)]]} />
      <dl class="lines">
        {day.depot && <div><dt>{W.from}</dt><dd>{day.depot.name}<br /><span class="muted">{day.depot.line}</span></dd></div>}
        <div><dt>{W.leaveAt}</dt><dd class="numbers">{time(route?.starts_at)} · {lasting(route?.duration_s ?? 0)}</dd></div>
        {first && <div><dt>{W.firstStop}</dt><dd>{first.place.line}<br /><span class="muted numbers">{time(first.eta_at ?? first.planned_arrival_at)}</span></dd></div>}
      </dl>
    </article>
  );
}

function AllDone({ day }: { day: Day }) {
  const { delivered, failed: lost, skipped } = progress(day);
  const left = sequence(day).filter((stop) => stop.status === "skipped");
  return (
    <article class="card-now" data-testid="all-done">
      <h1>{W.allDoneTitle}</h1>
      <Numbers items={[[W.delivered, String(delivered)], [W.notDelivered, String(lost)]]} />
      {skipped ? <div class="told"><Icon name="later" /><p>{W.skippedLeft(skipped)}</p></div> : <p class="lead">{W.allDone}</p>}
      {left.map((stop) => (
        <button key={stop.id} type="button" class="then" onClick={() => { open.value = { kind: "stop", stop: stop.id }; }}>
          <span class="grow clip">{stop.place.line}</span><b>{W.doItNow}</b><Icon name="right" size="small" />
        </button>
      ))}
    </article>
  );
}

function Completed({ day }: { day: Day }) {
  const done = day.stops.filter(isDone);
  const lost = done.filter((stop) => failed(stop.outcome)).length;
  return (
    <article class="card-now just" data-testid="completed" data-tone="go">
      <div class="mark" aria-hidden="true"><Icon name="flag" size="huge" /></div>
      <h1>{W.completedTitle}</h1>
      <p class="just-what">{W.completed}</p>
      <Numbers items={[[W.delivered, String(done.length - lost)], [W.notDelivered, String(lost)], [W.drive, length(day.route?.distance_m ?? 0)]]} />
    </article>
  );
}

function OnBreak({ day }: { day: Day }) {
  const since = [...state.waiting.value].reverse().find((row) => row.type === "break_started")?.device_at;
  return (
    <article class="card-now just" data-testid="break" data-tone="warn">
      <div class="mark" aria-hidden="true"><Icon name="cup" size="huge" /></div>
      <h1>{W.onBreak}</h1>
      <p class="just-what">{W.breakSince(time(since ?? breakSeen(day)))}</p>
    </article>
  );
}

/** The server's row does not say since when: the first sight of it does, on this page. */
const seen = { day: "", at: "" };
function breakSeen(day: Day): string {
  if (seen.day !== day.day || !seen.at) Object.assign(seen, { day: day.day, at: new Date().toISOString() });
  return seen.at;
}

function NoRoute({ day }: { day: Day }) {
  const off = day.driver.duty === "off_duty";
  return (
    <article class="card-now just" data-testid="no-route">
      <div class="mark" aria-hidden="true"><Icon name="calendar" size="huge" /></div>
      <h1>{W.noRouteTitle}</h1>
      <p class="just-what">{W.noRoute}</p>
      <p class="muted">{day.shift ? W.shift(span({ start: day.shift.starts_at, end: day.shift.ends_at })) : W.noShift}</p>
      <div class="buttons">
        <Big icon="refresh" tone="soft" busy={state.sending.value} onClick={state.sendNow} wide>{W.refresh}</Big>
        {off ? <Big icon="truck" onClick={() => void state.goOnDuty()} wide>{W.goOnDuty}</Big> : <Big icon="leave" onClick={() => void state.goOffDuty()} wide>{W.goOffDuty}</Big>}
        {day.organization.phone && <a class="big big-plain big-wide" href={`tel:${day.organization.phone}`}><Icon name="phone" size="large" /><span>{W.callOffice}</span></a>}
      </div>
    </article>
  );
}

function Waiting() {
  const away = state.trouble.value.kind === "offline" || !state.online.value;
  const failing = state.trouble.value.kind === "server";
  return (
    <article class="card-now just" data-testid="waiting">
      {away || failing ? (
        <>
          <div class="mark" aria-hidden="true"><Icon name="offline" size="huge" /></div>
          <p class="just-what">{away ? W.offlineNoDay : W.dayFailed}</p>
          <Big icon="refresh" tone="soft" busy={state.sending.value} onClick={state.sendNow}>{W.tryNow}</Big>
        </>
      ) : <p class="just-what" role="status"><span class="spinner" /> {W.loading}</p>}
    </article>
  );
}
