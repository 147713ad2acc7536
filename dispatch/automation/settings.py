"""Switching rules on and off and setting their limits."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from core import errors, journal
from core.actor import Actor
from core.words import say
from dispatch.automation.limits import Limits
from dispatch.automation_models import RULES
from dispatch.models import AutomaticChange, Automation

FIELDS = ("max_extra_s", "max_extra_cents", "max_per_hour", "from_time", "until_time", "lead_s", "plan_at")
NO_PROPOSALS = ("plan_ahead",)
"""A plan for tomorrow is itself a proposal: nothing is sent to a driver before a person does."""


def rules() -> list[Automation]:
    """Every rule as it is set, in the order of `RULES`; one that was never set is off."""
    held = {row.rule: row for row in Automation.objects.all()}
    return [held.get(rule) or Automation(rule=rule) for rule in RULES]


def set_rule(rule: str, *, mode: str, limits: Mapping[str, Any], by: Actor, at: datetime) -> Automation:
    """Set a rule's mode and limits (those of `FIELDS`). The history says who switched it, and to what."""
    if rule not in RULES:
        raise errors.Missing("rule")
    if mode == "propose" and rule in NO_PROPOSALS:
        raise errors.Refused("no_proposals", say("This rule only plans; nothing is sent before you do. Switch it on "
                                                 "or off.")
                             , param="mode")
    if (limits.get("from_time") is None) != (limits.get("until_time") is None):
        raise errors.Invalid("hours_incomplete", say("Give both hours or none."), param="from_time")
    start, end = limits.get("from_time"), limits.get("until_time")
    if start is not None and end is not None and end <= start:
        raise errors.Invalid("hours_order", say("It ends before it begins."), param="until_time")
    if rule == "plan_ahead" and mode == "do" and limits.get("plan_at") is None:
        raise errors.Invalid("hour_missing", say("Say at which hour it plans."), param="plan_at")
    row: Automation | None = Automation.objects.select_for_update(of=("self",)).filter(rule=rule).first()
    if row is None:
        row = Automation(rule=rule)
        journal.born([row], "made", by=by, at=at)
    for name in FIELDS:
        if name in limits:
            setattr(row, name, limits[name])
    told = {name: str(limits[name]) for name in FIELDS if limits.get(name) is not None}
    if row.status == mode:
        journal.record(row, "changed", by=by, at=at, changes=FIELDS, data=told)
    else:
        journal.transition(row, mode, by=by, at=at, changes=FIELDS, data=told)
    return row


def limits_of(row: Automation) -> Limits:
    return Limits(
        row.max_extra_s, row.max_extra_cents, row.max_per_hour, row.from_time, row.until_time, row.lead_s)


def recent(count: int = 20) -> list[AutomaticChange]:
    """What was done and proposed last, newest first."""
    return list(AutomaticChange.objects.exclude(outcome="declined").order_by("-at")[:count])
