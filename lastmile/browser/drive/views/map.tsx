// The route on a map: small above the next stop, large in its own tab. Fetched after the page is there; the page works
// without it.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { BoardMap, MapStop, StopLook } from "../../map/map";
import { decode, nearest, type Path } from "../../map/polyline";
import { onTheme, theme } from "../../ui/theme";
import { failed, isDone, sequence } from "../core/day";
import type { Day, Stop } from "../core/rows";
import { lastFix } from "../phone/position";
import * as state from "../state";
import { W } from "../words";
import { lateMinutes } from "./stop_card";
import { open, tab } from "./ui";

function lookOf(stop: Stop): StopLook {
  if (isDone(stop)) return failed(stop.outcome) ? "failed" : "done";
  if (stop.status === "skipped") return "skipped";
  return stop.status === "next" || stop.status === "arrived" ? "next" : "todo";
}

function mapStops(day: Day): MapStop[] {
  return sequence(day).flatMap((stop) => (stop.place.lat === null || stop.place.lon === null ? [] : [{
    id: stop.id, route: stop.route, lon: stop.place.lon, lat: stop.place.lat, color: day.route?.color ?? "", number: String(stop.sequence ?? ""),
    look: lookOf(stop), late: !isDone(stop) && lateMinutes(stop) > 0,
  }]));
}

/** The line up to the last stop that was left, and from there on. */
function halves(path: Path, day: Day): { behind: Path; ahead: Path } {
  let index = 0;
  for (const stop of sequence(day)) {
    if (!isDone(stop) || stop.place.lat === null || stop.place.lon === null) continue;
    const spot = nearest(path, [stop.place.lon, stop.place.lat], index);
    if (spot && spot.off_m < 300) index = Math.max(index, spot.index);
  }
  return { behind: path.slice(0, index + 1), ahead: path.slice(index) };
}

/** Can this browser draw a map at all? Without a graphics context its megabyte is not even fetched. */
export const drawable = document.createElement("canvas").getContext("webgl2") !== null;

export function RouteMap() {
  const box = useRef<HTMLDivElement>(null);
  const map = useRef<BoardMap | null>(null);
  const note = useSignal("");
  const day = state.day.value;
  const route = day?.route ?? null;

  useEffect(() => {
    let gone = false;
    let stopTheme = (): void => undefined;
    void (async () => {
      try {
        const { createMap } = await import("../../map/map");
        const held = state.day.peek();
        if (gone || !box.current || !held) return;
        const where = held.map;
        const made = createMap(box.current, {
          pmtilesUrl: where.pmtiles_url, styleUrl: where.style_url, bbox: where.bbox, theme: theme(), attribution: where.attribution,
          workerUrl: document.getElementById("drive")?.dataset.mapWorker ?? "",
        });
        made.onNote((text) => {
          note.value = text;
        });
        made.onPick((picked) => {
          if (picked?.kind === "stop") open.value = { kind: "stop", stop: picked.id };
        });
        stopTheme = onTheme((next) => made.setTheme(next));
        map.current = made;
        draw();
        frame(false);
      } catch (error) {
        console.error(error);
        note.value = W.mapMissing;
      }
    })();
    return () => {
      gone = true;
      stopTheme();
      map.current?.destroy();
      map.current = null;
    };
  }, []);

  const draw = (): void => {
    const held = state.day.peek();
    const shown = map.current;
    if (!held?.route || !shown) return;
    const path = decode(held.route.geometry || "");
    shown.setRoutes([{ id: held.route.id, color: held.route.color, ...halves(path, held) }]);
    shown.setStops(mapStops(held));
    shown.setDepots(held.depot ? [{ id: held.depot.id, lon: held.depot.lon, lat: held.depot.lat, name: held.depot.name }] : []);
    const fix = lastFix.peek();
    shown.setVans(fix ? [{ id: "me", route: held.route.id, lon: fix.lon, lat: fix.lat, heading: fix.heading ?? 0, color: held.route.color, stale: false, label: "" }] : []);
  };
  const frame = (calm: boolean): void => {
    const held = state.day.peek();
    if (!held || !map.current) return;
    const all = mapStops(held).map(({ lon, lat }): [number, number] => [lon, lat]);
    const stop = state.stop.peek();
    const fix = lastFix.peek();
    const here: [number, number][] = fix ? [[fix.lon, fix.lat]] : [];
    if (tab.peek() === "now" && stop?.place.lat != null && stop.place.lon !== null) {
      map.current.fit([[stop.place.lon, stop.place.lat], ...here], { padding: 34, maxZoom: 15.5, calm });
    } else if (all.length) {
      const depot: [number, number][] = held.depot ? [[held.depot.lon, held.depot.lat]] : [];
      map.current.fit([...all, ...depot, ...here], { padding: 40, maxZoom: 15, calm });
    }
  };
  useEffect(draw, [day, lastFix.value]);
  // After the box has its new size.
  useEffect(() => {
    const timer = window.setTimeout(() => frame(true), 60);
    return () => window.clearTimeout(timer);
  }, [tab.value, state.stop.value?.id, route?.status]);

  return (
    <section class="map" aria-label={W.mapTitle}>
      <div ref={box} class="map-canvas" />
      {note.value && <p class="map-note">{note.value}</p>}
    </section>
  );
}
