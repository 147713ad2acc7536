/**
 * The background map's look: calm ground, so that routes, stops and vans are what the eye sees first.
 *
 * The layers and their `class` values are those of docs/maps.md. No glyphs and no sprite are named: MapLibre then draws
 * labels with the fonts of the machine, and nothing is fetched but the tiles.
 */
import type { ExpressionSpecification, LayerSpecification, StyleSpecification } from "maplibre-gl";

export type Theme = "light" | "dark";

interface Tones {
  ground: string; town: string; works: string; park: string; wood: string; field: string; grass: string; sand: string; school: string; paved: string;
  water: string; waterLine: string; waterText: string; building: string; buildingEdge: string;
  road: string; roadEdge: string; collector: string; main: string; mainEdge: string; fast: string; fastEdge: string; path: string; rail: string;
  text: string; textStrong: string; textSoft: string; textPark: string; halo: string; oneway: string;
}

const TONES: Record<Theme, Tones> = {
  light: {
    ground: "#f5f4f0", town: "#f1efea", works: "#ebeaec", park: "#d9ead0", wood: "#cbe1c3", field: "#f0f1e3", grass: "#e3eed8", sand: "#f3ecd7",
    school: "#f2ecdf", paved: "#efebe6", water: "#b5d3ea", waterLine: "#a9cbe6", waterText: "#4a7ba3", building: "#e3dfd8",
    buildingEdge: "#d5d0c7", road: "#ffffff", roadEdge: "#dcd8d0", collector: "#ffffff", main: "#fdf2d3", mainEdge: "#e2d1a4",
    fast: "#f9dca6", fastEdge: "#dcb878", path: "#d3c9ba", rail: "#bdbcc2", text: "#5a6069", textStrong: "#2d323a",
    textSoft: "#8b9099", textPark: "#4f7d4a", halo: "#ffffff", oneway: "#b3aea5",
  },
  dark: {
    ground: "#14181e", town: "#171c23", works: "#1a1e26", park: "#16261f", wood: "#14291f", field: "#161c1e", grass: "#16221e", sand: "#211f1a",
    school: "#1c1f24", paved: "#1d222a", water: "#0d2536", waterLine: "#123047", waterText: "#5d8db3", building: "#20262f",
    buildingEdge: "#2a313b", road: "#2b323c", roadEdge: "#12161b", collector: "#333b46", main: "#414a56", mainEdge: "#12161b",
    fast: "#5a5444", fastEdge: "#171510", path: "#333a42", rail: "#3a4049", text: "#98a2ae", textStrong: "#d5dbe2",
    textSoft: "#6b7580", textPark: "#5f9070", halo: "#12161b", oneway: "#5b6571",
  },
};

/** Below 1 px a road is only a hint; from zoom 14 on it grows as the ground does. */
function width(z10: number, z14: number, z18: number): ExpressionSpecification {
  return ["interpolate", ["exponential", 1.55], ["zoom"], 6, Math.min(0.6, z10), 10, z10, 14, z14, 18, z18, 20, z18 * 2.6];
}

const IS_TUNNEL: ExpressionSpecification = ["==", ["get", "tunnel"], 1];
const NOT_TUNNEL: ExpressionSpecification = ["!=", ["get", "tunnel"], 1];
const IS_BRIDGE: ExpressionSpecification = ["==", ["get", "bridge"], 1];
const NAME: ExpressionSpecification = ["get", "name"];
const FONT = ["Inter", "Noto Sans", "sans-serif"];

function classes(...names: string[]): ExpressionSpecification {
  return ["in", ["get", "class"], ["literal", names]];
}

interface RoadKind {
  id: string; classes: string[]; link?: boolean; minzoom: number;
  fill: keyof Tones; edge: keyof Tones; widths: [number, number, number];
}

/** Drawn in this order: what matters most lies on top. */
const ROADS: RoadKind[] = [
  { id: "service", classes: ["service"], minzoom: 13.5, fill: "road", edge: "roadEdge", widths: [0, 1, 7] },
  { id: "minor", classes: ["minor", "pedestrian"], minzoom: 12, fill: "road", edge: "roadEdge", widths: [0.3, 2.4, 15] },
  { id: "tertiary", classes: ["tertiary"], minzoom: 10, fill: "collector", edge: "roadEdge", widths: [0.7, 4, 19] },
  { id: "link", classes: ["motorway", "trunk", "primary", "secondary", "tertiary"], link: true, minzoom: 11, fill: "main", edge: "mainEdge", widths: [0.5, 2.6, 12] },
  { id: "secondary", classes: ["secondary"], minzoom: 9, fill: "main", edge: "mainEdge", widths: [1, 4.6, 21] },
  { id: "primary", classes: ["primary"], minzoom: 7, fill: "main", edge: "mainEdge", widths: [1.4, 5.4, 24] },
  { id: "fast", classes: ["trunk", "motorway"], minzoom: 5, fill: "fast", edge: "fastEdge", widths: [1.8, 5.6, 25] },
];

function ofKind(kind: RoadKind): ExpressionSpecification {
  return ["all", classes(...kind.classes), kind.link ? ["==", ["get", "link"], 1] : ["!=", ["get", "link"], 1]];
}

function roads(t: Tones): LayerSpecification[] {
  const base = { type: "line", source: "base", "source-layer": "road" } as const;
  const round = { "line-cap": "round", "line-join": "round" } as const;
  const butt = { "line-cap": "butt", "line-join": "round" } as const;
  const grown = (kind: RoadKind): ExpressionSpecification => width(kind.widths[0] + 0.7, kind.widths[1] + 1.5, kind.widths[2] + 3);
  const layers: LayerSpecification[] = [];
  for (const kind of ROADS) {
    layers.push({
      ...base, id: `tunnel-${kind.id}`, minzoom: kind.minzoom, filter: ["all", IS_TUNNEL, ofKind(kind)], layout: butt,
      paint: { "line-color": t[kind.edge], "line-width": width(...kind.widths), "line-dasharray": [2, 1.2], "line-opacity": 0.7 },
    });
  }
  layers.push({
    ...base, id: "path", minzoom: 14, filter: ["all", classes("path", "track"), NOT_TUNNEL], layout: butt,
    paint: { "line-color": t.path, "line-width": width(0.2, 0.8, 3), "line-dasharray": [2.2, 1.4] },
  });
  for (const kind of ROADS) {
    layers.push({
      ...base, id: `road-${kind.id}-edge`, minzoom: Math.max(kind.minzoom, 11), filter: ["all", NOT_TUNNEL, ofKind(kind)], layout: round,
      paint: {
        "line-color": t[kind.edge], "line-width": grown(kind),
        "line-opacity": kind.id === "minor" ? ["interpolate", ["linear"], ["zoom"], 12, 0.4, 14, 1] : 1,
      },
    });
  }
  for (const kind of ROADS) {
    layers.push({
      ...base, id: `road-${kind.id}`, minzoom: kind.minzoom, filter: ["all", NOT_TUNNEL, ofKind(kind)],
      layout: round, paint: { "line-color": t[kind.fill], "line-width": width(...kind.widths) },
    });
  }
  for (const kind of ROADS) {
    layers.push(
      {
        ...base, id: `bridge-${kind.id}-edge`, minzoom: Math.max(kind.minzoom, 13), filter: ["all", IS_BRIDGE, ofKind(kind)], layout: butt,
        paint: { "line-color": t[kind.edge], "line-width": grown(kind) },
      },
      {
        ...base, id: `bridge-${kind.id}`, minzoom: Math.max(kind.minzoom, 13), filter: ["all", IS_BRIDGE, ofKind(kind)],
        layout: round, paint: { "line-color": t[kind.fill], "line-width": width(...kind.widths) },
      },
    );
  }
  return layers;
}

function ground(t: Tones): LayerSpecification[] {
  const base = { type: "fill", source: "base", "source-layer": "landuse" } as const;
  const fill = (id: string, color: string, ...names: string[]): LayerSpecification => ({
    ...base, id: `land-${id}`, filter: classes(...names), paint: { "fill-color": color, "fill-antialias": false },
  });
  const line = (id: string, filter: ExpressionSpecification, thick: ExpressionSpecification): LayerSpecification => ({
    id, type: "line", source: "base", "source-layer": "waterway", filter,
    layout: { "line-cap": "round", "line-join": "round" }, paint: { "line-color": t.waterLine, "line-width": thick },
  });
  return [
    { id: "ground", type: "background", paint: { "background-color": t.ground } },
    fill("town", t.town, "residential"),
    fill("works", t.works, "industrial", "commercial", "construction", "military"),
    fill("field", t.field, "farmland", "orchard", "rock", "ice"),
    fill("grass", t.grass, "grass", "scrub"),
    fill("sand", t.sand, "sand"),
    fill("school", t.school, "school", "hospital"),
    fill("wood", t.wood, "wood", "reserve"),
    fill("park", t.park, "park", "cemetery", "wetland"),
    fill("pitch", t.wood, "pitch"),
    fill("paved", t.paved, "parking", "pedestrian", "runway", "aerodrome"),
    line("stream", ["!", classes("river", "canal")], width(0.2, 1.1, 4)),
    line("river", classes("river", "canal"), width(0.8, 2, 6)),
    { id: "water", type: "fill", source: "base", "source-layer": "water", paint: { "fill-color": t.water } },
  ];
}

function buildings(t: Tones): LayerSpecification {
  return {
    id: "building", type: "fill", source: "base", "source-layer": "building", minzoom: 13.5,
    paint: {
      "fill-color": t.building, "fill-outline-color": t.buildingEdge,
      "fill-opacity": ["interpolate", ["linear"], ["zoom"], 13.5, 0, 15, 1],
    },
  };
}

function rails(t: Tones): LayerSpecification[] {
  const base = { type: "line", source: "base", "source-layer": "rail", minzoom: 10 } as const;
  return [
    { ...base, id: "rail", filter: ["all", NOT_TUNNEL, ["!=", ["get", "class"], "subway"]], paint: { "line-color": t.rail, "line-width": width(0.5, 1.1, 3) } },
    {
      ...base, id: "rail-ties", minzoom: 14, filter: ["all", NOT_TUNNEL, ["==", ["get", "class"], "rail"]],
      paint: { "line-color": t.rail, "line-width": width(0, 3, 9), "line-dasharray": [0.15, 2.2] },
    },
  ];
}

function labels(t: Tones): LayerSpecification[] {
  const along = { "symbol-placement": "line", "text-field": NAME, "text-font": FONT, "text-max-angle": 32 } as const;
  const road = { type: "symbol", source: "base", "source-layer": "road" } as const;
  const ink = { "text-color": t.text, "text-halo-color": t.halo, "text-halo-width": 1.4 } as const;
  return [
    {
      ...road, id: "oneway", minzoom: 16, filter: ["all", ["has", "oneway"], classes("tertiary", "minor", "secondary", "primary")],
      layout: {
        "symbol-placement": "line", "symbol-spacing": 140, "text-field": ["match", ["get", "oneway"], -1, "‹", "›"], "text-font": FONT,
        "text-size": 17, "text-keep-upright": false, "text-rotation-alignment": "map", "text-padding": 0,
      },
      paint: { "text-color": t.oneway },
    },
    {
      id: "housenumber", type: "symbol", source: "base", "source-layer": "housenumber", minzoom: 17,
      layout: { "text-field": ["get", "number"], "text-font": FONT, "text-size": 10, "text-padding": 3 },
      paint: { "text-color": t.textSoft, "text-halo-color": t.building, "text-halo-width": 0.8 },
    },
    {
      ...road, id: "label-minor", minzoom: 15, filter: classes("minor", "service", "pedestrian"),
      layout: { ...along, "text-size": ["interpolate", ["linear"], ["zoom"], 15, 10, 18, 13] }, paint: ink,
    },
    {
      id: "label-waterway", type: "symbol", source: "base", "source-layer": "waterway", minzoom: 12,
      layout: { ...along, "text-size": 11.5, "symbol-spacing": 420, "text-letter-spacing": 0.12 },
      paint: { "text-color": t.waterText, "text-halo-width": 1, "text-halo-color": ["match", ["get", "class"], "river", t.water, t.halo] },
    },
    {
      ...road, id: "label-tertiary", minzoom: 13.5, filter: classes("tertiary"),
      layout: { ...along, "text-size": ["interpolate", ["linear"], ["zoom"], 13, 10, 18, 14] }, paint: ink,
    },
    {
      ...road, id: "label-main", minzoom: 12, filter: classes("secondary", "primary", "trunk", "motorway"),
      layout: { ...along, "text-size": ["interpolate", ["linear"], ["zoom"], 12, 10, 18, 15], "symbol-spacing": 340 },
      paint: { ...ink, "text-color": t.textStrong },
    },
    {
      id: "label-poi", type: "symbol", source: "base", "source-layer": "poi", minzoom: 14,
      layout: { "text-field": NAME, "text-font": FONT, "text-size": 11, "text-max-width": 7, "text-padding": 12 },
      paint: {
        "text-color": ["match", ["get", "class"], "park", t.textPark, "water", t.waterText, t.textSoft],
        "text-halo-color": t.halo, "text-halo-width": 1.3,
      },
    },
    {
      id: "label-quarter", type: "symbol", source: "base", "source-layer": "place", minzoom: 11, maxzoom: 16.5,
      filter: [">=", ["get", "rank"], 3],
      layout: {
        "text-field": NAME, "text-font": FONT, "text-transform": "uppercase", "text-letter-spacing": 0.08, "text-max-width": 8,
        "text-size": ["interpolate", ["linear"], ["zoom"], 11, ["match", ["get", "rank"], [3, 4], 10.5, 9.5], 16, ["match", ["get", "rank"], [3, 4], 15, 12]],
        "symbol-sort-key": ["get", "rank"], "text-padding": 10,
      },
      paint: { "text-color": t.textSoft, "text-halo-color": t.halo, "text-halo-width": 1.6 },
    },
    {
      id: "label-town", type: "symbol", source: "base", "source-layer": "place", maxzoom: 14, filter: ["<=", ["get", "rank"], 2],
      layout: {
        "text-field": NAME, "text-font": FONT, "symbol-sort-key": ["get", "rank"], "text-padding": 6,
        "text-size": ["interpolate", ["linear"], ["zoom"], 6, 12, 12, ["match", ["get", "rank"], 1, 22, 17]],
      },
      paint: { "text-color": t.textStrong, "text-halo-color": t.halo, "text-halo-width": 1.8 },
    },
  ];
}

/** A complete style over our own tiles. `pmtilesUrl` is the basemap file's address, with or without `pmtiles://`. */
export function basemapStyle(pmtilesUrl: string, theme: Theme, attribution: string): StyleSpecification {
  const tones = TONES[theme];
  const url = pmtilesUrl.startsWith("pmtiles://") ? pmtilesUrl : `pmtiles://${pmtilesUrl}`;
  return {
    version: 8,
    name: `Lastmile ${theme}`,
    sources: { base: { type: "vector", url, attribution } },
    layers: [...ground(tones), buildings(tones), ...rails(tones), ...roads(tones), ...labels(tones)],
  };
}

/** What is shown where no basemap was built: the ground alone. */
export function plainStyle(theme: Theme): StyleSpecification {
  return { version: 8, name: `Lastmile plain ${theme}`, sources: {}, layers: [{ id: "ground", type: "background", paint: { "background-color": TONES[theme].ground } }] };
}
