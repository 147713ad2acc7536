// Zones on the board: whether the map shows them, the list of them, and the one that is being drawn or changed.
import { signal } from "@preact/signals";
import { toast } from "../../ui/toasts";
import { t } from "../../ui/words";
import type { ZoneRow } from "../rows";
import { drivers, zones } from "../store";

const KEPT = "board.zones";

/** Latitude and longitude, as the server has corners. */
export type Outline = [lat: number, lon: number][];

/** What the dialog holds of a zone. `id` null: it is new. */
export interface Draft {
  id: string | null;
  name: string;
  color: string;
  outline: Outline;
  drivers: ReadonlySet<string>;
  /** Of all drivers who are strict now, or are to be: those who never leave their zones. */
  strict: ReadonlySet<string>;
}

const COLORS = ["#0891b2", "#db2777", "#d97706", "#7c3aed", "#059669", "#dc2626", "#4d7c0f", "#2563eb"];

function kept(): boolean {
  try {
    return localStorage.getItem(KEPT) !== "hidden";
  } catch {
    return true;
  }
}

/** Whether the map shows zones. */
export const shown = signal(kept());

export function show(wanted: boolean): void {
  shown.value = wanted;
  try {
    localStorage.setItem(KEPT, wanted ? "shown" : "hidden");
  } catch {
    // Kept for this page only.
  }
}

/** The list of all zones is open. */
export const listing = signal(false);
/** The zone whose dialog is open. */
export const draft = signal<Draft | null>(null);
/** The zone whose outline is drawn anew; null: what is drawn is a new zone. */
let redrawn: Draft | null = null;

/** The next ring that is drawn on the map belongs to this zone, or to a new one. */
export function drawFor(zone: Draft | null): void {
  redrawn = zone;
}

/** A ring has been drawn: its dialog opens. */
export function drawn(outline: Outline): void {
  if (outline.length < 3) {
    toast(t("That is too small for a zone. Draw a line around the whole area."), "info");
    return;
  }
  show(true);
  draft.value = redrawn
    ? { ...redrawn, outline }
    : { id: null, name: "", color: freeColor(), outline, drivers: new Set(), strict: strictNow() };
  redrawn = null;
}

export function open(zone: ZoneRow): void {
  const { id, name, color, outline } = zone;
  listing.value = false;
  draft.value = { id, name, color, outline, drivers: new Set(zone.drivers), strict: strictNow() };
}

/** The drivers who never leave their zones, as the server has it. */
export const strictNow = (): ReadonlySet<string> => new Set(drivers.all().filter((row) => row.zones_strict).map((row) => row.id));

/** The first colour of the palette that no zone has. */
function freeColor(): string {
  const taken = new Set(zones.all().map((zone) => zone.color));
  return COLORS.find((color) => !taken.has(color)) ?? COLORS[taken.size % COLORS.length]!;
}
