"""The dispatcher's board on a large day: 5,000 stops, 300 routes, 300 vans on the move.

    python -m benchmarks.board [--stops 5000] [--routes 300] [--tomorrow 1000] [--runs 5] [--seconds 60] [--minutes 10]
                               [--only paint,drag,push,moving,heap] [--json FILE] [--extract FILE.osm.pbf]

The whole product as real processes; the day is laid by `benchmarks.large_day`, which also moves the vans. Chromium
without a graphics card opens the board, signed in, with an empty cache, on the same machine.

* First useful paint: the frame that shows the first route's card with driver, times and numbers. Interactive: a click
  on it, made at that moment, has opened it, and a second without a task over 50 ms has begun. The rest of the day
  comes after that, so the end of the last such task within four seconds of going live is told beside it. Once with a
  map drawn in software, once without WebGL: compiling shaders in software holds the page up for tenths of a second.
* Drag: `POST plans/{id}/consequences/` by the page's `fetch`, over places of a plan of 1,000 stops, 60 ms apart.
* Push: from just before one dispatcher's request to the moment when the other's card holds the change; the vans
  stand, and once more while they move. Both screens have been open for six seconds when the first edit is made, and are
  without WebGL: two maps drawn in software leave two processors with nothing to spare for what is measured.
* Tasks: the browser's own `longtask` entries over 100 ms, by the wall, while every van moves each 2 s. Software WebGL
  draws in another process (Chromium's GPU process), which takes processor time from the page but is not in its tasks;
  what the page waits for it, and for a processor, is. So the trace gives each task's own processor time beside it, and
  the same is measured once more in a browser without WebGL, where the board shows no map.
* Heap: `Runtime.getHeapUsage` after `HeapProfiler.collectGarbage`; the slope of a straight line through it. In both
  browsers: where a map is drawn in software the vans do not get the processor time to keep their pace.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict
from datetime import date, datetime, timedelta
from datetime import time as day_time
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg
from playwright.sync_api import Browser, Playwright, sync_playwright

from benchmarks import board_parts
from benchmarks.board_parts import Line, Scene
from benchmarks.first_paint import signed_in
from benchmarks.running import arguments, machine, need, running, say
from lastmile.local import paths
from tests.journeys.stack import Stack

PARTS = ("paint", "drag", "push", "moving", "heap")


def laid(stack: Stack, stops: int, routes: int, tomorrow: int) -> dict[str, str]:
    """Lay the day; the clock shows nine in the morning."""
    day = date.fromisoformat(stack.demo["day"])
    stack.demo["tomorrow"] = (day + timedelta(days=1)).isoformat()
    stack.set_clock(datetime.combine(day, day_time(9), ZoneInfo(stack.demo["timezone"])))
    words = ["--tenant", stack.demo["organization_id"], "--day", stack.demo["day"], "--stops", str(stops),
             "--routes", str(routes), "--tomorrow", str(tomorrow)]  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.large_day", "lay", *words], capture_output=True, text=True,
        env=stack.environment, cwd=paths.ROOT, check=False)
    if done.returncode:
        raise SystemExit(f"the day could not be laid:\n{done.stderr[-3000:]}")
    # The statistics that autovacuum makes within seconds of a day's import.
    with psycopg.connect(stack.environment["DATABASE_OWNER_URL"], autocommit=True) as owner:
        owner.execute("analyze")
    told: dict[str, str] = json.loads(done.stdout)
    return told


def chromium(playwright: Playwright, *, drawing: bool = True) -> Browser:
    """Chromium without a graphics card; with `drawing` False it has no WebGL at all."""
    words = ["--no-sandbox"] if os.geteuid() == 0 else []
    words += ["--use-angle=swiftshader", "--enable-unsafe-swiftshader"] if drawing else ["--disable-3d-apis"]
    return playwright.chromium.launch(executable_path=need("chromium"), args=words)


def table(lines: list[Line]) -> str:
    """The result for people."""
    wide = max(len(line.what) for line in lines)
    told = []
    for line in lines:
        digits = 2 if line.unit == "MB" else 0
        goal = "" if line.goal is None else f"goal {line.goal:g} {line.unit}: {'met' if line.met else 'MISSED'}"
        told.append(f"{line.what:<{wide}} {line.value:9.{digits}f} {line.unit:<3} {goal:<24} {line.more}".rstrip())
    return "\n".join(told)


def main() -> None:
    """Measure and print."""
    parser = arguments(__doc__ or "")
    parser.set_defaults(runs=5)
    parser.add_argument("--stops", type=int, default=5000)
    parser.add_argument("--routes", type=int, default=300, help="of the day under way, each with a van that moves")
    parser.add_argument("--tomorrow", type=int, default=1000, help="stops of the plan that is dragged over")
    parser.add_argument("--seconds", type=float, default=60, help="how long tasks are watched (default %(default)s)")
    parser.add_argument("--minutes", type=float, default=10, help="how long the heap is watched (default %(default)s)")
    parser.add_argument("--only", default=",".join(PARTS), help="some of " + ",".join(PARTS))
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the result there, too")
    given = parser.parse_args()
    parts = given.only.split(",")
    if unknown := set(parts) - set(PARTS):
        parser.error(f"--only: there is no part named {min(unknown)}.")
    ran_on = machine()
    say(ran_on)
    lines: list[Line] = []
    with running(given.extract, given.orders) as stack, sync_playwright() as playwright:
        told = laid(stack, given.stops, given.routes, given.tomorrow)
        browser = chromium(playwright)
        busy = f"load now {os.getloadavg()[0]:.1f}"
        say(f"Chromium {browser.version}; {given.stops} stops, {given.routes} routes; {busy}")
        scene = Scene(stack, browser, told, given.routes)
        context = signed_in(browser, stack)
        scene.state = context.storage_state()
        context.close()
        context = scene.context()
        scene.at_the_board(context)  # the server is warm, and so is the browser's own start
        context.close()

        def measured(part: str, some: list[Line]) -> None:
            say(f"--- {part}; load {os.getloadavg()[0]:.1f}\n{table(some)}")
            lines.extend(some)

        without = chromium(playwright, drawing=False)
        if "paint" in parts:
            measured("paint", board_parts.paint(scene, given.runs, "map drawn"))
            measured("paint", board_parts.paint(scene, given.runs, "no WebGL", without))
        if "drag" in parts:
            measured("drag", board_parts.drag(scene))
        if "push" in parts:
            measured("push", board_parts.push(scene, "vans standing", without))
            vans = scene.moving(60)
            measured("push", board_parts.push(scene, "vans moving", without))
            vans.stop()
        if "moving" in parts:
            measured("moving", board_parts.tasks(scene, given.seconds, "no WebGL", without))
            measured("moving", board_parts.tasks(scene, given.seconds, "map drawn"))
        if "heap" in parts:
            measured("heap", board_parts.heap(scene, given.minutes, "no WebGL", without))
            measured("heap", board_parts.heap(scene, given.minutes, "map drawn"))
        without.close()
        browser.close()
    say(f"\n{table(lines)}")
    if given.json:
        given.json.write_text(json.dumps({"machine": ran_on, "lines": [asdict(line) for line in lines]}, indent=1))


if __name__ == "__main__":
    main()
