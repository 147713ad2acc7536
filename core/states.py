"""State machines as data: a table of legal moves, checked by property tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine's first state and its legal moves: {from: (to, …)}. States that are only reached are terminal."""

    name: str
    first: str
    moves: Mapping[str, tuple[str, ...]]

    @property
    def states(self) -> tuple[str, ...]:
        names = dict.fromkeys([self.first, *self.moves])
        for targets in self.moves.values():
            names.update(dict.fromkeys(targets))
        return tuple(names)

    @property
    def terminal(self) -> frozenset[str]:
        return frozenset(state for state in self.states if not self.moves.get(state))

    def allows(self, source: str, target: str) -> bool:
        return target in self.moves.get(source, ())

    @property
    def choices(self) -> list[tuple[str, str]]:
        return [(state, state.replace("_", " ").capitalize()) for state in self.states]


OPERATION = Machine(
    "operation",
    "queued",
    {"queued": ("running", "cancelled"), "running": ("queued", "succeeded", "failed", "cancelled")},
)
