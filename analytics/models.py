"""Facts: one row an attempt and one row a completed route, written by events, read by the metrics."""

from __future__ import annotations

from django.db import models

from core.models import TenantModel


class AttemptFact(TenantModel):
    """What the metrics need of one attempt."""

    attempt_id = models.UUIDField()
    order_id = models.UUIDField()
    route_id = models.UUIDField(null=True)
    driver_id = models.UUIDField()
    merchant_id = models.UUIDField(null=True)
    day_on = models.DateField()
    number = models.PositiveSmallIntegerField()
    succeeded = models.BooleanField()
    outcome = models.CharField(max_length=32)
    at = models.DateTimeField()
    arrived_at = models.DateTimeField(null=True)
    promised_start_at = models.DateTimeField(null=True)
    promised_end_at = models.DateTimeField(null=True)
    planned_arrival_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint("tenant", "attempt_id", name="attempt_fact_once")]
        indexes = [models.Index("tenant", "day_on", name="attempt_fact_day")]

    def __str__(self) -> str:
        return self.outcome


class RouteFact(TenantModel):
    """What the metrics need of one completed route."""

    route_id = models.UUIDField()
    driver_id = models.UUIDField()
    vehicle_id = models.UUIDField()
    depot_id = models.UUIDField()
    day_on = models.DateField()
    started_at = models.DateTimeField()
    completed_at = models.DateTimeField()
    planned_s = models.PositiveIntegerField()
    worked_s = models.PositiveIntegerField()
    shift_s = models.PositiveIntegerField()
    planned_m = models.PositiveIntegerField()
    driven_m = models.PositiveIntegerField()
    stops = models.PositiveIntegerField()
    attempts = models.PositiveIntegerField()
    delivered = models.PositiveIntegerField()
    driver_cents = models.PositiveIntegerField()
    distance_cents = models.PositiveIntegerField()
    vehicle_cents = models.PositiveIntegerField()
    reattempt_cents = models.PositiveIntegerField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint("tenant", "route_id", name="route_fact_once")]
        indexes = [models.Index("tenant", "day_on", name="route_fact_day")]

    def __str__(self) -> str:
        return f"{self.day_on}"


class HandoverNote(TenantModel):
    """What a dispatcher wrote down about a day for whoever comes next. Kept as written; a correction is another."""

    day_on = models.DateField()
    text = models.CharField(max_length=2000)
    author = models.CharField(max_length=120, help_text="Who, as they were called then.")
    author_id = models.UUIDField(null=True)
    at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        indexes = [models.Index("tenant", "day_on", "at", name="handover_note_day")]

    def __str__(self) -> str:
        return f"{self.day_on}"
