"""Compiling before the first solve covers everything, happens once, and a solve that comes too early waits for it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numba
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from numba.core.caching import NullCache
from numba.core.dispatcher import Dispatcher

from benchmarks.routing.cities import city_day
from routing import child
from routing.child import SolverFailed, SolverTimeout, solve_in_child
from routing.solver import Problem, Travel, check, solve, warm
from routing.solver.wire import plan_to_json, to_text
from tests.routing.rich_cases import rich_problems


def _compiled() -> dict[str, int]:
    """How many versions of each loop have been compiled or read in this process."""
    found = {}
    for name, module in list(sys.modules.items()):
        if name.startswith("routing.solver.kernel."):
            found.update({f"{name}.{key}": len(one.signatures) for key, one in _loops(vars(module))})
    return found


def _loops(names: dict[str, object]) -> Iterator[tuple[str, Dispatcher]]:
    return ((key, one) for key, one in names.items() if isinstance(one, Dispatcher))


@pytest.fixture(scope="module")
def touched() -> dict[str, int]:
    warm.prepare()
    warm.touch_everything()
    return _compiled()


def test_no_loop_is_left_out() -> None:
    warm.prepare()
    kept = {
        f"{one.py_func.__module__.rpartition('.')[2]}.{one.py_func.__name__}"
        for name, module in list(sys.modules.items())
        if name.startswith("routing.solver.kernel.")
        for _, one in _loops(vars(module))
        if not isinstance(one._cache, NullCache)
    }
    on_disk = {file.name.partition("-")[0] for file in Path(numba.config.CACHE_DIR).rglob("*.nbc")}
    assert len(kept) > 15
    assert kept - on_disk == set()


def test_a_large_day_on_two_threads_compiles_nothing_more(touched: dict[str, int]) -> None:
    solve(*city_day(620), seconds=1, seed=1, threads=2)
    assert _compiled() == touched
    assert sum(touched.values()) > 5


@given(rich_problems())
@settings(max_examples=15, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
def test_whatever_a_problem_holds_compiles_nothing_more(touched: dict[str, int], case: tuple[Problem, Travel]) -> None:
    problem, travel = case
    solve(problem, travel, seconds=0.3, seed=1, steps=50)
    assert _compiled() == touched


def test_what_was_compiled_is_not_compiled_again() -> None:
    warm.prepare()
    assert warm.is_ready()

    def waiting() -> None:
        raise AssertionError("it is ready")

    warm.prepare(waiting)
    done = subprocess.run([sys.executable, "-m", "routing.solver.warm"], capture_output=True, text=True, timeout=30)
    assert done.stdout.startswith("The solver's machine code is ready after ")


def test_another_processor_is_not_ready(tmp_path: Path) -> None:
    words = "from routing.solver import warm; print(warm.is_ready())"
    for changed in ({"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": "+other"}, {"NUMBA_CACHE_DIR": str(tmp_path)}):
        done = subprocess.run(
            [sys.executable, "-c", words], env={**os.environ, **changed}, capture_output=True, text=True
        )
        assert done.stdout == "False\n", done.stderr


def test_machine_code_of_sources_long_replaced_is_deleted(tmp_path: Path) -> None:
    def made(name: str, days: int, *, complete: bool = True) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        for file in ("compiling", *(["complete-1"] if complete else [])):
            (folder / file).touch()
            os.utime(folder / file, (time.time() - days * 86_400,) * 2)
        os.utime(folder, (time.time() - days * 86_400,) * 2)
        return folder

    now, old, recent, broken_off = made("now", 90), made("old", 31), made("recent", 3), made("half", 40, complete=False)
    (tmp_path / "something else").mkdir()
    warm._forget_old(now)
    assert not old.exists() and not broken_off.exists()
    assert now.exists() and recent.exists() and (tmp_path / "something else").exists()


def _script(*lines: str) -> list[str]:
    return [sys.executable, "-c", "\n".join(["import sys, time", *lines])]


def test_the_clock_begins_when_compiling_is_done() -> None:
    problem, travel = city_day(20)
    plan = solve(problem, travel, seconds=0.3, seed=1)
    answer = to_text({"type": "plan", "plan": plan_to_json(plan)})
    beats: list[object] = []
    late = _script(
        'print(\'{"type":"compiling"}\', flush=True)',
        "time.sleep(2)",
        'print(\'{"type":"ready"}\', flush=True)',
        "time.sleep(0.2)",
        f"print({answer!r}, flush=True)",
    )
    found = solve_in_child(problem, travel, seconds=0.2, seed=1, grace_s=0.5, program=late, on_progress=beats.append)
    assert found == plan and not check(problem, travel, found)
    assert beats and set(beats) == {None}


def test_a_child_that_hangs_after_compiling_is_killed() -> None:
    hung = _script(
        'print(\'{"type":"compiling"}\', flush=True)', 'print(\'{"type":"ready"}\', flush=True)', "time.sleep(60)"
    )
    began = time.monotonic()
    with pytest.raises(SolverTimeout):
        solve_in_child(*city_day(20), seconds=0.2, seed=1, grace_s=0.5, program=hung)
    assert time.monotonic() - began < 15


def test_compiling_ends_when_the_caller_wants_no_more_or_it_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    hung = _script('print(\'{"type":"compiling"}\', flush=True)', "time.sleep(60)")
    began = time.monotonic()
    monkeypatch.setattr(child, "CANCEL_GRACE_S", 0.3)
    with pytest.raises(SolverFailed):
        solve_in_child(*city_day(20), seconds=0.2, seed=1, program=hung, should_stop=lambda: True)
    monkeypatch.setattr(child, "COMPILE_S", 0.5)
    with pytest.raises(SolverTimeout):
        solve_in_child(*city_day(20), seconds=0.1, seed=1, grace_s=0.1, program=hung)
    assert time.monotonic() - began < 15
