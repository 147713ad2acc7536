"""Doors of the driver's phone: sign-in, the day, reports, uploads, positions."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar, TypedDict
from uuid import UUID
from zoneinfo import ZoneInfo

from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.contrib.auth import authenticate
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import callers, doors, keys, permissions, rows
from accounts.models import User
from core import clock, errors, tenancy
from core.words import say
from dispatch import queries as dispatch
from dispatch.day_rows import NamedRow, RouteRow, StopRow
from fleet import queries as fleet
from fleet.models import Driver
from fleet.queries import DepotRow, DriverRow, ShiftRow
from tracking import actions, intake, maps, photos
from tracking.actions import ResultRow
from tracking.api import forms
from tracking.maps import MapRow
from tracking.queries import instant

MOST = 200
DONE = ("attempted", "departed")


class TooMany(errors.Refused):
    status = 429


class SignedInRow(TypedDict):
    token: str
    driver: NamedRow
    organization: NamedRow


class DriverOrganizationRow(TypedDict):
    id: str
    name: str
    phone: str
    timezone: str
    distance_unit: str


class DayRow(TypedDict):
    at: str
    day: str
    driver: DriverRow
    shift: ShiftRow | None
    route: RouteRow | None
    stops: list[StopRow]
    depot: DepotRow | None
    map: MapRow
    organization: DriverOrganizationRow


class ReportResultsRow(TypedDict):
    results: list[ResultRow]


class SignedOutRow(TypedDict):
    signed_out: bool


class DroppedRow(TypedDict):
    index: int
    reason: str


class IntakeRow(TypedDict):
    stored: int
    dropped: list[DroppedRow]


class UploadRow(TypedDict):
    id: str


class SignIn(doors.ApiDoor):
    """E-mail and password for a key that acts as the driver on this phone."""

    permissions: ClassVar[dict[str, str]] = {"POST": permissions.PUBLIC}

    @extend_schema(
        operation_id="driver_sign_in", request=forms.SignInInput, responses=rows.schema_of(SignedInRow), auth=[])
    def post(self, request: Request) -> Response:
        form = forms.SignInInput(data=request.data)
        form.is_valid(raise_exception=True)
        given = form.validated_data
        name = str(settings.AXES_USERNAME_FORM_FIELD)
        held = {name: given["email"].strip().lower()}
        user = authenticate(request._request, **held, password=given["password"])
        if AxesProxyHandler.is_locked(request._request, held):
            # Otherwise the middleware would put its page in the place of this answer.
            request._request.axes_locked_out = False  # type: ignore[attr-defined]
            raise TooMany("too_many_tries", say("Too many wrong tries. Wait 15 minutes, then sign in again."))
        if not isinstance(user, User):
            raise errors.Forbidden("wrong_sign_in", say("The e-mail address or the password is wrong."))
        own = callers.memberships_of(user)
        for membership, organization in own:
            if "organization" in given and organization.slug != given["organization"]:
                continue
            with tenancy.scope(organization.id):
                driver = fleet.driver_of(membership.id)
                if driver is None or permissions.DRIVE not in permissions.of_role(membership.role):
                    continue
                token = keys.issue(name=f"Phone {given['device']}".strip()[:80], membership=membership)
                row: SignedInRow = {
                    "token": token, "driver": {"id": str(driver.id), "name": driver.name},
                    "organization": {"id": str(organization.id), "name": organization.name},
                }
                return Response(row)
        raise errors.Forbidden("not_a_driver", say("This account is not a driver's. Dispatchers sign in on the board."))


class PhoneDoor(doors.ApiDoor):
    """A door of the phone: whoever may drive, and is a driver."""

    def driver(self) -> Driver:
        driver = fleet.driver_of(self.caller.membership_id)
        if driver is None:
            raise errors.Forbidden(
                "not_a_driver", say("This account is not linked to a driver any more. Ask your dispatcher."))
        return driver

    def today(self) -> date:
        """The day in the organization's own zone."""
        return clock.now().astimezone(ZoneInfo(self.caller.organization.timezone)).date()


class SignOut(doors.ApiDoor):
    """The phone's key opens nothing any more."""

    permissions: ClassVar[dict[str, str]] = {"POST": permissions.DRIVE}

    @extend_schema(operation_id="driver_sign_out", request=None, responses=rows.schema_of(SignedOutRow))
    def post(self, request: Request) -> Response:
        if self.caller.key_id is not None:
            keys.revoke(self.caller.key_id, at=timezone.now())
        return Response({"signed_out": True})


class Day(PhoneDoor):
    """The driver's own day: shift, route and stops, and nothing of anybody else's."""

    permissions: ClassVar[dict[str, str]] = {"GET": permissions.DRIVE}

    @extend_schema(operation_id="driver_day", responses=rows.schema_of(DayRow),
                   parameters=[OpenApiParameter("day", OpenApiTypes.DATE, description="Today unless given.")])
    def get(self, request: Request) -> Response:
        day = serializers.DateField().run_validation(request.query_params.get("day") or self.today().isoformat())
        driver, organization = self.driver(), self.caller.organization
        route = dispatch.driver_route(driver.id, day)
        shift = next((one for one in fleet.shifts_on(day) if one.driver_id == driver.id), None)
        depot = shift.depot if shift else driver.depot
        stops = dispatch.stop_rows(dispatch.route_stops(route.id)) if route else []
        for stop in stops:
            if stop["status"] in DONE:
                # What has been done needs no telephone any more.
                for order in stop["orders"]:
                    order["phone"] = ""
        row: DayRow = {
            "at": instant(clock.now()),
            "day": day.isoformat(),
            "driver": fleet.driver_rows([driver])[0],
            "shift": fleet.shift_rows([shift])[0] if shift else None,
            "route": dispatch.route_rows([route])[0] if route else None,
            "stops": stops,
            "depot": fleet.depot_rows([depot])[0] if depot else None,
            "map": maps.map_row(),
            "organization": {
                "id": str(organization.id), "name": organization.name, "phone": organization.phone,
                "timezone": organization.timezone, "distance_unit": organization.distance_unit,
            },
        }
        return Response(row)


class Reports(PhoneDoor):
    """Up to 200 reports: each is applied once and answered by itself."""

    permissions: ClassVar[dict[str, str]] = {"POST": permissions.DRIVE}

    @extend_schema(
        operation_id="driver_reports", request=forms.ReportsInput, responses=rows.schema_of(ReportResultsRow))
    def post(self, request: Request) -> Response:
        raw, body = _batch(request, "reports")
        now = clock.now()
        sent_at = serializers.DateTimeField(allow_null=True).run_validation(body.get("sent_at"))
        answers: list[ResultRow | UUID] = []
        readable = []
        for one in raw:
            form = forms.ReportInput(data=one)
            if form.is_valid():
                readable.append(forms.said(form.validated_data))
                answers.append(form.validated_data["id"])
            else:
                answers.append(_unreadable(one, form.errors))
        applied = {
            row["id"]: row for row in actions.apply_reports(
                self.driver(), readable, sent_at=sent_at, by=self.caller.actor, at=now)
        }
        results: list[ResultRow] = [applied[str(one)] if isinstance(one, UUID) else one for one in answers]
        return Response({"results": results})


class Uploads(PhoneDoor):
    """A photo or a signature, before the report that names it."""

    permissions: ClassVar[dict[str, str]] = {"POST": permissions.DRIVE}
    parser_classes = [MultiPartParser]

    @extend_schema(operation_id="driver_uploads", request={"multipart/form-data": forms.UploadInput},
                   responses={201: rows.schema_of(UploadRow)})
    def post(self, request: Request) -> Response:
        form = forms.UploadInput(data=request.data)
        form.is_valid(raise_exception=True)
        file = form.validated_data["file"]
        if file.size > photos.MOST_BYTES:
            raise errors.Invalid("too_large", say("A photo has at most 8 MB."), param="file")
        proof = actions.take_upload(
            self.driver(), upload_id=form.validated_data["id"], kind=form.validated_data["kind"], content=file.read(),
            by=self.caller.actor, at=clock.now())
        return Response({"id": str(proof.id)}, status=201)


class Positions(PhoneDoor):
    """Up to 200 fixes; what cannot be believed is said by index and reason, the rest is stored."""

    permissions: ClassVar[dict[str, str]] = {"POST": permissions.DRIVE}

    @extend_schema(operation_id="driver_positions", request=forms.PositionsInput, responses=rows.schema_of(IntakeRow))
    def post(self, request: Request) -> Response:
        raw, _ = _batch(request, "positions")
        points: list[intake.Point] = []
        places: list[int] = []
        dropped: list[DroppedRow] = []
        for index, one in enumerate(raw):
            point = intake.read(one)
            if isinstance(point, str):
                dropped.append({"index": index, "reason": point})
            else:
                points.append(point)
                places.append(index)
        taken = actions.record_positions(self.driver().id, points, by=self.caller.actor, at=clock.now())
        dropped += [{"index": places[one.index], "reason": one.reason} for one in taken.dropped]
        row: IntakeRow = {"stored": taken.stored, "dropped": sorted(dropped, key=lambda one: one["index"])}
        return Response(row)


def _batch(request: Request, name: str) -> tuple[list[Any], dict[str, Any]]:
    """The list of this name in the request's object, and the object."""
    data: dict[str, Any] = request.data if isinstance(request.data, dict) else {}
    batch = data.get(name)
    if not isinstance(batch, list):
        raise errors.Invalid("invalid", say("Send a list named {name}.", name=name), param=name)
    if len(batch) > MOST:
        raise errors.Invalid("too_many", say("Send at most {most} {name} at a time.", most=MOST, name=name), param=name)
    return batch, data


def _unreadable(raw: Any, faults: Any) -> ResultRow:
    """A report that cannot be read does not hold up the others; the phone keeps it and shows why."""
    report_id = raw.get("id") if isinstance(raw, dict) else None
    return {"id": str(report_id)[:60] if report_id is not None else "", "status": "rejected", "code": "unreadable",
            "message": _first(faults)[:300]}


def _first(faults: Any, path: str = "") -> str:
    """The first fault as `field: sentence`."""
    while isinstance(faults, (dict, list)) and faults:
        if isinstance(faults, dict):
            key, faults = next(iter(faults.items()))
            path = path if key == "non_field_errors" else f"{path}.{key}".strip(".")
        else:
            faults = next((one for one in faults if one), "")
    return f"{path}: {faults}" if path else str(faults)
