"""Exceptions: what needs a person, and what is remembered of vans to notice it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from core.models import Journaled, Reference, TenantModel
from dispatch.models import Route
from fleet.models import Depot
from tracking import detection, states


class DayException(Journaled):
    """Something of a day that needs a person, as long as its cause lasts and afterwards as history.

    `ended_at` is when the cause went away. A person may close it before: it is then silent until its cause has gone.
    """

    machine = states.EXCEPTION
    subject = "exception"

    kind = models.CharField(max_length=24, choices=[(kind, kind) for kind in detection.KINDS])
    subject_kind = models.CharField(max_length=10, choices=[(s, s) for s in ("stop", "route", "order", "driver")])
    subject_id = models.UUIDField()
    day_on = models.DateField()
    depot = Reference(Depot, null=True, related_name="+")
    opened_at = models.DateTimeField()
    since_at = models.DateTimeField(help_text="Since when its cause has been there.")
    ended_at = models.DateTimeField(null=True, help_text="When its cause went away.")
    closed_at = models.DateTimeField(null=True, help_text="When it left the queue.")
    numbers = models.JSONField(default=dict, help_text="How bad it is: seconds, metres, counts.")
    about = models.JSONField(default=dict, help_text="{stop, route, order, driver, report}: ids it has to do with.")
    proposal = models.JSONField(null=True, help_text="What automation would do: {rule, fix, words}.")
    taken_by_id = models.UUIDField(null=True, help_text="The member who acknowledged it.")
    taken_by = models.CharField(max_length=120, blank=True)
    resolution = models.CharField(max_length=300, blank=True, help_text="How it was closed, in words.")
    status = models.CharField(max_length=12, choices=states.EXCEPTION.choices, default=states.EXCEPTION.first)

    class Meta(Journaled.Meta):
        constraints = [
            models.UniqueConstraint(
                "tenant", "kind", "subject_id", name="exception_once", condition=Q(ended_at__isnull=True)
            ),
            models.CheckConstraint(condition=Q(status__in=states.EXCEPTION.states), name="exception_status"),
            models.CheckConstraint(condition=Q(kind__in=detection.KINDS), name="exception_kind"),
            models.CheckConstraint(
                condition=Q(status__in=states.LIVE, ended_at__isnull=True, closed_at__isnull=True)
                | Q(~Q(status__in=states.LIVE), closed_at__isnull=False),
                name="exception_closed",
            ),
        ]
        indexes = [models.Index("tenant", "day_on", "status", name="exception_by_day")]

    def __str__(self) -> str:
        return f"{self.kind} {self.status}"


class RouteWatch(TenantModel):
    """What is remembered of the fixes on a route under way (`detection.Watch`). A sample, not a fact."""

    route = Reference(Route, models.CASCADE, related_name="+")
    anchor_lat = models.FloatField()
    anchor_lon = models.FloatField()
    anchor_at = models.DateTimeField()
    fix_at = models.DateTimeField()
    off_fixes = models.PositiveIntegerField(default=0)
    off_m = models.FloatField(default=0)
    off_since = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint("tenant", "route", name="route_watch_once")]

    def __str__(self) -> str:
        return f"{self.route_id} {self.fix_at}"
