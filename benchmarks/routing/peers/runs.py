"""One solver on one case in a process of its own, on given cores, for a bounded time, judged by the check.

    python -m benchmarks.routing.peers.runs SOLVER CASE SECONDS SEED THREADS

Cases are generated anew from their name in each process: `city:STOPS:plain|rich:SEED` or `rich:KIND:STOPS:SEED`.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from importlib import metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
#: How much longer than asked a run may take before it is killed, seconds: generating, compiling, judging.
GRACE_S = 300


def named(case: str) -> Any:
    """Problem and travel of that name."""
    from benchmarks.routing.cities import city_day
    from benchmarks.routing.rich_cases import rich_case

    kind, *rest = case.split(":")
    if kind == "city":
        return city_day(int(rest[0]), rich=rest[1] == "rich", seed=int(rest[2]))
    return rich_case(rest[0], int(rest[1]), int(rest[2]))


def measure(solver: str, case: str, seconds: float, seed: int, cores: set[int]) -> dict[str, Any]:
    """Run one solver and say what its answer is worth; `cents` is None where there is none or it breaks a rule."""
    words = [sys.executable, "-m", "benchmarks.routing.peers.runs", solver, case, str(seconds), str(seed)]
    words.append(str(len(cores)))
    load = os.getloadavg()[0]
    asked = {"solver": solver, "case": case, "seconds": seconds, "seed": seed, "load": round(load, 2)}
    try:
        ended = subprocess.run(
            words,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=seconds + GRACE_S,
            check=False,
            preexec_fn=lambda: os.sched_setaffinity(0, cores),
        )
    except subprocess.TimeoutExpired:
        return {**asked, "cents": None, "said": f"killed after {seconds + GRACE_S:.0f} s"}
    line = next((line for line in reversed(ended.stdout.splitlines()) if line.startswith("{")), None)
    if line is None:
        last = ended.stderr.strip().rpartition("\n")[2][-300:]
        return {**asked, "cents": None, "said": f"ended with {ended.returncode}: {last}"}
    return {**asked, **json.loads(line)}


def versions() -> dict[str, str]:
    """What was measured."""
    return {name: metadata.version(name) for name in ("ortools", "pyvrp", "pyvroom", "numba", "numpy")}


def main() -> None:
    """In the process of a run."""
    from benchmarks.routing.peers import OURS, SOLVERS, ours
    from routing.solver import check

    solver, case, seconds, seed, threads = sys.argv[1:]
    kind, *_ = case.split(":")
    tiny = "city:12:plain:1" if kind == "city" else ":".join([*case.split(":")[:2], "12", "1"])
    SOLVERS[solver](*named(tiny), 0.3, 1)  # libraries are loaded and code is compiled before the clock starts
    problem, travel = named(case)
    base_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.monotonic()
    if solver == OURS:
        plan = ours(problem, travel, float(seconds), int(seed), int(threads))
    else:
        plan = SOLVERS[solver](problem, travel, float(seconds), int(seed))
    wall = time.monotonic() - began
    peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    told: dict[str, Any] = {"wall": round(wall, 2), "mb": peak_kb // 1024, "mb_before": base_kb // 1024}
    if plan is None:
        print(json.dumps({**told, "cents": None, "said": "no answer"}))
        return
    faults = check(problem, travel, plan)
    told |= {
        "cents": None if faults else plan.costs.total,
        "terms": plan.costs.terms(),
        "vans": len(plan.tours),
        "left_out": len(plan.unassigned),
        "km": sum(tour.metres for tour in plan.tours) // 1000,
        "faults": [fault.message for fault in faults[:3]],
        "said": f"{len(faults)} faults" if faults else "",
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
