// What is open on the page: the tab, and the sheet over it.
import { signal } from "@preact/signals";
import { chosen, navigateTo } from "../phone/navigators";
import type { Stop } from "../core/rows";
import { notice } from "../state";
import { W } from "../words";

export type Tab = "now" | "stops" | "map" | "messages" | "you";
export type Open =
  | { kind: "stop"; stop: string }
  | { kind: "deliver" | "fail"; stop: string }
  | { kind: "skip"; stop: string }
  | { kind: "complete" }
  | { kind: "sync" }
  | { kind: "navigator"; place: Place }
  | null;
export interface Place { lat: number; lon: number; label: string }

export const tab = signal<Tab>("now");
export const open = signal<Open>(null);

export function close(): void {
  open.value = null;
}

/** To the navigation app; the first time, it is asked which. */
export function navigate(place: Place): void {
  if (!navigateTo(place.lat, place.lon, place.label) || !chosen.value) open.value = { kind: "navigator", place };
}

export function navigateToStop(stop: Stop): void {
  const { lat, lon, line } = stop.place;
  if (lat === null || lon === null) notice.value = W.noPlace;
  else navigate({ lat, lon, label: line });
}
