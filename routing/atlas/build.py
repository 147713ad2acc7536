"""Building an atlas from an OpenStreetMap extract: all parts into a folder beside, then one rename.

A build that fails or is killed leaves the atlas that was there; a part whose program is missing is left out with a
sentence in `parts`, because a plan without a pretty map is still a plan.
"""

import contextlib
import errno
import hashlib
import json
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import osmium

from routing.atlas import addresses, basemap, engine, folder, graph, layers
from routing.atlas.errors import AtlasError
from routing.atlas.folder import Atlas

VERSION = 1
"""Raised when the parts change their form, so that atlases of before are built again."""
DISK_FACTOR = 20
DISK_SPARE_BYTES = 64 * 2**20
BUILT = "built"
Say = Callable[[str], None]


@dataclass(frozen=True)
class Source:
    """What an atlas is made from: the extract, its fingerprint, and how to name and credit it."""

    pbf: Path
    sha256: str
    attribution: str = folder.ATTRIBUTION_OSM
    title: str = ""
    keep_as: str = ""
    """A file name under which the extract is kept inside the atlas; "" keeps none."""


class Progress:
    """Says lines with the seconds since the start."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._started = time.monotonic()

    def __call__(self, line: str) -> None:
        """Say one line."""
        self._say(f"[{time.monotonic() - self._started:6.1f} s] {line}")


def slug(pbf: Path) -> str:
    """An atlas name made from an extract's file name."""
    stem = re.sub(r"(\.osm)?(\.pbf)?$", "", pbf.name.lower())
    return re.sub(r"[^a-z0-9_-]+", "-", stem).strip("-_")[:64] or "map"


def sha256_of(path: Path) -> str:
    """A file's SHA-256 in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_extract(pbf: Path) -> None:
    """Raise AtlasError unless `pbf` begins as an OpenStreetMap extract in PBF does."""
    try:
        with pbf.open("rb") as file:
            head = file.read(64)
    except FileNotFoundError:
        raise AtlasError(f"There is no file {pbf}.") from None
    except OSError as error:
        raise AtlasError(f"{pbf} cannot be read: {error.strerror or error}.") from None
    if not head:
        raise AtlasError(f"{pbf.name} is empty.")
    if b"OSMHeader" not in head:
        raise AtlasError(f"{pbf.name} is not an OpenStreetMap extract in PBF format (a file ending in .osm.pbf).")


def from_file(pbf: Path, root: Path, name: str, engine_dir: Path, say: Say, force: bool = False) -> Atlas:
    """Build (or keep, when nothing changed) the atlas `name` below `root` from an extract on disk."""
    check_extract(pbf)
    return build(Source(pbf=pbf, sha256=sha256_of(pbf)), root, name, engine_dir, say, force)


def kept(root: Path, name: str, sha256: str, engine_dir: Path) -> Atlas | None:
    """The atlas already there, if it was made from the same source and nothing could be added to it now."""
    atlas = folder.current(root, folder.check_name(name))
    if atlas is None or (atlas.source_sha256, atlas.version) != (sha256, VERSION):
        return None
    could: dict[str, Callable[[], bool]] = {
        "roads": lambda: engine.find(engine_dir) is not None,
        "basemap": lambda: basemap.tippecanoe() is not None,
    }
    for part, possible in could.items():
        if atlas.parts.get(part) != BUILT and possible():
            return None
    return atlas


def build(source: Source, root: Path, name: str, engine_dir: Path, say: Say, force: bool = False) -> Atlas:
    """Build (or keep) an atlas. Raises AtlasError with one sentence; then what was there before is untouched."""
    progress = Progress(say)
    there = None if force else kept(root, name, source.sha256, engine_dir)
    if there is not None:
        progress(f"{there.title}: already built from this source ({there.built_at})")
        return there
    folder.check_name(name)
    with _said_clearly(source.pbf), _workplace(root, name, source.pbf) as work:
        made = work / "atlas"
        made.mkdir()
        _make(source, name, made, work, engine_dir, progress)
        if source.keep_as:
            shutil.copyfile(source.pbf, made / source.keep_as)
        _swap(made, root / name)
    atlas = folder.read(root / name)
    progress(f"{atlas.title}: ready in {atlas.folder}")
    return atlas


def _make(source: Source, name: str, made: Path, work: Path, engine_dir: Path, progress: Progress) -> None:
    """All parts; the road engine's programs run beside the rest."""
    progress(f"street graph from {source.pbf.name} ({source.pbf.stat().st_size / 2**20:.1f} MiB)")
    counts = graph.build(source.pbf, made / "graph.npz")
    progress(f"street graph: {counts['vertices']:,} junctions, {counts['segments']:,} streets between them")
    parts = {"graph": BUILT}
    with ThreadPoolExecutor(max_workers=1) as beside:
        roads = beside.submit(_roads, source.pbf, made / "roads" / "roads.osrm", engine_dir, progress)
        progress("basemap: reading features")
        try:
            counts |= basemap.build(
                source.pbf, made / "public" / "map" / "basemap.pmtiles", work / "tiles", source.attribution, progress
            )
            parts["basemap"] = BUILT
        except AtlasError as error:
            _raise_if_full(error)
            parts["basemap"] = str(error)
            progress(f"basemap: left out, boards draw on a plain ground — {error}")
        progress("addresses")
        found = addresses.build(source.pbf, made / "addresses.sqlite")
        counts |= {f"index_{key}": int(value) for key, value in found.items() if isinstance(value, int)}
        parts["addresses"] = BUILT
        parts["roads"] = roads.result()
    bbox, center = _extent(made / "graph.npz")
    row = {
        "name": name,
        "title": source.title or title_of(source.pbf, bbox) or name.replace("-", " ").title(),
        "bbox": bbox,
        "center": center,
        "source": source.keep_as or source.pbf.name,
        "source_sha256": source.sha256,
        "built_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "attribution": source.attribution,
        "counts": counts,
        "parts": parts,
        "version": VERSION,
    }
    (made / "atlas.json").write_text(json.dumps(row, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _roads(pbf: Path, out: Path, engine_dir: Path, progress: Progress) -> str:
    """The road engine's data; returns BUILT or the sentence that says why not."""
    found = engine.find(engine_dir)
    if found is None:
        why = "the road engine's programs are not there or do not run on this processor; the built-in engine is used"
        progress(f"roads: {why}")
        return why
    engine.prepare(found, pbf, out, progress, threads=os.cpu_count() or 1)
    progress("roads: ready")
    return BUILT


def _extent(graph_file: Path) -> tuple[list[float], list[float]]:
    """The streets' box (west, south, east, north) and the middle of its densest part (lon, lat)."""
    with np.load(graph_file, allow_pickle=False) as data:
        shape, vertex = data["shape"] / 1e7, data["vertex"] / 1e7
    (south, west), (north, east) = shape.min(axis=0), shape.max(axis=0)
    rows = max(1, min(40, round((north - south) / 0.02)))
    columns = max(1, min(40, round((east - west) / 0.02)))
    counts, lats, lons = np.histogram2d(vertex[:, 0], vertex[:, 1], bins=(rows, columns))
    row, column = np.unravel_index(int(np.argmax(counts)), counts.shape)
    inside = vertex[
        (vertex[:, 0] >= lats[row])
        & (vertex[:, 0] <= lats[row + 1])
        & (vertex[:, 1] >= lons[column])
        & (vertex[:, 1] <= lons[column + 1])
    ]
    lat, lon = np.median(inside, axis=0)
    return [round(float(x), 6) for x in (west, south, east, north)], [round(float(lon), 6), round(float(lat), 6)]


def title_of(pbf: Path, bbox: list[float]) -> str:
    """The name of the largest city inside the box, "" when the extract names none."""
    best: tuple[float, float, str] | None = None
    west, south, east, north = bbox
    places = osmium.FileProcessor(str(pbf), osmium.osm.NODE).with_filter(osmium.filter.KeyFilter("place"))
    for item in places:
        feature = layers.of_place({tag.k: tag.v for tag in item.tags})
        if feature is None or feature.properties["class"] != "city":
            continue
        if not isinstance(item, osmium.osm.Node) or not item.location.valid():
            continue
        if not (west <= item.location.lon <= east and south <= item.location.lat <= north):
            continue
        properties = feature.properties
        found = (float(properties["rank"]), -float(properties.get("population", 0)), str(properties["name"]))
        best = found if best is None else min(best, found)
    return best[2] if best else ""


@contextlib.contextmanager
def _said_clearly(pbf: Path) -> Iterator[None]:
    """Turn the faults of libraries and disks into one sentence."""
    try:
        yield
    except AtlasError as error:
        _raise_if_full(error)
        raise
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise AtlasError("The disk is full; nothing was changed. Free some space and build again.") from error
        raise AtlasError(f"{error.filename or pbf}: {error.strerror or error}.") from error
    except RuntimeError as error:  # pyosmium's word for every fault in a file
        raise AtlasError(f"{pbf.name} is damaged or cut short ({error}); fetch it again.") from error


def _raise_if_full(error: AtlasError) -> None:
    if "No space left" in str(error):
        raise AtlasError("The disk is full; nothing was changed. Free some space and build again.") from error


@contextlib.contextmanager
def _workplace(root: Path, name: str, pbf: Path) -> Iterator[Path]:
    """A folder beside the atlas to build in, removed afterwards; so are those of builds that were killed."""
    root.mkdir(parents=True, exist_ok=True)
    for left in root.glob(f".build-{name}-*"):
        pid = left.name.rpartition("-")[2]
        if pid.isdigit() and not Path(f"/proc/{pid}").exists():
            shutil.rmtree(left, ignore_errors=True)
    needed = pbf.stat().st_size * DISK_FACTOR + DISK_SPARE_BYTES
    free = shutil.disk_usage(root).free
    if free < needed:
        needs, has = f"{needed / 2**20:,.0f} MiB", f"{free / 2**20:,.0f} MiB"
        raise AtlasError(f"Building needs about {needs} in {root}; only {has} are free.")
    work = root / f".build-{name}-{os.getpid()}"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _swap(made: Path, place: Path) -> None:
    """Put the finished folder in its place; the one before goes only once the new one stands."""
    before = made.with_name("before")
    if place.exists():
        place.rename(before)
    try:
        made.rename(place)
    except OSError:
        if before.exists():
            before.rename(place)
        raise
