// Vans between two fixes: they glide along their route's line, or straight where they have left it.
import { type Path, between, metres, nearest } from "../map/polyline";
import { duration } from "./format";
import type { PositionRow } from "./rows";
import { t } from "../ui/words";

export const STALE_S = 60;
const ON_ROUTE_M = 45;
const GLIDE_LEAST_MS = 400;
const GLIDE_MOST_MS = 4_000;
const LOOK_BACK = 40;

interface Glide {
  fix: PositionRow;
  path: Path;
  /** Length of the path up to each corner, metres. */
  lengths: number[];
  start: number;
  ms: number;
  heading: number;
  corner: number;
}

export interface Place {
  lon: number;
  lat: number;
  heading: number;
}

/** First name and the age of the position, in steps: each new text is a new picture for the map. */
export function vanLabel(name: string, seconds: number, over: boolean): string {
  const first = name.split(" ")[0] ?? "";
  if (over) return first;
  if (seconds > STALE_S) return t("{name}: no position for {time}", { name: first, time: duration(Math.floor(seconds / 60) * 60) });
  return seconds < 20 ? first : t("{name}, {count} s ago", { name: first, count: Math.floor(seconds / 20) * 20 });
}

/** Keeps one glide per driver. `now` is the page's own clock in ms; nothing here reads a clock. */
export class Fleet {
  private glides = new Map<string, Glide>();

  /** Take the newest fixes; `lineOf` gives a route's line. Drivers who are not among them are forgotten. */
  take(rows: readonly PositionRow[], lineOf: (route: string) => Path | undefined, now: number): void {
    const seen = new Set<string>();
    for (const row of rows) {
      seen.add(row.driver);
      const before = this.glides.get(row.driver);
      if (before && before.fix.version === row.version) continue;
      this.glides.set(row.driver, this.glideTo(row, before, lineOf, now));
    }
    for (const id of this.glides.keys()) if (!seen.has(id)) this.glides.delete(id);
  }

  private glideTo(row: PositionRow, before: Glide | undefined, lineOf: (route: string) => Path | undefined, now: number): Glide {
    const end: [number, number] = [row.lon, row.lat];
    const heading = row.heading ?? before?.heading ?? 0;
    if (!before) return { fix: row, path: [end], lengths: [0], start: now, ms: 0, heading, corner: 0 };
    const here = this.at(before, now);
    const start: [number, number] = [here.lon, here.lat];
    const gap = row.version - before.fix.version;
    // A jump of kilometres after a silence is shown at once: gliding through houses would tell a lie.
    const far = metres(start, end) > 3_000;
    const ms = far ? 0 : Math.min(GLIDE_MOST_MS, Math.max(GLIDE_LEAST_MS, Math.min(gap, now - before.start)));
    let path: Path = far ? [end] : [start, end];
    let corner = before.corner;
    const line = row.route ? lineOf(row.route) : undefined;
    if (line && line.length > 1 && !far) {
      const from = Math.max(0, Math.min(corner, line.length - 2) - LOOK_BACK);
      const a = nearest(line, start, from, 4_000);
      const b = a && nearest(line, end, a.index, 4_000);
      if (a && b && a.off_m < ON_ROUTE_M && b.off_m < ON_ROUTE_M && (b.index > a.index || b.share >= a.share)) {
        path = between(line, a, b);
        corner = b.index;
      }
    }
    const lengths = [0];
    for (let i = 1; i < path.length; i++) lengths.push((lengths[i - 1] ?? 0) + metres(path[i - 1]!, path[i]!));
    return { fix: row, path, lengths, start: now, ms, heading: row.heading ?? here.heading, corner };
  }

  private at(glide: Glide, now: number): Place {
    const { path, lengths } = glide;
    const last = path[path.length - 1]!;
    const total = lengths[lengths.length - 1] ?? 0;
    const share = glide.ms ? Math.min(1, (now - glide.start) / glide.ms) : 1;
    if (share >= 1 || total < 1) return { lon: last[0], lat: last[1], heading: glide.heading };
    const along = total * share;
    let i = 1;
    while (i < lengths.length - 1 && (lengths[i] ?? 0) < along) i++;
    const a = path[i - 1]!;
    const b = path[i]!;
    const part = ((lengths[i] ?? 0) - (lengths[i - 1] ?? 0)) || 1;
    const t = (along - (lengths[i - 1] ?? 0)) / part;
    const squeeze = Math.cos((a[1] * Math.PI) / 180);
    const heading = (Math.atan2((b[0] - a[0]) * squeeze, b[1] - a[1]) * 180) / Math.PI;
    return { lon: a[0] + (b[0] - a[0]) * t, lat: a[1] + (b[1] - a[1]) * t, heading: (heading + 360) % 360 };
  }

  /** Where a driver is on the screen at this moment. */
  where(driver: string, now: number): Place | null {
    const glide = this.glides.get(driver);
    return glide ? this.at(glide, now) : null;
  }

  moving(now: number): boolean {
    for (const glide of this.glides.values()) if (glide.ms && now - glide.start < glide.ms) return true;
    return false;
  }
}
