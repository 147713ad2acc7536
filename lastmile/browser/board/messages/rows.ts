// Conversations as the server sends them: one thread for each driver and each order's recipient.
import type { Row } from "../rows";

export interface MessageRow extends Row {
  thread: string;
  author: "member" | "driver" | "recipient" | "system";
  author_name: string;
  text: string;
  at: string;
  device_at: string | null;
  stop: { id: string; line: string } | null;
  broadcast: string | null;
  client_id: string;
  /** What carries it to a recipient. */
  channel: "" | "email" | "sms";
  state: "queued" | "sent" | "failed" | "read";
  error: string;
  delivered_at: string | null;
  read_at: string | null;
}
export interface ThreadRow extends Row {
  kind: "driver" | "recipient";
  driver: { id: string; name: string; color: string } | null;
  order: { id: string; reference: string; recipient: string; line: string; delivery_on: string; stop: string | null } | null;
  last: MessageRow | null;
  last_at: string;
  /** How many lines the other side has written, and how many of them each member has seen. */
  received: number;
  seen: { member: string; seen: number }[];
}
export interface BroadcastRow {
  broadcast: string;
  sent: number;
  unreachable: number;
  threads: ThreadRow[];
}
