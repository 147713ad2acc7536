"""An edit takes its travel times out of the plan's kept matrix, where that is of roads and knows every place."""

from __future__ import annotations

from types import SimpleNamespace
from uuid import uuid4

import numpy as np
import pytest

from dispatch import standings
from routing import solver
from tests.fixtures import World

A, B, C, D = (49.40, 8.60), (49.41, 8.61), (49.42, 8.62), (49.43, 8.63)


@pytest.mark.django_db
@pytest.mark.parametrize("source", ["osrm", "crow"])
def test_roads_are_asked_for_what_is_not_kept(amber: World, monkeypatch: pytest.MonkeyPatch, source: str) -> None:
    asked: list[list[object]] = []

    def ask(points: list[object]) -> tuple[solver.Travel, str]:
        asked.append(list(points))
        numbers = np.arange(len(points) ** 2, dtype=np.int32).reshape(len(points), -1)
        np.fill_diagonal(numbers, 0)
        return solver.Travel(numbers, numbers * 10), source

    monkeypatch.setattr(standings, "travel_between", ask)
    standings.forget()
    plan = SimpleNamespace(id=uuid4())
    try:
        with amber.scope():
            standings._travel((amber.organization.id, plan.id), [A, B, C])
            travel, told = standings.travel_of(plan, [C, A])  # type: ignore[arg-type]
            assert told == source
            if source == "osrm":
                assert asked == [[A, B, C]]
                assert travel.seconds.tolist() == [[0, 6], [2, 0]] and travel.metres.tolist() == [[0, 60], [20, 0]]
            else:
                assert asked[1:] == [[C, A]], "straight lines are not kept to once there may be roads"
            asked.clear()
            standings.travel_of(plan, [A, D])  # type: ignore[arg-type]
            assert asked == [[A, D]]
    finally:
        standings.forget()
