"""Lines of numbers, with sentences for what is none."""

from __future__ import annotations

import math
from dataclasses import dataclass

from routing.instances.errors import InstanceError

#: No coordinate, time or amount of a public instance comes near; keeps all products inside 64 bits.
LARGEST = 10**9


@dataclass(frozen=True, slots=True)
class Line:
    """One line that is not empty: its number in the file, counted from 1, and its words."""

    number: int
    words: tuple[str, ...]

    def want(self, count: int, what: str) -> None:
        """Raise `InstanceError` unless the line has `count` words."""
        if len(self.words) != count:
            raise InstanceError(
                "bad_line", f"Line {self.number} has {len(self.words)} values where {what} has {count}: {self.shown()}."
            )

    def real(self, at: int) -> float:
        """The number at a position; `InstanceError` for anything that is none, or out of all proportion."""
        return real(self.words[at], f"Line {self.number}")

    def whole(self, at: int) -> int:
        """The whole number at a position (`7` or `7.0`)."""
        value = self.real(at)
        if value != int(value):
            raise InstanceError("bad_number", f"Line {self.number}: {self.words[at]!r} should be a whole number.")
        return int(value)

    def shown(self) -> str:
        """The line, shortened, for a sentence."""
        text = " ".join(self.words)
        return repr(text if len(text) <= 60 else text[:57] + "...")


def split(text: str) -> list[Line]:
    """The lines of a file that hold anything."""
    return [Line(number, tuple(line.split())) for number, line in enumerate(text.splitlines(), 1) if line.strip()]


def real(word: str, where: str) -> float:
    """A finite number of reasonable size, else `InstanceError`."""
    try:
        value = float(word) if "_" not in word else math.nan
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InstanceError("bad_number", f"{where}: {word[:40]!r} is not a number.")
    if abs(value) > LARGEST:
        raise InstanceError("bad_number", f"{where}: {word[:40]} is larger than {LARGEST}.")
    return value


def in_order(numbers: list[int], what: str) -> list[int]:
    """Positions of 0, 1, 2 … in `numbers`; `InstanceError` when one is missing, twice or out of range."""
    position: dict[int, int] = {}
    for at, number in enumerate(numbers):
        if number in position:
            raise InstanceError("duplicate_number", f"There are two {what} with the number {number}.")
        position[number] = at
    if 0 not in position:
        raise InstanceError("no_depot", "There is no depot: nothing has the number 0.")
    missing = next((number for number in range(len(numbers)) if number not in position), None)
    if missing is not None:
        raise InstanceError("missing_number", f"The {what} are not numbered through: {missing} is missing.")
    return [position[number] for number in range(len(numbers))]
