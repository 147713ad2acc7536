// The form at the door: what happened to the orders, and the proof of it. Kept on the phone while it is filled in.
import { useSignal, type Signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { emptyDraft, FAILURE, lacks, needed, SUCCESS, type Draft } from "../core/attempt";
import type { Stop } from "../core/rows";
import * as state from "../state";
import { loadDraft, saveDraft } from "../store/outbox";
import { LACK, list, OUTCOME, OUTCOME_HINT, PROOF, W } from "../words";
import { Big, Icon, Sheet } from "./parts";
import { Photos } from "./photos";
import { SignaturePad } from "./signature";
import { close } from "./ui";

const PIN_PATIENCE_MS = 5000;
const SAVE_AFTER_MS = 250;

export function AttemptSheet({ id, kind }: { id: string; kind: Draft["kind"] }) {
  const stop = state.day.value?.stops.find((one) => one.id === id);
  const draft = useSignal<Draft | null>(null);
  useEffect(() => {
    if (!stop) return;
    const fresh = emptyDraft(stop, kind);
    void loadDraft(stop.id)
      // From "deliver" to "can't deliver" and back: what was photographed and noted is kept.
      .then((held) => (held ? (held.kind === kind ? held : { ...fresh, photos: held.photos, note: held.note, signature: held.signature, name: held.name }) : fresh))
      .catch(() => fresh)
      .then((found) => {
        draft.value = found;
      });
  }, [id, kind]);
  if (!stop || !draft.value) return null;
  return <Form stop={stop} draft={draft as Signal<Draft>} />;
}

function Form({ stop, draft }: { stop: Stop; draft: Signal<Draft> }) {
  const problem = useSignal("");
  const asked = useSignal(false);
  const busy = useSignal("");
  const timer = useRef(0);
  const form = useRef<HTMLFormElement>(null);
  const { kind } = draft.value;
  const wanted = needed(stop, draft.value);
  const missing = lacks(stop, draft.value);
  const several = stop.orders.length > 1;

  const save = (): void => {
    void saveDraft(draft.value).catch(() => {
      problem.value = W.keptNot;
    });
  };
  const change = (part: Partial<Draft>): void => {
    draft.value = { ...draft.value, ...part };
    problem.value = "";
    window.clearTimeout(timer.current);
    // Words are kept when the typing pauses, everything else at once: a phone may throw the page away at any moment.
    if ("note" in part || "name" in part || "pin" in part) timer.current = window.setTimeout(save, SAVE_AFTER_MS);
    else save();
  };
  useEffect(() => {
    const hidden = (): void => {
      if (document.visibilityState === "hidden" && busy.peek() === "" && draft.peek().outcome) save();
    };
    document.addEventListener("visibilitychange", hidden);
    return () => {
      document.removeEventListener("visibilitychange", hidden);
      window.clearTimeout(timer.current);
    };
  }, []);

  const leave = (): void => {
    window.clearTimeout(timer.current);
    const { outcome, note, name, photos, signature } = draft.value;
    if (outcome || note || name || photos.length || signature) save();
    close();
  };
  const send = async (): Promise<void> => {
    asked.value = true;
    if (missing.length) {
      form.current?.querySelector(`[data-part="${missing[0]}"]`)?.scrollIntoView({ block: "center", behavior: "smooth" });
      form.current?.querySelector<HTMLElement>(`[data-part="${missing[0]}"] :is(input, select, textarea, button, canvas)`)?.focus({ preventScroll: true });
      return;
    }
    window.clearTimeout(timer.current);
    const withPin = wanted.has("pin");
    busy.value = withPin ? W.checkingPin : W.sending;
    try {
      const report = await state.attempt(stop, draft.value);
      if (withPin && state.online.value) {
        const word = await state.wordOn(report, PIN_PATIENCE_MS);
        if (typeof word === "object") {
          const again = await state.reopen(word);
          if (again) draft.value = again;
          problem.value = word.message;
          busy.value = "";
          return;
        }
      }
      close();
    } catch (error) {
      console.error(error);
      problem.value = (error as DOMException).name === "QuotaExceededError" ? W.memoryFull : error instanceof Error && error.message ? error.message : W.keptNot;
      busy.value = "";
    }
  };

  const lackWords = list(missing.map((one) => LACK[one] ?? one));
  const shown = { photo: kind === "fail" || wanted.has("photo"), signature: wanted.has("signature"), pin: wanted.has("pin") };
  const person = kind === "deliver" && draft.value.outcome !== "delivered_to_mailbox" && draft.value.outcome !== "delivered_to_safe_place";
  return (
    <Sheet
      full title={kind === "deliver" ? W.deliverTitle : W.failTitle} onClose={leave}
      foot={
        <>
          <p class="foot-word" role="alert">
            {problem.value ? <span class="error">{problem.value}</span> : asked.value && missing.length > 0 ? <span class="error">{W.stillNeeded(lackWords)}</span> : missing.length > 0 && draft.value.outcome ? <span class="muted">{W.stillNeeded(lackWords)}</span> : ""}
          </p>
          <div class="actions">
            <Big tone={kind === "deliver" ? "primary" : "bad"} icon={kind === "deliver" ? "check" : "close"} busy={busy.value !== ""} onClick={() => void send()} wide>
              {busy.value || (kind === "deliver" ? W.confirmDelivery : W.confirmFail)}
            </Big>
          </div>
        </>
      }
    >
      <form ref={form} class="attempt" onSubmit={(event) => event.preventDefault()} data-testid="attempt">
        <p class="attempt-where">{stop.place.line}</p>
        <fieldset class="tiles" data-part="outcome">
          <legend>{kind === "deliver" ? W.whoTook : W.whatHappened}</legend>
          {(kind === "deliver" ? SUCCESS : FAILURE).map((code) => (
            <label key={code} class="tile">
              <input type="radio" name="outcome" value={code} checked={draft.value.outcome === code} onChange={() => change({ outcome: code })} />
              <span>{OUTCOME[code]}{OUTCOME_HINT[code] && <small>{OUTCOME_HINT[code]}</small>}</span>
            </label>
          ))}
        </fieldset>
        {several && <Each stop={stop} draft={draft.value} change={change} />}
        {shown.pin && (
          <div class="field proof" data-part="pin">
            <label for="pin">{W.pinLabel} <Needed /></label>
            <input id="pin" class="input tall pin" inputMode="numeric" autocomplete="off" maxLength={6} pattern="[0-9]*" value={draft.value.pin}
              aria-invalid={asked.value && missing.includes("pin")} onInput={(event) => change({ pin: event.currentTarget.value.replace(/\D/g, "") })} />
          </div>
        )}
        {shown.signature && <Signing draft={draft.value} change={change} must />}
        {shown.photo && <Photographs draft={draft.value} change={change} must={wanted.has("photo")} />}
        {(person || draft.value.name) && kind === "deliver" && (
          <div class="field" data-part="name">
            <label for="name">{W.nameLabel} {draft.value.outcome === "delivered_to_third_party" ? <Needed /> : <Optional />}</label>
            <input id="name" class="input tall" maxLength={120} autocomplete="off" value={draft.value.name} onInput={(event) => change({ name: event.currentTarget.value })} />
          </div>
        )}
        <div class="field" data-part="note">
          <label for="note">{W.noteLabel} {missing.includes("note") ? <Needed /> : <Optional />}</label>
          <textarea id="note" class="textarea" rows={2} maxLength={500} placeholder={W.notePlaceholder} value={draft.value.note} onInput={(event) => change({ note: event.currentTarget.value })} />
        </div>
        {kind === "deliver" && !shown.photo && <Photographs draft={draft.value} change={change} must={false} />}
        {kind === "deliver" && !shown.signature && (
          <details class="more-proof" open={draft.value.signature !== null}>
            <summary><Icon name="signature" />{W.moreProof}</summary>
            <Signing draft={draft.value} change={change} must={false} />
          </details>
        )}
      </form>
    </Sheet>
  );
}

interface PartProps { draft: Draft; change: (part: Partial<Draft>) => void; must: boolean }

function Needed() {
  return <span class="must">{W.needed}</span>;
}
function Optional() {
  return <span class="muted may">{W.optional}</span>;
}

function Photographs({ draft, change, must }: PartProps) {
  return (
    <div class="proof" data-part="photo" role="group" aria-label={PROOF.photo}>
      <span class="field-label">{PROOF.photo} {must ? <Needed /> : <Optional />}</span>
      <Photos ids={draft.photos} onChange={(photos) => change({ photos })} />
    </div>
  );
}

function Signing({ draft, change, must }: PartProps) {
  return (
    <div class="proof" data-part="signature" role="group" aria-label={PROOF.signature}>
      <span class="field-label">{PROOF.signature} {must ? <Needed /> : <Optional />}</span>
      <SignaturePad id={draft.signature} onChange={(signature, name) => change({ signature, ...(name && !draft.name ? { name } : {}) })} />
    </div>
  );
}

/** Where the orders of one stop end differently. */
function Each({ stop, draft, change }: Omit<PartProps, "must"> & { stop: Stop }) {
  const split = useSignal(Object.keys(draft.orders).length > 0);
  return (
    <div class="each">
      <label class="check tall">
        <input type="checkbox" checked={split.value} onChange={(event) => {
          split.value = event.currentTarget.checked;
          if (!split.value) change({ orders: {} });
        }} />
        <span>{W.eachOrder} <span class="muted">({W.orders(stop.orders.length)})</span></span>
      </label>
      {split.value && stop.orders.map((order) => (
        <div key={order.id} class="field">
          <label for={`o-${order.id}`}><span class="mono">{order.reference}</span> {order.recipient}</label>
          <select id={`o-${order.id}`} class="select tall" aria-label={W.orderOutcome(order.reference)} value={draft.orders[order.id] ?? ""}
            onChange={(event) => {
              const { [order.id]: _, ...rest } = draft.orders;
              const code = event.currentTarget.value;
              change({ orders: code ? { ...rest, [order.id]: code } : rest });
            }}>
            <option value="">{W.like}</option>
            <optgroup label={W.groupDelivered}>{SUCCESS.map((code) => <option key={code} value={code}>{OUTCOME[code]}</option>)}</optgroup>
            <optgroup label={W.groupFailed}>{FAILURE.map((code) => <option key={code} value={code}>{OUTCOME[code]}</option>)}</optgroup>
          </select>
        </div>
      ))}
    </div>
  );
}
