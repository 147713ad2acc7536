"""Vans move as vans do: no jumps, no impossible speeds, and the receiver's error drifts."""

from __future__ import annotations

import itertools
import random
import statistics
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.motion import Ride, Standing, Track, travelled
from simulation.noise import Receiver, spread
from simulation.path import Line, distance_m, shifted
from tracking import intake

HERE = (49.41, 8.69)
AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
LINE = Line([HERE, shifted(HERE, 800, 0), shifted(HERE, 800, 1200)])


@given(st.floats(0.5, 5000))
def test_a_ride_ends_where_it_should_and_never_goes_back(total_s):
    shares = [travelled(total_s * step / 50, total_s)[0] for step in range(51)]
    assert shares[0] == pytest.approx(0) and shares[-1] == pytest.approx(1)
    assert all(a <= b + 1e-9 for a, b in itertools.pairwise(shares))


def test_a_ride_backwards_looks_backwards():
    ride = Ride(AT, 100, LINE, 700, 100)
    here = ride.here(AT + timedelta(seconds=50))
    assert here.heading == pytest.approx(270, abs=0.1) and 5 < here.speed_mps < 9
    assert distance_m(ride.here(ride.end_at).point, shifted(HERE, 100, 0)) < 1


def test_a_track_is_known_only_as_far_as_it_goes():
    track = Track()
    assert track.here(AT) is None and track.known_until is None
    track.add(Standing(AT, AT + timedelta(seconds=60), HERE))
    track.add(Ride(AT + timedelta(seconds=60), 200, LINE, 0, 2000))
    assert track.here(AT - timedelta(seconds=1)) is None
    assert track.here(AT + timedelta(seconds=30)).speed_mps == 0
    assert track.here(AT + timedelta(seconds=160)).speed_mps == pytest.approx(2000 / 188, rel=0.01)
    assert track.here(AT + timedelta(seconds=261)) is None


@pytest.mark.parametrize("every_s", [1, 5, 60])
def test_what_a_phone_sends_of_a_ride_is_believed_by_the_server(every_s):
    ride, receiver = Ride(AT, 150, LINE, 0, LINE.length_m), Receiver(random.Random(4))
    points = []
    for second in range(0, 150, every_s):
        at = AT + timedelta(seconds=second)
        place, accuracy_m = receiver.read(ride.here(at).point, every_s)
        points.append(intake.Point(at, *place, accuracy_m))
    kept, dropped = intake.sift(points, None, AT + timedelta(minutes=5))
    assert len(kept) == len(points) and not dropped


def test_the_receivers_error_is_of_the_size_it_says_and_drifts():
    receiver = Receiver(random.Random(1))
    places = [receiver.read(HERE, 5)[0] for _ in range(4000)]
    errors = [distance_m(HERE, place) for place in places]
    steps = [distance_m(a, b) for a, b in itertools.pairwise(places)]
    assert 4 < statistics.mean(errors) < 15
    assert statistics.mean(steps) < 0.6 * statistics.mean(errors)


def test_spread_is_around_one():
    rng = random.Random(2)
    assert statistics.mean(spread(rng, 0.3) for _ in range(20_000)) == pytest.approx(1, abs=0.01)
