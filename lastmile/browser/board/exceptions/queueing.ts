// The queue as it is shown: this day's and depot's exceptions by urgency, the filter, what is chosen, and what is done.
import { computed, signal } from "@preact/signals";
import { toast } from "../../ui/toasts";
import { sentence } from "../actions";
import { refresh } from "../live";
import type { ExceptionRow } from "../rows";
import { selectedRoute } from "../state";
import { day, depot, exceptions } from "../store";
import * as api from "./api";
import { t } from "../../ui/words";

export const kind = signal<string>("");
export const chosen = signal<string | null>(null);
/** The exception whose dismissal waits for its reason. */
export const dismissing = signal<string | null>(null);
export const busy = signal<string | null>(null);

/** What stands in the queue of the day and depot on the screen, the most urgent first, then the oldest. */
export const queue = computed<ExceptionRow[]>(() =>
  exceptions
    .all()
    .filter((row) => row.day <= day.value && (row.depot === null || row.depot === depot.value))
    .filter((row) => row.status === "open" || row.status === "acknowledged")
    .sort((a, b) => b.urgency - a.urgency || a.since_at.localeCompare(b.since_at) || a.id.localeCompare(b.id)),
);

/** The kind that is filtered by; a filter whose last exception has gone shows the rest again. */
export const filter = computed<string>(() => (queue.value.some((row) => row.kind === kind.value) ? kind.value : ""));

export const shown = computed<ExceptionRow[]>(() => (filter.value ? queue.value.filter((row) => row.kind === filter.value) : queue.value));

export const kinds = computed<[string, number][]>(() => {
  const counts = new Map<string, number>();
  for (const row of queue.value) counts.set(row.kind, (counts.get(row.kind) ?? 0) + 1);
  return [...counts];
});

export function choose(id: string | null): void {
  chosen.value = id;
  dismissing.value = null;
  const row = id ? exceptions.get(id) : undefined;
  if (row?.route) selectedRoute.value = row.route;
}

/** The row `by` places further down (or up) than the one chosen. */
export function step(by: 1 | -1): string | null {
  const rows = shown.peek();
  if (!rows.length) return null;
  const at = rows.findIndex((row) => row.id === chosen.peek());
  const next = at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + by));
  const id = rows[next]?.id ?? null;
  choose(id);
  return id;
}

/** Move the focus to an entry, or to the queue's tab when there is none. */
export function focusOn(id: string | null): void {
  requestAnimationFrame(() => document.querySelector<HTMLElement>(id ? `[data-exception="${id}"] .exception-open` : "#tab-exceptions")?.focus());
}

async function doing(id: string, work: () => Promise<ExceptionRow>, words: (row: ExceptionRow) => string): Promise<boolean> {
  if (busy.peek()) return false;
  busy.value = id;
  const before = shown.peek().findIndex((row) => row.id === id);
  const inside = Boolean(document.activeElement?.closest("#exceptions"));
  try {
    const row = await work();
    exceptions.apply([row.status === "open" || row.status === "acknowledged" ? row : { id: row.id, version: row.version, gone: true }]);
    if (row.status !== "acknowledged" && chosen.peek() === id) choose(shown.peek()[Math.min(before, shown.peek().length - 1)]?.id ?? null);
    // The button that was pressed is gone with its entry: whoever works by keyboard goes on at the next one.
    if (inside && row.status !== "acknowledged") focusOn(chosen.peek());
    toast(words(row));
    return true;
  } catch (error) {
    toast(sentence(error), "bad");
    void refresh();
    return false;
  } finally {
    busy.value = null;
  }
}

export function acknowledge(id: string): Promise<boolean> {
  return doing(id, () => api.acknowledge(id), () => t("You look after it now."));
}

export function resolve(id: string): Promise<boolean> {
  return doing(id, () => api.close(id, "resolve", ""), () => t("Resolved."));
}

export function dismiss(id: string, reason: string): Promise<boolean> {
  return doing(id, () => api.close(id, "dismiss", reason), () => t("Dismissed. It comes back if it gets much worse."));
}

export function fix(id: string, key: string, reason = ""): Promise<boolean> {
  return doing(id, () => api.fix(id, key, reason), (row) => row.resolution || t("Done. It stays here until it is settled."));
}
