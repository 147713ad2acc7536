"""Public instances solved by ours and by PyVRP, VROOM and OR-Tools: same core, same seconds, one after the other.

    python -m benchmarks.routing.instances --seconds 10 30 --seeds 1 2 3 [FOLDER] [--judge CHECKER.py] [--continue]
    python -m benchmarks.routing.instances --print

Every run is a process of its own, pinned to one core; ours is `manage.py solve_instance`, started as anyone would. The
clock starts with the instance read and stops at the answer, model building counted in. Each answer is judged from the
file's numbers alone, with `--judge` by an outside checker too (called as `CHECKER.py INSTANCE SOLUTION`, its last line
JSON with `feasible` and `cost`). Gaps are to the best known values of `BKS.json` beside the instances. Raw results are
kept after each run in a JSON file: `--continue` goes on where a run was broken off, `--print` only prints the tables.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

from benchmarks.routing import instance_peers as peers
from benchmarks.routing.instance_tables import tables
from routing.instances import InstanceError, judging, read, solution

ROOT = Path(__file__).resolve().parents[2]
OURS = "Lastmile"
#: How much longer than asked a run may take before it is killed, seconds: loading, reading, compiling.
GRACE_S = 120


def main() -> None:
    """Run what is missing, print the tables."""
    given = _arguments()
    if given.one:
        _one(*given.one)
        return
    raw = _load(given.results) if given.going_on or given.printing else {"sessions": [], "results": []}
    if not given.printing:
        os.sched_setaffinity(0, {given.core})  # the processes started below inherit it
        raw["sessions"].append(_session())
        _run(given, raw)
    known = _best_known(given.folder)
    print(tables(raw, known, OURS))


def _arguments() -> argparse.Namespace:
    data = Path(os.environ.get("LASTMILE_TEST_DATA") or ROOT.parent / "shared" / "data") / "vrp"
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "folder", nargs="?", type=Path, default=data, help="instances and BKS.json (default %(default)s)"
    )
    parser.add_argument("--seconds", type=float, nargs="+", default=[10.0], help="wall time of each run")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--solvers", nargs="+", choices=[OURS, *peers.SOLVERS], default=[OURS, *peers.SOLVERS])
    parser.add_argument("--only", nargs="+", metavar="NAME", help="only these instances")
    parser.add_argument("--core", type=int, default=0, help="the core that everything runs on (default %(default)s)")
    parser.add_argument("--judge", type=Path, metavar="CHECKER.py", help="an outside checker of solutions")
    parser.add_argument(
        "--results", type=Path, default=ROOT / "var" / "benchmarks" / "instances.json", help="raw results"
    )
    parser.add_argument("--continue", dest="going_on", action="store_true", help="keep and complete the raw results")
    parser.add_argument("--print", dest="printing", action="store_true", help="only print what the raw results say")
    parser.add_argument("--one", nargs=5, metavar=("PEER", "FILE", "SECONDS", "SEED", "OUT"), help=argparse.SUPPRESS)
    return parser.parse_args()


def _run(given: argparse.Namespace, raw: dict[str, Any]) -> None:
    """Every run that the raw results do not have yet, solvers taking turns on each instance and seed."""
    files = sorted(path for path in given.folder.iterdir() if path.suffix in (".txt", ".vrp"))
    if given.only:
        files = [path for path in files if path.stem in given.only]
    if not files:
        sys.exit(f"There are no instances in {given.folder}.")
    done = {_key(one) for one in raw["results"]}
    for seconds in given.seconds:
        for file in files:
            for solver, seed in _turns(given.solvers, given.seeds):
                task = {"instance": file.stem, "seconds": seconds, "solver": solver, "seed": seed}
                if _key(task) in done:
                    continue
                result = {**task, **_measure(file, solver, seconds, seed, given.judge)}
                raw["results"].append(result)
                _save(given.results, raw)
                print(_said(result), file=sys.stderr, flush=True)


def _turns(solvers: list[str], seeds: list[int]) -> Iterator[tuple[str, int]]:
    for seed in seeds:
        for solver in solvers:
            if solver == OURS or solver in peers.SEEDED or seed == seeds[0]:
                yield solver, seed


def _key(one: dict[str, Any]) -> tuple[str, float, str, int]:
    return one["instance"], float(one["seconds"]), one["solver"], one["seed"]


def _measure(file: Path, solver: str, seconds: float, seed: int, judge: Path | None) -> dict[str, Any]:
    """One run in a process of its own, judged."""
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="lastmile-instances-") as folder:
        sol = Path(folder) / f"{file.stem}.sol"
        words = [sys.executable]
        if solver == OURS:
            words += ["manage.py", "solve_instance", str(file), "--seconds", str(seconds), "--seed", str(seed)]
            words += ["--threads", "1", "--out", str(sol)]
        else:
            words += [
                "-m",
                "benchmarks.routing.instances",
                "--one",
                solver,
                str(file),
                str(seconds),
                str(seed),
                str(sol),
            ]
        began = time.monotonic()
        try:
            ended = subprocess.run(
                words, cwd=ROOT, capture_output=True, text=True, timeout=seconds + GRACE_S, check=False
            )
            answer, words_left = _last_json(ended.stdout), ended.stderr.strip()[-300:]
        except subprocess.TimeoutExpired:
            answer, words_left = {}, f"killed after {seconds + GRACE_S:.0f} s"
        wall = round(time.monotonic() - began, 2)
        return {"wall": answer.get("seconds"), "process": wall, "engine": answer.get("engine"), "load": round(load, 2),
                **_judged(file, sol, answer, judge), "said": words_left}  # fmt: skip


def _judged(file: Path, sol: Path, answer: dict[str, Any], judge: Path | None) -> dict[str, Any]:
    """What the solution file is worth: cost None when it is no good."""
    if not sol.is_file():
        return {"cost": None, "routes": None, "faults": ["no solution"], "stops": read(file).customers}
    instance = read(file)
    try:
        routes = solution.read(sol.read_text(), instance)
        faults, cost = judging.faults(instance, routes), solution.cost(instance, routes)
    except InstanceError as error:
        routes, faults, cost = [], [str(error)], -1
    if not faults and cost != answer.get("cost"):
        faults.append(f"says it costs {answer.get('cost')}, but it costs {cost}")
    if judge is not None:
        ended = subprocess.run(
            [sys.executable, str(judge), str(file), str(sol)], capture_output=True, text=True, timeout=300, check=False
        )
        verdict = _last_json(ended.stdout)
        if verdict.get("feasible") is not True or verdict.get("cost") != cost:
            faults.append(f"the outside checker: {json.dumps(verdict)[:200] if verdict else ended.stderr[-200:]}")
    return {
        "cost": None if faults else cost,
        "routes": len(routes),
        "faults": faults[:3],
        "stops": instance.customers,
        "judges": 1 if judge is None else 2,
    }


def _one(peer: str, file: str, seconds: str, seed: str, out: str) -> None:
    """In the process of a run: one peer on one instance, answering as `solve_instance` does."""
    solve = peers.SOLVERS[peer]
    tiny = ROOT / "benchmarks" / "routing" / "tiny.txt"
    solve(read(tiny), 0.2, 0)  # modules and libraries are loaded before the clock starts
    instance = read(Path(file))
    began = time.monotonic()
    routes = solve(instance, float(seconds), int(seed))
    if routes is None:
        sys.exit(f"{peer} found no complete plan.")
    solution.write(Path(out), instance, routes)
    wall = round(time.monotonic() - began, 3)
    print(json.dumps({"cost": solution.cost(instance, routes), "routes": len(routes), "seconds": wall, "engine": peer}))


def _last_json(text: str) -> dict[str, Any]:
    for line in reversed(text.splitlines()):
        if line.startswith("{"):
            try:
                found: dict[str, Any] = json.loads(line)
            except ValueError:
                continue
            return found
    return {}


def _best_known(folder: Path) -> dict[str, int]:
    file = folder / "BKS.json"
    if not file.is_file():
        return {}
    return {name: int(one["bks"]) for name, one in json.loads(file.read_text())["instances"].items() if one.get("bks")}


def _session() -> dict[str, Any]:
    """What is measured on, and with what."""
    from benchmarks.running import machine  # not in the processes that are measured: it loads a lot

    names = ["ortools", "pyvrp", "pyvroom", "numba", "numpy"]
    git = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)
    return {
        "machine": machine(),
        "versions": {name: metadata.version(name) for name in names},
        "commit": git.stdout.strip(),
        "command": shlex.join(["python", "-m", "benchmarks.routing.instances", *sys.argv[1:]]),
        "core": sorted(os.sched_getaffinity(0)),
        "at": time.strftime("%Y-%m-%d %H:%M %Z"),
    }


def _load(file: Path) -> dict[str, Any]:
    if not file.is_file():
        return {"sessions": [], "results": []}
    raw: dict[str, Any] = json.loads(file.read_text())
    return raw


def _save(file: Path, raw: dict[str, Any]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(file.name + ".part")
    part.write_text(json.dumps(raw, indent=1) + "\n")
    part.replace(file)


def _said(one: dict[str, Any]) -> str:
    cost = "no answer" if one["cost"] is None else one["cost"]
    wall = math.nan if one["wall"] is None else one["wall"]
    faults = "; ".join(one["faults"])
    what = f"{one['instance']:12} {one['solver']:9} {one['seconds']:g} s seed {one['seed']}"
    return f"{what}: {cost} in {wall:.2f} s {faults}"


if __name__ == "__main__":
    main()
