"""From an order file to routes on the drivers' phones, and how fast a large file is taken in.

    python -m benchmarks.pipeline [--runs 3] [--extract FILE.osm.pbf --orders FILE.csv]

Measured through the API of the running product, each run on a day of its own with references of its own:
import, geocoding, solving with a 10 s budget, distribution of 200 orders (goal: 40 s in all); the import of 10,000 rows
(goal: 10 s), and their geocoding.
"""

from __future__ import annotations

import csv
import io
import itertools
import time
from datetime import date, timedelta
from pathlib import Path

from benchmarks.running import Api, arguments, machine, row, running, say

ORDERS, ROWS, SOLVE_S = 200, 10_000, 10
GOAL_S, IMPORT_GOAL_S = 40, 10


def variant(file: Path, count: int, tag: str) -> bytes:
    """`count` rows made of the file's own, each with a reference of its own."""
    with file.open(encoding="utf-8-sig", newline="") as source:
        rows = list(csv.DictReader(source))
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0].keys())
    writer.writeheader()
    for number, one in enumerate(itertools.islice(itertools.cycle(rows), count)):
        writer.writerow(one | {"reference": f"{tag}-{number}"})
    return text.getvalue().encode()


def main() -> None:
    """Measure and print."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--skip-large", action="store_true", help="leave out the 10,000 rows")
    given = parser.parse_args()
    say(machine())
    stages: dict[str, list[float]] = {}
    with running(given.extract, given.orders) as stack:
        api, file = Api(stack), Path(stack.demo["orders"])
        first = date.fromisoformat(stack.demo["day"])
        for run in range(given.runs):
            day = (first + timedelta(days=run)).isoformat()
            marks = [("began", time.monotonic())]
            told = api.hand_in(file.name, variant(file, ORDERS, f"run{run}"), day)
            marks.append(("import", time.monotonic()))
            api.located(day)
            marks.append(("geocoding", time.monotonic()))
            plan = api.ask("POST", "plans/", json={"day": day, "depot": stack.demo["depot"]})
            solved = api.ended(api.ask("POST", f"plans/{plan['id']}:optimize", json={"seconds": SOLVE_S})["id"])
            marks.append(("solving", time.monotonic()))
            api.ask("POST", f"plans/{plan['id']}:distribute")
            marks.append(("distribution", time.monotonic()))
            for (_, before), (name, after) in itertools.pairwise(marks):
                stages.setdefault(name, []).append(after - before)
            stages.setdefault("in all", []).append(marks[-1][1] - marks[0][1])
            result = solved["result"]
            say(
                f"run {run + 1}: {told['result']['created']} orders, {result['assigned']} stops on {result['routes']} "
                f"routes, {result['unassigned']} left out, roads: {result['roads']}, {stages['in all'][-1]:.1f} s"
            )
        for name, values in stages.items():
            say(row(f"{ORDERS} orders: {name}", values, goal=GOAL_S if name == "in all" else None))
        if not given.skip_large:
            large(api, file, first + timedelta(days=30), given.runs)


def large(api: Api, file: Path, first: date, runs: int) -> None:
    """The file of 10,000 rows, each time new ones; the next is handed in when the last is located."""
    taken, placed = [], []
    for run in range(runs):
        day = (first + timedelta(days=run)).isoformat()
        content = variant(file, ROWS, f"large{run}")
        began = time.monotonic()
        told = api.hand_in(file.name, content, day)
        taken.append(time.monotonic() - began)
        assert told["result"]["created"] + told["result"]["failed"] == ROWS, told
        api.located(day, 900)
        placed.append(time.monotonic() - began - taken[-1])
    say(row(f"{ROWS:,} rows: import", taken, goal=IMPORT_GOAL_S))
    say(row(f"{ROWS:,} rows: geocoding after it", placed))


if __name__ == "__main__":
    main()
