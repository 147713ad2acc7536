// Why a stop is on no route, and what could give way, with its price: one click does it.
import { signal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { toast } from "../../ui/toasts";
import { sentence } from "../actions";
import { duration, signed } from "../format";
import { refresh } from "../live";
import { Icon } from "../parts/Bits";
import { street } from "../parts/Stop";
import { asking } from "../proposal/state";
import type { StopRow } from "../rows";
import { showStop } from "../state";
import { format, plan } from "../store";
import * as api from "./api";
import { t } from "../../ui/words";

/** The stops whose reasons are unfolded in the list. */
export const unfolded = signal<ReadonlySet<string>>(new Set());
const taking = signal<string | null>(null);

/** The way into the reasons, under a stop that was left out. */
export function WhyNot({ stop, mayPlan }: { stop: StopRow; mayPlan: boolean }): JSX.Element {
  const open = unfolded.value.has(stop.id);
  const [first] = street(stop.place.line);
  const toggle = (): void => {
    const next = new Set(unfolded.peek());
    if (open) next.delete(stop.id);
    else next.add(stop.id);
    unfolded.value = next;
  };
  return (
    <div class="left-why">
      <button class="button button-small" aria-expanded={open} aria-controls={`why-${stop.id}`} onClick={toggle}>
        <Icon name={open ? "up" : "down"} size="small" />
        {t("Why not?")}<span class="only-heard"> {first}</span>
      </button>
      {open && <Ways stop={stop} mayPlan={mayPlan} />}
    </div>
  );
}

export function Ways({ stop, mayPlan }: { stop: StopRow; mayPlan: boolean }): JSX.Element {
  const [found, setFound] = useState<api.Reasons | null>(null);
  const [trouble, setTrouble] = useState<string | null>(null);
  const stands = plan.value?.version;
  useEffect(() => {
    const ask = new AbortController();
    const timer = setTimeout(() => {
      api
        .why(stop.id, ask.signal)
        .then((row) => {
          setFound(row);
          setTrouble(null);
        })
        .catch((error: unknown) => {
          if (!ask.signal.aborted) setTrouble(sentence(error));
        });
    }, found ? 600 : 0);
    return () => {
      clearTimeout(timer);
      ask.abort();
    };
  }, [stop.id, stop.version, stands]);

  const take = async (way: api.Way): Promise<void> => {
    if (taking.peek()) return;
    taking.value = way.key;
    setTrouble(null);
    try {
      await api.relax(stop.id, way);
      await refresh();
      toast(t("{stop} is on the route of {driver}.", { stop: street(stop.place.line)[0], driver: way.label }));
      showStop(stop.id);
    } catch (error) {
      setTrouble(sentence(error));
      void refresh();
    } finally {
      taking.value = null;
    }
  };

  return (
    <div class="why" id={`why-${stop.id}`} aria-live="polite" aria-busy={!found && !trouble}>
      {trouble && (
        <div class="notice notice-bad small" role="alert">
          <Icon name="warn" />
          <div>{trouble}</div>
        </div>
      )}
      {!found && !trouble && <div class="skeleton" aria-label={t("Looking for ways out")} />}
      {found && found.message !== stop.unassigned?.message && <p class="small">{found.message}</p>}
      {found && found.ways.length === 0 && <p class="small muted">{t("No single rule that gives way would make a place for it.")}</p>}
      {found && found.ways.length > 0 && (
        <ul class="why-list" aria-label={t("Ways out")}>
          {found.ways.map((way) => (
            <li key={way.key} class={`why-way${way.possible ? "" : " is-not"}`}>
              <span class="grow">
                <span class="small">{way.message}</span>
                <span class="why-price tiny numbers">
                  <span>{signed(way.delta_cents, format.value.money(Math.abs(way.delta_cents)))}</span>
                  <span>{signed(way.delta_m, format.value.distance(Math.abs(way.delta_m)))}</span>
                  <span>{signed(way.delta_s, duration(way.delta_s))}</span>
                </span>
                {way.warning && <span class="reason tiny">{way.warning}</span>}
                {!way.possible && <span class="tiny muted">{t("Not possible here.")} {way.why_not}</span>}
              </span>
              {mayPlan && way.possible && (
                <button class="button button-small" disabled={taking.value !== null} aria-label={t("Do it: {what}", { what: way.message })} onClick={() => void take(way)}>
                  {taking.value === way.key ? <span class="spinner" /> : <Icon name="check" size="small" />}
                  {t("Do it")}
                </button>
              )}
              {mayPlan && way.code === "one_more_van" && (
                <button class="button button-small button-quiet" onClick={() => (asking.value = "what_if")}>
                  {t("What if…")}
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
