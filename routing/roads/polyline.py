"""Encoded polylines: a line of coordinates as a short ASCII text.

The format is Google's "Encoded Polyline Algorithm Format"; five decimals (about one metre) are what browsers and
this project's JSON use, six are for talking to road engines.
"""

import re
from collections.abc import Iterable, Sequence

Point = tuple[float, float]
"""(latitude, longitude), degrees, WGS 84."""

_STEP = re.compile(r"[_-~]*[?-^][_-~]*[?-^]")
"""One point of an encoded line: two numbers, each of which ends with a character below "_"."""


def encode(points: Iterable[Point], precision: int = 5) -> str:
    """Encode a line. The empty line is the empty text."""
    scale = 10**precision
    out: list[str] = []
    before = [0, 0]
    for point in points:
        for axis in (0, 1):
            now = round(point[axis] * scale)
            delta = now - before[axis]
            before[axis] = now
            bits = ~(delta << 1) if delta < 0 else delta << 1
            while bits >= 0x20:
                out.append(chr((0x20 | (bits & 0x1F)) + 63))
                bits >>= 5
            out.append(chr(bits + 63))
    return "".join(out)


def decode(text: str, precision: int = 5) -> list[Point]:
    """Decode a line. Raises ValueError for a text that is cut short or holds a foreign character."""
    scale = 10**precision
    numbers: list[int] = []
    bits = shift = 0
    for character in text:
        value = ord(character) - 63
        if not 0 <= value < 64:
            raise ValueError(f"not an encoded polyline: {character!r} does not belong there")
        bits |= (value & 0x1F) << shift
        shift += 5
        if value < 0x20:
            numbers.append(~(bits >> 1) if bits & 1 else bits >> 1)
            bits = shift = 0
    if shift or len(numbers) % 2:
        raise ValueError("not an encoded polyline: the text ends in the middle of a point")
    points: list[Point] = []
    lat = lon = 0
    for index in range(0, len(numbers), 2):
        lat += numbers[index]
        lon += numbers[index + 1]
        points.append((lat / scale, lon / scale))
    return points


def join(lines: Sequence[Sequence[Point]]) -> list[Point]:
    """Put lines end to end; a point that repeats the one before it is dropped."""
    joined: list[Point] = []
    for line in lines:
        for point in line:
            if not joined or joined[-1] != point:
                joined.append(point)
    return joined


def chained(lines: Iterable[str]) -> str:
    """Encoded lines put end to end as one encoded line; a point that repeats the one before it is dropped."""
    return encode(join([decode(line) for line in lines]))


def without_repeats(text: str) -> str:
    """The same encoded line without points that repeat the one before them: in the text they are steps of nothing."""
    return _STEP.sub(lambda step: "" if step[0] == "??" and step.start() else step[0], text)
