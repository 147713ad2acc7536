"""What a phone reports is applied once, whatever the network did to it, and kept whatever became of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypedDict
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import DataError, IntegrityError, transaction

from core import errors, journal
from core.actor import Actor
from core.models import Event
from core.vocabulary import word
from core.words import mark, say
from dispatch import facts, states
from dispatch.actions import driving
from dispatch.models import Route, Stop, StopOrder
from fleet import actions as fleet
from fleet.models import Driver
from tracking import skew
from tracking.actions import etas
from tracking.models import Report

AGAIN = ("unknown_upload", "changed_meanwhile")
"""Refusals that pass: nothing is kept, and the same report may be sent again."""
TRIES = 3


class ResultRow(TypedDict):
    id: str
    status: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Said:
    """One report as the phone sent it, read and checked."""

    id: UUID
    kind: str
    stop_id: UUID | None
    device_at: datetime
    sequence: int
    lat: float | None
    lon: float | None
    data: Mapping[str, Any]
    body: Mapping[str, Any]


@dataclass
class Desk:
    """What is at hand while a driver's reports are applied: `behind` is how far the phone's clock is behind ours."""

    driver: Driver
    behind: timedelta
    by: Actor
    at: datetime
    zone: ZoneInfo

    def when(self, said: Said) -> datetime:
        return skew.corrected(said.device_at, self.behind, self.at)


def apply_reports(
    driver: Driver, reports: Sequence[Said], *, sent_at: datetime | None, by: Actor, at: datetime
) -> list[ResultRow]:
    """Apply each report that is new, in the order of the phone's own count; the answers are in the order of `reports`.

    A report that is repeated gets its first answer ("duplicate" when it was applied). One that the present state does
    not allow is a "conflict", one that could never be is "rejected"; both are kept for a person to look at.
    """
    # One batch of a driver at a time: two phones, or one that lost patience, wait here for each other.
    driver = Driver.objects.select_for_update(of=("self",), no_key=True).get(id=driver.id)
    desk = Desk(driver, skew.skew_of(sent_at, at), by, at, facts.zone_of_tenant())
    known = Report.objects.filter(driver=driver, client_id__in=[one.id for one in reports])
    held: dict[UUID, Report] = {row.client_id: row for row in known}
    answers: dict[UUID, ResultRow] = {}
    for said in sorted(reports, key=lambda one: (one.sequence, one.device_at, one.id)):
        if said.id not in held:
            row = _apply_once(desk, said)
            answers[said.id] = _answer(said.id, row.status, row.code, row.message)
            if row.code not in AGAIN:
                row.save(force_insert=True)
                held[said.id] = row
    if answers:
        under_way = Route.objects.filter(shift__driver=driver, status="started")
        etas.project_etas(list(under_way.values_list("id", flat=True)), at=at)
    return [answers[one.id] if one.id in answers else _repeated(held[one.id]) for one in reports]


def _answer(report_id: UUID, status: str, code: str = "", message: str = "") -> ResultRow:
    return {"id": str(report_id), "status": status, "code": code, "message": message}


def _repeated(row: Report) -> ResultRow:
    return _answer(row.client_id, "duplicate" if row.status == "applied" else row.status, row.code, row.message)


def _apply_once(desk: Desk, said: Said) -> Report:
    """Apply one report in a savepoint of its own; the unsaved row says what came of it."""
    row = Report(
        client_id=said.id, driver=desk.driver, kind=said.kind, device_at=said.device_at, received_at=desk.at,
        sequence=said.sequence, body=dict(said.body), status="applied",
    )
    for left in range(TRIES, 0, -1):
        row.status, row.code, row.message = "applied", "", ""
        try:
            with transaction.atomic():
                stop = _own_stop(desk, said)
                row.stop = stop
                KINDS[said.kind](desk, said, stop)
            return row
        except errors.Refused as refused:
            row.status = "conflict" if isinstance(refused, errors.Conflict) else "rejected"
            row.code, row.message = refused.code[:40], refused.message[:300]
            desk.driver.refresh_from_db()
            if refused.code != "changed_meanwhile" or left == 1:
                break
        except (IntegrityError, DataError):
            row.status, row.code = "conflict", "contradiction"
            row.message = mark("This report contradicts what is stored already. A dispatcher will look at it.")
            desk.driver.refresh_from_db()
            break
    if row.status == "conflict" and said.kind == "attempted" and row.stop is not None and row.code not in AGAIN:
        _remember_conflict(desk, said, row.stop, row.code)
    return row


def _remember_conflict(desk: Desk, said: Said, stop: Stop, code: str) -> None:
    """What was done at the door is never lost: the stop's history says that a person has to look."""
    stop.refresh_from_db()
    journal.record(stop, "report_conflict", by=desk.by, at=desk.at, device_at=desk.when(said), reason=code,
                   data={"report": str(said.id), "driver": str(desk.driver.id), "outcome": said.data.get("outcome", ""),
                         "uploads": [str(one) for one in said.data.get("uploads", [])]})


def _own_stop(desk: Desk, said: Said) -> Stop | None:
    """The report's stop, its route locked. Somebody else's is not there; one that was taken away meanwhile is."""
    if said.kind not in AT_A_STOP:
        return None
    stop: Stop | None = Stop.objects.select_related("route__shift").filter(id=said.stop_id).first()
    if stop is None or not (_drives(desk.driver, stop) or _drove(desk.driver, stop)):
        raise errors.Refused("not_your_stop", say("There is no such stop on your route."))
    # All stops of the route in one order, so that two batches and a projection never wait for each other crosswise.
    list(Stop.objects.select_for_update(of=("self",)).filter(route_id=stop.route_id).order_by("id").values_list("id"))
    stop = Stop.objects.select_related("route__shift__driver", "place").get(id=stop.id)
    return stop


def _drives(driver: Driver, stop: Stop) -> bool:
    return stop.route is not None and stop.route.shift.driver_id == driver.id and stop.route.status in (
        "distributed", "started", "completed")


def _drove(driver: Driver, stop: Stop) -> bool:
    """Was the stop on one of this driver's routes before it was taken off or given to somebody else?"""
    routes = Route.objects.filter(plan_id=stop.plan_id, shift__driver=driver)
    sent = routes.exclude(status__in=["draft", "optimizing"])
    own = [str(route_id) for route_id in sent.values_list("id", flat=True)]
    return bool(own) and Event.objects.filter(subject_id=stop.id, data__route__in=own).exists()


def _still_own(desk: Desk, stop: Stop | None) -> Stop:
    assert stop is not None, "the kind has a stop"
    if not _drives(desk.driver, stop):
        raise errors.Conflict("taken_away", say("This stop was taken off your route meanwhile. Your report is kept "
                                                "and a dispatcher will look at it."))
    return stop


def _route(desk: Desk, said: Said, *statuses: str) -> Route:
    """The route that is meant: the one named, or the driver's own nearest to the day on which it happened."""
    routes = Route.objects.select_for_update(of=("self",), no_key=True).select_related("shift").filter(
        shift__driver=desk.driver, status__in=statuses)
    if said.data.get("route"):
        routes = routes.filter(id=said.data["route"])
    day = desk.when(said).astimezone(desk.zone).date()
    found: Route | None = min(routes, key=lambda route: (abs((route.shift.day_on - day).days), route.id), default=None)
    if found is None:
        known = ", ".join(word(status) for status in statuses)
        raise errors.Conflict("no_route", say("You have no route that is {statuses}.", statuses=known))
    list(Stop.objects.select_for_update(of=("self",)).filter(route=found).order_by("id").values_list("id"))
    return found


def _duty(to: str) -> Callable[[Desk, Said, Stop | None], None]:
    def apply(desk: Desk, said: Said, stop: Stop | None) -> None:
        fleet.set_duty(desk.driver, to, by=desk.by, at=desk.at, device_at=desk.when(said))
    return apply


def _start(desk: Desk, said: Said, stop: Stop | None) -> None:
    route = _route(desk, said, "distributed")
    if desk.driver.status == "off_duty":
        fleet.set_duty(desk.driver, "on_duty", by=desk.by, at=desk.at, device_at=desk.when(said))
    driving.start_route(route, by=desk.by, at=desk.at, device_at=desk.when(said))


def _complete(desk: Desk, said: Said, stop: Stop | None) -> None:
    driving.complete_route(_route(desk, said, "started"), by=desk.by, at=desk.at, device_at=desk.when(said))


def _arrive(desk: Desk, said: Said, stop: Stop | None) -> None:
    stop = _still_own(desk, stop)
    if stop.status not in ("arrived", *states.DONE):
        driving.arrive(stop, by=desk.by, at=desk.at, device_at=desk.when(said))


def _attempt(desk: Desk, said: Said, stop: Stop | None) -> None:
    stop, data = _still_own(desk, stop), said.data
    live = StopOrder.objects.filter(stop=stop, live=True).values_list("order_id", flat=True)
    outcomes: dict[UUID, str] = dict.fromkeys(live, data["outcome"])
    outcomes.update({one["order"]: one["outcome"] for one in data.get("orders", [])})
    driving.record_attempt(
        stop, outcomes=outcomes, note=data.get("note", ""), name=data.get("name", ""), pin=data.get("pin", ""),
        proof_ids=data.get("uploads", []), lat=said.lat, lon=said.lon, report_id=said.id, by=desk.by, at=desk.at,
        device_at=desk.when(said),
    )


def _depart(desk: Desk, said: Said, stop: Stop | None) -> None:
    stop = _still_own(desk, stop)
    if stop.status != "departed":
        driving.depart(stop, by=desk.by, at=desk.at, device_at=desk.when(said))


def _skip(desk: Desk, said: Said, stop: Stop | None) -> None:
    stop = _still_own(desk, stop)
    if stop.status != "skipped":
        driving.skip(stop, reason=said.data.get("note", ""), by=desk.by, at=desk.at, device_at=desk.when(said))


KINDS: dict[str, Callable[[Desk, Said, Stop | None], None]] = {
    "duty_on": _duty("on_duty"), "duty_off": _duty("off_duty"),
    "break_started": _duty("on_break"), "break_ended": _duty("on_duty"),
    "route_started": _start, "route_completed": _complete,
    "arrived": _arrive, "attempted": _attempt, "departed": _depart, "skipped": _skip,
}
AT_A_STOP = ("arrived", "attempted", "departed", "skipped")

