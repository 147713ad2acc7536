// What if: the same day with another fleet. The real one stays as it is.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Modal } from "../parts/Modal";
import { drivers, shifts, vehicles } from "../store";
import type { Fleet } from "./rows";
import { Choice, close, Foot, Refusal, Seconds } from "./fields";
import { asking, refusal, whatIf } from "./state";
import { shiftName } from "./words";
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
  }, []);
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
    <Choice id="what-shift" label={label} rows={rostered.map((row) => [row.id, shiftName(row.id)] as const)} value={shift} choose={setShift} />
  );
  return (
    <Modal
      name="what"
      title={t("What if…")}
      note={t("The day is worked out with another fleet. The real one stays as it is.")}
      foot={<Foot form="what-form" label={t("Work it out")} off={!shift} />}
      close={close}
    >
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
                  <Choice id="what-driver" label={t("Driver")} rows={freeDrivers.map((row) => [row.id, row.name] as const)} value={driver} choose={setDriver} />
                  <Choice id="what-van" label={t("Van")} rows={freeVans.map((row) => [row.id, row.name] as const)} value={van} choose={setVan} />
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
          <Seconds name="what" value={seconds} choose={setSeconds} />
        </div>
        <Refusal />
      </form>
    </Modal>
  );
}
