"""What a list of orders can be narrowed by and show beyond the order itself: told to this floor by those above it.

Who drives an order is dispatch's to know. Dispatch registers its filters and columns here when the house is wired, so
that the list can offer them without a look upstairs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from orders.models import Order


@dataclass(frozen=True, slots=True)
class Narrowing:
    """A filter: its name in the address, its label, what may be chosen ((value, label)), and what a choice leaves.

    `narrow` raises `errors.Invalid` for a value that cannot be.
    """

    name: str
    label: str
    choices: Callable[[], list[tuple[str, str]]]
    narrow: Callable[[QuerySet[Order], str], QuerySet[Order]]


@dataclass(frozen=True, slots=True)
class Extra:
    """A column: its name, its label, and its text for each of these orders (absent: blank)."""

    name: str
    label: str
    texts: Callable[[Sequence[Order]], dict[UUID, str]]


FURTHER: dict[str, Narrowing] = {}
EXTRAS: dict[str, Extra] = {}


def register(*entries: Narrowing | Extra) -> None:
    """Offer these filters and columns."""
    for entry in entries:
        if isinstance(entry, Narrowing):
            FURTHER[entry.name] = entry
        else:
            EXTRAS[entry.name] = entry
