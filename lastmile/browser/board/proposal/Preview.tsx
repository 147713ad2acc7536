// A proposal in the place of the lists: what it changes, in groups that can be taken one by one.
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { duration, list, nth, number, percent, signed } from "../format";
import { Icon } from "../parts/Bits";
import { street } from "../parts/Stop";
import { format, shownStop } from "../store";
import type { Deltas, Group, Proposal, RouteChange, Spot, StopChange } from "./rows";
import { accept, arrange, asking, busy, close, onMap, refusal, reject, shown } from "./state";
import { termWord, who } from "./words";
import { n, t } from "../../ui/words";

export function Preview({ mayPlan }: { mayPlan: boolean }): JSX.Element | null {
  const row = shown.value;
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => head.current?.focus(), [row?.id]);
  if (!row) return null;
  const left = row.difference.groups.filter((group) => !row.accepted.includes(group.id));
  const open = row.decided_at === null;
  return (
    <section class="preview" aria-labelledby="preview-title">
      <header class="preview-head">
        <div class="grow">
          <span class="chip chip-info">{row.kind === "what_if" ? t("What if") : t("Preview")}</span>
          <h2 id="preview-title" tabIndex={-1} ref={head}>{row.title}</h2>
          <p class="muted small">{t("Nothing has changed yet. Worked out at {time} for {name}.", { time: format.value.time(row.made_at), name: row.made_by })}</p>
        </div>
        <button class="button button-quiet button-icon" aria-label={t("Back to the lists")} title={t("Back to the lists: the preview waits")} onClick={close}>
          <Icon name="close" />
        </button>
      </header>
      <div class="preview-body" data-scroll>
        <Warnings row={row} mayPlan={mayPlan && open} />
        <Totals row={row} />
        {left.length === 0 && <p class="notice small">{row.difference.groups.length ? t("Every change of it is in the plan.") : t("The plan is as good as what was found in this time: there is nothing to change.")}</p>}
        {row.difference.groups.length > 0 && (
          <>
            <h3 class="list-title">{n("The change", "{count} changes, each can be taken by itself", row.difference.groups.length)}</h3>
            <ul class="change-list">
              {row.difference.groups.map((group) => (
                <Change key={group.id} row={row} group={group} mayTake={mayPlan && open && !row.stale && row.needs.length === 0 && left.length > 1} />
              ))}
            </ul>
          </>
        )}
        <Terms row={row} />
      </div>
      {mayPlan && open && (
        <footer class="preview-foot">
          <button class="button" disabled={busy.value !== null} onClick={() => void reject(row.id)}>
            {left.length && !row.stale ? t("Reject") : t("Close it")}
          </button>
          {row.needs.length === 0 && !row.stale && left.length > 0 && (
            <button class="button button-primary" disabled={busy.value !== null} onClick={() => void accept(null)}>
              {busy.value === "accept" ? <span class="spinner" /> : <Icon name="check" />}
              {left.length < row.difference.groups.length ? t("Accept the rest") : n("Accept", "Accept all {count}", left.length)}
            </button>
          )}
          {row.stale && (
            <button class="button button-primary" onClick={() => (asking.value = row.kind === "what_if" ? "what_if" : "again")}>
              <Icon name="spark" />
              {t("Optimise again")}
            </button>
          )}
        </footer>
      )}
    </section>
  );
}

function Warnings({ row, mayPlan }: { row: Proposal; mayPlan: boolean }): JSX.Element {
  const possible = row.needs.every((need) => need.kind !== "buy");
  return (
    <>
      {refusal.value && (
        <div class="notice notice-bad small" role="alert">
          <Icon name="warn" />
          <div>{refusal.value}</div>
        </div>
      )}
      {row.stale && (
        <div class="notice notice-warn small" role="status">
          <Icon name="warn" />
          <div>
            <span class="strong">{t("The plan has changed since this was worked out.")}</span> {t("It is not taken over what was done meanwhile: optimise again.")}
          </div>
        </div>
      )}
      {row.needs.length > 0 && (
        <div class="notice notice-info small">
          <Icon name="info" />
          <div class="stack gap-2">
            <span class="strong">{t("These routes are for a fleet that is not there yet, so they cannot be accepted as they are.")}</span>
            <ul>
              {row.needs.map((need) => (
                <li key={need.message}>{need.message}</li>
              ))}
            </ul>
            {mayPlan && possible && !row.stale && (
              <button class="button button-small" disabled={busy.value !== null} onClick={() => void arrange()}>
                {busy.value === "arrange" ? <span class="spinner" /> : <Icon name="check" size="small" />}
                {t("Make it so, then optimise again")}
              </button>
            )}
          </div>
        </div>
      )}
    </>
  );
}

function Delta({ value, text, label }: { value: number; text: string; label: string }): JSX.Element {
  return (
    <div class={`delta ${value > 0 ? "is-more" : value < 0 ? "is-less" : ""}`}>
      <span class="numbers delta-value">{signed(value, text)}</span>
      <span class="tiny muted">{label}</span>
    </div>
  );
}

function Totals({ row }: { row: Proposal }): JSX.Element {
  const { totals } = row.difference;
  const late = row.after.late_stops - row.before.late_stops;
  const off = row.after.unassigned - row.before.unassigned;
  const broken = row.after.promises_broken - row.before.promises_broken;
  const drawn = onMap.value?.id === row.id;
  // Those that the groups below tell of: a stop that only counts on because one before it came or went is none of them.
  const moved = row.difference.groups.reduce((sum, group) => sum + group.moved, 0);
  return (
    <div class="stack gap-2">
      <div class="deltas preview-deltas">
        <Delta value={totals.delta_cents} text={format.value.money(Math.abs(totals.delta_cents))} label={t("cost")} />
        <Delta value={totals.delta_m} text={format.value.distance(Math.abs(totals.delta_m))} label={t("driving")} />
        <Delta value={totals.delta_s} text={duration(totals.delta_s)} label={t("on the road")} />
        <Delta value={late} text={String(Math.abs(late))} label={t("late, {count} then", { count: row.after.late_stops })} />
        {off !== 0 && <Delta value={off} text={String(Math.abs(off))} label={t("on no route")} />}
        {broken !== 0 && <Delta value={broken} text={String(Math.abs(broken))} label={t("promises broken")} />}
      </div>
      <div class="row spread">
        <span class="muted small">
          {n("{changed} of {count} stop change driver or place ({percent})", "{changed} of {count} stops change driver or place ({percent})", row.after.stops, { changed: number(moved), percent: percent(row.after.stops ? moved / row.after.stops : 0) })}
        </span>
        <div class="segmented" role="group" aria-label={t("On the map")}>
          <button aria-pressed={!drawn} onClick={() => (onMap.value = null)}>
            {t("Now")}
          </button>
          <button aria-pressed={drawn} onClick={() => (onMap.value = row)}>
            {t("Proposed")}
          </button>
        </div>
      </div>
    </div>
  );
}

/** Minutes, kilometres and money of a route or a group, with signs. */
function Numbers({ of }: { of: Deltas }): JSX.Element {
  const cents = of.delta_cents;
  return (
    <span class="change-numbers numbers tiny">
      <span>{signed(of.delta_s, duration(of.delta_s))}</span>
      <span>{signed(of.delta_m, format.value.distance(Math.abs(of.delta_m)))}</span>
      <span class={cents > 0 ? "is-more" : cents < 0 ? "is-less" : ""}>{signed(cents, format.value.money(Math.abs(cents)))}</span>
      {of.delta_late_s !== 0 && <span class={of.delta_late_s > 0 ? "is-late" : ""}>{t("{time} late", { time: signed(of.delta_late_s, duration(of.delta_late_s)) })}</span>}
    </span>
  );
}

function Change({ row, group, mayTake }: { row: Proposal; group: Group; mayTake: boolean }): JSX.Element {
  const taken = row.accepted.includes(group.id);
  const routes = row.difference.routes.filter((route) => route.group === group.id);
  const stops = row.difference.stops.filter((stop) => stop.group === group.id && stop.kind !== "shifted");
  const names = routes.map((route) => who(route.shift, route.label).name);
  return (
    <li class={`change card${taken ? " is-taken" : ""}`} data-group={group.id}>
      <ul class="change-routes">
        {routes.map((route) => (
          <RouteLine key={route.shift} route={route} />
        ))}
      </ul>
      <details>
        <summary class="small">{n("{count} stop in detail", "{count} stops in detail", stops.length)}</summary>
        <ul class="change-stops">
          {stops.map((stop) => (
            <StopLine key={stop.stop} change={stop} />
          ))}
        </ul>
      </details>
      {(routes.length > 1 || taken || mayTake) && (
        <div class="change-foot">
          {routes.length > 1 ? (
            <span class="row gap-2">
              <span class="tiny muted">{t("together")}</span>
              <Numbers of={group} />
            </span>
          ) : (
            <span />
          )}
          {taken ? (
            <span class="chip chip-go">{t("In the plan")}</span>
          ) : (
            mayTake && (
              <button class="button button-small" disabled={busy.value !== null} aria-label={t("Accept the change for {names}", { names: list(names) })} onClick={() => void accept([group.id])}>
                <Icon name="check" size="small" />
                {t("Accept this")}
              </button>
            )
          )}
        </div>
      )}
    </li>
  );
}

function RouteLine({ route }: { route: RouteChange }): JSX.Element {
  const { name, color } = who(route.shift, route.label);
  const parts = [
    route.gained.length ? t("gets {count}", { count: route.gained.length }) : "",
    route.lost.length ? t("gives {count}", { count: route.lost.length }) : "",
    route.reordered.length ? t("{count} in another place", { count: route.reordered.length }) : "",
  ].filter(Boolean);
  return (
    <li class="change-route">
      <span class="dot" style={{ background: color }} />
      <span class="grow">
        <span class="strong clip">{route.imagined ? route.label : name}</span>
        <span class="tiny muted">
          {route.stops_after ? n("{count} stop", "{count} stops", route.stops_after) : t("not used any more")}
          {parts.length ? `, ${parts.join(", ")}` : ""}
        </span>
      </span>
      <Numbers of={route} />
    </li>
  );
}

function Where({ spot }: { spot: Spot | null }): JSX.Element {
  if (!spot) return <span class="muted">{t("no route")}</span>;
  const { name, color } = who(spot.shift);
  return (
    <span class="numbers">
      <span class="dot" style={{ background: color }} aria-hidden="true" /> {name.split(" ")[0]} {nth(spot.position)}, {format.value.time(spot.at)}
    </span>
  );
}

function StopLine({ change }: { change: StopChange }): JSX.Element {
  const stop = shownStop(change.stop);
  const worse = change.promise === "broken" && change.promise_before !== "broken";
  const better = change.promise === "kept" && change.promise_before === "broken";
  return (
    <li class="change-stop small">
      <span class="strong clip">{stop ? street(stop.place.line)[0] : t("A stop")}</span>
      <span class="change-move">
        <Where spot={change.before} />
        <Icon name="right" size="small" />
        <span class="only-heard">{t("then")}</span>
        <Where spot={change.after} />
      </span>
      {worse ? (
        <span class="chip chip-bad">{t("Promise broken")}</span>
      ) : better ? (
        <span class="chip chip-go">{t("Promise kept again")}</span>
      ) : change.after && change.after.late_s > 0 ? (
        <span class="chip chip-warn">{t("{time} late", { time: duration(change.after.late_s) })}</span>
      ) : change.promise === "kept" ? (
        <span class="tiny muted">{t("promise kept")}</span>
      ) : null}
      {change.reason && <span class="reason">{change.reason}</span>}
    </li>
  );
}

function Terms({ row }: { row: Proposal }): JSX.Element {
  const terms = row.difference.totals.terms.filter((term) => term.before || term.after);
  return (
    <details class="preview-terms">
      <summary class="small">{t("What it is judged by")}</summary>
      <table class="table table-dense small">
        <thead>
          <tr>
            <th>{t("Term")}</th>
            <th class="right">{t("Now")}</th>
            <th class="right">{t("Proposed")}</th>
          </tr>
        </thead>
        <tbody>
          {terms.map((term) => (
            <tr key={term.name}>
              <td>{termWord(term.name)}</td>
              <td class="right numbers">{format.value.money(term.before)}</td>
              <td class="right numbers">{format.value.money(term.after)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
