"""Everything at once on one route: the same outbox from two connections, positions, and projections by the clock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from core import clock
from dispatch.models import Attempt
from tests.fixtures import World
from tests.tracking.at_once import at_once
from tests.tracking.conftest import Phone
from tests.tracking.day import distributed, reload
from tracking import tasks
from tracking.models import Position, Report

pytestmark = pytest.mark.django_db(transaction=True)


def test_nothing_is_lost_doubled_or_stuck(amber: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with amber.scope():
        day = distributed(amber, 6)
    now = day.at(100)
    monkeypatch.setattr(clock, "now", lambda: now)
    outbox = [day.report("route_started", 0)]
    for number, stop in enumerate(day.stops):
        at = 5 + 10 * number
        outbox += [day.report("arrived", at, stop),
                   day.report("attempted", at + 1, stop, data={"outcome": "delivered_to_recipient"}),
                   day.report("departed", at + 2, stop)]
    answers: list[list[dict[str, Any]]] = [[], []]
    phones = [Phone(amber), Phone(amber)]

    def sends(which: int) -> Callable[[], None]:
        def work() -> None:
            for start in range(0, len(outbox), 3):
                answer = phones[which].api.post("driver/reports", {"reports": outbox[start:start + 3]})
                assert answer.status_code == 200, answer.content
                answers[which] += answer.json()["results"]
        return work

    def drives() -> None:
        for minute in range(60):
            answer = phones[0].api.post(
                "driver/positions", {"positions": [day.fix(minute, 200 * minute), day.fix(minute + 0.5, 200 * minute)]})
            assert answer.status_code == 200, answer.content

    def sweeps() -> None:
        for _ in range(15):
            tasks.sweep()

    assert at_once(sends(0), sends(1), drives, sweeps) == []
    assert {row["status"] for row in answers[0] + answers[1]} == {"applied", "duplicate"}
    for first, second in zip(*answers, strict=True):
        assert sorted([first["status"], second["status"]]) == ["applied", "duplicate"]
    with amber.scope():
        assert Attempt.objects.count() == 6
        assert Report.objects.count() == len(outbox)
        assert {reload(stop).status for stop in day.stops} == {"departed"}
        assert Position.objects.count() == 120
