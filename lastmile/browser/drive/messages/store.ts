// Lines on their way to the office, in the phone's memory; the page and the service worker share them.
import type { Result, Session } from "../core/rows";
import * as api from "../store/api";
import { ApiError } from "../store/api";
import { got, read, transact } from "../store/db";
import { fromOffice, type Line, type OutLine } from "./rows";

const BATCH = 50;

export async function add(line: OutLine): Promise<void> {
  await transact(["messages"], "readwrite", ({ messages }) => void messages.add(line));
}

export async function drop(id: string): Promise<void> {
  await transact(["messages"], "readwrite", ({ messages }) => void messages.delete(id));
}

/** In the order in which they were written. */
export async function outgoing(): Promise<OutLine[]> {
  const rows = await transact(["messages"], "readonly", ({ messages }) => got(messages.getAll() as IDBRequest<OutLine[]>));
  return rows.sort((a, b) => a.device_at.localeCompare(b.device_at));
}

/** The driver has looked at everything up to this line; said to the server with the next exchange. */
export async function keepRead(upto: string): Promise<void> {
  await transact(["kept"], "readwrite", async ({ kept }) => {
    const before = await got(kept.get("read_upto") as IDBRequest<string | undefined>);
    if (!before || before < upto) kept.put(upto, "read_upto");
  });
}

/** Send what waits and fetch what is new; with `ask`, also when nothing waits. Raises `ApiError` when the server is away. */
export async function exchange(session: Session, ask: boolean): Promise<void> {
  let most = BATCH;
  for (let first = true; ; first = false) {
    const waiting = (await outgoing()).filter((row) => row.state === "waiting" && row.driver === session.driver.id).slice(0, most);
    const upto = await unsaidRead();
    if (!waiting.length && !upto && !(ask && first)) return;
    try {
      const answer = await api.exchangeMessages(session.token, waiting, upto);
      await settle(waiting, answer.results, answer.messages);
      most = BATCH;
    } catch (error) {
      if (!(error instanceof ApiError) || error.kind !== "refused") throw error;
      // The request as a whole was refused: find out which line it is, and let the others through.
      if (waiting.length > 1) most = 1;
      else if (waiting[0]) await refuse(waiting[0].id, error.message);
      else return;
    }
    if (waiting.length < most) return;
  }
}

/** The newest line that was looked at, unless the server knows. */
async function unsaidRead(): Promise<string | null> {
  const upto = await read("read_upto");
  if (!upto) return null;
  const lines = (await read("conversation")) ?? [];
  return lines.some((line) => fromOffice(line) && !line.read_at && line.id <= upto) ? upto : null;
}

async function settle(sent: readonly OutLine[], results: readonly Result[], lines: readonly Line[]): Promise<void> {
  const said = new Map(results.map((row) => [row.id, row]));
  await transact(["messages", "kept"], "readwrite", ({ messages, kept }) => {
    for (const row of sent) {
      const answer = said.get(row.id);
      if (answer?.status === "rejected") messages.put({ ...row, state: "refused", message: answer.message });
      else if (answer) messages.delete(row.id);
    }
    kept.put(lines, "conversation");
  });
}

async function refuse(id: string, message: string): Promise<void> {
  await transact(["messages"], "readwrite", async ({ messages }) => {
    const row = await got(messages.get(id) as IDBRequest<OutLine | undefined>);
    if (row) messages.put({ ...row, state: "refused", message });
  });
}
