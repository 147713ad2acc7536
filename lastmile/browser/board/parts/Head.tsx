// The head of the panel: which day and depot, how the plan stands, and the one action that comes next.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { busy, cancelSolve, distribute, planDay, showDay, showDepot } from "../actions";
import { hours, shiftDay } from "../format";
import { connection, refresh } from "../live";
import type { OperationRow, PlanRow } from "../rows";
import { attention, day, depot, depots, format, operations, plan, ready, serverNow, shifts, shownRoutes, solving, totals } from "../store";
import { count, phaseWord } from "../words";
import { Icon, Status } from "./Bits";

const WORDS = {
  live: ["go", "Live", "Changes and positions arrive as they happen."],
  connecting: ["info", "Connecting", "Connecting to the live rows."],
  polling: ["warn", "Every 5 s", "The live connection is lost. The board is fetched every 5 seconds until it is back."],
  offline: ["bad", "Offline", "This machine is offline. What you see may be old."],
} as const;

function Connection(): JSX.Element {
  const [tone, word, title] = WORDS[connection.value];
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
        <button class="button button-small button-icon" aria-label="The day before" onClick={() => showDay(shiftDay(day.value, -1))}>
          <Icon name="left" size="small" />
        </button>
        <label class="button button-small day-pick">
          <span>{day.value === today ? `Today, ${format.value.day(day.value)}` : format.value.day(day.value)}</span>
          <input type="date" aria-label="Day" value={day.value} onChange={(event) => showDay(event.currentTarget.value)} onClick={(event) => event.currentTarget.showPicker?.()} />
        </label>
        <button class="button button-small button-icon" aria-label="The day after" onClick={() => showDay(shiftDay(day.value, 1))}>
          <Icon name="right" size="small" />
        </button>
      </div>
      {day.value !== today && (
        <button class="button button-small button-quiet" onClick={() => showDay(today)}>
          Today
        </button>
      )}
      {depots.value.length > 1 ? (
        <select class="select select-small grow" aria-label="Depot" value={depot.value ?? ""} onChange={(event) => showDepot(event.currentTarget.value)}>
          {depots.value.map((row) => (
            <option key={row.id} value={row.id}>
              {row.name}
            </option>
          ))}
        </select>
      ) : (
        <span class="clip muted small grow depot-name">{depots.value[0]?.name}</span>
      )}
      <Connection />
    </div>
  );
}

function Figures(): JSX.Element {
  const sum = totals.value;
  const underWay = sum.done > 0 || plan.value?.status === "distributed";
  return (
    <div class={`board-figures${sum.failed > 0 ? " has-six" : ""}`}>
      <Figure value={underWay ? `${sum.done}` : `${sum.stops - sum.unassigned}`} of={underWay ? sum.stops : sum.unassigned ? sum.stops : undefined} label={underWay ? "stops done" : "stops planned"} />
      <Figure value={format.value.distance(sum.distance_m).replace(/[^\d.,].*$/, "")} unit={format.value.distance(0).replace(/^[\d.,\s]+/, "")} label="driving" />
      <Figure value={hours(sum.duration_s)} unit="h" label={count(sum.routes, "route")} />
      <Figure value={format.value.money(sum.cost_cents)} label="cost" />
      <Figure value={String(sum.late)} label="late" tone={sum.late ? "is-bad" : ""} />
      {sum.failed > 0 && <Figure value={String(sum.failed)} label="failed" tone="is-bad" />}
    </div>
  );
}

function Figure({ value, of, unit, label, tone = "" }: { value: string; of?: number | undefined; unit?: string; label: string; tone?: string }): JSX.Element {
  return (
    <div class={`board-figure ${tone}`}>
      <span class="board-figure-value numbers">
        {value}
        {of !== undefined && <small>/{of}</small>}
        {unit && <small> {unit}</small>}
      </span>
      <span class="board-figure-label">{label}</span>
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
        <span class="strong">{operation.status === "queued" ? "Waiting for a worker" : phaseWord(progress.phase)}</span>
        {known && (
          <span class="numbers muted small">
            {Math.round(progress.seconds ?? 0)} of {progress.budget_s} s
          </span>
        )}
      </div>
      <div class={`progress${known ? "" : " is-endless"}`} role="progressbar" aria-label="Optimising" {...(known ? { "aria-valuenow": Math.round(share * 100) } : {})}>
        <span style={known ? { width: `${share * 100}%` } : {}} />
      </div>
      <div class="row spread solving-foot">
        <span class="solving-best">
          {progress.cost_cents !== undefined ? (
            <>
              <span class="muted tiny">best so far</span>
              <span class="numbers strong">{format.value.money(progress.cost_cents)}</span>
              {progress.assigned !== undefined && <span class="muted tiny numbers">{count(progress.assigned, "stop")} on routes</span>}
            </>
          ) : (
            <span class="muted small">{progress.stops ? `${count(progress.stops, "stop")} to plan` : "You can go on working meanwhile."}</span>
          )}
        </span>
        <Fall points={costs} />
        {mayPlan && (
          <button class="button button-small" disabled={busy.value === "cancel"} onClick={() => void cancelSolve(operation.id)}>
            <Icon name="stop" size="small" />
            {operation.status === "queued" ? "Cancel" : "Stop, keep the best"}
          </button>
        )}
      </div>
    </div>
  );
}

const BUDGETS: [number, string][] = [
  [5, "Quick look, 5 s"],
  [10, "Normal, 10 s"],
  [30, "Thorough, 30 s"],
  [120, "Very thorough, 2 min"],
];

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
        <summary class={`${look} button-icon`} aria-label="How long to look for better routes">
          <Icon name="down" size="small" />
        </summary>
        <div class="menu-list">
          <div class="menu-title">How long to look for better routes</div>
          {BUDGETS.map(([seconds, words]) => (
            <button key={seconds} onClick={() => start(seconds)}>
              <Icon name="clock" />
              {words}
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
  const waiting = ready.value.length;
  const fresh = (row === null || row.status === "editing") && (waiting > 0 || sum.stops > 0);
  const unsent = row?.status === "distributed" ? row.pending : 0;
  if (!mayPlan || !depot.value) return null;
  if (fresh) {
    const n = waiting + sum.stops;
    const people = shifts.value.length;
    return (
      <div class="next-step">
        <PlanButton primary label={`Plan ${count(n, "stop")}`} />
        <span class="muted small">{people ? `${count(people, "shift")} rostered` : "everybody’s usual hours"}</span>
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
          Send to drivers
        </button>
        <PlanButton primary={false} label={waiting ? `Add ${waiting} and optimise` : "Optimise again"} />
      </div>
    );
  }
  if (row.status === "distributed" && (more || unsent > 0)) {
    return (
      <div class="next-step">
        <PlanButton primary={waiting > 0} label={waiting ? `Add ${count(waiting, "order")}` : "Optimise what is left"} />
      </div>
    );
  }
  return null;
}

/** How the plan stands, in half a sentence. */
function standing(row: PlanRow): string {
  if (row.status === "optimized") return "Drivers do not see it yet";
  if (row.status !== "distributed") return "";
  const routes = shownRoutes.value;
  const started = routes.filter((route) => route.status === "started").length;
  const over = routes.filter((route) => route.status === "completed").length;
  if (row.pending > 0) return `${count(row.pending, "change")} not sent yet`;
  if (routes.length > 0 && over === routes.length) return "Every route is completed";
  if (started + over === 0) return "The drivers have their routes";
  return `${started} of ${count(routes.length, "route")} on the road${over ? `, ${over} completed` : ""}`;
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
      <div class="grow">The plan could not be optimised. {row.error ?? ""} What was there before stands.</div>
      <button class="button button-quiet button-small button-icon" aria-label="Close" onClick={() => close(row.id)}>
        <Icon name="close" size="small" />
      </button>
    </div>
  );
}

export function Head({ mayPlan }: { mayPlan: boolean }): JSX.Element {
  const operation = solving.value;
  const row = plan.value;
  const sum = totals.value;
  const doubtful = attention.value.length;
  return (
    <header class="panel-head">
      <DayChooser />
      {row && sum.routes > 0 && <Figures />}
      {operation ? (
        <Solving operation={operation} mayPlan={mayPlan} />
      ) : (
        <>
          {row && row.status !== "editing" && (
            <div class="plan-line">
              <Status state={row.status} />
              <span class="muted small">{standing(row)}</span>
              {sum.routes > 0 && row.roads === "crow" && (
                <span class="chip chip-warn" title="There is no road data, so travel times are estimated from straight lines.">
                  Estimated roads
                </span>
              )}
            </div>
          )}
          <NextStep mayPlan={mayPlan} />
        </>
      )}
      <LastSolve />
      {doubtful > 0 && (
        <a class="notice notice-warn small attention-link" href={`/orders/review/?day=${day.value}`}>
          <Icon name="review" />
          <span class="grow">
            <span class="strong">{count(doubtful, "address", "addresses")}</span> to look at before {doubtful === 1 ? "it" : "they"} can be planned
          </span>
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
      Try again
    </button>
  );
}

