"""May an automatic change be made? A pure room: numbers in, None or a refusal in words out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time

from core.words import number, say


@dataclass(frozen=True, slots=True)
class Limits:
    """An organization's limits for one rule. Hours are local; both or none are given."""

    max_extra_s: int
    max_extra_cents: int
    max_per_hour: int
    from_time: time | None = None
    until_time: time | None = None
    lead_s: int = 0


@dataclass(frozen=True, slots=True)
class Wish:
    """A change that a rule would make. `leaves_in_s`: until the first van concerned leaves, None for one under way
    (whose stops are only put in another order)."""

    extra_s: int
    extra_cents: int
    leaves_in_s: int | None


def asleep(limits: Limits, now: time) -> str | None:
    """Outside its hours a rule does nothing."""
    if limits.from_time is None or limits.until_time is None or limits.from_time <= now < limits.until_time:
        return None
    return say(
        "It works from {from_time} to {until_time} only.",
        from_time=f"{limits.from_time:%H:%M}",
        until_time=f"{limits.until_time:%H:%M}",
    )


def spent(limits: Limits, made_last_hour: int) -> str | None:
    if made_last_hour < limits.max_per_hour:
        return None
    return say(
        "It has made {made_last_hour} changes in the last hour; {max_per_hour} are allowed.",
        made_last_hour=made_last_hour,
        max_per_hour=limits.max_per_hour,
    )


def too_much(limits: Limits, wish: Wish) -> str | None:
    """The first limit that the change would break."""
    if wish.extra_s > limits.max_extra_s:
        return say(
            "It would add {minutes}; {minutes2} are allowed.",
            minutes=minutes(wish.extra_s),
            minutes2=minutes(limits.max_extra_s),
        )
    if wish.extra_cents > limits.max_extra_cents:
        return say(
            "It would cost {extra_cents} more; {max_extra_cents} are allowed.",
            extra_cents=number(wish.extra_cents / 100, 2),
            max_extra_cents=number(limits.max_extra_cents / 100, 2),
        )
    if wish.leaves_in_s is not None and wish.leaves_in_s < limits.lead_s:
        return say(
            "The van leaves in {minutes}; it needs {minutes2}.",
            minutes=minutes(wish.leaves_in_s),
            minutes2=minutes(limits.lead_s),
        )
    return None


def minutes(seconds: int) -> str:
    return f"{round(seconds / 60)} min"
