// Conversations on this board: fetched when the socket greets, then kept by its rows.
import { batch, computed, effect, signal } from "@preact/signals";
import { sentence } from "../actions";
import { listeners } from "../live";
import type { LiveMessage } from "../rows";
import { selectedStop, tab, view } from "../state";
import { loaded as boardLoaded, Table } from "../store";
import * as api from "./api";
import { announce } from "./notify";
import type { MessageRow, ThreadRow } from "./rows";
import { t } from "../../ui/words";

export const threads = new Table<ThreadRow>();
export const lines = new Table<MessageRow>();
/** The conversation on the screen; null = the list of them. */
export const openThread = signal<string | null>(null);
/** A stop that the next line to a driver is about. */
export const about = signal<{ id: string; line: string } | null>(null);
export const trouble = signal<string | null>(null);
export const mayWrite = signal(false);
/** Where older lines of a thread are to be had; null = all are here; absent = not fetched yet. */
export const older = signal<ReadonlyMap<string, string | null>>(new Map());

let me = "";
let loaded = false;

export function unreadOf(thread: ThreadRow): number {
  return Math.max(0, thread.received - (thread.seen.find((one) => one.member === me)?.seen ?? 0));
}

export const nameOf = (thread: ThreadRow): string => thread.driver?.name ?? thread.order?.recipient ?? t("Somebody");

/** Threads in which something was written: unread ones first, then by the newest line. */
export const inbox = computed<ThreadRow[]>(() =>
  threads
    .all()
    .filter((thread) => thread.last !== null)
    .sort((a, b) => Number(unreadOf(b) > 0) - Number(unreadOf(a) > 0) || b.last_at.localeCompare(a.last_at)),
);
export const unread = computed(() => threads.all().reduce((sum, thread) => sum + unreadOf(thread), 0));

export const thread = computed<ThreadRow | null>(() => {
  void threads.changed.value;
  return openThread.value ? (threads.get(openThread.value) ?? null) : null;
});
export const shownLines = computed<MessageRow[]>(() =>
  lines.all().filter((line) => line.thread === openThread.value).sort((a, b) => a.id.localeCompare(b.id)),
);

export function startMessages(member: string, may: boolean): void {
  me = member;
  mayWrite.value = may;
  listeners.add(hear);
  document.addEventListener("visibilitychange", seen);
  const title = document.title;
  effect(() => {
    document.title = unread.value ? `(${unread.value}) ${title}` : title;
  });
}

function hear(message: LiveMessage): void {
  if (message.type === "hello") {
    void whenLoaded().then(load);
    const open = openThread.peek();
    if (open) void loadLines(open);
  } else if (message.type === "rows" && (message.rows.thread || message.rows.message)) {
    const news = (message.rows.message ?? []).filter((row): row is MessageRow => !("gone" in row) && lines.get(row.id) === undefined);
    batch(() => {
      threads.apply(message.rows.thread);
      lines.apply(message.rows.message);
    });
    for (const row of news) {
      const from = threads.get(row.thread);
      if (loaded && from && row.state !== "read" && (row.author === "driver" || row.author === "recipient")) announce(from, row, () => show(from.id));
    }
    seen();
  }
}

/** The board comes first: what is asked while the server makes a large snapshot holds it up. */
function whenLoaded(): Promise<void> {
  return new Promise((resolve) => {
    const stop = effect(() => {
      if (boardLoaded.value) queueMicrotask(() => (stop(), resolve()));
    });
  });
}

async function load(): Promise<void> {
  try {
    threads.apply(await api.threads());
    loaded = true;
    trouble.value = null;
  } catch (error) {
    trouble.value = sentence(error);
  }
}

async function loadLines(id: string): Promise<void> {
  try {
    const page = await api.lines(id);
    lines.apply(page.rows);
    if (!older.peek().has(id)) older.value = new Map([...older.peek(), [id, page.older]]);
    trouble.value = null;
  } catch (error) {
    trouble.value = sentence(error);
  }
  seen();
}

/** Fetch the lines before the oldest that is here. */
export async function loadOlder(id: string): Promise<void> {
  const from = older.peek().get(id);
  if (!from) return;
  try {
    const page = await api.lines(id, from);
    batch(() => {
      lines.apply(page.rows);
      older.value = new Map([...older.peek(), [id, page.older]]);
    });
  } catch (error) {
    trouble.value = sentence(error);
  }
}

/** The open conversation is on the screen: what came in is read. */
function seen(): void {
  const open = thread.peek();
  if (!open || tab.peek() !== "messages" || document.visibilityState !== "visible" || unreadOf(open) === 0) return;
  api.read(open.id, open.received).then((row) => threads.apply([row])).catch((error: unknown) => console.warn(error));
}

/** Put a conversation on the screen; the next line to a driver may be about a stop. */
export function show(id: string, stop: { id: string; line: string } | null = null): void {
  batch(() => {
    tab.value = "messages";
    openThread.value = id;
    about.value = stop;
    if (view.peek() !== "split") view.value = "list";
    // On a phone the drawer lies over the lists.
    if (matchMedia("(max-width: 44rem)").matches) selectedStop.value = null;
  });
  void loadLines(id);
}

export function backToInbox(): void {
  batch(() => {
    openThread.value = null;
    about.value = null;
  });
}

/** The conversation with a driver or an order's recipient, opened if there is none yet; a sentence when that failed. */
export async function open(whom: { driver: string } | { order: string }, stop: { id: string; line: string } | null = null): Promise<string | null> {
  try {
    const row = await api.open(whom);
    threads.apply([row]);
    show(row.id, stop);
    return null;
  } catch (error) {
    return sentence(error);
  }
}
