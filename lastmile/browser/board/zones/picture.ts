// Zones as the map draws them, with the one that is being drawn.
import { computed } from "@preact/signals";
import type { MapZone } from "../../map/map";
import { zones } from "../store";
import { draft, type Outline, shown } from "./state";

const ring = (outline: Outline): MapZone["ring"] => outline.map(([lat, lon]) => [lon, lat]);

export const onMap = computed<MapZone[]>(() => {
  if (!shown.value) return [];
  const now = draft.value;
  const found = zones.all().filter((zone) => zone.id !== now?.id).map(({ name, color, outline }) => ({ name, color, ring: ring(outline) }));
  return now ? [...found, { name: now.name, color: now.color, ring: ring(now.outline) }] : found;
});
