"""JSON doors of plans, routes and stops."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from django.conf import settings
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import doors, paging, permissions, rows
from accounts import queries as accounts_queries
from core import clock, errors
from core.words import say
from dispatch import day_rows, judging, queries
from dispatch.actions import moving, plans, proposals
from dispatch.models import Plan, Route, Stop
from fleet.models import Depot, Shift
from routing.solver import objective, reoptimize


class PlanInput(serializers.Serializer[Any]):
    day = serializers.DateField()
    depot = serializers.UUIDField()


class OptimizeInput(serializers.Serializer[Any]):
    seconds = serializers.IntegerField(min_value=1, max_value=settings.SOLVE_MAX_SECONDS, required=False)
    preview = serializers.BooleanField(
        default=False, help_text="Make a proposal to look at, and leave the plan as it is: `result.proposal` names it."
    )
    objective = serializers.ChoiceField(
        choices=sorted(objective.PRESETS), required=False, help_text="With `preview`: what this run wants most."
    )


class ReoptimizeInput(OptimizeInput):
    """Start from the present routes: what may change, and how much of it."""

    scope = serializers.ChoiceField(
        choices=reoptimize.SCOPES,
        default=reoptimize.REDISTRIBUTE,
        help_text="reorder_changed_stops: the others keep driver and order; reorder_all_stops: all keep their driver.",
    )
    max_changes = serializers.IntegerField(
        min_value=0, max_value=100_000, required=False, allow_null=True, help_text="Stops that may change their driver."
    )
    change_cents = serializers.IntegerField(
        min_value=0, max_value=1_000_000, default=0, help_text="What a change of driver has to save at least."
    )
    changed = serializers.ListField(
        child=serializers.UUIDField(), max_length=10_000, default=list, help_text="For reorder_changed_stops: which."
    )
    keep_loaded = serializers.BooleanField(
        default=False, help_text="With `preview`: what was sent to a driver stays in its van."
    )
    keep_promises = serializers.BooleanField(
        default=False, help_text="With `preview`: no promise that is kept now is broken."
    )


class MoveInput(serializers.Serializer[Any]):
    """Where the stop goes: a route or a shift (one without a route yet), or neither = off its route."""

    route = serializers.UUIDField(required=False, allow_null=True)
    shift = serializers.UUIDField(required=False, allow_null=True)
    position = serializers.IntegerField(
        min_value=0, max_value=10_000, default=0, help_text="How many stops come before it."
    )
    version = serializers.IntegerField(min_value=1, required=False)
    dry_run = serializers.BooleanField(default=False)
    despite_locks = serializers.BooleanField(default=False)


def day_of(text: str | None) -> date | None:
    """A day in a query string."""
    if text is None:
        return None
    day: date = serializers.DateField().run_validation(text)
    return day


def plan_of(id: UUID) -> Plan:
    plan: Plan | None = Plan.objects.filter(id=id).first()
    if plan is None:
        raise errors.Missing("plan")
    return plan


class Plans(doors.ApiDoor):
    permissions: ClassVar[dict[str, str]] = {"GET": permissions.PLAN_READ, "POST": permissions.PLAN_WRITE}

    @extend_schema(
        operation_id="plans_list",
        parameters=[OpenApiParameter("day", date)],
        responses=rows.listing_of(day_rows.PlanRow),
    )
    def get(self, request: Request) -> Response:
        found = Plan.objects.all()
        day = day_of(request.query_params.get("day"))
        if day is not None:
            found = found.filter(day_on=day)
        return Response(paging.page(request, found, queries.plan_rows))

    @extend_schema(operation_id="plans_open", request=PlanInput, responses={201: rows.schema_of(day_rows.PlanRow)})
    def post(self, request: Request) -> Response:
        """Open the plan of a day and depot (the same again is the same plan) and gather the day's ready orders into
        stops."""
        form = PlanInput(data=request.data)
        form.is_valid(raise_exception=True)
        depot = Depot.objects.filter(id=form.validated_data["depot"], status="active").first()
        if depot is None:
            raise errors.Invalid("not_found", say("There is no such depot here."), param="depot")
        plan = plans.open_plan(day=form.validated_data["day"], depot=depot, by=self.caller.actor, at=clock.now())
        return Response(queries.plan_rows([plan])[0], status=201)


class PlanOne(doors.ApiDoor):
    permissions: ClassVar[dict[str, str]] = {"GET": permissions.PLAN_READ}

    @extend_schema(operation_id="plans_read", responses=rows.schema_of(day_rows.PlanRow))
    def get(self, request: Request, id: UUID) -> Response:
        return Response(queries.plan_rows([plan_of(id)])[0])


class PlanObjective(doors.ApiDoor):
    permissions: ClassVar[dict[str, str]] = {"GET": permissions.PLAN_READ}

    @extend_schema(operation_id="plans_objective", responses=rows.schema_of(judging.ObjectiveRow))
    def get(self, request: Request, id: UUID) -> Response:
        """What the plan is judged by: each term with unit and price, and how much of it every route has."""
        return Response(queries.objective_row(plan_of(id)))


class Optimize(doors.ApiDoor):
    permissions: ClassVar[dict[str, str]] = {"POST": permissions.PLAN_WRITE}

    @extend_schema(
        operation_id="plans_optimize",
        request=OptimizeInput,
        responses={202: rows.schema_of(accounts_queries.OperationRow)},
    )
    def post(self, request: Request, id: UUID) -> Response:
        """Optimise the plan: 202 with an operation to poll."""
        form = OptimizeInput(data=request.data)
        form.is_valid(raise_exception=True)
        if form.validated_data["preview"]:
            operation = proposals.request(
                plan_of(id), proposals.wanted("optimise", form.validated_data), by=self.caller.actor, at=clock.now()
            )
            return Response(accounts_queries.operation_rows([operation])[0], status=202)
        operation = plans.request_solve(
            plan_of(id),
            seconds=form.validated_data.get("seconds", settings.SOLVE_SECONDS),
            by=self.caller.actor,
            at=clock.now(),
        )
        return Response(accounts_queries.operation_rows([operation])[0], status=202)


class Reoptimize(doors.ApiDoor):
    permissions: ClassVar[dict[str, str]] = {"POST": permissions.PLAN_WRITE}

    @extend_schema(
        operation_id="plans_reoptimize",
        request=ReoptimizeInput,
        responses={202: rows.schema_of(accounts_queries.OperationRow)},
    )
    def post(self, request: Request, id: UUID) -> Response:
        """Optimise again from the present routes, with few changes: 202 with an operation to poll.

        New stops may go to any driver who has not set out. Routes under way stay as they are; with `preview` a better
        order of what is left of each is proposed, too, unless the scope is reorder_changed_stops.
        """
        form = ReoptimizeInput(data=request.data)
        form.is_valid(raise_exception=True)
        values = form.validated_data
        if values["preview"]:
            operation = proposals.request(
                plan_of(id), proposals.wanted("reoptimise", values), by=self.caller.actor, at=clock.now()
            )
            return Response(accounts_queries.operation_rows([operation])[0], status=202)
        operation = plans.request_solve(
            plan_of(id),
            seconds=values.get("seconds", settings.SOLVE_SECONDS),
            near={
                "scope": values["scope"],
                "max_changes": values.get("max_changes"),
                "change_cents": values["change_cents"],
                "changed": [str(stop) for stop in values["changed"]],
            },
            by=self.caller.actor,
            at=clock.now(),
        )
        return Response(accounts_queries.operation_rows([operation])[0], status=202)


class Distribute(doors.ApiDoor):
    permissions: ClassVar[dict[str, str]] = {"POST": permissions.PLAN_WRITE}

    @extend_schema(operation_id="plans_distribute", request=None, responses=rows.schema_of(day_rows.PlanRow))
    def post(self, request: Request, id: UUID) -> Response:
        """Send the routes to their drivers."""
        plan = plan_of(id)
        plans.distribute(plan, by=self.caller.actor, at=clock.now())
        return Response(queries.plan_rows([plan])[0])


class Routes(doors.ApiDoor):
    permissions: ClassVar[dict[str, str]] = {"GET": permissions.PLAN_READ}

    @extend_schema(
        operation_id="routes_list",
        parameters=[OpenApiParameter("plan", UUID), OpenApiParameter("day", date)],
        responses=rows.listing_of(day_rows.RouteRow),
    )
    def get(self, request: Request) -> Response:
        found = queries.routes()
        if "plan" in request.query_params:
            found = found.filter(plan_id=paging.uuid_of(request.query_params["plan"], "plan"))
        day = day_of(request.query_params.get("day"))
        if day is not None:
            found = found.filter(plan__day_on=day)
        return Response(paging.page(request, found, queries.route_rows))


class RouteOne(doors.ApiDoor):
    permissions: ClassVar[dict[str, str]] = {"GET": permissions.PLAN_READ}

    @extend_schema(operation_id="routes_read", responses=rows.schema_of(day_rows.RouteRow))
    def get(self, request: Request, id: UUID) -> Response:
        route = queries.routes().filter(id=id).first()
        if route is None:
            raise errors.Missing("route")
        return Response(queries.route_rows([route])[0])


class Stops(doors.ApiDoor):
    permissions: ClassVar[dict[str, str]] = {"GET": permissions.PLAN_READ}

    @extend_schema(
        operation_id="stops_list",
        parameters=[OpenApiParameter("plan", UUID), OpenApiParameter("route", UUID)],
        responses=rows.listing_of(day_rows.StopRow),
    )
    def get(self, request: Request) -> Response:
        found = queries.stops()
        for name in ("plan", "route"):
            if name in request.query_params:
                found = found.filter(**{f"{name}_id": paging.uuid_of(request.query_params[name], name)})
        return Response(paging.page(request, found, queries.stop_rows))


def stop_of(id: UUID) -> Stop:
    stop: Stop | None = queries.stops().select_related("plan", "route").filter(id=id).first()
    if stop is None:
        raise errors.Missing("stop")
    return stop


class StopOne(doors.ApiDoor):
    permissions: ClassVar[dict[str, str]] = {"GET": permissions.PLAN_READ}

    @extend_schema(operation_id="stops_read", responses=rows.schema_of(day_rows.StopRow))
    def get(self, request: Request, id: UUID) -> Response:
        return Response(queries.stop_rows([stop_of(id)])[0])


class StopAttempts(doors.ApiDoor):
    permissions: ClassVar[dict[str, str]] = {"GET": permissions.PLAN_READ}

    @extend_schema(operation_id="stops_attempts", responses=rows.listing_of(day_rows.AttemptRow))
    def get(self, request: Request, id: UUID) -> Response:
        return Response({"results": queries.stop_attempts(stop_of(id).id), "next": None, "previous": None})


class Move(doors.ApiDoor):
    permissions: ClassVar[dict[str, str]] = {"POST": permissions.PLAN_WRITE}

    @extend_schema(operation_id="stops_move", request=MoveInput, responses=rows.schema_of(moving.ConsequenceRow))
    def post(self, request: Request, id: UUID) -> Response:
        """Move a stop by hand: with `dry_run` the consequence alone, else 422 with the rules it would break."""
        form = MoveInput(data=request.data)
        form.is_valid(raise_exception=True)
        values, stop = form.validated_data, stop_of(id)
        if values.get("version", stop.version) != stop.version:
            raise errors.Conflict(
                "changed_meanwhile", say("This stop was changed by somebody else meanwhile: look again.")
            )
        move = moving.Move(stop, _shift(stop, values.get("route"), values.get("shift")), values["position"])
        return Response(
            moving.move_stop(
                move,
                dry_run=values["dry_run"],
                despite_locks=values["despite_locks"],
                by=self.caller.actor,
                at=clock.now(),
            )
        )


def _shift(stop: Stop, route_id: UUID | None, shift_id: UUID | None) -> UUID | None:
    """The shift that a route or a shift id of this stop's plan names."""
    if route_id is not None:
        route = Route.objects.filter(id=route_id, plan_id=stop.plan_id).exclude(status="cancelled").first()
        if route is None:
            raise errors.Invalid("not_found", say("There is no such route on this plan."), param="route")
        found: UUID = route.shift_id
        return found
    if shift_id is not None:
        here = Shift.objects.filter(
            id=shift_id, day_on=stop.plan.day_on, depot_id=stop.plan.depot_id, status="rostered"
        )
        if not here.exists():
            raise errors.Invalid("not_found", say("There is no such shift at this depot on that day."), param="shift")
    return shift_id
