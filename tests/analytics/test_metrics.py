"""The formulas against numbers worked out by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from analytics import metrics

DAY = date(2026, 11, 23)
AT = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def attempt(order: str, number: int, outcome: str, late_minutes: float | None = None) -> metrics.Attempt:
    """An attempt; `late_minutes` is its arrival counted from the end of a promised hour."""
    promised = late_minutes is not None
    return metrics.Attempt(
        order,
        "d1",
        DAY,
        number,
        outcome.startswith("delivered"),
        outcome,
        AT + timedelta(minutes=late_minutes or 0),
        AT - timedelta(hours=1) if promised else None,
        AT if promised else None,
    )


def drive(worked_s: int = 7200, attempts: int = 4, **values: int) -> metrics.Drive:
    return metrics.Drive(
        "d1",
        DAY,
        **{
            "planned_s": 7000,
            "worked_s": worked_s,
            "planned_m": 20_000,
            "driven_m": 21_000,
            "attempts": attempts,
            "driver_cents": 4800,
            "distance_cents": 735,
            "vehicle_cents": 4000,
            "reattempt_cents": 150,
        }
        | values,
    )


ATTEMPTS = [
    attempt("a", 1, "delivered_to_recipient", -10),
    attempt("b", 1, "failed_not_home", 5),
    attempt("b", 2, "delivered_to_mailbox", -59),
    attempt("c", 1, "failed_not_home"),
    attempt("d", 1, "delivered_to_recipient", -61),
]


def test_each_metric_by_hand() -> None:
    found = metrics.summary(ATTEMPTS, [drive(), drive(worked_s=3600, attempts=1)])
    assert (found.first_attempt.of, found.first_attempt.by) == (2, 4)
    assert (found.success.of, found.success.by) == (3, 4)
    assert found.attempts_per_delivery.value == 5 / 3
    assert (found.on_time.value, found.early.value, found.late.value) == (0.5, 0.25, 0.25)
    assert found.cost_per_delivery_cents.value == 2 * (4800 + 735 + 4000 + 150) / 3
    assert found.route_s.value == 5400 and found.stop_s.value == 10800 / 5
    assert found.stops_per_hour.value == 5 / 3
    assert found.gap_s.value == (10800 - 14000) / 2
    assert metrics.failures(ATTEMPTS) == [("failed_not_home", metrics.Fraction(2, 5))]


def test_nothing_gives_no_value_rather_than_a_zero() -> None:
    found = metrics.summary([], [])
    assert found.first_attempt.value is None and found.cost_per_delivery_cents.value is None


@given(
    st.lists(
        st.tuples(
            st.sampled_from("abcde"),
            st.sampled_from(["delivered_other", "failed_other"]),
            st.one_of(st.none(), st.floats(-120, 120)),
        ),
        max_size=30,
    )
)
def test_shares_add_up(rows: list[tuple[str, str, float | None]]) -> None:
    seen: dict[str, int] = {}
    attempts = []
    for order, outcome, late in rows:
        seen[order] = seen.get(order, 0) + 1
        attempts.append(attempt(order, seen[order], outcome, late))
    found = metrics.summary(attempts, [])
    assert found.on_time.of + found.early.of + found.late.of == found.on_time.by
    assert 0 <= found.first_attempt.of <= found.success.of <= found.success.by
    by_driver = metrics.by_key(attempts, [], lambda one: one.driver, lambda one: one.driver)
    assert not attempts or by_driver["d1"] == found
