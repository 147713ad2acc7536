"""Sentences for people, in the language of whoever reads them. Knows no framework: pure rooms speak with it, too.

The English text is the key. `say("The route {name} is locked.", name=…)` looks its translation up and fills in the
values; without a translator (a pure room by itself, a test) the English comes out. `core.apps` hands in Django's.
A text kept for later, in a table or a constant, is marked where it is written (`mark`) and said where it is shown.
Every text said must be a literal somewhere, or `./run words` cannot find it (docs/languages.md).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar
from datetime import date
from uuid import UUID


def _english(one: str, many: str, count: int) -> str:
    return one if count == 1 else many


def _english_number(value: float, digits: int) -> str:
    return f"{value:,.{digits}f}"


def _english_day(day: date, shape: str) -> str:
    return f"{day:%A} {day.day} {day:%B}"


def _english_tag() -> str:
    return "en"


def _no_house(_tenant_id: UUID) -> AbstractContextManager[None]:
    return nullcontext()


_one: Callable[[str], str] = str
_many: Callable[[str, str, int], str] = _english
_number: Callable[[float, int], str] = _english_number
_day: Callable[[date, str], str] = _english_day
_tag: Callable[[], str] = _english_tag
_house: Callable[[UUID], AbstractContextManager[None]] = _no_house

asked: ContextVar[bool] = ContextVar("asked", default=False)
"""Whether somebody waits for the answer, so that the language is theirs; elsewhere it is the organization's."""


def translate_with(one: Callable[[str], str], many: Callable[[str, str, int], str]) -> None:
    """Take a translator: of a text, and of a text for one and for many."""
    global _one, _many
    _one, _many = one, many


def write_with(
    number: Callable[[float, int], str],
    day: Callable[[date, str], str],
    tag: Callable[[], str],
    house: Callable[[UUID], AbstractContextManager[None]],
) -> None:
    """Take who writes numbers and days, who names the language, and who speaks an organization's own."""
    global _number, _day, _tag, _house
    _number, _day, _tag, _house = number, day, tag, house


def say(text: str, /, **values: object) -> str:
    """The text in the reader's language, its `{names}` filled with `values`."""
    said = _one(text) if text else text
    return said.format_map(values) if values else said


def say_many(one: str, many: str, count: int, /, **values: object) -> str:
    """The text for `count` things in the reader's language; `{count}` is the number, written."""
    return _many(one, many, count).format_map({"count": number(count), **values})


def mark(text: str) -> str:
    """The text itself: it is said where it is shown, and its translation is looked for from here on."""
    return text


def number(value: float, digits: int = 0) -> str:
    """A number as the reader's language writes it: 1,234.5 or 1.234,5."""
    return _number(value, digits)


def day(at: date, shape: str = "day_long") -> str:
    """A day as the reader's language writes it, in a shape of `accounts.written`."""
    return _day(at, shape)


def tag() -> str:
    """The reader's language as a BCP 47 tag, for a document that names its own."""
    return _tag()


def listed(words: list[str]) -> str:
    """a, b and c."""
    if len(words) < 2:
        return "".join(words)
    return say("{some} and {last}", some=", ".join(words[:-1]), last=words[-1])


def house_language(tenant_id: UUID) -> AbstractContextManager[None]:
    """Speak the organization's own language inside: for what is stored and read by all of its people."""
    return _house(tenant_id)
