"""Doors of what is printed: manifests and load lists, of one route or of a whole plan, as pages and by the API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from accounts import doors, permissions
from core import clock, errors
from dispatch import facts, paper, queries, queries_paper
from dispatch.models import Plan
from dispatch.paper import Sheet

READ = {"GET": permissions.PLAN_READ}
PDF = {(200, "application/pdf"): OpenApiTypes.BINARY}
_KINDS: dict[str, Callable[..., bytes]] = {"manifest": paper.manifest, "load-list": paper.load_list}


def pdf(content: bytes, name: str) -> HttpResponse:
    """A PDF to be shown; `name` is what it is saved under, letters and digits only."""
    answer = HttpResponse(content, content_type="application/pdf")
    safe = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in name).strip("-")
    answer["Content-Disposition"] = f'inline; filename="{safe}.pdf"'
    answer["Cache-Control"] = "private, no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _printed(sheets: list[Sheet], kind: str, name: str) -> HttpResponse:
    made_at = clock.now().astimezone(facts.zone_of_tenant())
    return pdf(_KINDS[kind](sheets, made_at=made_at), f"{kind}-{name}")


def of_plan(id: UUID, kind: str) -> HttpResponse:
    plan = Plan.objects.filter(id=id).first()
    if plan is None:
        raise errors.Missing("plan")
    return _printed(queries_paper.plan_sheets(plan), kind, f"{plan.day_on}")


def of_route(id: UUID, kind: str) -> HttpResponse:
    route = queries.routes().select_related("shift__depot").filter(id=id).first()
    if route is None:
        raise errors.Missing("route")
    sheet = queries_paper.route_sheet(route)
    return _printed([sheet], kind, f"{route.shift.day_on}-{sheet.driver}")


class PlanPage(doors.PageDoor):
    """`/plans/<id>/manifest.pdf` and `load-list.pdf`."""

    permissions: ClassVar[dict[str, str]] = READ

    def get(self, request: HttpRequest, id: UUID, kind: str) -> HttpResponse:
        return of_plan(id, kind)


class RoutePage(doors.PageDoor):
    """`/routes/<id>/manifest.pdf` and `load-list.pdf`."""

    permissions: ClassVar[dict[str, str]] = READ

    def get(self, request: HttpRequest, id: UUID, kind: str) -> HttpResponse:
        return of_route(id, kind)


class PlanApi(doors.ApiDoor):
    permissions: ClassVar[dict[str, str]] = READ

    @extend_schema(responses=PDF)
    def get(self, request: Request, id: UUID, kind: str) -> Any:
        """The plan's routes on paper: their stops in order, or their parcels in the order of loading."""
        return of_plan(id, kind)


class RouteApi(doors.ApiDoor):
    permissions: ClassVar[dict[str, str]] = READ

    @extend_schema(responses=PDF)
    def get(self, request: Request, id: UUID, kind: str) -> Any:
        """The route on paper: its stops in order, or its parcels in the order of loading."""
        return of_route(id, kind)
