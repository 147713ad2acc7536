"""Rules that a person let go for one day: a van that may carry more, a stop that may be made without a skill."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from core.models import Reference, TenantModel


class Waiver(TenantModel):
    """One rule let go on one plan, by whom and why. Planning sees it wherever it looks at that plan.

    `capacity`: the van of `shift` may carry `amounts` more (grams, millilitres, pieces, pallets). `skill`: `stop` may
    be made by who has not the skills in `skills`.
    """

    plan = Reference("dispatch.Plan", models.CASCADE, related_name="waivers")
    kind = models.CharField(max_length=10, choices=[("capacity", "Capacity"), ("skill", "Skill")])
    shift = Reference("fleet.Shift", models.CASCADE, null=True, related_name="waivers")
    stop = Reference("dispatch.Stop", models.CASCADE, null=True, related_name="waivers")
    amounts = models.JSONField(default=list)
    skills = models.JSONField(default=list)
    reason = models.CharField(max_length=300)
    given_by = models.CharField(max_length=120)
    given_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="capacity", shift__isnull=False, stop__isnull=True)
                | Q(kind="skill", shift__isnull=True, stop__isnull=False),
                name="waiver_of_one",
            ),
        ]

    def __str__(self) -> str:
        return self.kind
