// Small maps on order pages: <div data-map data-lat data-lon [data-draggable data-lat-input="#id" data-lon-input="#id"]>.
import { theme, onTheme } from "../ui/theme";
import { createMap } from "./map";

interface Basemap {
  style_url: string | null;
  pmtiles_url: string | null;
  bbox: [number, number, number, number] | null;
  attribution: string;
}

let known: Promise<Basemap> | null = null;
const KEPT = "basemap";
const NOTHING: Basemap = { style_url: null, pmtiles_url: null, bbox: null, attribution: "" };

/** Where the background map lies: told by the page (`#map-row`), or by the board's answer for a day without rows. */
function basemap(): Promise<Basemap> {
  known ??= ask();
  return known;
}

async function ask(): Promise<Basemap> {
  const told = document.querySelector("#map-row")?.textContent;
  if (told) return JSON.parse(told) as Basemap;
  const kept = sessionStorage.getItem(KEPT);
  if (kept) return JSON.parse(kept) as Basemap;
  try {
    const response = await fetch("/api/v1/board/?day=2000-01-01", { credentials: "same-origin" });
    if (!response.ok) return NOTHING;
    const answer = ((await response.json()) as { map?: Basemap }).map ?? NOTHING;
    sessionStorage.setItem(KEPT, JSON.stringify(answer));
    return answer;
  } catch {
    return NOTHING;
  }
}

function field(box: HTMLElement, name: "latInput" | "lonInput"): HTMLInputElement | null {
  const selector = box.dataset[name];
  return selector ? document.querySelector<HTMLInputElement>(selector) : null;
}

export async function showMini(box: HTMLElement): Promise<void> {
  if (box.dataset.shown) return;
  box.dataset.shown = "1";
  const where = await basemap();
  const canvas = document.createElement("div");
  canvas.style.cssText = "position:absolute;inset:0";
  box.append(canvas);
  const workerUrl = document.querySelector<HTMLElement>("[data-map-worker]")?.dataset.mapWorker ?? "/static/app/map-worker.js";
  const map = createMap(canvas, {
    pmtilesUrl: where.pmtiles_url, styleUrl: where.style_url, bbox: where.bbox, theme: theme(),
    attribution: where.attribution, workerUrl,
  });
  onTheme((next) => map.setTheme(next));
  const note = document.createElement("p");
  note.className = "map-note";
  note.hidden = true;
  box.append(note);
  map.onNote((text) => {
    note.textContent = text;
    note.hidden = text === "";
  });
  const lat = Number.parseFloat(box.dataset.lat ?? "");
  const lon = Number.parseFloat(box.dataset.lon ?? "");
  const placed = Number.isFinite(lat) && Number.isFinite(lon);
  const draggable = "draggable" in box.dataset;
  if (placed) map.fit([[lon, lat]], { maxZoom: 16, calm: false });
  if (!placed && !draggable) return;
  const bbox = where.bbox;
  const start: [number, number] = placed ? [lon, lat] : bbox ? [(bbox[0] + bbox[2]) / 2, (bbox[1] + bbox[3]) / 2] : [0, 0];
  map.pin(start, draggable, ([lonNow, latNow]) => {
    const latField = field(box, "latInput");
    const lonField = field(box, "lonInput");
    if (latField) latField.value = latNow.toFixed(6);
    if (lonField) lonField.value = lonNow.toFixed(6);
    box.dispatchEvent(new CustomEvent("lastmile:pinned", { bubbles: true, detail: { lat: latNow, lon: lonNow } }));
  });
}
