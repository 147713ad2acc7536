"""Questions about the grid of a file's rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypedDict

from django.db.models import Count

from accounts.queries import OperationRow, operation_row
from core.words import say
from orders import importing
from orders.models import ImportFile, ImportLine

ROWS_AT_ONCE = 500


class CellFaultRow(TypedDict):
    column: int | None
    code: str
    message: str


class GridLineRow(TypedDict):
    """A row of the grid. `column` of a fault is null when the row as a whole is wrong."""

    position: int
    line: int
    cells: list[str]
    faults: list[CellFaultRow]
    status: Literal["good", "bad", "imported"]
    order: str | None
    outcome: str


class GridColumnRow(TypedDict):
    header: str
    field: str
    how: str


class FieldRow(TypedDict):
    name: str
    label: str


class GridRow(TypedDict):
    """A file's grid as a whole: its columns, how many rows are what, and where the faulty ones are."""

    id: str
    columns: list[GridColumnRow]
    fields: list[FieldRow]
    missing: list[str]
    total: int
    good: int
    bad: int
    imported: int
    bad_at: list[int]
    too_wide: bool
    work: OperationRow | None
    ready: bool


class CountsRow(TypedDict):
    total: int
    good: int
    bad: int
    imported: int


def fields() -> list[FieldRow]:
    """The fields that a column may be."""
    return [
        {"name": name, "label": say(field.label)[:1].upper() + say(field.label)[1:]}
        for name, field in importing.FIELDS.items()
    ]


def counts(file: ImportFile) -> CountsRow:
    """How many rows are what."""
    held = dict(ImportLine.objects.filter(file=file).order_by().values_list("status").annotate(Count("id")))
    good, bad, imported = held.get("good", 0), held.get("bad", 0), held.get("imported", 0)
    return {"total": good + bad + imported, "good": good, "bad": bad, "imported": imported}


def grid_row(file: ImportFile) -> GridRow:
    """The grid of this file (loaded with its operation and latest work)."""
    work = file.work or file.operation
    columns: list[GridColumnRow] = [
        {"header": header, "field": column["field"], "how": column["how"]}
        for header, column in zip(file.headers, file.columns, strict=False)
    ]
    taken = {column["field"] for column in columns}
    missing = [name for name in ("reference", "recipient_name") if name not in taken]
    if not ({"street", "address"} & taken or {"lat", "lon"} <= taken):
        missing.append("street")
    wide = ImportLine.objects.filter(file=file, faults__contains=[{"code": "too_many_cells"}]).exists()
    held = counts(file)
    return {
        "id": str(file.id),
        "columns": columns,
        "fields": fields(),
        "missing": missing if columns else [],
        **held,
        "bad_at": bad_positions(file),
        "too_wide": wide,
        "work": operation_row(work) if work.status in ("queued", "running", "failed") else None,
        "ready": held["total"] > 0,
    }


def bad_positions(file: ImportFile) -> list[int]:
    """Where the faulty rows are, in order."""
    bad = ImportLine.objects.filter(file=file, status="bad").order_by("position")
    return list(bad.values_list("position", flat=True))


def lines(file: ImportFile, positions: Sequence[int]) -> list[ImportLine]:
    """The lines at these positions, in order."""
    return list(ImportLine.objects.filter(file=file, position__in=positions).order_by("position"))


def line_row(line: ImportLine) -> GridLineRow:
    status: Any = line.status
    return {
        "position": line.position,
        "line": line.line,
        "cells": line.cells,
        "faults": line.faults,
        "status": status,
        "order": str(line.order_id) if line.order_id else None,
        "outcome": line.outcome,
    }


def line_rows(lines: Sequence[ImportLine]) -> list[GridLineRow]:
    return [line_row(line) for line in lines]
