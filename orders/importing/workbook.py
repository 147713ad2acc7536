"""XLSX: the first sheet that holds anything, to a Table of text.

The sheet is read as a stream of elements, cell by cell, so a lone value in the last corner of the grid costs nothing
and what the sheet claims of its own size is not believed. Nothing is calculated: a formula is kept as its text.
"""

from __future__ import annotations

import dataclasses
import re

from core.words import number, say
from orders.importing import numberformat
from orders.importing.archive import Archive, damaged, resolve
from orders.importing.table import (
    KEPT_CELLS,
    MAX_CELLS,
    MAX_COLUMNS,
    MAX_ROWS,
    FileRefused,
    Row,
    Table,
    check_shape,
    too_many_cells,
    too_many_columns,
    too_many_rows,
)

_WORKBOOK = "xl/workbook.xml"
_MAX_GRID_ROW = 1_048_576
_MAX_TEXT_CHARS = 32_767  # the longest text a workbook's cell may hold
_MAX_ALL_CHARS = 20_000_000
_SHEETS_TRIED = 5
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_ESCAPED = re.compile(r"_x000[9AaDd]_")


@dataclasses.dataclass(slots=True)
class _Sheet:
    name: str
    relation: str
    visible: bool


class _Text:
    """Collects the text of one element, no longer than a cell may be."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.length = 0

    def add(self, text: str) -> None:
        if self.length < _MAX_TEXT_CHARS:
            self.parts.append(text[: _MAX_TEXT_CHARS - self.length])
            self.length += len(text)

    def take(self) -> str:
        text = "".join(self.parts)
        self.parts.clear()
        self.length = 0
        return _ESCAPED.sub(" ", text) if "_x000" in text else text


def read_workbook(data: bytes) -> Table:
    """Read an XLSX workbook. Raises FileRefused for other archives, damage and anything beyond the limits."""
    archive = Archive(data)
    _must_be_workbook(archive)
    sheets, since_1904 = _sheets(archive)
    targets = _relations(archive)
    strings = _shared_strings(archive)
    kinds = _format_kinds(archive)
    visible = [sheet for sheet in sheets if sheet.visible] or sheets
    for sheet in visible[:_SHEETS_TRIED]:
        reader = _SheetReader(strings, kinds, since_1904=since_1904)
        if not archive.parse(targets.get(sheet.relation, ""), reader.start, reader.end, reader.text):
            raise damaged(f" (the sheet “{sheet.name[:40]}” is missing)")
        if reader.headers:
            break
    else:
        raise FileRefused("empty", say("The workbook is empty."))
    notes = []
    others = [other.name[:40] for other in sheets if other is not sheet]
    if others:
        more = " " + say("and {count} more", count=len(others) - 3) if len(others) > 3 else ""
        notes.append(
            say(
                "Read the sheet “{sheet}”; not read: {others}{more}.",
                sheet=sheet.name[:40],
                others=", ".join(others[:3]),
                more=more,
            )
        )
    if reader.formulas:
        notes.append(
            say(
                "{formulas} cells hold formulas. They are kept as text, not calculated: to import their results, "
                "paste them as values.",
                formulas=number(reader.formulas),
            )
        )
    check_shape(reader.headers, reader.rows)
    return Table(reader.headers, reader.rows, notes, "xlsx", ",")


def _must_be_workbook(archive: Archive) -> None:
    names = archive.names()
    if _WORKBOOK in names:
        return
    kind = archive.first_bytes("mimetype", 100)
    if b"opendocument" in kind:
        what = say("an OpenDocument file")
    elif "xl/workbook.bin" in names:
        what = say("a binary Excel workbook (.xlsb)")
    elif any(name.startswith("word/") for name in names):
        what = say("a Word document")
    else:
        what = say("a ZIP archive")
    raise FileRefused(
        "not_a_table", say("The file is {what}, not a table. Save the table of orders as XLSX or CSV.", what=what)
    )


def _sheets(archive: Archive) -> tuple[list[_Sheet], bool]:
    sheets: list[_Sheet] = []
    since_1904 = False

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal since_1904
        if name == "workbookPr":
            since_1904 = attributes.get("date1904", "") in ("1", "true", "on")
        elif name == "sheet":
            relation = next((value for key, value in attributes.items() if key.endswith(":id")), "")
            visible = attributes.get("state", "visible") == "visible"
            sheets.append(_Sheet(attributes.get("name", ""), relation, visible))

    archive.parse(_WORKBOOK, start)
    if not sheets:
        raise damaged(" (it has no sheets)")
    return sheets, since_1904


def _relations(archive: Archive) -> dict[str, str]:
    targets: dict[str, str] = {}

    def start(name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            targets[attributes.get("Id", "")] = resolve(_WORKBOOK, attributes.get("Target", ""))

    archive.parse("xl/_rels/workbook.xml.rels", start)
    return targets


def _shared_strings(archive: Archive) -> list[str]:
    strings: list[str] = []
    text = _Text()
    state = {"reading": False, "phonetic": False, "chars": 0}

    def start(name: str, _: dict[str, str]) -> None:
        if name == "rPh":
            state["phonetic"] = True
        elif name == "t":
            state["reading"] = not state["phonetic"]

    def end(name: str) -> None:
        if name == "t":
            state["reading"] = False
        elif name == "rPh":
            state["phonetic"] = False
        elif name == "si":
            strings.append(text.take())
            state["chars"] += len(strings[-1])
            if len(strings) > MAX_CELLS or state["chars"] > _MAX_ALL_CHARS:
                raise too_many_cells()

    def add(piece: str) -> None:
        if state["reading"]:
            text.add(piece)

    archive.parse("xl/sharedStrings.xml", start, end, add)
    return strings


def _format_kinds(archive: Archive) -> list[str]:
    """For each cell style, what its number format shows."""
    codes: dict[str, str] = {}
    kinds: list[str] = []
    inside = False

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal inside
        if name == "numFmt":
            codes[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")[:255]
        elif name == "cellXfs":
            inside = True
        elif name == "xf" and inside:
            number = attributes.get("numFmtId", "0")
            kinds.append(numberformat.kind_of(int(number) if number.isdecimal() else 0, codes.get(number, "")))

    def end(name: str) -> None:
        nonlocal inside
        if name == "cellXfs":
            inside = False

    archive.parse("xl/styles.xml", start, end)
    return kinds


class _SheetReader:
    """The handlers for one sheet's elements; leaves `headers`, `rows` and how many cells held a formula."""

    def __init__(self, strings: list[str], kinds: list[str], *, since_1904: bool) -> None:
        self.headers: list[str] = []
        self.rows: list[Row] = []
        self.formulas = 0
        self._strings, self._kinds, self._since_1904 = strings, kinds, since_1904
        self._line = 0
        self._column = 0
        self._cells: dict[int, str] = {}
        self._type = self._style = self._value = self._formula = ""
        self._has_formula = False
        self._text = _Text()
        self._reading = False
        self._phonetic = False
        self._seen = 0
        self._chars = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            reference = _REFERENCE.fullmatch(attributes.get("r", ""))
            self._column = _column_number(reference.group(1)) if reference else self._column + 1
            self._type, self._style = attributes.get("t", "n"), attributes.get("s", "0")
            self._value = self._formula = ""
            self._has_formula = False
        elif name in ("v", "f"):
            self._reading = True
            self._has_formula = self._has_formula or name == "f"
        elif name == "t":
            self._reading = not self._phonetic
        elif name == "rPh":
            self._phonetic = True
        elif name == "row":
            stated = attributes.get("r", "")
            line = int(stated) if stated.isdecimal() and len(stated) < 8 else self._line + 1
            if not self._line < line <= _MAX_GRID_ROW:
                raise damaged(" (its rows are out of order)")
            self._line, self._column = line, 0
            self._cells.clear()

    def text(self, piece: str) -> None:
        if self._reading:
            self._text.add(piece)

    def end(self, name: str) -> None:
        if name in ("v", "t", "f"):
            self._reading = False
            text = self._text.take()
            if name == "f":
                self._formula = text
            else:
                self._value += text
        elif name == "c":
            self._cell()
        elif name == "rPh":
            self._phonetic = False
        elif name == "row":
            self._row()

    def _cell(self) -> None:
        self._seen += 1
        if self._seen > MAX_CELLS:
            raise too_many_cells()
        text = self._shown()[:_MAX_TEXT_CHARS]
        if not text or text.isspace():
            return
        self._chars += len(text)
        if self._chars > _MAX_ALL_CHARS:
            raise too_many_cells()
        if self._column <= MAX_COLUMNS:
            self._cells[self._column] = text
        else:
            before = self._cells.get(KEPT_CELLS)
            self._cells[KEPT_CELLS] = f"{before} {text}"[:_MAX_TEXT_CHARS] if before else text

    def _shown(self) -> str:
        raw, kind = self._value, self._type
        if self._has_formula:
            self.formulas += 1
            return "=" + (self._formula or raw)
        if kind == "n":
            style = int(self._style) if self._style.isdecimal() else 0
            shown = self._kinds[style] if style < len(self._kinds) else ""
            return numberformat.number_text(raw, shown, since_1904=self._since_1904) if raw else ""
        if kind == "s":
            try:
                return self._strings[int(raw)] if raw else ""
            except (ValueError, IndexError):
                raise damaged(f" (row {self._line} points at a text that is not there)") from None
        if kind == "b":
            return {"1": "TRUE", "0": "FALSE"}.get(raw, raw)
        if kind == "d":
            return raw.removesuffix("T00:00:00").removesuffix("T00:00:00Z")
        return raw

    def _row(self) -> None:
        if not self._cells:
            return
        width = max(self._cells)
        if not self.headers:
            if width > MAX_COLUMNS:
                raise too_many_columns()
            self.headers = [" ".join(self._cells.get(column, "").split()) for column in range(1, width + 1)]
            return
        if len(self.rows) == MAX_ROWS:
            raise too_many_rows()
        width = max(width, len(self.headers))
        self.rows.append(Row(self._line, [self._cells.get(column, "") for column in range(1, width + 1)]))


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number
