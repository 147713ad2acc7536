"""Rich days: ours against VROOM where VROOM can express them and against plain OR-Tools on all of them.

    python -m benchmarks.routing.rich [--seconds 10] [--seeds 1 2 3] [--kinds breaks pairs …] [--stops 60 150 300]
    python -m benchmarks.routing.rich --continue | --print

Every run is a process of its own, pinned to one core; the solvers take turns on each day. The clock starts with the
problem built and stops at the plan. Seeds are days and, where the solver has one, its seed as well. All costs are our
objective, reckoned by our scheduler from the order of stops; plans that break a rule count as no answer. The table has
the medians over the days; a ratio is the median of the ratios of each day. Raw results are kept after each run.
"""

from __future__ import annotations

import argparse
import json
import shlex
import statistics
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.routing.peers import INSERTED, OURS
from benchmarks.routing.peers.runs import measure, versions
from benchmarks.routing.rich_cases import KINDS

ROOT = Path(__file__).resolve().parents[2]
PEERS = ("VROOM", "OR-Tools", INSERTED)
Results = list[dict[str, Any]]


def main() -> None:
    """Run what is missing, print the table."""
    given = _arguments()
    raw = load(given.results) if given.going_on or given.printing else {"sessions": [], "results": []}
    if not given.printing:
        raw["sessions"].append(session("rich", [given.core]))
        done = {(one["case"], one["seconds"], one["solver"]) for one in raw["results"] if "wall" in one}
        for kind in given.kinds:
            for stops in given.stops:
                for seed in given.seeds:
                    for solver in (OURS, *given.peers):
                        case = f"rich:{kind}:{stops}:{seed}"
                        if (case, given.seconds, solver) in done:
                            continue
                        one = measure(solver, case, given.seconds, seed, {given.core})
                        raw["results"].append(one)
                        save(given.results, raw)
                        print(said(one), file=sys.stderr, flush=True)
    print(table(raw["results"]))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10.0, help="wall time of each run")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--kinds", nargs="+", choices=list(KINDS), default=list(KINDS))
    parser.add_argument("--stops", type=int, nargs="+", default=[60, 150, 300])
    parser.add_argument("--peers", nargs="+", choices=PEERS, default=list(PEERS))
    parser.add_argument("--core", type=int, default=0)
    parser.add_argument("--results", type=Path, default=ROOT / "var" / "benchmarks" / "rich.json")
    parser.add_argument("--continue", dest="going_on", action="store_true", help="keep and complete the raw results")
    parser.add_argument("--print", dest="printing", action="store_true", help="only print what the raw results say")
    return parser.parse_args()


def table(results: Results) -> str:
    """Medians by kind and number of stops, and how much the whole costs compared with each peer."""
    cents = {(one["case"], one["seconds"], one["solver"]): one["cents"] for one in results}
    kinds = dict.fromkeys((*one["case"].split(":")[1:3], one["seconds"]) for one in results)
    peers = [peer for peer in PEERS if any(one["solver"] == peer for one in results)]
    lines = [
        f"| day | stops | s | {' | '.join([OURS, *peers])} | {' | '.join(f'ours / {peer}' for peer in peers)} |",
        "|---|" + "---:|" * (3 + 2 * len(peers)),
    ]
    over: dict[str, list[float]] = {peer: [] for peer in peers}
    for kind, stops, seconds in kinds:
        cases = list(dict.fromkeys(one["case"] for one in results if one["case"].startswith(f"rich:{kind}:{stops}:")))
        cells = [_money([cents.get((case, seconds, solver)) for case in cases]) for solver in (OURS, *peers)]
        for peer in peers:
            ratios = [
                mine / theirs
                for case in cases
                if (mine := cents.get((case, seconds, OURS))) and (theirs := cents.get((case, seconds, peer)))
            ]
            over[peer] += ratios
            cells.append(f"{statistics.median(ratios):.3f}" if ratios else "–")
        lines.append(f"| {kind} | {stops} | {seconds:g} | " + " | ".join(cells) + " |")
    ends = [f"{statistics.median(over[peer]):.3f}" if over[peer] else "–" for peer in peers]
    lines.append("| all |" + " |" * (3 + len(peers)) + f" {' | '.join(ends)} |")
    return "\n".join(lines)


def _money(amounts: list[int | None]) -> str:
    """The median in whole units of money; how many had no answer, if some had."""
    answers = [amount for amount in amounts if amount is not None]
    if not answers:
        return "–"
    lacking = f" ({len(amounts) - len(answers)} none)" if len(answers) < len(amounts) else ""
    return f"{statistics.median(answers) / 100:,.2f}{lacking}"


def session(name: str, cores: list[int]) -> dict[str, Any]:
    """What is measured on, and with what."""
    from benchmarks.running import machine  # not in the processes that are measured: it loads a lot

    return {
        "machine": machine(),
        "versions": versions(),
        "command": shlex.join(["python", "-m", f"benchmarks.routing.{name}", *sys.argv[1:]]),
        "cores": cores,
        "at": time.strftime("%Y-%m-%d %H:%M %Z"),
    }


def load(file: Path) -> dict[str, Any]:
    """Raw results of earlier runs."""
    if not file.is_file():
        return {"sessions": [], "results": []}
    raw: dict[str, Any] = json.loads(file.read_text())
    return raw


def save(file: Path, raw: dict[str, Any]) -> None:
    """Keep raw results, never half written."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(file.name + ".part")
    part.write_text(json.dumps(raw, indent=1) + "\n")
    part.replace(file)


def said(one: dict[str, Any]) -> str:
    """One run in one line."""
    cost = "no answer" if one["cents"] is None else f"{one['cents'] / 100:,.2f}"
    more = f"{one.get('vans', '–')} vans, {one.get('left_out', '–')} left out, {one.get('mb', '–')} MB"
    return f"{one['case']:22} {one['solver']:9} {cost:>12} in {one.get('wall', 0):6.2f} s, {more} {one['said']}"


if __name__ == "__main__":
    main()
