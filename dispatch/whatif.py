"""A day with another fleet than the real one, and what would have to become real first. Pure: no Django, no clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Literal, TypedDict

from core.words import say
from dispatch import planning

IMAGINED = "imagined-"
"""The id of an imagined shift begins so: there is no row of it."""


class Longer(TypedDict):
    shift: str
    minutes: int


class More(TypedDict):
    """One more van: like that of a shift, or a vehicle with a driver who have no shift that day."""

    like: str | None
    driver: str | None
    vehicle: str | None


class Fleet(TypedDict):
    """How the fleet is to differ: shifts whose drivers are absent, shifts that last longer, vans that come in."""

    absent: list[str]
    longer: list[Longer]
    more: list[More]


class Need(TypedDict):
    """What must be real before such a plan can be: in words, and what would make it so.

    `kind`: open_shift (driver, vehicle), lengthen (shift, minutes), call_off (shift), or buy: nobody has such a van.
    """

    kind: Literal["open_shift", "lengthen", "call_off", "buy"]
    message: str
    shift: str | None
    driver: str | None
    vehicle: str | None
    minutes: int


def none() -> Fleet:
    """The fleet as it is."""
    return {"absent": [], "longer": [], "more": []}


def is_none(fleet: Fleet) -> bool:
    """Whether nothing is to differ."""
    return not (fleet["absent"] or fleet["longer"] or fleet["more"])


def changed(
    day: planning.DayFacts, fleet: Fleet, joining: Mapping[int, planning.ShiftFacts]
) -> tuple[planning.DayFacts, list[Need]]:
    """The day with that fleet, and what it needs. `joining` are the real vans among `more`, by their index there."""
    known = {shift.id: shift for shift in day.shifts}
    longer = {one["shift"]: one["minutes"] for one in fleet["longer"]}
    absent = set(fleet["absent"])
    needs: list[Need] = []
    shifts: list[planning.ShiftFacts] = []
    for shift in day.shifts:
        if shift.id in absent:
            needs.append(
                _need("call_off", say("The shift of {shift} has to be called off.", shift=shift.label), shift=shift.id)
            )
            continue
        minutes = longer.get(shift.id, 0)
        if minutes:
            shift = replace(shift, end_at=shift.end_at + timedelta(minutes=minutes))
            until = shift.end_at.astimezone(day.start_at.tzinfo)
            words = say(
                "The shift of {shift} has to last until {until}, {minutes} min longer.",
                shift=shift.label,
                until=f"{until:%H:%M}",
                minutes=minutes,
            )
            needs.append(_need("lengthen", words, shift=shift.id, minutes=minutes))
        shifts.append(shift)
    for number, one in enumerate(fleet["more"]):
        id = f"{IMAGINED}{number + 1}"
        if number in joining:
            shift = replace(joining[number], id=id)
            words = say("{shift} needs a shift that day.", shift=shift.label)
            needs.append(_need("open_shift", words, driver=one["driver"], vehicle=one["vehicle"]))
        else:
            like = known[one["like"] or ""]
            shift = replace(like, id=id, label=say("One more like {like}", like=like.label))
            words = say(
                "There is no such van: one like {like}, with a driver, has to be added and given a shift.",
                like=like.label,
            )
            needs.append(_need("buy", words))
        shifts.append(shift)
    return replace(day, shifts=tuple(shifts)), needs


def title(day: planning.DayFacts, fleet: Fleet, joining: Mapping[int, planning.ShiftFacts]) -> str:
    """The changes in a few words."""
    names = {shift.id: shift.label for shift in day.shifts}
    parts = [say("without {names}", names=names[id]) for id in fleet["absent"] if id in names]
    parts += [
        say("{names} {one} min longer", names=names[one["shift"]], one=one["minutes"])
        for one in fleet["longer"]
        if one["shift"] in names
    ]
    for number, one in enumerate(fleet["more"]):
        label = joining[number].label if number in joining else names.get(one["like"] or "", "a van")
        parts.append(
            say("with {label}", label=label) if number in joining else say("one more like {label}", label=label)
        )
    return _short(parts)


def _short(parts: Sequence[str]) -> str:
    text = ", ".join(parts)
    return text[:1].upper() + text[1:119]


def _need(
    kind: Literal["open_shift", "lengthen", "call_off", "buy"],
    message: str,
    *,
    shift: str | None = None,
    driver: str | None = None,
    vehicle: str | None = None,
    minutes: int = 0,
) -> Need:
    return {
        "kind": kind, "message": message, "shift": shift, "driver": driver, "vehicle": vehicle, "minutes": minutes,
    }  # fmt: skip
