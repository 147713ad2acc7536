"""How long `./run demo` takes: the first time in a clean clone, and again.

    python -m benchmarks.setup [--keep-home] [--extract FILE.osm.pbf]

Clones this repository's last commit into an empty folder, with an empty home (so without a package cache of its own;
--keep-home uses yours), and starts the demonstration there. Measured from the command to `/healthz` answering 200 with
demo.json written (goal: 90 s the first time, 10 s the second), to the board's first planned routes, and the time that
Ctrl-C takes. The simulation plays on while it is looked at, as it does for everybody.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from benchmarks.running import machine, say
from lastmile.local import paths

GOALS_S = {"first start": 90, "second start": 10}


def main() -> None:
    """Clone, start twice, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep-home", action="store_true", help="use this home and its package caches")
    parser.add_argument("--extract", type=Path, metavar="FILE.osm.pbf")
    given = parser.parse_args()
    say(machine())
    folder = Path(tempfile.mkdtemp(prefix="lastmile-setup-"))
    try:
        clone, home = folder / "lastmile", folder / "home"
        home.mkdir()
        subprocess.run(["git", "clone", "--quiet", paths.ROOT, clone], check=True)
        environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(home), "PORT": str(paths.free_port())}
        environment |= {key: os.environ[key] for key in os.environ if key.startswith(("PIP_", "npm_", "NPM_", "SSL_"))}
        if given.keep_home:
            environment |= {"HOME": str(Path.home()), "PATH": os.environ["PATH"]}
        command = ["./run", "demo", *(["--extract", str(given.extract.resolve())] if given.extract else [])]
        for title in ("first start", "second start"):
            start(title, command, clone, environment)
        subprocess.run(["./run", "reset"], cwd=clone, env=environment, check=True, stdout=subprocess.DEVNULL)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def start(title: str, command: list[str], clone: Path, environment: dict[str, str]) -> None:
    """Start, wait until it is usable and until it shows routes, stop; print the three times."""
    told = clone / "var" / "demo.json"
    before = told.stat().st_mtime if told.exists() else 0.0
    began = time.monotonic()
    with (clone.parent / "output.txt").open("wb") as output:
        child = subprocess.Popen(command, cwd=clone, env=environment, stdout=output, stderr=subprocess.STDOUT)
    base = f"http://127.0.0.1:{environment['PORT']}"
    try:
        while not (told.exists() and told.stat().st_mtime > before and _answers(f"{base}/healthz")):
            _look_after(child, clone, began, 600)
        usable_s = time.monotonic() - began
        values = json.loads(told.read_text())
        where = f"{base}/api/v1/board/?day={values['day']}"
        while not _routes(where, values["api_key"]):
            _look_after(child, clone, began, 900)
        routes_s = time.monotonic() - began
    finally:
        stopping = time.monotonic()
        child.send_signal(signal.SIGINT)
        child.wait(60)
    goal = GOALS_S[title]
    say(
        f"{title}: usable after {usable_s:.1f} s (goal {goal} s: {'met' if usable_s <= goal else 'MISSED'}), "
        f"routes on the board after {routes_s:.1f} s, stopped in {time.monotonic() - stopping:.1f} s"
    )


def _look_after(child: subprocess.Popen[bytes], clone: Path, began: float, patience_s: float) -> None:
    if child.poll() is not None or time.monotonic() - began > patience_s:
        raise SystemExit((clone.parent / "output.txt").read_text()[-3000:])
    time.sleep(0.1)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=3) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _routes(address: str, key: str) -> int:
    request = urllib.request.Request(address, headers={"Authorization": f"Bearer {key}"})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return len(json.load(answer)["routes"])
    except (OSError, urllib.error.HTTPError):
        return 0


if __name__ == "__main__":
    main()
