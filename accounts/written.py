"""Days, numbers and roles as the language spoken now writes them."""

from __future__ import annotations

from datetime import date

from babel import numbers
from django.utils import dateformat

from accounts import languages
from core.words import mark, say

_SHAPES = {
    "day": ("D j M", "D, j. M"),
    "day_short": ("j M", "j. M"),
    "day_long": ("l, j F", "l, j. F"),
    "day_full": ("l, j F Y", "l, j. F Y"),
    "day_year": ("j M Y", "j. M Y"),
    "weekday": ("l", "l"),
    "day_number": ("l, d.m.Y", "l, d.m.Y"),
    "moment": ("j M, H:i", "j. M, H:i"),
    "day_moment": ("D j M, H:i", "D, j. M, H:i"),
}
"""Shapes of days, by name; the second is with the dots that German puts behind ordinals."""

_SPANISH = {"day_long": r"l, j \d\e F", "day_full": r"l, j \d\e F \d\e Y"}
_PLAIN = {"day_long": "l j F", "day_full": "l j F Y"}
"""French and Dutch put no comma behind the name of the day."""

SYMBOLS = {"EUR": "€", "GBP": "£", "USD": "$", "TRY": "₺"}

ROLES = {
    "owner": mark("Owner"),
    "admin": mark("Admin"),
    "dispatcher": mark("Dispatcher"),
    "viewer": mark("Viewer"),
    "driver": mark("Driver"),
    "key": mark("Access key"),
}


def day(at: date, shape: str = "day") -> str:
    """A day or a moment in words: Mon 23 Nov; Mo, 23. Nov; lun. 23 nov."""
    language = languages.current()
    english, german = _SHAPES[shape]
    pattern = german if language == "de" else english
    if language == "es":
        pattern = _SPANISH.get(shape, pattern)
    elif language in ("nl", "fr"):
        pattern = _PLAIN.get(shape, pattern)
    if language in ("nl", "fr", "es"):
        pattern = pattern.replace("M", "b")  # months are written small there
    return dateformat.format(at, pattern)


def number(value: float, digits: int = 0) -> str:
    """1234.5, 1 → 1,234.5 (English), 1.234,5 (German)."""
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return str(numbers.format_decimal(value, format=pattern, locale=languages.current()))


def money(cents: float, currency: str) -> str:
    """345.6, EUR → €3.46 (English), 3,46 € (German)."""
    if languages.current() == "en":
        symbol = SYMBOLS.get(currency)
        return f"{symbol}{cents / 100:.2f}" if symbol else f"{cents / 100:.2f} {currency}"
    return str(numbers.format_currency(cents / 100, currency, locale=languages.current()))


def role(name: str) -> str:
    """The name of a role."""
    return say(ROLES[name]) if name in ROLES else name.capitalize()
