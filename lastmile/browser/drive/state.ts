// What the page knows, as signals; and what the driver can do, as verbs. Every verb is stored before it shows.
import { computed, effect, signal } from "@preact/signals";
import type { Draft } from "./core/attempt";
import { current, dayIn, withReports } from "./core/day";
import type { Day, ReportData, ReportType, Session, Stop } from "./core/rows";
import { looking, outgoing, reloadMessages, unsent as unsentLines } from "./messages/state";
import { M } from "./messages/words";
import { here } from "./phone/position";
import { dropDraft } from "./store/outbox";
import * as api from "./store/api";
import * as db from "./store/db";
import * as outbox from "./store/outbox";
import { backoff, sync } from "./store/sender";
import { W } from "./words";

export const ready = signal(false);
export const broken = signal("");
export const session = signal<Session | null>(null);
const base = signal<Day | null>(null);
export const reports = signal<db.OutReport[]>([]);
export const photosWaiting = signal(0);
export const fixesWaiting = signal(0);
export const trouble = signal<db.Trouble>({ kind: "", message: "" });
export const sentAt = signal("");
export const skewMs = signal(0);
export const sending = signal(false);
export const online = signal(navigator.onLine);
export const now = signal(Date.now());
/** A short sentence in the corner, for what happens without the driver. */
export const notice = signal("");

export const waiting = computed(() => reports.value.filter((row) => row.state === "waiting"));
export const refused = computed(() => reports.value.filter((row) => row.state === "refused"));
export const day = computed(() => (base.value ? withReports(base.value, waiting.value) : null));
export const stop = computed(() => (day.value ? current(day.value) : null));
export const underWay = computed(() => day.value?.route?.status === "started");
export const onDuty = computed(() => day.value?.driver.duty === "on_duty");
/** Is the day on the screen another one than today, because nothing newer has arrived? */
export const outdated = computed(() => {
  const held = day.value;
  return held !== null && held.day < dayIn(held.organization.timezone, new Date(now.value)) && held.route?.status !== "started";
});
export const signedOut = computed(() => session.value !== null && trouble.value.kind === "signed_out");

const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("lastmile-drive");

/** Read everything again from the phone's memory: another tab or the service worker may have changed it. */
export async function reload(): Promise<void> {
  const [held, kept] = await Promise.all([
    outbox.contents(),
    db.transact(["kept"], "readonly", ({ kept: store }) => Promise.all([
      db.got(store.get("session") as IDBRequest<Session | undefined>), db.got(store.get("day") as IDBRequest<Day | undefined>),
      db.got(store.get("trouble") as IDBRequest<db.Trouble | undefined>), db.got(store.get("sent_at") as IDBRequest<string | undefined>),
      db.got(store.get("skew_ms") as IDBRequest<number | undefined>),
    ])),
  ]);
  const [heldSession, heldDay, heldTrouble, heldSent, heldSkew] = kept;
  const before = base.value;
  session.value = heldSession ?? null;
  reports.value = held.reports;
  photosWaiting.value = held.photos;
  fixesWaiting.value = held.positions;
  trouble.value = heldTrouble ?? { kind: "", message: "" };
  sentAt.value = heldSent ?? "";
  skewMs.value = heldSkew ?? 0;
  if (JSON.stringify(heldDay ?? null) !== JSON.stringify(before)) base.value = heldDay ?? null;
  if (before && heldDay) tellChange(before, heldDay);
  const news = await reloadMessages();
  if (news && !looking.peek()) notice.value = M.news(news.text.length > 140 ? `${news.text.slice(0, 139)}…` : news.text);
}

function shape(held: Day): string {
  return held.stops.filter((one) => one.status !== "unassigned" && one.status !== "cancelled").map((one) => one.id).join();
}

function tellChange(before: Day, after: Day): void {
  if (!before.route && after.route && after.route.status !== "completed") notice.value = W.routeNew;
  else if (before.route && before.route.id === after.route?.id && after.route.status === "started" && shape(before) !== shape(after)) {
    notice.value = W.routeChanged;
  }
}

// --- Sending ---------------------------------------------------------------------------------------------------------
const POLL_MS = 30_000;
let failures = 0;
let timer = 0;
let dayAskedAt = 0;
let running = false;
let again: "no" | "send" | "day" = "no";

/** Send now; with `wantDay`, ask for the day even if there is nothing to send. */
export async function send(wantDay = false): Promise<void> {
  if (running) {
    if (again !== "day") again = wantDay ? "day" : "send";
    return;
  }
  if (!session.value) return;
  running = true;
  sending.value = true;
  window.clearTimeout(timer);
  let wait = POLL_MS;
  try {
    const ask = wantDay || base.value === null || (document.visibilityState === "visible" && Date.now() - dayAskedAt >= POLL_MS);
    if (ask) dayAskedAt = Date.now();
    const outcome = await sync(ask);
    failures = outcome.left ? failures + 1 : 0;
    if (outcome.left) wait = Math.max(outcome.waitMs, backoff(failures));
    if (outcome.trouble.kind === "signed_out" || outcome.trouble.kind === "forbidden") wait = POLL_MS;
  } catch (error) {
    console.error(error);
    failures += 1;
    wait = backoff(failures);
  }
  await reload().catch((error: unknown) => console.error(error));
  running = false;
  sending.value = false;
  channel?.postMessage("changed");
  if (again !== "no") {
    const next = again === "day";
    again = "no";
    if (failures === 0) return send(next);
  }
  timer = window.setTimeout(() => void send(document.visibilityState === "visible"), wait);
}

/** As soon as there is hope again: the driver asks, the network is back, the page is looked at. */
export function sendNow(): void {
  failures = 0;
  void send(true);
}

/** For work that can wait its turn: while the server is out of reach it does not shorten the pause between two tries. */
export function sendSoon(): void {
  if (failures === 0) void send();
  else void reload().catch(() => undefined);
}

function later(): void {
  // The service worker sends what is left when the page is closed, where the browser can do that.
  void navigator.serviceWorker?.ready
    .then((registration) => (registration as unknown as { sync?: { register(tag: string): Promise<void> } }).sync?.register("outbox"))
    .catch(() => undefined);
}

/** Something waits to be sent: shown at once, and sent as soon as it can be. */
export async function changed(): Promise<void> {
  await reload();
  channel?.postMessage("changed");
  later();
  void send();
}

export async function begin(): Promise<void> {
  try {
    await reload();
  } catch (error) {
    console.error(error);
    broken.value = W.noStorage;
  }
  ready.value = true;
  if (channel) channel.onmessage = () => void reload().catch(() => undefined);
  window.addEventListener("online", () => {
    online.value = true;
    sendNow();
  });
  window.addEventListener("offline", () => {
    online.value = false;
  });
  document.addEventListener("visibilitychange", () => {
    now.value = Date.now();
    if (document.visibilityState === "visible") sendNow();
  });
  window.setInterval(() => {
    now.value = Date.now();
  }, 15_000);
  let signedIn = false;
  effect(() => {
    const is = session.value !== null;
    if (is && !signedIn) queueMicrotask(() => void send(true));
    signedIn = is;
  });
}

// --- What the driver does --------------------------------------------------------------------------------------------
interface Doing { stop?: Stop; data?: ReportData; about?: string }

function work(type: ReportType, { stop: at, data, about = "" }: Doing = {}): outbox.NewWork {
  const driver = session.value?.driver.id ?? "";
  return { type, driver, about: about || at?.place.line || "", at: new Date(), spot: here(), ...(at ? { stop: at.id } : {}), ...(data ? { data } : {}) };
}

async function report(type: ReportType, doing?: Doing): Promise<void> {
  await outbox.enqueue(work(type, doing));
  await changed();
}

function ofRoute(): Doing {
  const route = day.value?.route;
  return route ? { data: { route: route.id }, about: route.vehicle.name } : {};
}

export const goOnDuty = (): Promise<void> => report("duty_on");
export const goOffDuty = (): Promise<void> => report("duty_off");
export const startBreak = (): Promise<void> => report("break_started");
export const endBreak = (): Promise<void> => report("break_ended");
export const startRoute = (): Promise<void> => report("route_started", ofRoute());
export const completeRoute = (): Promise<void> => report("route_completed", ofRoute());
export const skip = (at: Stop, note: string): Promise<void> => report("skipped", { stop: at, data: { note } });
export const depart = (at: Stop): Promise<void> => report("departed", { stop: at });

/** Here. A stop that was done but not left is left by it. */
export async function arrive(at: Stop): Promise<void> {
  const left = day.value?.stops.filter((one) => one.status === "attempted" && one.id !== at.id) ?? [];
  await outbox.enqueue(...left.map((one) => work("departed", { stop: one })), work("arrived", { stop: at }));
  await changed();
}

/** The form becomes a report; its id. */
export async function attempt(at: Stop, draft: Draft): Promise<string> {
  const { type: _, ...rest } = work("attempted", { stop: at, about: at.place.line });
  const id = await outbox.enqueueAttempt(draft, at, rest);
  await changed();
  return id;
}

/** Wait a moment for the server's word on a report: refused, or taken, or not known yet. */
export function wordOn(id: string, patience_ms: number): Promise<db.OutReport | "taken" | "unknown"> {
  return new Promise((resolve) => {
    let stopWatching = (): void => undefined;
    const done = (word: db.OutReport | "taken" | "unknown"): void => {
      window.clearTimeout(limit);
      queueMicrotask(() => stopWatching());
      resolve(word);
    };
    const limit = window.setTimeout(() => done("unknown"), patience_ms);
    stopWatching = effect(() => {
      const row = reports.value.find((one) => one.id === id);
      if (!row) done("taken");
      else if (row.state === "refused") done(row);
    });
  });
}

export async function acknowledge(row: db.OutReport): Promise<void> {
  await outbox.acknowledge(row.sequence);
  await reload();
}

/** Opens the form of a refused attempt again. */
export async function reopen(row: db.OutReport): Promise<Draft | null> {
  const draft = await outbox.reopen(row.sequence);
  await reload();
  return draft;
}

export { dropDraft };

// --- Signing in and out ----------------------------------------------------------------------------------------------
function deviceName(): string {
  const agent = navigator.userAgent;
  const known = /\(([^)]*)\)/.exec(agent)?.[1]?.split(";").map((part) => part.trim()) ?? [];
  return (known.find((part) => /iphone|ipad|pixel|sm-|build|android|windows|mac os|linux/i.test(part)) ?? "Phone").slice(0, 60);
}

/** Returns a sentence when it did not work. */
export async function signIn(email: string, password: string): Promise<string> {
  try {
    const answer = await api.signIn(email.trim(), password, deviceName());
    const other = [...reports.value, ...outgoing.value].find((row) => row.driver !== answer.driver.id && row.state === "waiting");
    const before = session.value;
    if (other && before && before.driver.id !== answer.driver.id) {
      await api.signOut(answer.token).catch(() => undefined);
      return W.otherDriver(before.driver.name);
    }
    if (before && before.driver.id !== answer.driver.id) await outbox.wipe();
    await db.transact(["kept"], "readwrite", ({ kept }) => {
      kept.put({ ...answer, email: email.trim() }, "session");
      kept.put({ kind: "", message: "" }, "trouble");
    });
    failures = 0;
    await reload();
    channel?.postMessage("changed");
    void send(true);
    return "";
  } catch (error) {
    if (!(error instanceof api.ApiError)) throw error;
    if (error.kind === "offline") return W.signInOffline;
    return error.message || W.signInServer;
  }
}

/** Only when all has been sent: returns a sentence when it is refused. */
export async function signOut(): Promise<string> {
  const unsent = (): number => waiting.value.length + unsentLines.value.length;
  if (unsent() && online.value) await send();
  await reload();
  if (unsent()) return W.signOutRefused(unsent());
  const token = session.value?.token;
  // Without a connection the key stays valid on the server; it is gone from this phone all the same.
  if (token) await api.signOut(token).catch(() => undefined);
  await outbox.wipe();
  await reload();
  channel?.postMessage("changed");
  return "";
}
