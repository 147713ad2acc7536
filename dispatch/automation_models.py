"""What an organization lets the house do by itself, within which limits, and what it did."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from core.models import Journaled, TenantModel
from core.states import Machine

MODE = Machine("automation", "off", {"off": ("propose", "do"), "propose": ("off", "do"), "do": ("off", "propose")})

RULES = ("assign_new", "insert_same_day", "plan_ahead", "rescue_late")
OUTCOMES = ("done", "proposed", "declined")


class Automation(Journaled):
    """One rule of one organization. `status` is its mode: off, propose (a person decides) or do."""

    machine = MODE
    subject = "automation"

    rule = models.CharField(max_length=20, choices=[(rule, rule) for rule in RULES])
    status = models.CharField("mode", max_length=8, choices=MODE.choices, default=MODE.first)
    max_extra_s = models.PositiveIntegerField(default=900, help_text="Most time that one change may add to a route.")
    max_extra_cents = models.PositiveIntegerField(default=1000, help_text="Most cost that one change may add.")
    max_per_hour = models.PositiveSmallIntegerField(default=10)
    from_time = models.TimeField(null=True, help_text="Local time from which it works; empty = always.")
    until_time = models.TimeField(null=True)
    lead_s = models.PositiveIntegerField(default=1800, help_text="Vans that leave sooner are left alone.")
    plan_at = models.TimeField(null=True, help_text="Planning hour: before noon for the same day, later for the next.")

    class Meta(Journaled.Meta):
        constraints = [
            models.UniqueConstraint("tenant", "rule", name="automation_once"),
            models.CheckConstraint(condition=Q(status__in=MODE.states), name="automation_status"),
            models.CheckConstraint(condition=Q(rule__in=RULES), name="automation_rule"),
            models.CheckConstraint(
                condition=Q(from_time__isnull=True, until_time__isnull=True) | Q(until_time__gt=F("from_time")),
                name="automation_hours",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.status}"


class AutomaticChange(TenantModel):
    """What a rule did, proposed or left alone on one occasion: each occasion once, however often it is heard of."""

    rule = models.CharField(max_length=20, choices=[(rule, rule) for rule in RULES])
    occasion = models.UUIDField(help_text="The order, the event or the plan that gave rise to it.")
    outcome = models.CharField(max_length=10, choices=[(one, one) for one in OUTCOMES])
    words = models.CharField(max_length=300)
    at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint("tenant", "rule", "occasion", name="automatic_change_once")]
        indexes = [models.Index("tenant", "at", name="automatic_change_by_time")]

    def __str__(self) -> str:
        return f"{self.rule} {self.outcome}"
