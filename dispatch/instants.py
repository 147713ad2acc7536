"""Instants that come out of the database as text: where thousands of rows are read, Python's dates cost most of it."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import TextField
from django.db.models.functions import Cast

from fleet.queries import Span


def texts(names: Sequence[str], of: str = "") -> list[Cast]:
    """These columns as text; `of` is the way to the table they are in."""
    return [Cast(f"{of}{name}", TextField()) for name in names]


def span_of(start: str | None, end: str | None) -> Span | None:
    begins, ends = iso(start), iso(end)
    return {"start": begins, "end": ends} if begins and ends else None


def iso(text: str | None) -> str | None:
    """PostgreSQL's text of an instant, whose session is in UTC, as Python writes it."""
    if text is None:
        return None
    day, clock = text[:-3].split(" ")  # the end is "+00"
    return f"{day}T{clock if len(clock) == 8 else clock.ljust(15, '0')}+00:00"
