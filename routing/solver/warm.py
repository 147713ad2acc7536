"""Machine code before the first solve: `python -m routing.solver.warm`.

Compiling the loops takes a minute or two of one core, once for these sources, this Python and this processor; whoever
has a deadline calls `prepare` before the clock starts. One process compiles, others that want the same wait for it.
"""

from __future__ import annotations

import fcntl
import hashlib
import platform
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import llvmlite.binding
import numba
import numpy as np

from routing.solver.exact import Exact
from routing.solver.insert import insertions, warm_up
from routing.solver.kernel import jit
from routing.solver.plan import Costs, Plan
from routing.solver.problem import (
    Break,
    Lock,
    Overtime,
    Pair,
    Prices,
    Problem,
    Reload,
    Slot,
    Travel,
    Vehicle,
    Visit,
    Window,
)
from routing.solver.reoptimize import reoptimize
from routing.solver.schedule import Scheduler
from routing.solver.search import solve
from routing.solver.why import explain_unassigned

#: Time enough for anything tiny, and for compiling in between.
_LONG_S = 600.0
_STEPS = 20
#: How long machine code of other sources is kept after it was made: older releases may still be running.
_KEPT_S = 30 * 86_400.0


def is_ready() -> bool:
    """Whether the machine code of these files lies ready for this Python and this processor."""
    return _mark().exists()


def prepare(waiting: Callable[[], None] | None = None) -> None:
    """Compile everything, unless that was done before; `waiting` is called first when it will take long."""
    if is_ready():
        return
    if waiting is not None:
        waiting()
    folder = _mark().parent
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "compiling").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # given back by the kernel if this process dies
        if not is_ready():
            touch_everything()
            _mark().touch()
    _forget_old(folder)


def _forget_old(folder: Path) -> None:
    """Delete the machine code of sources that have long been replaced: nothing else would ever do it."""
    for other in folder.parent.iterdir():
        if other == folder or not (other / "compiling").is_file():
            continue
        newest = max((one.stat().st_mtime for one in other.glob("complete-*")), default=other.stat().st_mtime)
        if time.time() - newest > _KEPT_S:
            shutil.rmtree(other, ignore_errors=True)


def touch_everything() -> None:
    """Use every compiled loop once, on a few stops."""
    warm_up()
    for problem, travel in (_plain(), _rich()):
        plan = solve(problem, travel, seconds=_LONG_S, seed=1, steps=_STEPS)
        for visit in problem.visits[-2:]:
            insertions(problem, travel, plan, visit.id)
        nothing = Plan((), (), Costs())
        reoptimize(problem, travel, nothing, seconds=0.1, seed=1)
        for one in plan.unassigned:
            explain_unassigned(problem, travel, plan, one.visit)
    Exact(Scheduler(*_plain()), on=lambda: True).search({})  # a solve counted in steps does without it


def _mark() -> Path:
    """The file that says "complete": its name is of all that Numba looks at when it reads machine code again."""
    config: Any = numba.config
    name = config.CPU_NAME or llvmlite.binding.get_host_cpu_name()
    features = config.CPU_FEATURES
    if features is None:
        features = llvmlite.binding.get_host_cpu_features().flatten()
    words = f"{sys.version} {platform.machine()} {name} {features}"
    for source in jit.SOURCES:
        words += f" {source} {source.stat().st_mtime_ns} {source.stat().st_size}"
    return Path(config.CACHE_DIR) / f"complete-{hashlib.sha256(words.encode()).hexdigest()[:16]}"


def _plain() -> tuple[Problem, Travel]:
    """Seconds alone and nothing else."""
    visits = tuple(Visit(id=f"v{place}", place=place, service_s=60) for place in range(1, 7))
    vans = tuple(
        Vehicle(id=f"van{number}", start_place=0, end_place=0, shift=Window(0, 3600), cents_per_hour=3600)
        for number in range(2)
    )
    return Problem(visits, vans), _roads(7)


def _rich() -> tuple[Problem, Travel]:
    """Something of everything; one stop that no vehicle may make."""
    ids = [f"v{place}" for place in range(14)]
    visits = [
        Visit(
            id=one,
            place=1 + at,
            windows=(Window(0, 3000), Window(3600, 7000)) if at % 3 == 0 else (),
            service_s=60,
            parcels=1,
            load=(1, 2),
            pickup=(1, 0) if at % 4 == 1 else None,
            aboard="van2" if at == 13 else None,
            skills=frozenset({"crane"} if at == 12 else ()),
            late_cents_per_hour=600 if at % 6 == 0 else None,
            familiar=frozenset({"van0"} if at % 2 else ()),
            zone="north" if at % 2 else None,
        )
        for at, one in enumerate(ids)
    ]
    vans = tuple(
        Vehicle(
            id=f"van{number}",
            start_place=0,
            end_place=None if number == 1 else 0,
            shift=Window(0, 10_000),
            capacity=(6, 12),
            fixed_cents=100,
            cents_per_hour=3600,
            cents_per_km=50,
            breaks=(Break(1000, 4000, 600, (200, 400)), Break(5000, 8000, 300)),
            overtime=Overtime(1800, 1200),
            max_visits=9,
            max_metres=100_000,
            max_duration_s=9000,
            initial_load=(1, 1),
            under_way=number == 2,
            reloads=(Reload(0, 60, (Window(500, 9000),)),),
            max_reloads=2,
            service_percent=110,
            parcel_s=5,
            zones=frozenset({"north"}) if number == 1 else None,
        )
        for number in range(3)
    )
    problem = Problem(
        tuple(visits),
        vans,
        ("kg", "litres"),
        pairs=(Pair("v4", "v5", (1, 1)),),
        locks=(Lock("driver", "van0", ("v0",)), Lock("order", "van1", ("v2", "v8"))),
        together=(frozenset({"v6", "v7"}),),
        apart=(frozenset({"v9", "v10"}),),
        before={"v3": "van0", "v11": "van1"},
        max_changes=5,
        prices=Prices(10, 10, 10, 100),
    )
    roads = _roads(len(visits) + 1)
    return problem, Travel(roads.seconds, roads.metres, (Slot(3000, roads.seconds * 2),))


def _roads(places: int) -> Travel:
    at = np.arange(places)
    away = (np.abs(at[:, None] - at[None, :]) * 60).astype(np.int32)
    return Travel(away, (away * 7).astype(np.int32))


def main() -> int:
    """Compile and say how long it took."""
    began = time.monotonic()
    prepare()
    print(f"The solver's machine code is ready after {time.monotonic() - began:.0f} s.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
