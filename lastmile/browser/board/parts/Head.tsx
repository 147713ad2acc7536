// The head of the panel: which day and depot, how the plan stands, and the one action that comes next.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { busy, cancelSolve, distribute, planDay, showDay, showDepot } from "../actions";
import { hours, number, shiftDay } from "../format";
import { connection, refresh, type Connection as State } from "../live";
import { People } from "../people/People";
import type { OperationRow, PlanRow } from "../rows";
import { counts, day, depot, depots, format, operations, plan, serverNow, shownRoutes, solving, totals } from "../store";
import { phaseWord } from "../words";
import { BUDGETS } from "../proposal/words";
import { AgainButton, Previews } from "../proposal/Hooks";
import { proposing, shown as proposal } from "../proposal/state";
import { Icon, Status } from "./Bits";
import { UndoRedo } from "./UndoRedo";
import { n, t } from "../../ui/words";

const WORDS: Record<State, () => [string, string, string]> = {
  live: () => ["go", t("Live"), t("Changes and positions arrive as they happen.")],
  connecting: () => ["info", t("Connecting"), t("Connecting to the live rows.")],
  polling: () => ["warn", t("Every 10 s"), t("The live connection is lost. The board is fetched every 10 seconds until it is back.")],
  offline: () => ["bad", t("Offline"), t("This machine is offline. What you see may be old.")],
};

function Connection(): JSX.Element {
  const [tone, word, title] = WORDS[connection.value]();
  return (
    <span class="connection" title={title} role="status">
      <span class="dot" data-tone={tone} />
      {word}
    </span>
  );
}

export function DayChooser(): JSX.Element {
  const today = format.value.dayOf(new Date(serverNow()));
  if (!day.value) {
    return (
      <div class="day-line">
        <div class="skeleton grow" />
        <Connection />
      </div>
    );
  }
  return (
    <div class="day-line">
      <div class="button-group">
        <button class="button button-small button-icon" aria-label={t("The day before")} onClick={() => showDay(shiftDay(day.value, -1))}>
          <Icon name="left" size="small" />
        </button>
        <label class="button button-small day-pick">
          <span>{day.value === today ? t("Today, {day}", { day: format.value.day(day.value) }) : format.value.day(day.value)}</span>
          <input type="date" aria-label={t("Day")} value={day.value} onChange={(event) => showDay(event.currentTarget.value)} onClick={(event) => event.currentTarget.showPicker?.()} />
        </label>
        <button class="button button-small button-icon" aria-label={t("The day after")} onClick={() => showDay(shiftDay(day.value, 1))}>
          <Icon name="right" size="small" />
        </button>
      </div>
      {day.value !== today && (
        <button class="button button-small button-quiet" onClick={() => showDay(today)}>
          {t("Today")}
        </button>
      )}
      {depots.value.length > 1 ? (
        <select class="select select-small grow" aria-label={t("Depot")} value={depot.value ?? ""} onChange={(event) => showDepot(event.currentTarget.value)}>
          {depots.value.map((row) => (
            <option key={row.id} value={row.id}>
              {row.name}
            </option>
          ))}
        </select>
      ) : (
        <span class="clip muted small grow depot-name">{depots.value[0]?.name}</span>
      )}
      <People />
      <Connection />
    </div>
  );
}

function Figures(): JSX.Element {
  const sum = totals.value;
  const underWay = sum.done > 0 || plan.value?.status === "distributed";
  return (
    <div class={`board-figures${sum.failed > 0 ? " has-six" : ""}`}>
      <Figure value={number(underWay ? sum.done : sum.stops - sum.unassigned)} of={underWay ? sum.stops : sum.unassigned ? sum.stops : undefined} label={underWay ? t("stops done") : t("stops planned")} />
      <Figure {...format.value.length(sum.distance_m)} label={t("driving")} />
      <Figure value={hours(sum.duration_s)} unit={t("h")} label={n("{count} route", "{count} routes", sum.routes)} />
      <Figure value={format.value.money(sum.cost_cents)} label={t("cost")} href={plan.value ? `/plans/${plan.value.id}/costs/` : undefined} />
      <Figure value={number(sum.late)} label={t("late")} tone={sum.late ? "is-bad" : ""} />
      {sum.failed > 0 && <Figure value={number(sum.failed)} label={t("failed")} tone="is-bad" />}
    </div>
  );
}

function Figure({ value, of, unit, label, tone = "", href }: { value: string; of?: number | undefined; unit?: string; label: string; tone?: string; href?: string | undefined }): JSX.Element {
  return (
    <div class={`board-figure ${tone}`}>
      <span class="board-figure-value numbers">
        {value}
        {of !== undefined && <small>/{number(of)}</small>}
        {unit && <small> {unit}</small>}
      </span>
      <span class="board-figure-label">{href ? <a href={href}>{label}</a> : label}</span>
    </div>
  );
}

/** The best cost so far as it falls: a line without axes. */
function Fall({ points }: { points: number[] }): JSX.Element | null {
  if (points.length < 2) return null;
  const most = Math.max(...points);
  const least = Math.min(...points);
  const xy = points.map((value, index) => `${(index / (points.length - 1)) * 100},${most === least ? 25 : 3 + ((most - value) / (most - least)) * 22}`);
  return (
    <svg class="fall" viewBox="0 0 100 28" preserveAspectRatio="none" aria-hidden="true">
      <polyline points={xy.join(" ")} />
    </svg>
  );
}

function Solving({ operation, mayPlan }: { operation: OperationRow; mayPlan: boolean }): JSX.Element {
  const { progress } = operation;
  const history = useRef<{ id: string; costs: number[] }>({ id: operation.id, costs: [] });
  if (history.current.id !== operation.id) history.current = { id: operation.id, costs: [] };
  const costs = history.current.costs;
  if (progress.cost_cents !== undefined && costs[costs.length - 1] !== progress.cost_cents) costs.push(progress.cost_cents);
  const known = progress.phase === "solving" && progress.seconds !== undefined && progress.budget_s;
  const share = known ? Math.min(1, (progress.seconds ?? 0) / (progress.budget_s ?? 1)) : 0;
  return (
    <div class="solving card" aria-live="polite">
      <div class="row spread">
        <span class="strong">{operation.status === "queued" ? t("Waiting for a worker") : phaseWord(progress.phase)}</span>
        {known && (
          <span class="numbers muted small">
            {t("{seconds} of {budget} s", { seconds: Math.round(progress.seconds ?? 0), budget: progress.budget_s ?? 0 })}
          </span>
        )}
      </div>
      <div class={`progress${known ? "" : " is-endless"}`} role="progressbar" aria-label={t("Optimising")} {...(known ? { "aria-valuenow": Math.round(share * 100) } : {})}>
        <span style={known ? { width: `${share * 100}%` } : {}} />
      </div>
      <div class="row spread solving-foot">
        <span class="solving-best">
          {progress.cost_cents !== undefined ? (
            <>
              <span class="muted tiny">{t("best so far")}</span>
              <span class="numbers strong">{format.value.money(progress.cost_cents)}</span>
              {progress.assigned !== undefined && <span class="muted tiny numbers">{n("{count} stop on routes", "{count} stops on routes", progress.assigned)}</span>}
            </>
          ) : (
            <span class="muted small">{progress.stops ? n("{count} stop to plan", "{count} stops to plan", progress.stops) : t("You can go on working meanwhile.")}</span>
          )}
        </span>
        <Fall points={costs} />
        {mayPlan && (
          <button class="button button-small" disabled={busy.value === "cancel"} onClick={() => void cancelSolve(operation.id)}>
            <Icon name="stop" size="small" />
            {operation.status === "queued" ? t("Cancel") : t("Stop, keep the best")}
          </button>
        )}
      </div>
    </div>
  );
}

function PlanButton({ label, primary }: { label: string; primary: boolean }): JSX.Element {
  const menu = useRef<HTMLDetailsElement>(null);
  const [waits, setWaits] = useState(false);
  const start = (seconds: number | null): void => {
    if (menu.current) menu.current.open = false;
    setWaits(true);
    void planDay(seconds).finally(() => setWaits(false));
  };
  const look = primary ? "button button-primary" : "button";
  return (
    <div class="button-group split">
      <button class={look} disabled={busy.value !== null} onClick={() => start(null)}>
        {waits ? <span class="spinner" /> : <Icon name="spark" />}
        {label}
      </button>
      <details class="menu" ref={menu}>
        <summary class={`${look} button-icon`} aria-label={t("How long to look for better routes")}>
          <Icon name="down" size="small" />
        </summary>
        <div class="menu-list">
          <div class="menu-title">{t("How long to look for better routes")}</div>
          {BUDGETS.map(([seconds, words]) => (
            <button key={seconds} onClick={() => start(seconds)}>
              <Icon name="clock" />
              {words()}
            </button>
          ))}
        </div>
      </details>
    </div>
  );
}

/** The one thing to do next, by the plan's state. */
function NextStep({ mayPlan }: { mayPlan: boolean }): JSX.Element | null {
  const row = plan.value;
  const sum = totals.value;
  const waiting = counts.value.ready;
  const fresh = (row === null || row.status === "editing") && (waiting > 0 || sum.stops > 0);
  const unsent = row?.status === "distributed" ? row.pending : 0;
  if (!mayPlan || !depot.value) return null;
  if (fresh) {
    const people = counts.value.shifts;
    return (
      <div class="next-step">
        <PlanButton primary label={n("Plan {count} stop", "Plan {count} stops", waiting + sum.stops)} />
        <span class="muted small">{people ? n("{count} shift rostered", "{count} shifts rostered", people) : t("everybody’s usual hours")}</span>
      </div>
    );
  }
  if (!row) return null;
  const more = waiting > 0 || sum.unassigned > 0;
  if (row.status === "optimized") {
    return (
      <div class="next-step">
        <button class="button button-primary" disabled={busy.value !== null} onClick={() => void distribute()}>
          {busy.value === "distribute" ? <span class="spinner" /> : <Icon name="send" />}
          {t("Send to drivers")}
        </button>
        <AgainButton primary={false} label={waiting ? t("Add {count} and optimise", { count: waiting }) : t("Optimise again")} />
      </div>
    );
  }
  if (row.status === "distributed" && (more || unsent > 0 || shownRoutes.value.some((route) => route.status === "distributed"))) {
    return (
      <div class="next-step">
        <AgainButton primary={waiting > 0} label={waiting ? n("Add {count} order", "Add {count} orders", waiting) : t("Optimise what is left")} />
      </div>
    );
  }
  return null;
}

/** How the plan stands, in half a sentence. */
function standing(row: PlanRow): string {
  const routes = shownRoutes.value;
  if (row.status === "optimized" && routes.some((route) => route.status !== "optimized")) {
    return row.pending > 0 ? n("{count} stop not sent yet", "{count} stops not sent yet", row.pending) : t("Changed since it was sent");
  }
  if (row.status === "optimized") return t("Drivers do not see it yet");
  if (row.status !== "distributed") return "";
  const started = routes.filter((route) => route.status === "started").length;
  const over = routes.filter((route) => route.status === "completed").length;
  if (row.pending > 0) return n("{count} change not sent yet", "{count} changes not sent yet", row.pending);
  if (routes.length > 0 && over === routes.length) return t("Every route is completed");
  if (started + over === 0) return t("The drivers have their routes");
  const underWay = n("{started} of {count} route on the road", "{started} of {count} routes on the road", routes.length, { started });
  return over ? `${underWay}, ${n("{count} completed", "{count} completed", over)}` : underWay;
}

function LastSolve(): JSX.Element | null {
  const id = plan.value?.operation;
  void operations.changed.value;
  const row = id ? operations.get(id) : undefined;
  const [closed, close] = useState<string | null>(null);
  useEffect(() => close(null), [row?.id]);
  if (!row || row.status !== "failed" || closed === row.id) return null;
  return (
    <div class="notice notice-bad small" role="alert">
      <Icon name="warn" />
      <div class="grow">{t("The plan could not be optimised. {why} What was there before stands.", { why: row.error ?? "" })}</div>
      <button class="button button-quiet button-small button-icon" aria-label={t("Close")} onClick={() => close(row.id)}>
        <Icon name="close" size="small" />
      </button>
    </div>
  );
}

export function Head({ mayPlan }: { mayPlan: boolean }): JSX.Element {
  const operation = solving.value ?? proposing.value;
  const row = plan.value;
  const sum = totals.value;
  const doubtful = counts.value.attention;
  return (
    <header class="panel-head">
      <DayChooser />
      {row && sum.routes > 0 && !proposal.value && <Figures />}
      {operation ? (
        <Solving operation={operation} mayPlan={mayPlan} />
      ) : proposal.value ? null : (
        <>
          {row && row.status !== "editing" && (
            <div class="plan-line">
              <Status state={row.status} />
              <span class="muted small">{standing(row)}</span>
              <UndoRedo mayPlan={mayPlan} />
              {sum.routes > 0 && row.roads === "crow" && (
                <span class="chip chip-warn" title={t("There is no road data, so travel times are estimated from straight lines.")}>
                  {t("Estimated roads")}
                </span>
              )}
            </div>
          )}
          <NextStep mayPlan={mayPlan} />
        </>
      )}
      <LastSolve />
      <Previews mayPlan={mayPlan} />
      {doubtful > 0 && (
        <a class="notice notice-warn small attention-link" href={`/orders/review/?day=${day.value}`}>
          <Icon name="review" />
          <span class="grow">{n("{count} address to look at before it can be planned", "{count} addresses to look at before they can be planned", doubtful)}</span>
          <Icon name="right" size="small" />
        </a>
      )}
    </header>
  );
}

export function Reload(): JSX.Element {
  return (
    <button class="button" onClick={() => void refresh()}>
      <Icon name="refresh" />
      {t("Try again")}
    </button>
  );
}

