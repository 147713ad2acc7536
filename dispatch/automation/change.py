"""The gate through which every automatic change goes: one transaction, one entry in the journal, one place to undo it.

Whoever keeps what a plan was before a change, so that it can be undone, does so here: `make` has the plan before and
after the work in its hands, and nothing changes a plan by itself outside of it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from core import journal
from core.actor import Actor
from core.words import mark, say
from dispatch.models import AutomaticChange, Automation, Plan

TITLES = {
    "assign_new": mark("new orders to drivers"),
    "insert_same_day": mark("same-day orders into the plan"),
    "plan_ahead": mark("planning ahead"),
    "rescue_late": mark("saving promises"),
}


def actor(rule: Automation) -> Actor:
    """Who did it, in every history: automation, by the rule's name."""
    return Actor("automation", rule.id, say("Automation: {what}", what=say(TITLES[rule.rule])))


def make(
    rule: Automation, plan: Plan, work: Callable[[Actor], str], *, occasion: object, at: datetime
) -> AutomaticChange:
    """Do the work on the plan and write down what was done and why; `work` returns the sentence."""
    by = actor(rule)
    words = work(by)[:300]
    plan.refresh_from_db()
    journal.record(plan, "automated", by=by, at=at, reason=words, data={"rule": rule.rule})
    return note(rule, occasion, "done", words, at=at)


def note(rule: Automation, occasion: object, outcome: str, words: str, *, at: datetime) -> AutomaticChange:
    """Keep what became of an occasion; the next look at the same one replaces it."""
    row: AutomaticChange = AutomaticChange.objects.update_or_create(
        rule=rule.rule, occasion=occasion, defaults={"outcome": outcome, "words": words[:300], "at": at})[0]
    return row
