"""Rows of what belongs to no single app: operations."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypedDict
from uuid import UUID

from core import errors
from core.models import Operation


class OperationRow(TypedDict):
    id: str
    kind: str
    status: str
    progress: dict[str, Any]
    result: dict[str, Any] | None
    error: str | None
    created_at: str
    finished_at: str | None
    version: int


def operation_row(operation: Operation) -> OperationRow:
    return {
        "id": str(operation.id),
        "kind": operation.kind,
        "status": operation.status,
        "progress": operation.progress,
        "result": operation.result,
        "error": operation.error or None,
        "created_at": operation.created_at.isoformat(),
        "finished_at": operation.finished_at.isoformat() if operation.finished_at else None,
        "version": operation.version,
    }


def operation_of(operation_id: UUID) -> Operation:
    """The open tenant's operation. Raises `Missing`."""
    row: Operation | None = Operation.objects.filter(id=operation_id).first()
    if row is None:
        raise errors.Missing("operation")
    return row


def operation_rows(operations: Iterable[Operation]) -> list[OperationRow]:
    return [operation_row(operation) for operation in operations]
