"""Problems that contradict themselves are refused in a sentence; what is stored comes back as it was."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from routing.solver import (
    Break,
    Costs,
    Lock,
    Pair,
    Plan,
    Prices,
    Problem,
    ProblemError,
    Reload,
    Reloading,
    Rest,
    Slot,
    Step,
    Tour,
    Travel,
    Unassigned,
    Vehicle,
    Visit,
    Window,
)
from routing.solver.wire import (
    plan_from_json,
    plan_to_json,
    problem_from_json,
    problem_to_json,
    read_travel,
    to_text,
    travel_from_bytes,
    travel_size,
    travel_to_bytes,
    write_travel,
)
from tests.routing.rich_cases import FEATURES, rich_problems

VISIT = Visit(id="a", place=0, load=(1,))
VAN = Vehicle(id="van", start_place=0, end_place=0, shift=Window(0, 1000), capacity=(5,))
ONE = np.zeros((1, 1), np.int32)


def _problem(visit: Visit = VISIT, van: Vehicle = VAN, **others: Any) -> Problem:
    return Problem((visit,), (van,), ("kg",), **others)


def _three(**others: Any) -> Problem:
    """Visits a, b, c and vans van, two."""
    visits = tuple(replace(VISIT, id=one) for one in "abc")
    return Problem(visits, (VAN, replace(VAN, id="two")), ("kg",), **others)


def _json(**changes: Any) -> dict[str, Any]:
    return problem_to_json(_problem()) | changes


WRONG: dict[str, tuple[str, Callable[[], object]]] = {
    "two visits of one id": ("duplicate_id", lambda: Problem((VISIT, VISIT), (VAN,), ("kg",))),
    "two vehicles of one id": ("duplicate_id", lambda: Problem((VISIT,), (VAN, VAN), ("kg",))),
    "an empty id": ("bad_id", lambda: _problem(replace(VISIT, id=""))),
    "a dimension twice": ("duplicate_dimension", lambda: Problem((), (), ("kg", "kg"))),
    "a negative place": ("unknown_place", lambda: _problem(replace(VISIT, place=-1))),
    "a negative end": ("unknown_place", lambda: _problem(van=replace(VAN, end_place=-1))),
    "negative service": ("negative_time", lambda: _problem(replace(VISIT, service_s=-1))),
    "a window before the plan": ("negative_time", lambda: _problem(replace(VISIT, windows=(Window(-5, 5),)))),
    "a window that ends first": ("window_ends_before_start", lambda: _problem(replace(VISIT, windows=(Window(9, 8),)))),
    "windows overlapping": (
        "windows_overlap",
        lambda: _problem(replace(VISIT, windows=(Window(0, 9), Window(9, 20)))),
    ),
    "a window after the horizon": (
        "after_horizon",
        lambda: _problem(replace(VISIT, windows=(Window(5000, 6000),)), horizon_s=4000),
    ),
    "a shift that ends first": ("window_ends_before_start", lambda: _problem(van=replace(VAN, shift=Window(9, 8)))),
    "a load too short": ("bad_load", lambda: _problem(replace(VISIT, load=()))),
    "a capacity too long": ("bad_load", lambda: _problem(van=replace(VAN, capacity=(1, 2)))),
    "a negative load": ("negative_amount", lambda: _problem(replace(VISIT, load=(-1,)))),
    "a negative price": ("negative_amount", lambda: _problem(replace(VISIT, price_cents=-1))),
    "a price beyond all bounds": ("amount_too_large", lambda: _problem(replace(VISIT, price_cents=10**11))),
    "a negative rate": ("negative_amount", lambda: _problem(van=replace(VAN, cents_per_hour=-1))),
    "a break of no length": ("bad_break", lambda: _problem(van=replace(VAN, breaks=(Break(0, 5, 0),)))),
    "a break ending first": (
        "window_ends_before_start",
        lambda: _problem(van=replace(VAN, breaks=(Break(6, 5, 1),))),
    ),
    "a lock to nobody": ("unknown_vehicle", lambda: _problem(replace(VISIT, allowed_vehicles=frozenset({"ghost"})))),
    "a break longer than all plans": ("bad_break", lambda: _problem(van=replace(VAN, breaks=(Break(0, 5, 10**9),)))),
    "parts that do not add up": ("bad_break", lambda: _problem(van=replace(VAN, breaks=(Break(0, 5, 9, (4, 4)),)))),
    "a part of no length": ("bad_break", lambda: _problem(van=replace(VAN, breaks=(Break(0, 5, 4, (4, 0)),)))),
    "a window without end": ("amount_too_large", lambda: _problem(replace(VISIT, windows=(Window(0, 10**11),)))),
    "parcels beyond counting": ("amount_too_large", lambda: _problem(replace(VISIT, parcels=10**7))),
    "a van slower than slow": ("amount_too_large", lambda: _problem(van=replace(VAN, service_percent=2000))),
    "aboard a van that is none": ("unknown_vehicle", lambda: _problem(replace(VISIT, aboard="ghost"))),
    "a pickup too short": ("bad_load", lambda: _problem(replace(VISIT, pickup=()))),
    "a reload nowhere": ("unknown_place", lambda: _problem(van=replace(VAN, reloads=(Reload(-1),)))),
    "a reload of less than no time": ("negative_time", lambda: _problem(van=replace(VAN, reloads=(Reload(0, -1),)))),
    "a reload with windows out of order": (
        "windows_overlap",
        lambda: _problem(van=replace(VAN, reloads=(Reload(0, 0, (Window(5, 9), Window(0, 2))),))),
    ),
    "a pair with itself": ("pair_twice", lambda: _three(pairs=(Pair("a", "a", (1,)),))),
    "two pairs of one visit": ("pair_twice", lambda: _three(pairs=(Pair("a", "b"), Pair("c", "b")))),
    "a pair with nobody": ("unknown_visit", lambda: _three(pairs=(Pair("a", "ghost"),))),
    "a pair with a strange load": ("bad_load", lambda: _three(pairs=(Pair("a", "b", (1, 2)),))),
    "a lock of no known strength": ("bad_lock", lambda: _three(locks=(Lock("iron", "van", ("a",)),))),
    "a lock of position without one": ("bad_lock", lambda: _three(locks=(Lock("position", "van", ("a",)),))),
    "a lock of order with a position": ("bad_lock", lambda: _three(locks=(Lock("order", "van", ("a",), 0),))),
    "a lock to a place before the first": ("bad_lock", lambda: _three(locks=(Lock("position", "van", ("a",), -1),))),
    "a lock to a place beyond counting": (
        "amount_too_large",
        lambda: _three(locks=(Lock("position", "van", ("a",), 10**20),)),
    ),
    "a lock to two vans": (
        "lock_twice",
        lambda: _three(locks=(Lock("driver", "van", ("a",)), Lock("order", "two", "a"))),
    ),  # type: ignore[arg-type]
    "two orders of one visit": ("lock_twice", lambda: _three(locks=(Lock("order", "van", ("a", "b", "a")),))),
    "two visits at one position": (
        "lock_twice",
        lambda: _three(locks=(Lock("position", "van", ("a", "b"), 0), Lock("position", "van", ("c",), 1))),
    ),
    "a lock to a strange van": ("unknown_vehicle", lambda: _three(locks=(Lock("driver", "ghost", ("a",)),))),
    "a lock of a strange visit": ("unknown_visit", lambda: _three(locks=(Lock("driver", "van", ("ghost",)),))),
    "two groups of one visit": (
        "group_twice",
        lambda: _three(together=(frozenset("ab"), frozenset("bc"))),
    ),
    "together and apart": (
        "groups_contradict",
        lambda: _three(together=(frozenset("abc"),), apart=(frozenset("ab"),)),
    ),
    "a pair apart": ("groups_contradict", lambda: _three(pairs=(Pair("c", "a"),), apart=(frozenset("abc"),))),
    "a group with nobody": ("unknown_visit", lambda: _three(apart=(frozenset({"a", "ghost"}),))),
    "an earlier plan of nobody": ("unknown_visit", lambda: _three(before={"ghost": "van"})),
    "an earlier plan by nobody": ("unknown_vehicle", lambda: _three(before={"a": "ghost"})),
    "fewer changes than none": ("negative_amount", lambda: _three(max_changes=-1)),
    "a negative price of change": ("negative_amount", lambda: _three(prices=Prices(change_cents=-1))),
    "slots out of order": ("bad_slots", lambda: Travel(ONE, ONE, (Slot(9, ONE), Slot(9, ONE)))),
    "a slot of other places": ("bad_slots", lambda: Travel(ONE, ONE, (Slot(9, np.zeros((2, 2), np.int32)),))),
    "no horizon": ("bad_horizon", lambda: _problem(horizon_s=0)),
    "negative travel": ("negative_time", lambda: Travel(np.array([[-1]], np.int32), np.array([[0]], np.int32))),
    "travel in fractions": ("bad_matrix", lambda: Travel(np.array([[0.5]]), np.array([[0]], np.int32))),  # type: ignore[arg-type]
    "travel that is not square": ("bad_matrix", lambda: Travel(np.zeros((1, 2), np.int32), np.zeros((1, 2), np.int32))),
    "matrices of two sizes": ("bad_matrix", lambda: Travel(np.zeros((1, 1), np.int32), np.zeros((2, 2), np.int32))),
    "no bytes of travel": ("bad_matrix", lambda: travel_from_bytes(b"")),
    "travel cut off": ("bad_matrix", lambda: travel_from_bytes(travel_to_bytes(Travel(ONE, ONE + 1))[:-1])),
    "travel with something behind it": (
        "bad_matrix",
        lambda: travel_from_bytes(travel_to_bytes(Travel(ONE, ONE)) + b"x"),
    ),
    "travel of other stuff": ("bad_matrix", lambda: travel_from_bytes(b"[[[[\n")),
    "travel of a billion places": ("bad_matrix", lambda: travel_from_bytes(_travel_line(places=10**9))),
    "travel of no matrix": ("bad_matrix", lambda: travel_from_bytes(_travel_line(matrices=0))),
    "metres that are not there": ("bad_matrix", lambda: travel_from_bytes(_travel_line(metres=1))),
    "slots that are none": ("bad_matrix", lambda: travel_from_bytes(_travel_line(slots=[[1]]))),
    "another format": ("bad_json", lambda: problem_from_json({"format": 99})),
    "a format that is true": ("bad_json", lambda: problem_from_json(_json(format=True))),
    "not an object": ("bad_json", lambda: problem_from_json([])),  # type: ignore[arg-type]
    "an unknown field": ("bad_json", lambda: problem_from_json(_json(colour=1))),
    "an unknown field with half a letter": ("bad_json", lambda: problem_from_json(_json(**{"\ud800": 1}))),
    "a missing field": ("bad_json", lambda: problem_from_json({"format": 1, "visits": []})),
    "a wrong number": ("bad_json", lambda: problem_from_json(_json(horizon_s=True))),
    "a list that is none": ("bad_json", lambda: problem_from_json(_json(visits=5))),
    "a visit that is none": ("bad_json", lambda: problem_from_json(_json(visits=[5]))),
    "an earlier plan that is a list": ("bad_json", lambda: problem_from_json(_json(before=["a"]))),
    "an earlier plan by number": ("bad_json", lambda: problem_from_json(_json(before={"a": 1}))),
    "an earlier plan of half a letter": ("bad_json", lambda: problem_from_json(_json(before={"\ud800": "van"}))),
    "a dimension of half a letter": ("bad_json", lambda: problem_from_json(_json(dimensions=["\udfff"]))),
    "half a letter to be written": ("bad_json", lambda: to_text({"id": "\ud800"})),
    "a plan that is none": ("bad_json", lambda: plan_from_json({"format": 1, "tours": {}})),
}


@pytest.mark.parametrize("name", WRONG)
def test_it_is_refused_with_a_code_and_a_sentence(name: str) -> None:
    code, build = WRONG[name]
    with pytest.raises(ProblemError) as caught:
        build()
    assert caught.value.code == code
    assert str(caught.value).endswith(".")


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(rich_problems())
def test_problem_and_travel_come_back_as_they_were(case: tuple[Problem, Travel]) -> None:
    problem, travel = case
    text = to_text(problem_to_json(problem))
    assert problem_from_json(json.loads(text)) == problem
    assert to_text(problem_to_json(problem_from_json(json.loads(text)))) == text
    data = travel_to_bytes(travel)
    assert len(data) == travel_size(travel)
    again = travel_from_bytes(data)
    assert np.array_equal(again.seconds, travel.seconds)
    assert np.array_equal(again.metres, travel.metres)
    assert (again.metres is again.seconds) == (travel.metres is travel.seconds)
    assert [slot.from_s for slot in again.slots] == [slot.from_s for slot in travel.slots]
    for slot, other in zip(again.slots, travel.slots, strict=True):
        assert np.array_equal(slot.seconds, other.seconds)
    assert again.seconds.flags.writeable and again.seconds.flags.c_contiguous and again.seconds.dtype == np.int32


def test_every_feature_turns_up_in_a_good_share_of_the_cases() -> None:
    seen = dict.fromkeys(FEATURES, 0)

    @settings(max_examples=200, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(rich_problems())
    def count(case: tuple[Problem, Travel]) -> None:
        problem, travel = case
        visits, vans = problem.visits, problem.vehicles
        found: dict[str, object] = {
            "windows": any(one.windows for one in visits),
            "two_windows": any(len(one.windows) > 1 for one in visits),
            "soft": any(one.late_cents_per_hour for one in visits),
            "service": any(one.service_s for one in visits),
            "service_percent": any(one.service_percent != 100 for one in vans),
            "parcels": any(one.parcel_s for one in vans) and any(one.parcels for one in visits),
            "breaks": any(one.breaks for one in vans),
            "split_breaks": any(rest.parts for one in vans for rest in one.breaks),
            "overtime": any(one.overtime for one in vans),
            "late_shift": any(one.shift.earliest_s for one in vans),
            "max_visits": any(one.max_visits is not None for one in vans),
            "max_metres": any(one.max_metres is not None for one in vans),
            "max_duration": any(one.max_duration_s is not None for one in vans),
            "open_end": any(one.end_place is None for one in vans),
            "two_depots": any(one.start_place == 1 for one in vans),
            "slots": travel.slots,
            "unreachable": (travel.seconds > 10**9).any(),
            "rates": any(one.cents_per_km for one in vans),
            "loads": problem.dimensions,
            "two_dimensions": len(problem.dimensions) == 2,
            "pickups": any(one.pickup for one in visits),
            "initial_load": any(one.initial_load for one in vans),
            "aboard": any(one.aboard for one in visits),
            "reloads": any(one.reloads for one in vans),
            "under_way": any(one.under_way for one in vans),
            "pairs": problem.pairs,
            "skills": any(one.skills for one in visits),
            "allowed": any(one.allowed_vehicles is not None for one in visits),
            "zones": problem.prices.out_of_zone_cents and any(one.zones and not one.zones_hard for one in vans),
            "zones_hard": any(one.zones and one.zones_hard for one in vans),
            "familiar": any(one.familiar for one in visits),
            "locks": problem.locks,
            "together": problem.together,
            "apart": problem.apart,
            "before": problem.before and problem.prices.change_cents,
            "max_changes": problem.max_changes is not None,
            "balance": problem.prices.balance_cents_per_hour,
            "prices": any(one.price_cents < 5000 for one in visits),
        }
        for name in FEATURES:
            seen[name] += bool(found[name])

    count()
    assert min(seen.values()) >= 16, seen


_COUNTS = st.integers(-(10**6), 10**6)
_WORDS = st.text(max_size=6)
_LOADS = st.lists(_COUNTS, max_size=2).map(tuple)
_COSTS = st.builds(Costs, *[_COUNTS] * 10)
_STEPS = st.builds(Step, _WORDS, *[_COUNTS] * 6, _LOADS)
_RESTS = st.builds(Rest, *[_COUNTS] * 5)
_RELOADINGS = st.builds(Reloading, *[_COUNTS] * 7, _LOADS)
_TOURS = st.builds(
    Tour,
    _WORDS,
    st.lists(_STEPS, max_size=3).map(tuple),
    st.lists(_RESTS, max_size=2).map(tuple),
    *[_COUNTS] * 4,
    _LOADS,
    _COSTS,
    st.lists(_RELOADINGS, max_size=2).map(tuple),
)
_PLANS = st.builds(
    Plan, st.lists(_TOURS, max_size=2).map(tuple), st.lists(st.builds(Unassigned, *[_WORDS] * 3)).map(tuple), _COSTS
)


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(_PLANS)
def test_a_plan_comes_back_as_it_was(plan: Plan) -> None:
    text = to_text(plan_to_json(plan))
    assert plan_from_json(json.loads(text)) == plan
    assert to_text(plan_to_json(plan_from_json(json.loads(text)))) == text


_JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=5,
)


def _planted(data: Any, path: list[int], junk: Any) -> Any:
    """`data` with `junk` at the end of the path (numbers choose among what there is)."""
    if not path or not isinstance(data, list | dict) or not data:
        return junk
    if isinstance(data, list):
        at = path[0] % len(data)
        return [*data[:at], _planted(data[at], path[1:], junk), *data[at + 1 :]]
    key = sorted(data)[path[0] % len(data)]
    return data | {key: _planted(data[key], path[1:], junk)}


@settings(max_examples=400, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(rich_problems(max_visits=4), st.lists(st.integers(0, 20), max_size=5), _JUNK)
def test_whatever_is_planted_in_a_problem_gives_a_problem_or_a_sentence(
    case: tuple[Problem, Travel], path: list[int], junk: Any
) -> None:
    try:
        read = problem_from_json(_planted(json.loads(to_text(problem_to_json(case[0]))), path, junk))
    except ProblemError as error:
        assert error.code and str(error).endswith(".")
        str(error).encode()
    else:
        assert problem_from_json(problem_to_json(read)) == read


@settings(max_examples=200, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.binary(max_size=200) | st.builds(lambda at, bits: (at, bits), st.integers(0, 150), st.integers(1, 255)))
@example(b"\n")
def test_whatever_bytes_of_travel_come_they_give_travel_or_a_sentence(junk: bytes | tuple[int, int]) -> None:
    if isinstance(junk, tuple):
        data = bytearray(travel_to_bytes(Travel(ONE, ONE + 1, (Slot(5, ONE + 2),))))
        data[junk[0] % len(data)] ^= junk[1]
        junk = bytes(data)
    try:
        travel_from_bytes(junk)
    except ProblemError as error:
        assert error.code in {"bad_matrix", "bad_slots", "negative_time"}


def _travel_line(**changes: Any) -> bytes:
    told = {"format": 1, "places": 1, "matrices": 1, "metres": 0, "slots": []} | changes
    return json.dumps(told).encode() + b"\n" + bytes(4)


def test_a_matrix_that_serves_twice_is_written_once_and_read_from_a_pipe_bit_by_bit() -> None:
    morning, noon = np.full((50, 50), 7, np.int32), np.full((50, 50), 3, np.int32)
    travel = Travel(morning, morning, (Slot(10, noon), Slot(20, morning), Slot(30, noon)))
    assert travel_size(travel) < 2 * morning.nbytes + 200
    stream = io.BytesIO()
    write_travel(travel, stream)
    assert stream.getvalue() == travel_to_bytes(travel)

    class Dripping(io.BytesIO):
        def readinto(self, room: Any) -> int:
            return super().readinto(room[:1000])

    again = read_travel(Dripping(stream.getvalue() + b"what follows"), travel_size(travel))
    assert again.metres is again.seconds is again.slots[1].seconds
    assert again.slots[0].seconds is again.slots[2].seconds
    assert np.array_equal(again.slots[0].seconds, noon)


def test_asking_for_what_is_not_there_names_it() -> None:
    problem = _problem()
    assert problem.visit("a") is problem.visits[0]
    assert problem.vehicle("van") is problem.vehicles[0]
    with pytest.raises(ProblemError, match="no visit 'b'"):
        problem.visit("b")
