"""Who did it: written into every event."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Actor:
    """kind: member | driver | key | recipient | operator | system. `label` is a name for the history."""

    kind: str
    id: UUID | None
    label: str


SYSTEM = Actor("system", None, "Lastmile")
