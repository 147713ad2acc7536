"""Rows of what belongs to no single app: operations."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypedDict
from uuid import UUID

from accounts.models import Organization
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


class SettingsRow(TypedDict):
    """An organization's settings; `objective` is one of cheapest, on_time, fewest_vans, balanced; `distance_unit` km or
    mi; `clock` 24h or 12h; `language` en, nl, de, fr or es."""

    id: str
    name: str
    timezone: str
    currency: str
    distance_unit: str
    clock: str
    language: str
    objective: str


def settings_row(organization: Organization) -> SettingsRow:
    return {
        "id": str(organization.id),
        "name": organization.name,
        "timezone": organization.timezone,
        "currency": organization.currency,
        "distance_unit": organization.distance_unit,
        "clock": organization.clock,
        "language": organization.language,
        "objective": organization.objective,
    }


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
