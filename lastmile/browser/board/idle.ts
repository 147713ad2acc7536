// Work that nobody waits for.

/** Run it when the page has nothing else to do. */
export const whenIdle: (run: () => void) => void = window.requestIdleCallback
  ? (run) => void window.requestIdleCallback(run, { timeout: 1_000 })
  : (run) => void window.setTimeout(run, 30);

const CALM_MS = 1_000;
const CALM_MOST_MS = 5_000;

/** Run it once the page has not been held up for a second (a task over 50 ms), at the latest after five. */
export function whenCalm(run: () => void): void {
  const begin = (): void => {
    clearTimeout(calm);
    clearTimeout(latest);
    observer?.disconnect();
    run();
  };
  let calm = window.setTimeout(begin, CALM_MS);
  const latest = window.setTimeout(begin, CALM_MOST_MS);
  const watched = PerformanceObserver.supportedEntryTypes.includes("longtask");
  const observer = watched
    ? new PerformanceObserver(() => {
        clearTimeout(calm);
        calm = window.setTimeout(begin, CALM_MS);
      })
    : null;
  observer?.observe({ type: "longtask" });
}

/** Let the page answer and draw before what comes next. */
export const pause = (): Promise<void> => new Promise((done) => setTimeout(done));
