// The scrolling part of the timeline: names on the left, lanes on a canvas, and what lies over them.
import { effect, untracked } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { onTheme, token } from "../../ui/theme";
import { silenceOf } from "../ages";
import { dragged } from "../drag";
import { startDrag } from "../grabbing";
import { anchor, picked, pickAll, selectedRoute } from "../selection";
import { clearSelection, hoveredStop, pressStop } from "../state";
import { format, organization, serverNow, stops } from "../store";
import { Cells } from "./Cells";
import { cursor, press, stopAt, wake } from "./cursor";
import { Drops } from "./Drops";
import { markAt, marksIn } from "./hit";
import { Leads } from "./Leads";
import { type Palette, paint } from "./paint";
import { laneFor, look, type Row, rows, touched, view, bringIn } from "./state";
import { Tip } from "./Tip";
import { pan, zoom } from "./view";
import { t } from "../../ui/words";

const DRAG_PX = 4;

export interface Metrics {
  axis: number;
  lane: number;
}

/** Heights in pixels; they grow with the size of the text. */
function measure(): Metrics {
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
  return { axis: Math.round(1.625 * rem), lane: Math.round(2.125 * rem) };
}

function palette(): Palette {
  return {
    surface: token("surface"), stripe: token("bg"), line: token("line-strong"), fine: token("line"), ink: token("ink"), ink2: token("ink-2"),
    ink3: token("ink-3"), bad: token("bad"), warn: token("warn"), rest: token("neutral-bg"), accent: token("accent"), accentSoft: token("accent-soft"),
    now: token("focus"), font: getComputedStyle(document.body).fontFamily,
  };
}

export interface Tipped {
  stop: string;
  x: number;
  y: number;
}

export function Plane({ mayPlan }: { mayPlan: boolean }): JSX.Element {
  const scroller = useRef<HTMLDivElement>(null);
  const plane = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const repaint = useRef<() => void>(() => undefined);
  const rectangle = useRef<{ x0: number; y0: number; x1: number; y1: number } | null>(null);
  const [metrics, setMetrics] = useState<Metrics>(measure);
  const [box, setBox] = useState({ scroll: 0, height: 0 });
  const [tip, setTip] = useState<Tipped | null>(null);
  const [focused, setFocused] = useState(false);
  const all = rows.value;

  useEffect(() => {
    const element = scroller.current;
    const sheet = canvas.current;
    const area = plane.current;
    const pen = sheet?.getContext("2d");
    if (!element || !sheet || !area || !pen) return;
    let colors = palette();
    let frame = 0;
    const draw = (): void => {
      frame = 0;
      const start = performance.now();
      const ratio = devicePixelRatio || 1;
      const { width } = view.peek();
      const height = element.clientHeight;
      if (sheet.width !== Math.round(width * ratio) || sheet.height !== Math.round(height * ratio)) {
        sheet.width = Math.round(width * ratio);
        sheet.height = Math.round(height * ratio);
        sheet.style.width = `${width}px`;
        sheet.style.height = `${height}px`;
      }
      const words = format.peek();
      const at = cursor.peek();
      const chosen = selectedRoute.peek();
      paint(pen, colors, {
        view: view.peek(), height, ratio, ...metrics, scroll: element.scrollTop, timeZone: organization.peek()?.timezone ?? "UTC",
        time: (instant) => words.time(new Date(instant).toISOString()), now: serverNow(), rows: seen(element.scrollTop, height, metrics, chosen),
        picked: picked.peek(), hovered: hoveredStop.peek(), rectangle: rectangle.current,
        cursor: document.activeElement === area && at ? { row: at.row, stop: stopAt(at) } : null,
      });
      // For whoever watches what a picture costs; only the newest is kept.
      performance.clearMeasures("timeline");
      performance.measure("timeline", { start, end: performance.now() });
    };
    const ask = (): void => {
      frame ||= requestAnimationFrame(draw);
    };
    repaint.current = ask;
    const stop = effect(() => {
      void [rows.value, view.value, picked.value, hoveredStop.value, selectedRoute.value, cursor.value, serverNow(), format.value];
      ask();
    });
    const follow = effect(() => {
      // Only a new selection moves the picture; rows that change meanwhile do not pull it back.
      void anchor.value;
      const at = touched.peek();
      if (!at) return;
      untracked(() => bringIn(at.from, at.to));
      const top = at.row * metrics.lane;
      const room = element.clientHeight - metrics.axis;
      if (top < element.scrollTop) element.scrollTop = top;
      else if (top + metrics.lane > element.scrollTop + room) element.scrollTop = top + metrics.lane - room;
    });
    const themed = onTheme(() => {
      colors = palette();
      ask();
    });
    const watch = new ResizeObserver(() => {
      setMetrics((before) => {
        const next = measure();
        return next.lane === before.lane && next.axis === before.axis ? before : next;
      });
      setBox({ scroll: element.scrollTop, height: element.clientHeight });
      const { width } = area.getBoundingClientRect();
      if (width !== view.peek().width) view.value = { ...view.peek(), width };
      ask();
    });
    watch.observe(element);
    watch.observe(area);
    const wheel = (event: WheelEvent): void => {
      const x = event.clientX - area.getBoundingClientRect().left;
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault();
        look(zoom(view.peek(), Math.exp(Math.sign(event.deltaY) * Math.min(0.35, Math.abs(event.deltaY) / 240)), Math.max(0, x)));
      } else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        event.preventDefault();
        look(pan(view.peek(), event.deltaX || event.deltaY));
      }
    };
    element.addEventListener("wheel", wheel, { passive: false });
    const scrolled = (): void => {
      setBox({ scroll: element.scrollTop, height: element.clientHeight });
      ask();
    };
    element.addEventListener("scroll", scrolled, { passive: true });
    return () => {
      stop();
      follow();
      themed();
      watch.disconnect();
      cancelAnimationFrame(frame);
      element.removeEventListener("wheel", wheel);
      element.removeEventListener("scroll", scrolled);
    };
  }, [metrics]);

  const spot = (event: MouseEvent): { x: number; y: number; row: number } => {
    const whole = (plane.current as HTMLElement).getBoundingClientRect();
    const y = event.clientY - whole.top;
    const row = y < metrics.axis ? -1 : Math.floor((y - metrics.axis + (scroller.current?.scrollTop ?? 0)) / metrics.lane);
    return { x: event.clientX - whole.left, y, row };
  };
  const under = (event: MouseEvent): string | null => {
    const { x, row } = spot(event);
    const one = rows.peek()[row];
    const lane = one && laneFor(one);
    return (lane && markAt(lane, view.peek(), x)?.stop) ?? null;
  };
  const onMove = (event: PointerEvent): void => {
    if (dragged.peek() || event.buttons) return setTip(null);
    const id = under(event);
    hoveredStop.value = id;
    (event.currentTarget as HTMLElement).style.cursor = id ? "pointer" : "";
    setTip(id ? { stop: id, x: event.clientX, y: event.clientY } : null);
  };
  const onDown = (event: PointerEvent): void => {
    setTip(null);
    const id = under(event);
    const stop = id ? stops.get(id) : undefined;
    if (event.button !== 0) return;
    if (stop && !event.shiftKey) {
      if (mayPlan) startDrag(event, stop);
      return;
    }
    followPointer(event, event.shiftKey);
  };
  /** Drag the hours along, or (with Shift) a rectangle over stops. */
  const followPointer = (down: PointerEvent, selects: boolean): void => {
    const area = plane.current as HTMLElement;
    const from = spot(down);
    const scrollFrom = scroller.current?.scrollTop ?? 0;
    let x = from.x;
    let began = false;
    const move = (event: PointerEvent): void => {
      const here = spot(event);
      if (!began && Math.hypot(here.x - from.x, here.y - from.y) < DRAG_PX) return;
      began = true;
      if (selects) {
        rectangle.current = { x0: from.x, y0: Math.max(metrics.axis, from.y), x1: here.x, y1: Math.max(metrics.axis, here.y) };
        repaint.current();
      } else {
        area.style.cursor = "grabbing";
        look(pan(view.peek(), x - here.x));
        x = here.x;
      }
    };
    const end = (event: PointerEvent): void => {
      window.removeEventListener("pointermove", move);
      window.removeEventListener("pointerup", end);
      window.removeEventListener("pointercancel", end);
      area.style.cursor = "";
      if (!began) return;
      swallowClick();
      if (!selects) return;
      rectangle.current = null;
      const row = (y: number): number => Math.floor((Math.max(metrics.axis, y) - metrics.axis + scrollFrom) / metrics.lane);
      const here = spot(event);
      const shown = rows.peek().map(laneFor);
      pickAll(marksIn(shown, view.peek(), from.x, here.x, Math.min(row(from.y), row(here.y)), Math.max(row(from.y), row(here.y))), event.ctrlKey || event.metaKey);
      repaint.current();
    };
    window.addEventListener("pointermove", move);
    window.addEventListener("pointerup", end);
    window.addEventListener("pointercancel", end);
  };
  const onClick = (event: MouseEvent): void => {
    const id = under(event);
    if (!id) return event.shiftKey || event.ctrlKey ? undefined : clearSelection();
    const { row } = spot(event);
    const one = rows.peek()[row];
    cursor.value = { row, index: (one && laneFor(one)?.marks.findIndex((mark) => mark.stop === id)) ?? -1 };
    pressStop(id, event);
  };
  const onKey = (event: KeyboardEvent): void => {
    const page = Math.max(1, Math.floor((box.height - metrics.axis) / metrics.lane) - 1);
    if (!press(event, page)) return;
    event.preventDefault();
    event.stopPropagation();
    const at = cursor.peek();
    const element = scroller.current;
    if (!at || !element) return;
    const top = at.row * metrics.lane;
    const room = element.clientHeight - metrics.axis;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + metrics.lane > element.scrollTop + room) element.scrollTop = top + metrics.lane - room;
  };

  const at = focused ? cursor.value : null;
  const first = Math.max(0, Math.floor(box.scroll / metrics.lane) - 2);
  const last = Math.min(all.length - 1, Math.ceil((box.scroll + box.height - metrics.axis) / metrics.lane) + 2);
  return (
    <div class="gantt-scroll" ref={scroller} style={{ "--gantt-axis": `${metrics.axis}px`, "--gantt-lane": `${metrics.lane}px` }}>
      <div class="gantt-sheet" style={{ height: `${metrics.axis + all.length * metrics.lane}px` }}>
        <div class="gantt-corner" aria-hidden="true">
          {t("Driver, vehicle, load")}
        </div>
        <div
          class="gantt-plane"
          ref={plane}
          role="grid"
          tabIndex={0}
          aria-label={t("Routes over the day. Arrow keys walk over lanes and stops, Enter opens, Space selects, plus and minus zoom.")}
          aria-rowcount={all.length}
          aria-multiselectable={true}
          aria-activedescendant={at ? `gantt-at-${at.row}-${at.index}` : undefined}
          onFocus={() => {
            wake(anchor.peek());
            setFocused(true);
          }}
          onBlur={() => {
            setFocused(false);
            repaint.current();
          }}
          onKeyDown={onKey}
          onPointerMove={onMove}
          onPointerLeave={() => {
            hoveredStop.value = null;
            setTip(null);
          }}
          onPointerDown={onDown}
          onClick={onClick}
        >
          <canvas ref={canvas} aria-hidden="true" />
          <Cells row={at?.row ?? first} at={at} metrics={metrics} scroll={box.scroll} />
        </div>
        <Leads first={first} last={last} />
        {dragged.value && <Drops first={first} last={last} metrics={metrics} />}
      </div>
      {tip && <Tip tip={tip} />}
    </div>
  );
}

/** The rows as the canvas needs them; those that are not seen are left empty. */
function seen(scroll: number, height: number, metrics: Metrics, chosen: string | null) {
  const first = Math.floor(scroll / metrics.lane) - 1;
  const last = Math.ceil((scroll + height) / metrics.lane);
  return rows.peek().map((row: Row, index) => {
    if (index < first || index > last) return EMPTY;
    if (!row.route) {
      const free: [number, number] = [Date.parse(row.shift.starts_at), Date.parse(row.shift.ends_at)];
      return { color: "#7c8a83", lane: null, free, selected: false, dim: false, stale: false };
    }
    const stale = row.route.status === "started" && silenceOf(row.route.driver.id) !== "";
    return { color: row.route.color, lane: laneFor(row), free: null, selected: row.id === chosen, dim: false, stale };
  });
}
const EMPTY = { color: "#7c8a83", lane: null, free: null, selected: false, dim: false, stale: false };

/** The click that ends a drag selects nothing. */
function swallowClick(): void {
  const swallow = (event: MouseEvent): void => {
    event.stopPropagation();
    event.preventDefault();
  };
  window.addEventListener("click", swallow, { capture: true, once: true });
  setTimeout(() => window.removeEventListener("click", swallow, { capture: true }), 0);
}
