// A closed ring of points in the plane. Pure.

type Point = readonly [number, number];

/** So near to its beginning, as a part of how far it reaches, a line counts as closed. */
const NEAR = 0.15;

/** Whether a point lies inside the ring (even-odd rule). */
export function isInside(x: number, y: number, ring: readonly Point[]): boolean {
  let inside = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [ax, ay] = ring[i]!;
    const [bx, by] = ring[j]!;
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  }
  return inside;
}

function apart([x, y]: Point, [ax, ay]: Point, [bx, by]: Point): number {
  const [dx, dy] = [bx - ax, by - ay];
  const length2 = dx * dx + dy * dy;
  const share = length2 ? Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / length2)) : 0;
  return Math.hypot(x - ax - share * dx, y - ay - share * dy);
}

/** The line with so few corners that it is nowhere farther than `most` from what it was (Douglas and Peucker). */
function thinned(line: readonly Point[], most: number): Point[] {
  const [first, last] = [line[0]!, line[line.length - 1]!];
  let far = 0;
  let at = 0;
  for (let index = 1; index < line.length - 1; index++) {
    const off = apart(line[index]!, first, last);
    if (off > far) [far, at] = [off, index];
  }
  if (far <= most) return line.length > 1 ? [first, last] : [first];
  return [...thinned(line.slice(0, at + 1), most), ...thinned(line.slice(at), most).slice(1)];
}

/** Where two stretches cross; null where they do not, or only touch. */
function crossing(a: Point, b: Point, c: Point, d: Point): Point | null {
  const [bx, by, dx, dy] = [b[0] - a[0], b[1] - a[1], d[0] - c[0], d[1] - c[1]];
  const turn = bx * dy - by * dx;
  if (turn === 0) return null;
  const along = ((c[0] - a[0]) * dy - (c[1] - a[1]) * dx) / turn;
  const across = ((c[0] - a[0]) * by - (c[1] - a[1]) * bx) / turn;
  if (along <= 0 || along >= 1 || across <= 0 || across >= 1) return null;
  return [a[0] + along * bx, a[1] + along * by];
}

export function areaOf(ring: readonly Point[]): number {
  let twice = 0;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) twice += ring[j]![0] * ring[i]![1] - ring[i]![0] * ring[j]![1];
  return Math.abs(twice) / 2;
}

/** The ring without its smaller loops: where a hand crossed its own line, the larger side stays. */
function untangled(ring: readonly Point[]): Point[] {
  for (let i = 0; i < ring.length - 1; i++) {
    for (let j = i + 1; j < ring.length; j++) {
      const cut = crossing(ring[i]!, ring[i + 1]!, ring[j]!, ring[(j + 1) % ring.length]!);
      if (!cut) continue;
      const loops: Point[][] = [[cut, ...ring.slice(i + 1, j + 1)], [...ring.slice(0, i + 1), cut, ...ring.slice(j + 1)]];
      return untangled(areaOf(loops[0]!) > areaOf(loops[1]!) ? loops[0]! : loops[1]!);
    }
  }
  return [...ring];
}

/** A hand that closes a ring draws on past its beginning for a little: the line as far as the spot nearest to that. */
function closed(line: readonly Point[]): readonly Point[] {
  const [first, last] = [line[0]!, line.length - 1];
  const away = ([x, y]: Point): number => Math.hypot(x - first[0], y - first[1]);
  const wide = Math.max(...line.map(away));
  let end = last;
  for (let at = last; at > last / 2; at--) if (away(line[at]!) < away(line[end]!)) end = at;
  return away(line[end]!) < wide * NEAR ? line.slice(0, end + 1) : line;
}

/**
 * A line drawn by hand as the outline of an area: at most `most` corners, nowhere crossing itself. Empty when it encloses
 * less than `least` (square units of the plane).
 */
export function outlined(line: readonly Point[], most: number, least: number): Point[] {
  if (line.length < 3) return [];
  const whole = closed(line);
  let ring: Point[] = [...whole];
  for (let slack = 1; slack === 1 || ring.length > most; slack *= 2) ring = untangled(thinned(whole, slack));
  return ring.length < 3 || areaOf(ring) < least ? [] : ring;
}
