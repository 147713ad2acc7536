"""The rows of a file in the grid: staged as they came, mended cell by cell, judged by the file's own parser."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from accounts.models import Organization
from core import errors, operations
from core.actor import Actor
from core.models import Operation
from core.words import number, say
from orders import importing
from orders.actions import files
from orders.importing import marking
from orders.importing.drafts import Defaults, Habits, Parsed
from orders.importing.table import MAX_CELL_CHARS
from orders.models import ImportFile, ImportLine, Order

CHECK, STORE = "check_import_rows", "store_import_rows"
KEPT_FOR = timedelta(days=14)
EDITS_AT_ONCE = 5_000
UNFINISHED = ("queued", "running")
_AT_ONCE = 5_000


@dataclasses.dataclass(frozen=True, slots=True)
class Edit:
    """A new text for one cell. A `column` just beyond the header means all cells too many."""

    position: int
    column: int
    text: str


def table_of(file: ImportFile, lines: Iterable[ImportLine]) -> importing.Table:
    """The lines as the parser takes them."""
    kind, delimiter = file.habits.get("kind", "text"), file.habits.get("delimiter", ",")
    rows = [importing.Row(line.line, line.cells) for line in lines]
    return importing.Table(list(file.headers), rows, [], kind, delimiter)


def mapping_of(file: ImportFile) -> importing.Mapping:
    """Which column is which field, as it stands."""
    columns = [
        importing.Column(index, file.headers[index], column["field"] or None, column["how"])
        for index, column in enumerate(file.columns)
    ]
    return importing.mapping_of(columns)


def judge(file: ImportFile, table: importing.Table, mapping: importing.Mapping, *, whole: bool) -> Parsed:
    """The parser's word on these rows; on the `whole` file it learns how the file writes numbers and days.

    Raises `importing.FileRefused` where a needed column is missing.
    """
    organization = Organization.objects.get(id=file.tenant_id)
    habits = None if whole else Habits(file.habits.get("mark", ""), file.habits.get("day_order", ""))
    return importing.parse(
        table,
        mapping,
        day=file.day_on,
        timezone=ZoneInfo(organization.timezone),
        defaults=Defaults(country=organization.country, merchant=file.merchant.name if file.merchant else ""),
        habits=habits,
    )


def learn(file: ImportFile, table: importing.Table, mapping: importing.Mapping) -> None:
    """Put on the file what its rows are judged by when they are judged a few at a time."""
    habits = importing.habits_of(table, mapping)
    file.headers = [files.storable(header) for header in table.headers]
    file.habits = {**dataclasses.asdict(habits), "kind": table.kind, "delimiter": table.delimiter}


def stage(
    file: ImportFile,
    table: importing.Table,
    marks: Mapping[int, marking.Mark],
    imported: Mapping[str, tuple[Order, str]] | None = None,
) -> None:
    """Lay all rows of a file into the grid; `imported` is {reference: (order, outcome)} of those already orders."""
    ImportLine.objects.filter(file=file).delete()
    lines = []
    for position, row in enumerate(table.rows):
        line = ImportLine(
            file=file, position=position, line=row.line, cells=[files.storable(cell) for cell in row.cells]
        )
        _put(line, marks.get(row.line), imported or {})
        lines.append(line)
        if len(lines) == _AT_ONCE:
            ImportLine.objects.bulk_create(lines)
            lines = []
    if lines:
        ImportLine.objects.bulk_create(lines)


def _put(line: ImportLine, mark: marking.Mark | None, imported: Mapping[str, tuple[Order, str]]) -> None:
    if mark is None:
        return
    line.reference = files.storable(mark.reference)
    line.faults = [
        {"column": fault.column, "code": fault.code, "message": files.storable(fault.message)} for fault in mark.faults
    ]
    line.status = "bad" if mark.faults else "good"
    if not mark.faults and mark.reference in imported:
        line.order, line.outcome = imported[mark.reference]
        line.status = "imported"


def unread(table: importing.Table, why: str) -> dict[int, marking.Mark]:
    """The marks of rows that cannot be judged before a column is named."""
    fault = marking.CellFault(None, "unmapped", why)
    return {row.line: marking.Mark("", (fault,)) for row in table.rows}


def store_marks(
    lines: Sequence[ImportLine],
    marks: Mapping[int, marking.Mark],
    imported: Mapping[str, tuple[Order, str]] | None = None,
) -> None:
    """Write what was found of these lines."""
    for line in lines:
        _put(line, marks[line.line], imported or {})
    for start in range(0, len(lines), _AT_ONCE):
        ImportLine.objects.bulk_update(
            lines[start : start + _AT_ONCE], ["cells", "reference", "faults", "status", "order", "outcome"]
        )


def edit_cells(file: ImportFile, edits: Sequence[Edit], *, by: Actor, at: datetime) -> list[ImportLine]:
    """Mend cells; returns every line whose judgement is new: the edited ones and those with the same reference.

    Raises `Conflict` ("busy") while the rows are being checked or imported, `Invalid` for a cell that does not exist
    and `Refused` ("reference_fixed") for another reference on a row that is an order already.
    """
    if not edits or len(edits) > EDITS_AT_ONCE:
        raise errors.Invalid(
            "too_many_cells",
            say("From one to {edits_at_once} cells are changed at once.", edits_at_once=number(EDITS_AT_ONCE)),
        )
    file = _locked(file)
    lines = {
        line.position: line
        for line in ImportLine.objects.select_for_update(of=("self",))
        .filter(file=file, position__in={edit.position for edit in edits})
        .order_by("position")
    }
    mapping = mapping_of(file)
    at_reference = mapping.index_of().get("reference")
    was = {line.reference for line in lines.values()}
    for edit in edits:
        line = lines.get(edit.position)
        if line is None:
            raise errors.Invalid(
                "no_such_row", say("There is no row {position}.", position=edit.position), param="position"
            )
        if line.order_id and edit.column == at_reference and edit.text.strip() != line.cells[edit.column].strip():
            raise errors.Refused(
                "reference_fixed",
                say(
                    "Line {line} is the order {reference} already: its reference stays. Cancel that order if it is "
                    "wrong, and import the row from another file.",
                    line=line.line,
                    reference=line.reference,
                ),
                param="column",
            )
        line.cells = _edited(line.cells, edit, len(file.headers))
    if mapping.missing:
        ImportLine.objects.bulk_update(list(lines.values()), ["cells"])
        return list(lines.values())
    now = {marking.reference_of(line.cells, at_reference) for line in lines.values()}
    twins = ImportLine.objects.select_for_update(of=("self",)).filter(file=file, reference__in=(was | now) - {""})
    for twin in twins:
        lines.setdefault(twin.position, twin)
    judged = sorted(lines.values(), key=lambda line: line.line)
    table = table_of(file, judged)
    parsed = judge(file, table, mapping, whole=False)
    before = {line.position: (line.status, line.order_id) for line in judged}
    touched = {edit.position for edit in edits}
    marks = marking.mark(table, mapping, parsed)
    store_marks(judged, marks)
    _keep_imported(judged, before, touched)
    return judged


def _keep_imported(lines: list[ImportLine], before: dict[int, tuple[str, Any]], touched: set[int]) -> None:
    """A twin that is an order already and was not itself edited stays what it is."""
    back = [
        line
        for line in lines
        if before[line.position][0] == "imported" and line.position not in touched and line.status == "good"
    ]
    for line in back:
        line.status = "imported"
    if back:
        ImportLine.objects.bulk_update(back, ["status"])


def _edited(cells: list[str], edit: Edit, width: int) -> list[str]:
    """The cells with one of them changed; short rows are filled up to the header's width."""
    text = files.storable(edit.text)
    if len(text) > MAX_CELL_CHARS:
        raise errors.Invalid(
            "cell_too_long",
            say("A cell holds at most {max_cell_chars} characters.", max_cell_chars=number(MAX_CELL_CHARS)),
            param="text",
        )
    cells = [*cells, *[""] * (width - len(cells))]
    if edit.column < 0 or edit.column > width:
        raise errors.Invalid("no_such_column", say("There is no column {column}.", column=edit.column), param="column")
    if edit.column == width:
        return [*cells[:width], *([text] if text.strip() else [])]
    cells[edit.column] = text
    return cells


def choose_columns(file: ImportFile, chosen: Mapping[str, str], *, by: Actor, at: datetime) -> Operation:
    """Say anew which column is which field: remembered for the merchant, and all rows are checked again.

    Raises `Invalid` ("bad_mapping") for what is no column or no field, `Conflict` ("busy").
    """
    file = _locked(file)
    try:
        mapping = mapping_of(file).override(files.checked_mapping(chosen))
    except importing.FileRefused as refused:
        raise errors.Invalid(refused.code, refused.message, param="mapping") from refused
    file.mapping = mapping.remember()
    file.columns = [
        {**column, "field": now.field or "", "how": now.how}
        for column, now in zip(file.columns, mapping.columns, strict=True)
    ]
    files.remember_mapping(file.headers, file.mapping, merchant=file.merchant, by=by, at=at)
    work = operations.start(kind=CHECK, params={"import": str(file.id), "by": _who(by)}, by=by, at=at)
    file.work = work
    file.save(update_fields=["mapping", "columns", "work"])
    return work


def store_rows(file: ImportFile, *, by: Actor, at: datetime) -> Operation:
    """Import every sound row that is not an order yet. Raises `Refused` ("nothing_to_import"), `Conflict` ("busy")."""
    file = _locked(file)
    if not ImportLine.objects.filter(file=file, status="good").exists():
        raise errors.Refused("nothing_to_import", say("No row waits to be imported: mend a faulty one first."))
    work = operations.start(kind=STORE, params={"import": str(file.id), "by": _who(by)}, by=by, at=at)
    file.work = work
    file.save(update_fields=["work"])
    return work


def _locked(file: ImportFile) -> ImportFile:
    """The file, its rows ours to change until the transaction ends."""
    row: ImportFile = (
        ImportFile.objects.select_for_update(of=("self",))
        .select_related("merchant", "operation")
        .defer("content")
        .get(id=file.id)
    )
    for operation_id in (row.operation_id, row.work_id):
        if operation_id and Operation.objects.filter(id=operation_id, status__in=UNFINISHED).exists():
            raise errors.Conflict(
                "busy", say("The rows are being checked or imported right now: try again in a moment.")
            )
    if not row.headers:
        raise errors.Refused(
            "rows_gone",
            say("The rows of this file are kept for 14 days only. Hand the file in again to go on with it."),
        )
    return row


def _who(by: Actor) -> list[str | None]:
    return [by.kind, str(by.id) if by.id else None, by.label]


def drop_old_lines(*, at: datetime) -> int:
    """Delete the staged rows of files older than two weeks (their orders and numbers stay). Returns how many."""
    old = ImportFile.objects.filter(created_at__lt=at - KEPT_FOR).exclude(headers=[])
    gone: int = ImportLine.objects.filter(file__in=old).delete()[0]
    old.update(headers=[])
    return gone
