"""Which map this checkout shows, and whether it must be built again."""

import hashlib
import json
import os
import re
from pathlib import Path

from . import packages, paths

CITY = "city"
_CHOICE = paths.VAR / "atlas.json"


class Atlas:
    """One map: its name, its source (an extract, or None for the generated city) and its folder."""

    def __init__(self, name: str, extract: Path | None) -> None:
        """Describe the map; nothing is read yet."""
        self.name, self.extract = name, extract
        self.folder = paths.ATLAS / name

    def is_current(self) -> bool:
        """Whether it was built from this source by this code."""
        try:
            return (self.folder / "atlas.json").exists() and self._stamp.read_text() == self._digest()
        except OSError:
            return False

    def job(self, environment: dict[str, str]) -> packages.Job:
        """The program that builds it; call `built()` when it has ended well."""
        source: list[str | Path] = [self.extract] if self.extract else ["--city"]
        command = [paths.PYTHON, paths.ROOT / "manage.py", "build_map", *source, "--name", self.name]
        return packages.Job(f"map of {self.name}", command, environment={**environment, **self.environment()})

    def built(self) -> None:
        """Remember what it was built from."""
        self._stamp.write_text(self._digest())

    def remember(self) -> None:
        """Make it the map of the next start without a choice, and of `./run manage`."""
        paths.write_private(_CHOICE, json.dumps({"name": self.name, "extract": str(self.extract or "")}))

    def environment(self) -> dict[str, str]:
        """The variable that points Django at it."""
        return {"ATLAS_DIR": str(self.folder)}

    @property
    def roads(self) -> Path:
        """The road engine's files, all of which begin with this path."""
        return self.folder / "roads" / "roads.osrm"

    def has_roads(self) -> bool:
        """Whether the road engine and its data are both there."""
        return engine("osrm-routed").exists() and self.roads.with_name("roads.osrm.mldgr").exists()

    @property
    def _stamp(self) -> Path:
        return self.folder / ".lastmile"

    def _digest(self) -> str:
        code = packages.digest((paths.ROOT / "routing" / "atlas").rglob("*.py"), self.name)
        source = ""
        if self.extract:
            facts = self.extract.stat()
            source = f"{self.extract} {facts.st_size} {facts.st_mtime_ns}"
        engine_there = str(engine("osrm-extract").exists())
        return hashlib.sha256(f"{code} {source} {engine_there}".encode()).hexdigest()


def engine(program: str) -> Path:
    """The path of one of the road engine's programs."""
    return paths.ENGINE / "osrm" / "bin" / program


def chosen(extract: Path | None) -> Atlas:
    """The map to show: of `extract`, else the remembered one, else the generated city.

    Ends with a sentence when the extract is not a readable file.
    """
    if extract is not None:
        extract = Path(os.path.abspath(extract.expanduser()))
        if not extract.is_file() or not os.access(extract, os.R_OK):
            raise SystemExit(f"--extract: {extract} is not a file that can be read.")
        if not extract.name.endswith((".osm.pbf", ".pbf", ".osm", ".osm.gz", ".osm.bz2")):
            raise SystemExit(f"--extract: {extract.name} is not an OpenStreetMap extract (….osm.pbf).")
        name = re.sub(r"[^a-z0-9]+", "-", extract.name.lower().split(".")[0]).strip("-") or "extract"
        return Atlas("extract" if name == CITY else name, extract)
    return remembered() or Atlas(CITY, None)


def remembered() -> Atlas | None:
    """The map of the last start, if it is still there."""
    told = paths.read_json(_CHOICE)
    name, extract = told.get("name"), told.get("extract")
    if not isinstance(name, str) or not (paths.ATLAS / name / "atlas.json").exists():
        return None
    source = Path(extract) if isinstance(extract, str) and extract else None
    return Atlas(name, source if source and source.is_file() else None)
