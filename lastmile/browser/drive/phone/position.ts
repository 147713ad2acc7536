// Where the phone is, while its driver is on duty and a route is under way; kept in the outbox, sent in batches.
import { signal } from "@preact/signals";
import { metres } from "../../map/polyline";
import type { Fix } from "../core/rows";
import { addFixes } from "../store/outbox";

export type Receiver = "off" | "waiting" | "on" | "denied" | "none";

const STORE_EVERY_MS = 5000;
const CLOSEST_MS = 2000;
const STILL_MS = 10_000;
const STILL_M = 5;
/** An older or vaguer fix says nothing about where a report was made. */
const FRESH_MS = 60_000;
const VAGUE_M = 200;

export const receiver = signal<Receiver>("off");
export const lastFix = signal<Fix | null>(null);

let watch: number | null = null;
let timer = 0;
let held: Fix[] = [];
let kept: Fix | null = null;
let stored: () => void = () => undefined;

/** The place to put on a report; null when it is not known well enough. */
export function here(): { lat: number; lon: number } | null {
  const fix = lastFix.value;
  if (!fix || Date.now() - Date.parse(fix.fix_at) > FRESH_MS || (fix.accuracy_m ?? 0) > VAGUE_M) return null;
  return { lat: fix.lat, lon: fix.lon };
}

/** Worth keeping: the first one, one after a move, or a sign of life. */
export function worth(fix: Fix, last: Fix | null): boolean {
  if (!last) return true;
  const passed = Date.parse(fix.fix_at) - Date.parse(last.fix_at);
  if (passed < CLOSEST_MS) return false;
  return passed >= STILL_MS || metres([last.lon, last.lat], [fix.lon, fix.lat]) >= STILL_M;
}

function seen(position: GeolocationPosition): void {
  const { latitude, longitude, accuracy, speed, heading } = position.coords;
  const whole = (value: number | null): number | null => (value === null || !Number.isFinite(value) ? null : value);
  const fix: Fix = {
    fix_at: new Date(position.timestamp).toISOString(), lat: latitude, lon: longitude, accuracy_m: whole(accuracy),
    speed_mps: whole(speed), heading: whole(heading),
  };
  receiver.value = "on";
  lastFix.value = fix;
  if (!worth(fix, kept)) return;
  kept = fix;
  held.push(fix);
}

async function store(): Promise<void> {
  if (!held.length) return;
  const batch = held;
  held = [];
  try {
    await addFixes(batch);
    stored();
  } catch (error) {
    // A full memory is for proofs first; the fixes are tried again with the next ones.
    console.error(error);
    held = [...batch, ...held].slice(-60);
  }
}

/** Watch from now on; `then` is called after each batch was stored. */
export function start(then: () => void): void {
  stored = then;
  if (watch !== null) return;
  if (!navigator.geolocation || !window.isSecureContext) {
    receiver.value = "none";
    return;
  }
  receiver.value = "waiting";
  watch = navigator.geolocation.watchPosition(
    seen,
    (error) => {
      if (error.code === error.PERMISSION_DENIED) receiver.value = "denied";
      else if (receiver.value !== "on") receiver.value = "waiting";
    },
    { enableHighAccuracy: true, maximumAge: 2000, timeout: 30_000 },
  );
  timer = window.setInterval(() => void store(), STORE_EVERY_MS);
  window.addEventListener("pagehide", flush);
}

function flush(): void {
  void store();
}

export function stop(): void {
  if (watch !== null) navigator.geolocation.clearWatch(watch);
  watch = null;
  window.clearInterval(timer);
  window.removeEventListener("pagehide", flush);
  flush();
  kept = null;
  lastFix.value = null;
  receiver.value = "off";
}
