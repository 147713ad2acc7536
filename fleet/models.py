"""Depots, vehicles, drivers, their shifts, and the zones they keep to."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from accounts.models import Membership
from core.models import Journaled, Reference, TenantModel
from fleet import states

LATITUDE = [MinValueValidator(-90), MaxValueValidator(90)]
LONGITUDE = [MinValueValidator(-180), MaxValueValidator(180)]


class Depot(Journaled):
    """Where routes begin and end; also a stock location."""

    machine = states.ASSET
    subject = "depot"

    name = models.CharField(max_length=80)
    line = models.CharField(max_length=200, blank=True, help_text="Its address in one line.")
    lat = models.FloatField(validators=LATITUDE)
    lon = models.FloatField(validators=LONGITUDE)
    opens = models.TimeField(help_text="Local time from which routes may leave.")
    closes = models.TimeField(help_text="Local time by which routes must be back.")
    status = models.CharField(max_length=10, choices=states.ASSET.choices, default=states.ASSET.first)

    class Meta(Journaled.Meta):
        constraints = [
            models.UniqueConstraint("tenant", "name", name="depot_name_once"),
            models.CheckConstraint(condition=Q(closes__gt=F("opens")), name="depot_hours"),
        ]

    def __str__(self) -> str:
        return self.name


class Vehicle(Journaled):
    """A vehicle with its capacities, skills and costs."""

    machine = states.ASSET
    subject = "vehicle"

    name = models.CharField(max_length=80)
    plate = models.CharField(max_length=20, blank=True)
    kind = models.CharField(
        max_length=12,
        default="van",
        choices=[("van", "Van"), ("truck", "Truck"), ("car", "Car"), ("cargo_bike", "Cargo bike")],
    )
    weight_g = models.PositiveIntegerField(help_text="Payload.")
    volume_ml = models.PositiveIntegerField(help_text="Load space.")
    pieces = models.PositiveIntegerField(null=True, help_text="Most parcels; empty = no limit.")
    pallets = models.PositiveIntegerField(null=True)
    skills = ArrayField(models.CharField(max_length=30), default=list, blank=True)
    day_cents = models.PositiveIntegerField(default=0, help_text="Cost of a day in use.")
    cents_per_km = models.PositiveIntegerField(default=0)
    status = models.CharField(max_length=10, choices=states.ASSET.choices, default=states.ASSET.first)

    class Meta(Journaled.Meta):
        constraints = [models.UniqueConstraint("tenant", "name", name="vehicle_name_once")]

    def __str__(self) -> str:
        return self.name


class Driver(Journaled):
    """A person who drives routes; signs in on the phone through their membership."""

    machine = states.DUTY
    subject = "driver"

    name = models.CharField(max_length=120)
    phone = models.CharField(max_length=20, blank=True, help_text="E.164.")
    membership = Reference(Membership, models.SET_NULL, null=True, related_name="drivers")
    skills = ArrayField(models.CharField(max_length=30), default=list, blank=True)
    cents_per_hour = models.PositiveIntegerField(default=0)
    depot = Reference(Depot, related_name="drivers")
    vehicle = Reference(Vehicle, models.SET_NULL, null=True, related_name="drivers", help_text="The usual vehicle.")
    usual_start = models.TimeField(help_text="Local time.")
    usual_end = models.TimeField()
    break_minutes = models.PositiveSmallIntegerField(default=0)
    break_earliest = models.TimeField(null=True)
    break_latest = models.TimeField(null=True, help_text="The break begins by then.")
    color = models.CharField(max_length=7, default="#2563eb")
    zones_strict = models.BooleanField(
        default=False, help_text="Never leaves their zones; otherwise a stop outside costs more."
    )
    active = models.BooleanField(default=True)
    status = models.CharField("duty", max_length=10, choices=states.DUTY.choices, default=states.DUTY.first)

    class Meta(Journaled.Meta):
        constraints = [
            models.UniqueConstraint("tenant", "name", name="driver_name_once"),
            models.UniqueConstraint("tenant", "membership", name="driver_membership_once"),
            models.CheckConstraint(condition=Q(usual_end__gt=F("usual_start")), name="driver_hours"),
            models.CheckConstraint(
                condition=Q(break_minutes=0) | Q(break_earliest__isnull=False, break_latest__isnull=False),
                name="driver_break_window",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Zone(Journaled):
    """An area that limits or prefers who serves it."""

    machine = states.ASSET
    subject = "zone"

    name = models.CharField(max_length=80)
    color = models.CharField(max_length=7, help_text="#rrggbb, on the map.")
    outline = models.JSONField(help_text="Its corners as [latitude, longitude], not closed.")
    status = models.CharField(max_length=10, choices=states.ASSET.choices, default=states.ASSET.first)

    class Meta(Journaled.Meta):
        constraints = [
            # One that is retired is seen nowhere: its name is free again.
            models.UniqueConstraint("tenant", "name", name="zone_name_once", condition=Q(status="active")),
        ]

    def __str__(self) -> str:
        return self.name


class ZoneDriver(TenantModel):
    """A driver who keeps to a zone. Who keeps to none goes anywhere."""

    zone = Reference(Zone, models.CASCADE, related_name="zone_drivers")
    driver = Reference(Driver, models.CASCADE, related_name="zone_drivers")

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint("tenant", "zone", "driver", name="zone_driver_once")]

    def __str__(self) -> str:
        return f"{self.driver_id}"


class Shift(Journaled):
    """A driver and a vehicle on a day, with the break."""

    machine = states.SHIFT
    subject = "shift"

    day_on = models.DateField()
    driver = Reference(Driver, related_name="shifts")
    vehicle = Reference(Vehicle, related_name="shifts")
    depot = Reference(Depot, related_name="shifts")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    break_s = models.PositiveIntegerField(default=0)
    break_earliest_at = models.DateTimeField(null=True)
    break_latest_at = models.DateTimeField(null=True)
    status = models.CharField(max_length=10, choices=states.SHIFT.choices, default=states.SHIFT.first)

    class Meta(Journaled.Meta):
        constraints = [
            models.UniqueConstraint("tenant", "day_on", "driver", name="shift_driver_once"),
            models.UniqueConstraint("tenant", "day_on", "vehicle", name="shift_vehicle_once"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="shift_hours"),
        ]

    def __str__(self) -> str:
        return f"{self.driver_id} {self.day_on}"
