"""Doors of the board: its opening, its snapshot with the drivers' positions, breadcrumbs, proofs."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import FileResponse
from django.utils.decorators import method_decorator
from django.views.decorators.gzip import gzip_page
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import doors, paging, permissions, rows
from core import clock, errors
from dispatch import day_opening
from dispatch import queries as dispatch
from dispatch.day_opening import OpeningRow
from dispatch.day_rows import DayRow
from dispatch.models import Proof, Route
from tracking import actions, exception_queries, maps, queries
from tracking.exception_queries import ExceptionRow
from tracking.maps import MapRow
from tracking.queries import BreadcrumbRow, PositionRow

TYPES = {".jpg": "image/jpeg", ".png": "image/png"}


class BoardRow(DayRow):
    """One day of one depot, complete, with where the drivers are."""

    positions: list[PositionRow]
    exceptions: list[ExceptionRow]
    map: MapRow


class BoardOpeningRow(OpeningRow):
    """The beginning of one day of one depot, with where the first routes' drivers are, and the map to draw it on."""

    positions: list[PositionRow]
    exceptions: list[ExceptionRow]
    map: MapRow


QUESTION = [
    OpenApiParameter("day", OpenApiTypes.DATE, description="Today unless given."),
    OpenApiParameter("depot", OpenApiTypes.UUID, description="The first one unless given.")]


def asked(request: Request, organization: Any, now: datetime) -> dict[str, Any]:
    """Which day of which depot is asked for, as the queries want it."""
    given = request.query_params.get("day") or now.astimezone(ZoneInfo(organization.timezone)).date().isoformat()
    depot = request.query_params.get("depot")
    return {
        "depot_id": paging.uuid_of(depot, "depot") if depot else None,
        "on": serializers.DateField().run_validation(given), "organization": organization, "at": now}


@method_decorator(gzip_page, name="dispatch")
class Opening(doors.ApiDoor):
    """What the board shows until the snapshot is there: the page asks for it before its own program has come."""

    permissions: ClassVar[dict[str, str]] = {"GET": permissions.PLAN_READ}

    @extend_schema(operation_id="board_opening", responses=rows.schema_of(BoardOpeningRow), parameters=QUESTION)
    def get(self, request: Request) -> Response:
        question = asked(request, self.caller.organization, clock.now())
        opening = day_opening.opening(**question)
        whole = set(opening["whole"])
        drivers = [UUID(route["driver"]["id"]) for route in opening["routes"] if route["id"] in whole]
        row: BoardOpeningRow = {
            **opening, "positions": queries.position_rows(queries.last_positions(drivers)),
            "exceptions": exception_queries.of_day(question["on"]), "map": maps.map_row()}
        return Response(row)


@method_decorator(gzip_page, name="dispatch")  # megabytes on a large day, a tenth of it compressed
class Board(doors.ApiDoor):
    """The snapshot that a board begins with; live rows are applied on top of it."""

    permissions: ClassVar[dict[str, str]] = {"GET": permissions.PLAN_READ}

    @extend_schema(operation_id="board", responses=rows.schema_of(BoardRow), parameters=QUESTION)
    def get(self, request: Request) -> Response:
        day = dispatch.day(**asked(request, self.caller.organization, clock.now()))
        drivers = [UUID(driver["id"]) for driver in day["drivers"]]
        row: BoardRow = {
            **day, "positions": queries.position_rows(queries.last_positions(drivers)),
            "exceptions": exception_queries.of_day(date.fromisoformat(day["day"])), "map": maps.map_row()}
        return Response(row)


class Breadcrumb(doors.ApiDoor):
    """The way that a route's driver was recorded on."""

    permissions: ClassVar[dict[str, str]] = {"GET": permissions.PLAN_READ}

    @extend_schema(operation_id="route_breadcrumb", responses=rows.schema_of(BreadcrumbRow))
    def get(self, request: Request, id: UUID) -> Response:
        if not Route.objects.filter(id=id).exists():
            raise errors.Missing("route")
        return Response(queries.breadcrumb(id))


class ProofOne(doors.ApiDoor):
    """A proof's picture, for members of its organization alone."""

    permissions: ClassVar[dict[str, str]] = {"GET": permissions.PLAN_READ}

    @extend_schema(operation_id="proof", responses={(200, "image/*"): OpenApiTypes.BINARY})
    def get(self, request: Request, id: UUID) -> Any:
        proof = Proof.objects.filter(id=id).first()
        if proof is None:
            raise errors.Missing("proof")
        path = actions.file_of(proof)
        response = FileResponse(path.open("rb"), content_type=TYPES.get(path.suffix, "application/octet-stream"),
                                filename=f"{proof.kind}-{proof.id}{path.suffix}")
        response["X-Content-Type-Options"] = "nosniff"
        response["Cache-Control"] = "private, max-age=3600"
        response["Content-Security-Policy"] = "default-src 'none'; sandbox"
        return response
