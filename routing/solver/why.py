"""Why a visit is in no tour, as a code and a sentence with its quantities.

Codes, in the order in which they are looked for: `no_vehicle`, `excluded`, `no_vehicle_with_skill`, `too_heavy`,
`unreachable`, `window_cannot_be_met`, `outside_shift` (alone in an empty van it cannot be done), then, beside the
tours of the plan, `capacity_full`, `time_full`, `not_worth_price`; `fits` when the plan still has a place that pays.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

from routing.solver.plan import Plan, Unassigned
from routing.solver.problem import UNREACHABLE, Problem, Travel, Vehicle, Visit
from routing.solver.schedule import Scheduler
from routing.solver.words import Words

Tours = Mapping[int, Sequence[int]]


def explain_unassigned(
    problem: Problem,
    travel: Travel,
    plan: Plan,
    visit_id: str,
    *,
    names: Mapping[str, str] | None = None,
    clock: Callable[[int], str] | None = None,
) -> Unassigned:
    """Why `visit_id` is not in `plan` and could not simply be put in.

    `names` gives what to call ids in the sentence, `clock` how to write seconds since the plan's start. Raises
    `ProblemError` unknown_visit.
    """
    tours = {
        problem.vehicle_at(tour.vehicle): [problem.visit_at(one) for one in tour.visits if one != visit_id]
        for tour in plan.tours
    }
    return _Case(Scheduler(problem, travel), tours, problem.visit_at(visit_id), Words(names, clock)).reason()


def explain_all(scheduler: Scheduler, tours: Tours, visits: Sequence[int], *, seconds: float) -> list[Unassigned]:
    """The reasons of many visits (by index); after `seconds` the rest is only said to be unexplained."""
    until = time.monotonic() + seconds
    reasons = []
    for at in visits:
        if time.monotonic() < until:
            reasons.append(_Case(scheduler, tours, at, Words()).reason())
        else:
            text = "No place was found; the time to work out why was over."
            reasons.append(Unassigned(scheduler.problem.visits[at].id, "not_explained", text))
    return reasons


class _Case:
    """One visit that is left out, and the tours it was left out of."""

    def __init__(self, scheduler: Scheduler, tours: Tours, at: int, words: Words) -> None:
        self.scheduler, self.tours, self.at, self.words = scheduler, tours, at, words
        self.problem = scheduler.problem
        self.visit: Visit = self.problem.visits[at]

    def reason(self) -> Unassigned:
        """The first thing that stands in the way."""
        code, message = self._reason()
        return Unassigned(self.visit.id, code, message)

    def _reason(self) -> tuple[str, str]:
        vans = list(range(len(self.problem.vehicles)))
        if not vans:
            return "no_vehicle", "There is no vehicle to serve it."
        may = self.visit.allowed_vehicles
        allowed = [van for van in vans if may is None or self._van(van).id in may]
        if not allowed:
            return "excluded", "It is excluded from every vehicle."
        skilled = [van for van in allowed if self.visit.skills <= self._van(van).skills]
        if not skilled:
            return self._no_skill(allowed)
        strong = [van for van in skilled if self.scheduler.loads_fit(van, [self.at])]
        if not strong:
            return self._too_heavy(skilled)
        reachable = [van for van in strong if self._reachable(self._van(van))]
        if not reachable:
            return "unreachable", f"There is no road between it and the depot of {self._all(strong)}."
        able = [van for van in reachable if self.scheduler.price(van, [self.at]) is not None]
        if not able:
            return self._impossible_alone(reachable)
        return self._beside(able)

    def _van(self, van: int) -> Vehicle:
        return self.problem.vehicles[van]

    def _all(self, vans: Sequence[int]) -> str:
        """'van 3' or 'any of the 4 vehicles that may serve it'."""
        if len(vans) == 1:
            return self.words.name(self._van(vans[0]).id)
        return f"any of the {len(vans)} vehicles that may serve it"

    def _need(self) -> str:
        skills = sorted(self.visit.skills)
        return f"Needs {'skill' if len(skills) == 1 else 'skills'} {self.words.quoted(skills)}; " if skills else ""

    def _no_skill(self, allowed: Sequence[int]) -> tuple[str, str]:
        if self.visit.allowed_vehicles is None:
            return (
                "no_vehicle_with_skill",
                f"{self._need()}no vehicle has {'it' if len(self.visit.skills) == 1 else 'them all'}.",
            )
        locked = ", ".join(self.words.name(self._van(van).id) for van in allowed[:3])
        return "no_vehicle_with_skill", f"{self._need()}it may only go with {locked}, which cannot do that."

    def _too_heavy(self, vans: Sequence[int]) -> tuple[str, str]:
        for d, name in enumerate(self.problem.dimensions):
            most = max(self.scheduler.drivers[van].room[d] for van in vans)
            if self.visit.load[d] > most:
                return "too_heavy", (
                    f"It loads {self.visit.load[d]} of {name}; "
                    f"the largest vehicle that may serve it has room for {max(0, most)}."
                )
        return "too_heavy", "No vehicle that may serve it has room for all its loads together."

    def _reachable(self, vehicle: Vehicle) -> bool:
        legs = [(vehicle.start_place, self.visit.place)]
        if vehicle.end_place is not None:
            legs.append((self.visit.place, vehicle.end_place))
        tables = (self.scheduler.seconds, self.scheduler.metres)
        return all(table[leg] < UNREACHABLE for table in tables for leg in legs)

    def _impossible_alone(self, vans: Sequence[int]) -> tuple[str, str]:
        """Even as the only visit of a tour it breaks a rule: which one?"""
        words, visit = self.words, self.visit
        seconds, metres = self.scheduler.seconds, self.scheduler.metres
        arrive, first = min(
            (self._van(van).shift.earliest_s + seconds[self._van(van).start_place, visit.place], van) for van in vans
        )
        if visit.windows and visit.late_cents_per_hour is None and arrive > visit.windows[-1].latest_s:
            return "window_cannot_be_met", (
                f"Its window ends at {words.time(visit.windows[-1].latest_s)}; "
                f"the earliest arrival is {words.time(arrive)}, with {words.name(self._van(first).id)}."
            )
        backs = []
        for van in vans:
            vehicle = self._van(van)
            ready = vehicle.shift.earliest_s + seconds[vehicle.start_place, visit.place]
            begin = next((max(ready, one.earliest_s) for one in visit.windows if ready <= one.latest_s), ready)
            home = 0 if vehicle.end_place is None else seconds[visit.place, vehicle.end_place]
            backs.append((begin + visit.service_s + home - self.scheduler.drivers[van].hard_end_s, van))
        over, nearest = min(backs)
        if over > 0:
            hard_end = self.scheduler.drivers[nearest].hard_end_s
            return "outside_shift", (
                f"{words.name(self._van(nearest).id)} would be back at {words.time(hard_end + over)} at the earliest, "
                f"{words.span(over)} after its latest end of work at {words.time(hard_end)}."
            )
        far = [
            metres[one.start_place, visit.place] + (0 if one.end_place is None else metres[visit.place, one.end_place])
            for one in map(self._van, vans)
        ]
        if all(
            one.max_metres is not None and one.max_metres < way
            for one, way in zip(map(self._van, vans), far, strict=True)
        ):
            text = f"There and back is {min(far)} m, more than {self._all(vans)} may drive in a day."
            return "unreachable", text
        if all(one.max_visits == 0 for one in map(self._van, vans)):
            return "excluded", "No vehicle that may serve it is to make any stops."
        if visit.windows and visit.late_cents_per_hour is None:
            return "window_cannot_be_met", (
                f"With the breaks and the longest working time of {self._all(vans)} "
                f"it cannot be reached within {words.windows(visit.windows)}."
            )
        return "outside_shift", f"The way there, the service and the way back are too long for {self._all(vans)}."

    def _beside(self, able: Sequence[int]) -> tuple[str, str]:
        """Alone it could be served; what do the present tours say?"""
        words, scheduler, visit = self.words, self.scheduler, self.visit
        roomy: list[int] = []
        best: tuple[int, int, int] | None = None
        tried: set[int] = set()
        for van in able:
            tour = list(self.tours.get(van, ()))
            if not tour:
                if visit.allowed_vehicles is None and scheduler.kinds[van] in tried:
                    continue
                tried.add(scheduler.kinds[van])
            limit = self._van(van).max_visits
            if (limit is not None and len(tour) >= limit) or not scheduler.loads_fit(van, [*tour, self.at]):
                continue
            roomy.append(van)
            before = scheduler.price(van, tour) or 0
            for position, outline in scheduler.placements(van, tour, self.at):
                delta = scheduler.cents(van, outline) - before
                if best is None or delta < best[0]:
                    best = (delta, van, position)
        if best is not None:
            return self._affordable(*best)
        if not roomy:
            return self._no_room(able)
        busy = [van for van in roomy if self.tours.get(van)]
        tours = [scheduler.tour(van, self.tours[van]) for van in busy]
        spans = [(tour.start_s, tour.end_s) for tour in tours if tour is not None]
        when = (
            f" from {words.time(min(one[0] for one in spans))} to {words.time(max(one[1] for one in spans))}"
            if spans
            else ""
        )
        window = f" Its window is {words.windows(visit.windows)}." if visit.windows else ""
        if len(able) == 1:
            subject = f"only {words.name(self._van(able[0]).id)} may serve it and it is"
        else:
            subject = f"{len(able)} vehicles may serve it, {len(roomy)} with room for its load, all"
        return "time_full", _sentence(f"{self._need()}{subject} busy{when}.{window}")

    def _affordable(self, delta: int, van: int, position: int) -> tuple[str, str]:
        tour = self.tours.get(van, ())
        where = self.words.name(self._van(van).id)
        if position:
            where += f", after {self.words.name(self.problem.visits[tour[position - 1]].id)}"
        if delta >= self.visit.price_cents:
            out = _money(self.visit.price_cents)
            return (
                "not_worth_price",
                f"Serving it would cost {_money(delta)} more ({where}), leaving it out costs {out}.",
            )
        return "fits", f"There is a place for it at {_money(delta)} more: {where}."

    def _no_room(self, able: Sequence[int]) -> tuple[str, str]:
        visits = self.problem.visits
        for d, name in enumerate(self.problem.dimensions):
            spare = [
                self.scheduler.drivers[van].room[d] - sum(visits[at].load[d] for at in self.tours.get(van, ()))
                for van in able
            ]
            if max(spare) < self.visit.load[d]:
                has = (
                    "the only vehicle that may serve it has"
                    if len(able) == 1
                    else f"the {len(able)} vehicles that may serve it have"
                )
                return "capacity_full", _sentence(
                    f"{self._need()}{has} room for at most {max(0, *spare)} of {name}, it loads {self.visit.load[d]}."
                )
        return "capacity_full", _sentence(f"{self._need()}every vehicle that may serve it is full.")


def _money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
