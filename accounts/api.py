"""JSON doors of what belongs to no single app: operations and the organization's settings."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import actions, doors, languages, objectives, permissions, queries, rows
from core import clock, errors, operations
from core.words import say

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


class SettingsInput(serializers.Serializer[Any]):
    objective = serializers.ChoiceField(
        choices=objectives.NAMES, required=False, help_text="What plans aim at, from the next optimisation on."
    )
    distance_unit = serializers.ChoiceField(
        choices=actions.UNITS["distance_unit"], required=False, help_text="How lengths are written."
    )
    clock = serializers.ChoiceField(
        choices=actions.UNITS["clock"], required=False, help_text="How times of day are written."
    )
    language = serializers.ChoiceField(
        choices=languages.CODES, required=False, help_text="Of every member who has not chosen their own."
    )


class OrganizationSettings(doors.ApiDoor):
    """The caller's organization and how it plans."""

    permissions: ClassVar[dict[str, str]] = {"GET": permissions.PLAN_READ, "PATCH": permissions.SETTINGS_WRITE}

    @extend_schema(operation_id="organization_read", responses=rows.schema_of(queries.SettingsRow))
    def get(self, request: Request) -> Response:
        return Response(queries.settings_row(self.caller.organization))

    @extend_schema(
        operation_id="organization_change", request=SettingsInput, responses=rows.schema_of(queries.SettingsRow)
    )
    def patch(self, request: Request) -> Response:
        """Change the settings: owners and admins, signed in. Plans that are there stay as they are."""
        form = SettingsInput(data=request.data)
        form.is_valid(raise_exception=True)
        organization, wishes = self.caller.organization, dict(form.validated_data)
        objective = wishes.pop("objective", None)
        language = wishes.pop("language", None)
        if objective is None and language is None and not wishes:
            names = "objective, distance_unit, clock, language"
            raise errors.Invalid("nothing_to_change", say("Name a setting: {names}.", names=names))
        by, at = self.caller.actor, clock.now()
        if objective is not None:
            actions.set_objective(organization, objective, by=by, at=at)
        if language is not None:
            actions.set_language(organization, language, by=by, at=at)
        actions.set_units(organization, **wishes, by=by, at=at)
        return Response(queries.settings_row(organization))
