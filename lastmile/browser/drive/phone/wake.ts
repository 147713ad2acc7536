// Keeps the screen on while the driver drives: a browser records no positions behind a dark screen.
import { signal } from "@preact/signals";

export const awake = signal(false);
export const canStayAwake = "wakeLock" in navigator;

let wanted = false;
let lock: WakeLockSentinel | null = null;

async function take(): Promise<void> {
  if (!canStayAwake || !wanted || lock || document.visibilityState !== "visible") return;
  try {
    lock = await navigator.wakeLock.request("screen");
    awake.value = true;
    lock.addEventListener("release", () => {
      lock = null;
      awake.value = false;
    });
    if (!wanted) await lock.release();
  } catch {
    // A low battery refuses it: the page says so.
    awake.value = false;
  }
}

export function stayAwake(on: boolean): void {
  wanted = on;
  if (on) void take();
  else void lock?.release();
}

document.addEventListener("visibilitychange", () => void take());
