// The doors of conversations.
import { call } from "../api";
import type { BroadcastRow, MessageRow, ThreadRow } from "./rows";

interface Page<R> { results: R[]; next: string | null }

const tail = (address: string): string => address.slice(address.indexOf("/api/v1/") + "/api/v1/".length);

export async function threads(): Promise<ThreadRow[]> {
  const [newest, unread] = await Promise.all([call<Page<ThreadRow>>("threads/"), call<Page<ThreadRow>>("threads/?unread=true")]);
  return [...newest.results, ...unread.results];
}

export function open(whom: { driver: string } | { order: string }): Promise<ThreadRow> {
  return call<ThreadRow>("threads/", "POST", whom);
}

/** The newest lines of a thread, or the page of older ones that an earlier answer named. */
export async function lines(thread: string, older: string | null = null): Promise<{ rows: MessageRow[]; older: string | null }> {
  const page = await call<Page<MessageRow>>(older ? tail(older) : `threads/${thread}/messages/`);
  return { rows: page.results, older: page.next };
}

export function send(thread: string, text: string, clientId: string, stop: string | null): Promise<MessageRow> {
  return call<MessageRow>(`threads/${thread}/messages/`, "POST", { text, client_id: clientId, ...(stop ? { stop } : {}) });
}

export function read(thread: string, received: number): Promise<ThreadRow> {
  return call<ThreadRow>(`threads/${thread}:read`, "POST", { received });
}

export function broadcast(text: string, whom: { drivers: string[]; stops: string[] }): Promise<BroadcastRow> {
  return call<BroadcastRow>("messages:broadcast", "POST", { text, ...whom });
}
