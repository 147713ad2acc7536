"""What was planned: tours with times, what was left out and why, and the cost by named terms."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Costs:
    """The objective as named terms, in cents; their sum is what the search makes small.

    Each term of a tour is rounded once, half up. fixed: the van is used. hours: paid time from departure to the
    end of the tour. km: metres driven. overtime: the supplement after the shift's end. late: service that begins
    after a soft window's end. unfamiliar, zones, changes: visits made by a driver who does not know the place, outside
    the vehicle's zones, by another vehicle than before. Only in a plan's costs, 0 in a tour's: balance, how much longer
    the longest tour is than the shortest; left_out, prices of the visits not made.
    """

    fixed: int = 0
    hours: int = 0
    km: int = 0
    overtime: int = 0
    late: int = 0
    unfamiliar: int = 0
    zones: int = 0
    changes: int = 0
    balance: int = 0
    left_out: int = 0

    @property
    def total(self) -> int:
        """Sum of all terms."""
        return sum(self.terms().values())

    def terms(self) -> dict[str, int]:
        """The terms by name, in a fixed order."""
        return {term.name: getattr(self, term.name) for term in fields(self)}

    def __add__(self, other: Costs) -> Costs:
        return Costs(**{name: amount + getattr(other, name) for name, amount in self.terms().items()})


@dataclass(frozen=True, slots=True)
class Step:
    """One visit of a tour: reached at `arrive_s`, served from `start_s` to `leave_s`, `late_s` after its last window.

    `travel_s` and `metres` are of the way from the previous stop; `load_left` is aboard when the driver leaves.
    """

    visit: str
    arrive_s: int
    start_s: int
    leave_s: int
    late_s: int
    travel_s: int
    metres: int
    load_left: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Rest:
    """A break that is taken: `number` is its index in the vehicle's breaks, `after` the steps made before it.

    `part` is the index in the break's parts if it is split.
    """

    number: int
    after: int
    start_s: int
    end_s: int
    part: int = 0


@dataclass(frozen=True, slots=True)
class Reloading:
    """A visit to the depot within a tour: `point` is its index in the vehicle's reloads, `after` the steps before it.

    Reached at `arrive_s`, loading from `start_s` to `leave_s`; `load` is aboard when the driver leaves. `travel_s` and
    `metres` are of the way there.
    """

    point: int
    after: int
    arrive_s: int
    start_s: int
    leave_s: int
    travel_s: int
    metres: int
    load: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Tour:
    """What one vehicle does: leaves at `start_s`, makes the steps in order, is done at `end_s`.

    `load` is aboard at the start (with what stays aboard); `travel_s` and `metres` include the way to the end place.
    The way to a step is counted from the step or reloading before it.
    """

    vehicle: str
    steps: tuple[Step, ...]
    breaks: tuple[Rest, ...]
    start_s: int
    end_s: int
    travel_s: int
    metres: int
    load: tuple[int, ...]
    costs: Costs
    reloads: tuple[Reloading, ...] = ()

    @property
    def trips(self) -> tuple[tuple[str, ...], ...]:
        """Ids of the visits of each trip: the parts between depot visits."""
        cuts = [0, *(one.after for one in self.reloads), len(self.steps)]
        return tuple(self.visits[begin:end] for begin, end in pairwise(cuts))

    @property
    def visits(self) -> tuple[str, ...]:
        """Ids of the visits in order."""
        return tuple(step.visit for step in self.steps)

    @property
    def duration_s(self) -> int:
        """From departure to the end, waiting and breaks included: the paid time."""
        return self.end_s - self.start_s


@dataclass(frozen=True, slots=True)
class Unassigned:
    """A visit that is in no tour, with a stable code and a sentence that says why."""

    visit: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Plan:
    """The answer: one tour per used vehicle (in the problem's order), the rest with reasons, the cost of all.

    `engines` had a part in it.
    """

    tours: tuple[Tour, ...]
    unassigned: tuple[Unassigned, ...]
    costs: Costs
    engines: tuple[str, ...] = ()

    def tour_of(self, vehicle_id: str) -> Tour | None:
        """The tour of a vehicle, None when it stays at home."""
        return next((tour for tour in self.tours if tour.vehicle == vehicle_id), None)

    def vehicle_of(self, visit_id: str) -> str | None:
        """The vehicle that makes the visit, None when nobody does."""
        return next((tour.vehicle for tour in self.tours if visit_id in tour.visits), None)

    def sequences(self) -> dict[str, tuple[str, ...]]:
        """Visit ids in order, by vehicle."""
        return {tour.vehicle: tour.visits for tour in self.tours}

    @property
    def assigned(self) -> int:
        """How many visits are made."""
        return sum(len(tour.steps) for tour in self.tours)


def total_costs(tours: Iterable[Tour], left_out_cents: int, balance_cents_per_hour: int = 0) -> Costs:
    """Costs of a whole plan: the tours' terms added up, the price of imbalance and of what is left out."""
    tours = list(tours)
    spans = [tour.duration_s for tour in tours]
    imbalance_s = max(spans) - min(spans) if spans else 0
    total = Costs(left_out=left_out_cents, balance=(balance_cents_per_hour * imbalance_s + 1800) // 3600)
    for tour in tours:
        total = total + tour.costs
    return total
