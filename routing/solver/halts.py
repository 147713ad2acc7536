"""A written tour laid out for the judge: its stops and depot visits in one row, each with the breaks on the way."""

from __future__ import annotations

from dataclasses import dataclass

from routing.solver.plan import Reloading, Rest, Step, Tour
from routing.solver.problem import Problem, Visit, Window
from routing.solver.words import Words


@dataclass(slots=True)
class Halt:
    """One stop or depot visit: what the plan says of it (`written`), what must be done there, what lies before it.

    `rests` are the breaks between the halt before and the service here, in order of time; `windows` when service
    may begin, `soft` whether it may begin later.
    """

    written: Step | Reloading
    visit: Visit | None
    place: int
    service_s: int
    windows: tuple[Window, ...]
    soft: bool
    who: str
    rests: list[Rest]

    @property
    def begins(self) -> str:
        """Its name at the beginning of a sentence."""
        return self.who if self.visit is not None else self.who.capitalize()

    @property
    def visit_id(self) -> str | None:
        """The visit's id, None for a depot."""
        return None if self.visit is None else self.visit.id

    def opens_at(self, ready_s: int) -> tuple[int, int]:
        """When service begins for a driver ready at `ready_s`, and in which window (their number: after the last)."""
        for number, window in enumerate(self.windows):
            if ready_s <= window.latest_s:
                return max(ready_s, window.earliest_s), number
        return ready_s, len(self.windows)

    def late_s(self, start_s: int) -> int:
        """By how much service that begins at `start_s` comes after the last window."""
        return max(0, start_s - self.windows[-1].latest_s) if self.windows else 0


class Course:
    """A tour of one vehicle as a row of halts. `homeward` are the breaks after the last of them.

    Depot visits that cannot be (not the vehicle's, or nowhere in the tour) are not in the row; the rules name them.
    """

    def __init__(self, problem: Problem, tour: Tour, words: Words) -> None:
        self.problem, self.tour, self.words = problem, tour, words
        self.vehicle = problem.vehicle(tour.vehicle)
        self.who = words.name(self.vehicle.id)
        self.halts: list[Halt] = []
        reloads: dict[int, list[Reloading]] = {}
        for reloading in tour.reloads:
            if 0 <= reloading.point < len(self.vehicle.reloads):
                reloads.setdefault(reloading.after, []).append(reloading)
        rests: dict[int, list[Rest]] = {}
        for rest in sorted(tour.breaks, key=lambda one: (one.start_s, one.end_s)):
            rests.setdefault(rest.after, []).append(rest)
        for number in range(len(tour.steps) + 1):
            waiting = rests.get(number, [])
            for reloading in reloads.get(number, ()):
                taken = [rest for rest in waiting if rest.start_s < reloading.start_s]
                waiting = waiting[len(taken) :]
                self.halts.append(self._depot(reloading, taken))
            if number < len(tour.steps):
                self.halts.append(self._stop(tour.steps[number], waiting))
            else:
                self.homeward = waiting

    def _stop(self, step: Step, rests: list[Rest]) -> Halt:
        visit = self.problem.visit(step.visit)
        service_s = visit.service_s * self.vehicle.service_percent // 100 + visit.parcels * self.vehicle.parcel_s
        soft = visit.late_cents_per_hour is not None
        return Halt(step, visit, visit.place, service_s, visit.windows, soft, self.words.name(visit.id), rests)

    def _depot(self, reloading: Reloading, rests: list[Rest]) -> Halt:
        point = self.vehicle.reloads[reloading.point]
        who = f"the depot after stop {reloading.after} of {self.who}"
        return Halt(reloading, None, point.place, point.service_s, point.windows, False, who, rests)
