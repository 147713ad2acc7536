"""The hand-over from the evening's dispatcher to the morning's: a page, its notes, and the same on paper."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone

from accounts import doors, permissions
from analytics import actions, handover
from analytics.handover import HandoverRow, OpenRow
from analytics.queries import FailureRow
from analytics.templatetags import measures
from core import clock, errors
from core.vocabulary import word
from core.words import day as day_words
from core.words import number, say, say_many
from dispatch import paper
from dispatch.printing import pdf


class HandoverDoor(doors.PageDoor):
    """What the doors of the hand-over share: the asked day by the organization's clock."""

    permissions: ClassVar[dict[str, str]] = {}

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.caller.organization.timezone)

    def day_of(self, text: str) -> date:
        if not text:
            return clock.now().astimezone(self.zone).date()
        try:
            day = date.fromisoformat(text)
        except ValueError as error:
            raise errors.Invalid("bad_day", say("A day is written like 2026-11-23."), param="day") from error
        if not 2000 <= day.year <= 2200:
            raise errors.Invalid("bad_day", say("This day is too far away."), param="day")
        return day

    def of(self, day: date) -> HandoverRow:
        return handover.handover(day, currency=self.caller.organization.currency, at=clock.now())


class Handover(HandoverDoor):
    """`/handover/?day=`."""

    permissions: ClassVar[dict[str, str]] = {"GET": permissions.INSIGHTS_READ, "POST": permissions.PLAN_WRITE}

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page(request, self.day_of(request.GET.get("day", "")))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Keep a note on the day."""
        day = self.day_of(request.POST.get("day", ""))
        try:
            actions.write_note(day=day, text=request.POST.get("text", ""), by=self.caller.actor, at=clock.now())
        except errors.Invalid as problem:
            return self.page(request, day, problem=problem.message, typed=request.POST.get("text", ""), status=400)
        self.say(say("The note is kept."))
        return HttpResponseRedirect(f"/handover/?day={day}#notes")

    def page(self, request: HttpRequest, day: date, *, status: int = 200, **extra: Any) -> HttpResponse:
        found = self.of(day)
        context = {
            "handover": found,
            "figures": figures(found),
            "may_write": self.caller.may(permissions.PLAN_WRITE),
            "at": clock.now(),
            **extra,
        }
        with timezone.override(self.zone):
            return render(request, "analytics/handover.html", context, status=status)


class HandoverPaper(HandoverDoor):
    """`/handover.pdf?day=`."""

    permissions: ClassVar[dict[str, str]] = {"GET": permissions.INSIGHTS_READ}

    def get(self, request: HttpRequest) -> HttpResponse:
        day = self.day_of(request.GET.get("day", ""))
        at = clock.now().astimezone(self.zone)
        found = self.of(day)
        organization = self.caller.organization.name
        with timezone.override(self.zone):
            blocks = _blocks(found)
        title = say("Hand-over of {day}", day=day_words(day, "day_number"))
        under = say(
            "{organization}, as it stood at {time} on {day}",
            organization=organization,
            time=f"{at:%H:%M}",
            day=f"{at:%d.%m.%Y}",
        )
        head = "   ".join((organization, say("Hand-over"), str(day)))
        return pdf(paper.summary(title, under, head, blocks, made_at=at), f"handover-{day}")


def figures(found: HandoverRow) -> list[tuple[str, str, str]]:
    """The page's big numbers: label, value, note. Those of attempts are the insights' own."""
    total = found["total"]
    return [
        (say("Orders of the day"), str(found["orders"]), say("{count} on routes", count=found["planned"])),
        (say("Delivered"), str(total["delivered"]), say_many("{count} attempt", "{count} attempts", total["attempts"])),
        (
            say("Failed attempts"),
            str(sum(one["count"] for one in found["failures"])),
            say_many("{count} order waits", "{count} orders wait", found["failed_count"]),
        ),
        (say("Still open"), str(found["open_count"]), say("not attempted or on no route")),
        (
            say("First-attempt rate"),
            measures.percent(total["first_attempt"]["value"]),
            say("{part} of {whole} orders", **_of(total["first_attempt"])),
        ),
        (
            say("On time"),
            measures.percent(total["on_time"]["value"]),
            say("{part} of {whole} attempts", **_of(total["on_time"])),
        ),
    ]


def _of(fraction: Any) -> dict[str, str]:
    return {"part": number(fraction["of"]), "whole": number(fraction["by"])}


def _blocks(found: HandoverRow) -> list[paper.Block]:
    routes = found["routes"]
    states = ", ".join(f"{count} {word(status)}" for status, count in found["by_status"]) or say("none")
    blocks = [
        paper.Block(
            say("The day"),
            figures=tuple((label, value) for label, value, _ in figures(found)),
            lines=(
                say("Orders: {states}.", states=states),
                say("Routes: {routes}, {completed} completed, {on_the_road} on the road.", **routes),
                say("Stops: {stops_done} of {stops} done, {unassigned} on no route.", **routes),
                *(_failed(one) for one in found["failures"]),
            ),
        ),
        paper.Block(
            say("Notes"),
            lines=tuple(
                f"{timezone.localtime(note['at']):%d.%m. %H:%M}, {note['author']}: {note['text']}"
                for note in found["notes"]
            )
            or (say("Nobody wrote a note."),),
        ),
        paper.Block(
            f"{say('Exceptions')} ({found['exceptions_count']})",
            lines=tuple(
                say(
                    "{kind}: {about}, since {moment}",
                    kind=one["kind"],
                    about=", ".join(part for part in (one["about"], one["driver"]) if part),
                    moment=f"{timezone.localtime(one['since_at']):%d.%m. %H:%M}",
                )
                + (", " + say("{who} looks after it.", who=one["taken_by"]) if one["taken_by"] else ".")
                for one in found["exceptions"]
            )
            or (say("Nothing needs anybody."),),
        ),
        _listed(say("Failed, to be decided on"), found["failed"], found["failed_count"]),
        _listed(say("Still open"), found["open"], found["open_count"]),
        _listed(
            say("Promises at risk on "
                "{day}", day=day_words(found["next_day"])), found["at_risk"], found["at_risk_count"],
            say("{orders} orders are there for that day, {unplanned} of them on no route yet.",
                orders=found["next_orders"], unplanned=found["next_unplanned"]),
        ),
    ]  # fmt: skip
    return blocks


def _listed(title: str, rows: list[OpenRow], count: int, *lines: str) -> paper.Block:
    more = (say_many("… and {count} more.", "… and {count} more.", count - len(rows)),) if count > len(rows) else ()
    return paper.Block(
        f"{title} ({count})",
        lines=(*lines, *more) if rows or lines else (say("None."),),
        head=(say("Order"), say("Recipient"), say("State"), say("Promised"), say("Driver"), say("Why")),
        widths=(0.17, 0.2, 0.12, 0.12, 0.14, 0.25),
        rows=tuple(
            (
                row["reference"],
                row["recipient"],
                row["status"].replace("_", " "),
                _span(row),
                row["driver"],
                row["why"],
            )
            for row in rows
        ),
    )


def _span(row: OpenRow) -> str:
    start, end = row["promised_start_at"], row["promised_end_at"]
    if start is None or end is None:
        return ""
    return f"{timezone.localtime(start):%H:%M}–{timezone.localtime(end):%H:%M}"


def _failed(one: FailureRow) -> str:
    return say("{outcome}: {count} of the attempts.", outcome=measures.outcome(one["code"]), count=one["count"])
