"""A generated city day, by ours and by PyVRP by itself, in the same time on the same cores, one after the other.

    python -m benchmarks.routing.city_day [--days 1000:30 5000:120 10000:300] [--seeds 1] [--cores 0 1] [--rich]
    python -m benchmarks.routing.city_day --continue | --print

One depot, 25 km/h roads, an asymmetric matrix, windows of 1–4 h for 70 % of the visits, 15 min service; `--rich` days
have breaks, skills, soft windows and overtime instead, which PyVRP cannot express (plain OR-Tools takes its place).
Every run is a process of its own; its peak of memory (ru_maxrss, the problem itself included) is measured in it. The
clock starts with the problem built and stops at the plan, which the check has judged.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from pathlib import Path

from benchmarks.routing.peers import OURS, SOLVERS
from benchmarks.routing.peers.runs import measure
from benchmarks.routing.rich import ROOT, Results, load, said, save, session


def main() -> None:
    """Run what is missing, print the table."""
    given = _arguments()
    raw = load(given.results) if given.going_on or given.printing else {"sessions": [], "results": []}
    if not given.printing:
        raw["sessions"].append(session("city_day", given.cores))
        done = {(one["case"], one["seconds"], one["solver"]) for one in raw["results"] if "wall" in one}
        solvers = given.solvers or [OURS, "OR-Tools" if given.rich else "PyVRP"]
        for day in given.days:
            stops, _, seconds = day.partition(":")
            for seed in given.seeds:
                for solver in solvers:
                    case = f"city:{stops}:{'rich' if given.rich else 'plain'}:{seed}"
                    if (case, float(seconds), solver) in done:
                        continue
                    one = measure(solver, case, float(seconds), seed, set(given.cores))
                    raw["results"].append(one)
                    save(given.results, raw)
                    print(said(one), file=sys.stderr, flush=True)
    print(table(raw["results"]))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", nargs="+", default=["1000:30", "5000:120", "10000:300"], metavar="STOPS:SECONDS")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--cores", type=int, nargs="+", default=[0, 1])
    parser.add_argument("--rich", action="store_true")
    parser.add_argument("--solvers", nargs="+", choices=list(SOLVERS))
    parser.add_argument("--results", type=Path, default=ROOT / "var" / "benchmarks" / "city_day.json")
    parser.add_argument("--continue", dest="going_on", action="store_true", help="keep and complete the raw results")
    parser.add_argument("--print", dest="printing", action="store_true", help="only print what the raw results say")
    return parser.parse_args()


def table(results: Results) -> str:
    """Medians over the days of each size, by solver."""
    lines = [
        "| stops | s | solver | cost | vans | left out | wall s | MB | ours / it |",
        "|---:|---:|---|" + "---:|" * 6,
    ]
    groups = dict.fromkeys((*one["case"].split(":")[1:3], one["seconds"], one["solver"]) for one in results)
    ours = {(one["case"], one["seconds"]): one["cents"] for one in results if one["solver"] == OURS}
    for stops, kind, seconds, solver in groups:
        mine = [
            one
            for one in results
            if (one["solver"], one["seconds"]) == (solver, seconds) and one["case"].startswith(f"city:{stops}:{kind}:")
        ]
        good = [one for one in mine if one["cents"] is not None]
        if not good:
            lines.append(f"| {stops} {kind} | {seconds:g} | {solver} | no answer | | | | | |")
            continue
        ratios = [found / one["cents"] for one in good if (found := ours.get((one["case"], seconds)))]
        cells = [
            f"{statistics.median(one['cents'] for one in good) / 100:,.2f}",
            *(f"{statistics.median(one[name] for one in good):g}" for name in ("vans", "left_out")),
            f"{max(one['wall'] for one in good):.1f}",
            f"{max(one['mb'] for one in good)}",
            f"{statistics.median(ratios):.4f}" if ratios else "–",
        ]
        lines.append(f"| {stops} {kind} | {seconds:g} | {solver} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
