from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from core.clock import Played

REAL = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
DAY = Played(
    played_at=datetime(2026, 11, 23, 6, 0, tzinfo=UTC),
    real_at=REAL,
    speed=10.0,
    until=datetime(2026, 11, 23, 16, 0, tzinfo=UTC),
)


def test_a_played_day_runs_fast_and_then_at_the_speed_of_life() -> None:
    assert DAY.at(REAL - timedelta(hours=1)) == DAY.played_at
    assert DAY.at(REAL + timedelta(minutes=6)) == DAY.played_at + timedelta(hours=1)
    assert DAY.at(REAL + timedelta(hours=1)) == DAY.until
    assert DAY.at(REAL + timedelta(hours=3)) == DAY.until + timedelta(hours=2)


@given(st.floats(0, 1e6), st.floats(0, 1e6))
def test_it_never_goes_back(first: float, second: float) -> None:
    earlier, later = sorted((first, second))
    assert DAY.at(REAL + timedelta(seconds=earlier)) <= DAY.at(REAL + timedelta(seconds=later))
