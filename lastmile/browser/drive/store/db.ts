// The phone's own memory, in IndexedDB: shared by the page, its other tabs and the service worker.
//
// Stores: kept      one value per name (session, day, settings …)
//         reports   the outbox, keyed by the device's own count; index `id`
//         uploads   photos and signatures by id; index `state`
//         drafts    forms at the door that are not sent yet, by stop
//         positions fixes that are not sent yet, keyed by count
//         messages  lines to the office that are not sent yet, by id
import type { Draft } from "../core/attempt";
import type { Day, Fix, Report, Session } from "../core/rows";
import type { Line } from "../messages/rows";

const NAME = "lastmile-drive";

/** One step per version; a phone that skipped some makes all of them, in order. */
const STEPS: ((db: IDBDatabase, change: IDBTransaction) => void)[] = [
  (db) => {
    db.createObjectStore("kept");
    db.createObjectStore("reports", { keyPath: "sequence", autoIncrement: true }).createIndex("id", "id", { unique: true });
    db.createObjectStore("uploads", { keyPath: "id" }).createIndex("state", "state");
    db.createObjectStore("drafts", { keyPath: "stop" });
    db.createObjectStore("positions", { keyPath: "count", autoIncrement: true });
  },
  (db) => {
    db.createObjectStore("messages", { keyPath: "id" });
  },
];

export type StoreName = "kept" | "reports" | "uploads" | "drafts" | "positions" | "messages";

/** `waiting` to be sent, or `refused` by the server and kept until the driver has seen it. */
export interface OutReport extends Report {
  driver: string;
  state: "waiting" | "refused";
  /** What it was about, for the list of unsent work. */
  about: string;
  tries: number;
  code: string;
  message: string;
}
export type NewReport = Omit<OutReport, "sequence">;

/** `draft` belongs to a form that is still open; `waiting` to a report of the outbox; `sent` lies on the server. */
export interface OutUpload {
  id: string;
  driver: string;
  kind: "photo" | "signature";
  state: "draft" | "waiting" | "sent";
  mime: string;
  bytes: ArrayBuffer;
}
export interface KeptFix extends Fix { count?: number }

export interface Kept {
  session: Session;
  /** The server's day with everything on top that it has applied since. */
  day: Day;
  /** Why the last try did not get through; empty when it did. */
  trouble: Trouble;
  sent_at: string;
  /** Server's clock minus the phone's, ms. */
  skew_ms: number;
  device: string;
  navigator: string;
  /** The conversation with the office as the server last said it, and up to which line it was looked at. */
  conversation: Line[];
  read_upto: string;
}
export interface Trouble { kind: "" | "offline" | "server" | "signed_out" | "forbidden"; message: string }

let opening: Promise<IDBDatabase> | null = null;

export function open(): Promise<IDBDatabase> {
  opening ??= new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(NAME, STEPS.length);
    request.onupgradeneeded = ({ oldVersion }) => {
      const change = request.transaction as IDBTransaction;
      for (const step of STEPS.slice(oldVersion)) step(request.result, change);
    };
    request.onsuccess = () => {
      const db = request.result;
      // Another tab with newer code wants to upgrade: let go, and open again when needed.
      db.onversionchange = () => {
        db.close();
        opening = null;
      };
      db.onclose = () => {
        opening = null;
      };
      resolve(db);
    };
    request.onerror = () => {
      opening = null;
      reject(request.error ?? new Error("IndexedDB cannot be opened"));
    };
  });
  return opening;
}

export function got<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("IndexedDB"));
  });
}

export type Stores = Record<StoreName, IDBObjectStore>;

/**
 * Run `work` in one transaction over `names`; resolves once it is on the disk. `work` may await requests only.
 * An exception undoes all of it.
 */
export async function transact<T>(
  names: StoreName[], mode: IDBTransactionMode, work: (stores: Stores) => Promise<T> | T,
): Promise<T> {
  const db = await open();
  const tx = db.transaction(names, mode, mode === "readwrite" ? { durability: "strict" } : {});
  const stores = Object.fromEntries(names.map((name) => [name, tx.objectStore(name)])) as Stores;
  const over = new Promise<void>((resolve, reject) => {
    tx.oncomplete = () => resolve();
    tx.onabort = () => reject(tx.error ?? new Error("The phone's memory refused to store this"));
    tx.onerror = () => reject(tx.error ?? new Error("IndexedDB"));
  });
  let result: T;
  try {
    result = await work(stores);
  } catch (error) {
    over.catch(() => undefined);
    try {
      tx.abort();
    } catch {
      // It is over already.
    }
    throw error;
  }
  await over;
  return result;
}

export async function read<K extends keyof Kept>(name: K): Promise<Kept[K] | undefined> {
  return transact(["kept"], "readonly", ({ kept }) => got(kept.get(name) as IDBRequest<Kept[K] | undefined>));
}

export async function keep<K extends keyof Kept>(name: K, value: Kept[K]): Promise<void> {
  await transact(["kept"], "readwrite", ({ kept }) => void kept.put(value, name));
}

export async function forget(...names: (keyof Kept)[]): Promise<void> {
  await transact(["kept"], "readwrite", ({ kept }) => names.forEach((name) => void kept.delete(name)));
}

export type { Draft };
