// One stop in full: what is delivered to whom and when, what was tried, and its proof.
import { useEffect, useState } from "preact/hooks";
import type { JSX } from "preact";
import { sentence } from "../actions";
import * as api from "../api";
import { duration, litres, weight } from "../format";
import { WriteButton } from "../messages/WriteButton";
import type { AttemptRow, StopOrder, StopRow } from "../rows";
import { drawerStop, moving, selectedStop, showRoute } from "../state";
import { format, isLate, isMovable, routes } from "../store";
import { outcomeWord, proofWord } from "../words";
import { Icon, Priority, Status } from "./Bits";
import { LockChoice } from "./Lock";
import { street } from "./Stop";
import { n, t } from "../../ui/words";

export function Drawer({ mayPlan }: { mayPlan: boolean }): JSX.Element | null {
  const stop = drawerStop.value;
  if (!stop) return null;
  return <StopDrawer key={stop.id} stop={stop} mayPlan={mayPlan} />;
}

function StopDrawer({ stop, mayPlan }: { stop: StopRow; mayPlan: boolean }): JSX.Element {
  const [first, rest] = street(stop.place.line);
  const route = stop.route ? routes.get(stop.route) : undefined;
  const close = (): void => {
    selectedStop.value = null;
  };
  return (
    <aside class="drawer" aria-label={t("Stop")}>
      <header class="drawer-head">
        <div class="grow">
          <div class="row-wrap">
            <Status state={stop.status} />
            {isLate(stop) && <span class="chip chip-bad">{t("{time} late", { time: duration(stop.late_s) })}</span>}
            <Priority level={stop.priority} />
          </div>
          <h2>{first}</h2>
          {rest && <p class="muted small">{rest}</p>}
        </div>
        <button class="button button-quiet button-icon" aria-label={t("Close")} onClick={close}>
          <Icon name="close" />
        </button>
      </header>
      <div class="drawer-body">
        {stop.unassigned && (
          <div class="notice notice-warn small">
            <Icon name="warn" />
            <div>{stop.unassigned.message}</div>
          </div>
        )}
        <Times stop={stop} />
        <dl class="facts">
          {route && (
            <>
              <dt>{t("Driver")}</dt>
              <dd>
                <button class="link" onClick={() => showRoute(route.id)}>
                  <span class="dot" style={{ background: route.color }} /> {route.driver.name}
                </button>
                <span class="muted">, {t("stop {number}", { number: stop.sequence ?? "?" })}</span>
                <WriteButton to={{ driver: route.driver.id }} stop={{ id: stop.id, line: stop.place.line }} label={t("Message")} quiet />
              </dd>
            </>
          )}
          <dt>{t("Window")}</dt>
          <dd class="numbers">{format.value.span(stop.window)}</dd>
          {stop.promised && (
            <>
              <dt>{t("Promised")}</dt>
              <dd class="numbers">{format.value.span(stop.promised)}</dd>
            </>
          )}
          <dt>{t("Service")}</dt>
          <dd>{duration(stop.service_s)}</dd>
          <dt>{t("Load")}</dt>
          <dd class="numbers">
            {[stop.load.pieces ? n("{count} piece", "{count} pieces", stop.load.pieces) : "", weight(stop.load.weight_g), stop.load.volume_ml ? litres(stop.load.volume_ml) : "", stop.load.pallets ? n("{count} pallet", "{count} pallets", stop.load.pallets) : ""].filter(Boolean).join(", ")}
          </dd>
          {stop.skills.length > 0 && (
            <>
              <dt>{t("Needs")}</dt>
              <dd class="row-wrap gap-1">
                {stop.skills.map((skill) => (
                  <span class="chip" key={skill}>
                    {skill.replaceAll("_", " ")}
                  </span>
                ))}
              </dd>
            </>
          )}
        </dl>
        {mayPlan && isMovable(stop) && stop.route && <LockChoice stop={stop} />}
        {mayPlan && isMovable(stop) && (
          <div class="row">
            <button class="button button-small" onClick={() => (moving.value = { stop: stop.id, target: null })}>
              <Icon name="move" size="small" />
              {stop.route ? t("Move…") : t("Put on a route…")}
            </button>
            {stop.route && (
              <button class="button button-small button-quiet" onClick={() => (moving.value = { stop: stop.id, target: { lane: "off", position: 0 } })}>
                {t("Take off the route…")}
              </button>
            )}
          </div>
        )}
        <section class="section">
          <h3>{n("{count} order", "{count} orders", stop.orders.length)}</h3>
          {stop.orders.map((order) => (
            <OrderCard key={order.id} order={order} />
          ))}
        </section>
        <Attempts stop={stop} />
      </div>
    </aside>
  );
}

function Times({ stop }: { stop: StopRow }): JSX.Element {
  const parts: [string, string | null][] = [
    [t("Planned"), stop.planned_arrival_at],
    stop.arrived_at ? [t("Arrived"), stop.arrived_at] : [t("Expected"), stop.eta_at],
    [t("Left"), stop.departed_at],
  ];
  return (
    <div class="times">
      {parts.map(([label, at]) => (
        <div key={label} class={`time${at ? "" : " is-open"}`}>
          <span class="numbers time-value">{format.value.time(at)}</span>
          <span class="tiny muted">{label}</span>
        </div>
      ))}
    </div>
  );
}

function OrderCard({ order }: { order: StopOrder }): JSX.Element {
  return (
    <article class="order-card">
      <div class="row spread">
        <a class="strong clip" href={`/orders/${order.id}/`}>
          {order.recipient}
        </a>
        <Status state={order.status} />
      </div>
      <div class="row-wrap small muted">
        <span class="mono">{order.reference}</span>
        {order.phone && (
          <a href={`tel:${order.phone}`} class="row gap-1">
            <Icon name="phone" size="small" />
            {order.phone}
          </a>
        )}
        <Answer said={order.recipient_answer} />
        {order.proof_required !== "none" && <span class="chip chip-violet">{t("{proof} needed", { proof: proofWord(order.proof_required) })}</span>}
      </div>
      {order.instructions && (
        <p class="instructions small">
          <Icon name="note" size="small" />
          {order.instructions}
        </p>
      )}
      <div class="row spread">
        <a class="small" href={`/orders/${order.id}/`}>
          {t("History and details")}
        </a>
        <WriteButton to={{ order: order.id }} label={t("Message")} />
      </div>
    </article>
  );
}

/** What the recipient says of the visit. */
function Answer({ said }: { said: StopOrder["recipient_answer"] }): JSX.Element | null {
  if (!said) return null;
  return said === "confirmed" ? <span class="chip chip-go">{t("Will be there")}</span> : <span class="chip chip-bad">{t("Cannot be there")}</span>;
}

function Attempts({ stop }: { stop: StopRow }): JSX.Element | null {
  const [rows, setRows] = useState<AttemptRow[]>([]);
  const [trouble, setTrouble] = useState<string | null>(null);
  const tried = ["attempted", "departed"].includes(stop.status);
  useEffect(() => {
    if (!tried) return;
    const ask = new AbortController();
    api
      .attempts(stop.id, ask.signal)
      .then((answer) => {
        setRows(answer);
        setTrouble(null);
      })
      .catch((error: unknown) => {
        if (!ask.signal.aborted) setTrouble(sentence(error));
      });
    return () => ask.abort();
  }, [stop.id, stop.version, tried]);
  if (!tried) return null;
  return (
    <section class="section">
      <h3>{t("Attempts")}</h3>
      {trouble && <p class="error">{trouble}</p>}
      <ol class="timeline">
        {rows.map((row) => (
          <li key={row.id}>
            <div class="row-wrap">
              <span class={`chip ${row.succeeded ? "chip-go" : "chip-bad"}`}>{outcomeWord(row.outcome)}</span>
              <time>{format.value.moment(row.at)}</time>
            </div>
            <p class="small muted">
              {row.driver}
              {row.name ? `, ${t("received by {name}", { name: row.name })}` : ""}
              {row.number > 1 ? `, ${t("attempt {number}", { number: row.number })}` : ""}
            </p>
            {row.note && <p class="small">{row.note}</p>}
            {row.proofs.length > 0 && (
              <div class="proofs">
                {row.proofs.map((proof) => (
                  <a key={proof.id} href={proof.url} target="_blank" rel="noreferrer" title={proofWord(proof.kind)}>
                    <img src={proof.url} alt={proofWord(proof.kind)} loading="lazy" />
                  </a>
                ))}
              </div>
            )}
          </li>
        ))}
      </ol>
      {rows.length === 0 && !trouble && <div class="skeleton" />}
    </section>
  );
}

