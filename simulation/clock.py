"""Played time: a day that runs faster than life.

The server reads the same clock from the file that `demo.json` names (`clock_file`), so both sides agree on what time
it is. Where that file is not at hand (another machine) the clock is followed as it was told, and never set.
"""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

NAP_S = 0.5
"""The longest real sleep in one piece: a clock that is set anew meanwhile is noticed this soon."""


def instant(text: str) -> datetime:
    """An aware instant of a JSON text."""
    return datetime.fromisoformat(text).astimezone(UTC)


@dataclass
class Clock:
    """`played_at` is shown at the real instant `real_at`; from there it runs at `speed` until `until`, then at 1."""

    played_at: datetime
    real_at: datetime
    speed: float
    until: datetime
    file: Path | None = None

    @classmethod
    def of(cls, told: dict[str, Any]) -> Clock:
        """The clock of a demo.json; the real one where it tells of none."""
        values, file = told.get("clock"), told.get("clock_file")
        path = Path(file) if file and os.access(file, os.W_OK) else None
        if path is not None:
            values = json.loads(path.read_text())
        if not values:
            now = datetime.now(UTC)
            return cls(now, now, 1.0, now)
        return cls(instant(values["played_at"]), instant(values["real_at"]), float(values["speed"]),
                   instant(values["until"]), path)

    def now(self) -> datetime:
        """What the clock shows."""
        real = datetime.now(UTC)
        if real <= self.real_at:
            return self.played_at
        fast = self.played_at + (real - self.real_at) * self.speed
        if fast <= self.until:
            return fast
        return self.until + (real - self.real_at) - (self.until - self.played_at) / self.speed

    def real_s(self, seconds: float) -> float:
        """How many real seconds this many played ones take."""
        return seconds / self.pace

    @property
    def pace(self) -> float:
        """Played seconds in a real one, now."""
        return self.speed if self.now() < self.until else 1.0

    def set(self, *, speed: float, not_before: datetime | None = None) -> None:
        """Go on at another speed, from now on or from a later played instant; never back. Told to the server, too."""
        now = self.now()
        self.played_at = max(now, not_before) if not_before else now
        self.real_at, self.speed = datetime.now(UTC), speed
        self.until = max(self.until, self.played_at)
        self._tell()

    def _tell(self) -> None:
        if self.file is None:
            return
        text = json.dumps({
            "played_at": self.played_at.isoformat(), "real_at": self.real_at.isoformat(), "speed": self.speed,
            "until": self.until.isoformat()})
        handle, name = tempfile.mkstemp(dir=self.file.parent, prefix=".clock")
        with os.fdopen(handle, "w") as part:
            part.write(text)
        os.replace(name, self.file)

    async def sleep_until(self, at: datetime) -> None:
        """Wait until the clock shows `at`; at once when it already did."""
        while (left := at - self.now()) > timedelta(0):
            await asyncio.sleep(min(NAP_S, max(0.001, self.real_s(left.total_seconds()))))
