// Grouped bars by uPlot, in the colours of the theme.
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { number } from "../board/format";
import { t } from "../ui/words";

export interface Series { label: string; tone: string; values: (number | null)[] }
export interface Options { unit: string; most?: number }

const drawn = new WeakMap<HTMLElement, uPlot>();

/** The colour a token has now; tokens are light-dark() pairs that only a real element resolves. */
function colour(token: string): string {
  const probe = document.createElement("span");
  probe.style.color = `var(${token})`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

/** Draw (or draw again) bars of each series side by side over the names. */
export function barChart(box: HTMLElement, names: string[], series: Series[], options: Options): void {
  drawn.get(box)?.destroy();
  if (!names.length) {
    box.textContent = t("Appears when the first route is completed.");
    box.classList.add("muted");
    return;
  }
  const ink = colour("--ink-3"), line = colour("--line");
  const share = Math.min(0.8 / series.length, 0.36);
  const bars = (index: number): uPlot.Series.PathBuilder => (plot, seriesAt) => {
    // Each series is moved aside by its own share of the slot, so that groups stand next to each other.
    const shift = (index - (series.length - 1) / 2) * share;
    const path = new Path2D();
    const xs = plot.data[0], ys = plot.data[seriesAt];
    const zero = plot.valToPos(0, "y", true), slot = Math.abs(plot.valToPos(1, "x", true) - plot.valToPos(0, "x", true));
    const width = Math.min(slot * share * 0.86, 64 * devicePixelRatio);
    for (let at = 0; at < xs.length; at++) {
      const y = ys?.[at];
      if (y === null || y === undefined) continue;
      const middle = plot.valToPos((xs[at] ?? 0) + shift, "x", true), top = plot.valToPos(y, "y", true);
      path.roundRect(middle - width / 2, top, width, Math.max(1, zero - top), [4 * devicePixelRatio, 4 * devicePixelRatio, 0, 0]);
    }
    return { fill: path, stroke: path };
  };
  const most = options.most ?? Math.max(1e-9, ...series.flatMap((one) => one.values.map((value) => value ?? 0))) * 1.12;
  const write = (value: number | null) => (value === null || value === undefined ? "–" : `${number(value, most > 20 ? 1 : 2, most > 20 ? 1 : 2)} ${options.unit}`);
  const plot = new uPlot({
    width: box.clientWidth, height: 240, padding: [12, 8, 0, 0], cursor: { points: { show: false }, y: false },
    scales: { x: { time: false, range: [-0.6, names.length - 0.4] }, y: { range: [0, most] } },
    axes: [
      { stroke: ink, grid: { show: false }, ticks: { show: false }, splits: () => names.map((_, at) => at), gap: 6,
        values: (_, splits) => splits.map((at) => shortened(names[at] ?? "", names.length, box.clientWidth)) },
      { stroke: ink, grid: { stroke: line, width: 1 }, ticks: { show: false }, size: 54,
        values: (_, splits) => splits.map((at) => `${number(at, 2)} ${options.unit}`) },
    ],
    series: [
      { label: "", value: (_, at) => (at === null || at === undefined ? "" : names[Math.round(at)] ?? "") },
      ...series.map((one, index): uPlot.Series => ({
        label: one.label, fill: colour(one.tone), width: 0, paths: bars(index), points: { show: false }, value: (_, value) => write(value),
      })),
    ],
  }, [names.map((_, at) => at), ...series.map((one) => one.values)] as uPlot.AlignedData, box);
  drawn.set(box, plot);
}

/** As much of a name as its slot has room for. */
function shortened(name: string, slots: number, width: number): string {
  const room = Math.max(2, Math.floor((width - 60) / slots / 7));
  return name.length <= room ? name : `${name.slice(0, room - 1)}…`;
}
