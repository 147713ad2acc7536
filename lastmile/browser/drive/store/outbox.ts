// What the driver has done and the server may not know yet. Every change is one transaction: it happened, or it did not.
import { draftOf, reportData, type Draft } from "../core/attempt";
import { apply } from "../core/day";
import type { Day, Fix, ReportData, ReportType, Result, Stop } from "../core/rows";
import { got, transact, type KeptFix, type NewReport, type OutReport, type OutUpload, type Stores } from "./db";

export const MOST_POSITIONS = 2000;
/** Refusals that pass: the server kept nothing and the same report may be sent again. */
const AGAIN = ["unknown_upload", "changed_meanwhile"];
const MOST_TRIES = 8;

export function newId(): string {
  if (crypto.randomUUID) return crypto.randomUUID();
  // Addresses without https have no randomUUID.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

export interface Spot { lat: number; lon: number }
export interface NewWork {
  type: ReportType; driver: string; about: string; stop?: string; data?: ReportData; spot?: Spot | null; at: Date;
}

function report(work: NewWork): NewReport {
  return {
    id: newId(), type: work.type, device_at: work.at.toISOString(), driver: work.driver, about: work.about,
    data: work.data ?? {}, state: "waiting", tries: 0, code: "", message: "",
    ...(work.stop ? { stop: work.stop } : {}), ...(work.spot ? { lat: work.spot.lat, lon: work.spot.lon } : {}),
  };
}

/** Put reports into the outbox, in this order. */
export async function enqueue(...works: NewWork[]): Promise<void> {
  await transact(["reports"], "readwrite", ({ reports }) => works.forEach((work) => void reports.add(report(work))));
}

/** The form becomes a report and its photos wait to be sent: all in one step. */
export async function enqueueAttempt(draft: Draft, stop: Stop, work: Omit<NewWork, "type" | "stop" | "data">): Promise<string> {
  const data = reportData(stop, draft);
  const row = report({ ...work, type: "attempted", stop: stop.id, data });
  await transact(["reports", "uploads", "drafts"], "readwrite", async ({ reports, uploads, drafts }) => {
    const held: OutUpload[] = [];
    for (const id of data.uploads ?? []) {
      const upload = await got(uploads.get(id) as IDBRequest<OutUpload | undefined>);
      if (!upload) throw new Error("A photo of this form is gone from the phone: take it again.");
      held.push(upload);
    }
    for (const upload of held) if (upload.state === "draft") uploads.put({ ...upload, state: "waiting" });
    reports.add(row);
    drafts.delete(stop.id);
  });
  return row.id;
}

export async function saveDraft(draft: Draft): Promise<void> {
  await transact(["drafts"], "readwrite", ({ drafts }) => void drafts.put(draft));
}

export async function loadDraft(stop: string): Promise<Draft | undefined> {
  return transact(["drafts"], "readonly", ({ drafts }) => got(drafts.get(stop) as IDBRequest<Draft | undefined>));
}

/** Throw a form and its photos away. */
export async function dropDraft(stop: string): Promise<void> {
  await transact(["drafts", "uploads"], "readwrite", async ({ drafts, uploads }) => {
    const draft = await got(drafts.get(stop) as IDBRequest<Draft | undefined>);
    for (const id of draft ? [...draft.photos, draft.signature] : []) if (id) await dropUnsent(uploads, id);
    drafts.delete(stop);
  });
}

async function dropUnsent(uploads: IDBObjectStore, id: string): Promise<void> {
  const upload = await got(uploads.get(id) as IDBRequest<OutUpload | undefined>);
  if (upload && upload.state !== "waiting") uploads.delete(id);
}

export async function dropUpload(id: string): Promise<void> {
  await transact(["uploads"], "readwrite", ({ uploads }) => dropUnsent(uploads, id));
}

/** Keep a photo or signature. When the memory is full, positions go first: a proof cannot be made again. */
export async function saveUpload(upload: OutUpload): Promise<void> {
  const put = (): Promise<void> => transact(["uploads"], "readwrite", ({ uploads }) => void uploads.put(upload));
  try {
    await put();
  } catch (error) {
    if ((error as DOMException).name !== "QuotaExceededError") throw error;
    await transact(["positions"], "readwrite", ({ positions }) => void positions.clear());
    await put();
  }
}

export async function loadUpload(id: string): Promise<OutUpload | undefined> {
  return transact(["uploads"], "readonly", ({ uploads }) => got(uploads.get(id) as IDBRequest<OutUpload | undefined>));
}

export async function markSent(id: string): Promise<void> {
  await transact(["uploads"], "readwrite", async ({ uploads }) => {
    const upload = await got(uploads.get(id) as IDBRequest<OutUpload | undefined>);
    if (upload) uploads.put({ ...upload, state: "sent" });
  });
}

export interface Contents { reports: OutReport[]; photos: number; positions: number }

export async function contents(): Promise<Contents> {
  return transact(["reports", "uploads", "positions"], "readonly", async ({ reports, uploads, positions }) => {
    const [rows, photos, fixes] = await Promise.all([
      got(reports.getAll() as IDBRequest<OutReport[]>), got(uploads.index("state").count("waiting")), got(positions.count()),
    ]);
    return { reports: rows, photos, positions: fixes };
  });
}

/**
 * The next reports to send, in order. An attempt ends a batch: what follows it at the same door makes no sense before
 * the server has taken it.
 */
export async function nextBatch(driver: string, most: number): Promise<OutReport[]> {
  const { reports } = await contents();
  const batch: OutReport[] = [];
  for (const row of reports) {
    if (row.state !== "waiting" || row.driver !== driver) continue;
    batch.push(row);
    if (row.type === "attempted" || batch.length >= most) break;
  }
  return batch;
}

/** What the server said of a batch, stored in one step. Returns false when some of it has to be sent again. */
export async function settle(batch: readonly OutReport[], results: readonly Result[]): Promise<boolean> {
  const said = new Map(results.map((row) => [row.id, row]));
  return transact(["reports", "uploads", "kept"], "readwrite", async (stores) => {
    let day = await got(stores.kept.get("day") as IDBRequest<Day | undefined>);
    let all = true;
    for (const sent of batch) {
      const row = await got(stores.reports.get(sent.sequence) as IDBRequest<OutReport | undefined>);
      if (!row) continue;
      const answer = said.get(row.id);
      if (answer?.status === "applied" || answer?.status === "duplicate") {
        if (day) day = apply(day, row);
        stores.reports.delete(row.sequence);
        for (const id of row.data.uploads ?? []) stores.uploads.delete(id);
      } else if (answer && !(AGAIN.includes(answer.code) && row.tries + 1 < MOST_TRIES)) {
        await refuse(stores, row, answer.code, answer.message);
      } else {
        all = false;
        stores.reports.put({ ...row, tries: row.tries + 1 });
        if (answer?.code === "unknown_upload") await sendAgain(stores, row);
      }
    }
    if (day) stores.kept.put(day, "day");
    return all;
  });
}

async function sendAgain({ uploads }: Stores, row: OutReport): Promise<void> {
  for (const id of row.data.uploads ?? []) {
    const upload = await got(uploads.get(id) as IDBRequest<OutUpload | undefined>);
    if (upload) uploads.put({ ...upload, state: "waiting" });
  }
}

/** Kept until the driver has seen it. Leaving a door where nothing was delivered is no news: it goes with the attempt. */
async function refuse({ reports, uploads }: Stores, row: OutReport, code: string, message: string): Promise<void> {
  reports.put({ ...row, state: "refused", code, message });
  if (row.type !== "attempted") return;
  for (const id of row.data.uploads ?? []) {
    const upload = await got(uploads.get(id) as IDBRequest<OutUpload | undefined>);
    if (upload?.state === "waiting") uploads.put({ ...upload, state: "draft" });
  }
  for (const other of await got(reports.getAll() as IDBRequest<OutReport[]>)) {
    if (other.sequence > row.sequence && other.type === "departed" && other.stop === row.stop && other.state === "waiting") {
      reports.delete(other.sequence);
    }
  }
}

/** One report (or a photo that it needs) can never be taken. */
export async function refuseOne(sequence: number, code: string, message: string): Promise<void> {
  await transact(["reports", "uploads"], "readwrite", async (stores) => {
    const row = await got(stores.reports.get(sequence) as IDBRequest<OutReport | undefined>);
    if (row) await refuse(stores, row, code, message);
  });
}

/** The driver has read why it was refused: it goes, with its photos. */
export async function acknowledge(sequence: number): Promise<void> {
  await transact(["reports", "uploads"], "readwrite", async ({ reports, uploads }) => {
    const row = await got(reports.get(sequence) as IDBRequest<OutReport | undefined>);
    if (row?.state !== "refused") return;
    for (const id of row.data.uploads ?? []) uploads.delete(id);
    reports.delete(sequence);
  });
}

/** A refused attempt becomes a form again, with its photos; it will be a new report. */
export async function reopen(sequence: number): Promise<Draft | null> {
  return transact(["reports", "uploads", "drafts"], "readwrite", async ({ reports, uploads, drafts }) => {
    const row = await got(reports.get(sequence) as IDBRequest<OutReport | undefined>);
    if (row?.state !== "refused" || row.type !== "attempted" || !row.stop) return null;
    const kinds = new Map<string, string>();
    for (const id of row.data.uploads ?? []) {
      const upload = await got(uploads.get(id) as IDBRequest<OutUpload | undefined>);
      if (!upload) continue;
      kinds.set(id, upload.kind);
      if (upload.state === "waiting") uploads.put({ ...upload, state: "draft" });
    }
    const draft = draftOf(row.stop, row.data, kinds);
    drafts.put(draft);
    reports.delete(sequence);
    return draft;
  });
}

/** Which of `count` rows go so that at most `most` stay: every second one of the older part, the newest fifth untouched. */
export function thinned(count: number, most: number): Set<number> {
  const gone = new Set<number>();
  let excess = count - most;
  const older = Math.floor(count * 0.8);
  for (let index = 1; index < older && excess > 0; index += 2, excess--) gone.add(index);
  for (let index = 0; index < count && excess > 0; index++) {
    if (gone.has(index)) continue;
    gone.add(index);
    excess--;
  }
  return gone;
}

export async function addFixes(fixes: readonly Fix[]): Promise<void> {
  await transact(["positions"], "readwrite", async ({ positions }) => {
    for (const fix of fixes) positions.add({ ...fix });
    const count = await got(positions.count());
    if (count <= MOST_POSITIONS) return;
    const keys = await got(positions.getAllKeys());
    // Well below the limit, so that this is done once in a while only.
    for (const index of thinned(count, Math.floor(MOST_POSITIONS * 0.75))) positions.delete(keys[index] as IDBValidKey);
  });
}

export async function nextFixes(most: number): Promise<KeptFix[]> {
  return transact(["positions"], "readonly", ({ positions }) => got(positions.getAll(null, most) as IDBRequest<KeptFix[]>));
}

export async function dropFixes(fixes: readonly KeptFix[]): Promise<void> {
  await transact(["positions"], "readwrite", ({ positions }) => {
    for (const fix of fixes) if (fix.count !== undefined) positions.delete(fix.count);
  });
}

/** Nothing of this driver stays on the phone. Called only when nothing is unsent. */
export async function wipe(): Promise<void> {
  await transact(["kept", "reports", "uploads", "drafts", "positions", "messages"], "readwrite", ({ kept, reports, uploads, drafts, positions, messages }) => {
    for (const store of [reports, uploads, drafts, positions, messages]) store.clear();
    for (const name of ["session", "day", "trouble", "sent_at", "conversation", "read_upto"]) kept.delete(name);
  });
}
