"""Travel between the places of a plan, by whichever road engine is there."""

from __future__ import annotations

from collections.abc import Sequence

from dispatch import planning
from routing import roads, solver


def travel_between(points: Sequence[planning.Point]) -> tuple[solver.Travel, str]:
    """Travel times of all pairs, and where they came from."""
    answer = roads.from_settings().matrix(points)
    return planning.to_travel(answer.seconds, answer.metres, roads.UNREACHABLE), answer.source
