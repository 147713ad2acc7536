"""The house's clock, read only at its doors. In production it is the real one.

A demonstration plays a day faster than life: `settings.CLOCK_FILE` (development only) names a small JSON file
`{"played_at", "real_at", "speed", "until"}`, and from `real_at` on the clock runs from `played_at` at that speed
until `until`, after which it goes on at the speed of life. Leases, retries and sessions keep real time.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone


@dataclass(frozen=True, slots=True)
class Played:
    """A played day: real instants turned into played ones."""

    played_at: datetime
    real_at: datetime
    speed: float
    until: datetime

    @classmethod
    def of(cls, values: dict[str, Any]) -> Played:
        """From the file's JSON. Raises `ValueError` or `KeyError` when it is not one."""
        played_at, real_at, until = (datetime.fromisoformat(values[name]) for name in ("played_at", "real_at", "until"))
        return cls(played_at, real_at, float(values["speed"]), until)

    def at(self, real: datetime) -> datetime:
        """What this clock shows at the real instant."""
        if real <= self.real_at:
            return self.played_at
        fast = timedelta(seconds=(real - self.real_at).total_seconds() * self.speed)
        if self.played_at + fast <= self.until:
            return self.played_at + fast
        fast_real = timedelta(seconds=(self.until - self.played_at).total_seconds() / self.speed)
        return self.until + (real - self.real_at - fast_real)


_read: tuple[float, Played] | None = None


def played() -> Played | None:
    """The day being played, None where the real clock rules."""
    global _read
    path = settings.CLOCK_FILE
    if not path:
        return None
    try:
        changed = Path(path).stat().st_mtime
    except OSError:
        return None
    if _read is None or _read[0] != changed:
        _read = changed, Played.of(json.loads(Path(path).read_text()))
    return _read[1]


def now() -> datetime:
    """The time of day by which the house lives (aware UTC)."""
    real = timezone.now()
    day = played()
    return day.at(real) if day else real
