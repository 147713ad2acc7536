// The consequence before the drop: asked while stops hover over a place, at most every 60 ms, the newest place only.
import { effect, signal } from "@preact/signals";
import { ApiError } from "./api";
import { dragged, dropAt } from "./drag";
import * as api from "./edit_api";
import type { Foreseen } from "./edit_api";
import { shiftOf } from "./edits";
import { duration, signed, type Format } from "./format";
import { loaded, plan } from "./store";
import { t } from "../ui/words";

export type Foresight =
  | { kind: "asking" }
  | { kind: "known"; row: Foreseen }
  /** It cannot be, or cannot be told: why. */
  | { kind: "none"; words: string };

/** What the place under the pointer would lead to; null over no place. */
export const foresight = signal<Foresight | null>(null);

const EVERY_MS = 60;
const AFTER_MS = 3_000;

/** Once the board stands and nothing else is to do, the plan is made ready, so that the first drag need not wait. */
function makeReady(): void {
  let known = "";
  effect(() => {
    const row = plan.value;
    if (!loaded.value || !row || row.status === "optimizing" || row.id === known) return;
    known = row.id;
    setTimeout(() => {
      if (plan.peek()?.id === row.id) api.beReady(row.id).catch(() => undefined);
    }, AFTER_MS);
  });
}

/** Begin to look ahead; called once, with whether stops may be moved here. */
export function lookAhead(mayPlan: boolean): void {
  if (mayPlan) makeReady();
  const known = new Map<string, Foresight>();
  let asked = 0;
  let timer = 0;
  let under: AbortController | null = null;
  let shown = "";

  effect(() => {
    const stops = dragged.value?.stops;
    const place = dropAt.value;
    const key = stops && place ? `${place.lane} ${place.position}` : "";
    if (!stops) known.clear();
    if (key === shown) return;
    shown = key;
    clearTimeout(timer);
    under?.abort();
    under = null;
    if (!stops || !place) {
      foresight.value = null;
      return;
    }
    const before = known.get(key);
    if (before) {
      foresight.value = before;
      return;
    }
    foresight.value = { kind: "asking" };
    timer = window.setTimeout(() => {
      const row = plan.peek();
      const shift = shiftOf(place.lane);
      if (!row || shift === undefined) return;
      const ask = new AbortController();
      under = ask;
      asked = performance.now();
      const tell = (answer: Foresight): void => {
        if (ask.signal.aborted) return;
        known.set(key, answer);
        foresight.value = answer;
      };
      api
        .consequences(row.id, stops, shift, place.position, ask.signal)
        .then((answer) => tell({ kind: "known", row: answer }))
        .catch((error: unknown) => {
          if (error instanceof ApiError) tell({ kind: "none", words: error.message });
        });
    }, Math.max(0, EVERY_MS - (performance.now() - asked)));
  });
}

export interface Part {
  tone: "good" | "bad" | "plain";
  text: string;
}

/** A consequence in a few words: "+4 min", "+1.2 km", "+€1.10", "makes Müller late". */
export function parts(row: Foreseen, format: Format): Part[] {
  const tone = (value: number): Part["tone"] => (value > 0 ? "bad" : value < 0 ? "good" : "plain");
  const minutes = Math.round(row.delta_s / 60) * 60;
  const found: Part[] = [
    { tone: tone(minutes), text: signed(row.delta_s, minutes === 0 ? t("{count} min", { count: 0 }) : duration(minutes)) },
    { tone: tone(row.delta_m), text: signed(row.delta_m, format.distance(Math.abs(row.delta_m))) },
    { tone: tone(row.delta_cents), text: signed(row.delta_cents, format.money(Math.abs(row.delta_cents))) },
  ];
  const late = [...new Set([...row.newly_late, ...row.promises_broken])];
  const [first] = late;
  if (first !== undefined) found.push({ tone: "bad", text: late.length > 1 ? t("makes {stop} and {more} more late", { stop: first, more: late.length - 1 }) : t("makes {stop} late", { stop: first }) });
  return found;
}
