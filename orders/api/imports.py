"""Files of orders."""

from __future__ import annotations

import json
from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import doors, paging, permissions, rows
from accounts.queries import OperationRow, operation_row
from core import clock, errors
from core.words import say
from orders import actions, queries
from orders.api import bodies
from orders.importing.table import MAX_FILE_BYTES

ROW = rows.schema_of(queries.ImportRow)


class ImportBody(serializers.Serializer[Any]):
    """A file (CSV or XLSX), the day of rows that name none, and what to do with faulty rows."""

    file = serializers.FileField(allow_empty_file=True, max_length=255)
    day = serializers.DateField(required=False)
    merchant = bodies.Text(max_length=120, required=False, allow_blank=True)
    mapping = serializers.CharField(
        max_length=200_000, required=False, allow_blank=True, help_text="JSON {column: field}"
    )
    faulty = serializers.ChoiceField(["skip", "refuse", "hold"], default="skip")


class Imports(doors.ApiDoor):
    permissions: ClassVar[dict[str, str]] = {"GET": permissions.ORDERS_READ, "POST": permissions.ORDERS_WRITE}
    parser_classes = [MultiPartParser]

    @extend_schema(
        operation_id="imports_list",
        responses=rows.listing_of(queries.ImportRow),
        parameters=[OpenApiParameter("limit", int), OpenApiParameter("cursor")],
    )
    def get(self, request: Request) -> Response:
        return Response(paging.page(request, queries.imports(), queries.import_rows))

    @extend_schema(
        operation_id="imports_create",
        request={"multipart/form-data": ImportBody},
        responses={
            202: inline_serializer("ImportStarted", {"operation": rows.schema_of(OperationRow)(), "import": ROW()})
        },
    )
    def post(self, request: Request) -> Response:
        too_large(request.headers.get("Content-Length"))
        values = bodies.taken(ImportBody, request.data)
        at, organization = clock.now(), self.caller.organization
        file = actions.hand_in_file(
            name=values["file"].name,
            content=content_of(values["file"]),
            day_on=bodies.day_of(values.get("day"), None, organization, at=at),
            merchant=values.get("merchant", ""),
            mapping=mapping_of(values.get("mapping", "")),
            faulty=values["faulty"],
            by=self.caller.actor,
            at=at,
        )
        return Response({"operation": operation_row(file.operation), "import": queries.import_row(file)}, status=202)


class ImportOne(doors.ApiDoor):
    permissions: ClassVar[dict[str, str]] = {"GET": permissions.ORDERS_READ}

    @extend_schema(operation_id="imports_read", responses=ROW)
    def get(self, request: Request, id: UUID) -> Response:
        return Response(queries.import_row(queries.import_of(id)))


def too_large(length: str | None) -> None:
    """Refuse a body that cannot be a file of orders before it is read."""
    if length and length.isdecimal() and int(length[:12]) > MAX_FILE_BYTES + 1024 * 1024:
        raise errors.Invalid(
            "too_large",
            say("The file is larger than {max_file_bytes} MB.", max_file_bytes=MAX_FILE_BYTES // 1024 // 1024),
            param="file",
        )


def content_of(upload: Any) -> bytes:
    """The bytes of an upload, one more than allowed at most: the action refuses those."""
    content: bytes = upload.read(MAX_FILE_BYTES + 1)
    return content


def mapping_of(text: str) -> dict[str, str]:
    """A mapping sent as JSON text. Raises `Invalid` for anything but {column: field}."""
    if not text.strip():
        return {}
    try:
        mapping = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _bad_mapping() from error
    if not isinstance(mapping, dict):
        raise _bad_mapping()
    return mapping


def _bad_mapping() -> errors.Invalid:
    return errors.Invalid("bad_mapping", say("mapping is not JSON of the form {column: field}."), param="mapping")
