"""What one board has not been sent yet. A pure room: rows in, numbered frames out.

The newest row of each thing wins, so a slow board holds at most one row of each and is never sent an old one. A board
that falls too far behind loses its rows and is made to notice: the next number it sees is not the one it expects.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

MOST_ROWS = 2_000

Row = Mapping[str, Any]


def encode(rows: Mapping[str, Sequence[Row]]) -> str:
    return json.dumps(rows, separators=(",", ":"), allow_nan=False)


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows by kind, with their text made once for however many boards there are."""

    rows: Mapping[str, Sequence[Row]]
    text: str

    @classmethod
    def of(cls, rows: Mapping[str, Sequence[Row]]) -> Batch:
        return cls(rows, encode(rows))

    def __iter__(self) -> Iterator[tuple[str, Row]]:
        for kind, some in self.rows.items():
            for row in some:
                yield kind, row


@dataclass
class Merge:
    """Rows on their way, the newest of each thing only, in the order in which the things first came."""

    held: dict[tuple[str, str], Row] = field(default_factory=dict)

    def put(self, kind: str, row: Row) -> None:
        key = (kind, str(row["id"]))
        before = self.held.get(key)
        if before is None or row["version"] >= before["version"]:
            self.held[key] = row

    def take(self) -> dict[str, list[Row]]:
        rows: dict[str, list[Row]] = {}
        for (kind, _), row in self.held.items():
            rows.setdefault(kind, []).append(row)
        self.held = {}
        return rows

    def __len__(self) -> int:
        return len(self.held)


@dataclass
class Outbox:
    """The unsent rows of one socket and the number of its next frame."""

    seq: int = 0
    _single: Batch | None = None
    _merge: Merge = field(default_factory=Merge)
    _lost: bool = False

    def put(self, batch: Batch) -> None:
        if self._lost:
            return
        if self._single is None and not self._merge:
            self._single = batch
            return
        if self._single is not None:
            for kind, row in self._single:
                self._merge.put(kind, row)
            self._single = None
        for kind, row in batch:
            self._merge.put(kind, row)
        if len(self._merge) > MOST_ROWS:
            self._merge, self._lost = Merge(), True

    def take(self) -> str | None:
        """The next frame's text; None when there is nothing to send."""
        if self._lost:
            self._lost = False
            self.seq += 2
            return _frame(self.seq, "{}")
        if self._single is not None:
            text, self._single = self._single.text, None
        elif self._merge:
            text = encode(self._merge.take())
        else:
            return None
        self.seq += 1
        return _frame(self.seq, text)

    def restart(self, epoch: str) -> str:
        """Forget everything and greet again: under a new epoch the board fetches its snapshot anew."""
        self.seq, self._single, self._merge, self._lost = 0, None, Merge(), False
        return json.dumps({"type": "hello", "epoch": epoch, "seq": self.seq}, separators=(",", ":"))


def _frame(seq: int, rows: str) -> str:
    return f'{{"type":"rows","seq":{seq},"rows":{rows}}}'
