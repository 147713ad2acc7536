"""The rows of a file of orders: looked at, mended and imported."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import doors, permissions, rows
from accounts.queries import OperationRow, operation_row
from core import clock, errors
from core.words import say
from orders import queries, queries_grid
from orders.actions import staging
from orders.api import bodies
from orders.importing.table import MAX_CELL_CHARS, MAX_ROWS

READ = {"GET": permissions.ORDERS_READ}
WRITE = {"POST": permissions.ORDERS_WRITE}
ROWS = inline_serializer("ImportLines", {"rows": rows.schema_of(queries_grid.GridLineRow)(many=True)})
STARTED = inline_serializer("ImportWork", {"operation": rows.schema_of(OperationRow)()})


class CellBody(serializers.Serializer[Any]):
    """One cell's new text. The column one beyond the last stands for all cells too many."""

    position = serializers.IntegerField(min_value=0, max_value=MAX_ROWS)
    column = serializers.IntegerField(min_value=0, max_value=1_000)
    text = serializers.CharField(max_length=MAX_CELL_CHARS, allow_blank=True, trim_whitespace=False)


class EditBody(serializers.Serializer[Any]):
    cells = serializers.ListField(child=CellBody(), min_length=1, max_length=staging.EDITS_AT_ONCE)


class ColumnsBody(serializers.Serializer[Any]):
    mapping = serializers.JSONField(help_text="{header: field}; an empty field leaves the column out")


class Grid(doors.ApiDoor):
    permissions: ClassVar[dict[str, str]] = READ

    @extend_schema(operation_id="imports_grid", responses=rows.schema_of(queries_grid.GridRow))
    def get(self, request: Request, id: UUID) -> Response:
        """The columns of a file, how many of its rows are what, and where the faulty ones are."""
        return Response(queries_grid.grid_row(queries.import_of(id)))


class Rows(doors.ApiDoor):
    permissions: ClassVar[dict[str, str]] = {"GET": permissions.ORDERS_READ, "PATCH": permissions.ORDERS_WRITE}

    @extend_schema(
        operation_id="imports_rows",
        responses=ROWS,
        parameters=[
            OpenApiParameter("start", int, description="The first position; with limit."),
            OpenApiParameter("limit", int),
            OpenApiParameter("at", str, description="Positions, separated by commas, instead of start and limit."),
        ],
    )
    def get(self, request: Request, id: UUID) -> Response:
        file = queries.import_of(id)
        found = queries_grid.lines(file, _positions(request.query_params))
        return Response({"rows": queries_grid.line_rows(found)})

    @extend_schema(
        operation_id="imports_rows_edit",
        request=EditBody,
        responses=inline_serializer(
            "ImportLinesEdited",
            {
                "rows": rows.schema_of(queries_grid.GridLineRow)(many=True),
                "counts": rows.schema_of(queries_grid.CountsRow)(),
            },
        ),
    )
    def patch(self, request: Request, id: UUID) -> Response:
        """Mend cells. Answers every row whose judgement is new: those edited, and others with the same reference."""
        file = queries.import_of(id)
        values = bodies.taken(EditBody, request.data)
        edits = [staging.Edit(cell["position"], cell["column"], cell["text"]) for cell in values["cells"]]
        lines = staging.edit_cells(file, edits, by=self.caller.actor, at=clock.now())
        return Response({"rows": queries_grid.line_rows(lines), "counts": queries_grid.counts(file)})


class Columns(doors.ApiDoor):
    permissions: ClassVar[dict[str, str]] = WRITE

    @extend_schema(operation_id="imports_columns", request=ColumnsBody, responses={202: STARTED})
    def post(self, request: Request, id: UUID) -> Response:
        """Say which column is which field; all rows are checked again. Remembered for the merchant's next file."""
        mapping = bodies.taken(ColumnsBody, request.data)["mapping"]
        if not isinstance(mapping, dict):
            raise errors.Invalid("bad_mapping", say("mapping is of the form {column: field}."), param="mapping")
        operation = staging.choose_columns(queries.import_of(id), mapping, by=self.caller.actor, at=clock.now())
        return Response({"operation": operation_row(operation)}, status=202)


class Store(doors.ApiDoor):
    permissions: ClassVar[dict[str, str]] = WRITE

    @extend_schema(operation_id="imports_store", request=None, responses={202: STARTED})
    def post(self, request: Request, id: UUID) -> Response:
        """Import every sound row that is not an order yet. The same reference again is the same order."""
        operation = staging.store_rows(queries.import_of(id), by=self.caller.actor, at=clock.now())
        return Response({"operation": operation_row(operation)}, status=202)


def _positions(query: Any) -> list[int]:
    try:
        if at := query.get("at", ""):
            positions = [int(part) for part in at[:10_000].split(",")]
        else:
            start, limit = int(query.get("start") or 0), int(query.get("limit") or 100)
            positions = list(range(start, start + max(0, min(limit, queries_grid.ROWS_AT_ONCE))))
    except ValueError as error:
        raise errors.Invalid("bad_position", say("start, limit and at are whole numbers."), param="start") from error
    if len(positions) > queries_grid.ROWS_AT_ONCE or any(not 0 <= one <= 10**7 for one in positions):
        raise errors.Invalid(
            "bad_position",
            say("At most {rows_at_once} rows of the file are given at once.", rows_at_once=queries_grid.ROWS_AT_ONCE),
            param="at",
        )
    return positions
