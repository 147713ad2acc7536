// The conversation as signals: what the server has said, what waits on this phone, and how much of it is new.
import { computed, signal } from "@preact/signals";
import { read } from "../store/db";
import { fromOffice, type Line, type OutLine } from "./rows";
import * as store from "./store";

export const conversation = signal<Line[]>([]);
export const outgoing = signal<OutLine[]>([]);
/** Is the driver looking at the conversation? */
export const looking = signal(false);
const readUpto = signal("");

export const unsent = computed(() => outgoing.value.filter((row) => row.state === "waiting"));
export const unread = computed(() => conversation.value.filter((line) => fromOffice(line) && !line.read_at && line.id > readUpto.value));

/** Read it from the phone's memory again; the newest line that has just come from the office, if one has. */
export async function reloadMessages(): Promise<Line | null> {
  const [lines, rows, upto] = await Promise.all([read("conversation"), store.outgoing(), read("read_upto")]);
  const known = new Set(conversation.peek().map((line) => line.id));
  const first = known.size === 0;
  const next = lines ?? [];
  if (JSON.stringify(next) !== JSON.stringify(conversation.peek())) conversation.value = next;
  if (JSON.stringify(rows) !== JSON.stringify(outgoing.peek())) outgoing.value = rows;
  readUpto.value = upto ?? "";
  const news = unread.peek().filter((line) => !known.has(line.id));
  return first && next.length > 1 ? null : (news[news.length - 1] ?? null);
}

/** Everything on the screen was looked at. True when that is news for the server. */
export async function markRead(): Promise<boolean> {
  const newest = unread.peek()[unread.peek().length - 1];
  if (!newest) return false;
  await store.keepRead(newest.id);
  readUpto.value = newest.id;
  return true;
}
