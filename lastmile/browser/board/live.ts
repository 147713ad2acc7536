// Live rows: subscribe first, then fetch the snapshot, then apply newer rows. After a break it starts again;
// while the socket is down the snapshot is fetched every few seconds instead.
import { signal } from "@preact/signals";
import * as api from "./api";
import { pause } from "./idle";
import type { LiveMessage, LiveRows } from "./rows";
import { day, depot, takeOpening, takeRows, takeSnapshot } from "./store";
import { t } from "../ui/words";

/** Hear every message of the socket: for what keeps rows of its own. */
export const listeners = new Set<(message: LiveMessage) => void>();

/** Say something on the socket; false while it is not open. */
export function say(message: object): boolean {
  if (socket?.readyState !== WebSocket.OPEN) return false;
  socket.send(JSON.stringify(message));
  return true;
}

export type Connection = "connecting" | "live" | "polling" | "offline";

export const POLL_MS = 10_000;
const RETRY_FIRST_MS = 500;
const BEAT_MS = 10_000;
const SILENCE_MS = 25_000;
const FIRST_PATIENCE_MS = 1_500;
const RETRY_MOST_MS = 10_000;

export const connection = signal<Connection>("connecting");
/** Why the last snapshot could not be fetched, as a sentence; null when it could. */
export const trouble = signal<string | null>(null);
/** When this machine last heard the truth: a snapshot or a live row; 0 before the first. */
export const freshAt = signal(0);

let socket: WebSocket | null = null;
let epoch = "";
let seq = -1;
let retryMs = RETRY_FIRST_MS;
let heardAt = 0;
let retryTimer = 0;
let pollTimer = 0;
let fetching: AbortController | null = null;
/** Rows that came while a snapshot was on its way; applied after it. */
let held: LiveRows[] = [];

/** Settles once the opening is on the screen, or will not be. */
let opened: Promise<void> = Promise.resolve();

/** Show what can be shown before the snapshot; when it cannot be fetched, the snapshot says what is wrong. */
async function open(): Promise<void> {
  try {
    takeOpening(await api.opening(day.peek(), depot.peek()));
  } catch {
    // The skeleton stays until the snapshot is there.
  }
}

export function start(): void {
  opened = Promise.race([open(), new Promise<void>((done) => setTimeout(done, FIRST_PATIENCE_MS))]);
  connect();
  // The first picture does not wait for a slow socket; its hello fetches again, so that nothing in between is missed.
  setTimeout(() => {
    if (!epoch && !fetching) void refresh();
  }, FIRST_PATIENCE_MS);
  setInterval(beat, BEAT_MS);
  window.addEventListener("online", () => {
    clearTimeout(retryTimer);
    retryMs = RETRY_FIRST_MS;
    if (!socket) connect();
  });
  window.addEventListener("offline", () => {
    connection.value = "offline";
    socket?.close();
  });
  // A tab that slept may have missed that its socket died.
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") void refresh();
  });
}

/** A socket can die without a word: one that does not answer pings is closed. */
function beat(): void {
  if (socket?.readyState !== WebSocket.OPEN) return;
  if (heardAt && Date.now() - heardAt > SILENCE_MS) {
    const dead = socket;
    socket = null;
    dead.close();
    dropped();
  } else {
    socket.send('{"type":"ping"}');
  }
}

function connect(): void {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const opening = new WebSocket(`${scheme}://${location.host}/ws/board/`);
  socket = opening;
  heardAt = Date.now();
  opening.addEventListener("message", (event) => {
    heardAt = Date.now();
    if (connection.peek() === "live") freshAt.value = heardAt;
    if (socket === opening) receive(JSON.parse(event.data as string) as LiveMessage);
  });
  opening.addEventListener("close", () => {
    if (socket !== opening) return;
    socket = null;
    dropped();
  });
}

/** Do not wait for the next try: fetch now, and open the socket again. */
export function reconnect(): void {
  clearTimeout(retryTimer);
  retryMs = RETRY_FIRST_MS;
  if (!socket) connect();
  void refresh();
}

function dropped(): void {
  connection.value = navigator.onLine ? "polling" : "offline";
  clearTimeout(retryTimer);
  retryTimer = window.setTimeout(connect, retryMs * (0.75 + Math.random() / 2));
  retryMs = Math.min(retryMs * 2, RETRY_MOST_MS);
  if (!pollTimer) {
    void refresh();
    pollTimer = window.setInterval(() => void refresh(), POLL_MS);
  }
}

function receive(message: LiveMessage): void {
  for (const listener of listeners) listener(message);
  if (message.type === "hello") {
    epoch = message.epoch;
    seq = message.seq;
    retryMs = RETRY_FIRST_MS;
    clearInterval(pollTimer);
    pollTimer = 0;
    void refresh().then((fresh) => {
      if (fresh && socket) connection.value = "live";
    });
    return;
  }
  if (message.type !== "rows") return;
  const gap = message.seq !== seq + 1;
  seq = message.seq;
  if (fetching) held.push(message.rows);
  else takeRows(message.rows);
  if (gap) void refresh();
}

/** Fetch the snapshot of the day and depot on the screen; a newer call replaces one under way. Says whether it arrived. */
export async function refresh(): Promise<boolean> {
  fetching?.abort();
  const mine = new AbortController();
  fetching = mine;
  held = [];
  try {
    // The server is not asked for everything while it still makes the little that is seen first.
    await opened;
    if (fetching !== mine) return false;
    const snapshot = await api.board(day.peek(), depot.peek(), mine.signal);
    // Reading megabytes and showing them are two tasks, so that nobody's click waits for both.
    await pause();
    if (fetching !== mine) return false;
    fetching = null;
    takeSnapshot(snapshot);
    freshAt.value = Date.now();
    for (const rows of held.splice(0)) takeRows(rows);
    trouble.value = null;
    if (socket?.readyState === WebSocket.OPEN && epoch) connection.value = "live";
    return true;
  } catch (error) {
    if (fetching !== mine) return false;
    fetching = null;
    for (const rows of held.splice(0)) takeRows(rows);
    trouble.value = error instanceof Error ? error.message : t("The board could not be loaded.");
    return false;
  }
}
