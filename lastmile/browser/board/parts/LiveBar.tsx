// When the live connection is lost: a bar over everything that says so, and since when, until it is back.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { connection, freshAt, POLL_MS, reconnect } from "../live";
import { format, loaded, now, clockOffset } from "../store";
import { Icon } from "./Bits";
import { t } from "../../ui/words";

/** A connection that is back within this time was not worth a word. */
const PATIENCE_MS = 1_200;

export function LiveBar(): JSX.Element | null {
  const lost = connection.value === "polling" || connection.value === "offline";
  const [shown, show] = useState(false);
  useEffect(() => {
    if (!lost) return show(false);
    const timer = setTimeout(() => show(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [lost]);
  void now.value;
  return (
    <div class="live-bar-place" role="status">
      {lost && shown && loaded.value && (
        <div class="live-bar">
          <Icon name="offline" size="small" />
          <span class="strong">{connection.value === "offline" ? t("This machine is offline") : t("Live updates paused")}</span>
          <span>
            {connection.value === "offline" ? t("the board goes on by itself when the network is back") : t("checking every {count} s", { count: POLL_MS / 1000 })}
            {freshAt.value ? `, ${t("as of {time}", { time: format.value.time(new Date(freshAt.value + clockOffset.value).toISOString()) })}` : ""}
          </span>
          <button class="button button-small" onClick={reconnect}>
            {t("Try now")}
          </button>
        </div>
      )}
    </div>
  );
}
