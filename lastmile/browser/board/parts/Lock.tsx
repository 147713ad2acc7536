// How firmly a stop is held: a mark on its line, and the choice in its drawer.
import type { JSX } from "preact";
import { chosenLocks, lock } from "../edits";
import type { LockStrength, StopRow } from "../rows";
import { routes } from "../store";
import { Icon } from "./Bits";
import { t } from "../../ui/words";

// “Sequence” and not “Order”: many languages have two words for what is ordered and for what comes after what.
const WORDS: Record<LockStrength, () => string> = { driver: () => t("Driver"), order: () => t("Sequence"), position: () => t("Position") };

function meaning(strength: LockStrength, stop: StopRow): string {
  const name = (stop.route && routes.get(stop.route)?.driver.name) || t("its driver");
  if (strength === "driver") return t("Locked to {driver}: optimising gives it to nobody else.", { driver: name });
  if (strength === "order") return t("Locked to {driver}, in order with the stops beside it that are locked so too.", { driver: name });
  return t("Locked as stop {number} of {driver}: optimising does not touch it.", { number: stop.sequence ?? "?", driver: name });
}

/** The strength shown: what the keys have chosen comes before what the server knows. */
function shown(stop: StopRow): LockStrength | null {
  const chosen = chosenLocks.value;
  return chosen.has(stop.id) ? (chosen.get(stop.id) ?? null) : stop.lock;
}

export function LockMark({ stop }: { stop: StopRow }): JSX.Element | null {
  const strength = stop.route ? shown(stop) : null;
  if (!strength) return null;
  return (
    <span class="lock-mark" title={meaning(strength, stop)}>
      <Icon name="lock" size="small" />
      <span class="only-heard">{t("Locked")}: </span>
      {WORDS[strength]()}
    </span>
  );
}

const CHOICES: [LockStrength | null, () => string][] = [[null, () => t("Free")], ["driver", WORDS.driver], ["order", WORDS.order], ["position", WORDS.position]];

export function LockChoice({ stop }: { stop: StopRow }): JSX.Element {
  const strength = shown(stop);
  return (
    <div class="lock-choice">
      <span class="small muted row gap-1" id="lock-choice">
        <Icon name="lock" size="small" />
        {t("Locked to its")}
        <kbd class="push" title={t("The key L goes through these")}>
          L
        </kbd>
      </span>
      <div class="segmented" role="group" aria-labelledby="lock-choice">
        {CHOICES.map(([one, word]) => (
          <button
            key={one ?? ""}
            aria-pressed={strength === one}
            title={one ? meaning(one, stop) : t("Optimising may give it to anybody.")}
            onClick={() => void lock([stop.id], one)}
          >
            {word()}
          </button>
        ))}
      </div>
    </div>
  );
}
