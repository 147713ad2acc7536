"""Preparing the road engine's data with OSRM's own programs (multi-level Dijkstra, car profile).

The programs come out of a wheel that is unpacked, not installed (docs/maps.md), or from the machine's PATH.
Multi-level Dijkstra is chosen over contraction hierarchies because its data is ready in a tenth of the time
and takes new speeds in seconds (Delling, Goldberg, Pajor & Werneck, doi:10.1287/trsc.2014.0579).
"""

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from routing.atlas.errors import AtlasError

PROGRAMS = ("osrm-extract", "osrm-partition", "osrm-customize", "osrm-routed")
PROFILE_HOMES = ("share/profiles", "share/osrm/profiles")
STEP_TIMEOUT_S = 6 * 3600


@dataclass(frozen=True)
class Engine:
    """Where the road engine's programs and its car profile lie."""

    bin: Path
    profile: Path

    def program(self, name: str) -> Path:
        """The full path of one of PROGRAMS."""
        return self.bin / name


def find(engine_dir: Path) -> Engine | None:
    """Look for the programs below `engine_dir`, then on PATH; None when they are absent or do not run here."""
    places = [(path.parent, path.parent.parent) for path in sorted(engine_dir.glob("**/osrm-extract"))]
    on_path = shutil.which("osrm-extract")
    if on_path:
        places.append((Path(on_path).parent, Path(on_path).parent.parent))
    for bin_dir, home in places:
        if not all((bin_dir / name).is_file() for name in PROGRAMS):
            continue
        for profiles in PROFILE_HOMES:
            profile = home / profiles / "car.lua"
            if profile.is_file():
                engine = Engine(bin=bin_dir.resolve(), profile=profile.resolve())
                if _runs(engine):
                    return engine
    return None


def _runs(engine: Engine) -> bool:
    """A wheel for another processor or C library is as good as none."""
    try:
        command = [str(engine.program("osrm-extract")), "--version"]
        done = subprocess.run(command, capture_output=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def prepare(engine: Engine, pbf: Path, out: Path, say: Callable[[str], None], threads: int = 2) -> None:
    """Write `out` (…/roads.osrm) and its companions from `pbf`.

    Raises AtlasError with the program's last words. Peak memory is about fifty times the extract's size.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    base = out.with_suffix("")
    common = ["-t", str(threads), "-l", "WARNING"]
    steps = (
        ["osrm-extract", "-p", str(engine.profile), "-o", str(base), *common, str(pbf.resolve())],
        ["osrm-partition", *common, str(out)],
        ["osrm-customize", *common, str(out)],
    )
    for program, *arguments in steps:
        say(f"roads: {program}")
        _run(engine.program(program), arguments)
    if not out.with_name("roads.osrm.mldgr").is_file():
        raise AtlasError("The road engine finished without writing its data; is the disk full?")


def _run(program: Path, arguments: list[str]) -> None:
    try:
        done = subprocess.run(
            [str(program), *arguments],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=STEP_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise AtlasError(f"{program.name} could not be run: {error}") from None
    if done.returncode:
        words = [line.strip() for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        last = words[-1] if words else f"exit status {done.returncode}"
        hint = " (killed: not enough memory?)" if done.returncode == -9 else ""
        raise AtlasError(f"{program.name} failed: {last}{hint}")
