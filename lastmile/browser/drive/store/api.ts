// The doors of the driver's phone. What goes wrong has a kind, so that callers know whether trying again helps.
import type { Day, Fix, Report, Result, Session } from "../core/rows";
import type { Line, OutLine } from "../messages/rows";
import type { OutUpload } from "./db";

/** offline: no answer · server: it answers badly, later it may not · signed_out · forbidden · refused: never as it is. */
export type Failure = "offline" | "server" | "signed_out" | "forbidden" | "refused";

export class ApiError extends Error {
  constructor(readonly kind: Failure, message: string, readonly code = "", readonly waitMs = 0) {
    super(message);
  }
}

const ROOT = "/api/v1/driver/";
const PATIENCE_MS = 30_000;
const UPLOAD_PATIENCE_MS = 120_000;

interface Ask { token?: string; body?: unknown; form?: FormData; patience?: number }

async function ask<T>(path: string, { token, body, form, patience = PATIENCE_MS }: Ask = {}): Promise<T> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let response: Response;
  let text: string;
  try {
    response = await fetch(ROOT + path, {
      method: body === undefined && !form ? "GET" : "POST", headers, credentials: "omit", cache: "no-store",
      body: form ?? (body === undefined ? null : JSON.stringify(body)), signal: AbortSignal.timeout(patience),
    });
    text = await response.text();
  } catch {
    throw new ApiError("offline", "");
  }
  let said: unknown;
  try {
    said = JSON.parse(text);
  } catch {
    // A proxy or a log-in page of a public network answers in its own words: that is no answer of ours.
    throw new ApiError(response.ok ? "offline" : "server", "", "", waitOf(response));
  }
  if (response.ok) return said as T;
  const { code = "", message = "" } = (said ?? {}) as { code?: string; message?: string };
  throw new ApiError(kindOf(response.status), message, code, waitOf(response));
}

function kindOf(status: number): Failure {
  if (status === 401) return "signed_out";
  if (status === 403) return "forbidden";
  if (status >= 500 || status === 408 || status === 425 || status === 429) return "server";
  return "refused";
}

function waitOf(response: Response): number {
  const seconds = Number(response.headers.get("Retry-After"));
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, 600) * 1000 : 0;
}

export function signIn(email: string, password: string, device: string): Promise<Omit<Session, "email">> {
  return ask("sign-in", { body: { email, password, device } });
}

/** The phone's key opens nothing from now on. */
export function signOut(token: string): Promise<{ signed_out: boolean }> {
  return ask("sign-out", { token, body: {} });
}

export function fetchDay(token: string, day?: string): Promise<Day> {
  return ask(`day${day ? `?day=${encodeURIComponent(day)}` : ""}`, { token });
}

export async function sendReports(token: string, reports: readonly Report[]): Promise<Result[]> {
  const rows = reports.map(({ id, type, stop, device_at, sequence, lat, lon, data }) => ({
    id, type, stop, device_at, sequence, lat, lon, data,
  }));
  const { results } = await ask<{ results: Result[] }>("reports", { token, body: { reports: rows, sent_at: new Date().toISOString() } });
  return results;
}

export async function sendUpload(token: string, upload: OutUpload): Promise<void> {
  const form = new FormData();
  form.append("id", upload.id);
  form.append("kind", upload.kind);
  form.append("file", new Blob([upload.bytes], { type: upload.mime }), `${upload.kind}.${upload.mime === "image/png" ? "png" : "jpg"}`);
  await ask("uploads", { token, form, patience: UPLOAD_PATIENCE_MS });
}

export async function sendFixes(token: string, positions: readonly Fix[]): Promise<void> {
  await ask("positions", { token, body: { positions } });
}

/** Sends lines to the office, says up to which one was looked at, and answers with the newest of the conversation. */
export function exchangeMessages(token: string, lines: readonly OutLine[], read: string | null): Promise<{ results: Result[]; messages: Line[] }> {
  const messages = lines.map(({ id, text, device_at, stop }) => ({ id, text, device_at, ...(stop ? { stop: stop.id } : {}) }));
  return ask("messages", { token, body: { messages, sent_at: new Date().toISOString(), ...(read ? { read } : {}) } });
}
