"""A plan looked at closely, built once and asked many times: what if this visit went there?

`Standing` keeps the tours of a plan as arrays beside the problem's; a question (`options`) prices every place of every
tour anew by the rules of the search, an answer that is taken (`accept`) changes only the tours concerned. It serves a
dispatcher's drag, slot offers, the nearest driver, "why not there?" and the repair of plans.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from core.words import say
from routing.solver.check import Fault, check_tour
from routing.solver.kernel import placing
from routing.solver.kernel.layout import RELOADS, UNITS_PER_CENT, UNITS_PER_RATE_SECOND, Ints, Small
from routing.solver.plan import Plan, Tour, Unassigned, total_costs
from routing.solver.problem import Pair, Problem, ProblemError, Travel, Vehicle
from routing.solver.schedule import Scheduler
from routing.solver.words import Words

Codes = tuple[int, ...]


class Standing:
    """A plan of a problem. Raises `ProblemError` unknown_visit, unknown_vehicle for a plan of another problem.

    What the plan says of its tours is believed. `names` and `clock` put ids and seconds into the caller's words.
    """

    def __init__(
        self,
        problem: Problem,
        travel: Travel,
        plan: Plan,
        *,
        names: Mapping[str, str] | None = None,
        clock: Callable[[int], str] | None = None,
        scheduler: Scheduler | None = None,
    ) -> None:
        self.problem, self.travel, self.plan = problem, travel, plan
        self.names, self.clock, self.words = names, clock, Words(names, clock)
        self.scheduler = scheduler or Scheduler(problem, travel)
        self._desk = placing.desk(1)
        self.data = self.scheduler.data
        self.pairs: dict[int, Pair] = {}
        for pair in problem.pairs:
            self.pairs[problem.visit_at(pair.pickup)] = self.pairs[problem.visit_at(pair.delivery)] = pair
        self.first_code = [self.scheduler.reload_codes(van).start for van in range(len(problem.vehicles))]
        self._fellows: dict[int, list[int]] = {}
        for group in problem.together:
            members = [problem.visit_at(one) for one in group]
            self._fellows.update(dict.fromkeys(members, members))
        self._before = {problem.visit_at(key): problem.vehicle_at(van) for key, van in problem.before.items()}
        kinds: dict[Vehicle, int] = {}
        self.kinds = [kinds.setdefault(replace(vehicle, id=""), at) for at, vehicle in enumerate(problem.vehicles)]
        self.tours: dict[int, Tour] = {}
        self.sequences: dict[int, Codes] = {}
        self.owner: dict[int, int] = {}
        self._table: Small = np.zeros((len(problem.vehicles), 1), dtype=np.int32)
        self._lengths: Small = np.zeros(len(problem.vehicles), dtype=np.int32)
        self._changes: int | None = None
        self.spoiled: frozenset[int] = frozenset()
        self._read(plan.tours)

    # -- what stands -------------------------------------------------------------------------------------------------

    def accept(self, plan: Plan) -> None:
        """From now on this plan stands (the answer to a question put before); only tours that differ are read."""
        self.plan = plan
        self._read(plan.tours)

    def without(self, visits: Iterable[int]) -> Standing:
        """The same plan as if these visits (by index) were not planned; this one stays as it is.

        Where ways round are shorter than the direct one, taking out a stop may spoil a tour: its vehicle is then in
        `spoiled`. Raises `ProblemError` unreachable if no road leads along what remains.
        """
        gone = set(visits) & set(self.owner)
        if not gone:
            return self
        other = copy.copy(self)
        other.tours, other.sequences = dict(self.tours), dict(self.sequences)
        other.owner = {at: van for at, van in self.owner.items() if at not in gone}
        other._changes = None
        other._table, other._lengths = self._table.copy(), self._lengths.copy()
        for van in sorted({self.owner[at] for at in gone}):
            codes = tidied([at for at in self.sequences[van] if at not in gone], len(self.problem.visits))
            other._set(van, codes)
            if codes and self.judged(van, codes) is None and self.judged(van, self.sequences[van]) is not None:
                other.spoiled = other.spoiled | {van}
        return other

    def as_it_is(self) -> Standing:
        """This moment's view: what is accepted later does not change it."""
        return copy.copy(self)

    def with_tour(self, van: int, codes: Sequence[int]) -> Standing:
        """The same plan with another sequence for one vehicle, of visits of its own tour and of none.

        Raises `ProblemError` unreachable where no road leads along it.
        """
        other = copy.copy(self)
        other.tours, other.sequences = dict(self.tours), dict(self.sequences)
        other._table, other._lengths = self._table.copy(), self._lengths.copy()
        other.owner = {at: one for at, one in self.owner.items() if one != van}
        other._changes = None
        other.owner.update({at: van for at in codes if at < len(self.problem.visits)})
        other._set(van, tuple(codes))
        other.spoiled = self.spoiled - {van}
        return other

    def written(self, unassigned: Sequence[Unassigned]) -> Plan:
        """The tours as they stand as a plan, with what is left out."""
        tours = tuple(self.tours[van] for van in sorted(self.tours))
        left_out = sum(self.problem.visit(one.visit).price_cents for one in unassigned)
        return Plan(tours, tuple(unassigned), total_costs(tours, left_out, self.problem.prices.balance_cents_per_hour))

    def _read(self, tours: Iterable[Tour]) -> None:
        known, self.tours = self.tours, {}
        for tour in tours:
            van = self.problem.vehicle_at(tour.vehicle)
            self.tours[van] = tour
            if known.get(van) is not tour:
                self.sequences[van] = tuple(self.scheduler.sequence(tour))
                self._fill(van)
        for van in set(self.sequences) - set(self.tours):
            del self.sequences[van]
            self._lengths[van] = 0
        count = len(self.problem.visits)
        self.owner = {at: van for van, codes in self.sequences.items() for at in codes if at < count}
        self._changes = None

    def _set(self, van: int, codes: Codes) -> None:
        if not codes:
            self.tours.pop(van, None)
            self.sequences.pop(van, None)
            self._lengths[van] = 0
            return
        self.tours[van] = self.tour(van, codes)
        self.sequences[van] = codes
        self._fill(van)

    def _fill(self, van: int) -> None:
        codes = self.sequences[van]
        if len(codes) > self._table.shape[1]:
            wider = np.zeros((len(self._table), len(codes) + 8), dtype=np.int32)
            wider[:, : self._table.shape[1]] = self._table
            self._table = wider
            self._desk = placing.desk(wider.shape[1])
        self._table[van, : len(codes)] = codes
        self._lengths[van] = len(codes)

    def tour(self, van: int, codes: Sequence[int]) -> Tour:
        """A sequence with its times, hard rules broken if need be; `ProblemError` unreachable without a road."""
        written = self.scheduler.tour(van, list(codes)) or self.scheduler.tour(van, list(codes), relaxed=True)
        if written is None:
            name = self.words.name(self.problem.vehicles[van].id)
            raise ProblemError(
                "unreachable", say("No road leads {name} along these stops.", name=name), self.problem.vehicles[van].id
            )
        return written

    def imbalance(self, van: int, spans: Ints) -> Ints:
        """Cents for imbalance if that vehicle's tour lasted `spans` (each by itself); -1 says it has none."""
        rate = self.problem.prices.balance_cents_per_hour
        if not rate:
            return np.zeros_like(spans)
        others = [tour.duration_s for at, tour in self.tours.items() if at != van]
        longest, shortest = (max(others), min(others)) if others else (0, 1 << 60)
        apart = np.where(
            spans >= 0, np.maximum(spans, longest) - np.minimum(spans, shortest), longest - shortest if others else 0
        )
        return (rate * apart + 1800) // 3600

    def imbalance_cents(self, van: int, span: int) -> int:
        """The same for one span."""
        return int(self.imbalance(van, np.array([span], dtype=np.int64))[0])

    # -- questions ---------------------------------------------------------------------------------------------------

    def unlike(self, visits: Sequence[int], vans: Iterable[int]) -> dict[int, list[int]]:
        """Those of `vans` that differ for these visits, each with the others that are like it.

        Used vehicles are all different; unused ones are alike if only their id is not the same, all or none of them may
        make the visits and it costs the same extra.
        """
        first: dict[tuple[int, ...], int] = {}
        found: dict[int, list[int]] = {}
        extra, may = self.data.extra, self.data.may
        for van in vans:
            if van not in self.tours:
                key = (self.kinds[van], *(int(may[at, van]) for at in visits))
                key += tuple(int(extra[at, van]) for at in visits) if extra.size else ()
                if (one := first.setdefault(key, van)) != van:
                    found[one].append(van)
                    continue
            found[van] = []
        return found

    def rows(self, pickup: int, delivery: int | None = None, vans: Sequence[int] | None = None) -> Ints:
        """Every place for the visit (or pair) on these vehicles as rows of `placing`, whatever stands against it."""
        asked = np.array(range(len(self.problem.vehicles)) if vans is None else vans, dtype=np.int32)
        reloads = self.data.van[:, RELOADS].astype(np.int32)
        size = placing.room_for_rows(self._lengths, asked, delivery is not None, reloads)
        rows = np.zeros((size, placing.ROW_COLUMNS), dtype=np.int64)
        if not size:
            return rows
        if delivery is None:
            count = placing.place_visit(self.data, asked, self._table, self._lengths, pickup, rows, self._desk)
        else:
            count = placing.place_pair(self.data, asked, self._table, self._lengths, pickup, delivery, rows, self._desk)
        return rows[:count]

    def deltas(self, rows: Ints) -> Ints:
        """What the plan costs more with each of the free `rows`: rounded term by term, like every plan."""
        cents = np.zeros(len(rows), dtype=np.int64)
        for van in np.unique(rows[:, placing.ROW_VAN]):
            mine = rows[:, placing.ROW_VAN] == van
            cents[mine] = self.cents(int(van), rows[mine])
        return cents

    def cents(self, van: int, rows: Ints) -> Ints:
        """The same for rows of one vehicle."""
        vehicle = self.problem.vehicles[van]
        spans = rows[:, placing.ROW_END] - rows[:, placing.ROW_START]
        cents = vehicle.fixed_cents + (vehicle.cents_per_hour * spans + 1800) // 3600
        cents += (vehicle.cents_per_km * rows[:, placing.ROW_METRES] + 500) // 1000
        if vehicle.overtime:
            over = np.maximum(0, rows[:, placing.ROW_END] - vehicle.shift.latest_s)
            cents += (vehicle.overtime.cents_per_hour * over + 1800) // 3600
        cents += (rows[:, placing.ROW_LATE] // UNITS_PER_RATE_SECOND + 1800) // 3600
        cents += rows[:, placing.ROW_EXTRA] // UNITS_PER_CENT
        now = self.tours.get(van)
        cents -= 0 if now is None else now.costs.total
        if self.problem.prices.balance_cents_per_hour:
            cents += self.imbalance(van, spans) - self.imbalance_cents(van, -1 if now is None else now.duration_s)
        return np.asarray(cents)

    def sequence(self, row: Sequence[int], pickup: int, delivery: int | None) -> Codes:
        """The sequence that a row speaks of."""
        codes = list(self.sequences.get(int(row[placing.ROW_VAN]), ()))
        index = int(row[placing.ROW_INDEX])
        if delivery is not None:
            codes.insert(int(row[placing.ROW_SECOND]), delivery)
        new = [pickup]
        if row[placing.ROW_BEFORE] >= 0:
            new.insert(0, int(row[placing.ROW_BEFORE]))
        if row[placing.ROW_AFTER] >= 0:
            new.append(int(row[placing.ROW_AFTER]))
        codes[index:index] = new
        return tuple(codes)

    def least_bad(self, van: int, pickup: int, delivery: int | None) -> tuple[int, Ints]:
        """Seconds by which time rules are broken at the least bad place on a vehicle, and that place as a row.

        -1 seconds where no road leads there.
        """
        row = np.zeros((1, placing.ROW_COLUMNS), dtype=np.int64)
        second = -1 if delivery is None else delivery
        length = int(self._lengths[van])
        broken = placing.least_bad(self.data, van, self._table[van], length, pickup, second, row[0], self._desk)
        return int(broken), row

    def judged(self, van: int, codes: Sequence[int]) -> Ints | None:
        """Times of a sequence as a row of `placing`; None if it breaks a rule that concerns this tour alone."""
        row = np.zeros((1, placing.ROW_COLUMNS), dtype=np.int64)
        if (
            placing.judge(self.data, van, np.array(codes, dtype=np.int32), len(codes), row[0], self._desk)
            != placing.FREE
        ):
            return None
        return row

    def obstacle(self, van: int, codes: Sequence[int]) -> int:
        """What stands first against a sequence on a vehicle, as in `placing`."""
        row = np.zeros(placing.ROW_COLUMNS, dtype=np.int64)
        return int(placing.judge(self.data, van, np.array(codes, dtype=np.int32), len(codes), row, self._desk))

    def cheapest(self, van: int, trials: Sequence[Codes]) -> Codes:
        """The sequence that keeps all rules at the least price, else the one that breaks time rules by least."""
        known = [
            (int(self.cents(van, row)[0]), at)
            for at, one in enumerate(trials)
            if (row := self.judged(van, one)) is not None
        ]
        if known:
            return trials[min(known)[1]]
        broken = [
            (outline.broken_s, at)
            for at, one in enumerate(trials)
            if (outline := self.scheduler.outline(van, list(one), relaxed=True)) is not None
        ]
        return trials[min(broken)[1]] if broken else trials[0]

    def barriers(self, visits: Sequence[int], van: int) -> Iterator[Fault]:
        """Rules between tours that stand against these visits, planned nowhere now, going to a vehicle."""
        vehicles, name = self.problem.vehicles, self.words.name
        for at in visits:
            visit = self.problem.visits[at]
            for fellow in self._fellows.get(at, ()):
                its = self.owner.get(fellow, van)
                if its != van:
                    who = self.problem.visits[fellow].id
                    text = say(
                        "{name} must share a van with {name2}, which {name3} makes.",
                        name=name(visit.id),
                        name2=name(who),
                        name3=name(vehicles[its].id),
                    )
                    yield Fault("together", text, vehicles[van].id, visit.id)
                    break
        limit = self.problem.max_changes
        if limit is not None:
            moved = sum(self._before.get(at, van) != van for at in visits)
            if moved and self.changes + moved > limit:
                text = say(
                    "{changes} stops would change their driver, {limit} may.", changes=self.changes + moved, limit=limit
                )
                yield Fault("too_many_changes", text, vehicles[van].id, self.problem.visits[visits[0]].id)

    @property
    def changes(self) -> int:
        """How many visits another vehicle makes than before."""
        if self._changes is None:
            self._changes = sum(self.owner.get(at, was) != was for at, was in self._before.items())
        return self._changes

    def faults_of(self, van: int, tour: Tour) -> list[Fault]:
        """What a tour by itself breaks, in words."""
        return check_tour(self.problem, self.travel, tour, names=self.names, clock=self.clock)


def tidied(codes: Sequence[int], visits: int) -> Codes:
    """A sequence without reloads that nothing follows, as visits that were taken out may leave them."""
    kept: list[int] = []
    for at in codes:
        if kept and kept[-1] >= visits and at >= visits:
            kept.pop()
        kept.append(at)
    while kept and kept[-1] >= visits:
        kept.pop()
    return tuple(kept)
