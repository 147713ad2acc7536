"""Template filters that write numbers with their units; a number that does not exist is a dash."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils import timezone

from accounts import written
from core import vocabulary
from core.words import mark, number, say

register = template.Library()
NONE = "–"
KM_PER_MILE = 1.609344
UNITS = {
    ("vans", True): mark("van"),
    ("vans", False): mark("vans"),
    ("stops", True): mark("stop"),
    ("stops", False): mark("stops"),
    ("h late", True): mark("h late"),
    ("h late", False): mark("h late"),
}
"""A unit of the plan's objective for one, and for any other number."""
TERMS = {
    "fixed": mark("Fixed"), "hours": mark("Hours"), "km": mark("Km"), "overtime": mark("Overtime"),
    "late": mark("Late"), "unfamiliar": mark("Unfamiliar"), "zones": mark("Zones"), "changes": mark("Changes"),
    "balance": mark("Balance"), "left_out": mark("Left out"),
}  # fmt: skip
"""What the terms are called."""


@register.filter
def percent(share: float | None) -> str:
    """0.934 → 93.4 %"""
    return NONE if share is None else f"{number(share * 100, 1)} %"


@register.filter
def span(seconds: float | None) -> str:
    """5400 → 1 h 30 min"""
    if seconds is None:
        return NONE
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60:02d} min" if minutes >= 60 else f"{minutes} min"


@register.filter
def signed_span(seconds: float | None) -> str:
    """-300 → −5 min"""
    if seconds is None:
        return NONE
    return ("−" if round(seconds / 60) < 0 else "+") + span(abs(seconds))


@register.filter
def decimal(value: float | None) -> str:
    return NONE if value is None else number(value, 1)


@register.filter
def of_unit(value: float | None, unit: str) -> str:
    """1, vans → van; 2, vans → vans: the unit that goes with a number, in the reader's language."""
    return say(UNITS.get((unit, value == 1), unit.removesuffix("s") if value == 1 else unit))


@register.filter
def amount(value: float, unit: str) -> str:
    """2.5, hours → 2.5 hours"""
    return f"{number(value, 0 if value == round(value) else 2)} {of_unit(value, unit)}"


@register.filter
def term(name: str) -> str:
    """left_out → Left out: a term of the plan's objective."""
    return say(TERMS.get(name, name.replace("_", " ").capitalize()))


@register.filter
def distance(metres: float | None, unit: str) -> str:
    """In the organization's unit."""
    if metres is None:
        return NONE
    return f"{number(metres / 1000 / (KM_PER_MILE if unit == 'mi' else 1), 1)} {unit}"


@register.filter
def money(cents: float | None, currency: str) -> str:
    """345.6, EUR → €3.46"""
    if cents is None:
        return NONE
    return written.money(cents, currency)


@register.filter
def outcome(code: str) -> str:
    """failed_not_home → Nobody home, in the reader's language."""
    return vocabulary.title(code)


@register.filter
def moment(text: str) -> datetime:
    """A row's instant as a moment in the page's time zone."""
    return timezone.localtime(datetime.fromisoformat(text))
