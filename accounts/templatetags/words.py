"""Template filters for sentences said elsewhere, and for days as the page's language writes them."""

from __future__ import annotations

from datetime import date

from django import template
from django.utils import timezone

from accounts import written
from core import vocabulary
from core.words import say

register = template.Library()


@register.filter
def said(text: str) -> str:
    """A text that was marked where it was written (`core.words.mark`), in the reader's language."""
    return say(str(text))


@register.filter
def state(code: str) -> str:
    """out_for_delivery → Out for delivery, in the reader's language."""
    return vocabulary.title(code)


@register.simple_tag
def today() -> str:
    """The day of the page's clock: Mon 23 Nov."""
    return written.day(timezone.localtime(), "day")


@register.filter
def role(name: str) -> str:
    """dispatcher → Dispatcher, in the reader's language."""
    return written.role(name)


@register.filter
def written_as(at: date | None, shape: str) -> str:
    """A day or a moment in one of the shapes of `accounts.written`: day, day_long, day_year, moment, day_moment."""
    return "" if at is None else written.day(at, shape)
