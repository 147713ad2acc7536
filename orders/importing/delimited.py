"""CSV, TSV and their kin: bytes of text to a Table, line by line, in memory of a few times the file's size.

The dialect is RFC 4180's with the delimiters `,` `;` tab and `|`, found by trying each on the first lines; a first
line `sep=;` decides at once.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

from core.words import number, say
from orders.importing.encoding import Encoding
from orders.importing.table import (
    KEPT_CELLS,
    MAX_CELLS,
    MAX_COLUMNS,
    MAX_LINE_CHARS,
    MAX_LINES,
    MAX_ROWS,
    FileRefused,
    Row,
    Table,
    check_shape,
    too_many_cells,
    too_many_columns,
    too_many_rows,
)

_DELIMITERS = ",;\t|"
_SNIFFED_LINES = 40
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE | re.DOTALL)
_NOT_CSV = re.compile(r"\s*(<|\{|\[\s*[\[{])")


class _Lines:
    """Physical lines of the text, counted; keeps those of the record being read, to find where a quote opened."""

    def __init__(self, data: bytes, encoding: Encoding) -> None:
        self._stream = io.TextIOWrapper(io.BytesIO(data), encoding=encoding.codec, newline="")
        self.number = 0
        self.record: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._stream.readline(MAX_LINE_CHARS + 2)
        if not line:
            raise StopIteration
        self.number += 1
        if self.number > MAX_LINES:
            raise too_many_rows()
        if len(line.rstrip("\r\n")) > MAX_LINE_CHARS:
            raise FileRefused(
                "line_too_long",
                say(
                    "Line {number} is longer than {max_line_chars} characters. This does not look like a table with "
                    "one order in each line.",
                    number=self.number,
                    max_line_chars=number(MAX_LINE_CHARS),
                ),
            )
        self.record.append(line)
        return line


def read_delimited(data: bytes, encoding: Encoding) -> Table:
    """Read delimited text. Raises FileRefused with the line of the trouble where there is one."""
    delimiter, first_line = _delimiter(data, encoding)
    lines = _Lines(data, encoding)
    for _ in range(first_line - 1):
        next(lines)
    headers: list[str] = []
    rows: list[Row] = []
    cells_total = 0
    for line, cells in _records(lines, delimiter):
        cells_total += len(cells)
        if cells_total > MAX_CELLS:
            raise too_many_cells()
        if not any(cell.strip("\x1a \t\r\n\xa0") for cell in cells):
            continue
        if not headers:
            headers = _header(cells)
            continue
        if len(rows) == MAX_ROWS:
            raise too_many_rows()
        rows.append(Row(line, cells if len(cells) <= KEPT_CELLS else _folded(cells)))
    check_shape(headers, rows)
    return Table(headers, rows, [encoding.note] if encoding.note else [], "text", delimiter)


def _header(cells: list[str]) -> list[str]:
    headers = [" ".join(cell.replace("\0", "").split()) for cell in cells]
    while headers and not headers[-1]:
        headers.pop()
    if len(headers) > MAX_COLUMNS:
        raise too_many_columns()
    return headers


def _folded(cells: list[str]) -> list[str]:
    """A row wider than any header may be: what is too far right is gathered in the last cell kept."""
    rest = " ".join(cell for cell in cells[KEPT_CELLS - 1 :] if cell.strip())
    return [*cells[: KEPT_CELLS - 1], rest]


def _records(lines: _Lines, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        start = lines.number + 1
        lines.record.clear()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            line = _quote_opened(lines.record, start, delimiter)
            raise FileRefused(
                "unclosed_quote",
                say(
                    'Line {line}: a quotation mark (") opens a cell here and is not closed properly. Close it, or '
                    "double it if it belongs to the text, and send the file again.",
                    line=line,
                ),
            ) from None
        yield start, cells


def _quote_opened(record: list[str], start: int, delimiter: str) -> int:
    """The line of the last quote that opened a cell in this record."""
    opened, quoted, at_start = start, False, True
    for at, line in enumerate(record, start):
        previous_closed = False
        for char in line:
            if quoted:
                if char == '"':
                    quoted, previous_closed = False, True
            elif char == '"' and previous_closed:
                quoted = True
            elif char == '"' and at_start:
                quoted, opened = True, at
            if not quoted and char != '"':
                previous_closed = False
            at_start = not quoted and char in (delimiter, "\r", "\n")
    return opened


def _delimiter(data: bytes, encoding: Encoding) -> tuple[str, int]:
    """The delimiter, and the line at which the table begins (2 after a `sep=` line)."""
    sample: list[str] = []
    chars = 0
    for line in _Lines(data, encoding):
        sample.append(line)
        chars += len(line)
        if len(sample) == _SNIFFED_LINES or chars > MAX_LINE_CHARS:
            break
    if not sample or not "".join(sample).strip("\x1a\ufeff \t\r\n\0"):
        if chars <= MAX_LINE_CHARS and len(sample) < _SNIFFED_LINES:
            raise FileRefused("empty", say("The file is empty."))
        raise FileRefused(
            "not_a_table", say("The file begins with blank lines only. The first line must name the columns.")
        )
    stated = _SEPARATOR_LINE.fullmatch(sample[0])
    if stated:
        if stated.group(1) in '"\r\n\0' or stated.group(1).isalnum():
            raise FileRefused(
                "not_a_table",
                say("Line 1 names {group} as separator, which cannot be one.", group=repr(stated.group(1))),
            )
        return stated.group(1), 2
    if _NOT_CSV.match(sample[0]):
        raise FileRefused(
            "not_a_table",
            say(
                "This is not a table of orders: it looks like HTML, XML or JSON. Open it in a spreadsheet program and "
                "save it as CSV or XLSX."
            ),
        )
    return max(_DELIMITERS, key=lambda candidate: _fit(sample, candidate)), 1


def _fit(sample: list[str], delimiter: str) -> float:
    """How well a delimiter explains the first lines: columns of the header times the share of rows that agree."""
    try:
        counts = [len(cells) for cells in csv.reader(sample, delimiter=delimiter) if any(c.strip() for c in cells)]
    except csv.Error:
        return 0.0
    if not counts or counts[0] < 2:
        return 0.0
    agreeing = sum(count == counts[0] for count in counts[1:])
    return counts[0] * (0.5 + agreeing / max(1, len(counts) - 1))
