"""Questions about orders: rows for the API and the board, lists, counts, one order's history."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, Literal, TypedDict
from uuid import UUID

from django.db.models import Count, QuerySet, prefetch_related_objects

from core import errors, journal
from core.models import Event
from orders import searching, states
from orders.models import ImportFile, Merchant, Order, Place


class MerchantRow(TypedDict):
    id: str
    name: str


class RecipientRow(TypedDict):
    name: str
    phone: str
    email: str


class PlaceRow(TypedDict):
    id: str
    street: str
    house_number: str
    postcode: str
    city: str
    country: str
    line: str
    lat: float | None
    lon: float | None
    confidence: float | None
    precision: str
    matched: str
    review: Literal["unlocated", "sure", "doubtful", "not_found", "confirmed"]


class WindowRow(TypedDict):
    start: str
    end: str


class LoadRow(TypedDict):
    weight_g: int
    volume_ml: int
    pieces: int
    pallets: int


class AnswerRow(TypedDict):
    """What the recipient says of the visit, and when they said it."""

    said: Literal["confirmed", "declined"]
    at: str


class OrderRow(TypedDict):
    id: str
    reference: str
    merchant: MerchantRow | None
    status: str
    attention_reason: str
    delivery_on: str
    recipient: RecipientRow
    place: PlaceRow
    window: WindowRow | None
    service_s: int
    priority: Literal["normal", "high", "urgent"]
    skills: list[str]
    load: LoadRow
    proof_required: Literal["none", "photo", "signature", "pin"]
    confirmation_required: bool
    answer: AnswerRow | None
    instructions: str
    promised: WindowRow | None
    version: int


class OneOrderRow(OrderRow):
    """One order by itself. `pin` is what the recipient says at the door; null for who may only look."""

    pin: str | None


def instant(at: datetime) -> str:
    """RFC 3339 in UTC, whole seconds unless there are parts of one."""
    return at.isoformat().replace("+00:00", "Z")


def window_row(start_at: datetime | None, end_at: datetime | None) -> WindowRow | None:
    if start_at is None or end_at is None:
        return None
    return {"start": instant(start_at), "end": instant(end_at)}


def answer_row(order: Order) -> AnswerRow | None:
    said: Any = order.recipient_answer
    return {"said": said, "at": instant(order.answered_at)} if said and order.answered_at else None


def merchant_row(merchant: Merchant) -> MerchantRow:
    return {"id": str(merchant.id), "name": merchant.name}


def place_row(place: Place) -> PlaceRow:
    review: Any = place.review
    return {
        "id": str(place.id),
        "street": place.street,
        "house_number": place.house_number,
        "postcode": place.postcode,
        "city": place.city,
        "country": place.country,
        "line": place.line,
        "lat": place.lat,
        "lon": place.lon,
        "confidence": place.confidence,
        "precision": place.precision,
        "matched": place.matched,
        "review": review,
    }


def order_row(order: Order) -> OrderRow:
    priority: Any = order.priority
    proof: Any = order.proof_required
    return {
        "id": str(order.id),
        "reference": order.reference,
        "merchant": merchant_row(order.merchant) if order.merchant else None,
        "status": order.status,
        "attention_reason": order.attention_reason,
        "delivery_on": order.delivery_on.isoformat(),
        "recipient": {"name": order.recipient_name, "phone": order.recipient_phone, "email": order.recipient_email},
        "place": place_row(order.place),
        "window": window_row(order.window_start_at, order.window_end_at),
        "service_s": order.service_s,
        "priority": priority,
        "skills": list(order.skills),
        "load": {
            "weight_g": order.weight_g,
            "volume_ml": order.volume_ml,
            "pieces": order.pieces,
            "pallets": order.pallets,
        },
        "proof_required": proof,
        "confirmation_required": order.confirmation_required,
        "answer": answer_row(order),
        "instructions": order.instructions,
        "promised": window_row(order.promised_start_at, order.promised_end_at),
        "version": order.version,
    }


def one_order_row(order: Order, *, with_pin: bool) -> OneOrderRow:
    """The row of an order that is read by itself."""
    return {**order_row(order), "pin": order.pin if with_pin else None}


def order_rows(orders: Iterable[Order]) -> list[OrderRow]:
    """The rows of these orders; their places and merchants are fetched in two queries, however many there are."""
    held = list(orders)
    prefetch_related_objects(held, "place", "merchant")
    return [order_row(order) for order in held]


def order_of(order_id: UUID) -> Order:
    """The order with its place and merchant. Raises `Missing`, for another organization's as well."""
    order: Order | None = Order.objects.select_related("place", "merchant").filter(id=order_id).first()
    if order is None:
        raise errors.Missing("order")
    return order


def day_orders(day: date, status: Sequence[str] = ()) -> list[Order]:
    """The day's orders in these states (all states when none is named), with places and merchants."""
    rows = Order.objects.select_related("place", "merchant").filter(delivery_on=day)
    if status:
        rows = rows.filter(status__in=list(status))
    return list(rows.order_by("id"))


def ready_orders(day: date) -> list[Order]:
    """The orders that can be planned for the day."""
    return day_orders(day, ["ready"])


class Filters(TypedDict, total=False):
    """What a list of orders may be narrowed by; what is absent or empty does not narrow."""

    status: Sequence[str]
    delivery_on: date | None
    merchant: UUID | None
    reference: str


def search(text: str = "", filters: Filters | None = None) -> QuerySet[Order]:
    """Orders whose reference, recipient, address or phone number has the words of `text`, narrowed by `filters`."""
    wanted = filters or {}
    rows: QuerySet[Order] = Order.objects.select_related("place", "merchant")
    if status := wanted.get("status"):
        rows = rows.filter(status__in=list(status))
    if day := wanted.get("delivery_on"):
        rows = rows.filter(delivery_on=day)
    if merchant := wanted.get("merchant"):
        rows = rows.filter(merchant_id=merchant)
    if reference := wanted.get("reference"):
        rows = rows.filter(reference=reference)
    return searching.find(rows, text)[0]


def status_counts(rows: QuerySet[Order]) -> dict[str, int]:
    """How many of these orders are in each state, in the order of an order's life."""
    held = dict(rows.order_by().values_list("status").annotate(Count("id")))
    return {status: held.get(status, 0) for status in states.ORDER.states}


def review_queue(*, after: UUID | None = None) -> QuerySet[Order]:
    """Orders whose place a person has to look at, the most urgent day first."""
    rows: QuerySet[Order] = Order.objects.select_related("place", "merchant").filter(status="needs_attention")
    if after is not None:
        rows = rows.exclude(id=after)
    return rows.order_by("delivery_on", "id")


def merchants() -> QuerySet[Merchant]:
    rows: QuerySet[Merchant] = Merchant.objects.all()
    return rows


def merchant_rows(merchants: Iterable[Merchant]) -> list[MerchantRow]:
    return [merchant_row(merchant) for merchant in merchants]


def order_history(order: Order) -> list[Event]:
    """What happened to the order, the latest first."""
    return list(reversed(journal.history([order.id])))


class FaultRow(TypedDict):
    line: int
    column: str
    value: str
    code: str
    message: str


class ColumnRow(TypedDict):
    header: str
    field: str
    how: str
    samples: list[str]


class ImportRow(TypedDict):
    id: str
    name: str
    day: str
    merchant: MerchantRow | None
    faulty: Literal["skip", "refuse", "hold"]
    operation: str
    status: str
    error: str | None
    rows: int | None
    created: int | None
    updated: int | None
    unchanged: int | None
    kept: int | None
    failed: int | None
    faults: list[FaultRow]
    notes: list[str]
    columns: list[ColumnRow]
    created_at: str


def import_of(import_id: UUID) -> ImportFile:
    """The file with its operation and merchant. Raises `Missing`."""
    file = imports().filter(id=import_id).first()
    if file is None:
        raise errors.Missing("import")
    return file


def import_row(file: ImportFile) -> ImportRow:
    columns: list[Any] = file.columns
    faulty: Any = file.faulty
    return {
        "id": str(file.id),
        "name": file.name,
        "day": file.day_on.isoformat(),
        "merchant": merchant_row(file.merchant) if file.merchant else None,
        "faulty": faulty,
        "operation": str(file.operation_id),
        "status": file.operation.status,
        "error": file.operation.error or None,
        "rows": file.rows,
        "created": file.created,
        "updated": file.updated,
        "unchanged": file.unchanged,
        "kept": file.kept,
        "failed": file.failed,
        "faults": file.faults,
        "notes": file.notes,
        "columns": columns,
        "created_at": instant(file.created_at),
    }


def imports() -> QuerySet[ImportFile]:
    """All files, without their bytes."""
    rows: QuerySet[ImportFile] = ImportFile.objects.select_related("operation", "work", "merchant").defer("content")
    return rows


def import_rows(files: Iterable[ImportFile]) -> list[ImportRow]:
    return [import_row(file) for file in files]


def latest_imports(limit: int = 10) -> list[ImportFile]:
    """The files handed in last, without their bytes."""
    return list(imports().defer("content", "faults", "notes", "columns").order_by("-id")[:limit])
