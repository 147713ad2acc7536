"""One finished atlas on disk and where its parts lie."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from routing.atlas.errors import AtlasError

ATTRIBUTION_OSM = "© OpenStreetMap contributors"
ATTRIBUTION_CITY = "Generated city — no real place"
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


@dataclass(frozen=True)
class Atlas:
    """A finished atlas. Boxes are (west, south, east, north) and centres (lon, lat), in degrees (WGS 84)."""

    folder: Path
    name: str
    title: str
    bbox: tuple[float, float, float, float]
    center: tuple[float, float]
    attribution: str
    built_at: str
    source_sha256: str
    version: int
    counts: dict[str, int]
    parts: dict[str, str]

    @property
    def graph(self) -> Path:
        """The built-in road engine's data."""
        return self.folder / "graph.npz"

    @property
    def osrm(self) -> Path:
        """The base path that `osrm-routed` takes; its files may be missing (`has_osrm`)."""
        return self.folder / "roads" / "roads.osrm"

    @property
    def has_osrm(self) -> bool:
        """True when the road engine's data was built."""
        return self.osrm.with_name("roads.osrm.mldgr").is_file()

    @property
    def addresses(self) -> Path:
        """The address index."""
        return self.folder / "addresses.sqlite"

    @property
    def public(self) -> Path:
        """The only folder of an atlas that a web server may hand out."""
        return self.folder / "public"

    @property
    def basemap(self) -> Path:
        """The background map; may be missing, then boards draw on a plain ground."""
        return self.public / "map" / "basemap.pmtiles"


def check_name(name: str) -> str:
    """Return `name` if it can be a folder's name in the atlas root, else raise AtlasError."""
    if not NAME.fullmatch(name):
        raise AtlasError(f"An atlas name has only a-z, 0-9, '-' and '_' and at most 64 of them; got {name!r}.")
    return name


def read(folder: Path) -> Atlas:
    """Open a finished atlas. Raises AtlasError when the folder holds none or its description is damaged."""
    try:
        row: dict[str, Any] = json.loads((folder / "atlas.json").read_text("utf-8"))
        west, south, east, north = (float(x) for x in row["bbox"])
        lon, lat = (float(x) for x in row["center"])
        return Atlas(
            folder=folder,
            name=str(row["name"]),
            title=str(row["title"]),
            bbox=(west, south, east, north),
            center=(lon, lat),
            attribution=str(row["attribution"]),
            built_at=str(row["built_at"]),
            source_sha256=str(row["source_sha256"]),
            version=int(row["version"]),
            counts={str(k): int(v) for k, v in row["counts"].items()},
            parts={str(k): str(v) for k, v in row["parts"].items()},
        )
    except FileNotFoundError:
        raise AtlasError(f"There is no map data in {folder}; build it with: python manage.py build_map") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise AtlasError(f"{folder / 'atlas.json'} cannot be read ({error}); build it again with --force.") from None


def all_in(root: Path) -> list[Atlas]:
    """Every readable atlas below `root`, the newest first; damaged ones are left out."""
    found = []
    for path in root.glob("*/atlas.json"):
        if not path.parent.name.startswith("."):
            try:
                found.append(read(path.parent))
            except AtlasError:
                continue
    return sorted(found, key=lambda atlas: atlas.built_at, reverse=True)


def current(root: Path, name: str = "") -> Atlas | None:
    """The atlas called `name`, or with no name the newest one below `root`; None when there is none."""
    if name:
        try:
            return read(root / check_name(name))
        except AtlasError:
            return None
    atlases = all_in(root)
    return atlases[0] if atlases else None
