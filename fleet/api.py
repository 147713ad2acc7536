"""JSON doors of the fleet."""

from __future__ import annotations

from datetime import date, time
from typing import Any, ClassVar
from uuid import UUID
from zoneinfo import ZoneInfo

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import doors, paging, permissions, rows
from core import clock, errors
from core.models import Journaled
from core.vocabulary import word
from core.words import say
from fleet import actions, queries
from fleet.models import Depot, Driver, Shift, Vehicle, Zone

WORD = r"^[^\x00-\x1f]*$"
MAX_CENTS = 10_000_000


def _skills() -> serializers.ListField:
    return serializers.ListField(child=serializers.RegexField(r"^[a-z0-9_-]{1,30}$"), max_length=20, required=False)


class DepotInput(serializers.Serializer[Any]):
    name = serializers.RegexField(WORD, max_length=80)
    line = serializers.RegexField(WORD, max_length=200, required=False, allow_blank=True)
    lat = serializers.FloatField(min_value=-90, max_value=90)
    lon = serializers.FloatField(min_value=-180, max_value=180)
    opens = serializers.TimeField(default=time(6))
    closes = serializers.TimeField(default=time(22))


class VehicleInput(serializers.Serializer[Any]):
    name = serializers.RegexField(WORD, max_length=80)
    plate = serializers.RegexField(WORD, max_length=20, required=False, allow_blank=True)
    kind = serializers.ChoiceField(["van", "truck", "car", "cargo_bike"], default="van")
    weight_g = serializers.IntegerField(min_value=1, max_value=100_000_000)
    volume_ml = serializers.IntegerField(min_value=1, max_value=1_000_000_000)
    pieces = serializers.IntegerField(min_value=1, max_value=100_000, required=False, allow_null=True)
    pallets = serializers.IntegerField(min_value=0, max_value=1_000, required=False, allow_null=True)
    skills = _skills()
    day_cents = serializers.IntegerField(min_value=0, max_value=MAX_CENTS, default=0)
    cents_per_km = serializers.IntegerField(min_value=0, max_value=MAX_CENTS, default=0)


class DriverInput(serializers.Serializer[Any]):
    name = serializers.RegexField(WORD, max_length=120)
    phone = serializers.RegexField(r"^(\+[0-9]{6,18})?$", max_length=20, required=False, allow_blank=True)
    depot = serializers.UUIDField()
    vehicle = serializers.UUIDField(required=False, allow_null=True)
    skills = _skills()
    cents_per_hour = serializers.IntegerField(min_value=0, max_value=MAX_CENTS, default=0)
    usual_start = serializers.TimeField(default=time(8))
    usual_end = serializers.TimeField(default=time(17))
    color = serializers.RegexField(r"^#[0-9a-f]{6}$", required=False)
    zones_strict = serializers.BooleanField(required=False)
    active = serializers.BooleanField(required=False)


class ZoneInput(serializers.Serializer[Any]):
    """`outline`: 3 to 200 corners as [latitude, longitude]. `drivers`: the ids of all who keep to the zone."""

    name = serializers.RegexField(WORD, max_length=80)
    color = serializers.RegexField(r"^#[0-9a-f]{6}$", required=False)
    outline = serializers.ListField(child=serializers.ListField(child=serializers.FloatField()))
    drivers = serializers.ListField(child=serializers.UUIDField(), max_length=1000, required=False)


class ZoneChange(ZoneInput):
    status = serializers.ChoiceField(["active", "retired"], required=False)


class RosterInput(serializers.Serializer[Any]):
    day = serializers.DateField()


def _referenced(values: dict[str, Any]) -> dict[str, Any]:
    """`depot`, `vehicle` and `drivers` as rows of this tenant; somebody else's is simply not there."""
    for name, model in (("depot", Depot), ("vehicle", Vehicle)):
        if values.get(name) is not None:
            row = model.objects.filter(id=values[name]).first()
            if row is None:
                raise errors.Invalid("not_found", say("There is no such {name} here.", name=word(name)), param=name)
            values[name] = row
    if "drivers" in values:
        wanted = set(values["drivers"])
        values["drivers"] = list(Driver.objects.filter(id__in=wanted))
        if len(values["drivers"]) < len(wanted):
            raise errors.Invalid(
                "not_found", say("There is no such {name} here.", name=word("driver")), param="drivers"
            )
    return values


class _List(doors.ApiDoor):
    """List and add."""

    permissions: ClassVar[dict[str, str]] = {"GET": permissions.FLEET_READ, "POST": permissions.FLEET_WRITE}
    model: ClassVar[type[Journaled]]
    taken: ClassVar[type[serializers.Serializer[Any]]]
    as_rows: ClassVar[Any]
    add: ClassVar[Any]

    def get(self, request: Request) -> Response:
        return Response(paging.page(request, self.model.objects.all(), type(self).as_rows))

    def post(self, request: Request) -> Response:
        form = self.taken(data=request.data)
        form.is_valid(raise_exception=True)
        row = type(self).add(**_referenced(dict(form.validated_data)), by=self.caller.actor, at=clock.now())
        return Response(type(self).as_rows([row])[0], status=201)


class _One(doors.ApiDoor):
    """Read and change one."""

    permissions: ClassVar[dict[str, str]] = {"GET": permissions.FLEET_READ, "PATCH": permissions.FLEET_WRITE}
    model: ClassVar[type[Journaled]]
    taken: ClassVar[type[serializers.Serializer[Any]]]
    as_rows: ClassVar[Any]
    change: ClassVar[Any] = staticmethod(actions.change)

    def _row(self, id: UUID) -> Any:
        row = self.model.objects.filter(id=id).first()
        if row is None:
            raise errors.Missing(self.model.subject)
        return row

    def get(self, request: Request, id: UUID) -> Response:
        return Response(type(self).as_rows([self._row(id)])[0])

    def patch(self, request: Request, id: UUID) -> Response:
        row = self._row(id)
        form = self.taken(data=request.data, partial=True)
        form.is_valid(raise_exception=True)
        type(self).change(row, _referenced(dict(form.validated_data)), by=self.caller.actor, at=clock.now())
        return Response(type(self).as_rows([row])[0])


def _described(
    name: str,
    taken: type[serializers.Serializer[Any]],
    row: type,
    changing: type[serializers.Serializer[Any]] | None = None,
) -> tuple[Any, Any]:
    """The OpenAPI descriptions of a list and of one: what they take and answer."""
    shown = rows.schema_of(row)
    many = extend_schema_view(
        get=extend_schema(operation_id=f"{name}_list", responses=rows.listing_of(row)),
        post=extend_schema(operation_id=f"{name}_add", request=taken, responses={201: shown}),
    )
    one = extend_schema_view(
        get=extend_schema(operation_id=f"{name}_read", responses=shown),
        patch=extend_schema(operation_id=f"{name}_change", request=changing or taken, responses=shown),
    )
    return many, one


_depots, _depot = _described("depots", DepotInput, queries.DepotRow)
_vehicles, _vehicle = _described("vehicles", VehicleInput, queries.VehicleRow)
_drivers, _driver = _described("drivers", DriverInput, queries.DriverRow)
_zones, _zone = _described("zones", ZoneInput, queries.ZoneRow, ZoneChange)


@_depots
class Depots(_List):
    model, taken = Depot, DepotInput
    as_rows, add = staticmethod(queries.depot_rows), staticmethod(actions.add_depot)


@_depot
class DepotOne(_One):
    model, taken, as_rows = Depot, DepotInput, staticmethod(queries.depot_rows)


@_vehicles
class Vehicles(_List):
    model, taken = Vehicle, VehicleInput
    as_rows, add = staticmethod(queries.vehicle_rows), staticmethod(actions.add_vehicle)


@_vehicle
class VehicleOne(_One):
    model, taken, as_rows = Vehicle, VehicleInput, staticmethod(queries.vehicle_rows)


@_drivers
class Drivers(_List):
    model, taken = Driver, DriverInput
    as_rows, add = staticmethod(queries.driver_rows), staticmethod(actions.add_driver)


@_driver
class DriverOne(_One):
    model, taken, as_rows = Driver, DriverInput, staticmethod(queries.driver_rows)


@_zones
class Zones(_List):
    model, taken = Zone, ZoneInput
    as_rows, add = staticmethod(queries.zone_rows), staticmethod(actions.add_zone)


@_zone
class ZoneOne(_One):
    model, taken, as_rows = Zone, ZoneChange, staticmethod(queries.zone_rows)
    change = staticmethod(actions.change_zone)


class Shifts(doors.ApiDoor):
    permissions: ClassVar[dict[str, str]] = {"GET": permissions.FLEET_READ}

    @extend_schema(
        operation_id="shifts_list",
        parameters=[OpenApiParameter("day", date)],
        responses=rows.listing_of(queries.ShiftRow),
    )
    def get(self, request: Request) -> Response:
        shifts = Shift.objects.all()
        day = request.query_params.get("day")
        if day is not None:
            shifts = shifts.filter(day_on=serializers.DateField().run_validation(day))
        return Response(paging.page(request, shifts, queries.shift_rows))


class Roster(doors.ApiDoor):
    permissions: ClassVar[dict[str, str]] = {"POST": permissions.FLEET_WRITE}

    @extend_schema(operation_id="shifts_roster", request=RosterInput, responses=rows.listing_of(queries.ShiftRow))
    def post(self, request: Request) -> Response:
        form = RosterInput(data=request.data)
        form.is_valid(raise_exception=True)
        actions.roster(
            day=form.validated_data["day"],
            zone=ZoneInfo(self.caller.organization.timezone),
            by=self.caller.actor,
            at=clock.now(),
        )
        return Response(
            {
                "results": queries.shift_rows(queries.shifts_on(form.validated_data["day"])),
                "next": None,
                "previous": None,
            }
        )
