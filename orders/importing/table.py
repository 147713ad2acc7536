"""What a file becomes once it is read: a header, numbered rows of text, and notes on how it was read.

Also the one error that refuses a whole file, and the limits every file is held to.
"""

from __future__ import annotations

import dataclasses

from core.words import number, say

MAX_FILE_BYTES = 10 * 1024 * 1024
MAX_ROWS = 50_000
MAX_COLUMNS = 200
MAX_LINES = 1_048_576  # lines of a text file with the blank ones: as many as a workbook has rows
MAX_CELLS = 1_500_000
MAX_CELL_CHARS = 2_000
MAX_LINE_CHARS = 100_000

# One more cell than any header may have: what lies further right is gathered there, so it is never lost unseen.
KEPT_CELLS = MAX_COLUMNS + 1


class FileRefused(Exception):
    """The file as a whole cannot be imported. `message` is a sentence for a dispatcher, `code` is for programs."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """One row of data. `line` is the line (text) or row (workbook) where it begins, counted from 1."""

    line: int
    cells: list[str]


@dataclasses.dataclass(frozen=True, slots=True)
class Table:
    """A header and its rows, all text. Blank rows are left out; `line` of the others stays true to the file.

    `kind` is "text" or "xlsx"; `delimiter` is what separated the cells of a text file ("," for a workbook).
    """

    headers: list[str]
    rows: list[Row]
    notes: list[str]
    kind: str = "text"
    delimiter: str = ","


def check_shape(headers: list[str], rows: list[Row]) -> None:
    """Refuse a table without columns or without rows. Raises FileRefused `not_a_table` or `no_rows`."""
    if len(headers) < 2:
        raise FileRefused(
            "not_a_table",
            say(
                "This is not a table of orders: its first line has only one column. Send a CSV or XLSX file whose "
                "first line names the columns."
            ),
        )
    if not rows:
        raise FileRefused("no_rows", say("The file has a header line but no orders below it."))


def too_many_rows() -> FileRefused:
    """The refusal for a file beyond MAX_ROWS."""
    return FileRefused(
        "too_many_rows",
        say("The file has more than {max_rows} rows. Split it into smaller files.", max_rows=number(MAX_ROWS)),
    )


def too_many_columns() -> FileRefused:
    """The refusal for a header beyond MAX_COLUMNS."""
    return FileRefused(
        "too_many_columns",
        say("The first line has more than {max_columns} columns, the most allowed.", max_columns=MAX_COLUMNS),
    )


def too_many_cells() -> FileRefused:
    """The refusal for a table beyond MAX_CELLS."""
    return FileRefused(
        "too_large",
        say("The file holds more than {max_cells} cells. Split it into smaller files.", max_cells=number(MAX_CELLS)),
    )
