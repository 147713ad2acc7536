"""A dispatcher's edits: several stops moved or locked as one, undone and made again, each as a whole or not at all.

Whoever lays routes anew otherwise (a rule, an accepted preview) makes it undoable by `snapshot_of` before and after
and `record`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Max, Q, QuerySet

from core import errors, journal, tenancy
from core.actor import Actor
from core.words import house_language, say
from dispatch import consequences, edit_queries, edit_words, spots, states
from dispatch.actions import relaying
from dispatch.models import Edit, Plan, Stop

Change = relaying.Change
snapshot_of = spots.of_plan


@dataclass(frozen=True, slots=True)
class Done:
    """What an edit leads to, and the edit itself unless it was only looked at."""

    row: consequences.ConsequenceRow
    edit: Edit | None


def edit(
    plan: Plan,
    changes: Sequence[Change],
    *,
    seen: Mapping[UUID, int] | None = None,
    dry_run: bool = False,
    despite_locks: bool = False,
    not_before: datetime | None = None,
    kind: str = "move",
    by: Actor,
    at: datetime,
) -> Done:
    """Move these stops, all of them or none.

    `seen` are the versions that the caller decided by: what was moved, locked or sent since is a `Conflict`
    ("changed_meanwhile"). Broken rules are `Refused` ("rule_broken"), locks a `Conflict` ("locked") unless
    `despite_locks`; a lock then holds the stop at its new place. `not_before` is the earliest time at which vans can
    still leave, on the day itself.
    """
    plan = _held(plan)
    _not_optimizing(plan)
    stops = _stops(plan, [one.stop_id for one in changes])
    _as_seen(stops, seen or {})
    look = relaying.look(plan, changes, stops, not_before)
    if dry_run:
        return Done(look.row, None)
    if look.row["broken"]:
        raise errors.Refused("rule_broken", " ".join(look.row["broken"]), details=look.row)
    if look.row["locked"] and not despite_locks:
        raise errors.Conflict("locked", " ".join(look.row["locked"]), details=look.row)
    if not look.changes_anything:
        raise errors.Refused("nothing_to_move", say("It is there already: nothing was moved."))
    before = spots.of_stops(look.rows)
    meant = [str(one.stop_id) for one in changes]
    with house_language(tenancy.current()):  # all who may undo it read its name
        label = edit_words.moved(look.day, look.lanes, meant)
    with journal.together():
        written = relaying.write(plan, look, left={}, meant=meant, reason=label, by=by, at=at)
        after = spots.of_stops(written)
        row = _kept(plan, kind=kind, label=label, before=before, after=after, meant=meant, by=by, at=at)
    return Done({**look.row, "applied": True}, row)


def lock(
    plan: Plan,
    stop_ids: Sequence[UUID],
    *,
    strength: str,
    seen: Mapping[UUID, int] | None = None,
    by: Actor,
    at: datetime,
) -> Edit:
    """Lock stops to their driver, their order or their position; with "" they are free again."""
    plan = _held(plan)
    _not_optimizing(plan)
    stops = _stops(plan, stop_ids)
    _as_seen(stops, seen or {})
    for stop in stops.values():
        relaying.movable(stop)
        if stop.route is None:
            raise errors.Refused("not_on_a_route", say("Only a stop on a route can be locked to it."))
    changed = [stop for stop in stops.values() if stop.lock != strength]
    if not changed:
        raise errors.Refused("nothing_to_lock", say("Nothing was changed: it is locked like that already."))
    shift_ids = {stop.route.shift_id for stop in changed}
    chosen = {str(stop.id) for stop in changed}
    before = {one: spot for one, spot in snapshot_of(plan, shift_ids=shift_ids).items() if one in chosen}
    with house_language(tenancy.current()):
        label = edit_words.locked(changed, strength)
    _set_locks(changed, dict.fromkeys(chosen, strength), reason=label, by=by, at=at)
    after: spots.Spots = {one: {**spot, "lock": strength} for one, spot in before.items()}
    return _kept(plan, kind="lock", label=label, before=before, after=after, meant=None, by=by, at=at)


def record(
    plan: Plan,
    *,
    kind: str,
    label: str,
    before: spots.Spots,
    after: spots.Spots,
    meant: Collection[str] | None = None,
    by: Actor,
    at: datetime,
) -> Edit:
    """Keep a change of routes that has just been written, so that it can be undone; in its own transaction.

    `before` and `after` are snapshots of all shifts concerned (`snapshot_of`). `plan` is the row as it now stands: its
    version moves on. `meant` are the stops it was about (None: those that differ). The caller's list of edits that
    could be made again is emptied.
    """
    _held(plan)
    return _kept(plan, kind=kind, label=label, before=before, after=after, meant=meant, by=by, at=at)


def _kept(
    plan: Plan,
    *,
    kind: str,
    label: str,
    before: spots.Spots,
    after: spots.Spots,
    meant: Collection[str] | None,
    by: Actor,
    at: datetime,
) -> Edit:
    """`record`, the plan being held already."""
    before, after = _complete(plan, before, after)
    last = Edit.objects.filter(plan=plan).aggregate(last=Max("number"))["last"] or 0
    Edit.objects.filter(edit_queries.of(by), plan=plan, undone_at__isnull=False, forgotten_at__isnull=True).update(
        forgotten_at=at
    )
    row: Edit = Edit.objects.create(
        plan=plan,
        number=last + 1,
        kind=kind,
        label=label[:300],
        by_kind=by.kind,
        by_id=by.id,
        by_label=by.label[:120],
        at=at,
        meant=sorted(meant) if meant is not None else spots.moved_between(before, after),
        before=before,
        after=after,
    )
    _tell(plan, "edited", row, by=by, at=at)
    return row


def undo(plan: Plan, *, edit_id: UUID | None = None, by: Actor, at: datetime) -> Edit:
    """Take back the caller's latest edit, or the one named (one's own, or one that a rule made).

    Only when the stops are where the edit put them and may still be moved: else a `Conflict` says what changed.
    """
    plan = _held(plan)
    row = edit_queries.to_undo(plan, by) if edit_id is None else _named(plan, edit_id, by, undone=False)
    if row is None:
        raise errors.Conflict("nothing_to_undo", say("There is nothing of yours to undo on this plan."))
    with journal.together():
        _go(plan, row, row.after, row.before, reason=f"Undone: {row.label}", by=by, at=at)
        row.undone_at = at
        row.save(update_fields=["undone_at"])
        _tell(plan, "edit_undone", row, by=by, at=at)
    return row


def redo(plan: Plan, *, by: Actor, at: datetime) -> Edit:
    """Make again what the caller undid last; under the same condition."""
    plan = _held(plan)
    row = edit_queries.to_redo(plan, by)
    if row is None:
        raise errors.Conflict("nothing_to_redo", say("There is nothing of yours to make again on this plan."))
    with journal.together():
        _go(plan, row, row.before, row.after, reason=f"Again: {row.label}", by=by, at=at)
        row.undone_at = None
        row.save(update_fields=["undone_at"])
        _tell(plan, "edit_redone", row, by=by, at=at)
    return row


# -- going back and forth ----------------------------------------------------------------------------------------------


def _go(
    plan: Plan, row: Edit, come_from: spots.Spots, go_to: spots.Spots, *, reason: str, by: Actor, at: datetime
) -> None:
    """Put everything from one snapshot to the other, if it still is as the first one says."""
    _not_optimizing(plan)
    ids = {*come_from, *go_to}
    stops = {str(stop.id): stop for stop in _all_stops(plan).filter(id__in=ids)}
    gone = {one for one in ids if one not in stops or stops[one].status == "cancelled"}
    for one in sorted(ids - gone):
        if stops[one].status not in states.MOVABLE:
            raise _in_the_way(plan, row, stops[one])
    shift_ids = {UUID(one) for one in spots.shifts_of(come_from, go_to)}
    relocked = {
        one: go_to.get(one, spots.NOWHERE)["lock"]
        for one in ids - gone
        if come_from.get(one, spots.NOWHERE)["lock"] != go_to.get(one, spots.NOWHERE)["lock"]
    }
    if row.kind == "lock":
        for one in sorted(relocked):
            was, stop = come_from[one], stops[one]
            if stop.lock != was["lock"] or stop.route is None or str(stop.route.shift_id) != was["shift"]:
                raise _in_the_way(plan, row, stop)
    else:
        now = snapshot_of(plan, shift_ids=shift_ids, also=[UUID(one) for one in ids])
        stray = _stray(come_from, now, gone, set(relocked))
        if stray is not None:
            raise _in_the_way(plan, row, stops.get(stray) or _all_stops(plan).get(id=stray))
        lanes = spots.lanes_of(go_to, without=gone)
        if lanes != spots.lanes_of(now):
            look = relaying.look_at(plan, lanes, shift_ids, [stops[one] for one in sorted(ids - gone)])
            left = {one: (why["code"], why["message"]) for one, spot in go_to.items() if (why := spot["left"])}
            relaying.write(plan, look, left=left, meant=row.meant, reason=reason, by=by, at=at)
    if relocked:
        fresh = [stop for stop in _all_stops(plan).filter(id__in=list(relocked)) if stop.route is not None]
        _set_locks([one for one in fresh if one.lock != relocked[str(one.id)]], relocked, reason=reason, by=by, at=at)


def _stray(was: spots.Spots, now: spots.Spots, gone: set[str], relocked: set[str]) -> str | None:
    """A stop that is not where `was` says, the first one found; what was cancelled is passed over."""
    old, new = spots.lanes_of(was, without=gone), spots.lanes_of(now, without=gone)
    for one in sorted({*was, *now} - gone):
        spot, present = was.get(one, spots.NOWHERE), now.get(one, spots.NOWHERE)
        if spot["shift"] != present["shift"] or (one in relocked and spot["lock"] != present["lock"]):
            return one
    for shift_id, order in old.items():
        for one, other in zip(order, new[shift_id], strict=True):
            if one != other:
                return other
    return None


def _in_the_way(plan: Plan, row: Edit, stop: Stop) -> errors.Conflict:
    sentence = edit_queries.what_happened(plan, stop, since=row)
    return errors.Conflict(
        "cannot_go_back", say("“{row}” cannot be undone or made again: {sentence}", row=row.label, sentence=sentence)
    )


def _complete(plan: Plan, before: spots.Spots, after: spots.Spots) -> tuple[spots.Spots, spots.Spots]:
    """Both with the same stops: a stop that only one of them knows was or is on no route."""
    missing = [UUID(one) for one in before if one not in after]
    here = spots.of_stops(_all_stops(plan).filter(id__in=missing, route__isnull=True)) if missing else {}
    after = {**{one: here.get(one, spots.NOWHERE) for one in before if one not in after}, **after}
    return {**{one: spots.NOWHERE for one in after if one not in before}, **before}, after


def _set_locks(stops: Sequence[Stop], strengths: Mapping[str, str], *, reason: str, by: Actor, at: datetime) -> None:
    for stop in stops:
        stop.lock = strengths[str(stop.id)]
    for event, some in (
        ("locked", [stop for stop in stops if stop.lock]),
        ("unlocked", [stop for stop in stops if not stop.lock]),
    ):
        journal.record_many(
            some, event, by=by, at=at, reason=reason, changes=["lock"], data=lambda stop: {"lock": stop.lock}
        )


# -- what is there -----------------------------------------------------------------------------------------------------


def _held(plan: Plan) -> Plan:
    """The plan as it is, held until the transaction ends: edits of one plan happen one after the other."""
    row: Plan = Plan.objects.select_for_update(of=("self",)).get(id=plan.id)
    return row


def _not_optimizing(plan: Plan) -> None:
    if plan.status == "optimizing":
        raise errors.Conflict("plan_optimizing", say("The plan is being optimised: wait for it or cancel it first."))


def _all_stops(plan: Plan) -> QuerySet[Stop]:
    rows: QuerySet[Stop] = Stop.objects.filter(plan=plan)
    return rows.select_related("place", "route", "plan", "route__shift__driver")


def _stops(plan: Plan, ids: Sequence[UUID]) -> dict[UUID, Stop]:
    if not ids:
        raise errors.Invalid("nothing_named", say("Name at least one stop."), param="stops")
    if len(set(ids)) != len(ids):
        raise errors.Invalid("named_twice", say("A stop is named twice."), param="stops")
    found = {stop.id: stop for stop in _all_stops(plan).filter(id__in=ids)}
    if len(found) != len(ids):
        raise errors.Invalid("not_found", say("There is no such stop on this plan."), param="stops")
    return {one: found[one] for one in ids}


def _as_seen(stops: Mapping[UUID, Stop], seen: Mapping[UUID, int]) -> None:
    """Refuse when one of these stops is not what the caller saw of it."""
    changed = edit_queries.changed_since(stops, seen)
    if changed:
        words = " ".join(one["sentence"] for one in changed)
        raise errors.Conflict("changed_meanwhile", words, details={"stops": changed})


def _named(plan: Plan, edit_id: UUID, by: Actor, *, undone: bool) -> Edit:
    row: Edit | None = (
        Edit.objects.filter(edit_queries.of(by) | Q(kind="automatic"), plan=plan, id=edit_id)
        .filter(undone_at__isnull=not undone)
        .first()
    )
    if row is None:
        raise errors.Missing("edit")
    return row


def _tell(plan: Plan, event: str, row: Edit, *, by: Actor, at: datetime) -> None:
    data = {"edit": str(row.id), "number": row.number, "kind": row.kind, "stops": len(row.meant)}
    journal.record(plan, event, by=by, at=at, reason=row.label, data=data)
