// What if: the same day with another fleet. The real one stays as it is.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Icon } from "../parts/Bits";
import { drivers, shifts, vehicles } from "../store";
import type { Fleet } from "./rows";
import { asking, busy, refusal, whatIf } from "./state";
import { BUDGETS, shiftName } from "./words";
import { t } from "../../ui/words";

type Way = "more" | "longer" | "absent";
const WAYS: [Way, () => string][] = [
  ["more", () => t("One more van")],
  ["longer", () => t("A longer shift")],
  ["absent", () => t("A driver is absent")],
];

export function WhatIfDialog(): JSX.Element | null {
  return asking.value === "what_if" ? <Form /> : null;
}

function Form(): JSX.Element {
  const box = useRef<HTMLDialogElement>(null);
  const rostered = shifts.value.filter((row) => row.status === "rostered");
  const busyDrivers = new Set(rostered.map((row) => row.driver));
  const busyVans = new Set(rostered.map((row) => row.vehicle));
  const freeDrivers = drivers.all().filter((row) => !busyDrivers.has(row.id));
  const freeVans = vehicles.value.filter((row) => !busyVans.has(row.id));
  const pair = freeDrivers.length > 0 && freeVans.length > 0;
  const [way, setWay] = useState<Way>("more");
  const [shift, setShift] = useState(rostered[0]?.id ?? "");
  const [minutes, setMinutes] = useState(60);
  const [real, setReal] = useState(pair);
  const [driver, setDriver] = useState(freeDrivers[0]?.id ?? "");
  const [van, setVan] = useState(freeVans[0]?.id ?? "");
  const [seconds, setSeconds] = useState(10);
  useEffect(() => {
    refusal.value = null;
    box.current?.showModal();
  }, []);
  const close = (): void => {
    asking.value = null;
  };
  const fleet = (): Fleet => ({
    absent: way === "absent" ? [shift] : [],
    longer: way === "longer" ? [{ shift, minutes }] : [],
    more: way !== "more" ? [] : real && pair ? [{ like: null, driver, vehicle: van }] : [{ like: shift, driver: null, vehicle: null }],
  });
  const submit = (event: Event): void => {
    event.preventDefault();
    void whatIf(fleet(), seconds);
  };
  const shiftField = (label: string): JSX.Element => (
    <div class="field">
      <label for="what-shift">{label}</label>
      <select class="select" id="what-shift" value={shift} onChange={(event) => setShift(event.currentTarget.value)}>
        {rostered.map((row) => (
          <option key={row.id} value={row.id}>
            {shiftName(row.id)}
          </option>
        ))}
      </select>
    </div>
  );
  return (
    <dialog class="dialog" ref={box} aria-labelledby="what-title" onClose={close} onClick={(event) => event.target === box.current && close()}>
      <div class="dialog-head">
        <div>
          <h2 id="what-title">{t("What if…")}</h2>
          <p class="muted small">{t("The day is worked out with another fleet. The real one stays as it is.")}</p>
        </div>
        <button class="button button-quiet button-icon" aria-label={t("Close")} onClick={close}>
          <Icon name="close" />
        </button>
      </div>
      <form class="dialog-body" id="what-form" onSubmit={submit}>
        <div class="segmented" role="radiogroup" aria-label={t("What is different")}>
          {WAYS.map(([name, words]) => (
            <label key={name}>
              <input type="radio" name="way" value={name} checked={way === name} onChange={() => setWay(name)} />
              {words()}
            </label>
          ))}
        </div>
        <div class="fields">
          {way === "more" && (
            <>
              <fieldset class="field field-wide">
                <legend>{t("Which van")}</legend>
                <label class="check">
                  <input type="radio" name="real" checked={real && pair} disabled={!pair} onChange={() => setReal(true)} />
                  <span>
                    {t("A driver and a van without a shift today")}
                    {!pair && <span class="hint wish-hint">{freeVans.length ? t("Every driver has a shift today.") : t("Every van has a shift today.")}</span>}
                  </span>
                </label>
                <label class="check">
                  <input type="radio" name="real" checked={!(real && pair)} onChange={() => setReal(false)} />
                  <span>{t("An imagined one, like one that is there")}</span>
                </label>
              </fieldset>
              {real && pair ? (
                <>
                  <div class="field">
                    <label for="what-driver">{t("Driver")}</label>
                    <select class="select" id="what-driver" value={driver} onChange={(event) => setDriver(event.currentTarget.value)}>
                      {freeDrivers.map((row) => (
                        <option key={row.id} value={row.id}>
                          {row.name}
                        </option>
                      ))}
                    </select>
                  </div>
                  <div class="field">
                    <label for="what-van">{t("Van")}</label>
                    <select class="select" id="what-van" value={van} onChange={(event) => setVan(event.currentTarget.value)}>
                      {freeVans.map((row) => (
                        <option key={row.id} value={row.id}>
                          {row.name}
                        </option>
                      ))}
                    </select>
                  </div>
                </>
              ) : (
                shiftField(t("Like"))
              )}
            </>
          )}
          {way === "longer" && (
            <>
              {shiftField(t("Whose shift"))}
              <div class="field">
                <label for="what-minutes">{t("Minutes longer")}</label>
                <input class="input numbers" id="what-minutes" type="number" min={1} max={480} value={minutes} onInput={(event) => setMinutes(Math.min(480, Math.max(1, Math.round(Number(event.currentTarget.value)) || 1)))} />
              </div>
            </>
          )}
          {way === "absent" && shiftField(t("Who"))}
          <div class="field">
            <label for="what-seconds">{t("How long to look")}</label>
            <select class="select" id="what-seconds" value={String(seconds)} onChange={(event) => setSeconds(Number(event.currentTarget.value))}>
              {BUDGETS.map(([value, words]) => (
                <option key={value} value={value}>
                  {words()}
                </option>
              ))}
            </select>
          </div>
        </div>
        {refusal.value && (
          <div class="notice notice-bad small" role="alert">
            <Icon name="warn" />
            <div>{refusal.value}</div>
          </div>
        )}
      </form>
      <div class="dialog-foot">
        <button class="button" onClick={close}>
          {t("Cancel")}
        </button>
        <button class="button button-primary" form="what-form" disabled={busy.value !== null || !shift}>
          {busy.value === "start" ? <span class="spinner" /> : <Icon name="spark" />}
          {t("Work it out")}
        </button>
      </div>
    </dialog>
  );
}
