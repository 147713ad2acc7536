"""JSON doors of "why not?": why a stop is on no route, and the ways out."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import doors, permissions, rows
from core import clock
from dispatch import day_rows, queries, why
from dispatch.actions import relaxing
from dispatch.api import stop_of


class RelaxInput(serializers.Serializer[Any]):
    relaxation = serializers.CharField(max_length=40, help_text="The key of a way out, as `/why/` tells it.")


class Why(doors.ApiDoor):
    permissions: ClassVar[dict[str, str]] = {"GET": permissions.PLAN_READ}

    @extend_schema(operation_id="stops_why", responses=rows.schema_of(why.WhyRow))
    def get(self, request: Request, id: UUID) -> Response:
        """Why the stop is on no route, and what could give way, each way with its price."""
        return Response(why.row(stop_of(id)))


class Relax(doors.ApiDoor):
    permissions: ClassVar[dict[str, str]] = {"POST": permissions.PLAN_WRITE}

    @extend_schema(operation_id="stops_relax", request=RelaxInput, responses=rows.schema_of(day_rows.StopRow))
    def post(self, request: Request, id: UUID) -> Response:
        """Let a rule give way and put the stop on its route: 409 when the plan has changed, 422 in words otherwise."""
        stop = stop_of(id)
        form = RelaxInput(data=request.data)
        form.is_valid(raise_exception=True)
        relaxing.relax_for(stop, form.validated_data["relaxation"], by=self.caller.actor, at=clock.now())
        return Response(queries.stop_rows([stop_of(id)])[0])
