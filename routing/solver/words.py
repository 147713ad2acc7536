"""How the solver speaks of ids, instants and spans in its sentences; the caller may lend its own names and clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from routing.solver.problem import Window


def plain_clock(seconds: int) -> str:
    """Seconds since the plan's start as H:MM."""
    return f"{seconds // 3600:02d}:{seconds % 3600 // 60:02d}"


class Words:
    """`names` gives what to call an id, `clock` how to write an instant (seconds since the plan's start)."""

    def __init__(self, names: Mapping[str, str] | None = None, clock: Callable[[int], str] | None = None) -> None:
        self._names = names or {}
        self._clock = clock or plain_clock

    def name(self, key: str) -> str:
        """What to call this visit or vehicle."""
        return self._names.get(key, key)

    def time(self, seconds: int) -> str:
        """An instant."""
        return self._clock(seconds)

    def span(self, seconds: int) -> str:
        """A length of time: seconds below two minutes, minutes below two hours, then hours and minutes."""
        if seconds < 120:
            return f"{seconds} s"
        minutes = (seconds + 30) // 60
        return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60:02d} min"

    def windows(self, windows: Iterable[Window]) -> str:
        """Windows as a list of from–to."""
        return ", ".join(f"{self.time(window.earliest_s)}–{self.time(window.latest_s)}" for window in windows)

    def quoted(self, words: Iterable[str]) -> str:
        """Skills and the like, each in quotes."""
        return ", ".join(f"'{word}'" for word in words)


def money(cents: int) -> str:
    """An amount of money with two decimals, without a currency."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def as_sentence(text: str) -> str:
    """The text with a capital letter first."""
    return text[:1].upper() + text[1:]
