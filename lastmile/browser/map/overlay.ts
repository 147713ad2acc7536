// The board's own layers over the basemap: sources, layers and how rows become features. Knows the style specification,
// not the library.
import type { Feature, FeatureCollection, Point } from "geojson";
import type { AddLayerObject, ExpressionSpecification, FilterSpecification } from "maplibre-gl";
import { inkOn } from "./images";
import type { Path } from "./polyline";

export type Theme = "light" | "dark";

export interface MapRoute {
  id: string;
  color: string;
  /** Driven already, drawn dimmed; may be empty. */
  behind: Path;
  ahead: Path;
}
export type StopLook = "todo" | "done" | "failed" | "next" | "unassigned" | "skipped";
export interface MapStop {
  id: string;
  route: string | null;
  lon: number;
  lat: number;
  color: string;
  number: string;
  look: StopLook;
  late: boolean;
}
export interface MapVan {
  id: string;
  route: string | null;
  lon: number;
  lat: number;
  heading: number;
  color: string;
  stale: boolean;
  label: string;
}
export interface MapDepot {
  id: string;
  lon: number;
  lat: number;
  name: string;
}

/** An area on the ground, under everything else. */
export interface MapZone {
  name: string;
  color: string;
  /** Its corners, not closed. */
  ring: Path;
}

/** What somebody else has selected: a ring around `point`, a band along `path`, and their name. */
export interface MapMark {
  name: string;
  color: string;
  point: [number, number] | null;
  path: Path;
}

export const SOURCES = ["zones", "routes", "stops", "depots", "vans", "marks", "chosen"] as const;
export const PICKABLE = ["vans", "stops-dot", "routes-touch"];

export function routeFeatures(routes: readonly MapRoute[]): FeatureCollection {
  const features: Feature[] = [];
  for (const { id, color, behind, ahead } of routes) {
    for (const [part, path] of [["behind", behind], ["ahead", ahead]] as const) {
      if (path.length > 1) {
        features.push({ type: "Feature", properties: { route: id, color, part }, geometry: { type: "LineString", coordinates: path } });
      }
    }
  }
  return { type: "FeatureCollection", features };
}

const ORDER: Record<StopLook, number> = { done: 0, failed: 2, todo: 1, skipped: 3, unassigned: 4, next: 5 };

export function stopFeatures(stops: readonly MapStop[], theme: Theme): FeatureCollection {
  const paper = theme === "dark" ? "#141d1a" : "#ffffff";
  return {
    type: "FeatureCollection",
    features: stops.map((stop): Feature<Point> => {
      const { look, color } = stop;
      const fill = look === "done" ? paper : look === "failed" ? "#c9353a" : look === "unassigned" || look === "skipped" ? "#e0a02f" : color;
      const edge = look === "done" ? color : stop.late ? "#d8262c" : theme === "dark" ? "#0d1412" : "#ffffff";
      const text = look === "done" ? "✓" : look === "failed" ? "✕" : look === "unassigned" ? "?" : stop.number;
      const ink = look === "done" ? color : inkOn(fill);
      return {
        type: "Feature",
        properties: { id: stop.id, route: stop.route ?? "", fill, edge, late: stop.late, look, image: `number|${text}|${ink}`, order: ORDER[look] },
        geometry: { type: "Point", coordinates: [stop.lon, stop.lat] },
      };
    }),
  };
}

/** The stops that are selected together: few of the many, so that the rest costs no ring that nobody sees. */
export function chosenFeatures(stops: readonly MapStop[], chosen: ReadonlySet<string>): FeatureCollection {
  return {
    type: "FeatureCollection",
    features: stops.filter((stop) => chosen.has(stop.id)).map(({ lon, lat }) => ({ type: "Feature", properties: {}, geometry: { type: "Point", coordinates: [lon, lat] } })),
  };
}

export function vanFeatures(vans: readonly MapVan[], theme: Theme): FeatureCollection {
  return {
    type: "FeatureCollection",
    features: vans.map((van) => ({
      type: "Feature",
      properties: {
        id: van.id, route: van.route ?? "", heading: van.heading, image: `van|${van.color}|${van.stale ? "stale" : "live"}`,
        label: `label|${theme}|${van.label}`, stale: van.stale,
      },
      geometry: { type: "Point", coordinates: [van.lon, van.lat] },
    })),
  };
}

export function depotFeatures(depots: readonly MapDepot[], theme: Theme): FeatureCollection {
  return {
    type: "FeatureCollection",
    features: depots.map((depot) => ({
      type: "Feature",
      properties: { id: depot.id, image: `depot|${theme}`, label: `label|${theme}|${depot.name}` },
      geometry: { type: "Point", coordinates: [depot.lon, depot.lat] },
    })),
  };
}

/** Each zone as an area, and its name at its northernmost corner: in the middle it would lie under the stops. */
export function zoneFeatures(zones: readonly MapZone[]): FeatureCollection {
  const features: Feature[] = [];
  for (const { name, color, ring } of zones) {
    const first = ring[0];
    if (!first) continue;
    features.push({ type: "Feature", properties: { color }, geometry: { type: "Polygon", coordinates: [[...ring, first]] } });
    const top = ring.reduce((best, corner) => (corner[1] > best[1] ? corner : best), first);
    if (name) features.push({ type: "Feature", properties: { label: `zone|${color}|${name}` }, geometry: { type: "Point", coordinates: top } });
  }
  return { type: "FeatureCollection", features };
}

export function markFeatures(marks: readonly MapMark[], theme: Theme): FeatureCollection {
  const features: Feature[] = [];
  for (const { name, color, point, path } of marks) {
    const label = name ? `label|${theme}|${name}` : "";
    const middle = path[Math.floor(path.length / 2)];
    if (path.length > 1) features.push({ type: "Feature", properties: { color }, geometry: { type: "LineString", coordinates: path } });
    if (point) features.push({ type: "Feature", properties: { color, label, ring: true }, geometry: { type: "Point", coordinates: point } });
    else if (middle && label) features.push({ type: "Feature", properties: { color, label }, geometry: { type: "Point", coordinates: middle } });
  }
  return { type: "FeatureCollection", features };
}

/** One number when nothing is selected; else one for the selected route and another for the rest. */
function chosen(selected: string | null, all: number, one: number, rest: number): number | ExpressionSpecification {
  return selected === null ? all : ["case", ["==", ["get", "route"], selected], one, rest];
}

/** Paint that depends on the selected route: [layer, property, value]. */
export function paintFor(selected: string | null): [string, string, number | ExpressionSpecification][] {
  const bright = (lit: number, dim: number): ExpressionSpecification => ["*", ["case", ["==", ["get", "part"], "behind"], dim, 1], chosen(selected, lit, 1, 0.16)];
  return [
    ["routes-casing", "line-opacity", bright(0.85, 0.35)],
    ["routes-line", "line-opacity", bright(0.92, 0.34)],
    ["routes-arrows", "icon-opacity", chosen(selected, 0.9, 1, 0)],
    ["stops-dot", "circle-opacity", chosen(selected, 1, 1, 0.28)],
    ["stops-dot", "circle-stroke-opacity", chosen(selected, 1, 1, 0.28)],
    ["stops-number", "icon-opacity", chosen(selected, 1, 1, 0.3)],
    // Who is not heard from is faded, also where nothing is selected.
    ["vans", "icon-opacity", ["*", ["case", ["get", "stale"], 0.55, 1], chosen(selected, 1, 1, 0.55)]],
  ];
}

const grown = (hover: number, normal: number): ExpressionSpecification => [
  "case", ["boolean", ["feature-state", "selected"], false], hover * 1.12, ["boolean", ["feature-state", "hover"], false], hover, normal,
];

export function layers(theme: Theme): AddLayerObject[] {
  const casing = theme === "dark" ? "#0b1210" : "#ffffff";
  const width = (base: number): ExpressionSpecification => ["interpolate", ["linear"], ["zoom"], 8, base * 0.55, 12, base, 16, base * 1.9];
  const ahead: FilterSpecification = ["==", ["get", "part"], "ahead"];
  const round = { "line-cap": "round", "line-join": "round" } as const;
  const area: FilterSpecification = ["==", ["geometry-type"], "Polygon"];
  return [
    { id: "zones-fill", type: "fill", source: "zones", filter: area, paint: { "fill-color": ["get", "color"], "fill-opacity": theme === "dark" ? 0.16 : 0.1, "fill-antialias": false } },
    { id: "zones-line", type: "line", source: "zones", filter: area, layout: round, paint: { "line-color": ["get", "color"], "line-width": width(1.8), "line-opacity": theme === "dark" ? 0.95 : 0.75 } },
    { id: "zones-label", type: "symbol", source: "zones", filter: ["==", ["geometry-type"], "Point"], layout: { "icon-image": ["get", "label"], "icon-allow-overlap": true, "icon-ignore-placement": true } },
    { id: "routes-casing", type: "line", source: "routes", layout: round, paint: { "line-color": casing, "line-width": width(6.5) } },
    { id: "routes-line", type: "line", source: "routes", layout: round, paint: { "line-color": ["get", "color"], "line-width": width(3.6) } },
    {
      id: "routes-arrows", type: "symbol", source: "routes", filter: ahead, minzoom: 11.5,
      layout: { "symbol-placement": "line", "symbol-spacing": 110, "icon-image": "arrow|#ffffff", "icon-size": ["interpolate", ["linear"], ["zoom"], 12, 0.62, 16, 1], "icon-allow-overlap": true, "icon-padding": 0 },
      paint: {},
    },
    { id: "marks-band", type: "line", source: "marks", filter: ["==", ["geometry-type"], "LineString"], layout: round, paint: { "line-color": ["get", "color"], "line-width": width(2.2), "line-gap-width": width(7.5), "line-opacity": 0.8 } },
    // Never drawn, only felt: wide enough for a finger.
    { id: "routes-touch", type: "line", source: "routes", paint: { "line-opacity": 0, "line-width": 14 } },
    {
      id: "stops-chosen", type: "circle", source: "chosen",
      paint: {
        "circle-color": theme === "dark" ? "#7db8ff" : "#1263c9",
        "circle-opacity": 0.9,
        "circle-radius": ["interpolate", ["linear"], ["zoom"], 8, 5.5, 11, 8.5, 12.5, 13, 16, 16],
      },
    },
    {
      id: "stops-dot", type: "circle", source: "stops", layout: { "circle-sort-key": ["get", "order"] },
      paint: {
        "circle-color": ["get", "fill"],
        "circle-radius": ["interpolate", ["linear"], ["zoom"], 8, grown(5, 2.6), 11, grown(8, 5), 12.5, grown(11, 8.5), 16, grown(14, 11)],
        "circle-stroke-color": ["get", "edge"],
        "circle-stroke-width": ["interpolate", ["linear"], ["zoom"], 8, 0.8, 12.5, ["case", ["get", "late"], 2.6, 1.7]],
      },
    },
    {
      id: "stops-number", type: "symbol", source: "stops", minzoom: 11.6,
      layout: { "icon-image": ["get", "image"], "icon-size": ["interpolate", ["linear"], ["zoom"], 11.6, 0.8, 13, 1, 16, 1.25], "icon-padding": 0, "icon-overlap": "cooperative", "symbol-sort-key": ["-", 9, ["get", "order"]] },
      paint: {},
    },
    {
      id: "marks-ring", type: "circle", source: "marks", filter: ["has", "ring"],
      paint: { "circle-color": "#000000", "circle-opacity": 0, "circle-radius": ["interpolate", ["linear"], ["zoom"], 8, 7, 11, 11, 12.5, 15, 16, 19], "circle-stroke-color": ["get", "color"], "circle-stroke-width": 3.5 },
    },
    { id: "marks-label", type: "symbol", source: "marks", filter: ["all", ["==", ["geometry-type"], "Point"], ["!=", ["get", "label"], ""]], layout: { "icon-image": ["get", "label"], "icon-offset": [0, -30], "icon-allow-overlap": true } },
    { id: "depots", type: "symbol", source: "depots", layout: { "icon-image": ["get", "image"], "icon-allow-overlap": true, "icon-size": 0.9 } },
    { id: "depots-label", type: "symbol", source: "depots", minzoom: 10.5, layout: { "icon-image": ["get", "label"], "icon-offset": [0, 26], "icon-allow-overlap": true } },
    {
      id: "vans", type: "symbol", source: "vans",
      layout: { "icon-image": ["get", "image"], "icon-rotate": ["get", "heading"], "icon-rotation-alignment": "map", "icon-allow-overlap": true, "icon-ignore-placement": true, "icon-size": ["interpolate", ["linear"], ["zoom"], 8, 0.6, 12, 0.9, 16, 1.1] },
      paint: {},
    },
    { id: "vans-label", type: "symbol", source: "vans", minzoom: 11, layout: { "icon-image": ["get", "label"], "icon-offset": [0, 27], "icon-padding": 1 } },
  ];
}
