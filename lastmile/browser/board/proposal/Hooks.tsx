// Where previews come into the head of the panel: the way in, what waits, and why a run came to nothing.
import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import { Icon } from "../parts/Bits";
import { AgainDialog } from "./Dialog";
import { CompareDialog } from "./Compare";
import { WhatIfDialog } from "./WhatIf";
import { again, asking, busy, open, refusal, shown, waiting } from "./state";
import { n, t } from "../../ui/words";

/** "Optimise again" for a plan that has routes: asks what may change, and shows before it does. */
export function AgainButton({ label, primary }: { label: string; primary: boolean }): JSX.Element {
  const menu = useRef<HTMLDetailsElement>(null);
  const look = primary ? "button button-primary" : "button";
  const choose = (act: () => void): void => {
    if (menu.current) menu.current.open = false;
    act();
  };
  return (
    <div class="button-group split">
      <button class={look} disabled={busy.value !== null} onClick={() => (asking.value = "again")}>
        <Icon name="spark" />
        {label}…
      </button>
      <details class="menu" ref={menu}>
        <summary class={`${look} button-icon`} aria-label={t("More ways to look for better routes")}>
          <Icon name="down" size="small" />
        </summary>
        <div class="menu-list">
          <button onClick={() => choose(() => (asking.value = "what_if"))}>
            <Icon name="truck" />
            {t("What if…")}
          </button>
          <button
            onClick={() =>
              choose(() => void again({ scope: "redistribute_stops_between_drivers", max_changes: null, keep_loaded: false, keep_promises: false, objective: "", seconds: 30, changed: [] }, true))
            }
          >
            <Icon name="refresh" />
            {t("From scratch, 30 s")}
          </button>
        </div>
      </details>
    </div>
  );
}

/** Previews that wait, and the dialogs. */
export function Previews({ mayPlan }: { mayPlan: boolean }): JSX.Element {
  const rows = waiting.value.filter((row) => row.id !== shown.value?.id);
  return (
    <>
      {refusal.value && !asking.value && !shown.value && (
        <div class="notice notice-bad small" role="alert">
          <Icon name="warn" />
          <div class="grow">{refusal.value}</div>
          <button class="button button-quiet button-small button-icon" aria-label={t("Close")} onClick={() => (refusal.value = null)}>
            <Icon name="close" size="small" />
          </button>
        </div>
      )}
      {rows.length > 0 && (
        <div class="previews-waiting small">
          <Icon name="layers" size="small" />
          <span class="grow muted">{shown.value ? n("{count} other preview to decide", "{count} other previews to decide", rows.length) : n("{count} preview to decide", "{count} previews to decide", rows.length)}</span>
          {rows.length === 1 && !shown.value ? (
            <button class="button button-small" onClick={() => void open(rows[0]?.id ?? "")}>
              {t("Look at it")}
            </button>
          ) : null}
          <button class="button button-small" onClick={() => (asking.value = "compare")}>
            {t("Side by side")}
          </button>
        </div>
      )}
      {mayPlan && <AgainDialog />}
      {mayPlan && <WhatIfDialog />}
      <CompareDialog />
    </>
  );
}
