"""A round of the automation: every rule that is on, every occasion, each in a transaction of its own.

What there is to do is read from the rows each time, so a round may run twice, or two at once: the rule's row is locked
while it acts, and an occasion that was dealt with is passed over.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from core import errors, tenancy
from dispatch.automation import limits, rules, settings
from dispatch.automation_models import RULES
from dispatch.models import AutomaticChange, Automation
from routing import roads, solver

log = logging.getLogger(__name__)

AGAIN = timedelta(minutes=10)
"""What was left alone is looked at again after this long: vans leave, limits change."""
HOUR = timedelta(hours=1)
MOST = 50
"""Occasions of a rule in one round; the next round goes on."""


def run(tenant_id: UUID, *, at: datetime) -> int:
    """One round for an organization; returns how many changes were made or proposed."""
    made = 0
    for name in RULES:
        with tenancy.scope(tenant_id):
            rule = Automation.objects.filter(rule=name, status__in=["propose", "do"]).first()
            occasions = _open(rule, rules.Moment.of(at)) if rule is not None else []
        for occasion in occasions[:MOST]:
            made += _one(tenant_id, name, occasion, at)
    return made


def _open(rule: Automation, now: rules.Moment) -> list[UUID]:
    """The occasions that have not been dealt with, none outside the rule's hours."""
    if limits.asleep(settings.limits_of(rule), now.time) is not None:
        return []
    found = rules.ALL[rule.rule].occasions(rule, now)
    dealt = set(_dealt(rule, now.at).filter(occasion__in=found).values_list("occasion", flat=True))
    return [one for one in found if one not in dealt]


def _dealt(rule: Automation, at: datetime) -> QuerySet[AutomaticChange]:
    """Done (an order that came back may be given again after an hour), proposed, or lately left alone."""
    rows: QuerySet[AutomaticChange] = AutomaticChange.objects.filter(
        Q(outcome="done", at__gt=at - HOUR) | Q(outcome="proposed") | Q(outcome="declined", at__gt=at - AGAIN),
        rule=rule.rule)
    return rows


def _one(tenant_id: UUID, name: str, occasion: UUID, at: datetime) -> int:
    try:
        with tenancy.scope(tenant_id):
            rule = Automation.objects.select_for_update(of=("self",)).filter(
                rule=name, status__in=["propose", "do"]).first()
            if rule is None:
                return 0
            now = rules.Moment.of(at)
            if occasion not in _open(rule, now):
                return 0
            made = AutomaticChange.objects.filter(rule=name, outcome="done", at__gt=at - HOUR).count()
            if limits.spent(settings.limits_of(rule), made) is not None:
                return 0
            change = rules.ALL[name].act(rule, occasion, now)
            return int(change is not None and change.outcome != "declined")
    except (errors.Refused, solver.ProblemError, roads.RoadsError) as error:
        # Somebody was quicker, or the day cannot be reckoned at this moment: nothing was written.
        log.info("automation stood back", extra={"rule": name, "why": str(error)[:200]})
        return 0
