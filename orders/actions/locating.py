"""Where orders go: the geocoder's answers are stored with their doubt, and a person's pin ends it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import prefetch_related_objects

from core import errors, journal, operations
from core.actor import SYSTEM, Actor
from core.models import Operation
from core.words import mark, say
from orders import states
from orders.actions import placing
from orders.geocoding.address import Address, Geocoder, Located, NotFound
from orders.models import Order, Place

LOCATE = "locate_orders"
KNOWN = ("sure", "confirmed")
SAME_DEGREES = 1e-6
"""A pin that comes back from a page with six decimals, a tenth of a metre, was not moved."""
_FOUND = ["lat", "lon", "confidence", "precision", "matched", "review", "doubt", "located_at"]


def request_location(*, by: Actor, at: datetime) -> Operation | None:
    """An operation that locates what waits: the one queued already, or a new one. None if nothing waits."""
    if not Order.objects.filter(status="received").exists():
        return None
    queued: Operation | None = Operation.objects.filter(kind=LOCATE, status="queued").first()
    return queued or operations.start(kind=LOCATE, params={}, by=by, at=at)


def waiting(*, after: UUID | None, limit: int) -> list[Order]:
    """Orders that wait to be located, oldest first, with their places."""
    rows = Order.objects.filter(status="received").select_related("place").order_by("id")
    return list((rows.filter(id__gt=after) if after else rows)[:limit])


def ask(geocoder: Geocoder, places: Iterable[Place]) -> dict[UUID, Located | NotFound]:
    """The geocoder's answer for each place that was never located. Raises `GeocoderUnavailable` for all of them."""
    unknown = list({place.id: place for place in places if place.review == "unlocated"}.values())
    if not unknown:
        return {}
    addresses: list[Address] = [placing.address_of(place) for place in unknown]
    answers = geocoder.locate(addresses)
    return {place.id: answer for place, answer in zip(unknown, answers, strict=True)}


def store(order_ids: Sequence[UUID], answers: Mapping[UUID, Located | NotFound], *, at: datetime) -> Counter[str]:
    """Write the answers to their places and move the orders that still wait. May run twice. Counts the new states."""
    places = list(
        Place.objects.select_for_update(of=("self",)).filter(id__in=list(answers), review="unlocated").order_by("id")
    )
    for place in places:
        _take(place, answers[place.id], at)
    if places:
        Place.objects.bulk_update(places, _FOUND, batch_size=200)
    orders = list(
        Order.objects.select_for_update(of=("self",))
        .select_related("place")
        .filter(id__in=list(order_ids), status="received")
        .order_by("id")
    )
    return settle(orders, at=at)


def locate_orders(orders: Sequence[Order], *, geocoder: Geocoder, by: Actor, at: datetime) -> Counter[str]:
    """Locate these orders now, in the caller's transaction. Raises `GeocoderUnavailable`; nothing is changed then."""
    prefetch_related_objects(list(orders), "place")
    return store([order.id for order in orders], ask(geocoder, [order.place for order in orders]), at=at)


def _take(place: Place, answer: Located | NotFound, at: datetime) -> None:
    place.located_at = at
    if isinstance(answer, NotFound):
        place.review, place.doubt = "not_found", answer.reason[:300]
        return
    place.lat, place.lon, place.confidence = answer.lat, answer.lon, answer.confidence
    place.precision, place.matched = answer.precision, answer.matched[:300]
    place.review, place.doubt = ("doubtful", answer.reason[:300]) if answer.doubtful else ("sure", "")


def settle(orders: Sequence[Order], *, at: datetime) -> Counter[str]:
    """Move received orders whose place was looked at: known → ready, doubtful or not found → needs attention."""
    ready: list[Order] = []
    doubtful: list[Order] = []
    for order in orders:
        if order.status != "received" or order.place.review == "unlocated":
            continue
        if order.place.review in KNOWN:
            order.attention_reason = ""
            ready.append(order)
        else:
            order.attention_reason = order.place.doubt or say("The address could not be found on the map.")
            doubtful.append(order)
    journal.transition_many(ready, "ready", by=SYSTEM, at=at, changes=["attention_reason"])
    by_reason: dict[str, list[Order]] = defaultdict(list)
    for order in doubtful:
        by_reason[order.attention_reason].append(order)
    for reason, rows in by_reason.items():
        journal.transition_many(rows, "needs_attention", by=SYSTEM, at=at, changes=["attention_reason"], reason=reason)
    return Counter(ready=len(ready), needs_attention=len(doubtful))


def confirm_place(
    order: Order, *, lat: float | None = None, lon: float | None = None, by: Actor, at: datetime
) -> Order:
    """A person says where the order's place is, or accepts the geocoder's doubtful point (no coordinates given).

    Every waiting order at this place becomes ready, every other open one is told of the change. Raises `Invalid`
    ("no_position") when there is no point to accept.
    """
    place = Place.objects.select_for_update(of=("self",)).get(id=order.place_id)
    if lat is None or lon is None:
        if place.lat is None or place.lon is None:
            raise errors.Invalid("no_position", say("There is no position to accept: set the pin first."), param="lat")
        moved = False
    else:
        moved = place.lat is None or place.lon is None or max(abs(place.lat - lat), abs(place.lon - lon)) > SAME_DEGREES
        if moved:
            place.lat, place.lon = lat, lon
    already = place.review == "confirmed" and not moved
    place.precision, place.review, place.doubt, place.confidence, place.located_at = "pin", "confirmed", "", 1.0, at
    place.save(update_fields=_FOUND)
    there = list(
        Order.objects.select_for_update(of=("self",))
        .select_related("place", "merchant")
        .filter(place=place, status__in=states.OPEN)
        .order_by("id")
    )
    waiting_there = [row for row in there if row.status in ("received", "needs_attention")]
    for row in waiting_there:
        row.attention_reason = ""
    data = {"fields": ["position"]}
    journal.transition_many(
        waiting_there,
        "ready",
        by=by,
        at=at,
        changes=["attention_reason"],
        data=lambda _: data,
        reason=mark("position confirmed"),
    )
    rest = [row for row in there if row not in waiting_there]
    if rest and not already:
        journal.record_many(rest, "changed", by=by, at=at, data=lambda _: data)
    fresh: Order = Order.objects.select_related("place", "merchant").get(id=order.id)
    return fresh


def reject_place(order: Order, *, reason: str, by: Actor, at: datetime) -> Order:
    """A person says that the address itself is wrong: the order waits until it is corrected or cancelled."""
    order = Order.objects.select_for_update(of=("self",)).select_related("place", "merchant").get(id=order.id)
    unsaid = mark("The address is wrong: ask the merchant or the recipient for the right one.")
    sentence = (reason.strip() or unsaid)[:300]
    order.attention_reason = sentence
    if order.status == "needs_attention":
        journal.record(
            order,
            "changed",
            by=by,
            at=at,
            changes=["attention_reason"],
            reason=sentence,
            data={"fields": ["attention_reason"]},
        )
    else:
        journal.transition(order, "needs_attention", by=by, at=at, changes=["attention_reason"], reason=sentence)
    return order


def relocate(order: Order, *, by: Actor, at: datetime) -> Order:
    """Ask the geocoder again (after the map was renewed): what a person confirmed is not touched."""
    order = Order.objects.select_for_update(of=("self",)).select_related("place", "merchant").get(id=order.id)
    if order.status not in states.EDITABLE:
        raise errors.Refused("order_underway", say("Only an order that is not yet planned can be located again."))
    if order.place.review in ("doubtful", "not_found"):
        Place.objects.filter(id=order.place_id).update(review="unlocated", doubt="")
        order.place.refresh_from_db()
    if order.status != "received":
        order.attention_reason = ""
        journal.transition(order, "received", by=by, at=at, changes=["attention_reason"], reason=mark("located again"))
    settle([order], at=at)
    return order
