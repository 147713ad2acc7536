// One stop as a line of a list: number, address, recipient, when, and how it stands.
import { memo } from "../memo";
import type { JSX } from "preact";
import { duration } from "../format";
import { lookOf } from "../picture";
import { inkOn } from "../../map/images";
import type { StopRow } from "../rows";
import { picked } from "../selection";
import { hoveredStop, moving, pressStop, selectedStop } from "../state";
import { format, isDone, isLate, isMovable } from "../store";
import { outcomeWord, stateWord } from "../words";
import { onTheirWay } from "../edits";
import { startDrag } from "../grabbing";
import { Icon, Priority } from "./Bits";
import { LockMark } from "./Lock";
import { n, t } from "../../ui/words";

export function title(stop: StopRow): string {
  return stop.orders[0]?.recipient ?? t("Stop");
}

/** For whom it is, and how many more orders are handed over there. */
export function recipients(stop: StopRow): string {
  const more = stop.orders.length - 1;
  return more > 0 ? n("{recipient} and {count} more order", "{recipient} and {count} more orders", more, { recipient: title(stop) }) : title(stop);
}

/** Street before town: the first part of the address is what tells stops apart. */
export function street(line: string): [string, string] {
  const comma = line.indexOf(",");
  return comma < 0 ? [line, ""] : [line.slice(0, comma), line.slice(comma + 1).trim()];
}

/** When the stop is or was reached, and how that stands against its window. */
export function When({ stop }: { stop: StopRow }): JSX.Element {
  const at = stop.arrived_at ?? stop.eta_at ?? stop.planned_arrival_at;
  const late = isLate(stop);
  return (
    <span class="stop-when numbers">
      <span class={late ? "is-late" : isDone(stop) ? "muted" : "strong"}>
        {stop.arrived_at ? "" : stop.eta_at && stop.eta_at !== stop.planned_arrival_at ? "~" : ""}
        {format.value.time(at)}
      </span>
      <span class={late ? "tiny is-late" : "tiny muted"}>{late ? t("{time} late", { time: duration(stop.late_s) }) : stop.window ? format.value.span(stop.window) : ""}</span>
    </span>
  );
}

/** Drag it, or press it to choose the place in the dialog. */
export function Grip({ stop, label }: { stop: StopRow; label: string }): JSX.Element {
  return (
    <button
      class="grip"
      title={t("Drag, or press to choose a place")}
      aria-label={label}
      onPointerDown={(event) => startDrag(event, stop)}
      onClick={() => (moving.value = { stop: stop.id, target: null })}
    >
      <Icon name="grip" size="small" />
    </button>
  );
}

/** A mouse drags the row itself; a finger on it scrolls the list, and drags by the grip. */
export function byMouse(event: PointerEvent, stop: StopRow): boolean {
  return event.pointerType === "mouse" && startDrag(event, stop);
}

interface Line {
  stop: StopRow;
  color: string;
  mayPlan: boolean;
}

function StopLineInner({ stop, color, mayPlan }: Line): JSX.Element {
  const look = lookOf(stop);
  const [first, rest] = street(stop.place.line);
  const selected = selectedStop.value === stop.id || picked.value.has(stop.id);
  const movable = mayPlan && isMovable(stop);
  return (
    <li
      class={`stop-line look-${look}${selected ? " is-selected" : ""}${onTheirWay.value.has(stop.id) ? " is-on-its-way" : ""}`}
      data-stop={stop.id}
      data-drop-position={(stop.sequence ?? 1) - 1}
      onPointerEnter={() => (hoveredStop.value = stop.id)}
      onPointerLeave={() => (hoveredStop.value = null)}
    >
      {movable ? <Grip stop={stop} label={t("Move {stop}", { stop: first })} /> : <span class="grip-space" />}
      <button class="stop-open" onPointerDown={(event) => movable && byMouse(event, stop)} onClick={(event) => pressStop(stop.id, event)} aria-pressed={selected}>
        <span class="stop-number numbers" style={look === "todo" || look === "next" ? { background: color, color: inkOn(color) } : { color, borderColor: color }}>
          {look === "done" ? "✓" : look === "failed" ? "✕" : (stop.sequence ?? "?")}
        </span>
        <span class="stop-words">
          <span class="row gap-2">
            <span class="stop-street clip">{first}</span>
            {look !== "done" && <Priority level={stop.priority} />}
            {isMovable(stop) && <LockMark stop={stop} />}
          </span>
          <span class="tiny muted clip">
            {recipients(stop)}
            {rest ? `, ${rest}` : ""}
          </span>
          {(stop.status === "next" || stop.status === "arrived" || stop.status === "skipped" || look === "failed") && (
            <span class="row gap-1">
              {look === "failed" && <span class="chip chip-bad">{outcomeWord(stop.outcome ?? "failed_other")}</span>}
              {(stop.status === "next" || stop.status === "arrived" || stop.status === "skipped") && (
                <span class="status" data-state={stop.status}>{stateWord(stop.status)}</span>
              )}
            </span>
          )}
        </span>
        <When stop={stop} />
      </button>
    </li>
  );
}

export const StopLine = memo(StopLineInner);
