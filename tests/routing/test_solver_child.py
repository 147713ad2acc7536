"""Whatever happens in the solving process, the caller gets a checked plan or a typed error, in time."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest

from benchmarks.routing.cities import city_day
from routing.child import Near, PlanRejected, SolverFailed, SolverTimeout, solve_in_child
from routing.solver import Problem, ProblemError, Travel, check, solve
from routing.solver.wire import plan_to_json, to_text


@pytest.fixture(scope="module")
def day() -> tuple[Problem, Travel]:
    return city_day(45)


def _script(*lines: str) -> Sequence[str]:
    return [sys.executable, "-c", "\n".join(["import json, os, signal, sys, time", *lines])]


def _saying(message: dict[str, Any], *lines: str) -> Sequence[str]:
    return _script(f"print({to_text(message)!r}, flush=True)", *lines)


def test_a_plan_comes_back_with_a_heartbeat(day: tuple[Problem, Travel]) -> None:
    problem, travel = day
    beats, heard = [time.monotonic()], []

    def on_progress(progress: object) -> None:
        beats.append(time.monotonic())
        heard.append(progress)

    plan = solve_in_child(problem, travel, seconds=2.5, seed=1, on_progress=on_progress)
    assert check(problem, travel, plan) == []
    assert plan.assigned > 40  # how good it is after so short a time is for the machine's load to say
    assert heard[-1] is not None
    assert max(later - earlier for earlier, later in pairwise(beats)) < 1.2


def test_cancelling_keeps_the_best_plan(day: tuple[Problem, Travel]) -> None:
    problem, travel = day
    began = time.monotonic()
    plan = solve_in_child(problem, travel, seconds=30, seed=1, should_stop=lambda: time.monotonic() - began > 1.5)
    assert time.monotonic() - began < 20
    assert plan.assigned > 40


def test_a_hung_child_is_killed_and_gone(day: tuple[Problem, Travel], tmp_path: Any) -> None:
    note = tmp_path / "pid"
    hung = _script(
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)",
        f"open({str(note)!r}, 'w').write(str(os.getpid()))",
        "time.sleep(60)",
    )
    began = time.monotonic()
    with pytest.raises(SolverTimeout):
        solve_in_child(*day, seconds=0.5, seed=1, grace_s=0.5, program=hung)
    assert time.monotonic() - began < 15
    with pytest.raises(ProcessLookupError):
        os.kill(int(note.read_text()), 0)


def test_a_child_that_hangs_after_a_plan_still_gives_that_plan(day: tuple[Problem, Travel]) -> None:
    problem, travel = day
    plan = solve(problem, travel, seconds=0.5, seed=1)
    message = {"type": "progress", "seconds": 0.1, "plan": plan_to_json(plan)}
    assert (
        solve_in_child(problem, travel, seconds=0.3, seed=1, grace_s=0.4, program=_saying(message, "time.sleep(60)"))
        == plan
    )
    crashed = _saying(message, "os.abort()")
    assert solve_in_child(problem, travel, seconds=5, seed=1, program=crashed) == plan


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["os.abort()"], "SIGABRT"),
        (["os.kill(os.getpid(), signal.SIGSEGV)"], "SIGSEGV"),
        (["sys.exit('out of luck')"], "status 1 and no plan. out of luck"),
        (["print('hello')"], "nonsense"),
        (["print(json.dumps({'type': 'poem'}))"], "nonsense"),
        (["print(json.dumps({'type': 'plan', 'plan': {'format': 1}}))"], "nonsense"),
        (["x = [bytearray(10**6)]", "raise MemoryError"], "MemoryError"),
    ],
)
def test_a_crash_is_an_error_with_its_last_words(day: tuple[Problem, Travel], lines: list[str], words: str) -> None:
    with pytest.raises(SolverFailed, match=words):
        solve_in_child(*day, seconds=5, seed=1, program=_script(*lines))


def test_a_plan_that_breaks_rules_is_never_handed_on(day: tuple[Problem, Travel]) -> None:
    problem, travel = day
    plan = plan_to_json(solve(problem, travel, seconds=0.3, seed=1))
    plan["tours"][0]["steps"].pop()
    with pytest.raises(PlanRejected) as caught:
        solve_in_child(problem, travel, seconds=5, seed=1, program=_saying({"type": "plan", "plan": plan}))
    assert "visit_missing" in {fault.code for fault in caught.value.faults}


def test_too_little_memory_is_an_error_and_not_a_hang() -> None:
    large = city_day(1000)
    began = time.monotonic()
    with pytest.raises(SolverFailed, match=r"status|SIG"):
        solve_in_child(*large, seconds=5, seed=1, memory_mb=40)
    assert time.monotonic() - began < 20


def test_re_optimising_keeps_its_bounds(day: tuple[Problem, Travel]) -> None:
    problem, travel = day
    rough = solve(problem, travel, seconds=5, seed=3, steps=40)
    owner = {one: tour.vehicle for tour in rough.tours for one in tour.visits}
    for most in (0, 2):
        plan = solve_in_child(problem, travel, seconds=1, seed=1, initial=rough, near=Near(max_changes=most))
        moved = [one for tour in plan.tours for one in tour.visits if owner.get(one, tour.vehicle) != tour.vehicle]
        assert len(moved) <= most
        assert check(Near(max_changes=most).bounded(problem, rough), travel, plan) == []
        assert plan.costs.total <= rough.costs.total
    with pytest.raises(ValueError, match="no plan"):
        solve_in_child(problem, travel, seconds=1, seed=1, near=Near())


def test_an_answer_outside_the_bounds_is_never_handed_on(day: tuple[Problem, Travel]) -> None:
    problem, travel = day
    rough = solve(problem, travel, seconds=5, seed=3, steps=5)
    free = solve(problem, travel, seconds=1, seed=1)
    owner = {one: tour.vehicle for tour in rough.tours for one in tour.visits}
    assert any(owner[one] != tour.vehicle for tour in free.tours for one in tour.visits)
    said = _saying({"type": "plan", "plan": plan_to_json(free)})
    with pytest.raises(PlanRejected):
        solve_in_child(problem, travel, seconds=5, seed=1, initial=rough, near=Near(max_changes=0), program=said)


def test_a_wrong_problem_is_named_on_either_side(day: tuple[Problem, Travel]) -> None:
    problem, travel = day
    with pytest.raises(ProblemError, match="more than -1"):
        solve_in_child(problem, travel, seconds=-1, seed=1)
    said = {"type": "error", "code": "unknown_place", "message": "Visit 'a' is nowhere.", "subject": "a"}
    with pytest.raises(ProblemError, match="nowhere") as caught:
        solve_in_child(problem, travel, seconds=5, seed=1, program=_saying(said))
    assert (caught.value.code, caught.value.subject) == ("unknown_place", "a")


def test_an_error_of_the_caller_ends_the_child(day: tuple[Problem, Travel]) -> None:
    def on_progress(progress: object) -> None:
        raise RuntimeError("lease lost")

    threads = threading.active_count()
    with pytest.raises(RuntimeError, match="lease lost"):
        solve_in_child(*day, seconds=20, seed=1, on_progress=on_progress)
    time.sleep(0.1)
    assert threading.active_count() <= threads


def test_the_messages_are_plain_json(day: tuple[Problem, Travel]) -> None:
    problem, travel = day
    plan = solve(problem, travel, seconds=0.2, seed=1)
    assert json.loads(to_text(plan_to_json(plan)))["format"] == 1
