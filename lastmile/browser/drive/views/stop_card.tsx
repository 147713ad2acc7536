// One stop with everything that is needed on the way to it and at its door.
import type { Stop } from "../core/rows";
import { addressParts, lasting, span, time } from "../format";
import { now } from "../state";
import { W } from "../words";
import { Icon, phones, PriorityChip, ProofChip, proofsOf, recipients } from "./parts";

/** Minutes by which the stop will be reached after its window; 0 when in time. */
export function lateMinutes(stop: Stop): number {
  const end = (stop.promised ?? stop.window)?.end;
  const reached = stop.arrived_at ?? stop.eta_at ?? stop.planned_arrival_at;
  if (!end || !reached) return 0;
  return Math.max(0, Math.round((Date.parse(reached) - Date.parse(end)) / 60_000));
}

export function When({ stop }: { stop: Stop }) {
  const told = stop.promised ?? stop.window;
  const late = lateMinutes(stop);
  const eta = stop.arrived_at ?? stop.eta_at ?? stop.planned_arrival_at;
  const early = told && !stop.arrived_at && eta && Date.parse(eta) < Date.parse(told.start) && Date.parse(told.start) > now.value;
  return (
    <dl class="when">
      <div><dt>{W.eta}</dt><dd class={late ? "is-late numbers" : "numbers"}>{time(eta)}</dd></div>
      <div><dt>{W.window}</dt><dd class="numbers">{told ? span(told) : W.anyTime}</dd></div>
      {late > 0 && <div class="when-chip"><span class="chip chip-bad">{W.late(lasting(late * 60))}</span></div>}
      {early && <div class="when-chip"><span class="chip chip-info">{W.early(time(told.start))}</span></div>}
    </dl>
  );
}

/** One line for what the recipients say of the visit, by name where there are several; nothing where they say nothing. */
function Answers({ stop }: { stop: Stop }) {
  const several = stop.orders.length > 1;
  const said = stop.orders.filter((order) => order.recipient_answer);
  if (!said.length) return null;
  return (
    <div class="row-wrap chips">
      {said.map(({ id, recipient, reference, recipient_answer: answer }) => (
        <span key={id} class={`chip ${answer === "confirmed" ? "chip-go" : "chip-bad"}`}>
          <Icon name={answer === "confirmed" ? "check" : "warn"} size="small" />
          {several ? (answer === "confirmed" ? W.confirmedBy : W.declinedBy)(recipient || reference) : answer === "confirmed" ? W.confirmed : W.declined}
        </span>
      ))}
    </div>
  );
}

export function StopBody({ stop }: { stop: Stop }) {
  const [street, town] = addressParts(stop.place.line);
  const callable = phones(stop);
  const instructions = [...new Set(stop.orders.map((order) => order.instructions.trim()).filter(Boolean))];
  const several = stop.orders.length > 1;
  return (
    <>
      <div class="address">
        <h1>{street}</h1>
        {town && <p>{town}</p>}
      </div>
      <When stop={stop} />
      <div class="who" data-many={callable.length > 1 || undefined}>
        <Icon name="person" />
        <span class="grow who-name">{recipients(stop)}</span>
        {callable.map((order) => (
          <a key={order.phone} class="call" href={`tel:${order.phone.replace(/[^+0-9]/g, "")}`} aria-label={W.call(order.recipient || order.reference)}>
            <Icon name="phone" /><span>{callable.length === 1 ? W.callShort : order.recipient.split(" ")[0]}</span>
          </a>
        ))}
      </div>
      <Answers stop={stop} />
      {instructions.map((text) => (
        <div key={text} class="told"><Icon name="note" /><p><span class="only-heard">{W.instructions}: </span>{text}</p></div>
      ))}
      <div class="row-wrap chips">
        <span class="chip"><Icon name="orders" size="small" />{W.parcels(stop.load.pieces || stop.orders.length)}</span>
        <PriorityChip priority={stop.priority} />
        {proofsOf(stop).map((proof) => <ProofChip key={proof} proof={proof} />)}
      </div>
      {several ? (
        <ul class="orders">
          {stop.orders.map((order) => (
            <li key={order.id}><span class="mono">{order.reference}</span><span class="grow clip">{order.recipient}</span>{order.proof_required !== "none" && <ProofChip proof={order.proof_required} />}</li>
          ))}
        </ul>
      ) : <p class="muted small mono">{stop.orders[0]?.reference}</p>}
    </>
  );
}
