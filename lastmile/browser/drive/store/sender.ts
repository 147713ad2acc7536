// Empties the outbox: in order, photos before the report that names them, one sender at a time on this phone.
// It runs in the page and, after the page is closed, in the service worker: no window here.
import { dayIn } from "../core/day";
import type { Day, Session } from "../core/rows";
import { exchange } from "../messages/store";
import * as api from "./api";
import { ApiError } from "./api";
import * as db from "./db";
import * as outbox from "./outbox";

const BATCH = 20;
const FIXES = 200;
const LOCK = "lastmile-drive-sender";
const FIRST_WAIT_MS = 2000;
const LONGEST_WAIT_MS = 60_000;
/** A phone clock that is wrong by less is left alone. */
const SKEW_WORTH_MS = 120_000;

/** How long to wait after the nth failure in a row: doubling, at most a minute, spread so that phones do not march in step. */
export function backoff(failures: number, random = Math.random()): number {
  const full = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.max(0, failures - 1));
  return Math.round(full * (0.6 + 0.4 * random));
}

export interface Outcome {
  trouble: db.Trouble;
  /** At least so long, when the server asked for it. */
  waitMs: number;
  /** Some work has to be sent again later. */
  left: boolean;
}

let tail: Promise<unknown> = Promise.resolve();

/** One at a time over all tabs and the service worker; within this one where the browser has no locks. */
function alone<T>(work: () => Promise<T>): Promise<T> {
  if (typeof navigator !== "undefined" && navigator.locks) return navigator.locks.request(LOCK, work) as Promise<T>;
  const turn = tail.then(work, work);
  tail = turn.catch(() => undefined);
  return turn;
}

/** Send all there is and, when asked, fetch the day. Never throws for the network's or the server's sake. */
export function sync(wantDay: boolean): Promise<Outcome> {
  return alone(async () => {
    const session = await db.read("session");
    if (!session) return { trouble: { kind: "signed_out", message: "" }, waitMs: 0, left: false };
    let outcome: Outcome;
    try {
      const sent = await sendAll(session);
      if (wantDay || sent.some) await refreshDay(session);
      await exchange(session, wantDay);
      await sendPositions(session);
      outcome = { trouble: { kind: "", message: "" }, waitMs: 0, left: sent.left };
      await db.keep("sent_at", new Date().toISOString());
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const kind = error.kind === "refused" ? "server" : error.kind;
      outcome = { trouble: { kind, message: error.message }, waitMs: error.waitMs, left: true };
    }
    await db.keep("trouble", outcome.trouble);
    return outcome;
  });
}

async function sendAll(session: Session): Promise<{ some: boolean; left: boolean }> {
  let some = false;
  let most = BATCH;
  for (;;) {
    const batch = await outbox.nextBatch(session.driver.id, most);
    if (!batch.length) return { some, left: false };
    if (!(await sendUploads(session, batch))) continue;
    try {
      const results = await api.sendReports(session.token, batch);
      some = true;
      if (!(await outbox.settle(batch, results))) return { some, left: true };
      most = BATCH;
    } catch (error) {
      if (!(error instanceof ApiError) || error.kind !== "refused") throw error;
      // The request as a whole was refused: find out which report it is, and let the others through.
      if (batch.length > 1) most = 1;
      else if (batch[0]) await outbox.refuseOne(batch[0].sequence, error.code, error.message);
    }
  }
}

/** False when a report had to be refused for its photo's sake, so that the batch has to be made anew. */
async function sendUploads(session: Session, batch: readonly db.OutReport[]): Promise<boolean> {
  for (const report of batch) {
    for (const id of report.data.uploads ?? []) {
      const upload = await outbox.loadUpload(id);
      if (!upload || upload.state === "sent") continue;
      try {
        await api.sendUpload(session.token, upload);
        await outbox.markSent(id);
      } catch (error) {
        if (!(error instanceof ApiError) || error.kind !== "refused") throw error;
        await outbox.refuseOne(report.sequence, error.code, error.message);
        return false;
      }
    }
  }
  return true;
}

async function sendPositions(session: Session): Promise<void> {
  const skew = (await db.read("skew_ms")) ?? 0;
  for (;;) {
    const fixes = await outbox.nextFixes(FIXES);
    if (!fixes.length) return;
    const rows = fixes.map(({ fix_at, lat, lon, accuracy_m, speed_mps, heading }) => ({
      fix_at: Math.abs(skew) < SKEW_WORTH_MS ? fix_at : new Date(Date.parse(fix_at) + skew).toISOString(),
      lat, lon, accuracy_m, speed_mps, heading,
    }));
    try {
      await api.sendFixes(session.token, rows);
    } catch (error) {
      // Positions are samples: what the server will never read is not kept.
      if (!(error instanceof ApiError) || error.kind !== "refused") throw error;
    }
    await outbox.dropFixes(fixes);
  }
}

/** The server's day. A route that was started yesterday stays on the screen until it is completed. */
async function refreshDay(session: Session): Promise<void> {
  const held = await db.read("day");
  const asked = Date.now();
  let day: Day = await api.fetchDay(session.token);
  const skew = Date.parse(day.at) - (asked + Date.now()) / 2;
  if (held?.route?.status === "started" && held.day < day.day && day.route?.status !== "started" && held.day >= dayBefore(day.day)) {
    const before = await api.fetchDay(session.token, held.day);
    if (before.route?.status === "started") day = before;
  }
  await db.transact(["kept"], "readwrite", ({ kept }) => {
    kept.put(day, "day");
    kept.put(Number.isFinite(skew) ? Math.round(skew) : 0, "skew_ms");
  });
}

function dayBefore(day: string): string {
  return dayIn("UTC", new Date(Date.parse(`${day}T12:00:00Z`) - 86_400_000));
}
