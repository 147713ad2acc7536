// The stretch of time that the timeline shows, and how it zooms, pans and is divided. Pure arithmetic.

/** From and to in ms since 1970, drawn over `width` pixels. */
export interface View {
  from: number;
  to: number;
  width: number;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const SHORTEST = 10 * MINUTE;
const LONGEST = 48 * HOUR;
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 180, 240, 360, 720].map((minutes) => minutes * MINUTE);
const LABEL_PX = 62;

export function xOf(view: View, at: number): number {
  return ((at - view.from) / (view.to - view.from)) * view.width;
}

export function timeAt(view: View, x: number): number {
  return view.from + (x / view.width) * (view.to - view.from);
}

/** Closer (factor < 1) or farther, with the instant at `x` staying where it is. */
export function zoom(view: View, factor: number, x: number): View {
  const span = Math.min(LONGEST, Math.max(SHORTEST, (view.to - view.from) * factor));
  const share = view.width > 0 ? x / view.width : 0.5;
  const held = timeAt(view, x);
  return { ...view, from: held - share * span, to: held + (1 - share) * span };
}

export function pan(view: View, pixels: number): View {
  const by = (pixels / view.width) * (view.to - view.from);
  return { ...view, from: view.from + by, to: view.to + by };
}

/** The whole of what is planned, with a little air on both sides. */
export function fit(view: View, from: number, to: number): View {
  const span = Math.max(SHORTEST, to - from);
  const air = span * 0.02;
  return { ...view, from: from - air, to: from + span + air };
}

/** Move as little as needed so that the stretch is on the screen, with some room beside it. */
export function reveal(view: View, from: number, to: number): View {
  const room = (view.to - view.from) * 0.06;
  if (from >= view.from + room / 2 && to <= view.to - room / 2) return view;
  const by = from < view.from + room / 2 ? from - room - view.from : Math.min(to + room - view.to, from - room - view.from);
  return { ...view, from: view.from + by, to: view.to + by };
}

const clocks = new Map<string, Intl.DateTimeFormat>();

/** How far the time zone's clock is ahead of UTC at that instant, ms. */
export function offsetOf(timeZone: string, instant: number): number {
  const clock = clocks.get(timeZone) ?? new Intl.DateTimeFormat("en-US", {
    timeZone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric",
  });
  clocks.set(timeZone, clock);
  const parts = clock.formatToParts(instant);
  const value = (type: string): number => Number(parts.find((part) => part.type === type)?.value ?? 0);
  const wall = Date.UTC(value("year"), value("month") - 1, value("day"), value("hour"), value("minute"), value("second"));
  return wall - Math.floor(instant / 1000) * 1000;
}

export interface Tick {
  at: number;
  /** Carries a label; the others are finer lines between. */
  major: boolean;
}

/** Lines on round times of the organization's own clock, as many as have room. */
export function ticks(view: View, timeZone: string): Tick[] {
  const perPixel = (view.to - view.from) / Math.max(1, view.width);
  const major = STEPS.find((step) => step / perPixel >= LABEL_PX) ?? 24 * HOUR;
  const minor = [...STEPS].reverse().find((step) => step < major && major % step === 0 && step / perPixel >= 14) ?? major;
  const offset = offsetOf(timeZone, view.from);
  const found: Tick[] = [];
  for (let wall = Math.ceil((view.from + offset) / minor) * minor; wall - offset <= view.to; wall += minor) {
    found.push({ at: wall - offset, major: wall % major === 0 });
  }
  return found;
}
