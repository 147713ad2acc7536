"""What edits look like, which of them a dispatcher can undo, and who changed what meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict
from uuid import UUID

from django.db.models import Q

from core.actor import Actor
from core.models import Event
from core.vocabulary import word
from core.words import mark, say
from dispatch import day_rows, facts, queries
from dispatch.models import Edit, Plan, Stop

SHOWN = 50
BENIGN = ("stop.retimed",)
"""A stop that only got another time or number is where it was: whoever moves it need not look again."""
DEEDS = {
    "moved": mark("moved"),
    "planned": mark("put on a route"),
    "unassigned": mark("taken off its route"),
    "left_out": mark("left out"),
    "locked": mark("locked"),
    "unlocked": mark("unlocked"),
    "allocated": mark("sent to its driver"),
    "cancelled": mark("cancelled"),
    "changed": mark("changed"),
}


class EditRow(TypedDict):
    """One edit; `stops` are the ids it was about, `mine` whether the caller made it."""

    id: str
    number: int
    kind: str
    label: str
    by: str
    mine: bool
    at: str
    undone_at: str | None
    stops: list[str]


class EditsRow(TypedDict):
    """The caller's edits (and what rules did), newest first; what undo and redo would take."""

    results: list[EditRow]
    undo: EditRow | None
    redo: EditRow | None


class ChangedRow(TypedDict):
    """A stop that somebody changed meanwhile: as it is now, who did it, when, and that in a sentence."""

    id: str
    now: day_rows.StopRow
    by: str
    at: str
    sentence: str


def of(by: Actor) -> Q:
    """The edits of this person."""
    return Q(by_kind=by.kind, by_id=by.id)


def to_undo(plan: Plan, by: Actor) -> Edit | None:
    """The latest edit of theirs that stands."""
    row: Edit | None = Edit.objects.filter(of(by), plan=plan, undone_at__isnull=True).order_by("-number").first()
    return row


def to_redo(plan: Plan, by: Actor) -> Edit | None:
    """What they undid last: undoing goes backwards, so it is the earliest one undone."""
    row: Edit | None = (
        Edit.objects.filter(of(by), plan=plan, undone_at__isnull=False, forgotten_at__isnull=True)
        .order_by("number")
        .first()
    )
    return row


def edits_row(plan: Plan, by: Actor) -> EditsRow:
    # What an edit keeps of before and after is long, and nobody is shown it.
    rows = Edit.objects.filter(of(by) | Q(kind="automatic"), plan=plan).defer("before", "after")
    found = list(rows.order_by("-number")[:SHOWN])
    if len(found) < SHOWN:
        mine = [one for one in found if one.by_kind == by.kind and one.by_id == by.id]
        undo = next((one for one in mine if one.undone_at is None), None)
        redo = next((one for one in reversed(mine) if one.undone_at is not None and one.forgotten_at is None), None)
    else:
        undo, redo = to_undo(plan, by), to_redo(plan, by)
    return {
        "results": [edit_row(one, by) for one in found],
        "undo": edit_row(undo, by) if undo else None,
        "redo": edit_row(redo, by) if redo else None,
    }


def edit_row(edit: Edit, by: Actor) -> EditRow:
    return {
        "id": str(edit.id),
        "number": edit.number,
        "kind": edit.kind,
        "label": edit.label,
        "by": edit.by_label,
        "mine": edit.by_kind == by.kind and edit.by_id == by.id,
        "at": edit.at.isoformat(),
        "undone_at": queries.iso(edit.undone_at),
        "stops": list(edit.meant),
    }


def changed_since(stops: Mapping[UUID, Stop], seen: Mapping[UUID, int]) -> list[ChangedRow]:
    """Which of these stops somebody moved, locked or otherwise changed since the versions `seen`."""
    found: list[ChangedRow] = []
    for stop_id, stop in stops.items():
        version = seen.get(stop_id)
        if version is None or version == stop.version:
            continue
        event = _since(stop, version)
        if event is None:
            continue
        (row,) = queries.stop_rows([stop])
        found.append(
            {
                "id": str(stop_id),
                "now": row,
                "by": event.actor_label,
                "at": event.at.isoformat(),
                "sentence": _sentence(stop, event),
            }
        )
    return found


def what_happened(plan: Plan, stop: Stop, *, since: Edit) -> str:
    """Who last did what with this stop after an edit, as a sentence."""
    event = Event.objects.filter(subject="stop", subject_id=stop.id, at__gte=since.at).exclude(kind__in=BENIGN)
    last = event.order_by("-sequence").first()
    if last is None:
        return say("{name} is elsewhere now.", name=name_of(stop))
    return _sentence(stop, last)


def name_of(stop: Stop) -> str:
    orders = facts.orders_of([stop])[str(stop.id)]
    references = ", ".join(order.reference for order in orders)
    return say("Order {reference}", reference=references) if references else stop.place.line


def _since(stop: Stop, version: int) -> Event | None:
    event: Event | None = (
        Event.objects.filter(subject="stop", subject_id=stop.id, sequence__gt=version)
        .exclude(kind__in=BENIGN)
        .order_by("-sequence")
        .first()
    )
    return event


def _sentence(stop: Stop, event: Event) -> str:
    deed = event.kind.partition(".")[2]
    words = say(DEEDS[deed]) if deed in DEEDS else say("set to “{state}”", state=word(deed))
    clock = event.at.astimezone(facts.zone_of_tenant()).strftime("%H:%M")
    said = say(
        "{name} was {deed} by {who} at {time}.", name=name_of(stop), deed=words, who=event.actor_label, time=clock
    )
    return f"{said.removesuffix('.')} ({say(event.reason)})." if event.reason else said
