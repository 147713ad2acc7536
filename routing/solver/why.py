"""Why a visit is in no tour, as a code and a sentence with its quantities, and what could give way.

Codes, in the order in which they are looked for: `no_vehicle`, `excluded`, `no_vehicle_with_skill`, `outside_zones`,
`too_heavy`, `unreachable`, `window_cannot_be_met`, `outside_shift` (alone in an empty van it cannot be done), then,
beside the tours of the plan, `must_share_van`, `too_many_changes`, `kept_apart`, `lock_in_the_way`, `capacity_full`,
`time_full`, `not_worth_price`; `fits` when the plan still has a place that pays. A visit of a pair is explained with
its partner, since neither is made without the other.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

from core.words import say, say_many
from routing.solver import offers
from routing.solver.kernel import placing
from routing.solver.kernel.layout import outside
from routing.solver.plan import Plan, Unassigned
from routing.solver.problem import UNREACHABLE, Problem, Travel, Vehicle, Visit
from routing.solver.relax import Relaxation
from routing.solver.schedule import Scheduler
from routing.solver.standing import Standing
from routing.solver.words import as_sentence, money

Tours = Mapping[int, Sequence[int]]


class Explanation(Unassigned):
    """Why a visit is left out; the ways out are looked for when somebody asks."""

    _standing: Standing

    def __init__(self, reason: Unassigned, standing: Standing) -> None:
        super().__init__(reason.visit, reason.code, reason.message)
        object.__setattr__(self, "_standing", standing)

    @cached_property
    def relaxations(self) -> tuple[Relaxation, ...]:
        """Rules that could give way, each with the exact price of serving the visit then, cheapest first."""
        return tuple(offers.relaxations(self._standing, self.visit))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Unassigned):
            return NotImplemented
        return (self.visit, self.code, self.message) == (other.visit, other.code, other.message)

    def __hash__(self) -> int:
        return hash((self.visit, self.code, self.message))


def explain_unassigned(
    problem: Problem,
    travel: Travel,
    plan: Plan,
    visit_id: str,
    *,
    names: Mapping[str, str] | None = None,
    clock: Callable[[int], str] | None = None,
) -> Explanation:
    """Why `visit_id` is not in `plan` and could not simply be put in, and (`relaxations`) what could give way.

    `names` gives what to call ids in the sentence, `clock` how to write seconds since the plan's start. Raises
    `ProblemError` unknown_visit.
    """
    return explained(Standing(problem, travel, plan, names=names, clock=clock), visit_id)


def explained(standing: Standing, visit_id: str) -> Explanation:
    """The same for a plan that stands; for many visits of one plan."""
    at = standing.problem.visit_at(visit_id)
    return Explanation(_Case(standing, at).reason(), standing.as_it_is())


def explain_all(scheduler: Scheduler, plan: Plan, visits: Sequence[int], *, seconds: float) -> list[Unassigned]:
    """The reasons of visits (by index) that a plan leaves out; after `seconds` the rest is said to be unexplained."""
    until = time.monotonic() + seconds
    problem = scheduler.problem
    standing = Standing(problem, scheduler.travel, plan, scheduler=scheduler) if visits and seconds > 0 else None
    reasons: list[Unassigned] = []
    for at in visits:
        if standing is not None and time.monotonic() < until:
            reasons.append(_Case(standing, at).reason())
        else:
            text = say("No place was found; the time to work out why was over.")
            reasons.append(Unassigned(problem.visits[at].id, "not_explained", text))
    return reasons


class _Case:
    """One visit that is left out, and the tours it was left out of."""

    def __init__(self, standing: Standing, at: int) -> None:
        self.problem, self.travel, self.words = standing.problem, standing.travel, standing.words
        pair = standing.pairs.get(at)
        self.asked = (at,) if pair is None else tuple(map(self.problem.visit_at, (pair.pickup, pair.delivery)))
        self.standing = standing.without(self.asked)
        self.visit: Visit = self.problem.visits[at]
        self.visits = [self.problem.visits[one] for one in self.asked]
        self.locks = [lock for lock in self.problem.locks if {one.id for one in self.visits} & set(lock.visits)]

    def reason(self) -> Unassigned:
        """The first thing that stands in the way."""
        code, message = self._reason()
        return Unassigned(self.visit.id, code, message)

    def _reason(self) -> tuple[str, str]:
        vans = list(range(len(self.problem.vehicles)))
        if not vans:
            return "no_vehicle", say("There is no vehicle to serve it.")
        allowed = [van for van in vans if self._allowed(self._van(van))]
        if not allowed:
            return self._excluded()
        skilled = [van for van in allowed if all(one.skills <= self._van(van).skills for one in self.visits)]
        if not skilled:
            return self._no_skill(allowed)
        zoned = [
            van
            for van in skilled
            if not (self._van(van).zones_hard and any(outside(one, self._van(van)) for one in self.visits))
        ]
        if not zoned:
            zones = self.words.quoted(sorted({one.zone for one in self.visits if one.zone is not None}))
            return "outside_zones", say("It lies in {zones}; no vehicle that may serve it works there.", zones=zones)
        alone = {van: self._alone(van) for van in zoned}
        strong = [van for van in zoned if alone[van] != placing.BY_LOAD]
        if not strong:
            return self._too_heavy(zoned)
        reachable = [van for van in strong if self._reachable(self._van(van))]
        if not reachable:
            return "unreachable", say("There is no road between it and the depot of {all}.", all=self._all(strong))
        numbered = any(lock.position is not None for lock in self.locks)
        able = [van for van in reachable if alone[van] == placing.FREE or (alone[van] == placing.BY_RULE and numbered)]
        if not able:
            return self._impossible_alone(reachable)
        return self._beside(able)

    # -- vehicles ----------------------------------------------------------------------------------------------------

    def _van(self, van: int) -> Vehicle:
        return self.problem.vehicles[van]

    def _all(self, vans: Sequence[int]) -> str:
        """'van 3' or 'any of the 4 vehicles that may serve it'."""
        if len(vans) == 1:
            return self.words.name(self._van(vans[0]).id)
        return say("any of the {count} vehicles that may serve it", count=len(vans))

    def _allowed(self, vehicle: Vehicle) -> bool:
        """Whether it is not kept from this vehicle by name."""
        return all(
            (one.allowed_vehicles is None or vehicle.id in one.allowed_vehicles)
            and (one.aboard is None or one.aboard == vehicle.id)
            for one in self.visits
        ) and all(lock.vehicle == vehicle.id for lock in self.locks)

    def _alone(self, van: int) -> int:
        """What stands against a tour of it alone, after a reload if need be: the obstacle of the best try."""
        first = self.standing.first_code[van]
        trials = [self.asked, *((first + point, *self.asked) for point in range(len(self._van(van).reloads)))]
        found = [self.standing.obstacle(van, codes) for codes in trials]
        return placing.FREE if placing.FREE in found else max(found)

    def _need(self) -> str:
        skills = sorted(frozenset[str]().union(*(one.skills for one in self.visits)))
        if not skills:
            return ""
        named = self.words.quoted(skills)
        return say_many("Needs skill {skills}; ", "Needs skills {skills}; ", len(skills), skills=named)

    def _excluded(self) -> tuple[str, str]:
        held = [one.aboard for one in self.visits if one.aboard is not None]
        held += [lock.vehicle for lock in self.locks]
        if held:
            vans = " and ".join(self.words.name(one) for one in dict.fromkeys(held))
            return "excluded", say("It is tied to {vans}, and no vehicle satisfies all that ties it.", vans=vans)
        return "excluded", say("It is excluded from every vehicle.")

    def _no_skill(self, allowed: Sequence[int]) -> tuple[str, str]:
        named = any(one.allowed_vehicles is not None or one.aboard is not None for one in self.visits)
        if not named and not self.locks:
            many = len(frozenset[str]().union(*(one.skills for one in self.visits))) > 1
            lacking = say("no vehicle has them all.") if many else say("no vehicle has it.")
            return "no_vehicle_with_skill", self._need() + lacking
        locked = ", ".join(self.words.name(self._van(van).id) for van in allowed[:3])
        held = say("it may only go with {vans}, which cannot do that.", vans=locked)
        return "no_vehicle_with_skill", self._need() + held

    def _too_heavy(self, vans: Sequence[int]) -> tuple[str, str]:
        loads = self._loads()
        for d, name in enumerate(self.problem.dimensions):
            most = max(self._room(van)[d] for van in vans)
            if loads[d] > most:
                return "too_heavy", (
                    say(
                        "It loads {loads} of {name}; the largest vehicle that may serve it has room for {max}.",
                        loads=loads[d],
                        name=name,
                        max=max(0, most),
                    )
                )
        if all(self._van(van).under_way for van in vans) and any(one.aboard is None for one in self.visits):
            return "too_heavy", say(
                "It is not aboard, and {all} is under way and does not come to a depot.", all=self._all(vans)
            )
        return "too_heavy", say("No vehicle that may serve it has room for all its loads together.")

    def _loads(self) -> list[int]:
        """The most that it takes up by itself, by dimension."""
        pair = self.standing.pairs.get(self.asked[0])
        both = [(sum(one.load[d] for one in self.visits)) for d in range(len(self.problem.dimensions))]
        taken = [sum((one.pickup or one.load)[d] * bool(one.pickup) for one in self.visits) for d in range(len(both))]
        paired = pair.load if pair is not None and pair.load else (0,) * len(both)
        return [max(carried, more, tied) for carried, more, tied in zip(both, taken, paired, strict=True)]

    def _room(self, van: int) -> tuple[int, ...]:
        vehicle = self._van(van)
        stays = vehicle.initial_load or (0,) * len(vehicle.capacity)
        return tuple(most - there for most, there in zip(vehicle.capacity, stays, strict=True))

    # -- alone in an empty van ---------------------------------------------------------------------------------------

    def _reachable(self, vehicle: Vehicle) -> bool:
        places = [vehicle.start_place, *(one.place for one in self.visits)]
        if vehicle.end_place is not None:
            places.append(vehicle.end_place)
        tables = (self.travel.seconds, self.travel.metres)
        return all(table[places[at], places[at + 1]] < UNREACHABLE for table in tables for at in range(len(places) - 1))

    def _way_s(self, vehicle: Vehicle) -> int:
        """When the vehicle could be there at the earliest, by way of the pickup where there is one."""
        now, here = vehicle.shift.earliest_s, vehicle.start_place
        for one in self.visits:
            now += self.travel.leg_s(here, one.place, now)
            if one is self.visit:
                break
            ready = next((max(now, window.earliest_s) for window in one.windows if now <= window.latest_s), now)
            now, here = ready + _service_s(one, vehicle), one.place
        return now

    def _impossible_alone(self, vans: Sequence[int]) -> tuple[str, str]:
        """Even as the only visit of a tour it breaks a rule: which one?"""
        words, visit = self.words, self.visit
        arrive, first = min((self._way_s(self._van(van)), van) for van in vans)
        if visit.windows and visit.late_cents_per_hour is None and arrive > visit.windows[-1].latest_s:
            return "window_cannot_be_met", (
                say(
                    "Its window ends at {time}; the earliest arrival is {time2}, with {name}.",
                    time=words.time(visit.windows[-1].latest_s),
                    time2=words.time(arrive),
                    name=words.name(self._van(first).id),
                )
            )
        backs = []
        for van in vans:
            vehicle = self._van(van)
            ready = self._way_s(vehicle)
            begin = next((max(ready, one.earliest_s) for one in visit.windows if ready <= one.latest_s), ready)
            done = begin + _service_s(visit, vehicle)
            home = 0 if vehicle.end_place is None else self.travel.leg_s(visit.place, vehicle.end_place, done)
            backs.append((done + home - self._hard_end_s(vehicle), van))
        over, nearest = min(backs)
        if over > 0:
            hard_end = self._hard_end_s(self._van(nearest))
            return "outside_shift", (
                say(
                    "{name} would be back at {time} at the earliest, {span} after its latest end of work at {time2}.",
                    name=words.name(self._van(nearest).id),
                    time=words.time(hard_end + over),
                    span=words.span(over),
                    time2=words.time(hard_end),
                )
            )
        far = [self._metres(self._van(van)) for van in vans]
        longest = [self._van(van).max_metres for van in vans]
        if all(most is not None and most < way for most, way in zip(longest, far, strict=True)):
            return "unreachable", say(
                "There and back is {min} m, more than {all} may drive in a day.", min=min(far), all=self._all(vans)
            )
        limits = [self._van(van).max_visits for van in vans]
        if all(limit is not None and limit < len(self.asked) for limit in limits):
            return "excluded", say("No vehicle that may serve it is to make any stops.")
        if visit.windows and visit.late_cents_per_hour is None:
            return "window_cannot_be_met", (
                say(
                    "With the breaks and the longest working time of {all} it cannot be reached within {windows}.",
                    all=self._all(vans),
                    windows=words.windows(visit.windows),
                )
            )
        return "outside_shift", say(
            "The way there, the service and the way back are too long for {all}.", all=self._all(vans)
        )

    def _hard_end_s(self, vehicle: Vehicle) -> int:
        extra = vehicle.overtime.max_s if vehicle.overtime else 0
        return min(vehicle.shift.latest_s + extra, self.problem.horizon_s)

    def _metres(self, vehicle: Vehicle) -> int:
        places = [vehicle.start_place, *(one.place for one in self.visits)]
        if vehicle.end_place is not None:
            places.append(vehicle.end_place)
        return sum(int(self.travel.metres[places[at], places[at + 1]]) for at in range(len(places) - 1))

    # -- beside the tours of the plan --------------------------------------------------------------------------------

    def _beside(self, able: Sequence[int]) -> tuple[str, str]:
        """Alone it could be served; what do the present tours say?"""
        standing = self.standing
        barred = {van: next(standing.barriers(self.asked, van), None) for van in able}
        free = [van for van in able if barred[van] is None]
        if not free:
            fault = next(one for one in barred.values() if one is not None)
            return ("must_share_van" if fault.code == "together" else fault.code), fault.message
        vans = list(standing.unlike(self.asked, free))
        rows = standing.rows(self.asked[0], self.asked[1] if len(self.asked) > 1 else None, vans)
        good = rows[rows[:, placing.ROW_OBSTACLE] == placing.FREE]
        if len(good):
            cents = standing.deltas(good)
            best = int(cents.argmin())
            van, index = int(good[best, placing.ROW_VAN]), int(good[best, placing.ROW_INDEX])
            return self._affordable(int(cents[best]), van, index)
        obstacles = {van: set(rows[rows[:, placing.ROW_VAN] == van][:, placing.ROW_OBSTACLE].tolist()) for van in vans}
        roomy = [van for van in vans if obstacles[van] & {placing.BY_TIME, placing.BY_METRES}]
        if roomy:
            return self._no_time(free, roomy)
        if all(placing.BY_LOAD not in some for some in obstacles.values()):
            return self._by_rule(vans)
        return self._no_room(free)

    def _affordable(self, delta: int, van: int, index: int) -> tuple[str, str]:
        before = [at for at in self.standing.sequences.get(van, ())[:index] if at < len(self.problem.visits)]
        where = self.words.name(self._van(van).id)
        if before:
            after = self.words.name(self.problem.visits[before[-1]].id)
            where = say("{van}, after {stop}", van=where, stop=after)
        price = sum(one.price_cents for one in self.visits)
        if delta >= price:
            text = say(
                "Serving it would cost {money} more ({where}), leaving it out costs {money2}.",
                money=money(delta),
                where=where,
                money2=money(price),
            )
            return "not_worth_price", text
        return "fits", say("There is a place for it at {money} more: {where}.", money=money(delta), where=where)

    def _no_time(self, able: Sequence[int], roomy: Sequence[int]) -> tuple[str, str]:
        words = self.words
        tours = [self.standing.tours[van] for van in roomy if van in self.standing.tours]
        if len(able) == 1:
            van = words.name(self._van(able[0]).id)
            busy = say("only {van} may serve it and it is busy", van=van)
        else:
            busy = say(
                "{count} vehicles may serve it, {roomy} with room for its load, all busy",
                count=len(able),
                roomy=len(roomy),
            )
        if tours:
            start, end = min(one.start_s for one in tours), max(one.end_s for one in tours)
            busy = say("{busy} from {start} to {end}", busy=busy, start=words.time(start), end=words.time(end))
        window = ""
        if self.visit.windows:
            window = " " + say("Its window is {windows}.", windows=words.windows(self.visit.windows))
        return "time_full", as_sentence(f"{self._need()}{busy}.{window}")

    def _by_rule(self, vans: Sequence[int]) -> tuple[str, str]:
        ids = {one.id for one in self.visits}
        if any(group & ids for group in self.problem.apart):
            return "kept_apart", say(
                "{as_sentence} makes a stop that must not share a van with it.",
                as_sentence=as_sentence(self._all(vans)),
            )
        if self.locks or any(lock.strength != "driver" for lock in self.problem.locks):
            return "lock_in_the_way", say(
                "The locked order of stops of {all} leaves no place for it.", all=self._all(vans)
            )
        return "capacity_full", say(
            "{as_sentence} makes as many stops as it may.", as_sentence=as_sentence(self._all(vans))
        )

    def _no_room(self, able: Sequence[int]) -> tuple[str, str]:
        loads = self._loads()
        for d, name in enumerate(self.problem.dimensions):
            spare = [
                self._room(van)[d]
                - sum(self.problem.visits[at].load[d] for at in self._codes(van) if at < len(self.problem.visits))
                for van in able
                if not self._van(van).reloads
            ]
            if len(spare) == len(able) and max(spare) < loads[d]:
                told = say_many(
                    "the only vehicle that may serve it has room for at most {room} of {load}, it loads {amount}.",
                    "the {count} vehicles that may serve it have room for at most {room} of {load}, it loads {amount}.",
                    len(able),
                    room=max(0, *spare),
                    load=name,
                    amount=loads[d],
                )
                return "capacity_full", as_sentence(self._need() + told)
        return "capacity_full", as_sentence(self._need() + say("every vehicle that may serve it is full."))

    def _codes(self, van: int) -> Sequence[int]:
        return self.standing.sequences.get(van, ())


def _service_s(visit: Visit, vehicle: Vehicle) -> int:
    return visit.service_s * vehicle.service_percent // 100 + visit.parcels * vehicle.parcel_s
