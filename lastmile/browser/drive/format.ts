// Instants and lengths in the organization's zone and units.
import { computed } from "@preact/signals";
import { day } from "./state";

const zone = computed(() => day.value?.organization.timezone);

function clock(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat("en-GB", { ...options, timeZone: zone.value });
  } catch {
    return new Intl.DateTimeFormat("en-GB", options);
  }
}

export function time(at: string | null | undefined): string {
  return at ? clock({ hour: "2-digit", minute: "2-digit" }).format(new Date(at)) : "–";
}
export function span(of: { start: string; end: string } | null | undefined): string {
  return of ? `${time(of.start)}–${time(of.end)}` : "";
}
export function dayWord(day_: string): string {
  return new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long", timeZone: "UTC" }).format(new Date(`${day_}T12:00:00Z`));
}
export function length(metres: number): string {
  const miles = day.value?.organization.distance_unit === "mi";
  const value = metres / (miles ? 1609.344 : 1000);
  return `${value.toLocaleString("en", { maximumFractionDigits: value < 10 ? 1 : 0 })} ${miles ? "mi" : "km"}`;
}
export function lasting(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")}`;
}
/** "Plöck 3, 69117 Heidelberg" as what one looks for at the door, and the rest. */
export function addressParts(line: string): [string, string] {
  const cut = line.indexOf(",");
  return cut < 0 ? [line, ""] : [line.slice(0, cut).trim(), line.slice(cut + 1).trim()];
}
export function ago(at: string, now: number): string {
  const seconds = Math.max(0, Math.round((now - Date.parse(at)) / 1000));
  if (seconds < 10) return "just now";
  return seconds < 90 ? `${seconds} s ago` : `${Math.round(seconds / 60)} min ago`;
}
