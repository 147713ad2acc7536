"""The rows that failed, as a file to mend and send again; and the one way text gets into any exported cell."""

from __future__ import annotations

import csv
import dataclasses
import io
import re
from collections.abc import Iterator, Sequence

import openpyxl

from orders.importing.drafts import Fault
from orders.importing.table import Table
from orders.importing.values import FORMULA_STARTS

LINE_HEADER = "import_line"
REASON_HEADER = "import_reason"
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # no XML text
_MOST_CHARS = 32_000  # a workbook's cell holds 32,767


def safe_cell(text: str) -> str:
    """Text that no spreadsheet program takes for a formula: an apostrophe goes before = + - @ tab and line break.

    Their full-width forms and leading blanks count too; zero characters are dropped. The importer takes the apostrophe
    off again. Source: OWASP, "CSV Injection".
    """
    text = text.replace("\0", "")
    bare = text.lstrip(" \u00a0\u3000\ufeff")
    return "'" + text if bare[:1] and bare[0] in FORMULA_STARTS else text


@dataclasses.dataclass(frozen=True, slots=True)
class FailedRow:
    """A faulty row: its line, the sentences of what is wrong, its cells."""

    line: int
    reasons: list[str]
    cells: list[str]


def failed_rows(table: Table, faults: Sequence[Fault]) -> list[FailedRow]:
    """The rows of a table that have faults, in order."""
    reasons: dict[int, list[str]] = {}
    for fault in faults:
        reasons.setdefault(fault.line, []).append(fault.message)
    return [FailedRow(row.line, reasons[row.line], row.cells) for row in table.rows if row.line in reasons]


def failed_rows_csv(headers: Sequence[str], rows: Sequence[FailedRow], delimiter: str = ",") -> bytes:
    """Faulty rows as CSV: their line, all reasons, then their cells under the file's own headers.

    UTF-8 with a byte order mark (Excel needs it), the delimiter of the file that came in, every cell quoted and safe.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerows(_safe_rows(headers, rows))
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8", "replace")


def failed_rows_xlsx(headers: Sequence[str], rows: Sequence[FailedRow]) -> bytes:
    """The same as a workbook of text cells, its first line staying in sight."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Faulty rows")
    sheet.freeze_panes = "C2"
    sheet.column_dimensions["B"].width = 60
    for cells in _safe_rows(headers, rows):
        sheet.append([_UNWRITABLE.sub("", cell)[:_MOST_CHARS] for cell in cells])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _safe_rows(headers: Sequence[str], rows: Sequence[FailedRow]) -> Iterator[list[str]]:
    skipped = {index for index, name in enumerate(headers) if name in (LINE_HEADER, REASON_HEADER)}
    kept = [name for index, name in enumerate(headers) if index not in skipped]
    yield [LINE_HEADER, REASON_HEADER, *map(safe_cell, kept)]
    for row in rows:
        cells = [cell for index, cell in enumerate(row.cells) if index not in skipped]
        yield [str(row.line), *map(safe_cell, [" ".join(row.reasons), *cells])]
