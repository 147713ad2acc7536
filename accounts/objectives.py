"""What an organization wants most of its plans: the name is stored here, what it does is the solver's."""

from __future__ import annotations

from typing import NamedTuple

from core.words import mark


class Wish(NamedTuple):
    """A choice on the settings page; title and sentence are said where they are shown."""

    name: str
    title: str
    sentence: str


CHEAPEST = "cheapest"
WISHES = (
    Wish(
        CHEAPEST,
        mark("Cheapest"),
        mark("The least money: hours, kilometres and vans at their prices, and nothing else."),
    ),
    Wish(
        "on_time",
        mark("On time"),
        mark(
            "Stops are reached well before their windows end, so that a delay on the way makes nobody wait. Costs a "
            "little more driving."
        ),
    ),
    Wish(
        "fewest_vans",
        mark("Fewest vans"),
        mark("A van stays at the depot wherever the others can take its stops, even by a detour."),
    ),
    Wish(
        "balanced",
        mark("Balanced"),
        mark("Drivers come home after similar days: an hour of difference costs as much as an hour of work."),
    ),
)
NAMES = tuple(wish.name for wish in WISHES)


def title_of(name: str) -> str:
    return next((wish.title for wish in WISHES if wish.name == name), name)
