"""A proposal's life: asked for, taken whole or in parts, or left."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, TypedDict
from uuid import UUID

from django.conf import settings

from core import errors, journal, operations
from core.actor import Actor
from core.models import Operation
from core.words import mark, say
from dispatch import difference, facts, fingerprint, picture, planning, proposing, states, under_way, whatif
from dispatch.actions import plans, reordering, writing
from dispatch.models import Plan, Proposal, Route, Stop
from fleet import rostering
from fleet.models import Driver, Shift, Vehicle
from routing.solver import reoptimize

TITLES = {
    reoptimize.REORDER_CHANGED: mark("Only what changed"),
    reoptimize.REORDER_ALL: mark("Another order, same drivers"),
    reoptimize.REDISTRIBUTE: mark("Across all drivers"),
}


class Wanted(TypedDict):
    """What a proposal is to look for; see `routing.solver.reoptimize.bounded` and `dispatch.wishes`."""

    kind: str
    scope: str
    max_changes: int | None
    change_cents: int
    changed: list[str]
    keep_loaded: bool
    keep_promises: bool
    objective: str
    fleet: whatif.Fleet
    seconds: int


def wanted(kind: str, values: Mapping[str, Any]) -> Wanted:
    """A request's settings with everything that it does not name as it usually is."""
    return {
        "kind": kind,
        "scope": values.get("scope", reoptimize.REDISTRIBUTE),
        "max_changes": values.get("max_changes"),
        "change_cents": values.get("change_cents", 0),
        "changed": [str(stop) for stop in values.get("changed", ())],
        "keep_loaded": values.get("keep_loaded", False),
        "keep_promises": values.get("keep_promises", False),
        "objective": values.get("objective", ""),
        "fleet": values.get("fleet") or whatif.none(),
        "seconds": values.get("seconds", settings.SOLVE_SECONDS),
    }


def request(plan: Plan, asked: Wanted, *, by: Actor, at: datetime) -> Operation:
    """Ask for a proposal; a worker makes it, and the plan stays as it is."""
    if plan.status == "optimizing":
        raise errors.Conflict("already_optimizing", say("This plan is being optimised right now."))
    waiting = Operation.objects.filter(kind="propose", status__in=["queued", "running"], params__plan=str(plan.id))
    if waiting.exists():
        raise errors.Conflict("already_proposing", say("A preview of this plan is being worked out right now."))
    plans.gather(plan, by=by, at=at)
    day = facts.of_plan(plan)
    if not (proposing.takes_under_way(asked) and under_way.possible(plan)):
        _plannable(day, asked["kind"])
    title = say(TITLES[asked["scope"]]) if asked["kind"] == "reoptimise" else say("From scratch")
    if asked["kind"] == "what_if" and whatif.is_none(asked["fleet"]):
        raise errors.Invalid("no_change", say("Say what is to be different."), param="fleet")
    params: dict[str, Any] = {**asked, "plan": str(plan.id), "made_by": by.label, "title": title}
    proposing.ground(plan, params)  # a fleet that cannot be is refused here, not in the worker
    if asked["kind"] == "what_if":
        params["title"] = whatif.title(day, asked["fleet"], proposing.joining(plan, asked["fleet"]))
    return operations.start(kind="propose", queue="solve", params=params, by=by, at=at)


def _plannable(day: planning.DayFacts, kind: str) -> None:
    """Refuse, in words, what has nothing to work on."""
    if not day.stops:
        raise errors.Refused("no_stops", say("There is nothing to plan: no located order waits for that day."))
    if not day.shifts:
        raise errors.Refused("no_shifts", say("No driver who has not set out has a shift at this depot on that day."))
    if kind == "reoptimise" and not any(day.sequences.values()):
        raise errors.Refused(
            "nothing_to_reoptimize", say("No route is left to optimise again: there is none, or all have set out.")
        )


def pending(proposal: Proposal) -> list[difference.GroupRow]:
    """The groups of changes that nobody has accepted yet."""
    rows = difference.difference(proposal.before, proposal.after)["groups"]
    return [group for group in rows if group["id"] not in proposal.accepted]


def drifted(proposal: Proposal, groups: Collection[str] | None = None) -> list[str]:
    """The shifts and stops of these groups (by default all that are pending) that are not what the proposal was made
    on."""
    chosen = {group["id"] for group in pending(proposal)} if groups is None else set(groups)
    changes = difference.difference(proposal.before, proposal.after)
    shifts = [shift for group in changes["groups"] if group["id"] in chosen for shift in group["shifts"]]
    stops = [row["stop"] for row in changes["stops"] if row["group"] in chosen and row["before"] is None]
    keys = [key for key in (*shifts, *stops) if not key.startswith(whatif.IMAGINED)]
    now = fingerprint.prints(facts.of_plan(proposal.plan))
    return fingerprint.differing(proposal.prints, now, keys)


def accept(proposal: Proposal, groups: Collection[str] | None, *, by: Actor, at: datetime) -> Proposal:
    """Take these groups of changes (all that are pending by default) into the plan.

    They are worked out and judged once more on the plan as it is. Raises `Refused` in words: what is not real yet
    ("not_real"), a broken rule; and `Conflict` ("proposal_stale") when the plan has changed since.
    """
    plan = Plan.objects.select_for_update(of=("self",)).get(id=proposal.plan_id)
    proposal = Proposal.objects.select_for_update(of=("self",)).get(id=proposal.id)
    _still_open(proposal)
    if plan.status == "optimizing":
        raise errors.Conflict("plan_optimizing", say("The plan is being optimised: wait for it or cancel it first."))
    if proposal.needs:
        words = " ".join(need["message"] for need in proposal.needs)
        raise errors.Refused(
            "not_real", say("These routes are for a fleet that is not there yet. {words}", words=words)
        )
    left = {group["id"]: group for group in pending(proposal)}
    chosen = set(left) if groups is None else set(groups)
    if not chosen or not chosen <= set(left):
        raise errors.Invalid("no_such_group", say("There is no such change in this proposal any more."), param="groups")
    if drifted(proposal, chosen):
        raise errors.Conflict(
            "proposal_stale",
            say("The plan has changed since this was worked out. Nothing was changed: optimise again."),
        )
    shifts = {shift for id in chosen for shift in left[id]["shifts"]}
    order: dict[str, tuple[str, ...]] = dict.fromkeys(shifts, ())
    order.update(picture.sequences(proposal.after, shifts))
    reasons = _left_out(proposal, shifts)
    whole = not proposal.accepted and chosen == set(left)
    for route in Route.objects.filter(plan=plan, status__in=states.GONE, shift_id__in=shifts):
        reordering.follow(route, order.pop(str(route.shift_id)), by=by, at=at)
    if order:
        writing.write(
            plan,
            writing.weigh(plan, order, leaving=reasons),
            reasons,
            label=say("Accepted: {title}", title=proposal.title),
            judged=proposal.judged if whole else None,
            by=by,
            at=at,
        )
    proposal.accepted = sorted({*proposal.accepted, *chosen})
    rest = set(left) - chosen
    changes = ["accepted"]
    if not rest:
        proposal.decided_at, proposal.decided_by = at, by.label
        changes += ["decided_at", "decided_by"]
    to = "partly_accepted" if rest else "accepted"
    data = {"groups": sorted(chosen)}
    if proposal.status == to:
        journal.record(proposal, "more_accepted", by=by, at=at, changes=changes, data=data)
    else:
        journal.transition(proposal, to, by=by, at=at, changes=changes, data=data)
    return proposal


def reject(proposal: Proposal, *, by: Actor, at: datetime) -> Proposal:
    """Leave the plan as it is. What was accepted before of it stays accepted."""
    proposal = Proposal.objects.select_for_update(of=("self",)).get(id=proposal.id)
    _still_open(proposal)
    proposal.decided_at, proposal.decided_by = at, by.label
    if proposal.status == "partly_accepted":
        journal.record(proposal, "rest_rejected", by=by, at=at, changes=["decided_at", "decided_by"])
    else:
        journal.transition(proposal, "rejected", by=by, at=at, changes=["decided_at", "decided_by"])
    return proposal


def mark_stale(proposal: Proposal, *, by: Actor, at: datetime) -> bool:
    """Close a proposal that was overtaken by the plan; whether it was."""
    if proposal.decided_at is not None or proposal.kind == "what_if" or not drifted(proposal):
        return False
    proposal.decided_at, proposal.decided_by = at, by.label
    journal.transition(proposal, "stale", by=by, at=at, changes=["decided_at", "decided_by"])
    return True


def arrange(proposal: Proposal, *, by: Actor, at: datetime) -> None:
    """Make real what a what-if needs: shifts opened, lengthened, called off. The plan's routes stay as they are, but
    the stops of a shift that is called off come off their route. Raises `Refused` for what cannot be had by a word."""
    plan = Plan.objects.select_for_update(of=("self",)).get(id=proposal.plan_id)
    if not proposal.needs:
        raise errors.Conflict("nothing_needed", say("This proposal needs nothing that is not there."))
    for need in proposal.needs:
        if need["kind"] == "buy":
            raise errors.Refused("not_possible_here", need["message"])
    reason = say("What if: {title}", title=proposal.title)[:300]
    for need in proposal.needs:
        if need["kind"] == "open_shift":
            rostering.open_shift(
                day=plan.day_on,
                driver=Driver.objects.get(id=need["driver"]),
                vehicle=Vehicle.objects.get(id=need["vehicle"]),
                depot=plan.depot,
                zone=facts.zone_of_tenant(),
                reason=reason,
                by=by,
                at=at,
            )
            continue
        shift = Shift.objects.select_for_update(of=("self",)).get(id=need["shift"])
        if need["kind"] == "lengthen":
            longer = timedelta(minutes=need["minutes"])
            rostering.change_hours(
                shift, starts_at=shift.starts_at, ends_at=shift.ends_at + longer, reason=reason, by=by, at=at
            )
        else:
            _take_off(plan, shift, by=by, at=at)
            rostering.call_off(shift, reason=reason, by=by, at=at)


def _take_off(plan: Plan, shift: Shift, *, by: Actor, at: datetime) -> None:
    stops = Stop.objects.filter(plan=plan, route__shift=shift).exclude(route__status="cancelled")
    ids = [str(id) for id in stops.values_list("id", flat=True)]
    if not ids:
        return
    weighed = writing.weigh(plan, {str(shift.id): ()}, leaving=ids)
    reasons = dict.fromkeys(ids, ("driver_absent", say("{driver} does not come that day.", driver=shift.driver.name)))
    writing.write(plan, weighed, reasons, label=say("{driver} called off", driver=shift.driver.name), by=by, at=at)


def _still_open(proposal: Proposal) -> None:
    if proposal.decided_at is not None:
        if proposal.status == "stale":
            raise errors.Conflict("already_decided", say("This proposal has been overtaken by the plan."))
        raise errors.Conflict("already_decided", say("This proposal has been decided already."))


def _left_out(proposal: Proposal, shifts: Collection[str]) -> dict[str, tuple[str, str]]:
    """The stops that these routes lose to no route, with the reasons."""
    held = {stop for order in picture.sequences(proposal.before, shifts).values() for stop in order}
    return {one["id"]: (one["code"], one["message"]) for one in proposal.after["off"] if one["id"] in held}


def of(id: UUID) -> Proposal:
    """The open tenant's proposal. Raises `Missing`."""
    row: Proposal | None = Proposal.objects.select_related("plan", "plan__depot").filter(id=id).first()
    if row is None:
        raise errors.Missing("proposal")
    return row
