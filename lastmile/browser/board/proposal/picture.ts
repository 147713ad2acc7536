// A proposal as the map draws it.
import type { MapRoute, MapStop } from "../../map/map";
import { decode } from "../../map/polyline";
import { stops } from "../store";
import type { Proposal } from "./rows";
import { who } from "./words";

export function routesOf(proposal: Proposal): MapRoute[] {
  return proposal.lines.map((line) => ({ id: line.shift, color: who(line.shift, line.label).color, behind: [], ahead: decode(line.geometry) }));
}

export function stopsOf(proposal: Proposal): MapStop[] {
  const moved = new Set(proposal.difference.stops.filter((row) => row.kind !== "shifted" && row.kind !== "retimed").map((row) => row.stop));
  const shown: MapStop[] = [];
  const put = (id: string, route: string | null, number: string, color: string, look: MapStop["look"]): void => {
    const place = stops.get(id)?.place;
    if (place && place.lat !== null && place.lon !== null) shown.push({ id, route, lat: place.lat, lon: place.lon, number, color, look, late: false });
  };
  for (const line of proposal.lines) {
    const { color } = who(line.shift, line.label);
    line.stops.forEach((id, index) => put(id, line.shift, String(index + 1), color, moved.has(id) ? "next" : "todo"));
  }
  for (const change of proposal.difference.stops) if (!change.after) put(change.stop, null, "", "#7c8a83", "unassigned");
  return shown;
}
