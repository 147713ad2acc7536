"""JSON doors of proposals: looked at, taken whole or in parts, or left."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.conf import settings
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import doors, paging, permissions, rows
from accounts import queries as accounts_queries
from core import clock
from core.words import say
from dispatch import proposal_rows
from dispatch.actions import proposals
from dispatch.api import plan_of
from dispatch.models import Proposal
from routing.solver import objective

MOST_LONGER_MIN = 8 * 60
MOST_VANS = 20


class LongerInput(serializers.Serializer[Any]):
    shift = serializers.UUIDField()
    minutes = serializers.IntegerField(min_value=1, max_value=MOST_LONGER_MIN)


class MoreInput(serializers.Serializer[Any]):
    """One more van: `like` that of a shift, or a `driver` with a `vehicle` who have no shift that day."""

    like = serializers.UUIDField(required=False, allow_null=True)
    driver = serializers.UUIDField(required=False, allow_null=True)
    vehicle = serializers.UUIDField(required=False, allow_null=True)

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        like, pair = values.get("like"), (values.get("driver"), values.get("vehicle"))
        if bool(like) == any(pair) or (not like and not all(pair)):
            raise serializers.ValidationError(say("Name a shift whose van is like it, or a driver and a vehicle."))
        return values


class FleetInput(serializers.Serializer[Any]):
    absent = serializers.ListField(child=serializers.UUIDField(), max_length=500, default=list)
    longer = LongerInput(many=True, default=list)
    more = MoreInput(many=True, default=list)

    def validate_more(self, values: list[Any]) -> list[Any]:
        if len(values) > MOST_VANS:
            raise serializers.ValidationError(say("At most {most_vans} vans can come in.", most_vans=MOST_VANS))
        return values


class WhatIfInput(serializers.Serializer[Any]):
    """The same day with another fleet."""

    fleet = FleetInput()
    seconds = serializers.IntegerField(min_value=1, max_value=settings.SOLVE_MAX_SECONDS, required=False)
    objective = serializers.ChoiceField(choices=sorted(objective.PRESETS), required=False)


class AcceptInput(serializers.Serializer[Any]):
    groups = serializers.ListField(
        child=serializers.CharField(max_length=60),
        required=False,
        allow_null=True,
        max_length=1000,
        help_text="Groups of changes; all that nobody has accepted yet when left out.",
    )


def _plain(fleet: dict[str, Any]) -> dict[str, Any]:
    """Ids as texts, as they are kept."""
    return {
        "absent": [str(one) for one in fleet["absent"]],
        "longer": [{"shift": str(one["shift"]), "minutes": one["minutes"]} for one in fleet["longer"]],
        "more": [
            {name: str(one[name]) if one.get(name) else None for name in ("like", "driver", "vehicle")}
            for one in fleet["more"]
        ],
    }


class WhatIf(doors.ApiDoor):
    permissions: ClassVar[dict[str, str]] = {"POST": permissions.PLAN_WRITE}

    @extend_schema(
        operation_id="plans_what_if",
        request=WhatIfInput,
        responses={202: rows.schema_of(accounts_queries.OperationRow)},
    )
    def post(self, request: Request, id: UUID) -> Response:
        """Work the day out with another fleet, which stays as it is: 202 with an operation, then a proposal."""
        plan = plan_of(id)
        form = WhatIfInput(data=request.data)
        form.is_valid(raise_exception=True)
        values = {**form.validated_data, "fleet": _plain(form.validated_data["fleet"])}
        operation = proposals.request(plan, proposals.wanted("what_if", values), by=self.caller.actor, at=clock.now())
        return Response(accounts_queries.operation_rows([operation])[0], status=202)


class Proposals(doors.ApiDoor):
    permissions: ClassVar[dict[str, str]] = {"GET": permissions.PLAN_READ}

    @extend_schema(
        operation_id="proposals_list",
        parameters=[OpenApiParameter("open", bool, description="Only those that nobody has decided.")],
        responses=rows.listing_of(proposal_rows.ProposalRow),
    )
    def get(self, request: Request, id: UUID) -> Response:
        """The plan's proposals, with figures before and after: for looking at them side by side."""
        found = Proposal.objects.filter(plan=plan_of(id)).select_related("plan", "plan__depot")
        if request.query_params.get("open") in ("1", "true"):
            found = found.filter(decided_at__isnull=True)
        return Response(paging.page(request, found, proposal_rows.rows))


class ProposalOne(doors.ApiDoor):
    permissions: ClassVar[dict[str, str]] = {"GET": permissions.PLAN_READ}

    @extend_schema(operation_id="proposals_read", responses=rows.schema_of(proposal_rows.ProposalFullRow))
    def get(self, request: Request, id: UUID) -> Response:
        """Everything that the proposal changes; `stale` when the plan is not what it was made on any more."""
        return Response(proposal_rows.full_row(proposals.of(id)))


class Accept(doors.ApiDoor):
    permissions: ClassVar[dict[str, str]] = {"POST": permissions.PLAN_WRITE}

    @extend_schema(
        operation_id="proposals_accept",
        request=AcceptInput,
        responses=rows.schema_of(proposal_rows.ProposalFullRow),
    )
    def post(self, request: Request, id: UUID) -> Response:
        """Take the proposal, or some groups of its changes, into the plan: 409 when the plan has changed since, 422
        with the rules that a part alone would break."""
        proposal = proposals.of(id)
        form = AcceptInput(data=request.data)
        form.is_valid(raise_exception=True)
        proposals.accept(proposal, form.validated_data.get("groups"), by=self.caller.actor, at=clock.now())
        return Response(proposal_rows.full_row(proposals.of(id)))


class Reject(doors.ApiDoor):
    permissions: ClassVar[dict[str, str]] = {"POST": permissions.PLAN_WRITE}

    @extend_schema(
        operation_id="proposals_reject", request=None, responses=rows.schema_of(proposal_rows.ProposalFullRow)
    )
    def post(self, request: Request, id: UUID) -> Response:
        """Leave the plan as it is; a proposal that was overtaken by the plan is closed as stale."""
        proposal, by, at = proposals.of(id), self.caller.actor, clock.now()
        if not proposals.mark_stale(proposal, by=by, at=at):
            proposals.reject(proposal, by=by, at=at)
        return Response(proposal_rows.full_row(proposals.of(id)))


class Arrange(doors.ApiDoor):
    permissions: ClassVar[dict[str, str]] = {"POST": permissions.FLEET_WRITE}

    @extend_schema(
        operation_id="proposals_arrange", request=None, responses=rows.schema_of(proposal_rows.ProposalFullRow)
    )
    def post(self, request: Request, id: UUID) -> Response:
        """Make real what a what-if needs: open, lengthen or call off shifts. Then optimise again."""
        proposal = proposals.of(id)
        proposals.arrange(proposal, by=self.caller.actor, at=clock.now())
        return Response(proposal_rows.full_row(proposals.of(id)))
