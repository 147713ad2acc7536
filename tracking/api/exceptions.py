"""Doors of the exceptions queue: the list, one with its fixes, and what a person does about it."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import doors, paging, permissions, rows
from core import clock, errors
from core.words import say
from tracking import detection, exception_queries, fixes, states
from tracking.actions import exceptions, fixing
from tracking.api.forms import WORD
from tracking.exception_queries import ExceptionRow
from tracking.models import DayException

STATUSES = (*states.EXCEPTION.states, "live")


class FilterInput(serializers.Serializer[Any]):
    status = serializers.ChoiceField(choices=STATUSES, required=False)
    kind = serializers.ChoiceField(choices=detection.KINDS, required=False)
    day = serializers.DateField(required=False)


class ReasonInput(serializers.Serializer[Any]):
    reason = serializers.RegexField(WORD, max_length=300, required=False, allow_blank=True, default="")
    version = serializers.IntegerField(min_value=1, required=False)


class FixInput(ReasonInput):
    """One of the fixes that were shown, by its key."""

    fix = serializers.RegexField(r"^[a-z_]+(:[A-Za-z0-9-]+)*$", max_length=120)


def exception_of(id: UUID) -> DayException:
    row: DayException | None = DayException.objects.filter(id=id).first()
    if row is None:
        raise errors.Missing("exception")
    return row


class Exceptions(doors.ApiDoor):
    permissions: ClassVar[dict[str, str]] = {"GET": permissions.PLAN_READ}

    @extend_schema(operation_id="exceptions_list", responses=rows.listing_of(ExceptionRow), parameters=[
        OpenApiParameter("status", str, enum=STATUSES, description="live: open or acknowledged."),
        OpenApiParameter("kind", str, enum=detection.KINDS), OpenApiParameter("day", OpenApiTypes.DATE)])
    def get(self, request: Request) -> Response:
        """What needs a person, and what did."""
        form = FilterInput(data={name: request.query_params[name] for name in ("status", "kind", "day")
                                 if name in request.query_params})
        form.is_valid(raise_exception=True)
        found, wanted = DayException.objects.all(), form.validated_data
        status, day = wanted.get("status"), wanted.get("day")
        if status:
            found = found.filter(status__in=states.LIVE if status == "live" else [status])
        if wanted.get("kind"):
            found = found.filter(kind=wanted["kind"])
        if isinstance(day, date):
            found = found.filter(day_on=day)
        return Response(paging.page(request, found, exception_queries.rows))


class ExceptionOne(doors.ApiDoor):
    permissions: ClassVar[dict[str, str]] = {"GET": permissions.PLAN_READ}

    @extend_schema(operation_id="exceptions_read", responses=rows.schema_of(ExceptionRow))
    def get(self, request: Request, id: UUID) -> Response:
        return Response(exception_queries.rows([exception_of(id)])[0])


class Fixes(doors.ApiDoor):
    permissions: ClassVar[dict[str, str]] = {"GET": permissions.PLAN_READ}

    @extend_schema(operation_id="exceptions_fixes", responses=rows.schema_of(fixes.FixesRow))
    def get(self, request: Request, id: UUID) -> Response:
        """What could be done about it, each with its consequence, the best first; and what happened to it so far."""
        return Response(fixes.of(exception_of(id), at=clock.now()))


class _Change(doors.ApiDoor):
    """A change of one exception; `version` is the one that was seen."""

    permissions: ClassVar[dict[str, str]] = {}

    def _held(self, request: Request, id: UUID, form: type[serializers.Serializer[Any]]) -> tuple[DayException, Any]:
        given = form(data=request.data)
        given.is_valid(raise_exception=True)
        row = exception_of(id)
        if given.validated_data.get("version", row.version) != row.version:
            raise errors.Conflict("changed_meanwhile", say("This was changed by somebody else meanwhile: look again."))
        return row, given.validated_data

    def _shown(self, row: DayException) -> Response:
        return Response(exception_queries.rows([row])[0])


class Acknowledge(_Change):
    permissions: ClassVar[dict[str, str]] = {"POST": permissions.PLAN_WRITE}

    @extend_schema(operation_id="exceptions_acknowledge", request=ReasonInput, responses=rows.schema_of(ExceptionRow))
    def post(self, request: Request, id: UUID) -> Response:
        """Take it: the others see who looks after it."""
        row, _ = self._held(request, id, ReasonInput)
        return self._shown(exceptions.acknowledge(row, by=self.caller.actor, at=clock.now()))


class Resolve(_Change):
    permissions: ClassVar[dict[str, str]] = {"POST": permissions.PLAN_WRITE}

    @extend_schema(operation_id="exceptions_resolve", request=ReasonInput, responses=rows.schema_of(ExceptionRow))
    def post(self, request: Request, id: UUID) -> Response:
        """It has been dealt with."""
        row, values = self._held(request, id, ReasonInput)
        return self._shown(exceptions.close(
            row, "resolved", reason=values["reason"], by=self.caller.actor, at=clock.now()))


class Dismiss(_Change):
    permissions: ClassVar[dict[str, str]] = {"POST": permissions.PLAN_WRITE}

    @extend_schema(operation_id="exceptions_dismiss", request=ReasonInput, responses=rows.schema_of(ExceptionRow))
    def post(self, request: Request, id: UUID) -> Response:
        """It needs nobody: the reason is kept."""
        row, values = self._held(request, id, ReasonInput)
        return self._shown(exceptions.close(
            row, "dismissed", reason=values["reason"], by=self.caller.actor, at=clock.now()))


class Fix(_Change):
    permissions: ClassVar[dict[str, str]] = {"POST": permissions.PLAN_WRITE}

    @extend_schema(operation_id="exceptions_fix", request=FixInput, responses=rows.schema_of(ExceptionRow))
    def post(self, request: Request, id: UUID) -> Response:
        """Do one of the fixes that were shown, and resolve it. 409 or 422 when that is not possible any more."""
        row, values = self._held(request, id, FixInput)
        return self._shown(fixing.apply(
            row, values["fix"], reason=values["reason"], by=self.caller.actor, at=clock.now()))
