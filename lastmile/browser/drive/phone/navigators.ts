// Hands the way over to the navigation app that the driver likes; the choice is remembered on this phone.
import { signal } from "@preact/signals";

export interface Navigator { id: string; name: string; url(lat: number, lon: number, label: string): string }

const at = (lat: number, lon: number): string => `${lat.toFixed(6)},${lon.toFixed(6)}`;

const ALL: readonly Navigator[] = [
  { id: "google", name: "Google Maps", url: (lat, lon) => `https://www.google.com/maps/dir/?api=1&destination=${at(lat, lon)}&travelmode=driving&dir_action=navigate` },
  { id: "apple", name: "Apple Maps", url: (lat, lon) => `https://maps.apple.com/?daddr=${at(lat, lon)}&dirflg=d` },
  { id: "waze", name: "Waze", url: (lat, lon) => `https://waze.com/ul?ll=${at(lat, lon)}&navigate=yes` },
  { id: "geo", name: "Another app on this phone", url: (lat, lon, label) => `geo:${at(lat, lon)}?q=${at(lat, lon)}(${encodeURIComponent(label)})` },
];

const android = /android/i.test(navigator.userAgent);
const apple = /iphone|ipad|ipod|macintosh/i.test(navigator.userAgent);

/** Those that this phone can have. */
export const NAVIGATORS = ALL.filter(({ id }) => (id === "apple" ? !android : id === "geo" ? !apple : true));

const KEY = "lastmile-drive-navigator";

function remembered(): string {
  try {
    return localStorage.getItem(KEY) ?? "";
  } catch {
    return "";
  }
}

export const chosen = signal(remembered());

export function choose(id: string): void {
  chosen.value = id;
  try {
    localStorage.setItem(KEY, id);
  } catch {
    // Remembered for this page only.
  }
}

/** Opens the chosen app; false when none is chosen yet. */
export function navigateTo(lat: number, lon: number, label: string): boolean {
  const app = NAVIGATORS.find((one) => one.id === chosen.value);
  if (!app) return false;
  const url = app.url(lat, lon, label);
  if (url.startsWith("geo:")) location.href = url;
  else window.open(url, "_blank", "noopener");
  return true;
}
