// The same words to many: chosen drivers, and the recipients of chosen stops.
import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { toast } from "../../ui/toasts";
import { sentence } from "../actions";
import { Icon } from "../parts/Bits";
import { Modal } from "../parts/Modal";
import { street } from "../parts/Stop";
import { drivers, shownRoutes, stops } from "../store";
import * as api from "./api";
import { threads } from "./store";
import { n, t } from "../../ui/words";

const MOST = 2000;

interface Whom { stops: readonly string[]; drivers: readonly string[] }
const asked = signal<Whom | null>(null);

/** Open the dialog: to the recipients of these stops and to these drivers; both may be chosen further there. */
export function openBroadcast(whom: Whom): void {
  asked.value = whom;
}

export function BroadcastDialog(): JSX.Element | null {
  return asked.value ? <Dialog whom={asked.value} /> : null;
}

function toggled(set: ReadonlySet<string>, ids: readonly string[], on: boolean): ReadonlySet<string> {
  const next = new Set(set);
  for (const id of ids) {
    if (on) next.add(id);
    else next.delete(id);
  }
  return next;
}

interface Choice { id: string; name: string; note: string }

function Choices({ title, rows, chosen, choose }: { title: string; rows: Choice[]; chosen: ReadonlySet<string>; choose: (next: ReadonlySet<string>) => void }): JSX.Element | null {
  if (rows.length === 0) return null;
  const ids = rows.map((row) => row.id);
  const all = ids.every((id) => chosen.has(id));
  return (
    <fieldset class="whom">
      <legend class="row spread">
        <span>{title}</span>
        <button type="button" class="link small" onClick={() => choose(toggled(chosen, ids, !all))}>{all ? t("None") : t("All")}</button>
      </legend>
      <div class="whom-list">
        {rows.map((row) => (
          <label key={row.id} class="check">
            <input type="checkbox" checked={chosen.has(row.id)} onChange={(event) => choose(toggled(chosen, [row.id], event.currentTarget.checked))} />
            <span class="clip">{row.name}</span>
            <span class="tiny muted clip push">{row.note}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function Dialog({ whom }: { whom: Whom }): JSX.Element {
  const [text, setText] = useState("");
  const [toDrivers, setDrivers] = useState<ReadonlySet<string>>(new Set(whom.drivers));
  const [toStops, setStops] = useState<ReadonlySet<string>>(new Set(whom.stops));
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const close = (): void => {
    asked.value = null;
  };
  const onRoad = new Map(shownRoutes.value.map((route) => [route.driver.id, route.vehicle.name]));
  // Who drives today comes first.
  const people = drivers.all()
    .map((row) => ({ id: row.id, name: row.name, note: onRoad.get(row.id) ?? t("no route today") }))
    .sort((a, b) => Number(onRoad.has(b.id)) - Number(onRoad.has(a.id)) || a.name.localeCompare(b.name));
  const places = whom.stops.flatMap((id) => {
    const stop = stops.get(id);
    return stop ? [{ id, name: [...new Set(stop.orders.map((order) => order.recipient))].join(", ") || t("Recipient"), note: street(stop.place.line)[0] }] : [];
  });
  const recipients = [...toStops].reduce((sum, id) => sum + (stops.get(id)?.orders.length ?? 0), 0);
  const readers = toDrivers.size + recipients;
  const send = async (): Promise<void> => {
    setBusy(true);
    try {
      const answer = await api.broadcast(text, { drivers: [...toDrivers], stops: [...toStops] });
      threads.apply(answer.threads);
      const lost = answer.unreachable ? ` ${n("{count} recipient has no e-mail address or phone number.", "{count} recipients have no e-mail address or phone number.", answer.unreachable)}` : "";
      toast(`${n("Sent to {count} person.", "Sent to {count} people.", answer.sent)}${lost}`, lost ? "warn" : "go");
      close();
    } catch (error) {
      setFault(`${sentence(error)} ${t("Nothing was sent.")}`);
      setBusy(false);
    }
  };
  return (
    <Modal
      name="broadcast"
      title={t("Write to many")}
      close={close}
      firm
      foot={
        <>
          <button class="button" onClick={close}>{t("Cancel")}</button>
          <button class="button button-primary" form="broadcast-form" disabled={busy || readers === 0 || !text.trim()}>
            {busy ? <span class="spinner" /> : <Icon name="send" />}
            {readers === 0 ? t("Choose somebody") : n("Send to {count} person", "Send to {count} people", readers)}
          </button>
        </>
      }
    >
      <form class="dialog-body" id="broadcast-form" onSubmit={(event) => { event.preventDefault(); void send(); }}>
        <Choices title={t("Recipients")} rows={places} chosen={toStops} choose={setStops} />
        <Choices title={t("Drivers")} rows={people} chosen={toDrivers} choose={setDrivers} />
        <div class="field">
          <label for="broadcast-text">{t("Message")}</label>
          <textarea class="textarea" id="broadcast-text" rows={4} maxLength={MOST} value={text} onInput={(event) => { setText(event.currentTarget.value); setFault(null); }} />
          <p class="tiny muted">{t("Each gets it in a conversation of their own, and answers to you alone. Recipients get it by e-mail or SMS.")}</p>
        </div>
        {fault && <p class="error" role="alert">{fault}</p>}
      </form>
    </Modal>
  );
}
