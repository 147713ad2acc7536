"""The day on the road: routes start, stops are reached, attempted and left."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from core import errors, journal
from core.actor import Actor
from core.words import mark, say
from dispatch import facts, states
from dispatch.models import Attempt, Proof, Route, Stop, StopOrder
from orders import progress
from orders.models import Order

ON_ITS_WAY = ("out_for_delivery", "next", "arrived", "attempted", "skipped")


def start_route(route: Route, *, by: Actor, at: datetime, device_at: datetime | None = None) -> None:
    """The driver leaves the depot: every stop is out for delivery and the first one is next."""
    route.started_at = device_at or at
    journal.transition(route, "started", by=by, at=at, device_at=device_at, changes=["started_at"])
    stops = _stops(route, "allocated")
    journal.transition_many(stops, "out_for_delivery", by=by, at=at, device_at=device_at)
    served = facts.orders_of(stops)
    progress.set_out([order for orders in served.values() for order in orders], by=by, at=at)
    head_for_next(route, by=by, at=at, device_at=device_at)


def _stops(route: Route, *statuses: str) -> list[Stop]:
    return list(
        Stop.objects.select_for_update(of=("self",))
        .select_related("place")
        .filter(route=route, status__in=statuses)
        .order_by("position")
    )


def head_for_next(route: Route, *, by: Actor, at: datetime, device_at: datetime | None = None) -> Stop | None:
    """The first open stop becomes the next one, unless the driver is at or under way to one already."""
    open_stops = _stops(route, *states.TO_DO)
    if not open_stops or any(stop.status in ("next", "arrived") for stop in open_stops):
        return None
    journal.transition(open_stops[0], "next", by=by, at=at, device_at=device_at)
    return open_stops[0]


def arrive(stop: Stop, *, by: Actor, at: datetime, device_at: datetime | None = None) -> None:
    """The driver is at the stop. Whatever stop was left without a word is departed; another one that was next waits
    again."""
    route = _under_way(stop)
    for other in _stops(route, "attempted", "next"):
        if other.id == stop.id:
            continue
        if other.status == "attempted":
            depart(other, by=by, at=at, device_at=device_at, head_on=False)
        else:
            journal.transition(other, "out_for_delivery", by=by, at=at, reason=mark("the driver went elsewhere first"))
    if stop.status == "skipped":
        journal.transition(stop, "out_for_delivery", by=by, at=at, device_at=device_at)
    stop.arrived_at = device_at or at
    journal.transition(
        stop, "arrived", by=by, at=at, device_at=device_at, changes=["arrived_at"], data={"route": str(route.id)}
    )


def _under_way(stop: Stop, *, afterwards: bool = False) -> Route:
    if stop.route is None or stop.route.status not in (("started", "completed") if afterwards else ("started",)):
        raise errors.Conflict("not_under_way", say("This stop is not on a route that is under way."))
    route: Route = stop.route
    return route


def record_attempt(
    stop: Stop,
    *,
    outcomes: Mapping[UUID, str],
    note: str = "",
    name: str = "",
    pin: str = "",
    proof_ids: Sequence[UUID] = (),
    lat: float | None = None,
    lon: float | None = None,
    report_id: UUID,
    afterwards: bool = False,
    by: Actor,
    at: datetime,
    device_at: datetime,
) -> list[Attempt]:
    """One try at every order of the stop: `outcomes` is {order id: code}, and all its orders must be in it.

    `afterwards`: a person settles what a phone reported too late; its route may have ended.

    Raises `Refused` for an unknown code, an order that is not of this stop, a proof that is missing or a wrong PIN,
    and `Conflict` when the stop's state has no attempt.
    """
    route = _under_way(stop, afterwards=afterwards)
    orders = {
        link.order_id: link.order for link in StopOrder.objects.filter(stop=stop, live=True).select_related("order")
    }
    if set(outcomes) != set(orders):
        raise errors.Refused("orders_do_not_match", say("The outcomes must name each order of this stop once."))
    proofs = list(Proof.objects.filter(id__in=list(proof_ids), attempt=None, driver_id=route.shift.driver_id))
    if len(proofs) != len(set(proof_ids)):
        raise errors.Refused("unknown_upload", say("A photo or signature of this report has not arrived yet."))
    for order_id, code in outcomes.items():
        _proven(orders[order_id], code, proofs, pin)
    attempts = []
    for order_id, code in outcomes.items():
        attempts.append(
            _attempt(
                stop,
                orders[order_id],
                code,
                route=route,
                note=note,
                name=name,
                lat=lat,
                lon=lon,
                report_id=report_id,
                by=by,
                at=at,
                device_at=device_at,
            )
        )
    for proof in proofs:
        proof.attempt = attempts[0]
        proof.save(update_fields=["attempt"])
    succeeded = [attempt.succeeded for attempt in attempts]
    stop.outcome = (
        attempts[0].outcome
        if len(set(outcomes.values())) == 1
        else ("mixed" if any(succeeded) and not all(succeeded) else attempts[0].outcome)
    )
    stop.arrived_at = stop.arrived_at or device_at
    journal.transition(
        stop,
        "attempted",
        by=by,
        at=at,
        device_at=device_at,
        changes=["outcome", "arrived_at"],
        data={"route": str(route.id), "outcome": stop.outcome, "attempts": [str(attempt.id) for attempt in attempts]},
    )
    return attempts


def _proven(order: Order, code: str, proofs: Sequence[Proof], pin: str) -> None:
    """A success needs the order's proof; a failure needs none."""
    if code not in states.OUTCOMES:
        raise errors.Refused("unknown_outcome", say("There is no outcome named {code}.", code=code[:40]))
    if code not in states.SUCCESS:
        return
    wanted = order.proof_required
    if wanted in ("photo", "signature") and not any(proof.kind == wanted for proof in proofs):
        raise errors.Refused(
            "proof_missing",
            say("Order {reference} needs a {wanted} before it is delivered.", reference=order.reference, wanted=wanted),
        )
    if wanted == "pin" and not hmac.compare_digest(pin.encode(), order.pin.encode()):
        raise errors.Refused(
            "wrong_pin", say("The PIN of order {reference} does not match.", reference=order.reference)
        )


def _attempt(
    stop: Stop,
    order: Order,
    code: str,
    *,
    route: Route,
    note: str,
    name: str,
    lat: float | None,
    lon: float | None,
    report_id: UUID,
    by: Actor,
    at: datetime,
    device_at: datetime,
) -> Attempt:
    attempt: Attempt = Attempt.objects.create(
        order=order,
        stop=stop,
        driver=route.shift.driver,
        number=Attempt.objects.filter(order=order).count() + 1,
        outcome=code,
        note=note[:500],
        name=name[:120],
        arrived_at=stop.arrived_at or device_at,
        at=device_at,
        received_at=at,
        lat=lat,
        lon=lon,
        report_id=report_id,
    )
    if not attempt.succeeded:
        StopOrder.objects.filter(stop=stop, order=order).update(live=False)
    progress.attempted(
        order,
        succeeded=attempt.succeeded,
        by=by,
        at=at,
        device_at=device_at,
        data={
            "attempt": str(attempt.id),
            "outcome": code,
            "number": attempt.number,
            "stop": str(stop.id),
            "name": name[:120],
        },
    )
    return attempt


def put_back(stop: Stop, route: Route, *, reason: str, by: Actor, at: datetime) -> None:
    """A stop that was taken off a route under way (or ended) belongs to it after all: its driver was there.

    Its orders are out for delivery again, whatever had been planned for them meanwhile.
    """
    if stop.status != "unassigned":
        stop.route, stop.position = None, None
        journal.transition(stop, "unassigned", by=by, at=at, reason=reason, changes=["route", "position"])
    orders = facts.orders_of([stop])[str(stop.id)]
    progress.unschedule(orders, reason=reason, by=by, at=at)
    last = Stop.objects.filter(route=route).order_by("-position").values_list("position", flat=True).first()
    stop.route, stop.position = route, (last or 0) + 1
    stop.unassigned_code = stop.unassigned_message = ""
    changes = ["route", "position", "unassigned_code", "unassigned_message"]
    journal.transition(stop, "allocated", by=by, at=at, reason=reason, changes=changes, data={"route": str(route.id)})
    journal.transition(stop, "out_for_delivery", by=by, at=at, reason=reason)
    progress.schedule(orders, by=by, at=at)
    progress.set_out(orders, by=by, at=at)


def depart(
    stop: Stop,
    *,
    by: Actor,
    at: datetime,
    device_at: datetime | None = None,
    head_on: bool = True,
    afterwards: bool = False,
) -> None:
    """The driver leaves the stop and, unless told otherwise, heads for the next one."""
    route = _under_way(stop, afterwards=afterwards)
    # A phone whose clock was set back between two reports cannot leave before it came.
    stop.departed_at = max(device_at or at, stop.arrived_at) if stop.arrived_at else device_at or at
    journal.transition(
        stop, "departed", by=by, at=at, device_at=device_at, changes=["departed_at"], data={"route": str(route.id)}
    )
    if head_on:
        head_for_next(route, by=by, at=at, device_at=device_at)


def skip(stop: Stop, *, reason: str, by: Actor, at: datetime, device_at: datetime | None = None) -> None:
    """The driver passes it over for now; it stays on the route, to be done later today or taken off by a dispatcher."""
    route = _under_way(stop)
    journal.transition(stop, "skipped", by=by, at=at, device_at=device_at, reason=reason, data={"route": str(route.id)})
    head_for_next(route, by=by, at=at, device_at=device_at)


def complete_route(route: Route, *, by: Actor, at: datetime, device_at: datetime | None = None) -> None:
    """The driver is back. What was not attempted goes back to the dispatcher, its orders wait for another route."""
    for stop in _stops(route, "attempted"):
        depart(stop, by=by, at=at, device_at=device_at, head_on=False)
    left = _stops(route, *states.TO_DO, "skipped")
    served = facts.orders_of(left)
    for stop in left:
        stop.route, stop.position = None, None
        stop.unassigned_code = "not_reached"
        stop.unassigned_message = mark("The route ended before this stop was reached.")
    journal.transition_many(
        left,
        "unassigned",
        by=by,
        at=at,
        reason=mark("the route ended without it"),
        changes=["route", "position", "unassigned_code", "unassigned_message"],
    )
    progress.unschedule(
        [order for orders in served.values() for order in orders], reason=mark("the route ended "
                                                                               "without it"), by=by, at=at
    )
    route.completed_at = device_at or at
    journal.transition(route, "completed", by=by, at=at, device_at=device_at, changes=["completed_at"])
