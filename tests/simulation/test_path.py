"""Lines along roads: measuring, following, and finding a route's stops on them."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.roads import polyline
from simulation.path import Line, Streets, decode, distance_m, heading, places_along, shifted

HERE = (49.41, 8.69)


def north_east(*steps: tuple[float, float]) -> Line:
    """A line from HERE by steps of (metres east, metres north)."""
    points = [HERE]
    for east, north in steps:
        points.append(shifted(points[-1], east, north))
    return Line(points)


@given(st.lists(st.tuples(st.floats(-85, 85), st.floats(-180, 180)), max_size=20))
def test_a_polyline_is_read_as_the_house_writes_it(points):
    read = decode(polyline.encode(points))
    assert len(read) == len(points)
    for (lat, lon), (a, b) in zip(read, points, strict=True):
        assert lat == pytest.approx(a, abs=1.1e-5) and lon == pytest.approx(b, abs=1.1e-5)


@pytest.mark.parametrize("text", ["_p~iF~ps|", "\x00", "_p~iF"])
def test_a_broken_polyline_is_refused(text):
    with pytest.raises(ValueError, match="polyline"):
        decode(text)


def test_metres_and_directions():
    assert distance_m(HERE, shifted(HERE, 300, 400)) == pytest.approx(500, rel=1e-3)
    assert heading(HERE, shifted(HERE, 10, 0)) == pytest.approx(90, abs=0.1)
    assert heading(HERE, shifted(HERE, 0, -10)) == pytest.approx(180, abs=0.1)


def test_a_line_is_followed_by_its_metres():
    line = north_east((100, 0), (0, 200))
    assert line.length_m == pytest.approx(300, rel=1e-3)
    point, direction = line.at(200)
    assert distance_m(point, shifted(HERE, 100, 100)) < 1 and direction == pytest.approx(0, abs=0.1)
    assert line.at(-50)[0] == line.points[0] and line.at(10_000)[0] == pytest.approx(line.points[-1])
    assert Line([HERE, HERE]).at(5) == (HERE, 0.0)
    with pytest.raises(ValueError, match="one point"):
        Line([])


def test_stops_lie_in_the_routes_order_even_where_the_road_is_driven_twice():
    # Out along a street and back again: the second stop is passed on the way out, but its turn is on the way back.
    out_and_back = north_east((1000, 0), (-1000, 0))
    far, near = shifted(HERE, 900, 10), shifted(HERE, 300, 10)
    marks = places_along(out_and_back, [far, near], [900, 1700])
    assert marks == pytest.approx([900, 1700], abs=3)
    # The other way round both are served on the way out.
    assert places_along(out_and_back, [near, far], [300, 900]) == pytest.approx([300, 900], abs=3)


@given(st.integers(0, 2**32), st.integers(1, 25))
def test_places_never_go_backwards(seed, count):
    rng = random.Random(seed)
    line = north_east(*((rng.uniform(-400, 400), rng.uniform(-400, 400)) for _ in range(30)))
    at = sorted(rng.uniform(0, line.length_m) for _ in range(count))
    stops = [shifted(line.at(mark)[0], rng.uniform(-25, 25), rng.uniform(-25, 25)) for mark in at]
    marks = places_along(line, stops, at)
    assert len(marks) == count
    assert all(a <= b + 1 for a, b in itertools.pairwise(marks))
    # Expected where it is, each stop is found at its place or where the road comes by about as near.
    for mark, stop in zip(marks, stops, strict=True):
        assert distance_m(line.at(mark)[0], stop) < 150


def test_a_way_back_takes_the_turnings_that_the_line_knows():
    # Round a block of 1000 m by 200 m, past its first corner again, and on: back to the start is 100 m, not 2500.
    line = north_east((100, 0), (1000, 0), (0, 200), (-1000, 0), (0, -200), (0, -300))
    corner = line.points[1]
    line = Line([*line.points[:5], corner, shifted(corner, 0, -300)])
    way = Streets(line).way(line.length_m, 0)
    assert way.length_m == pytest.approx(400, abs=2)
    assert distance_m(way.points[0], line.points[-1]) < 1 and distance_m(way.points[-1], line.points[0]) < 1


@given(st.integers(0, 2**32))
def test_a_way_is_never_longer_than_the_line_and_stays_on_it(seed):
    rng = random.Random(seed)
    line = north_east(*((rng.choice((-100, 0, 100)), rng.choice((-100, 0, 100))) for _ in range(40)))
    if line.length_m == 0:
        return
    a, b = rng.uniform(0, line.length_m), rng.uniform(0, line.length_m)
    way = Streets(line).way(a, b)
    assert way.length_m <= abs(a - b) + 0.5
    assert distance_m(way.points[0], line.at(a)[0]) < 0.5 and distance_m(way.points[-1], line.at(b)[0]) < 0.5
    for mark in range(0, int(way.length_m), 25):
        assert min(away for _, away in line.nearest(way.at(mark)[0])) < 1
