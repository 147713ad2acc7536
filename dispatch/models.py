"""Plans, routes, stops, attempts and proofs."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from core.models import Journaled, Operation, Reference, TenantModel
from dispatch import states
from dispatch.automation_models import AutomaticChange, Automation
from dispatch.edit_models import Edit
from dispatch.proposal_models import Proposal
from dispatch.waiver_models import Waiver
from fleet.models import Depot, Driver, Shift
from orders.models import Order, Place

__all__ = [
    "Attempt",
    "AutomaticChange",
    "Automation",
    "Edit",
    "Plan",
    "Proof",
    "Proposal",
    "Route",
    "Stop",
    "StopOrder",
    "Waiver",
]


class Plan(Journaled):
    """One day's work of one depot: its stops, shifts and routes."""

    machine = states.PLAN
    subject = "plan"

    day_on = models.DateField()
    depot = Reference(Depot, related_name="plans")
    operation = Reference(Operation, models.SET_NULL, null=True, related_name="plans", help_text="The latest solve.")
    roads = models.CharField(max_length=8, blank=True, help_text="Where travel times came from: osrm, graph or crow.")
    terms = models.JSONField(default=dict, help_text="The objective's named terms, cents.")
    objective = models.JSONField(default=dict, help_text="What it was judged by: see dispatch.judging.")
    status = models.CharField(max_length=12, choices=states.PLAN.choices, default=states.PLAN.first)

    class Meta(Journaled.Meta):
        constraints = [
            models.UniqueConstraint("tenant", "day_on", "depot", name="plan_once"),
            models.CheckConstraint(condition=Q(status__in=states.PLAN.states), name="plan_status"),
        ]

    def __str__(self) -> str:
        return f"{self.day_on}"


class Route(Journaled):
    """A driver's ordered stops on one shift."""

    machine = states.ROUTE
    subject = "route"

    plan = Reference(Plan, models.CASCADE, related_name="routes")
    shift = Reference(Shift, related_name="routes")
    starts_at = models.DateTimeField(null=True, help_text="Planned departure from the depot.")
    ends_at = models.DateTimeField(null=True, help_text="Planned return.")
    break_start_at = models.DateTimeField(null=True)
    break_end_at = models.DateTimeField(null=True)
    distance_m = models.PositiveIntegerField(default=0)
    duration_s = models.PositiveIntegerField(default=0)
    cost_cents = models.PositiveIntegerField(default=0)
    geometry = models.TextField(blank=True, help_text="The way along the roads: encoded polyline, 5 digits.")
    legs = models.JSONField(default=list, help_text="[[seconds, metres]] of each leg, the last one home.")
    load = models.JSONField(default=dict)
    amounts = models.JSONField(default=dict, help_text="{term: [amount in its base, cents]} of the plan's objective.")
    started_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    status = models.CharField(max_length=12, choices=states.ROUTE.choices, default=states.ROUTE.first)

    class Meta(Journaled.Meta):
        constraints = [
            models.UniqueConstraint("tenant", "shift", name="route_shift_once", condition=~Q(status="cancelled")),
            models.CheckConstraint(condition=Q(status__in=states.ROUTE.states), name="route_status"),
        ]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.status}"


class Stop(Journaled):
    """One visit at one place on one route, where one or more orders are served."""

    machine = states.STOP
    subject = "stop"

    plan = Reference(Plan, models.CASCADE, related_name="stops")
    place = Reference(Place, related_name="stops")
    route = Reference(Route, models.SET_NULL, null=True, related_name="stops")
    position = models.PositiveIntegerField(null=True, help_text="Place in the route's order, from 1.")
    window_start_at = models.DateTimeField(null=True)
    window_end_at = models.DateTimeField(null=True)
    service_s = models.PositiveIntegerField(default=0)
    planned_arrival_at = models.DateTimeField(null=True)
    planned_departure_at = models.DateTimeField(null=True)
    eta_at = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField(null=True)
    departed_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=32, blank=True)
    unassigned_code = models.CharField(max_length=30, blank=True)
    unassigned_message = models.CharField(max_length=300, blank=True)
    lock = models.CharField(max_length=8, blank=True, help_text="What no solve may change: driver, order or position.")
    status = models.CharField(max_length=20, choices=states.STOP.choices, default=states.STOP.first)

    class Meta(Journaled.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(status__in=states.STOP.states), name="stop_status"),
            models.CheckConstraint(
                condition=Q(route__isnull=True, position__isnull=True) | Q(route__isnull=False, position__isnull=False),
                name="stop_one_place",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["unassigned", "cancelled"]) | Q(route__isnull=True), name="stop_off_route"
            ),
            models.CheckConstraint(
                condition=Q(departed_at__isnull=True) | Q(departed_at__gte=F("arrived_at")), name="stop_dwell"
            ),
            models.CheckConstraint(condition=Q(lock__in=["", *states.LOCKS]), name="stop_lock"),
        ]
        indexes = [models.Index("tenant", "plan", "route", "position", name="stop_by_route")]

    def __str__(self) -> str:
        return f"{self.status} {self.position}"


class StopOrder(TenantModel):
    """An order served at a stop. An order is on at most one live stop: a failed attempt clears `live`, so that it may
    be
    planned again."""

    stop = Reference(Stop, models.CASCADE, related_name="stop_orders")
    order = Reference(Order, related_name="stop_orders")
    live = models.BooleanField(default=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint("tenant", "order", name="order_on_one_stop", condition=Q(live=True)),
            models.UniqueConstraint("tenant", "stop", "order", name="stop_order_once"),
        ]

    def __str__(self) -> str:
        return f"{self.order_id}"


class Attempt(TenantModel):
    """One try at an order, with outcome and proof: never overwritten or deleted."""

    order = Reference(Order, related_name="attempts")
    stop = Reference(Stop, related_name="attempts")
    driver = Reference(Driver, related_name="attempts")
    number = models.PositiveSmallIntegerField(help_text="1 = the first attempt at this order.")
    outcome = models.CharField(max_length=32, choices=[(code, code) for code in states.OUTCOMES])
    note = models.CharField(max_length=500, blank=True)
    name = models.CharField(max_length=120, blank=True, help_text="Who received it.")
    arrived_at = models.DateTimeField(null=True)
    at = models.DateTimeField(help_text="When, by the device.")
    received_at = models.DateTimeField(help_text="When the server heard of it.")
    lat = models.FloatField(null=True)
    lon = models.FloatField(null=True)
    report_id = models.UUIDField(help_text="The phone's own id of the report.")

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint("tenant", "order", "number", name="attempt_number_once"),
            models.UniqueConstraint("tenant", "report_id", "order", name="attempt_report_once"),
            models.CheckConstraint(condition=Q(outcome__in=states.OUTCOMES), name="attempt_outcome"),
        ]

    def __str__(self) -> str:
        return self.outcome

    @property
    def succeeded(self) -> bool:
        return self.outcome in states.SUCCESS


class Proof(TenantModel):
    """A photo or a signature of an attempt."""

    attempt = Reference(Attempt, models.CASCADE, related_name="proofs", null=True)
    driver = Reference(Driver, related_name="proofs")
    kind = models.CharField(max_length=10, choices=[("photo", "Photo"), ("signature", "Signature")])
    path = models.CharField(max_length=200, help_text="Under MEDIA_ROOT; served only through a door.")
    sha256 = models.CharField(max_length=64, help_text="Of the file as it was sent.")
    size = models.PositiveIntegerField()
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        pass

    def __str__(self) -> str:
        return self.kind
