"""Two dispatchers at one plan, in any order of moves, locks, undo and redo: every stop stays in exactly one place."""

from __future__ import annotations

import itertools
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from core import errors, tenancy
from core.actor import Actor
from core.models import Event
from dispatch import edit_queries, spots, states
from dispatch.actions import edits, plans
from dispatch.models import Edit, Route, Stop
from orders.models import Order
from tests.fixtures import NOW, located_order, make_world

pytestmark = pytest.mark.django_db
STOPS = 6
WHO = st.sampled_from([0, 1])
NUMBER = st.integers(0, STOPS - 1)
_serial = itertools.count(1)


class TwoAtOnePlan(RuleBasedStateMachine):
    """Each acts on what they saw when they looked last, which may be old."""

    @initialize()
    def open(self) -> None:
        self.world = make_world(f"Pair{next(_serial)}", lat=49.41, lon=8.69)
        self.scope: Any = tenancy.scope(self.world.organization.id)
        self.scope.__enter__()
        for number in range(STOPS):
            located_order(self.world, f"S{number}", lat=49.41 + 0.004 * number, lon=8.69 + 0.003 * (number % 3))
        by = self.world.dispatcher
        self.plan = plans.open_plan(day=self.world.day, depot=self.world.depot, by=by, at=NOW)
        self.people = [by, Actor("member", self.world.members["admin"].id, "Otto Other")]
        self.stops: list[UUID] = list(Stop.objects.filter(plan=self.plan).order_by("id").values_list("id", flat=True))
        self.lanes: list[UUID | None] = [None, *(shift.id for shift in self.world.shifts)]
        self.seen = [self.versions(), self.versions()]

    def versions(self) -> dict[UUID, int]:
        return dict(Stop.objects.filter(plan=self.plan).values_list("id", "version"))

    def tries(self, who: int, work: Any) -> None:
        """Do it or be told why not; what is refused must leave everything as it was."""
        before = (spots.of_plan(self.plan), Edit.objects.count(), self.versions())
        try:
            with transaction.atomic():
                work()
        except errors.Refused as refused:
            assert refused.message.strip()
            assert (spots.of_plan(self.plan), Edit.objects.count(), self.versions()) == before
        else:
            self.seen[who] = self.versions()

    @rule(who=WHO)
    def look(self, who: int) -> None:
        self.seen[who] = self.versions()

    @rule(
        who=WHO,
        chosen=st.lists(NUMBER, min_size=1, max_size=3, unique=True),
        lane=st.integers(0, 2),
        position=st.none() | st.integers(0, STOPS),
        despite_locks=st.booleans(),
    )
    def move(self, who: int, chosen: list[int], lane: int, position: int | None, despite_locks: bool) -> None:
        target = self.lanes[lane]
        changes = [
            edits.Change(self.stops[number], target, None if position is None else position + at)
            for at, number in enumerate(chosen)
        ]
        theirs = {one.stop_id: self.seen[who][one.stop_id] for one in changes}
        moved = self.moved_since(theirs)

        def work() -> None:
            edits.edit(self.plan, changes, seen=theirs, despite_locks=despite_locks, by=self.people[who], at=NOW)
            assert not moved, "a stop was moved over somebody's head"

        self.tries(who, work)

    def moved_since(self, seen: dict[UUID, int]) -> bool:
        kinds = ("stop.moved", "stop.planned", "stop.unassigned", "stop.locked", "stop.unlocked")
        return any(
            Event.objects.filter(subject_id=stop, sequence__gt=version, kind__in=kinds).exists()
            for stop, version in seen.items()
        )

    @rule(who=WHO, number=NUMBER, strength=st.sampled_from(["", *states.LOCKS]))
    def lock(self, who: int, number: int, strength: str) -> None:
        by = self.people[who]
        self.tries(who, lambda: edits.lock(self.plan, [self.stops[number]], strength=strength, by=by, at=NOW))

    @rule(who=WHO)
    def undo(self, who: int) -> None:
        by = self.people[who]
        row = edit_queries.to_undo(self.plan, by)

        def work() -> None:
            edits.undo(self.plan, by=by, at=NOW)
            assert row is not None
            self.stands_as(row.before, row.after)

        self.tries(who, work)

    @rule(who=WHO)
    def redo(self, who: int) -> None:
        by = self.people[who]
        row = edit_queries.to_redo(self.plan, by)

        def work() -> None:
            edits.redo(self.plan, by=by, at=NOW)
            assert row is not None
            self.stands_as(row.after, row.before)

        self.tries(who, work)

    def stands_as(self, wanted: spots.Spots, other: spots.Spots) -> None:
        """Everything is where this side of an edit says; locks too, where the edit changed them: others may have set
        theirs since.
        """
        now = spots.of_plan(self.plan)
        for stop, spot in wanted.items():
            assert now[stop]["shift"] == spot["shift"]
            if other[stop]["lock"] != spot["lock"]:
                assert now[stop]["lock"] == spot["lock"]
        lanes = spots.lanes_of(now)
        for shift, lane in spots.lanes_of(wanted).items():
            assert [one for one in lanes[shift] if one in wanted] == lane

    @invariant()
    def each_stop_is_in_exactly_one_place(self) -> None:
        if not hasattr(self, "plan"):
            return
        stops = list(Stop.objects.filter(plan=self.plan).select_related("route"))
        assert len(stops) == STOPS
        for stop in stops:
            assert (stop.status == "unassigned") == (stop.route is None) == (stop.position is None)
            assert stop.route is None or stop.route.status != "cancelled"
            assert stop.route is not None or (stop.lock == "" and stop.planned_arrival_at is None)
            order = Order.objects.get(stop_orders__stop=stop)
            assert order.status == ("ready" if stop.route is None else "scheduled")
        for route in Route.objects.filter(plan=self.plan).exclude(status="cancelled"):
            mine = sorted((one for one in stops if one.route_id == route.id), key=lambda one: one.position or 0)
            assert [one.position for one in mine] == list(range(1, len(mine) + 1)) and mine
            arrivals = [one.planned_arrival_at for one in mine]
            assert arrivals == sorted(arrivals) and len(route.legs) == len(mine) + 1
        numbers = list(Edit.objects.filter(plan=self.plan).order_by("number").values_list("number", flat=True))
        assert numbers == list(range(1, len(numbers) + 1))

    def teardown(self) -> None:
        if hasattr(self, "scope"):
            self.scope.__exit__(None, None, None)


def test_two_dispatchers_in_any_order() -> None:
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        TwoAtOnePlan,
        settings=settings(
            max_examples=12, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
