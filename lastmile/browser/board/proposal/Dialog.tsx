// Optimise again: what may change, how much of it, and how long to look. The answer is a preview.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Modal } from "../parts/Modal";
import { ready, stopsOf, shownRoutes, unassigned, waiting as unplanned } from "../store";
import type { StopRow } from "../rows";
import type { Wanted } from "./rows";
import { SCOPES } from "./rows";
import { Choice, close, Foot, Refusal, Seconds } from "./fields";
import { again, asking, refusal } from "./state";
import { OBJECTIVES } from "./words";
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
  }, []);
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
    <Modal
      name="again"
      title={t("Optimise again")}
      note={`${t("You see what would change before anything does.")}${fresh ? ` ${n("{count} stop without a route may come in.", "{count} stops without a route may come in.", fresh)}` : ""}`}
      foot={<Foot form="again-form" label={t("Show me")} />}
      close={close}
    >
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
          <Seconds name="again" value={seconds} choose={setSeconds} />
          <Choice id="again-objective" label={t("What counts most, this time")} rows={OBJECTIVES.map(([value, words]) => [value, words()] as const)} value={objective} choose={setObjective} />
        </div>
        <Refusal />
      </form>
    </Modal>
  );
}
