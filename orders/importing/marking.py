"""Which cells of a table are wrong: faults of rows, brought to the cells they are about."""

from __future__ import annotations

import dataclasses
import re
from collections import defaultdict

from orders.importing import values
from orders.importing.columns import Mapping
from orders.importing.drafts import Parsed
from orders.importing.parse import TEXT_CHARS
from orders.importing.table import Table

_LINE = re.compile(r"^Line \d+:? ")


@dataclasses.dataclass(frozen=True, slots=True)
class CellFault:
    """Why a cell is wrong, in a sentence; `column` is its index, None when the row as a whole is wrong."""

    column: int | None
    code: str
    message: str


@dataclasses.dataclass(frozen=True, slots=True)
class Mark:
    """A row as the parser sees it: its reference and its faults (none: it is sound)."""

    reference: str
    faults: tuple[CellFault, ...]


def mark(table: Table, mapping: Mapping, parsed: Parsed) -> dict[int, Mark]:
    """Each row of a parsed table by its line."""
    where = {column.header: column.index for column in reversed(mapping.columns)}
    # Where two columns have one name, the fault is about the one that fills a field.
    where.update({column.header: column.index for column in mapping.columns if column.field is not None})
    wrong: dict[int, list[CellFault]] = defaultdict(list)
    for fault in parsed.faults:
        column = where.get(fault.column) if fault.column else None
        wrong[fault.line].append(CellFault(column, fault.code, sentence(fault.message)))
    sound = {draft.line: draft.reference for draft in parsed.drafts}
    at = mapping.index_of().get("reference")
    return {
        row.line: Mark(sound.get(row.line) or reference_of(row.cells, at), tuple(wrong[row.line])) for row in table.rows
    }


def sentence(message: str) -> str:
    """A fault's message without its line, which the grid shows beside it."""
    bare = _LINE.sub("", message)
    return bare[:1].upper() + bare[1:]


def reference_of(cells: list[str], at: int | None) -> str:
    """The reference in the column `at`, as the parser compares it with those of other rows."""
    if at is None or at >= len(cells):
        return ""
    text, _ = values.clean(cells[at])
    return text if len(text) <= TEXT_CHARS["reference"] else ""
