"""JSON doors of conversations: the dispatchers' inbox, and the driver's phone."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, TypedDict
from uuid import UUID, uuid4

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import doors, paging, permissions, rows
from core import clock, errors
from core.words import say
from dispatch.models import Stop, StopOrder
from fleet.models import Driver
from notifications import message_actions, message_queries
from notifications.message_models import TEXT_MOST
from notifications.message_queries import MessageRow, ThreadRow
from notifications.models import Thread
from orders.models import Order
from tracking import skew
from tracking.actions import ResultRow
from tracking.api.phone import PhoneDoor

PHONE_MOST = 50
PHONE_KEEPS = 100
RAW_MOST = TEXT_MOST * 2
"""What may be sent; what is left after cleaning must fit `TEXT_MOST`."""


class BroadcastRow(TypedDict):
    """How many lines were written, and the threads they are in."""

    broadcast: str
    sent: int
    unreachable: int
    threads: list[ThreadRow]


class PhoneMessagesRow(TypedDict):
    """`results`: what became of each line that was sent; `messages`: the newest lines, the oldest of them first."""

    results: list[ResultRow]
    messages: list[MessageRow]


class OpenInput(serializers.Serializer[Any]):
    driver = serializers.UUIDField(required=False)
    order = serializers.UUIDField(required=False)

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        if len(values) != 1:
            raise serializers.ValidationError(say("Name either a driver or an order."))
        return values


class MessageInput(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=RAW_MOST)
    stop = serializers.UUIDField(required=False, allow_null=True, help_text="What it is about.")
    client_id = serializers.UUIDField(required=False, help_text="The same again is the same message.")


class BroadcastInput(serializers.Serializer[Any]):
    """Who is written to: drivers, orders' recipients, and the recipients of all orders at these stops."""

    text = serializers.CharField(max_length=RAW_MOST)
    drivers = serializers.ListField(child=serializers.UUIDField(), max_length=1000, default=list)
    orders = serializers.ListField(child=serializers.UUIDField(), max_length=1000, default=list)
    stops = serializers.ListField(child=serializers.UUIDField(), max_length=1000, default=list)


class ReadInput(serializers.Serializer[Any]):
    received = serializers.IntegerField(
        min_value=0, required=False, help_text="How many incoming messages were seen; all of them unless given."
    )


class PhoneMessageInput(serializers.Serializer[Any]):
    id = serializers.UUIDField(help_text="Made by the phone; the same again is the same message.")
    text = serializers.CharField(max_length=RAW_MOST)
    device_at = serializers.DateTimeField()
    stop = serializers.UUIDField(required=False, allow_null=True)


class PhoneMessagesInput(serializers.Serializer[Any]):
    messages = serializers.ListField(child=PhoneMessageInput(), max_length=PHONE_MOST, default=list)
    read = serializers.UUIDField(required=False, allow_null=True, help_text="The newest message that was looked at.")
    sent_at = serializers.DateTimeField(required=False, help_text="The phone's clock when it sends this.")


class Threads(doors.ApiDoor):
    """The inbox: conversations with the newest line first."""

    permissions: ClassVar[dict[str, str]] = {"GET": permissions.MESSAGES_READ, "POST": permissions.MESSAGES_WRITE}

    @extend_schema(
        operation_id="threads_list",
        responses=rows.listing_of(ThreadRow),
        parameters=[
            OpenApiParameter("unread", OpenApiTypes.BOOL, description="Only those with lines you have not seen."),
            OpenApiParameter("kind", OpenApiTypes.STR, enum=["driver", "recipient"]),
            OpenApiParameter("cursor", OpenApiTypes.STR),
        ],
    )
    def get(self, request: Request) -> Response:
        if request.query_params.get("unread") in ("true", "1"):
            found = message_queries.unread_threads(self.caller.membership_id)
            return Response({"results": message_queries.thread_rows(found), "next": None, "previous": None})
        kind = request.query_params.get("kind", "")
        if kind not in ("", "driver", "recipient"):
            raise errors.Invalid("bad_kind", say("kind is driver or recipient."), param="kind")
        edge = _edge(request.query_params.get("cursor"))
        found = message_queries.newest_threads(before=edge, kind=kind, most=message_queries.PAGE + 1)
        more, found = len(found) > message_queries.PAGE, found[: message_queries.PAGE]
        return Response(
            {
                "results": message_queries.thread_rows(found),
                "next": _next(request, f"{found[-1].last_at.isoformat()}~{found[-1].id}") if more else None,
                "previous": None,
            }
        )

    @extend_schema(operation_id="threads_open", request=OpenInput, responses=rows.schema_of(ThreadRow))
    def post(self, request: Request) -> Response:
        """The conversation with a driver or an order's recipient, opened if there is none yet."""
        form = OpenInput(data=request.data)
        form.is_valid(raise_exception=True)
        given = form.validated_data
        drivers = Driver.objects.filter(id=given["driver"]) if "driver" in given else Driver.objects.none()
        orders = Order.objects.filter(id=given["order"]) if "order" in given else Order.objects.none()
        opened = message_actions.open_threads(drivers=drivers, orders=orders, at=clock.now())
        if not opened:
            raise errors.Missing("driver" if "driver" in given else "order")
        return Response(message_queries.thread_rows(opened)[0])


class ThreadMessages(doors.ApiDoor):
    """The lines of one conversation."""

    permissions: ClassVar[dict[str, str]] = {"GET": permissions.MESSAGES_READ, "POST": permissions.MESSAGES_WRITE}

    @extend_schema(
        operation_id="thread_messages",
        responses=rows.listing_of(MessageRow),
        parameters=[OpenApiParameter("before", OpenApiTypes.UUID, description="Lines older than this one.")],
    )
    def get(self, request: Request, id: UUID) -> Response:
        thread = message_queries.thread_of(id)
        before = request.query_params.get("before")
        found = message_queries.thread_lines(
            thread, before=paging.uuid_of(before, "before") if before else None, most=message_queries.PAGE + 1
        )
        more, found = len(found) > message_queries.PAGE, found[-message_queries.PAGE :]
        older = request.build_absolute_uri(f"{request.path}?before={found[0].id}") if more else None
        return Response({"results": message_queries.message_rows(found), "next": older, "previous": None})

    @extend_schema(operation_id="thread_send", request=MessageInput, responses={201: rows.schema_of(MessageRow)})
    def post(self, request: Request, id: UUID) -> Response:
        thread = message_queries.thread_of(id)
        form = MessageInput(data=request.data)
        form.is_valid(raise_exception=True)
        given = form.validated_data
        line = message_actions.Line(given["text"], given.get("client_id") or uuid4(), stop=_stop(given.get("stop")))
        sent = message_actions.send(
            thread, line, author=_author(self.caller.actor.kind), by=self.caller.actor, at=clock.now()
        )
        return Response(message_queries.message_rows(message_queries.lines().filter(id=sent.id))[0], status=201)


class ThreadReadOne(doors.ApiDoor):
    permissions: ClassVar[dict[str, str]] = {"POST": permissions.MESSAGES_READ}

    @extend_schema(operation_id="thread_read", request=ReadInput, responses=rows.schema_of(ThreadRow))
    def post(self, request: Request, id: UUID) -> Response:
        """You have looked at the conversation."""
        thread = message_queries.thread_of(id)
        form = ReadInput(data=request.data)
        form.is_valid(raise_exception=True)
        message_actions.mark_read(
            thread, member_id=self.caller.membership_id, upto=form.validated_data.get("received"), at=clock.now()
        )
        return Response(message_queries.thread_rows([message_queries.thread_of(id)])[0])


class Broadcast(doors.ApiDoor):
    permissions: ClassVar[dict[str, str]] = {"POST": permissions.MESSAGES_WRITE}

    @extend_schema(
        operation_id="messages_broadcast", request=BroadcastInput, responses={201: rows.schema_of(BroadcastRow)}
    )
    def post(self, request: Request) -> Response:
        """The same words to many, each in their own conversation."""
        form = BroadcastInput(data=request.data)
        form.is_valid(raise_exception=True)
        given = form.validated_data
        drivers = list(Driver.objects.filter(id__in=given["drivers"]))
        if len(drivers) != len(set(given["drivers"])):
            raise errors.Invalid("not_found", say("One of these drivers is not here."), param="drivers")
        orders = {order.id: order for order in Order.objects.filter(id__in=given["orders"])}
        if len(orders) != len(set(given["orders"])):
            raise errors.Invalid("not_found", say("One of these orders is not here."), param="orders")
        stops = set(Stop.objects.filter(id__in=given["stops"]).values_list("id", flat=True))
        if stops != set(given["stops"]):
            raise errors.Invalid("not_found", say("One of these stops is not here."), param="stops")
        served = StopOrder.objects.filter(stop_id__in=stops).select_related("order")
        orders |= {one.order_id: one.order for one in served}
        sent = message_actions.broadcast(
            given["text"],
            drivers=drivers,
            orders=orders.values(),
            author=_author(self.caller.actor.kind),
            by=self.caller.actor,
            at=clock.now(),
        )
        found = message_queries.threads().filter(id__in=[row.thread_id for row in sent]).order_by("id")
        row: BroadcastRow = {
            "broadcast": str(sent[0].broadcast_id),
            "sent": len(sent),
            "unreachable": sum(1 for one in sent if one.failed_at is not None),
            "threads": message_queries.thread_rows(found),
        }
        return Response(row, status=201)


class PhoneMessages(PhoneDoor):
    """The driver's own conversation: what was written on the phone goes in, what is there comes out."""

    permissions: ClassVar[dict[str, str]] = {"POST": permissions.DRIVE}

    @extend_schema(
        operation_id="driver_messages", request=PhoneMessagesInput, responses=rows.schema_of(PhoneMessagesRow)
    )
    def post(self, request: Request) -> Response:
        form = PhoneMessagesInput(data=request.data)
        form.is_valid(raise_exception=True)
        given, now, driver = form.validated_data, clock.now(), self.driver()
        (thread,) = message_actions.open_threads(drivers=[driver], at=now)
        behind = skew.skew_of(given.get("sent_at"), now)
        results = [self._take(thread, one, behind, now) for one in given["messages"]]
        message_actions.taken_by_phone(thread, at=now)
        if given.get("read"):
            message_actions.read_by_other(thread, upto=given["read"], at=now)
        newest = message_queries.thread_lines(thread, most=PHONE_KEEPS)
        row: PhoneMessagesRow = {"results": results, "messages": message_queries.message_rows(newest)}
        return Response(row)

    def _take(self, thread: Thread, one: dict[str, Any], behind: Any, now: datetime) -> ResultRow:
        line = message_actions.Line(
            one["text"],
            one["id"],
            sent_at=skew.corrected(one["device_at"], behind, now),
            device_at=one["device_at"],
            stop=_own_stop(self.driver(), one.get("stop")),
        )
        known = thread.lines.filter(client_id=one["id"]).exists()
        try:
            message_actions.send(thread, line, author="driver", by=self.caller.actor, at=now)
        except errors.Refused as refused:
            return {"id": str(one["id"]), "status": "rejected", "code": refused.code, "message": refused.message}
        return {"id": str(one["id"]), "status": "duplicate" if known else "applied", "code": "", "message": ""}


def _own_stop(driver: Driver, stop_id: UUID | None) -> Stop | None:
    """The stop if it is on one of the driver's routes: what was taken away meanwhile is not worth losing a line for."""
    row: Stop | None = Stop.objects.filter(id=stop_id, route__shift__driver=driver).first() if stop_id else None
    return row


def _stop(stop_id: UUID | None) -> Stop | None:
    if stop_id is None:
        return None
    row: Stop | None = Stop.objects.filter(id=stop_id).first()
    if row is None:
        raise errors.Invalid("not_found", say("There is no such stop here."), param="stop")
    return row


def _author(kind: str) -> str:
    return "member" if kind == "member" else "system"


def _edge(cursor: str | None) -> tuple[datetime, UUID] | None:
    if not cursor:
        return None
    at, _, mark = cursor.partition("~")
    try:
        edge = datetime.fromisoformat(at), UUID(mark)
        if edge[0].tzinfo is None:
            raise ValueError(at)
    except ValueError as error:
        raise errors.Invalid(
            "bad_cursor", say("This cursor is not one of ours: take it from `next`."), param="cursor"
        ) from error
    return edge


def _next(request: Request, cursor: str) -> str:
    query = request._request.GET.copy()
    query["cursor"] = cursor
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
