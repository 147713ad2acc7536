"""The best plan of a small problem, found by looking at every tour of every vehicle and every way to combine them.

What one tour costs is asked of a function, so that the same enumeration judges any scheduler; what ties tours to each
other (groups, the number of changes, balance, prices of what is left out) is reckoned here. A reload may stand before
any visit. Up to 6 visits and 2 vehicles take well under a second if a price takes some microseconds; 9 visits without
reloads take about a million prices for each vehicle that may make all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from routing.solver.check import check_tour
from routing.solver.problem import UNREACHABLE, Problem, Travel
from routing.solver.schedule import Scheduler
from tests.routing.timing_oracle import half_up, laid, reload_codes

#: Cents and seconds of a tour; None if a rule that concerns it alone is broken.
Price = Callable[[int, tuple[int, ...]], tuple[int, int] | None]


@dataclass(frozen=True, slots=True)
class Optimum:
    """The least a plan can cost, and the sequence of each vehicle in one plan that costs it."""

    cents: int
    sequences: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class _Choice:
    """The best tour of its length in time for one set of visits."""

    cents: int
    duration_s: int
    sequence: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Partial:
    """What some of the vehicles can do together: `shortest` and `longest` are of their tours."""

    cents: int
    changes: int
    shortest_s: int
    longest_s: int
    sequences: tuple[tuple[int, ...], ...]

    def beats(self, other: _Partial) -> bool:
        """Whether whatever can follow the other can follow this one, for no more money."""
        return (
            self.cents <= other.cents
            and self.changes <= other.changes
            and self.shortest_s >= other.shortest_s
            and self.longest_s <= other.longest_s
        )


_NEVER = 1 << 60


def optimum(problem: Problem, travel: Travel, price: Price) -> Optimum:
    """The cheapest plan by `price` and the terms of the plan."""
    count = len(problem.visits)
    best: dict[int, list[_Partial]] = {0: [_Partial(0, 0, _NEVER, -1, ())]}
    groups = [_mask(problem, group) for group in problem.together]
    balanced = problem.prices.balance_cents_per_hour
    for van, vehicle in enumerate(problem.vehicles):
        moved = [
            at
            for at, visit in enumerate(problem.visits)
            if problem.before.get(visit.id, vehicle.id) != vehicle.id and problem.max_changes is not None
        ]
        merged: dict[int, list[_Partial]] = {
            done: [_Partial(p.cents, p.changes, p.shortest_s, p.longest_s, (*p.sequences, ())) for p in partials]
            for done, partials in best.items()
        }
        for served, choices in _tours(problem, travel, van, price).items():
            changes = sum(served >> at & 1 for at in moved)
            for done, partials in best.items():
                if done & served or any(done & group and served & group for group in groups):
                    continue
                into = merged.setdefault(done | served, [])
                for one in partials:
                    if problem.max_changes is not None and one.changes + changes > problem.max_changes:
                        continue
                    for choice in choices:
                        _keep(into, _joined(one, choice, changes, bool(balanced)))
        best = merged
    prices = [visit.price_cents for visit in problem.visits]
    found: Optimum | None = None
    for done, partials in best.items():
        left_out = sum(prices[at] for at in range(count) if not done >> at & 1)
        for one in partials:
            apart_s = max(0, one.longest_s - one.shortest_s)
            cents = one.cents + left_out + half_up(Fraction(balanced * apart_s, 3600))
            if found is None or cents < found.cents:
                found = Optimum(cents, one.sequences)
    assert found is not None
    return found


def slow_price(problem: Problem, travel: Travel) -> Price:
    """Prices without the solver's scheduling: every tour is laid by trying everything and judged by `check_tour`."""

    def price(van: int, sequence: tuple[int, ...]) -> tuple[int, int] | None:
        tour = laid(problem, travel, van, sequence)
        if tour is None or check_tour(problem, travel, tour):
            return None
        return tour.costs.total, tour.duration_s

    return price


def scheduler_price(scheduler: Scheduler) -> Price:
    """Prices by the solver's own scheduling; how long a tour takes is asked only where balance has a price."""
    balanced = scheduler.problem.prices.balance_cents_per_hour

    def price(van: int, sequence: tuple[int, ...]) -> tuple[int, int] | None:
        cents = scheduler.price(van, sequence)
        if cents is None or not balanced:
            return None if cents is None else (cents, 0)
        outline = scheduler.outline(van, sequence)
        return None if outline is None else (cents, outline.end_s - outline.start_s)

    return price


def _joined(one: _Partial, choice: _Choice, changes: int, balanced: bool) -> _Partial:
    return _Partial(
        one.cents + choice.cents,
        one.changes + changes,
        min(one.shortest_s, choice.duration_s) if balanced else _NEVER,
        max(one.longest_s, choice.duration_s) if balanced else -1,
        (*one.sequences, choice.sequence),
    )


def _keep(partials: list[_Partial], new: _Partial) -> None:
    if any(one.beats(new) for one in partials):
        return
    partials[:] = [one for one in partials if not new.beats(one)]
    partials.append(new)


def _tours(problem: Problem, travel: Travel, van: int, price: Price) -> dict[int, list[_Choice]]:
    """For each set of visits (as bits) the tours worth keeping: with balance the cheapest of every duration."""
    count, rate = len(problem.visits), problem.prices.balance_cents_per_hour
    found: dict[int, dict[int, _Choice]] = {}
    for sequence in _sequences(problem, travel, van):
        told = price(van, sequence)
        if told is None:
            continue
        cents, duration_s = told
        served = sum(1 << at for at in sequence if at < count)
        choices = found.setdefault(served, {})
        key = duration_s if rate else 0
        if key not in choices or cents < choices[key].cents:
            choices[key] = _Choice(cents, duration_s, sequence)
    return {served: _worthwhile(list(choices.values()), rate) for served, choices in found.items()}


def _worthwhile(choices: list[_Choice], rate: int) -> list[_Choice]:
    """Without tours so dear that no balance could pay for them: it changes by no more than their duration does."""
    kept: list[_Choice] = []
    for one in sorted(choices, key=lambda choice: choice.cents):
        if not any(
            other.cents + -(-rate * abs(other.duration_s - one.duration_s) // 3600) + 1 < one.cents for other in kept
        ):
            kept.append(one)
    return kept


def _sequences(problem: Problem, travel: Travel, van: int) -> Iterator[tuple[int, ...]]:
    """Every order of every set of visits with every choice of depot visits, less what surely breaks a rule.

    A beginning is given up only for what no continuation can mend: a vehicle that may not make the visit, an order or
    a distance that is broken already, a window that the fastest drive has missed.
    """
    vehicle, count = problem.vehicles[van], len(problem.visits)
    able = [at for at in range(count) if _may(problem, van, at)]
    after = _before_me(problem, able)
    apart = [_mask(problem, group) for group in problem.apart]
    partner = {}
    for pair in problem.pairs:
        pickup, delivery = problem.visit_at(pair.pickup), problem.visit_at(pair.delivery)
        partner[pickup], partner[delivery] = delivery, pickup
    codes = reload_codes(problem, van)
    most = count if vehicle.max_visits is None else vehicle.max_visits
    hard_end = min(vehicle.shift.latest_s + (vehicle.overtime.max_s if vehicle.overtime else 0), problem.horizon_s)

    def extended(
        sequence: tuple[int, ...], done: int, made: int, reloads: int, place: int, time_s: int, metres: int
    ) -> Iterator[tuple[int, ...]]:
        if sequence and sequence[-1] < count and all(done >> partner.get(at, at) & 1 for at in sequence if at < count):
            yield sequence
        if made == most:
            return
        nexts: list[int] = [
            at
            for at in able
            if not done >> at & 1
            and not done & after[at]
            and not (at in partner and partner[at] not in able)
            and not any(group >> at & 1 and group & done for group in apart)
        ]
        if reloads < vehicle.max_reloads and (not sequence or sequence[-1] < count):
            nexts += codes
        for at in nexts:
            stop = vehicle.reloads[at - codes.start] if at >= count else problem.visits[at]
            leg_s, leg_m = travel.leg_s(place, stop.place, time_s), int(travel.metres[place, stop.place])
            if leg_s >= UNREACHABLE or leg_m >= UNREACHABLE:
                continue
            begin_s = time_s + leg_s
            window = next((one for one in stop.windows if begin_s <= one.latest_s), None)
            soft = at < count and problem.visits[at].late_cents_per_hour is not None
            if stop.windows and window is None and not soft:
                continue
            if window is not None:
                begin_s = max(begin_s, window.earliest_s)
            service_s = stop.service_s
            if at < count:
                visit = problem.visits[at]
                service_s = service_s * vehicle.service_percent // 100 + visit.parcels * vehicle.parcel_s
            further_m = metres + leg_m
            if begin_s + service_s > hard_end or (vehicle.max_metres is not None and further_m > vehicle.max_metres):
                continue
            is_visit = at < count
            yield from extended(
                (*sequence, at),
                done | (1 << at if is_visit else 0),
                made + is_visit,
                reloads + (not is_visit),
                stop.place,
                begin_s + service_s,
                further_m,
            )

    yield from extended((), 0, 0, 0, vehicle.start_place, vehicle.shift.earliest_s, 0)


def _may(problem: Problem, van: int, at: int) -> bool:
    vehicle, visit = problem.vehicles[van], problem.visits[at]
    zoned = not vehicle.zones_hard or vehicle.zones is None or visit.zone is None or visit.zone in vehicle.zones
    locked = all(lock.vehicle == vehicle.id for lock in problem.locks if visit.id in lock.visits)
    allowed = visit.allowed_vehicles is None or vehicle.id in visit.allowed_vehicles
    return zoned and locked and allowed and visit.skills <= vehicle.skills and visit.aboard in (None, vehicle.id)


def _before_me(problem: Problem, able: Sequence[int]) -> dict[int, int]:
    """For each visit the visits (as bits) that may not have been made when it is made."""
    wrong = dict.fromkeys(able, 0)
    for pair in problem.pairs:
        pickup, delivery = problem.visit_at(pair.pickup), problem.visit_at(pair.delivery)
        if pickup in wrong:
            wrong[pickup] |= 1 << delivery
    for lock in problem.locks:
        if lock.strength == "order":
            ordered = [problem.visit_at(visit_id) for visit_id in lock.visits]
            for number, at in enumerate(ordered):
                if at in wrong:
                    wrong[at] |= sum(1 << later for later in ordered[number + 1 :])
    return wrong


def _mask(problem: Problem, group: frozenset[str]) -> int:
    return sum(1 << problem.visit_at(visit_id) for visit_id in group)
