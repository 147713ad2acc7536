// A zone that has been drawn or is changed, and the list of all: name, colour, and which drivers keep to it.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { toast } from "../../ui/toasts";
import { n, t } from "../../ui/words";
import { sentence } from "../actions";
import { Empty, Icon } from "../parts/Bits";
import { Modal } from "../parts/Modal";
import { drivers, zones } from "../store";
import * as api from "./api";
import { draw } from "./commands";
import { type Draft, draft, listing, open, strictNow } from "./state";

export function ZoneDialogs(): JSX.Element | null {
  if (draft.value) return <ZoneDialog key={draft.value.id ?? "new"} first={draft.value} />;
  return listing.value ? <ZoneList /> : null;
}

const toggled = (set: ReadonlySet<string>, id: string, on: boolean): ReadonlySet<string> => {
  const next = new Set(set);
  if (on) next.add(id);
  else next.delete(id);
  return next;
};

function ZoneDialog({ first }: { first: Draft }): JSX.Element {
  const [zone, setZone] = useState(first);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const take = (change: Partial<Draft>): void => {
    setZone({ ...zone, ...change });
    setFault(null);
  };
  const close = (): void => {
    draft.value = null;
  };
  const known = zones.get(first.id ?? "")?.name ?? first.name;
  const people = drivers.all().sort((a, b) => a.name.localeCompare(b.name));

  const send = async (what: () => Promise<void>): Promise<void> => {
    setBusy(true);
    try {
      await what();
      close();
    } catch (error) {
      setFault(sentence(error));
      setBusy(false);
    }
  };
  const save = async (): Promise<void> => {
    const { id, name, color, outline } = zone;
    const fields = { name: name.trim(), color, outline, drivers: [...zone.drivers] };
    const now = strictNow();
    // Who is strict comes first: a zone that is refused afterwards has changed nothing for who keeps to none.
    for (const driver of zone.drivers) {
      if (zone.strict.has(driver) !== now.has(driver)) drivers.apply([await api.makeStrict(driver, zone.strict.has(driver))]);
    }
    zones.apply([id ? await api.change(id, fields) : await api.add(fields)]);
    toast(id ? t("{zone} was changed.", { zone: fields.name }) : t("{zone} is a zone now. The next plan keeps to it.", { zone: fields.name }));
  };
  const retire = async (id: string): Promise<void> => {
    const row = await api.change(id, { status: "retired" });
    zones.apply([{ id: row.id, version: row.version, gone: true }]);
    toast(t("{zone} was retired.", { zone: row.name }));
  };

  return (
    <Modal
      name="zone"
      title={zone.id ? t("Zone {zone}", { zone: known }) : t("A new zone")}
      note={n("An area with {count} corner", "An area with {count} corners", zone.outline.length)}
      close={close}
      firm
      foot={
        <>
          {zone.id && (
            <>
              <button class="button button-quiet" disabled={busy} onClick={() => void send(() => retire(zone.id!))}>
                <Icon name="trash" />
                {t("Retire")}
              </button>
              <button class="button button-quiet" disabled={busy} onClick={() => draw(zone)}>
                <Icon name="edit" />
                {t("Draw anew")}
              </button>
            </>
          )}
          <button class="button push" onClick={close}>{t("Cancel")}</button>
          <button class="button button-primary" form="zone-form" disabled={busy || !zone.name.trim()}>
            {busy ? <span class="spinner" /> : <Icon name="check" />}
            {t("Save")}
          </button>
        </>
      }
    >
      <form class="dialog-body" id="zone-form" onSubmit={(event) => { event.preventDefault(); void send(save); }}>
        <div class="zone-fields">
          <div class="field">
            <label for="zone-name">{t("Name")}</label>
            <input class="input" id="zone-name" required maxLength={80} autoFocus value={zone.name} onInput={(event) => take({ name: event.currentTarget.value })} />
          </div>
          <div class="field">
            <label for="zone-color">{t("Colour")}</label>
            <input class="input zone-color" id="zone-color" type="color" value={zone.color} onInput={(event) => take({ color: event.currentTarget.value })} />
          </div>
        </div>
        {people.length > 0 && (
          <fieldset class="whom">
            <legend>{t("Drivers who keep to it")}</legend>
            <div class="whom-list">
              {people.map((row) => (
                <div key={row.id} class="row zone-driver">
                  <label class="check grow">
                    <input type="checkbox" checked={zone.drivers.has(row.id)} onChange={(event) => take({ drivers: toggled(zone.drivers, row.id, event.currentTarget.checked) })} />
                    <span class="clip">{row.name}</span>
                  </label>
                  {zone.drivers.has(row.id) && (
                    <label class="check small">
                      <input type="checkbox" aria-label={t("{driver} never leaves", { driver: row.name })} checked={zone.strict.has(row.id)} onChange={(event) => take({ strict: toggled(zone.strict, row.id, event.currentTarget.checked) })} />
                      <span>{t("Never leaves")}</span>
                    </label>
                  )}
                </div>
              ))}
            </div>
          </fieldset>
        )}
        <p class="tiny muted">{t("Drivers stay in their zones where it costs little; who never leaves gets no stop outside. Who keeps to no zone goes anywhere.")}</p>
        {fault && <p class="error" role="alert">{fault}</p>}
      </form>
    </Modal>
  );
}

function ZoneList(): JSX.Element {
  const close = (): void => {
    listing.value = false;
  };
  const rows = zones.all().sort((a, b) => a.name.localeCompare(b.name));
  return (
    <Modal
      name="zones"
      title={t("Zones")}
      close={close}
      foot={
        <button class="button button-primary" onClick={() => draw()}>
          <Icon name="edit" />
          {t("Draw a zone")}
        </button>
      }
    >
      <div class="dialog-body">
        {rows.length === 0 && (
          <Empty icon="layers" title={t("No zones yet")}>
            <p>{t("A zone is an area of the map that some drivers keep to.")}</p>
          </Empty>
        )}
        <ul class="zone-list">
          {rows.map((zone) => (
            <li key={zone.id}>
              <button class="button button-quiet" onClick={() => open(zone)}>
                <span class="zone-swatch" style={{ background: zone.color }} />
                <span class="grow clip">{zone.name}</span>
                <span class="muted small">{n("{count} driver", "{count} drivers", zone.drivers.length)}</span>
              </button>
            </li>
          ))}
        </ul>
      </div>
    </Modal>
  );
}
