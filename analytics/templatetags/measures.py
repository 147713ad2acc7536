"""Template filters that write numbers with their units; a number that does not exist is a dash."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils import timezone

register = template.Library()
NONE = "–"
KM_PER_MILE = 1.609344
SYMBOLS = {"EUR": "€", "GBP": "£", "USD": "$", "TRY": "₺"}


@register.filter
def percent(share: float | None) -> str:
    """0.934 → 93.4 %"""
    return NONE if share is None else f"{share * 100:.1f} %"


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
def decimal(number: float | None) -> str:
    return NONE if number is None else f"{number:.1f}"


@register.filter
def distance(metres: float | None, unit: str) -> str:
    """In the organization's unit."""
    if metres is None:
        return NONE
    return f"{metres / 1000 / (KM_PER_MILE if unit == 'mi' else 1):.1f} {unit}"


@register.filter
def money(cents: float | None, currency: str) -> str:
    """345.6, EUR → €3.46"""
    if cents is None:
        return NONE
    symbol = SYMBOLS.get(currency)
    return f"{symbol}{cents / 100:.2f}" if symbol else f"{cents / 100:.2f} {currency}"


@register.filter
def outcome(code: str) -> str:
    """failed_not_home → Not home"""
    return code.removeprefix("failed_").replace("cant", "can’t").replace("_", " ").capitalize()


@register.filter
def moment(text: str) -> datetime:
    """A row's instant as a moment in the page's time zone."""
    return timezone.localtime(datetime.fromisoformat(text))
