// Optimise again: what may change, how much of it, and how long to look. The answer is a preview.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Icon } from "../parts/Bits";
import { ready, stopsOf, shownRoutes, unassigned, waiting as unplanned } from "../store";
import type { StopRow } from "../rows";
import type { Wanted } from "./rows";
import { SCOPES } from "./rows";
import { again, asking, busy, refusal } from "./state";
import { BUDGETS, OBJECTIVES } from "./words";
import { n, t } from "../../ui/words";

const SCOPE_WORDS: Record<Wanted["scope"], () => [string, string]> = {
  redistribute_stops_between_drivers: () => [t("All drivers"), t("Stops may go to another driver where that is better.")],
  reorder_all_stops: () => [t("Each driver by themselves"), t("Everybody keeps their stops; only the order may change.")],
  reorder_changed_stops: () => [t("Only what is late"), t("Late stops may move among the others of their driver; all others keep their order.")],
};

export function AgainDialog(): JSX.Element | null {
  return asking.value === "again" ? <Form /> : null;
}

function late(): string[] {
  return shownRoutes.peek().flatMap((route) => stopsOf(route.id)).filter((stop: StopRow) => stop.late_s > 0).map((stop) => stop.id);
}

function Form(): JSX.Element {
  const box = useRef<HTMLDialogElement>(null);
  const [scope, setScope] = useState<Wanted["scope"]>(SCOPES[0]);
  const [bounded, setBounded] = useState(false);
  const [most, setMost] = useState(5);
  const [loaded, setLoaded] = useState(true);
  const [promises, setPromises] = useState(true);
  const [seconds, setSeconds] = useState(10);
  const [objective, setObjective] = useState("");
  const fresh = ready.value.length + unplanned.value.length + unassigned.value.length;
  useEffect(() => {
    refusal.value = null;
    box.current?.showModal();
  }, []);
  const close = (): void => {
    asking.value = null;
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    const across = scope === SCOPES[0];
    void again({
      scope, seconds, objective,
      max_changes: across && bounded ? most : null,
      keep_loaded: loaded, keep_promises: promises,
      changed: scope === "reorder_changed_stops" ? late() : [],
    });
  };
  return (
    <dialog class="dialog" ref={box} aria-labelledby="again-title" onClose={close} onClick={(event) => event.target === box.current && close()}>
      <div class="dialog-head">
        <div>
          <h2 id="again-title">{t("Optimise again")}</h2>
          <p class="muted small">{t("You see what would change before anything does.")}{fresh ? ` ${n("{count} stop without a route may come in.", "{count} stops without a route may come in.", fresh)}` : ""}</p>
        </div>
        <button class="button button-quiet button-icon" aria-label={t("Close")} onClick={close}>
          <Icon name="close" />
        </button>
      </div>
      <form class="dialog-body" id="again-form" onSubmit={submit}>
        <fieldset class="field">
          <legend>{t("What may change")}</legend>
          {SCOPES.map((one) => (
            <label class="check" key={one}>
              <input type="radio" name="scope" value={one} checked={scope === one} onChange={() => setScope(one)} />
              <span>
                {SCOPE_WORDS[one]()[0]}
                <span class="hint wish-hint">{SCOPE_WORDS[one]()[1]}</span>
              </span>
            </label>
          ))}
        </fieldset>
        <fieldset class="field">
          <legend>{t("And never more than this")}</legend>
          <div class="row-wrap gap-2">
            <label class="check">
              <input type="checkbox" checked={bounded} disabled={scope !== SCOPES[0]} onChange={(event) => setBounded(event.currentTarget.checked)} />
              <span>{t("At most")}</span>
            </label>
            <input
              class="input wish-number numbers"
              type="number"
              min={0}
              max={10000}
              aria-label={t("Most stops that change driver")}
              value={most}
              disabled={scope !== SCOPES[0]}
              onInput={(event) => {
                setMost(Math.max(0, Math.round(Number(event.currentTarget.value)) || 0));
                setBounded(true);
              }}
            />
            <span class="small">{t("stops change driver")}</span>
          </div>
          <label class="check">
            <input type="checkbox" checked={loaded} onChange={(event) => setLoaded(event.currentTarget.checked)} />
            <span>{t("Nothing that was sent to a driver leaves its van")}</span>
          </label>
          <label class="check">
            <input type="checkbox" checked={promises} onChange={(event) => setPromises(event.currentTarget.checked)} />
            <span>{t("No promise that is kept now is broken")}</span>
          </label>
        </fieldset>
        <div class="fields">
          <div class="field">
            <label for="again-seconds">{t("How long to look")}</label>
            <select class="select" id="again-seconds" value={String(seconds)} onChange={(event) => setSeconds(Number(event.currentTarget.value))}>
              {BUDGETS.map(([value, words]) => (
                <option key={value} value={value}>
                  {words()}
                </option>
              ))}
            </select>
          </div>
          <div class="field">
            <label for="again-objective">{t("What counts most, this time")}</label>
            <select class="select" id="again-objective" value={objective} onChange={(event) => setObjective(event.currentTarget.value)}>
              {OBJECTIVES.map(([value, words]) => (
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
        <button class="button button-primary" form="again-form" disabled={busy.value !== null}>
          {busy.value === "start" ? <span class="spinner" /> : <Icon name="spark" />}
          {t("Show me")}
        </button>
      </div>
    </dialog>
  );
}
