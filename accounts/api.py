"""JSON doors of what belongs to no single app: operations."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import doors, permissions, queries, rows
from core import clock, operations

ROW = rows.schema_of(queries.OperationRow)


class OperationOne(doors.ApiDoor):
    """A long-running piece of work: poll it until it has ended."""

    permissions: ClassVar[dict[str, str]] = {"GET": permissions.PLAN_READ}

    @extend_schema(operation_id="operations_read", responses=ROW)
    def get(self, request: Request, id: UUID) -> Response:
        return Response(queries.operation_row(queries.operation_of(id)))


class CancelOperation(doors.ApiDoor):
    """Ask for an end: what is queued ends now, what runs ends soon and keeps what it has."""

    permissions: ClassVar[dict[str, str]] = {"POST": permissions.PLAN_WRITE}

    @extend_schema(operation_id="operations_cancel", request=None, responses=ROW)
    def post(self, request: Request, id: UUID) -> Response:
        operation = queries.operation_of(id)
        operations.request_cancel(operation, by=self.caller.actor, at=clock.now())
        return Response(queries.operation_row(operation))
