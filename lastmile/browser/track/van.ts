// The map of the recipient's page: the address, and the van while it is on its way here.
import { createMap } from "../map/map";
import { onTheme, theme } from "../ui/theme";
import type { State } from "./state";

interface MapRow {
  pmtiles_url: string | null;
  bbox: [number, number, number, number] | null;
  attribution: string;
}

export interface Van {
  move(state: State): void;
}

const COLOR = "#0b6a56";
const STALE_MS = 120_000;

export async function show(box: HTMLElement, workerUrl: string): Promise<Van> {
  const row = JSON.parse(document.querySelector("#map-row")?.textContent ?? "{}") as MapRow;
  const frame = document.createElement("div");
  box.append(frame);
  const map = createMap(frame, {
    pmtilesUrl: row.pmtiles_url ?? null, styleUrl: null, bbox: row.bbox ?? null, theme: theme(),
    attribution: row.attribution ?? "", workerUrl,
  });
  onTheme((next) => map.setTheme(next));
  let pinned = false;
  let fitted = "";
  await map.ready;
  return {
    move(state) {
      const to = state.destination;
      if (to && !pinned) {
        map.pin([to.lon, to.lat], false, () => undefined);
        pinned = true;
      }
      const { lat = null, lon = null } = state.driver ?? {};
      if (state.driver && lat !== null && lon !== null) {
        const age = state.driver.fix_at ? Date.parse(state.at) - Date.parse(state.driver.fix_at) : 0;
        map.setVans([{
          id: "van", route: null, lat, lon, heading: state.driver.heading ?? 0, color: COLOR, stale: age > STALE_MS,
          label: state.driver.first_name,
        }]);
      } else {
        map.setVans([]);
      }
      // Follow only as far as needed: once for each cell of about a hundred metres, not with every fix.
      const key = lat === null || lon === null ? "here" : `${lat.toFixed(3)},${lon.toFixed(3)}`;
      if (to && key !== fitted) {
        const points: [number, number][] = [[to.lon, to.lat]];
        if (lat !== null && lon !== null) points.push([lon, lat]);
        map.fit(points, { padding: 56, maxZoom: 15.5, calm: fitted !== "" });
        fitted = key;
      }
    },
  };
}
