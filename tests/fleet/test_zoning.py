"""Outlines of zones, and which zone a place lies in; shapely says the same."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
import shapely
from hypothesis import assume, example, given
from hypothesis import strategies as st

from core import errors
from fleet import zoning
from fleet.zoning import Area, Zoning

SQUARE = [[0.0, 0.0], [0.0, 2.0], [2.0, 2.0], [2.0, 0.0]]


@st.composite
def rings(draw: st.DrawFn) -> list[list[float]]:
    """A ring around (50, 8), seen whole from its middle: it never crosses itself, and is seldom convex."""
    count = draw(st.integers(3, 12))
    turn = draw(st.floats(0, 1))
    radii = draw(st.lists(st.floats(0.05, 1.0), min_size=count, max_size=count))
    return [
        [50 + radius * math.sin(math.tau * (at + turn) / count), 8 + radius * math.cos(math.tau * (at + turn) / count)]
        for at, radius in enumerate(radii)
    ]


@given(rings(), st.floats(48.9, 51.1), st.floats(6.9, 9.1))
def test_inside_is_what_shapely_says(ring: list[list[float]], lat: float, lon: float) -> None:
    shape, point = shapely.Polygon(ring), shapely.Point(lat, lon)
    assume(shape.exterior.distance(point) > 1e-9)
    assert zoning.encloses(ring, (lat, lon)) == shape.contains(point)
    assert zoning.area(ring) == pytest.approx(shape.area)
    assert zoning.outline_of(ring) == [[round(one, 6) for one in corner] for corner in ring]


@given(st.integers(0, 20), st.integers(0, 20))
@example(10, 10)
@example(5, 5)
def test_at_the_height_of_a_corner_a_place_is_counted_once(lat: int, lon: int) -> None:
    """A ray through a corner or along an edge must not be counted twice."""
    ring = [[0.0, 10.0], [10.0, 20.0], [20.0, 10.0], [10.0, 0.0], [10.0, 5.0], [5.0, 5.0]]
    shape, point = shapely.Polygon(ring), shapely.Point(lat, lon)
    if shape.exterior.distance(point) > 0:
        assert zoning.encloses(ring, (lat, lon)) == shape.contains(point)


FAULTS = {
    "two corners": ([[0, 0], [1, 1]], "at least 3"),
    "one corner thrice": ([[0, 0], [0, 0], [0, 0]], "at least 3"),
    "too many": ([[50 + math.sin(at / 40), 8 + math.cos(at / 40)] for at in range(251)], "at most 200"),
    "on one line": ([[0, 0], [1, 1], [2, 2]], "no area"),
    "a bow tie": ([[0, 0], [1, 1], [1, 0], [0, 1.5]], "crosses itself"),
    "three numbers": ([[0, 0, 0], [1, 1, 0], [1, 0, 0]], "Corner 1"),
    "beyond the pole": ([[0, 0], [91, 1], [1, 0]], "Corner 2"),
    "beyond the date line": ([[0, 0], [1, 1], [1, -181]], "Corner 3"),
    "no number": ([[0, 0], [1, math.nan], [1, 0]], "Corner 2"),
    "without end": ([[0, 0], [1, 1], [math.inf, 0]], "Corner 3"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_bad_outline_is_refused_in_words(fault: str) -> None:
    ring, words = FAULTS[fault]
    with pytest.raises(errors.Invalid, match=words):
        zoning.outline_of(ring)


def test_a_closed_ring_is_the_same_as_an_open_one() -> None:
    assert zoning.outline_of([*SQUARE, SQUARE[0]]) == SQUARE


def _area(name: str, ring: Sequence[Sequence[float]], *drivers: str) -> Area:
    return Area(name, ring, frozenset(drivers))


def test_the_smaller_zone_wins() -> None:
    inner = [[0.5, 0.5], [0.5, 1.0], [1.0, 1.0], [1.0, 0.5]]
    for areas in ((_area("city", SQUARE), _area("market", inner)), (_area("market", inner), _area("city", SQUARE))):
        zones = Zoning(areas)
        assert zones.zone_at((0.7, 0.7)) == "market"
        assert zones.zone_at((1.5, 0.7)) == "city"
        assert zones.zone_at((2.5, 0.7)) is None


def test_who_keeps_to_no_zone_goes_anywhere() -> None:
    zones = Zoning((_area("a", SQUARE, "ann", "bob"), _area("b", SQUARE, "bob")))
    assert zones.kept_by("ann") == {"a"}
    assert zones.kept_by("bob") == {"a", "b"}
    assert zones.kept_by("cleo") is None
