"""Whether routes serve an instance: every rule of the file, reckoned anew from its numbers alone.

Shares nothing with the solver: routes go in as places, sentences come out.
"""

from __future__ import annotations

from collections.abc import Sequence

from routing.instances.instance import Instance

Routes = Sequence[Sequence[int]]


def faults(instance: Instance, routes: Routes) -> list[str]:
    """What is wrong with the routes (places in order, the depot left out), one sentence each; empty when all is well.

    Vehicles leave when the depot opens and wait where they are early, so no other departure could be better.
    """
    driven = [route for route in routes if route]
    found: list[str] = []
    if len(driven) > instance.fleet:
        found.append(f"{len(driven)} routes, but {instance.fleet} vehicles.")
    seen: set[int] = set()
    for number, route in enumerate(driven, 1):
        if strange := [place for place in route if not 0 < place <= instance.customers]:
            found.append(f"Route {number} goes to place {strange[0]}, which does not exist.")
            continue
        if twice := [place for at, place in enumerate(route) if place in seen or place in route[:at]]:
            found.append(f"Customer {instance.numbers[twice[0]]} is served twice.")
        seen.update(route)
        found += [f"Route {number}: {fault}" for fault in _times(instance, route)]
        found += [f"Route {number}: {fault}" for fault in _loads(instance, route)]
    missing = [place for place in range(1, instance.customers + 1) if place not in seen]
    if missing:
        found.append(f"{len(missing)} customers are not served, the first is {instance.numbers[missing[0]]}.")
    return found


def _times(instance: Instance, route: Sequence[int]) -> list[str]:
    opens, closes = instance.depot_window
    found, clock, here = [], opens, 0
    for place in route:
        clock += int(instance.duration[here, place])
        window = instance.windows[place]
        if window is not None:
            clock = max(clock, window[0])
            if clock > window[1]:
                found.append(f"customer {instance.numbers[place]} is served at {clock}, after {window[1]}.")
        clock += instance.service[place]
        here = place
    clock += int(instance.duration[here, 0])
    if clock > closes:
        found.append(f"back at {clock}, after {closes}.")
    return found


def _loads(instance: Instance, route: Sequence[int]) -> list[str]:
    if not instance.pairs:
        load = sum(instance.demand[place] for place in route)
        return [f"{load} aboard, more than {instance.capacity}."] if load > instance.capacity else []
    found, load = [], 0
    for place in route:
        load += instance.demand[place]
        if not 0 <= load <= instance.capacity:
            found.append(f"{load} aboard after customer {instance.numbers[place]}, room for {instance.capacity}.")
    position = {place: at for at, place in enumerate(route)}
    for pickup, delivery in instance.pairs:
        if (pickup in position) != (delivery in position):
            found.append(f"only one of the pair {instance.numbers[pickup]} and {instance.numbers[delivery]}.")
        elif pickup in position and position[pickup] > position[delivery]:
            found.append(f"customer {instance.numbers[delivery]} is served before {instance.numbers[pickup]}.")
    return found
