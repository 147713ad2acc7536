// Who else looks at this day's board, and what they have selected. `others` says it; `say` tells them what is selected here.
import { computed, effect, signal } from "@preact/signals";
import { connection, listeners, say as send } from "./live";
import type { PresenceRow } from "./people/rows";
import type { LiveMessage } from "./rows";
import { picked } from "./selection";
import { selectedRoute, selectedStop } from "./state";
import { day } from "./store";

/** The server forgets a page that has said nothing for nine seconds. */
const BEAT_MS = 4_000;
const PAUSE_MS = 250;
/** More is not told: a frame of the socket has its limit, and so has what others can take in. */
const MOST = 50;

/** One person, with all their open boards of this day together. */
export interface Person {
  member: string;
  name: string;
  initials: string;
  color: number;
  selected: string[];
}

const pages = signal<ReadonlyMap<string, PresenceRow>>(new Map());
const self = signal<{ page: string; member: string }>({ page: "", member: "" });

let selected: readonly string[] = [];
let saidAt = -Infinity;
let timer = 0;

/** Everybody else on this day's board, by name; nobody while the connection is lost. */
export const others = computed<Person[]>(() => {
  if (connection.value !== "live") return [];
  const people = new Map<string, Person>();
  const rows = [...pages.value.values()].filter((row) => row.day === day.value && row.member !== self.value.member);
  for (const row of rows.sort((a, b) => a.id.localeCompare(b.id))) {
    const known = people.get(row.member);
    if (known) known.selected = [...new Set([...known.selected, ...row.selected])];
    else people.set(row.member, { member: row.member, name: row.name, initials: initials(row.name), color: row.color, selected: row.selected });
  }
  return [...people.values()].sort((a, b) => a.name.localeCompare(b.name));
});

/** Tell the others which stops and routes are selected here. */
export function say(ids: readonly string[]): void {
  if (Math.min(ids.length, MOST) === selected.length && ids.slice(0, MOST).every((id, index) => id === selected[index])) return;
  selected = ids.slice(0, MOST);
  plan();
}

/** From here on this page is seen by the others. */
export function startPresence(): void {
  listeners.add(hear);
  setInterval(tell, BEAT_MS);
  effect(() => {
    void day.value;
    plan();
  });
  effect(() => say([...new Set([selectedStop.value, selectedRoute.value, ...picked.value])].filter((id): id is string => id !== null)));
}

function plan(): void {
  if (timer) return;
  timer = window.setTimeout(tell, Math.max(0, saidAt + PAUSE_MS - performance.now()));
}

function tell(): void {
  clearTimeout(timer);
  timer = 0;
  saidAt = performance.now();
  if (day.peek()) send({ type: "here", day: day.peek(), selected });
}

function hear(message: LiveMessage): void {
  if (message.type === "hello") {
    tell();
  } else if (message.type === "present") {
    if (message.day !== day.peek()) return;
    const mine = message.present.find((row) => row.id === message.you);
    if (mine) self.value = { page: mine.id, member: mine.member };
    if (!same(message.present)) pages.value = new Map(message.present.map((row) => [row.id, row]));
  } else if (message.type === "rows" && message.rows.presence) {
    const next = new Map(pages.peek());
    for (const row of message.rows.presence) {
      if ((next.get(row.id)?.version ?? 0) > row.version) continue;
      if ("gone" in row) next.delete(row.id);
      else next.set(row.id, row);
    }
    pages.value = next;
  }
}

/** The list comes every few seconds; what has not changed draws nothing. */
function same(rows: readonly PresenceRow[]): boolean {
  const held = pages.peek();
  return rows.length === held.size && rows.every((row) => {
    const known = held.get(row.id);
    return known?.day === row.day && known.name === row.name && known.color === row.color && known.selected.join() === row.selected.join();
  });
}

export function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const first = [...(words[0] ?? "?")][0] ?? "?";
  const last = words.length > 1 ? ([...(words[words.length - 1] ?? "")][0] ?? "") : "";
  return (first + last).toLocaleUpperCase();
}
