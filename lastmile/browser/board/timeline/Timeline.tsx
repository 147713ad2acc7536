// The timeline under the map: every route as a lane over the hours of the day. The lanes are drawn on a canvas, only those
// that are seen; a grid for the keyboard and for screen readers lies over it.
import { useEffect, useRef } from "preact/hooks";
import type { JSX } from "preact";
import { Icon } from "../parts/Bits";
import { loaded, opening } from "../store";
import { Plane } from "./Plane";
import { fitAll, followExtent, look, resize, rows, size, view } from "./state";
import { zoom } from "./view";
import { n, t } from "../../ui/words";

export function Timeline({ mayPlan }: { mayPlan: boolean }): JSX.Element | null {
  const box = useRef<HTMLElement>(null);
  useEffect(() => followExtent(), []);
  if (!loaded.value && !opening.value) return null;
  const { folded, full } = size.value;
  const closer = (factor: number): void => look(zoom(view.peek(), factor, view.peek().width / 2));
  return (
    <section class={`gantt${folded ? " is-folded" : ""}${full ? " is-full" : ""}`} aria-label={t("Timeline")} ref={box}>
      {!folded && !full && <Sash box={box} />}
      <header class="gantt-head">
        <button class="button button-quiet button-small gantt-fold" aria-expanded={!folded} aria-controls="gantt-body" onClick={() => resize({ folded: !folded, full: false })}>
          <Icon name={folded ? "up" : "down"} size="small" />
          <span class="strong">{t("Timeline")}</span>
        </button>
        <span class="tiny muted clip">{n("{count} route", "{count} routes", rows.value.filter((row) => row.route).length)}</span>
        {!folded && (
          <div class="gantt-tools">
            <button class="button button-quiet button-small button-icon" aria-label={t("Timeline: farther")} title={t("Farther (−)")} onClick={() => closer(1 / 0.6)}>
              <Icon name="minus" size="small" />
            </button>
            <button class="button button-quiet button-small button-icon" aria-label={t("Timeline: closer")} title={t("Closer (+)")} onClick={() => closer(0.6)}>
              <Icon name="plus" size="small" />
            </button>
            <button class="button button-quiet button-small" title={t("Show the whole day (0)")} onClick={fitAll}>
              <Icon name="fit" size="small" />
              <span class="gantt-word">{t("Whole day")}</span>
            </button>
            <button class="button button-quiet button-small button-icon gantt-full" aria-label={full ? t("Timeline: smaller") : t("Timeline: as large as possible")} aria-pressed={full} title={full ? t("Smaller") : t("As large as possible")} onClick={() => resize({ full: !full })}>
              <Icon name={full ? "down" : "up"} size="small" />
            </button>
          </div>
        )}
      </header>
      {!folded && (
        <div id="gantt-body" class="gantt-body">
          {opening.value ? null : rows.value.length ? <Plane mayPlan={mayPlan} /> : <p class="gantt-none muted small">{t("Routes appear here, hour by hour, as soon as the day is planned.")}</p>}
        </div>
      )}
    </section>
  );
}

/** Drag it, or move it with the arrow keys, to share the height between map and timeline. */
function Sash({ box }: { box: { current: HTMLElement | null } }): JSX.Element {
  const share = size.value.share;
  const drag = (event: PointerEvent): void => {
    const sash = event.currentTarget as HTMLElement;
    const stage = box.current?.parentElement;
    if (!stage || event.button !== 0) return;
    sash.setPointerCapture(event.pointerId);
    const move = (next: PointerEvent): void => {
      const whole = stage.getBoundingClientRect();
      resize({ share: (whole.bottom - next.clientY) / whole.height });
    };
    const end = (): void => {
      sash.removeEventListener("pointermove", move);
      sash.removeEventListener("pointerup", end);
      sash.removeEventListener("pointercancel", end);
    };
    sash.addEventListener("pointermove", move);
    sash.addEventListener("pointerup", end);
    sash.addEventListener("pointercancel", end);
  };
  const key = (event: KeyboardEvent): void => {
    const by = { ArrowUp: 0.04, ArrowDown: -0.04, Home: -1, End: 1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    resize({ share: share + by });
  };
  return (
    <div
      class="gantt-sash"
      role="separator"
      aria-orientation="horizontal"
      aria-label={t("Height of the timeline")}
      aria-valuenow={Math.round(share * 100)}
      aria-valuemin={14}
      aria-valuemax={85}
      tabIndex={0}
      onPointerDown={drag}
      onKeyDown={key}
      onDblClick={() => resize({ share: 0.36 })}
    />
  );
}
