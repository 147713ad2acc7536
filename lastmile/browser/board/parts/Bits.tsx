// Small pieces that many parts share.
import type { ComponentChildren, JSX } from "preact";
import type { Load, Capacity } from "../rows";
import { litres, number, percent, weight } from "../format";
import { stateWord } from "../words";
import { t } from "../../ui/words";

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
      {level === "urgent" ? t("Urgent") : t("High")}
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

const DIMENSIONS: [keyof Load, (used: string, of: string) => string, (amount: number) => string][] = [
  ["weight_g", (used, of) => t("{used} of {of} weight", { used, of }), weight],
  ["volume_ml", (used, of) => t("{used} of {of} volume", { used, of }), litres],
  ["pieces", (used, of) => t("{used} of {of} pieces", { used, of }), number],
  ["pallets", (used, of) => t("{used} of {of} pallets", { used, of }), number],
];

/** The fullest dimension of a vehicle, with all of them in words. */
export function fill(load: Load, capacity: Capacity): { share: number; words: string } {
  let share = 0;
  const words: string[] = [];
  for (const [name, phrase, text] of DIMENSIONS) {
    const most = capacity[name];
    if (!most) continue;
    share = Math.max(share, load[name] / most);
    if (load[name] > 0) words.push(phrase(text(load[name]), text(most)));
  }
  return { share, words: words.join(", ") || t("empty") };
}

export function LoadBar({ load, capacity }: { load: Load; capacity: Capacity }): JSX.Element {
  const { share, words } = fill(load, capacity);
  const tone = share > 1 ? " is-bad" : share > 0.92 ? " is-warn" : "";
  return (
    <span class="load" title={t("Load: {what}", { what: words })}>
      <span class={`progress${tone}`} role="img" aria-label={t("Load {percent}: {what}", { percent: percent(share), what: words })}>
        <span style={{ width: `${Math.min(100, share * 100)}%` }} />
      </span>
      <span class="numbers tiny">{percent(share)}</span>
    </span>
  );
}
