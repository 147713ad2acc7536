"""What the judge says of a plan that breaks a rule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """A rule that a plan breaks: a stable code, a sentence, and whom it concerns."""

    code: str
    message: str
    vehicle: str | None = None
    visit: str | None = None


Found = Iterator[Fault]
