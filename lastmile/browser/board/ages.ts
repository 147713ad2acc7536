// How old the drivers' last positions are, in words. Fixes come five times a second; who shows an age is drawn anew only
// when its words change, not with every fix of anybody.
import { computed, type ReadonlySignal } from "@preact/signals";
import { duration } from "./format";
import { positions, serverNow } from "./store";
import { STALE_S } from "./vans";
import { t } from "../ui/words";

function told(words: (seconds: number) => string): (driver: string) => string {
  const cells = new Map<string, ReadonlySignal<string>>();
  return (driver) => {
    let cell = cells.get(driver);
    if (!cell) {
      cell = computed(() => {
        void positions.changed.value;
        const fix = positions.get(driver);
        return fix ? words(Math.max(0, (serverNow() - Date.parse(fix.fix_at)) / 1000)) : "";
      });
      cells.set(driver, cell);
    }
    return cell.value;
  };
}

/** The age of a driver's position that still counts; "" for one that is stale or was never there. */
export const ageOf = told((seconds) => (seconds > STALE_S ? "" : seconds < 5 ? t("now") : t("{time} ago", { time: duration(seconds) })));

/** For how long a driver has not been heard of; "" for one who is, or never was. */
export const silenceOf = told((seconds) => (seconds > STALE_S ? duration(seconds) : ""));
