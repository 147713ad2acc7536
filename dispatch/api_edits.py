"""JSON doors of a plan's edits: move and lock several stops as one, undo, redo, and the consequence before the drop."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import doors, permissions, rows
from core import clock, errors
from core.words import say
from dispatch import api, consequences, edit_queries, standings, states
from dispatch.actions import edits
from dispatch.models import Edit, Plan
from fleet.models import Shift

MOST = 1000
"""Stops of one edit."""


class SeenField(serializers.DictField):
    """{stop id: the version that the caller saw}."""

    child = serializers.IntegerField(min_value=1)

    def to_internal_value(self, data: Any) -> dict[UUID, int]:
        found = super().to_internal_value(data)
        if len(found) > MOST:
            raise serializers.ValidationError(say("At most {most} stops.", most=MOST))
        try:
            return {UUID(key): version for key, version in found.items()}
        except ValueError:
            raise serializers.ValidationError(say("The names are ids of stops.")) from None


class ChangeInput(serializers.Serializer[Any]):
    stop = serializers.UUIDField()
    shift = serializers.UUIDField(required=False, allow_null=True, help_text="None: off its route.")
    position = serializers.IntegerField(
        min_value=0,
        max_value=10_000,
        required=False,
        allow_null=True,
        help_text="How many stops come before it; None: where it costs least.",
    )


class EditInput(serializers.Serializer[Any]):
    """Stops that move as one. They are taken out first, then put in one after the other, in this order."""

    changes = serializers.ListField(child=ChangeInput(), min_length=1, max_length=MOST)
    seen = SeenField(required=False)
    dry_run = serializers.BooleanField(default=False)
    despite_locks = serializers.BooleanField(default=False, help_text="A person has confirmed that locks give way.")


class LockInput(serializers.Serializer[Any]):
    stops = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=MOST)
    lock = serializers.ChoiceField(choices=states.LOCKS, allow_null=True, help_text="None: free again.")
    seen = SeenField(required=False)


class UndoInput(serializers.Serializer[Any]):
    edit = serializers.UUIDField(required=False, allow_null=True, help_text="One's own, or one that a rule made.")


class ConsequencesInput(serializers.Serializer[Any]):
    stops = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=MOST)
    shift = serializers.UUIDField(required=False, allow_null=True, help_text="None: off their routes.")
    position = serializers.IntegerField(min_value=0, max_value=10_000, required=False, allow_null=True)


class DoneRow(edit_queries.EditsRow):
    """What was done (or only looked at), and the caller's edits after it."""

    edit: edit_queries.EditRow | None
    consequence: consequences.ConsequenceRow | None


class Edits(doors.ApiDoor):
    permissions: ClassVar[dict[str, str]] = {"GET": permissions.PLAN_READ, "POST": permissions.PLAN_WRITE}

    @extend_schema(operation_id="plans_edits", responses=rows.schema_of(edit_queries.EditsRow))
    def get(self, request: Request, id: UUID) -> Response:
        """The caller's last 50 edits of this plan, newest first, and what undo and redo would take."""
        return Response(edit_queries.edits_row(api.plan_of(id), self.caller.actor))

    @extend_schema(operation_id="plans_edit", request=EditInput, responses=rows.schema_of(DoneRow))
    def post(self, request: Request, id: UUID) -> Response:
        """Move several stops as one edit, all or nothing.

        409 `changed_meanwhile` when a stop is not what was `seen` (`details.stops` says who changed what), 409 `locked`
        unless `despite_locks`, 422 `rule_broken` with the rules.
        """
        form = EditInput(data=request.data)
        form.is_valid(raise_exception=True)
        plan, values = api.plan_of(id), form.validated_data
        changes = [
            edits.Change(one["stop"], shift_of(plan, one.get("shift")), one.get("position"))
            for one in values["changes"]
        ]
        done = edits.edit(
            plan,
            changes,
            seen=values.get("seen"),
            dry_run=values["dry_run"],
            despite_locks=values["despite_locks"],
            by=self.caller.actor,
            at=clock.now(),
        )
        return Response(done_row(self, plan, done.edit, done.row))


class Lock(doors.ApiDoor):
    permissions: ClassVar[dict[str, str]] = {"POST": permissions.PLAN_WRITE}

    @extend_schema(operation_id="plans_lock", request=LockInput, responses=rows.schema_of(DoneRow))
    def post(self, request: Request, id: UUID) -> Response:
        """Lock stops to their driver, order or position, or free them: no solve changes what is locked."""
        form = LockInput(data=request.data)
        form.is_valid(raise_exception=True)
        plan, values = api.plan_of(id), form.validated_data
        row = edits.lock(
            plan,
            values["stops"],
            strength=values["lock"] or "",
            seen=values.get("seen"),
            by=self.caller.actor,
            at=clock.now(),
        )
        return Response(done_row(self, plan, row, None))


class Undo(doors.ApiDoor):
    permissions: ClassVar[dict[str, str]] = {"POST": permissions.PLAN_WRITE}

    @extend_schema(operation_id="plans_undo", request=UndoInput, responses=rows.schema_of(DoneRow))
    def post(self, request: Request, id: UUID) -> Response:
        """Take back the caller's latest edit (or the one named). 409 when somebody changed those stops since."""
        form = UndoInput(data=request.data)
        form.is_valid(raise_exception=True)
        named = form.validated_data.get("edit")
        plan = api.plan_of(id)
        row = edits.undo(plan, edit_id=named, by=self.caller.actor, at=clock.now())
        return Response(done_row(self, plan, row, None))


class Redo(doors.ApiDoor):
    permissions: ClassVar[dict[str, str]] = {"POST": permissions.PLAN_WRITE}

    @extend_schema(operation_id="plans_redo", request=None, responses=rows.schema_of(DoneRow))
    def post(self, request: Request, id: UUID) -> Response:
        """Make again what the caller undid last."""
        plan = api.plan_of(id)
        row = edits.redo(plan, by=self.caller.actor, at=clock.now())
        return Response(done_row(self, plan, row, None))


class Consequences(doors.ApiDoor):
    permissions: ClassVar[dict[str, str]] = {"GET": permissions.PLAN_READ, "POST": permissions.PLAN_READ}

    @extend_schema(operation_id="plans_consequences_ready", responses=rows.schema_of(standings.ReadyRow))
    def get(self, request: Request, id: UUID) -> Response:
        """Make the plan ready for such questions, before the first one is asked: a large plan takes seconds."""
        return Response(standings.ready(api.plan_of(id)))

    @extend_schema(
        operation_id="plans_consequences",
        request=ConsequencesInput,
        responses=rows.schema_of(standings.ConsequencesRow),
    )
    def post(self, request: Request, id: UUID) -> Response:
        """What putting stops there would lead to; quick enough to ask while they are dragged. Nothing is written.

        Without a position: the place on that shift where it costs least, given back as `place`.
        """
        form = ConsequencesInput(data=request.data)
        form.is_valid(raise_exception=True)
        values = form.validated_data
        if len(set(values["stops"])) != len(values["stops"]):
            raise errors.Invalid("named_twice", say("A stop is named twice."), param="stops")
        return Response(
            standings.ask(
                api.plan_of(id), values["stops"], shift_id=values.get("shift"), position=values.get("position")
            )
        )


def done_row(door: doors.ApiDoor, plan: Plan, edit: Edit | None, row: consequences.ConsequenceRow | None) -> DoneRow:
    by = door.caller.actor
    return {
        **edit_queries.edits_row(plan, by),
        "edit": edit_queries.edit_row(edit, by) if edit else None,
        "consequence": row,
    }


def shift_of(plan: Any, shift_id: UUID | None) -> UUID | None:
    """The id, if it is of a shift at the plan's depot on its day."""
    if shift_id is None:
        return None
    here = Shift.objects.filter(id=shift_id, day_on=plan.day_on, depot_id=plan.depot_id, status="rostered")
    if not here.exists():
        raise errors.Invalid("not_found", say("There is no such shift at this depot on that day."), param="shift")
    return shift_id
