"""The metrics, exactly as defined: each is a fraction that keeps its numerator and denominator. Pure.

* first-attempt delivery rate = orders whose first attempt succeeded / orders with a first attempt
* delivery success rate       = orders delivered / orders attempted, after all attempts
* attempts per delivery       = attempts / orders delivered
* on-time delivery            = attempts that arrived inside the promised window / attempts with a promise
                                (early is told apart: it is not on time)
* failure rate by reason      = failed attempts with that code / attempts
* cost per delivery           = (driver hours + kilometres + vehicle days + re-attempts) / orders delivered, cents
* time per route              = sum of (completed - started) / routes, seconds
* time per stop               = sum of (completed - started) / attempts, seconds
* stops per hour on the road  = attempts / hours between start and completion
* planned v actual            = sum of (actual - planned) route seconds / routes
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt as the metrics see it."""

    order: str
    driver: str
    day_on: date
    number: int
    succeeded: bool
    outcome: str
    arrived_at: datetime | None
    promised_start_at: datetime | None
    promised_end_at: datetime | None


@dataclass(frozen=True, slots=True)
class Drive:
    """One completed route as the metrics see it; money in cents, spans in seconds, ways in metres."""

    driver: str
    day_on: date
    planned_s: int
    worked_s: int
    planned_m: int
    driven_m: int
    attempts: int
    driver_cents: int
    distance_cents: int
    vehicle_cents: int
    reattempt_cents: int

    @property
    def cents(self) -> int:
        return self.driver_cents + self.distance_cents + self.vehicle_cents + self.reattempt_cents


@dataclass(frozen=True, slots=True)
class Fraction:
    """A metric with what it is made of; no value where there is nothing to divide by."""

    of: float
    by: float

    @property
    def value(self) -> float | None:
        return self.of / self.by if self.by else None


@dataclass(frozen=True, slots=True)
class Summary:
    """All metrics of a set of attempts and routes."""

    first_attempt: Fraction
    success: Fraction
    attempts_per_delivery: Fraction
    on_time: Fraction
    early: Fraction
    late: Fraction
    cost_per_delivery_cents: Fraction
    route_s: Fraction
    stop_s: Fraction
    stops_per_hour: Fraction
    gap_s: Fraction
    distance_m: int
    routes: int
    attempts: int
    delivered: int


def summary(attempts: Sequence[Attempt], drives: Sequence[Drive]) -> Summary:
    """The metrics of these attempts and routes."""
    firsts = [attempt for attempt in attempts if attempt.number == 1]
    delivered = {attempt.order for attempt in attempts if attempt.succeeded}
    punctuality = Counter(word for word in map(punctual, attempts) if word)
    promised = punctuality.total()
    worked_s = sum(drive.worked_s for drive in drives)
    driven_attempts = sum(drive.attempts for drive in drives)
    return Summary(
        first_attempt=Fraction(sum(attempt.succeeded for attempt in firsts), len(firsts)),
        success=Fraction(len(delivered), len({attempt.order for attempt in attempts})),
        attempts_per_delivery=Fraction(len(attempts), len(delivered)),
        on_time=Fraction(punctuality["on_time"], promised),
        early=Fraction(punctuality["early"], promised),
        late=Fraction(punctuality["late"], promised),
        cost_per_delivery_cents=Fraction(sum(drive.cents for drive in drives), len(delivered)),
        route_s=Fraction(worked_s, len(drives)),
        stop_s=Fraction(worked_s, driven_attempts),
        stops_per_hour=Fraction(driven_attempts, worked_s / 3600),
        gap_s=Fraction(worked_s - sum(drive.planned_s for drive in drives), len(drives)),
        distance_m=sum(drive.driven_m for drive in drives),
        routes=len(drives),
        attempts=len(attempts),
        delivered=len(delivered),
    )


def punctual(attempt: Attempt) -> str | None:
    """early | on_time | late against the promise; None where nothing was promised or the arrival is not known."""
    if attempt.promised_start_at is None or attempt.promised_end_at is None or attempt.arrived_at is None:
        return None
    if attempt.arrived_at < attempt.promised_start_at:
        return "early"
    return "on_time" if attempt.arrived_at <= attempt.promised_end_at else "late"


def failures(attempts: Sequence[Attempt]) -> list[tuple[str, Fraction]]:
    """The failure rate by reason, most frequent first."""
    codes = Counter(attempt.outcome for attempt in attempts if not attempt.succeeded)
    return [
        (code, Fraction(count, len(attempts)))
        for code, count in sorted(codes.items(), key=lambda one: (-one[1], one[0]))
    ]


Key = TypeVar("Key", date, str)


def by_key(
    attempts: Iterable[Attempt],
    drives: Iterable[Drive],
    of_attempt: Callable[[Attempt], Key],
    of_drive: Callable[[Drive], Key],
) -> dict[Key, Summary]:
    """The summaries of each group, in the order of its key."""
    groups: dict[Key, tuple[list[Attempt], list[Drive]]] = defaultdict(lambda: ([], []))
    for attempt in attempts:
        groups[of_attempt(attempt)][0].append(attempt)
    for drive in drives:
        groups[of_drive(drive)][1].append(drive)
    return {key: summary(*groups[key]) for key in sorted(groups)}
