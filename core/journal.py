"""The one way to change a state, and the record of everything that happened.

A move is looked up in the row's machine, made by compare-and-set on `version`, and its event is written
in the same transaction. Who hears of an event is said in one table at the roof; here it is only looked up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F

from core import errors, ids, tenancy, wake
from core.actor import Actor
from core.models import Delivery, Event, Journaled
from core.vocabulary import word
from core.words import say

Handler = Callable[[list[Event]], None]

_subscribers: dict[str, tuple[str, ...]] = {}
_handlers: dict[str, Handler] = {}
_gathered: ContextVar[list[Event] | None] = ContextVar("gathered", default=None)
"""The events of the open `together` that have not been written yet."""


def subscribe(table: dict[str, Sequence[Handler]]) -> None:
    """Set who hears what: {event kind: handlers}. `"stop.*"` hears every event of the subject. Called once, by the
    roof."""
    _subscribers.clear()
    _handlers.clear()
    for kind, handlers in table.items():
        names = []
        for handler in handlers:
            name = name_of(handler)
            _handlers[name] = handler
            names.append(name)
        _subscribers[kind] = tuple(names)


def name_of(handler: Handler) -> str:
    """By which deliveries name it."""
    return f"{handler.__module__}.{handler.__name__}"


def handler_named(name: str) -> Handler | None:
    return _handlers.get(name)


def subscribers_of(kind: str) -> tuple[str, ...]:
    subject = kind.partition(".")[0]
    return tuple(dict.fromkeys((*_subscribers.get(kind, ()), *_subscribers.get(f"{subject}.*", ()))))


@contextmanager
def together() -> Iterator[None]:
    """Changes that stand or fall as one: their events are written in one go when the block ends.

    Whatever fails in it must leave it and undoes all of it, so no change needs a savepoint of its own. Until it ends no
    query finds its events. Within another one it joins that.
    """
    if _gathered.get() is not None:
        yield
        return
    with transaction.atomic():
        events: list[Event] = []
        token = _gathered.set(events)
        try:
            yield
        finally:
            _gathered.reset(token)
        _write_down(events)


def transition(
    row: Journaled,
    to: str,
    *,
    by: Actor,
    at: datetime,
    reason: str = "",
    data: dict[str, Any] | None = None,
    device_at: datetime | None = None,
    changes: Sequence[str] = (),
    event: str | None = None,
) -> Event:
    """Move `row` to the state `to`, saving the fields named in `changes` with it.

    Raises `Conflict` ("illegal_move") when the machine has no such move, and `Conflict` ("changed_meanwhile")
    when the row's version in the database is not the one in hand; nothing is written then.
    """
    return transition_many(
        [row],
        to,
        by=by,
        at=at,
        reason=reason,
        data=lambda _: data or {},
        device_at=device_at,
        changes=changes,
        event=event,
    )[0]


def transition_many(
    rows: Sequence[Journaled],
    to: str,
    *,
    by: Actor,
    at: datetime,
    reason: str = "",
    data: Callable[[Any], dict[str, Any]] | None = None,
    device_at: datetime | None = None,
    changes: Sequence[str] = (),
    event: str | None = None,
) -> list[Event]:
    """`transition` for many rows of one model at once: all of them move, or none."""
    for row in rows:
        source = row.status  # type: ignore[attr-defined]
        if not row.machine.allows(source, to):
            raise errors.Conflict(
                "illegal_move",
                say(
                    "This {subject} is {state} and cannot become {wanted}.",
                    subject=word(row.subject),
                    state=word(source),
                    wanted=word(to),
                ),
            )
    for row in rows:
        row.status = to  # type: ignore[attr-defined]
    return _write(
        rows,
        f"{rows[0].subject}.{event or to}" if rows else "",
        ["status", *changes],
        by=by,
        at=at,
        reason=reason,
        data=data,
        device_at=device_at,
    )


def record(
    row: Journaled,
    event: str,
    *,
    by: Actor,
    at: datetime,
    reason: str = "",
    data: dict[str, Any] | None = None,
    device_at: datetime | None = None,
    changes: Sequence[str] = (),
) -> Event:
    """Write an event (`"<subject>.<event>"`) about `row` without a move, saving the fields named in `changes`."""
    return record_many(
        [row], event, by=by, at=at, reason=reason, data=lambda _: data or {}, device_at=device_at, changes=changes
    )[0]


def record_many(
    rows: Sequence[Journaled],
    event: str,
    *,
    by: Actor,
    at: datetime,
    reason: str = "",
    data: Callable[[Any], dict[str, Any]] | None = None,
    device_at: datetime | None = None,
    changes: Sequence[str] = (),
) -> list[Event]:
    """`record` for many rows of one model at once."""
    return _write(
        rows,
        f"{rows[0].subject}.{event}" if rows else "",
        list(changes),
        by=by,
        at=at,
        reason=reason,
        data=data,
        device_at=device_at,
    )


def born(
    rows: Sequence[Journaled],
    event: str,
    *,
    by: Actor,
    at: datetime,
    data: Callable[[Any], dict[str, Any]] | None = None,
) -> list[Event]:
    """Insert new rows and write their first event."""
    if not rows:
        return []
    model = type(rows[0])
    with _whole():
        model.objects.bulk_create(rows, batch_size=1000)
        return _events(rows, f"{rows[0].subject}.{event}", by=by, at=at, reason="", data=data, device_at=None)


def touch(rows: Sequence[Journaled], changes: Sequence[str]) -> None:
    """Save fields that are samples or predictions rather than facts (an ETA): versioned, not journaled."""
    if rows:
        _save(rows, changes)


def _write(
    rows: Sequence[Journaled],
    kind: str,
    changes: Sequence[str],
    *,
    by: Actor,
    at: datetime,
    reason: str,
    data: Callable[[Any], dict[str, Any]] | None,
    device_at: datetime | None,
) -> list[Event]:
    if not rows:
        return []
    with _whole():
        _save(rows, changes)
        return _events(rows, kind, by=by, at=at, reason=reason, data=data, device_at=device_at)


def _whole() -> AbstractContextManager[Any]:
    """Row and event are written, or neither is: in a savepoint, or by the open `together`."""
    return transaction.atomic() if _gathered.get() is None else nullcontext()


def _save(rows: Sequence[Journaled], changes: Sequence[str]) -> None:
    fields = list(dict.fromkeys([*changes, "version", "changed_at"]))
    if len(rows) == 1:
        _save_one(rows[0], fields)
        return
    model = type(rows[0])
    held = dict(
        model.objects.select_for_update(of=("self",), no_key=True)
        .filter(id__in=[row.id for row in rows])
        .order_by("id")
        .values_list("id", "version")
    )
    for row in rows:
        if held.get(row.id) != row.version:
            raise _changed_meanwhile(row)
    for row in rows:
        row.version += 1
    now = _changed_at(rows)
    for row in rows:
        row.changed_at = now
    model.objects.bulk_update(rows, fields, batch_size=500)


def _save_one(row: Journaled, fields: Sequence[str]) -> None:
    """Compare and set in one statement."""
    before = row.version
    row.version += 1
    columns: list[Any] = [row._meta.get_field(name) for name in fields]
    values = {column.attname: column.pre_save(row, add=False) for column in columns}
    if not type(row).objects.filter(id=row.id, version=before).update(**values):
        row.version = before
        raise _changed_meanwhile(row)


def _changed_meanwhile(row: Journaled) -> errors.Conflict:
    return errors.Conflict(
        "changed_meanwhile",
        say("This {subject} was changed by somebody else meanwhile: load it again.", subject=word(row.subject)),
    )


def _changed_at(rows: Sequence[Journaled]) -> datetime:
    field = rows[0]._meta.get_field("changed_at")
    value: datetime = field.pre_save(rows[0], add=False)
    return value


def _events(
    rows: Sequence[Journaled],
    kind: str,
    *,
    by: Actor,
    at: datetime,
    reason: str,
    data: Callable[[Any], dict[str, Any]] | None,
    device_at: datetime | None,
) -> list[Event]:
    events = [
        Event(
            id=ids.new_id(),
            kind=kind,
            subject=word(row.subject),
            subject_id=row.id,
            sequence=row.version,
            actor_kind=by.kind,
            actor_id=by.id,
            actor_label=by.label[:120],
            at=at,
            device_at=device_at,
            reason=reason[:300],
            data=data(row) if data else {},
        )
        for row in rows
    ]
    gathered = _gathered.get()
    if gathered is None:
        _write_down(events)
    else:
        gathered += events
    return events


def _write_down(events: Sequence[Event]) -> None:
    """The events and whom they are owed to; the relay is woken on commit."""
    Event.objects.bulk_create(events, batch_size=1000)
    due_at = at_now()
    owed = [
        Delivery(event=event, handler=name, due_at=due_at) for event in events for name in subscribers_of(event.kind)
    ]
    if owed:
        Delivery.objects.bulk_create(owed, batch_size=1000)
        tenant_id = tenancy.current()
        transaction.on_commit(lambda: wake.relay(tenant_id))


def at_now() -> datetime:
    """The outbox is due at the server's time, whatever day the simulated or device clock says."""
    from django.utils import timezone

    return timezone.now()


def history(subject_ids: Iterable[UUID]) -> list[Event]:
    """The events of these subjects, oldest first."""
    return list(Event.objects.filter(subject_id__in=list(subject_ids)).order_by("at", "id"))


def postpone(delivery: Delivery, error: str, due_at: datetime, *, park: bool) -> None:
    """A handler failed: try again later, or park it for a person to look at."""
    Delivery.objects.filter(id=delivery.id).update(tries=F("tries") + 1, error=error[:2000], due_at=due_at, parked=park)
