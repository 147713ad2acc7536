"""Solutions as VRPLIB writes them: a line `Route #1: 17 3 5` per vehicle, customers by number, then `Cost 123`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path

from routing.instances.errors import InstanceError
from routing.instances.instance import Instance

Routes = list[list[int]]
_ROUTE = re.compile(r"\s*route\s*#?\s*\d*\s*:(.*)", re.IGNORECASE)


def to_text(instance: Instance, routes: Iterable[Sequence[int]]) -> str:
    """The file's text for routes of places (the depot, which is place 0, left out). Empty routes are no routes."""
    driven = [route for route in routes if route]
    lines = [
        f"Route #{number}: " + " ".join(str(instance.numbers[place]) for place in route)
        for number, route in enumerate(driven, 1)
    ]
    return "\n".join([*lines, f"Cost {cost(instance, driven)}", ""])


def write(path: Path, instance: Instance, routes: Iterable[Sequence[int]]) -> None:
    """Write a solution file, whole or not at all; `OSError` where that is impossible."""
    text = to_text(instance, routes)
    if path.exists() and not path.is_file():  # a terminal or a pipe
        path.write_text(text, encoding="ascii")
        return
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="ascii")
    part.replace(path)


def read(text: str, instance: Instance) -> Routes:
    """Routes of places from a solution file; `InstanceError` for customers the instance does not have."""
    place = {number: at for at, number in enumerate(instance.numbers) if at}
    routes: Routes = []
    for line in text.splitlines():
        if not (match := _ROUTE.fullmatch(line)):
            continue
        words = match[1].split()
        unknown = next((word for word in words if not word.isdecimal() or int(word) not in place), None)
        if unknown is not None:
            raise InstanceError("unknown_customer", f"The solution names customer {unknown[:40]!r}: there is none.")
        if words:
            routes.append([place[int(word)] for word in words])
    return routes


def cost(instance: Instance, routes: Iterable[Sequence[int]]) -> int:
    """Distance of all routes from the depot and back, in the instance's units."""
    distance = instance.distance
    total = 0
    for route in routes:
        stops = [0, *route, 0]
        total += sum(int(distance[here, there]) for here, there in pairwise(stops))
    return total
