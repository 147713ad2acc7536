"""A place for a visit in a plan that stands: what it costs there, or what stands against it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from routing.solver.check import Fault
from routing.solver.plan import Tour
from routing.solver.problem import ProblemError
from routing.solver.standing import Codes, Standing, tidied


@dataclass(frozen=True, eq=False)
class Option:
    """One place for a visit: on `vehicle`, with `position` visits and `trip` reloads before it, and what changes.

    Of a pair `position` is that of the pickup and `delivery_position` how many visits (the pickup counted) come before
    the delivery. `reload_before` and `reload_after` are new reloads (index in the vehicle's reloads) right before and
    after the visit. The deltas are of the whole plan against the plan without the visit (its price is not counted).
    `alike` are other unused vehicles for which the same is true. What else is asked is worked out on asking.
    """

    vehicle: str
    position: int
    delta_cents: int
    delta_s: int
    delta_metres: int
    feasible: bool = True
    trip: int = 0
    delivery_position: int | None = None
    reload_before: int | None = None
    reload_after: int | None = None
    alike: tuple[str, ...] = ()
    codes: Codes = field(default=(), repr=False)
    standing: Standing | None = field(default=None, repr=False)
    visits: tuple[int, ...] = field(default=(), repr=False)

    @cached_property
    def tour(self) -> Tour:
        """The vehicle's tour with the visit."""
        assert self.standing is not None
        return self.standing.tour(self.standing.problem.vehicle_at(self.vehicle), self.codes)

    @cached_property
    def newly_late(self) -> tuple[str, ...]:
        """Visits of the tour that miss their window by more than before."""
        return newly_late(self._before(), [self.tour])

    @cached_property
    def delta_late_s(self) -> int:
        """Seconds of lateness that come to the tour, of all its visits together."""
        return late_s([self.tour]) - late_s(self._before())

    @cached_property
    def broken(self) -> tuple[str, ...]:
        """The hard rules that stand against it, in words; none where it is feasible."""
        if self.feasible or self.standing is None:
            return ()
        return tuple(fault.message for fault in against(self.standing, self.vehicle, self.visits, self.codes))

    def _before(self) -> list[Tour]:
        assert self.standing is not None
        tour = self.standing.tours.get(self.standing.problem.vehicle_at(self.vehicle))
        return [] if tour is None else [tour]


@dataclass(frozen=True, eq=False)
class Obstacle:
    """A place that is none: what stands against it is said on asking. `position` None: any on that vehicle.

    The other fields are as in `Option`.
    """

    vehicle: str
    position: int | None
    trip: int = 0
    delivery_position: int | None = None
    alike: tuple[str, ...] = ()
    codes: Codes = field(default=(), repr=False)
    standing: Standing | None = field(default=None, repr=False)
    visits: tuple[int, ...] = field(default=(), repr=False)

    @cached_property
    def broken(self) -> tuple[str, ...]:
        """What would be broken there, in words."""
        assert self.standing is not None
        return tuple(fault.message for fault in against(self.standing, self.vehicle, self.visits, self.codes))


@dataclass(frozen=True, eq=False)
class Answer:
    """Where a visit can go: `options` that keep every rule, cheapest first, and `obstacles` for all other places."""

    options: tuple[Option, ...]
    _blocked: Callable[[], tuple[Obstacle, ...]] = field(repr=False)

    @cached_property
    def obstacles(self) -> tuple[Obstacle, ...]:
        """All places that are not among the options."""
        return self._blocked()


def against(standing: Standing, vehicle_id: str, visits: Sequence[int], codes: Codes) -> list[Fault]:
    """Everything that stands against a sequence with these visits on a vehicle."""
    van = standing.problem.vehicle_at(vehicle_id)
    faults = list(standing.barriers(visits, van))
    for other in sorted(standing.spoiled - {van}):
        faults += standing.faults_of(other, standing.tours[other])
    try:
        tour = standing.tour(van, tidied(codes, len(standing.problem.visits)))
    except ProblemError:
        text = f"There is no road for {standing.words.name(vehicle_id)} to this visit."
        return [*faults, Fault("unreachable", text, vehicle_id, standing.problem.visits[visits[0]].id)]
    return faults + standing.faults_of(van, tour)


def late_s(tours: Sequence[Tour]) -> int:
    """Seconds of lateness of all visits of these tours."""
    return sum(step.late_s for tour in tours for step in tour.steps)


def newly_late(before: Sequence[Tour], tours: Sequence[Tour]) -> tuple[str, ...]:
    """Visits that miss their soft window by more than in the tours before."""
    late = {step.visit: step.late_s for tour in before for step in tour.steps}
    return tuple(step.visit for tour in tours for step in tour.steps if step.late_s > late.get(step.visit, 0))
