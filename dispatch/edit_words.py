"""Edits in words: "Order 17 from Ana to Ben, 4th"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.words import say, say_many
from dispatch import planning
from dispatch.models import Stop


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th, 11th, 21st; other languages have one ending for all."""
    if 10 <= number % 100 <= 20 or number % 10 not in (1, 2, 3):
        return say("{number}th", number=number)
    return (say("{number}st", number=number), say("{number}nd", number=number), say("{number}rd", number=number))[
        number % 10 - 1
    ]


def moved(day: planning.DayFacts, lanes: Mapping[str, Sequence[str]], meant: Sequence[str]) -> str:
    """What moving these stops from the day's sequences to `lanes` is called."""
    drivers = {shift.id: shift.driver or shift.label for shift in day.shifts}
    labels = {stop.id: stop.label for stop in day.stops}
    was = {stop: (shift, at) for shift, order in day.sequences.items() for at, stop in enumerate(order, start=1)}
    now = {stop: (shift, at) for shift, order in lanes.items() for at, stop in enumerate(order, start=1)}
    if len(meant) == 1:
        return _one(labels[meant[0]], drivers, was.get(meant[0]), now.get(meant[0]))
    what = say_many("{count} stop", "{count} stops", len(meant))
    sources = {drivers[was[stop][0]] if stop in was else None for stop in meant}
    targets = {drivers[now[stop][0]] if stop in now else None for stop in meant}
    source, target = (one.pop() if len(one) == 1 else "" for one in (sources, targets))
    if target is None:
        if not source:
            return say("{what} off their routes", what=what)
        return say("{what} off {source}'s route", what=what, source=source)
    if source == target and target:
        return say("{what} on {target}'s route", what=what, target=target)
    if source and target:
        return say("{what} from {source} to {target}", what=what, source=source, target=target)
    if target:
        return say("{what} to {target}", what=what, target=target)
    if source:
        return say("{what} from {source} between routes", what=what, source=source)
    return say("{what} between routes", what=what)


def _one(label: str, drivers: Mapping[str, str], was: tuple[str, int] | None, now: tuple[str, int] | None) -> str:
    name = say("Order {reference}", reference=label) if "," not in label else say("Orders "
                                                                                  "{references}", references=label)
    if now is None:
        return say("{what} off {source}'s route", what=name, source=drivers[was[0]]) if was else name
    place, target = ordinal(now[1]), drivers[now[0]]
    if was is None:
        return say("{what} to {target}, {place}", what=name, target=target, place=place)
    if was[0] == now[0]:
        before = ordinal(was[1])
        return say(
            "{what} on {target}'s route from {before} to {place}", what=name, target=target, before=before, place=place
        )
    source = drivers[was[0]]
    return say("{what} from {source} to {target}, {place}", what=name, source=source, target=target, place=place)


def locked(stops: Sequence[Stop], strength: str) -> str:
    """What locking (or, with "", unlocking) these stops is called."""
    drivers = sorted({stop.route.shift.driver.name for stop in stops if stop.route is not None})
    if len(stops) == 1:
        what = say("Stop {position}", position=stops[0].position)
    else:
        what = say_many("{count} stop", "{count} stops", len(stops))
    if len(drivers) == 1:
        what = say("{what} of {driver}", what=what, driver=drivers[0])
    if not strength:
        return say_many("{what} unlocked", "{what} unlocked", len(stops), what=what)
    if strength == "driver":
        return say_many("{what} locked to its driver", "{what} locked to their driver", len(stops), what=what)
    if strength == "order":
        return say_many("{what} locked in its order", "{what} locked in their order", len(stops), what=what)
    return say_many("{what} locked at its position", "{what} locked at their position", len(stops), what=what)
