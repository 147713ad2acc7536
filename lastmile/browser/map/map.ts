// The only file that knows the map library: MapLibre with PMTiles. Works without a basemap and says so.
import {
  addProtocol, AttributionControl, type GeoJSONSource, Map as LibreMap, Marker, setWorkerUrl, type MapMouseEvent,
  type StyleSpecification,
} from "maplibre-gl";
import { Protocol } from "pmtiles";
import { draw } from "./images";
import {
  chosenFeatures, depotFeatures, layers, type MapDepot, type MapMark, type MapRoute, type MapStop, type MapVan, type MapZone, markFeatures, paintFor, PICKABLE,
  routeFeatures, SOURCES, stopFeatures, type Theme, vanFeatures, zoneFeatures,
} from "./overlay";
import { isInside } from "./ring";
import { basemapStyle } from "./style";
import { t } from "../ui/words";

export type { MapDepot, MapMark, MapRoute, MapStop, MapVan, MapZone, StopLook, Theme } from "./overlay";

export interface MapSetup {
  pmtilesUrl: string | null;
  styleUrl: string | null;
  /** West, south, east, north. */
  bbox: [number, number, number, number] | null;
  theme: Theme;
  attribution: string;
  /** Where the library's worker lies; its name carries a hash, so the page tells it. */
  workerUrl: string;
}

export type Picked = { kind: "stop" | "route" | "van"; id: string } | null;

export interface BoardMap {
  /** A row that did not change is the very same object: lists of the same rows cost nothing. */
  setRoutes(routes: readonly MapRoute[]): void;
  setStops(stops: readonly MapStop[]): void;
  setVans(vans: readonly MapVan[]): void;
  setDepots(depots: readonly MapDepot[]): void;
  setZones(zones: readonly MapZone[]): void;
  /** What others have selected. */
  setMarks(marks: readonly MapMark[]): void;
  /** Light up one route and one stop, dim the rest. */
  select(route: string | null, stop: string | null): void;
  hover(stop: string | null): void;
  /** Ring these stops: they are selected together. */
  choose(stops: ReadonlySet<string>): void;
  /** What is drawn at a point of the map's element, pixels. */
  pickAt(x: number, y: number): Picked;
  /** The stops inside a ring of points of the map's element, pixels. */
  within(ring: readonly (readonly [number, number])[]): string[];
  /** Longitude and latitude of points of the map's element, pixels. */
  placesAt(points: readonly (readonly [number, number])[]): [number, number][];
  fit(points: readonly [number, number][], options?: { padding?: number; maxZoom?: number; calm?: boolean }): void;
  /** Move only if the point is outside the picture, near its edge, or under what covers `right` pixels of it. */
  reveal(point: [number, number], right?: number): void;
  zoom(by: number): void;
  setTheme(theme: Theme): void;
  /** A pin that can be dragged, for pages that place an address. */
  pin(point: [number, number], draggable: boolean, moved: (point: [number, number]) => void): void;
  onPick(callback: (picked: Picked, event: MouseEvent) => void): void;
  /** A stop is pressed with the mouse; a callback that answers true takes the drag away from the map. */
  onGrab(callback: (stop: string, event: MouseEvent) => boolean): void;
  onHover(callback: (picked: Picked, at: { x: number; y: number } | null) => void): void;
  /** Says when the basemap cannot be shown, and "" when it is there again. */
  onNote(callback: (note: string) => void): void;
  readonly ready: Promise<void>;
  destroy(): void;
}

const noBasemap = (): string => t("No map data yet: streets are not drawn, positions are right.");
const basemapFailed = (): string => t("The background map could not be loaded; positions are right.");

const OWN = new Set<string>(SOURCES);

let prepared = false;
function prepare(workerUrl: string): void {
  if (prepared) return;
  prepared = true;
  setWorkerUrl(new URL(workerUrl, location.href).href);
  addProtocol("pmtiles", new Protocol().tile);
}

function plainStyle(theme: Theme): StyleSpecification {
  const color = theme === "dark" ? "#111a17" : "#eef1ec";
  return { version: 8, sources: {}, layers: [{ id: "background", type: "background", paint: { "background-color": color } }] };
}

function styleFor(setup: MapSetup, theme: Theme): StyleSpecification | string {
  if (setup.styleUrl) return setup.styleUrl;
  if (setup.pmtilesUrl) return basemapStyle(new URL(setup.pmtilesUrl, location.href).href, theme, setup.attribution);
  return plainStyle(theme);
}

/** Whether two lists hold the very same rows: what did not change is not handed to the library again. */
function same<R>(a: readonly R[], b: readonly R[]): boolean {
  return a.length === b.length && a.every((row, index) => row === b[index]);
}

const EMPTY = { type: "FeatureCollection", features: [] } as const;

/** Put a map into `element`. Rows may be set at once; they are drawn as soon as the style is there. */
export function createMap(element: HTMLElement, setup: MapSetup): BoardMap {
  prepare(setup.workerUrl);
  let theme = setup.theme;
  let routes: readonly MapRoute[] = [];
  let stops: readonly MapStop[] = [];
  let vans: readonly MapVan[] = [];
  let depots: readonly MapDepot[] = [];
  let zones: readonly MapZone[] = [];
  let marks: readonly MapMark[] = [];
  let selectedRoute: string | null = null;
  let selectedStop: string | null = null;
  let hovered: string | null = null;
  let chosen: ReadonlySet<string> = new Set();
  let styled = false;
  let pinned: Marker | null = null;
  let noted = "";
  const picks: ((picked: Picked, event: MouseEvent) => void)[] = [];
  const grabs: ((stop: string, event: MouseEvent) => boolean)[] = [];
  const hovers: ((picked: Picked, at: { x: number; y: number } | null) => void)[] = [];
  const notes: ((note: string) => void)[] = [];

  const map = new LibreMap({
    container: element,
    style: styleFor(setup, theme),
    attributionControl: false,
    locale: { "AttributionControl.ToggleAttribution": t("Who made the map"), "Map.Title": t("Map"), "Marker.Title": t("Pin on the map") },
    dragRotate: false,
    pitchWithRotate: false,
    // Shift and drag selects stops.
    boxZoom: false,
    touchPitch: false,
    maxZoom: 19,
    minZoom: 3,
    // Also how often labels are laid out anew while vans move, which is what costs most.
    fadeDuration: 300,
    ...(setup.bbox ? { bounds: setup.bbox, fitBoundsOptions: { padding: 24 } } : {}),
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new AttributionControl({ compact: true, ...(setup.styleUrl || !setup.attribution ? {} : { customAttribution: [] }) }));
  map.setMissingStyleImageResolver((name) => {
    const picture = draw(name);
    if (picture && !map.hasImage(name)) map.addImage(name, picture.data, { pixelRatio: picture.ratio });
  });

  const note = (text: string): void => {
    if (noted === text) return;
    noted = text;
    for (const tell of notes) tell(text);
  };
  if (!setup.pmtilesUrl && !setup.styleUrl) note(noBasemap());
  map.on("sourcedata", (event) => {
    if (noted === basemapFailed() && event.tile && !OWN.has(event.sourceId)) note("");
  });
  map.on("error", (event) => {
    if (!(event as { sourceId?: string }).sourceId && styled) console.error(event.error);
    else note(basemapFailed());
    // A style from elsewhere that does not answer must not take the stops with it.
    if (!styled && setup.styleUrl) map.setStyle(plainStyle(theme));
  });

  const put = (name: (typeof SOURCES)[number], data: GeoJSON.FeatureCollection): void => {
    if (styled) void (map.getSource(name) as GeoJSONSource | undefined)?.setData(data);
  };

  function dress(): void {
    for (const name of SOURCES) {
      if (map.getSource(name)) continue;
      map.addSource(name, { type: "geojson", data: EMPTY as unknown as GeoJSON.FeatureCollection, ...(name !== "stops" ? {} : { promoteId: "id" }), tolerance: 0.2 });
    }
    for (const layer of layers(theme)) if (!map.getLayer(layer.id)) map.addLayer(layer);
    styled = true;
    put("zones", zoneFeatures(zones));
    put("routes", routeFeatures(routes));
    put("stops", stopFeatures(stops, theme));
    put("depots", depotFeatures(depots, theme));
    put("vans", vanFeatures(vans, theme));
    put("marks", markFeatures(marks, theme));
    put("chosen", chosenFeatures(stops, chosen));
    repaint();
    if (selectedStop) map.setFeatureState({ source: "stops", id: selectedStop }, { selected: true });
  }
  const ready = new Promise<void>((resolve) => {
    map.on("style.load", () => {
      dress();
      resolve();
    });
  });

  function repaint(): void {
    for (const [layer, property, value] of paintFor(selectedRoute)) {
      map.setPaintProperty(layer, property as "line-opacity", value);
    }
  }

  function at({ x, y }: { x: number; y: number }): Picked {
    if (!styled) return null;
    const found = map.queryRenderedFeatures([[x - 3, y - 3], [x + 3, y + 3]], { layers: PICKABLE });
    for (const layer of PICKABLE) {
      const hit = found.find((feature) => feature.layer.id === layer);
      if (!hit) continue;
      if (layer === "vans") return { kind: "van", id: String(hit.properties.id) };
      if (layer === "stops-dot") return { kind: "stop", id: String(hit.properties.id) };
      return { kind: "route", id: String(hit.properties.route) };
    }
    return null;
  }
  map.on("click", (event) => {
    const picked = at(event.point);
    picks.forEach((tell) => tell(picked, event.originalEvent));
  });
  map.on("mousedown", (event: MapMouseEvent) => {
    if (!grabs.length || event.originalEvent.button !== 0) return;
    const picked = at(event.point);
    if (picked?.kind === "stop" && grabs.some((take) => take(picked.id, event.originalEvent))) event.preventDefault();
  });
  let frame = 0;
  map.on("mousemove", (event) => {
    if (frame || !hovers.length) return;
    frame = requestAnimationFrame(() => {
      frame = 0;
      const picked = at(event.point);
      map.getCanvas().style.cursor = picked ? "pointer" : "";
      hovers.forEach((tell) => tell(picked, picked ? event.point : null));
    });
  });
  map.on("mouseout", () => hovers.forEach((tell) => tell(null, null)));

  const calm = (wanted: boolean | undefined): number =>
    wanted === false || matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 450;

  return {
    ready,
    setRoutes(next) {
      if (same(routes, next)) return;
      routes = next;
      put("routes", routeFeatures(next));
    },
    setStops(next) {
      if (same(stops, next)) return;
      stops = next;
      put("stops", stopFeatures(next, theme));
      if (chosen.size) put("chosen", chosenFeatures(next, chosen));
    },
    setVans(next) {
      vans = next;
      put("vans", vanFeatures(next, theme));
    },
    setDepots(next) {
      depots = next;
      put("depots", depotFeatures(next, theme));
    },
    setZones(next) {
      zones = next;
      put("zones", zoneFeatures(next));
    },
    setMarks(next) {
      marks = next;
      put("marks", markFeatures(next, theme));
    },
    select(route, stop) {
      if (styled && selectedStop !== stop) {
        if (selectedStop) map.setFeatureState({ source: "stops", id: selectedStop }, { selected: false });
        if (stop) map.setFeatureState({ source: "stops", id: stop }, { selected: true });
      }
      selectedStop = stop;
      if (selectedRoute === route) return;
      selectedRoute = route;
      if (styled) repaint();
    },
    hover(stop) {
      if (!styled || hovered === stop) return;
      if (hovered) map.setFeatureState({ source: "stops", id: hovered }, { hover: false });
      if (stop) map.setFeatureState({ source: "stops", id: stop }, { hover: true });
      hovered = stop;
    },
    choose(next) {
      if (chosen.size || next.size) put("chosen", chosenFeatures(stops, next));
      chosen = next;
    },
    pickAt: (x, y) => at({ x, y }),
    within(ring) {
      return stops.filter((stop) => {
        const { x, y } = map.project([stop.lon, stop.lat]);
        return isInside(x, y, ring);
      }).map((stop) => stop.id);
    },
    placesAt: (points) => points.map(([x, y]) => {
      const { lng, lat } = map.unproject([x, y]);
      return [lng, lat];
    }),
    fit(points, options = {}) {
      const first = points[0];
      if (!first) {
        if (setup.bbox) map.fitBounds(setup.bbox, { padding: 24, duration: 0 });
        return;
      }
      let [west, south] = first;
      let [east, north] = first;
      for (const [lon, lat] of points) {
        west = Math.min(west, lon);
        east = Math.max(east, lon);
        south = Math.min(south, lat);
        north = Math.max(north, lat);
      }
      const { padding = 56, maxZoom = 15.5 } = options;
      map.fitBounds([west, south, east, north], { padding, maxZoom, duration: calm(options.calm) });
    },
    reveal(point, right = 0) {
      const { x, y } = map.project(point);
      const { clientWidth: width, clientHeight: height } = map.getContainer();
      const edge = 60;
      if (x < edge || y < edge || x > width - right - edge || y > height - edge) {
        map.easeTo({ center: point, zoom: Math.max(map.getZoom(), 12.5), offset: [-right / 2, 0], duration: calm(true) });
      }
    },
    zoom(by) {
      map.easeTo({ zoom: map.getZoom() + by, duration: calm(true) / 2 });
    },
    setTheme(next) {
      if (next === theme) return;
      theme = next;
      if (setup.styleUrl) {
        put("stops", stopFeatures(stops, theme));
        put("depots", depotFeatures(depots, theme));
        put("vans", vanFeatures(vans, theme));
        return;
      }
      styled = false;
      map.setStyle(styleFor(setup, theme), { diff: false });
    },
    pin(point, draggable, moved) {
      pinned?.remove();
      pinned = new Marker({ color: "#0b6a56", draggable }).setLngLat(point).addTo(map);
      const marker = pinned;
      marker.on("dragend", () => {
        const { lng, lat } = marker.getLngLat();
        moved([lng, lat]);
      });
      if (draggable) {
        map.on("click", (event) => {
          marker.setLngLat(event.lngLat);
          moved([event.lngLat.lng, event.lngLat.lat]);
        });
      }
    },
    onPick: (callback) => void picks.push(callback),
    onGrab: (callback) => void grabs.push(callback),
    onHover: (callback) => void hovers.push(callback),
    onNote: (callback) => {
      notes.push(callback);
      if (noted) callback(noted);
    },
    destroy() {
      map.remove();
    },
  };
}
