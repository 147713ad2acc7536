// From rows to what the map draws. Pure but for its caches.
import type { MapRoute, MapStop, StopLook } from "../map/map";
import { type Path, decode, nearest } from "../map/polyline";
import type { OrderRow, RouteRow, StopRow } from "./rows";
import { isDone, isLate, isWaiting } from "./store";
import { failed } from "./words";

const lines = new Map<string, { text: string; path: Path }>();

/** The route's line, decoded once. */
export function lineOf(route: RouteRow): Path {
  const known = lines.get(route.id);
  if (known?.text === route.geometry) return known.path;
  const path = decode(route.geometry);
  lines.set(route.id, { text: route.geometry, path });
  return path;
}

const drawn = new Map<string, { key: string; picture: MapRoute }>();

/** The route's line in two parts: up to the last stop that is done, and what is ahead. */
export function routePicture(route: RouteRow, stops: readonly StopRow[]): MapRoute {
  const done = stops.filter((stop) => isDone(stop) && stop.place.lat !== null);
  const over = route.status === "completed";
  const key = `${route.version}|${route.color}|${over}|${done.map((stop) => stop.id).join()}`;
  const known = drawn.get(route.id);
  if (known?.key === key) return known.picture;
  const path = lineOf(route);
  let cut = 0;
  for (const stop of done) {
    const spot = nearest(path, [stop.place.lon as number, stop.place.lat as number], cut);
    if (spot) cut = Math.min(path.length - 1, spot.index + Math.round(spot.share));
  }
  if (over) cut = path.length - 1;
  const picture = { id: route.id, color: route.color, behind: cut > 0 ? path.slice(0, cut + 1) : [], ahead: over ? [] : path.slice(cut) };
  drawn.set(route.id, { key, picture });
  return picture;
}

export function lookOf(stop: StopRow): StopLook {
  if (isDone(stop)) return failed(stop.outcome) ? "failed" : "done";
  if (stop.status === "next" || stop.status === "arrived") return "next";
  if (stop.status === "skipped") return "skipped";
  return stop.route || isWaiting(stop) ? "todo" : "unassigned";
}

const dots = new Map<string, MapStop>();

/** The dot itself, or the very object of before where nothing of it changed: most rows only bring a new arrival time. */
function kept(dot: MapStop): MapStop {
  const known = dots.get(dot.id);
  if (known && (Object.keys(dot) as (keyof MapStop)[]).every((key) => known[key] === dot[key])) return known;
  dots.set(dot.id, dot);
  return dot;
}

export function stopPicture(stop: StopRow, color: string): MapStop | null {
  const { lat, lon } = stop.place;
  if (lat === null || lon === null) return null;
  return kept({
    id: stop.id, route: stop.route, lat, lon, color, number: stop.sequence === null ? "" : String(stop.sequence),
    look: lookOf(stop), late: isLate(stop) && !isDone(stop),
  });
}

/** An order that is on no stop yet. */
export function orderPicture(order: OrderRow, color: string): MapStop | null {
  const { lat, lon } = order.place;
  return lat === null || lon === null ? null : kept({ id: order.id, route: null, lat, lon, color, number: "", look: "todo", late: false });
}

/** Forget what was drawn of another day. */
export function forgetPictures(): void {
  for (const pictures of [lines, drawn, dots]) pictures.clear();
}
