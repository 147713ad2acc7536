// The design page: reads the tokens out of the style sheet, so that the page shows what there is and not what was.
import "../styles/design.css";

/** Text on its background, as the components pair them. */
const PAIRS: [string, string][] = [
  ["ink", "bg"], ["ink", "surface"], ["ink-2", "surface"], ["ink-2", "bg"], ["ink-3", "surface"], ["ink-3", "bg"], ["ink-3", "hover"], ["accent", "surface"],
  ["accent", "bg"], ["accent-strong", "accent-soft"], ["on-accent", "accent"], ["ink", "accent-soft"], ["ink-3", "accent-soft"], ["bad-fg", "surface"], ["warn-fg", "surface"], ["go-fg", "surface"],
  ...["neutral", "info", "violet", "go", "warn", "bad"].map((tone): [string, string] => [`${tone}-fg`, `${tone}-bg`]),
  ["bar-ink", "bar"], ["bar-ink-2", "bar"],
];
const AA = 4.5;

function tokens(): Map<string, string> {
  const found = new Map<string, string>();
  for (const sheet of document.styleSheets) {
    for (const rule of sheet.cssRules) {
      if (!(rule instanceof CSSStyleRule) || rule.selectorText !== ":root") continue;
      for (const name of rule.style) if (name.startsWith("--")) found.set(name.slice(2), rule.style.getPropertyValue(name).trim());
    }
  }
  return found;
}

function make(tag: string, look: string, ...inside: (Node | string)[]): HTMLElement {
  const element = document.createElement(tag);
  if (look) element.className = look;
  element.append(...inside);
  return element;
}

function part(title: string, ...inside: Node[]): HTMLElement {
  return make("section", "section", make("h3", "", title), ...inside);
}

/** A colour as the browser sees it here: red, green, blue, alpha. */
function channels(color: string): [number, number, number] {
  const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  if (!pen) return [0, 0, 0];
  pen.fillStyle = color;
  pen.fillRect(0, 0, 1, 1);
  const [red = 0, green = 0, blue = 0] = pen.getImageData(0, 0, 1, 1).data;
  return [red, green, blue];
}

function luminance(color: string): number {
  const [red, green, blue] = channels(color).map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** The contrast of two colours after WCAG 2: 1 to 21. */
function contrast(a: string, b: string): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

function swatch(name: string): HTMLElement {
  const color = make("span", "swatch-color");
  color.style.background = `var(--${name})`;
  const value = make("span", "tiny muted numbers");
  queueMicrotask(() => {
    const [red, green, blue] = channels(getComputedStyle(color).backgroundColor);
    value.textContent = `#${[red, green, blue].map((one) => one.toString(16).padStart(2, "0")).join("")}`;
  });
  return make("div", "swatch", color, make("span", "swatch-words", make("span", "small strong clip", name), value));
}

function pair(ink: string, paper: string): HTMLElement {
  const ratio = make("span", "numbers strong");
  const box = make("div", "pair", make("span", "", `${ink} on ${paper}`), ratio);
  box.style.color = `var(--${ink})`;
  box.style.background = `var(--${paper})`;
  queueMicrotask(() => {
    const look = getComputedStyle(box);
    const value = contrast(look.color, look.backgroundColor);
    ratio.textContent = value.toFixed(1);
    if (value < AA) box.dataset.low = "";
  });
  return box;
}

function show(side: HTMLElement, all: Map<string, string>): void {
  const names = [...all.keys()];
  const isColor = (name: string): boolean => /^(light-dark\(#|#)/.test(all.get(name) ?? "");
  const sized = (start: RegExp): string[] => names.filter((name) => start.test(name));
  const label = (name: string): HTMLElement => make("span", "small", make("span", "strong", name), make("span", "muted", ` ${all.get(name) ?? ""}`));
  const types = sized(/^text-/).map((name) => {
    const sample = make("span", "", "Five stops before 10:30");
    sample.style.fontSize = `var(--${name})`;
    return make("div", "type", label(name), sample);
  });
  const spaces = sized(/^s\d$/).map((name) => {
    const bar = make("i", "");
    bar.style.width = `var(--${name})`;
    return make("div", "space", label(name), bar);
  });
  const tile = (name: string, property: "borderRadius" | "boxShadow"): HTMLElement => {
    const sample = make("div", "tile-sample", name);
    sample.style[property] = `var(--${name})`;
    return sample;
  };
  side.replaceChildren(
    make("h3", "", side.dataset.side === "dark" ? "Dark" : "Light"),
    part("Colour", make("div", "swatches", ...names.filter(isColor).map(swatch))),
    part("Contrast", make("div", "pairs", ...PAIRS.map(([ink, paper]) => pair(ink, paper)))),
    part("Type", make("div", "types", ...types)),
    part("Space", make("div", "bars-of-space", ...spaces)),
    part("Radius", make("div", "tiles", ...sized(/^(r\d|round)$/).map((name) => tile(name, "borderRadius")))),
    part("Elevation", make("div", "tiles", ...sized(/^shadow-/).map((name) => tile(name, "boxShadow")))),
  );
}

const all = tokens();
for (const side of document.querySelectorAll<HTMLElement>("[data-tokens]")) show(side, all);
