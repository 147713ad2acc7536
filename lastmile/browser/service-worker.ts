// Of the driver's page, scope /drive/: the page opens without a connection, and sends what is left after it was closed.
// The server puts `self.SHELL` in front of this file: what belongs to this version, by address.
import { sync } from "./drive/store/sender";

interface Shell { version: string; page: string; urls: string[] }
declare const self: ServiceWorkerGlobalScope & { SHELL: Shell };

const SHELL = `drive-${self.SHELL.version}`;
const TILES = "drive-tiles";
const MOST_TILES = 600;

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches.open(SHELL).then((cache) =>
      cache.addAll([self.SHELL.page, ...self.SHELL.urls].map((url) => new Request(url, { cache: "reload", credentials: "omit" })))),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      const names = await caches.keys();
      await Promise.all(names.filter((name) => name.startsWith("drive-") && name !== SHELL && name !== TILES).map((name) => caches.delete(name)));
      await self.clients.claim();
    })(),
  );
});

self.addEventListener("message", (event) => {
  if (event.data === "take-over") void self.skipWaiting();
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate" && url.pathname === self.SHELL.page) event.respondWith(page(request));
  else if (url.pathname.startsWith("/static/") || self.SHELL.urls.includes(url.pathname)) event.respondWith(file(request));
  else if (url.pathname.endsWith(".pmtiles") && request.headers.has("Range")) event.respondWith(tile(request));
});

async function page(request: Request): Promise<Response> {
  const cache = await caches.open(SHELL);
  return (await cache.match(self.SHELL.page, { ignoreSearch: true, ignoreVary: true })) ?? fetch(request);
}

/** The files of this version; any other one that is asked for is kept with them. */
async function file(request: Request): Promise<Response> {
  const cache = await caches.open(SHELL);
  const held = await cache.match(request, { ignoreVary: true });
  if (held) return held;
  const answer = await fetch(request);
  if (answer.ok && answer.status === 200) await cache.put(request, answer.clone()).catch(() => undefined);
  return answer;
}

/** Pieces of the map that were seen once are there without a connection. A cache takes no partial answers: each piece is
 * kept under an address of its own. */
async function tile(request: Request): Promise<Response> {
  const key = `${request.url}?piece=${request.headers.get("Range")}`;
  const cache = await caches.open(TILES);
  const held = await cache.match(key);
  if (held) {
    const headers = new Headers(held.headers);
    return new Response(await held.arrayBuffer(), { status: 206, statusText: "Partial Content", headers });
  }
  const answer = await fetch(request);
  if (answer.status !== 206) return answer;
  // Pieces of two different maps do not fit together.
  const mark = new Request(`${request.url}?mark`);
  const heldMark = await (await cache.match(mark))?.text();
  const newMark = answer.headers.get("ETag") ?? answer.headers.get("Last-Modified") ?? "";
  if (heldMark !== undefined && heldMark !== newMark) await Promise.all((await cache.keys()).map((old) => cache.delete(old)));
  if (heldMark !== newMark) await cache.put(mark, new Response(newMark));
  const bytes = await answer.clone().arrayBuffer();
  await cache.put(key, new Response(bytes, { status: 200, headers: answer.headers })).catch(() => undefined);
  const keys = await cache.keys();
  if (keys.length > MOST_TILES) await Promise.all(keys.slice(0, keys.length - MOST_TILES).map((old) => cache.delete(old)));
  return answer;
}

// Background Sync, where the browser has it: the outbox is emptied although the page is closed.
self.addEventListener("sync", ((event: ExtendableEvent & { tag: string }) => {
  if (event.tag !== "outbox") return;
  event.waitUntil(
    sync(false).then((outcome) => {
      if (typeof BroadcastChannel !== "undefined") new BroadcastChannel("lastmile-drive").postMessage("changed");
      // A rejected promise makes the browser try again later.
      if (outcome.left && outcome.trouble.kind !== "signed_out") throw new Error("left");
    }),
  );
}) as EventListener);
