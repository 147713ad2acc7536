"""Positions, the driver's reports, and the recipient's links."""

from __future__ import annotations

from django.db import models

from core.models import Reference, TenantModel
from dispatch.models import Route, Stop
from fleet.models import Driver
from orders.models import Order
from tracking.exception_models import DayException, RouteWatch

__all__ = ["DayException", "LastPosition", "Position", "Report", "RouteWatch", "TrackingLink"]


class Position(TenantModel):
    """A sample of where a driver was. Samples, not facts: they never enter the journal."""

    driver = Reference(Driver, models.CASCADE, related_name="+")
    route = Reference(Route, models.CASCADE, null=True, related_name="+")
    fix_at = models.DateTimeField()
    received_at = models.DateTimeField()
    lat = models.FloatField()
    lon = models.FloatField()
    accuracy_m = models.FloatField(null=True)
    speed_mps = models.FloatField(null=True)
    heading = models.FloatField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint("tenant", "driver", "fix_at", name="position_once")]

    def __str__(self) -> str:
        return f"{self.driver_id} {self.fix_at}"


class LastPosition(TenantModel):
    """The newest position of each driver: what the board draws."""

    driver = Reference(Driver, models.CASCADE, related_name="+")
    route = Reference(Route, models.CASCADE, null=True, related_name="+")
    fix_at = models.DateTimeField()
    received_at = models.DateTimeField()
    lat = models.FloatField()
    lon = models.FloatField()
    speed_mps = models.FloatField(null=True)
    heading = models.FloatField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint("tenant", "driver", name="last_position_once")]

    def __str__(self) -> str:
        return f"{self.driver_id} {self.fix_at}"


class Report(TenantModel):
    """A report of a driver's phone under the id the phone gave it: applied once, kept whatever became of it."""

    client_id = models.UUIDField()
    driver = Reference(Driver, models.CASCADE, related_name="+")
    stop = Reference(Stop, models.SET_NULL, null=True, related_name="+")
    kind = models.CharField(max_length=20)
    device_at = models.DateTimeField()
    received_at = models.DateTimeField()
    sequence = models.PositiveBigIntegerField()
    body = models.JSONField()
    status = models.CharField(max_length=10, choices=[(s, s) for s in ("applied", "conflict", "rejected")])
    code = models.CharField(max_length=40, blank=True)
    message = models.CharField(max_length=300, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint("tenant", "driver", "client_id", name="report_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.status}"


class TrackingLink(TenantModel):
    """A recipient's unguessable link to one order: 192 random bits, kept as a hash for look-up.

    The token itself is kept too (sealed with the server's key), since a message may have to be sent again.
    """

    order = Reference(Order, models.CASCADE, related_name="links")
    token_sha256 = models.CharField(max_length=64)
    sealed_token = models.CharField(max_length=200)
    expires_at = models.DateTimeField(null=True, help_text="Set when the order ends.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint("tenant", "token_sha256", name="tracking_token_once"),
            models.UniqueConstraint("tenant", "order", name="tracking_order_once"),
        ]

    def __str__(self) -> str:
        return f"{self.order_id}"
