"""On what a proposal was made, as short prints of the facts: where a print differs, something has changed. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, fields
from typing import Any

from dispatch import planning

Prints = dict[str, str]
"""{shift id: of the shift, its stops and their order}, {stop id: of a stop on no route}, "plan": of the rest."""

PARTS = frozenset({"stops", "shifts", "sequences"})


def prints(day: planning.DayFacts) -> Prints:
    """The prints of a day's facts."""
    stops = {stop.id: asdict(stop) for stop in day.stops}
    made: Prints = {"plan": _print({one.name: getattr(day, one.name) for one in fields(day) if one.name not in PARTS})}
    routed: set[str] = set()
    for shift in day.shifts:
        order = day.sequences.get(shift.id, ())
        routed.update(order)
        made[shift.id] = _print([asdict(shift), [stops[one] for one in order if one in stops]])
    made.update({id: _print(stop) for id, stop in stops.items() if id not in routed})
    return made


def differing(then: Prints, now: Prints, keys: Iterable[str]) -> list[str]:
    """Which of these shifts and stops (and "plan") are not what they were."""
    return [key for key in keys if then.get(key) != now.get(key)]


def _print(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, default=_plain, sort_keys=True).encode()).hexdigest()[:16]


def _plain(value: Any) -> Any:
    return sorted(value) if isinstance(value, (set, frozenset)) else str(value)
