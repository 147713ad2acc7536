"""Orders and merchants."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from django.utils.dateparse import parse_date
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import doors, paging, permissions, rows
from core import clock, errors
from core.vocabulary import word
from core.words import say
from orders import actions, queries, states
from orders.api import bodies
from orders.importing.drafts import Draft

READ = {"GET": permissions.ORDERS_READ}
WRITE = {"POST": permissions.ORDERS_WRITE}
ROW = rows.schema_of(queries.OrderRow)


class Orders(doors.ApiDoor):
    """List and hand in."""

    permissions: ClassVar[dict[str, str]] = {**READ, **WRITE}

    @extend_schema(
        operation_id="orders_list",
        responses=rows.listing_of(queries.OrderRow),
        parameters=[
            OpenApiParameter("status", description="One or more states, separated by commas."),
            OpenApiParameter("delivery_on", description="YYYY-MM-DD"),
            OpenApiParameter("merchant", description="Its id."),
            OpenApiParameter("reference", description="Exactly this reference."),
            OpenApiParameter("q", description="Part of a reference, a name, an address or a phone number."),
            OpenApiParameter("limit", int),
            OpenApiParameter("cursor"),
        ],
    )
    def get(self, request: Request) -> Response:
        query = request.query_params
        found = queries.search(_plain(query.get("q", ""), "q"), filters_of(query))
        return Response(paging.page(request, found, queries.order_rows))

    @extend_schema(operation_id="orders_create", request=bodies.OrderBody, responses={201: ROW, 200: ROW})
    def post(self, request: Request) -> Response:
        at = clock.now()
        draft = bodies.draft_of(bodies.taken(bodies.OrderBody, request.data), self.caller.organization, at=at)
        receipt = actions.receive_many([draft], source="api", by=self.caller.actor, at=at)
        row = queries.order_rows(receipt.orders())[0]
        if receipt.kept:
            raise errors.Conflict(
                "order_underway",
                details={"order": row},
                message=say(
                    "The order {reference} is already {row}: what this request changes of it was not taken.",
                    reference=draft.reference,
                    row=word(row["status"]),
                ),
            )
        return Response(row, status=201 if receipt.created else 200)


class OrderOne(doors.ApiDoor):
    permissions: ClassVar[dict[str, str]] = {**READ, "PATCH": permissions.ORDERS_WRITE}

    @extend_schema(operation_id="orders_read", responses=rows.schema_of(queries.OneOrderRow))
    def get(self, request: Request, id: UUID) -> Response:
        """One order; with its PIN for whoever may change orders, since recipients lose messages and call."""
        with_pin = self.caller.may(permissions.ORDERS_WRITE)
        return Response(queries.one_order_row(queries.order_of(id), with_pin=with_pin))

    @extend_schema(operation_id="orders_update", request=bodies.OrderPatch, responses=ROW)
    def patch(self, request: Request, id: UUID) -> Response:
        order = queries.order_of(id)
        values = bodies.taken(bodies.OrderPatch, request.data, partial=True)
        at = clock.now()
        arguments = bodies.patch_of(values, order, self.caller.organization, at=at)
        order = actions.edit_order(order, **arguments, by=self.caller.actor, at=at)
        return Response(queries.order_row(order))


class Cancel(doors.ApiDoor):
    permissions: ClassVar[dict[str, str]] = WRITE

    @extend_schema(operation_id="orders_cancel", request=bodies.CancelBody, responses=ROW)
    def post(self, request: Request, id: UUID) -> Response:
        order = queries.order_of(id)
        reason = bodies.taken(bodies.CancelBody, request.data).get("reason", "")
        order = actions.cancel_order(order, reason=reason, by=self.caller.actor, at=clock.now())
        return Response(queries.order_row(order))


class Locate(doors.ApiDoor):
    permissions: ClassVar[dict[str, str]] = WRITE

    @extend_schema(operation_id="orders_locate", request=bodies.PinBody, responses=ROW)
    def post(self, request: Request, id: UUID) -> Response:
        order = queries.order_of(id)
        pin = bodies.taken(bodies.PinBody, request.data)
        if len(pin) == 1:
            raise errors.Invalid(
                "position_incomplete", say("lat and lon come together."), param="lat" if "lon" in pin else "lon"
            )
        order = actions.confirm_place(order, **pin, by=self.caller.actor, at=clock.now())
        return Response(queries.order_row(order))


class BulkRow(serializers.Serializer[Any]):
    """The answer for one order of a bulk request."""

    index = serializers.IntegerField()
    outcome = serializers.ChoiceField(["created", "updated", "unchanged", "kept", "invalid"])
    order = ROW(allow_null=True)
    code = serializers.CharField(allow_null=True)
    message = serializers.CharField(allow_null=True)
    param = serializers.CharField(allow_null=True)


class Bulk(doors.ApiDoor):
    permissions: ClassVar[dict[str, str]] = WRITE

    @extend_schema(
        operation_id="orders_bulk",
        request=bodies.BulkBody,
        responses=inline_serializer("BulkAnswer", {"results": BulkRow(many=True)}),
    )
    def post(self, request: Request) -> Response:
        items = request.data.get("orders") if isinstance(request.data, dict) else None
        if not isinstance(items, list) or not 1 <= len(items) <= bodies.MAX_BULK:
            raise errors.Invalid(
                "bad_bulk", say("orders is a list of 1 to {max_bulk} orders.", max_bulk=bodies.MAX_BULK), param="orders"
            )
        at = clock.now()
        drafts: list[Draft] = []
        results: list[dict[str, Any]] = []
        seen: set[str] = set()
        for index, item in enumerate(items):
            answer: dict[str, Any] = {
                "index": index,
                "outcome": "invalid",
                "order": None,
                "code": None,
                "message": None,
                "param": None,
            }
            results.append(answer)
            try:
                values = bodies.taken(bodies.OrderBody, item)
                draft = bodies.draft_of(values, self.caller.organization, at=at, line=index)
                if draft.reference in seen:
                    raise errors.Invalid(
                        "duplicate_reference",
                        say("The reference {reference} is there twice.", reference=draft.reference),
                        param="reference",
                    )
            except (serializers.ValidationError, errors.Refused) as error:
                answer.update(problem_of(error))
                continue
            seen.add(draft.reference)
            drafts.append(draft)
        receipt = actions.receive_many(drafts, source="api", by=self.caller.actor, at=at)
        outcomes = receipt.outcome_of()
        held = {order.reference: order for order in receipt.orders()}
        made = {row["reference"]: row for row in queries.order_rows(held.values())}
        for draft in drafts:
            answer = results[draft.line]
            answer.update(outcome=outcomes[held[draft.reference].id], order=made[draft.reference])
            if answer["outcome"] == "kept":
                answer.update(code="order_underway", message=say("This order is too far on to be changed."))
        return Response({"results": results})


class Merchants(doors.ApiDoor):
    permissions: ClassVar[dict[str, str]] = READ

    @extend_schema(operation_id="merchants_list", responses=rows.listing_of(queries.MerchantRow))
    def get(self, request: Request) -> Response:
        return Response(paging.page(request, queries.merchants(), queries.merchant_rows))


def filters_of(query: Any) -> queries.Filters:
    """The filters in an address. Raises `Invalid` with the one that is wrong."""
    status = [word for word in query.get("status", "").split(",") if word]
    for one in status:
        if one not in states.ORDER.states:
            raise errors.Invalid(
                "bad_status", "status is one or more of " + ", ".join(states.ORDER.states) + ".", param="status"
            )
    merchant = query.get("merchant")
    return {
        "status": status,
        "delivery_on": _day(query.get("delivery_on", "")),
        "merchant": paging.uuid_of(merchant, "merchant") if merchant else None,
        "reference": _plain(query.get("reference", ""), "reference"),
    }


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None:
        raise errors.Invalid("bad_day", say("A day is written YYYY-MM-DD."), param="delivery_on")
    return day


def _plain(text: str, param: str) -> str:
    if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise errors.Invalid(
            "bad_text", say("{param} holds characters that cannot be looked for.", param=param), param=param
        )
    return text


def problem_of(error: Exception) -> dict[str, Any]:
    """The code, sentence and field of what is wrong with one row, as the door would answer it."""
    _, body = doors._problem(error) or (400, {"code": "invalid", "message": str(error), "param": None})
    return {"code": body["code"], "message": body["message"], "param": body["param"]}
