// The server's doors as the board uses them: a session cookie, the CSRF header, and errors as sentences.
import type { AttemptRow, Opening, OperationRow, OrderRow, PlanRow, Snapshot } from "./rows";
import { t } from "../ui/words";

const ROOT = "/api/v1/";
const PATIENCE_MS = 20_000;

/** An answer that is not a success. `message` is a sentence for the user; status 0 = the server was not reached. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly details: unknown = null,
  ) {
    super(message);
  }
}

function csrfToken(): string {
  const cookie = /(?:^|;\s*)csrftoken=([^;]+)/.exec(document.cookie)?.[1];
  return cookie ?? document.querySelector<HTMLInputElement>("input[name=csrfmiddlewaretoken]")?.value ?? "";
}

export async function call<T>(path: string, method = "GET", body?: unknown, signal?: AbortSignal): Promise<T> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (method !== "GET") headers["X-CSRFToken"] = csrfToken();
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const timeout = AbortSignal.timeout(PATIENCE_MS);
  let response: Response;
  try {
    response = await fetch(ROOT + path, {
      method,
      headers,
      credentials: "same-origin",
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    const late = error instanceof DOMException && error.name === "TimeoutError";
    throw new ApiError(0, "unreachable", late ? t("The server takes too long to answer.") : t("The server cannot be reached."));
  }
  const text = await response.text();
  let data: unknown = null;
  try {
    data = text ? JSON.parse(text) : null;
  } catch {
    // An error page of a proxy is no JSON; the status says enough.
  }
  if (response.ok) return data as T;
  if (response.status === 401) {
    location.assign(`/sign-in/?next=${encodeURIComponent(location.pathname + location.search)}`);
  }
  const problem = (data ?? {}) as { code?: string; message?: string; details?: unknown };
  throw new ApiError(
    response.status,
    problem.code ?? "error",
    problem.message ?? t("The server answered {status}. Nothing was changed.", { status: response.status }),
    problem.details ?? null,
  );
}

function question(day: string, depot: string | null): URLSearchParams {
  const query = new URLSearchParams(day ? { day } : {});
  if (depot) query.set("depot", depot);
  return query;
}

/** The day's snapshot; "" is the server's today. */
export function board(day: string, depot: string | null, signal?: AbortSignal): Promise<Snapshot> {
  return call<Snapshot>(`board/?${question(day, depot)}`, "GET", undefined, signal);
}

/** What is shown until the snapshot is there. The page's head has asked for this very address already. */
export function opening(day: string, depot: string | null): Promise<Opening> {
  return call<Opening>(`board/opening/?${question(day, depot)}`);
}

export function openPlan(day: string, depot: string): Promise<PlanRow> {
  return call<PlanRow>("plans/", "POST", { day, depot });
}

export function optimize(plan: string, seconds: number | null): Promise<OperationRow> {
  return call<OperationRow>(`plans/${plan}:optimize`, "POST", seconds ? { seconds } : {});
}

export function distribute(plan: string): Promise<PlanRow> {
  return call<PlanRow>(`plans/${plan}:distribute`, "POST", {});
}

export function cancelOperation(id: string): Promise<OperationRow> {
  return call<OperationRow>(`operations/${id}:cancel`, "POST", {});
}

export async function attempts(stop: string, signal?: AbortSignal): Promise<AttemptRow[]> {
  return (await call<{ results: AttemptRow[] }>(`stops/${stop}/attempts/`, "GET", undefined, signal)).results;
}

export function order(id: string, signal?: AbortSignal): Promise<OrderRow> {
  return call<OrderRow>(`orders/${id}/`, "GET", undefined, signal);
}
