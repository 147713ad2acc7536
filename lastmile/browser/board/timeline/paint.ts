// Draws the visible lanes on a canvas. Knows colours and pixels, not rows or signals.
import { inkOn } from "../../map/images";
import type { Lane, Mark } from "./blocks";
import { ticks, type View, xOf } from "./view";
import { t } from "../../ui/words";

export interface Palette {
  surface: string;
  stripe: string;
  line: string;
  fine: string;
  ink: string;
  ink2: string;
  ink3: string;
  bad: string;
  warn: string;
  rest: string;
  accent: string;
  accentSoft: string;
  now: string;
  font: string;
}

export interface Painted {
  view: View;
  height: number;
  /** Pixels for each device-independent pixel. */
  ratio: number;
  axis: number;
  lane: number;
  scroll: number;
  timeZone: string;
  time(at: number): string;
  now: number;
  rows: readonly { color: string; lane: Lane | null; free: [number, number] | null; selected: boolean; dim: boolean; stale: boolean }[];
  picked: ReadonlySet<string>;
  hovered: string | null;
  /** The keyboard's place: a row and maybe a stop of it. */
  cursor: { row: number; stop: string | null } | null;
  rectangle: { x0: number; y0: number; x1: number; y1: number } | null;
}

/** Half a pixel off, so that a line of one pixel is sharp. */
function crisp(x: number, ratio: number): number {
  return (Math.round(x * ratio) + 0.5) / ratio;
}

export function paint(pen: CanvasRenderingContext2D, colors: Palette, scene: Painted): void {
  const { view, height, ratio, axis, lane, scroll } = scene;
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, view.width, height);
  pen.fillStyle = colors.surface;
  pen.fillRect(0, 0, view.width, height);
  const first = Math.max(0, Math.floor(scroll / lane));
  const last = Math.min(scene.rows.length - 1, Math.floor((scroll + height - axis) / lane));
  const top = (row: number): number => axis + row * lane - scroll;

  pen.save();
  pen.beginPath();
  pen.rect(0, axis, view.width, height - axis);
  pen.clip();
  for (let row = first; row <= last; row++) {
    const one = scene.rows[row]!;
    if (one.selected) {
      pen.fillStyle = colors.accentSoft;
      pen.fillRect(0, top(row), view.width, lane);
    } else if (row % 2) {
      pen.fillStyle = colors.stripe;
      pen.fillRect(0, top(row), view.width, lane);
    }
  }
  const lines = ticks(view, scene.timeZone);
  pen.lineWidth = 1 / ratio;
  for (const tick of lines) {
    const x = crisp(xOf(view, tick.at), ratio);
    pen.strokeStyle = tick.major ? colors.line : colors.fine;
    pen.beginPath();
    pen.moveTo(x, axis);
    pen.lineTo(x, height);
    pen.stroke();
  }
  for (let row = first; row <= last; row++) drawRow(pen, colors, scene, row, top(row));
  if (scene.rectangle) drawRectangle(pen, colors, scene);
  pen.restore();

  drawAxis(pen, colors, scene, lines);
  drawNow(pen, colors, scene);
}

function drawRow(pen: CanvasRenderingContext2D, colors: Palette, scene: Painted, row: number, y: number): void {
  const { view, lane: size, ratio } = scene;
  const { color, lane, free, dim, stale } = scene.rows[row]!;
  const middle = y + size / 2;
  const bar = Math.round(size * 0.5);
  pen.globalAlpha = dim ? 0.38 : stale ? 0.62 : 1;
  if (free) {
    const [left, right] = [xOf(view, free[0]), xOf(view, free[1])];
    pen.strokeStyle = colors.ink3;
    pen.setLineDash([4, 4]);
    pen.lineWidth = 1;
    pen.beginPath();
    pen.moveTo(left, crisp(middle, ratio));
    pen.lineTo(right, crisp(middle, ratio));
    pen.stroke();
    pen.setLineDash([]);
  }
  if (lane) {
    for (const mark of lane.marks) if (mark.window) drawWindow(pen, colors, scene, mark, middle, bar);
    for (const block of lane.blocks) {
      const left = xOf(view, block.from);
      const right = xOf(view, block.to);
      if (right < -4 || left > view.width + 4) continue;
      if (block.kind === "travel") {
        pen.fillStyle = color;
        pen.fillRect(left, middle - 1.5, Math.max(1, right - left), 3);
      } else if (block.kind === "wait") {
        hatch(pen, colors.ink3, left, middle - bar * 0.28, right - left, bar * 0.56);
      } else if (block.kind === "rest") {
        pen.fillStyle = colors.rest;
        pen.beginPath();
        pen.roundRect(left, middle - bar / 2, Math.max(2, right - left), bar, 3);
        pen.fill();
        if (right - left > 36) words(pen, t("Break"), colors.ink2, (left + right) / 2, middle, `560 ${Math.round(size * 0.3)}px ${colors.font}`);
      }
    }
    for (const mark of lane.marks) drawMark(pen, colors, scene, mark, color, middle, bar);
    for (const at of [lane.from, lane.to]) if (at !== null) drawDepot(pen, colors, xOf(view, at), middle, bar);
  }
  pen.globalAlpha = 1;
  if (scene.cursor?.row === row && scene.cursor.stop === null) {
    pen.strokeStyle = colors.now;
    pen.lineWidth = 2;
    pen.strokeRect(1, y + 1, view.width - 2, size - 2);
  }
}

/** The depot is left and come back to: a small post on both ends. */
function drawDepot(pen: CanvasRenderingContext2D, colors: Palette, x: number, middle: number, bar: number): void {
  pen.fillStyle = colors.ink2;
  pen.beginPath();
  pen.roundRect(x - 2, middle - bar / 2, 4, bar, 1.5);
  pen.fill();
}

function drawWindow(pen: CanvasRenderingContext2D, colors: Palette, scene: Painted, mark: Mark, middle: number, bar: number): void {
  const strong = scene.picked.has(mark.stop) || scene.hovered === mark.stop;
  const [from, to] = mark.window!;
  const left = xOf(scene.view, from);
  const right = xOf(scene.view, to);
  if (right < 0 || left > scene.view.width) return;
  const y = crisp(middle + bar / 2 + 2.5, scene.ratio);
  pen.strokeStyle = mark.late ? colors.bad : strong ? colors.ink2 : colors.line;
  pen.globalAlpha *= strong ? 1 : 0.75;
  pen.lineWidth = strong ? 1.5 : 1;
  pen.beginPath();
  pen.moveTo(left, y - 3);
  pen.lineTo(left, y);
  pen.lineTo(right, y);
  pen.lineTo(right, y - 3);
  pen.stroke();
  pen.globalAlpha /= strong ? 1 : 0.75;
}

function drawMark(pen: CanvasRenderingContext2D, colors: Palette, scene: Painted, mark: Mark, color: string, middle: number, bar: number): void {
  const { view } = scene;
  const left = xOf(view, mark.start);
  const width = Math.max(3, xOf(view, mark.end) - left);
  if (left + width < -8 || left > view.width + 8) return;
  const over = mark.look === "done";
  const fill = mark.look === "failed" || mark.late ? colors.bad : mark.look === "skipped" ? colors.warn : color;
  const y = middle - bar / 2;
  pen.beginPath();
  pen.roundRect(left, y, width, bar, Math.min(3, width / 2));
  if (over) {
    pen.fillStyle = colors.surface;
    pen.fill();
    const solid = pen.globalAlpha;
    pen.globalAlpha = solid * 0.42;
    pen.fillStyle = fill;
    pen.fill();
    pen.globalAlpha = solid;
  } else {
    pen.fillStyle = fill;
    pen.fill();
  }
  if (mark.look === "next") {
    pen.strokeStyle = colors.ink;
    pen.lineWidth = 1.5;
    pen.stroke();
  }
  if (width >= 15) {
    const text = over ? "✓" : mark.look === "failed" ? "✕" : mark.number;
    words(pen, text, over ? colors.ink : inkOf(fill), left + width / 2, middle, `700 ${Math.round(bar * 0.58)}px ${colors.font}`);
  }
  const selected = scene.picked.has(mark.stop);
  const here = scene.cursor?.stop === mark.stop;
  const faded = pen.globalAlpha;
  pen.globalAlpha = 1;
  if (mark.late && !over) {
    // A colour alone is not enough, and some routes are red themselves: a late stop carries a point as well.
    pen.fillStyle = colors.bad;
    pen.beginPath();
    pen.moveTo(left + width / 2, y - 1);
    pen.lineTo(left + width / 2 - 4, y - 6);
    pen.lineTo(left + width / 2 + 4, y - 6);
    pen.fill();
  }
  if (selected || here || scene.hovered === mark.stop) {
    pen.strokeStyle = here ? colors.now : selected ? colors.accent : colors.ink2;
    pen.lineWidth = selected || here ? 2.5 : 1.5;
    pen.beginPath();
    pen.roundRect(left - 3, y - 3, width + 6, bar + 6, 5);
    pen.stroke();
  }
  pen.globalAlpha = faded;
}

/** Resolved colours come as rgb(…); the routes' own as #rrggbb. */
function inkOf(color: string): string {
  const parts = /^rgba?\((\d+), (\d+), (\d+)/.exec(color);
  if (!parts) return inkOn(color);
  return inkOn(`#${parts.slice(1).map((part) => Number(part).toString(16).padStart(2, "0")).join("")}`);
}

function hatch(pen: CanvasRenderingContext2D, color: string, x: number, y: number, width: number, height: number): void {
  if (width < 1) return;
  pen.save();
  pen.beginPath();
  pen.rect(x, y, width, height);
  pen.clip();
  pen.strokeStyle = color;
  pen.lineWidth = 1;
  pen.beginPath();
  // Only what is seen: a wait may begin far outside the picture.
  const from = Math.max(x - height, -height - 6);
  for (let at = from - (from % 5); at < Math.min(x + width, 20_000); at += 5) {
    pen.moveTo(at, y + height);
    pen.lineTo(at + height, y);
  }
  pen.stroke();
  pen.restore();
}

function words(pen: CanvasRenderingContext2D, text: string, color: string, x: number, y: number, font: string): void {
  pen.font = font;
  pen.fillStyle = color;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillText(text, x, y + 0.5);
}

function drawAxis(pen: CanvasRenderingContext2D, colors: Palette, scene: Painted, lines: ReturnType<typeof ticks>): void {
  const { view, axis, ratio } = scene;
  pen.fillStyle = colors.surface;
  pen.fillRect(0, 0, view.width, axis);
  pen.strokeStyle = colors.line;
  pen.lineWidth = 1 / ratio;
  pen.beginPath();
  pen.moveTo(0, crisp(axis - 1, ratio));
  pen.lineTo(view.width, crisp(axis - 1, ratio));
  for (const tick of lines) {
    const x = crisp(xOf(view, tick.at), ratio);
    pen.moveTo(x, axis - (tick.major ? 6 : 3));
    pen.lineTo(x, axis - 1);
  }
  pen.stroke();
  for (const tick of lines) {
    if (!tick.major) continue;
    const x = xOf(view, tick.at);
    // The label of the hour makes room for the one of now.
    if (Math.abs(x - xOf(view, scene.now)) < axis * 2) continue;
    if (x > 18 && x < view.width - 18) words(pen, scene.time(tick.at), colors.ink3, x, axis / 2 - 1, `500 ${Math.round(axis * 0.46)}px ${colors.font}`);
  }
}

function drawNow(pen: CanvasRenderingContext2D, colors: Palette, scene: Painted): void {
  const x = xOf(scene.view, scene.now);
  if (x < 0 || x > scene.view.width) return;
  pen.fillStyle = colors.now;
  pen.fillRect(Math.round(x) - 1, scene.axis - 2, 2, scene.height);
  const text = scene.time(scene.now);
  pen.font = `650 ${Math.round(scene.axis * 0.46)}px ${colors.font}`;
  const width = pen.measureText(text).width + 10;
  const left = Math.min(Math.max(0, x - width / 2), scene.view.width - width);
  pen.beginPath();
  pen.roundRect(left, 3, width, scene.axis - 7, 4);
  pen.fill();
  words(pen, text, inkOf(colors.now), left + width / 2, scene.axis / 2 - 0.5, pen.font);
}

function drawRectangle(pen: CanvasRenderingContext2D, colors: Palette, scene: Painted): void {
  const { x0, y0, x1, y1 } = scene.rectangle!;
  const box = [Math.min(x0, x1), Math.min(y0, y1), Math.abs(x1 - x0), Math.abs(y1 - y0)] as const;
  pen.fillStyle = colors.accent;
  pen.globalAlpha = 0.14;
  pen.fillRect(...box);
  pen.globalAlpha = 1;
  pen.strokeStyle = colors.accent;
  pen.lineWidth = 1;
  pen.strokeRect(...box);
}
