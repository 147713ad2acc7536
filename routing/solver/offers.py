"""Ways out for a visit that is left out, each with its exact price: which rule would have to give way, and by how much.

One rule gives way in each offer. Where no single one helps, a rule about the visit gives way first and then another.
What concerns the visit is tried on the whole plan, what concerns a vehicle on a small problem of that vehicle alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from routing.solver.alone import Part
from routing.solver.kernel import placing
from routing.solver.kernel.layout import Ints
from routing.solver.plan import Costs, Plan
from routing.solver.relax import CODES, Relaxation, apply, sentence
from routing.solver.standing import Standing
from routing.solver.validity import MAX_LOAD

#: A minute more of somebody's time (a longer shift, a wider window), or a kilometre, weighs so much against cheaper
#: places that need more of it. It chooses between places only; offers are priced without it.
CENTS_PER_MINUTE_ASKED = 100
#: What lateness costs per hour where the caller has set no price anywhere: well above any van's hour.
LATE_CENTS_PER_HOUR = 6_000
#: How many vehicles are offered for one kind of way out.
VEHICLES_OFFERED = 2
#: Widest opening of a window that is looked at.
WIDEST_S = 8 * 3600


def relaxations(standing: Standing, visit_id: str) -> list[Relaxation]:
    """The ways out for a visit that is in no tour, cheapest first; none if it has a place at a price that pays.

    If it has a place that costs more than leaving it out, the only way out is a higher price. Raises `ProblemError`
    unknown_visit.
    """
    found = _Offers(standing, visit_id).ranked()
    return found or _after_another(standing, visit_id)


def _after_another(standing: Standing, visit_id: str) -> list[Relaxation]:
    """Offers where two rules give way: first one about the visit, then any other."""
    offers = _Offers(standing, visit_id)
    found: list[Relaxation] = []
    for first in offers.first_steps():
        loose = Standing(
            apply(first, standing.problem),
            standing.travel,
            _bare(offers.standing),
            names=standing.names,
            clock=standing.clock,
        )
        for offer in _Offers(loose, visit_id).ranked()[:VEHICLES_OFFERED]:
            both = replace(offer, also=(first,))
            found.append(replace(both, message=sentence(both, standing.problem, standing.words)))
    # Two rules in either order are the same way out.
    unlike = {(frozenset((one.code, one.also[0].code)), one.vehicle, one.delta_cents): one for one in reversed(found)}
    return sorted(unlike.values(), key=_rank)


def _rank(one: Relaxation) -> tuple[int, int, str]:
    return one.delta_cents, CODES.index(one.code), one.on


class _Offers:
    """The search for ways out for one visit (or pair)."""

    def __init__(self, standing: Standing, visit_id: str) -> None:
        problem = standing.problem
        at = problem.visit_at(visit_id)
        pair = standing.pairs.get(at)
        self.asked = (at,) if pair is None else (problem.visit_at(pair.pickup), problem.visit_at(pair.delivery))
        self.standing = standing.without(self.asked)
        self.problem, self.travel, self.words = problem, standing.travel, standing.words
        self.ids = tuple(problem.visits[one].id for one in self.asked)
        self.found: list[Relaxation] = []

    def ranked(self) -> list[Relaxation]:
        """All offers, cheapest first."""
        standing = self.standing
        vans = self._vans()
        barriers = {van: self._barriers(van) for van in vans}
        open_vans = [van for van in vans if not barriers[van]]
        rows = standing.rows(*self._both(self.asked), open_vans)
        free = rows[rows[:, placing.ROW_OBSTACLE] == placing.FREE]
        price = sum(self.problem.visits[at].price_cents for at in self.asked)
        if len(free):
            best = int(standing.deltas(free).min())
            if best >= price:
                self._offer(
                    Relaxation(code="raise_price", visits=self.ids, amount=-(-(best + 1 - price) // len(self.asked)))
                )
            return self.found
        stands: dict[int, set[int]] = {
            van: set(rows[rows[:, placing.ROW_VAN] == van][:, placing.ROW_OBSTACLE].tolist()) for van in open_vans
        }
        for code in dict.fromkeys(code for codes in barriers.values() if len(codes) == 1 for code in codes if code):
            amount = len(self.asked) if code == "more_changes" else 0
            self._offer(Relaxation(code=code, visits=self.ids, amount=amount))
        if any(placing.BY_TIME in some for some in stands.values()):
            self._windows()
        if any(placing.BY_RULE in some for some in stands.values()):
            self._groups()
        for code, obstacle in _OF_VEHICLES:
            self._vehicles(code, [van for van in open_vans if obstacle in stands[van]])
        self._one_more_van(vans, barriers)
        return sorted(self.found, key=_rank)

    def first_steps(self) -> list[Relaxation]:
        """Rules about the visit that could give way first; none if it has a place already."""
        barriers = [self._barriers(van) for van in self._vans()]
        open_vans = [van for van, codes in zip(self._vans(), barriers, strict=True) if not codes]
        rows = self.standing.rows(*self._both(self.asked), open_vans)
        if (rows[:, placing.ROW_OBSTACLE] == placing.FREE).any():
            return []
        codes = sorted({code for some in barriers if "" not in some for code in some})
        steps = [
            Relaxation(code=code, visits=self.ids, amount=len(self.asked) if code == "more_changes" else 0)
            for code in codes
        ]
        visits = [self.problem.visits[at] for at in self.asked]
        if any(one.windows and one.late_cents_per_hour is None for one in visits):
            steps.append(Relaxation(code="may_be_late", visits=self.ids, amount=self._late_rate()))
        return steps

    def _late_rate(self) -> int:
        """The dearest price of lateness that there is."""
        rates = [one.late_cents_per_hour for one in self.problem.visits if one.late_cents_per_hour]
        return max(rates, default=LATE_CENTS_PER_HOUR)

    # -- vehicles and what bars them ---------------------------------------------------------------------------------

    def _vans(self) -> list[int]:
        """All vehicles, but of unused ones that are alike (and named by no rule) only the first."""
        vehicles = self.problem.vehicles
        named = {lock.vehicle for lock in self.problem.locks}
        for at in self.asked:
            visit = self.problem.visits[at]
            named |= (visit.allowed_vehicles or frozenset()) | {visit.aboard or ""}
        called = [van for van, vehicle in enumerate(vehicles) if vehicle.id in named]
        others = [van for van, vehicle in enumerate(vehicles) if vehicle.id not in named]
        return sorted([*called, *self.standing.unlike(self.asked, others)])

    def _barriers(self, van: int) -> set[str]:
        """Codes of the ways out that this vehicle needs before anything else is looked at; "" if there is none."""
        vehicle, codes = self.problem.vehicles[van], set()
        for at in self.asked:
            visit = self.problem.visits[at]
            if visit.aboard is not None and visit.aboard != vehicle.id:
                codes.add("")
            if not visit.skills <= vehicle.skills:
                codes.add("ignore_skills")
            if visit.allowed_vehicles is not None and vehicle.id not in visit.allowed_vehicles:
                codes.add("ignore_allowed")
            if vehicle.zones_hard and visit.zone is not None and visit.zone not in (vehicle.zones or {visit.zone}):
                codes.add("ignore_zone")
            if any(visit.id in lock.visits and lock.vehicle != vehicle.id for lock in self.problem.locks):
                codes.add("ignore_lock")
        for fault in self.standing.barriers(self.asked, van):
            codes.add({"together": "ignore_together", "too_many_changes": "more_changes"}[fault.code])
        return codes

    @staticmethod
    def _both(asked: Sequence[int]) -> tuple[int, int | None]:
        return asked[0], asked[1] if len(asked) > 1 else None

    # -- offers ------------------------------------------------------------------------------------------------------

    def _offer(self, relaxation: Relaxation) -> bool:
        """Work out the price of a way out on the whole problem and keep it; whether there is a place then."""
        priced = self._priced(relaxation)
        if priced is not None:
            self.found.append(priced)
        return priced is not None

    def _priced(self, relaxation: Relaxation) -> Relaxation | None:
        problem = apply(relaxation, self.problem)
        there = Standing(problem, self.travel, _bare(self.standing))
        vans = [
            van
            for van in range(len(problem.vehicles))
            if all(there.data.may[at, van] for at in self.asked)
            and not any(True for _ in there.barriers(self.asked, van))
        ]
        rows = there.rows(*self._both(self.asked), vans)
        free = rows[rows[:, placing.ROW_OBSTACLE] == placing.FREE]
        if not len(free):
            return None
        cents = there.deltas(free)
        best = int(cents.argmin())
        return self._told(relaxation, there, free[best], int(cents[best]))

    def _told(self, relaxation: Relaxation, there: Standing, row: Ints, cents: int) -> Relaxation:
        van = int(row[placing.ROW_VAN])
        now = there.tours.get(van)
        codes = there.sequences.get(van, ())[: int(row[placing.ROW_INDEX])]
        done = replace(
            relaxation,
            on=there.problem.vehicles[van].id,
            position=sum(at < len(there.problem.visits) for at in codes),
            delta_cents=cents,
            delta_s=int(row[placing.ROW_END] - row[placing.ROW_START]) - (0 if now is None else now.duration_s),
            delta_metres=int(row[placing.ROW_METRES]) - (0 if now is None else now.metres),
        )
        return replace(done, message=sentence(done, self.problem, self.words))

    def _windows(self) -> None:
        visits = [self.problem.visits[at] for at in self.asked]
        hard = [one for one in visits if one.windows and one.late_cents_per_hour is None]
        if hard and self._offer(Relaxation(code="may_be_late", visits=self.ids, amount=self._late_rate())):
            self._least("window_later")
        if any(one.windows and one.windows[0].earliest_s for one in visits):
            self._least("window_earlier")

    def _least(self, code: str) -> None:
        """The smallest opening, in whole minutes, that makes a place."""
        widest = WIDEST_S // 60
        if code == "window_earlier":
            firsts = [
                one.windows[0].earliest_s for one in (self.problem.visits[at] for at in self.asked) if one.windows
            ]
            widest = min(widest, -(-max(firsts) // 60))
        best = self._priced(Relaxation(code=code, visits=self.ids, amount=widest * 60))
        low, high = 0, widest
        while best is not None and high - low > 1:
            middle = (low + high) // 2 if high > 32 else low + (high - low) // 2
            trial = self._priced(Relaxation(code=code, visits=self.ids, amount=middle * 60))
            if trial is None:
                low = middle
            else:
                best, high = trial, middle
        if best is not None:
            self.found.append(best)

    def _groups(self) -> None:
        """Apart groups and locks of order or position that the visit itself is in."""
        ids = set(self.ids)
        offered = {one.code for one in self.found}
        if any(group & ids for group in self.problem.apart):
            self._offer(Relaxation(code="ignore_apart", visits=self.ids))
        placed = any(lock.strength != "driver" and ids & set(lock.visits) for lock in self.problem.locks)
        if placed and "ignore_lock" not in offered:
            self._offer(Relaxation(code="ignore_lock", visits=self.ids))

    def _vehicles(self, code: str, vans: Sequence[int]) -> None:
        """The same way out on each of these vehicles, the cheapest of them kept."""
        if code == "shift_earlier":
            vans = [van for _, van in sorted(self._early(van) for van in vans)[: 2 * VEHICLES_OFFERED]]
        offers = [offer for van in vans if (offer := self._on(code, van)) is not None]
        self.found += sorted(offers, key=lambda one: one.delta_cents)[:VEHICLES_OFFERED]

    def _early(self, van: int) -> tuple[int, int]:
        """What the cheapest place on a vehicle costs that could begin as early as it liked."""
        part = Part(self.standing, van, self.asked)
        rows = part.free(self._wide("shift_earlier", van))
        return (int(part.cents(rows).min()) if len(rows) else 1 << 60), van

    def _least_early(self, part: Part, wide: Relaxation) -> Relaxation | None:
        """The shortest time, in whole minutes, by which work must begin earlier."""
        low, high = 0, -(-wide.amount // 60)
        while high - low > 1:
            middle = (low + high) // 2
            if len(part.free(replace(wide, amount=middle * 60))):
                high = middle
            else:
                low = middle
        return self._finished(part, replace(wide, amount=min(high * 60, wide.amount), amounts=()))

    def _on(self, code: str, van: int) -> Relaxation | None:
        vehicle, horizon_s = self.problem.vehicles[van], self.problem.horizon_s
        wide = self._wide(code, van)
        most = wide.amount
        if most <= 0:
            return None
        part = Part(self.standing, van, self.asked)
        rows = part.free(wide)
        if not len(rows):
            return None
        if code == "shift_earlier":
            return self._least_early(part, wide)
        if code in ("more_visits", "one_more_reload"):
            return self._finished(part, replace(wide, amounts=()))
        if code == "over_capacity":
            return self._over_capacity(part, wide, rows)
        spans = rows[:, placing.ROW_END] - rows[:, placing.ROW_START]
        extra = vehicle.overtime.max_s if vehicle.overtime else 0
        asked = {
            "shift_later": rows[:, placing.ROW_END] - min(vehicle.shift.latest_s + extra, horizon_s),
            "longer_duration": spans - (vehicle.max_duration_s or 0),
            "more_metres": rows[:, placing.ROW_METRES] - (vehicle.max_metres or 0),
        }[code]
        weight = 60 if code != "more_metres" else 1000
        best = int((part.cents(rows) + np.maximum(0, asked) * CENTS_PER_MINUTE_ASKED // weight).argmin())
        amount = -(-max(1, int(asked[best])) // weight) * weight
        return self._finished(part, replace(wide, amount=min(most, amount), amounts=()))

    def _wide(self, code: str, van: int) -> Relaxation:
        """The way out on a vehicle as far as it could be taken; amount 0 if the rule is not there."""
        vehicle = self.problem.vehicles[van]
        dimensions, horizon_s = len(self.problem.dimensions), self.problem.horizon_s
        most = {
            "shift_later": horizon_s - vehicle.shift.latest_s,
            "shift_earlier": 0 if vehicle.under_way else min(WIDEST_S, vehicle.shift.earliest_s),
            "longer_duration": horizon_s if vehicle.max_duration_s is not None else 0,
            "more_metres": 10**9 if vehicle.max_metres is not None else 0,
            "more_visits": len(self.asked) if vehicle.max_visits is not None else 0,
            "over_capacity": 1 if dimensions else 0,
            "one_more_reload": 1 if vehicle.reloads else 0,
        }[code]
        return Relaxation(code=code, visits=self.ids, vehicle=vehicle.id, amount=most, amounts=(MAX_LOAD,) * dimensions)

    def _over_capacity(self, part: Part, wide: Relaxation, rows: Ints) -> Relaxation | None:
        vehicle = part.vehicle
        best: tuple[float, int] | None = None
        found: dict[int, tuple[int, ...]] = {}
        cents = part.cents(rows)
        for at in cents.argsort(kind="stable")[:8].tolist():
            tour = part.tour(wide, rows[at])
            loads = [tour.load, *(one.load for one in tour.reloads), *(step.load_left for step in tour.steps)]
            found[at] = tuple(max(0, max(load[d] for load in loads) - most) for d, most in enumerate(vehicle.capacity))
            share = sum(over / max(1, most) for over, most in zip(found[at], vehicle.capacity, strict=True))
            key = (share * 10_000 + int(cents[at]), at)
            best = key if best is None else min(best, key)
        assert best is not None
        return self._finished(part, replace(wide, amount=0, amounts=found[best[1]]))

    def _finished(self, part: Part, relaxation: Relaxation) -> Relaxation | None:
        """An offer on one vehicle with its exact price; None if the place has gone through rounding."""
        rows = part.free(relaxation)
        if not len(rows):
            return None
        cents = part.cents(rows)
        row = rows[int(cents.argmin())].copy()
        row[placing.ROW_VAN] = part.van
        return self._told(relaxation, self.standing, row, int(cents.min()))

    def _one_more_van(self, vans: Sequence[int], barriers: dict[int, set[str]]) -> None:
        """Another van with its driver like one that may serve it."""
        kinds: dict[int, int] = {}
        for van in vans:
            harmless = {"ignore_together", "more_changes"}
            if self.problem.vehicles[van].under_way or barriers[van] - harmless or "ignore_together" in barriers[van]:
                continue
            kinds.setdefault(self.standing.kinds[van], van)
        if any(self.problem.visits[at].aboard is not None for at in self.asked):
            return
        offers = []
        for van in kinds.values():
            vehicle = self.problem.vehicles[van]
            number = 2
            while self.problem.has_vehicle(f"{vehicle.id}+{number}"):
                number += 1
            offer = self._priced(
                Relaxation(
                    code="one_more_van", visits=self.ids, vehicle=vehicle.id, amount=1, on=f"{vehicle.id}+{number}"
                )
            )
            if offer is not None:
                offers.append(offer)
        self.found += sorted(offers, key=lambda one: one.delta_cents)[:VEHICLES_OFFERED]


#: Ways out on one vehicle and the obstacle that they remove.
_OF_VEHICLES = (
    ("shift_later", placing.BY_TIME),
    ("shift_earlier", placing.BY_TIME),
    ("longer_duration", placing.BY_TIME),
    ("more_metres", placing.BY_METRES),
    ("more_visits", placing.BY_RULE),
    ("over_capacity", placing.BY_LOAD),
    ("one_more_reload", placing.BY_LOAD),
)


def _bare(standing: Standing) -> Plan:
    """The tours alone, as a plan to stand on."""
    return Plan(tuple(standing.tours[van] for van in sorted(standing.tours)), (), Costs())
