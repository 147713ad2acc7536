// Small pieces that many parts share.
import type { ComponentChildren, JSX } from "preact";
import type { Load, Capacity } from "../rows";
import { weight } from "../format";
import { stateWord } from "../words";

export function Icon({ name, size }: { name: string; size?: "small" | "large" }): JSX.Element {
  return (
    <svg class={size ? `icon icon-${size}` : "icon"} aria-hidden="true">
      <use href={`${document.documentElement.dataset.icons ?? ""}#${name}`} />
    </svg>
  );
}

export function Status({ state, word }: { state: string; word?: string }): JSX.Element {
  return (
    <span class="status" data-state={state}>
      {word ?? stateWord(state)}
    </span>
  );
}

export function Priority({ level }: { level: string }): JSX.Element | null {
  if (level === "normal") return null;
  return (
    <span class="priority" data-priority={level}>
      {level === "urgent" ? "Urgent" : "High"}
    </span>
  );
}

export function Empty({ icon, title, children }: { icon: string; title: string; children?: ComponentChildren }): JSX.Element {
  return (
    <div class="empty">
      <span class="empty-art">
        <Icon name={icon} size="large" />
      </span>
      <h2>{title}</h2>
      {children}
    </div>
  );
}

const DIMENSIONS: [keyof Load, string, (n: number) => string][] = [
  ["weight_g", "weight", weight],
  ["volume_ml", "volume", (n) => `${Math.round(n / 1000).toLocaleString("en")} l`],
  ["pieces", "pieces", (n) => n.toLocaleString("en")],
  ["pallets", "pallets", (n) => n.toLocaleString("en")],
];

/** The fullest dimension of a vehicle, with all of them in words. */
export function fill(load: Load, capacity: Capacity): { share: number; words: string } {
  let share = 0;
  const words: string[] = [];
  for (const [name, word, text] of DIMENSIONS) {
    const most = capacity[name];
    if (!most) continue;
    share = Math.max(share, load[name] / most);
    if (load[name] > 0) words.push(`${text(load[name])} of ${text(most)} ${word}`);
  }
  return { share, words: words.join(", ") || "empty" };
}

export function LoadBar({ load, capacity }: { load: Load; capacity: Capacity }): JSX.Element {
  const { share, words } = fill(load, capacity);
  const tone = share > 1 ? " is-bad" : share > 0.92 ? " is-warn" : "";
  return (
    <span class="load" title={`Load: ${words}`}>
      <span class={`progress${tone}`} role="img" aria-label={`Load ${Math.round(share * 100)} %: ${words}`}>
        <span style={{ width: `${Math.min(100, share * 100)}%` }} />
      </span>
      <span class="numbers tiny">{Math.round(share * 100)}%</span>
    </span>
  );
}
