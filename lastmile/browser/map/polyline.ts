// Encoded polylines (5 digits), and finding one's place along a line.

export type Path = [lon: number, lat: number][];

/** Decode an encoded polyline of 5 digits to [lon, lat] pairs. */
export function decode(text: string): Path {
  const path: Path = [];
  let index = 0;
  let lat = 0;
  let lon = 0;
  const next = (): number => {
    let result = 0;
    let shift = 0;
    let byte: number;
    do {
      byte = text.charCodeAt(index++) - 63;
      result |= (byte & 31) << shift;
      shift += 5;
    } while (byte >= 32 && index < text.length);
    return result & 1 ? ~(result >> 1) : result >> 1;
  };
  while (index < text.length) {
    lat += next();
    lon += next();
    path.push([lon / 1e5, lat / 1e5]);
  }
  return path;
}

const M_PER_DEGREE = 111_195;

/** Metres between two points, on a plane: right to a thousandth within a city. */
export function metres(a: [number, number], b: [number, number]): number {
  const x = (b[0] - a[0]) * Math.cos(((a[1] + b[1]) * Math.PI) / 360);
  return Math.hypot(x, b[1] - a[1]) * M_PER_DEGREE;
}

export interface Spot {
  /** Index of the corner before it, and how far it is to the next one, 0..1. */
  index: number;
  share: number;
  /** Distance of the point from the line, metres. */
  off_m: number;
  point: [number, number];
}

/**
 * The spot on the line nearest to a point, looking from corner `from` on for at most `reach_m` along the line.
 * A line that passes the same corner twice is told apart by `from`: the first pass within 40 m wins.
 */
export function nearest(path: Path, point: [number, number], from = 0, reach_m = Infinity): Spot | null {
  let best: Spot | null = null;
  let along = 0;
  const squeeze = Math.cos((point[1] * Math.PI) / 180);
  for (let index = Math.max(0, from); index < path.length - 1 && along < reach_m; index++) {
    const a = path[index] as [number, number];
    const b = path[index + 1] as [number, number];
    const dx = (b[0] - a[0]) * squeeze;
    const dy = b[1] - a[1];
    const length2 = dx * dx + dy * dy;
    const share = length2 ? Math.max(0, Math.min(1, ((point[0] - a[0]) * squeeze * dx + (point[1] - a[1]) * dy) / length2)) : 0;
    const at: [number, number] = [a[0] + (b[0] - a[0]) * share, a[1] + dy * share];
    const off_m = metres(point, at);
    if (!best || off_m < best.off_m) best = { index, share, off_m, point: at };
    else if (best.off_m < 40 && off_m > best.off_m + 200) break;
    along += Math.sqrt(length2) * M_PER_DEGREE;
  }
  return best;
}

/** The part of the line between two spots, both ends included. */
export function between(path: Path, a: Spot, b: Spot): Path {
  return [a.point, ...path.slice(a.index + 1, b.index + 1), b.point];
}
