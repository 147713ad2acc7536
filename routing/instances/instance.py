"""A public instance as its file states it, in whole units of distance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from routing.instances.errors import InstanceError

IntMatrix = npt.NDArray[np.int32]
Times = tuple[int, int]

#: More customers than this are refused: one matrix of their distances alone takes 1.6 GB.
MAX_CUSTOMERS = 20_000


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Instance:
    """Places with the depot at 0; `numbers[place]` is what the file (and a solution file) calls the customer there.

    `kind` is vrptw, pdptw or cvrp. `duration` is the same array as `distance` where both are equal, and zeros where
    nothing has a time. `windows` say when service may begin (None: always), the depot's when vehicles are on the road;
    times have the unit of `duration`. `pairs` are (pickup, delivery) places of one order: a delivery's demand is
    what the pickup's is, below zero. Raises `InstanceError` for what no plan can serve or no file may say.
    """

    name: str
    kind: str
    numbers: tuple[int, ...]
    distance: IntMatrix
    duration: IntMatrix
    demand: tuple[int, ...]
    windows: tuple[Times | None, ...]
    service: tuple[int, ...]
    fleet: int
    capacity: int
    pairs: tuple[tuple[int, int], ...] = ()

    def __post_init__(self) -> None:
        if self.fleet < 1:
            raise InstanceError("no_vehicles", f"The instance has {self.fleet} vehicles.")
        if self.capacity < 0:
            raise InstanceError("negative_amount", f"The vehicles' capacity is negative: {self.capacity}.")
        check_size(len(self.numbers))
        for place, number in enumerate(self.numbers):
            self._check_place(place, "The depot" if place == 0 else f"Customer {number}")
        self._check_pairs()
        needed = sum(self.demand[1:])
        if not self.pairs and needed > self.fleet * self.capacity:
            raise InstanceError(
                "too_much_demand",
                f"The customers need {needed}, but the vehicles carry at most {self.fleet * self.capacity} together.",
            )

    @property
    def customers(self) -> int:
        """How many customers there are."""
        return len(self.numbers) - 1

    @property
    def depot_window(self) -> Times:
        """When vehicles may be on the road."""
        window = self.windows[0]
        if window is None:
            raise AssertionError("a depot has a window")
        return window

    def _check_place(self, place: int, who: str) -> None:
        demand, window = self.demand[place], self.windows[place]
        if demand < 0 and not self.pairs:
            raise InstanceError("negative_amount", f"{who} has a negative demand: {demand}.")
        if abs(demand) > self.capacity and place:
            raise InstanceError(
                "too_heavy", f"{who} has a demand of {abs(demand)}, more than the {self.capacity} a vehicle carries."
            )
        if self.service[place] < 0:
            raise InstanceError("negative_time", f"{who} has a negative service time.")
        if window is None:
            return
        if window[0] < 0:
            raise InstanceError("negative_time", f"The time window of {who.lower()} begins before time 0.")
        if window[1] < window[0]:
            raise InstanceError("bad_window", f"The time window of {who.lower()} ends before it begins.")

    def _check_pairs(self) -> None:
        seen: set[int] = set()
        for pickup, delivery in self.pairs:
            taken, given = self.demand[pickup], self.demand[delivery]
            if taken < 0 or taken + given:
                raise InstanceError(
                    "bad_pair",
                    f"Customer {self.numbers[pickup]} is a pickup of {taken}, its delivery"
                    f" {self.numbers[delivery]} has a demand of {given}.",
                )
            seen |= {pickup, delivery}
        if self.pairs and len(seen) != self.customers:
            lonely = next(number for place, number in enumerate(self.numbers) if place and place not in seen)
            raise InstanceError("bad_pair", f"Customer {lonely} belongs to no pair of pickup and delivery.")


def check_size(places: int) -> None:
    """Raise `InstanceError` when there is nothing to do or more than fits into memory."""
    if places < 2:
        raise InstanceError("no_customers", "The instance has no customers.")
    if places - 1 > MAX_CUSTOMERS:
        raise InstanceError("too_large", f"{places - 1} customers are more than the {MAX_CUSTOMERS} that are read.")
