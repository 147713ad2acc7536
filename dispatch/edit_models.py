"""The dispatchers' edits of a plan: what each changed, with enough to go back and forth."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from core.models import Reference, TenantModel

KINDS = ("move", "lock", "accept", "automatic")
"""Moved by hand, locked or unlocked by hand, a previewed plan that was accepted, a move that a rule made."""


class Edit(TenantModel):
    """One change of a plan that can be undone as one.

    `before` and `after` are `dispatch.spots.Spots`: where each stop of the routes concerned was, and where it then was.
    An edit stands, or it is undone (`undone_at`); an undone one may be made again until `forgotten_at`.
    """

    plan = Reference("dispatch.Plan", models.CASCADE, related_name="edits")
    number = models.PositiveIntegerField(help_text="Counted within the plan, from 1.")
    kind = models.CharField(max_length=10, choices=[(kind, kind) for kind in KINDS])
    label = models.CharField(max_length=300, help_text="What was done, for people.")
    by_kind = models.CharField(max_length=12)
    by_id = models.UUIDField(null=True)
    by_label = models.CharField(max_length=120)
    at = models.DateTimeField()
    meant = models.JSONField(default=list, help_text="Ids of the stops that it was about.")
    before = models.JSONField()
    after = models.JSONField()
    undone_at = models.DateTimeField(null=True)
    forgotten_at = models.DateTimeField(null=True, help_text="When a newer edit took the chance of making it again.")

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint("tenant", "plan", "number", name="edit_number_once"),
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="edit_kind"),
            models.CheckConstraint(
                condition=Q(forgotten_at__isnull=True) | Q(undone_at__isnull=False), name="edit_forgotten_undone"
            ),
        ]
        indexes = [models.Index("tenant", "plan", "by_id", "number", name="edit_by_person")]

    def __str__(self) -> str:
        return f"{self.number} {self.label}"
