// Work that nobody waits for.

/** Run it when the page has nothing else to do. */
export const whenIdle: (run: () => void) => void = window.requestIdleCallback
  ? (run) => void window.requestIdleCallback(run, { timeout: 1_000 })
  : (run) => void window.setTimeout(run, 30);

/** Let the page answer and draw before what comes next. */
export const pause = (): Promise<void> => new Promise((done) => setTimeout(done));
