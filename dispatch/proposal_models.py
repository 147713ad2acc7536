"""What was worked out and is not (yet) done: a plan's routes as they could be."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from core.models import Journaled, Operation, Reference
from dispatch import states


class Proposal(Journaled):
    """Routes that were found for a plan, beside those it had then. It changes nothing until somebody accepts it.

    `before` and `after` are pictures (`dispatch.picture`), `prints` says on what they were made
    (`dispatch.fingerprint`): where that has changed the proposal is stale. `needs` is what would have to be real first
    (`dispatch.whatif`): a proposal with needs cannot be accepted.
    """

    machine = states.PROPOSAL
    subject = "proposal"

    plan = Reference("dispatch.Plan", models.CASCADE, related_name="proposals")
    operation = Reference(Operation, models.SET_NULL, null=True, related_name="proposals")
    kind = models.CharField(
        max_length=12,
        choices=[("optimise", "Optimise"), ("reoptimise", "Re-optimise"), ("what_if", "What if")],
    )
    title = models.CharField(max_length=120, help_text="What was asked for, in a few words.")
    made_by = models.CharField(max_length=120)
    made_at = models.DateTimeField()
    settings = models.JSONField(default=dict, help_text="Scope, bounds, seconds, objective, changes to the fleet.")
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    judged = models.JSONField(default=dict, help_text="What the proposed plan is judged by: see dispatch.judging.")
    roads = models.CharField(max_length=8, blank=True)
    prints = models.JSONField(default=dict)
    needs = models.JSONField(default=list)
    accepted = models.JSONField(default=list, help_text="The groups of changes that were accepted.")
    decided_at = models.DateTimeField(null=True, help_text="When nothing was left to decide.")
    decided_by = models.CharField(max_length=120, blank=True)
    status = models.CharField(max_length=16, choices=states.PROPOSAL.choices, default=states.PROPOSAL.first)

    class Meta(Journaled.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(status__in=states.PROPOSAL.states), name="proposal_status"),
            models.CheckConstraint(condition=Q(kind__in=["optimise", "reoptimise", "what_if"]), name="proposal_kind"),
        ]
        indexes = [models.Index("tenant", "plan", "status", name="proposal_by_plan")]

    def __str__(self) -> str:
        return f"{self.kind} {self.status}"
