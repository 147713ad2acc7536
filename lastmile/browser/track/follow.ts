// Asks every ten seconds, less often while nobody looks or nothing answers; says how old the van's position is.
import { ageWords, changed, clockWords, type State } from "./state";
import type { Van } from "./van";

const EVERY_MS = 10_000;
const MOST_MS = 120_000;
const STALE_S = 120;

export function follow(page: HTMLElement): void {
  const told = document.querySelector("#state-row")?.textContent;
  if (!told) return;
  let state = JSON.parse(told) as State;
  const loadedAt = Date.now();
  /** The server's clock less the phone's, so that a phone whose clock is wrong still tells the right age. */
  let ahead = Date.parse(state.at) - loadedAt;
  let waitMs = EVERY_MS;
  let timer = 0;
  let heardAt = loadedAt;
  let van: Van | null = null;

  const box = document.querySelector<HTMLElement>("[data-track-map]");
  if (box) {
    box.hidden = false;
    void import("./van").then(async ({ show }) => {
      van = await show(box, page.dataset.mapWorker ?? "");
      van.move(state);
    }).catch((error: unknown) => {
      console.error(error);
      box.hidden = true;
    });
  }
  if ("ended" in page.dataset) return;

  const clock = document.querySelector<HTMLElement>("[data-clock]");
  const age = document.querySelector<HTMLElement>("[data-age]");
  const fresh = document.querySelector<HTMLElement>("[data-fresh]");
  const zone = page.dataset.timezone ?? "UTC";

  function tick(): void {
    const now = Date.now();
    if (age) {
      const fixAt = state.driver?.fix_at;
      age.hidden = !fixAt;
      if (fixAt) {
        const seconds = Math.max(0, (now + ahead - Date.parse(fixAt)) / 1000);
        put(age, `Seen ${ageWords(seconds)}`);
        age.classList.toggle("is-stale", seconds > STALE_S);
      }
    }
    if (fresh) {
      const late = now - heardAt > 3 * EVERY_MS;
      put(fresh, late ? `No connection. This was true ${ageWords((now - heardAt) / 1000)}.` : "");
      fresh.classList.toggle("is-late", late);
    }
  }

  async function ask(): Promise<void> {
    try {
      const answer = await fetch("state", { cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer" });
      if (answer.status === 404) {
        location.reload();
        return;
      }
      if (!answer.ok) throw new Error(`The server answered ${answer.status}.`);
      const next = (await answer.json()) as State;
      heardAt = Date.now();
      ahead = Date.parse(next.at) - heardAt;
      waitMs = EVERY_MS;
      if (changed(state, next)) {
        location.reload();
        return;
      }
      state = next;
      const span = next.eta ?? next.window;
      if (clock && span) put(clock, clockWords(span, zone));
      van?.move(next);
    } catch {
      waitMs = Math.min(MOST_MS, waitMs * 2);
    }
    tick();
    plan();
  }

  function plan(): void {
    clearTimeout(timer);
    timer = window.setTimeout(() => void ask(), document.hidden ? MOST_MS : waitMs);
  }

  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) void ask();
  });
  window.addEventListener("online", () => void ask());
  window.setInterval(tick, 5_000);
  tick();
  plan();
}

/** Written only when it changes, so that a screen reader is not told the same again. */
function put(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
