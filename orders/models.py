"""Merchants, places, orders and the files they came in."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from core.models import Journaled, Operation, Reference, TenantModel
from orders import states
from orders.bulk import BulkManager

PRIORITIES = [("normal", "Normal"), ("high", "High"), ("urgent", "Urgent")]
PROOFS = [("none", "None"), ("photo", "Photo"), ("signature", "Signature"), ("pin", "PIN")]
PRECISIONS = [(word, word) for word in ("address", "interpolated", "street", "locality", "given", "pin")]
REVIEWS = [
    ("unlocated", "Not located yet"),
    ("sure", "Sure"),
    ("doubtful", "Doubtful"),
    ("not_found", "Not found"),
    ("confirmed", "Confirmed by a person"),
]


class Merchant(TenantModel):
    """A client of the organization who hands in orders."""

    name = models.CharField(max_length=120)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint("tenant", "name", name="merchant_name_once")]

    def __str__(self) -> str:
        return self.name


class Place(TenantModel):
    """A physical location as it was written, and where it lies. The same address again is the same place."""

    key = models.CharField(max_length=400, help_text="The address, normalised: what makes two writings one place.")
    line = models.CharField(max_length=400, help_text="The address in one line, as written.")
    street = models.CharField(max_length=200, blank=True)
    house_number = models.CharField(max_length=32, blank=True)
    postcode = models.CharField(max_length=20, blank=True)
    city = models.CharField(max_length=120, blank=True)
    country = models.CharField(max_length=2, blank=True)
    lat = models.FloatField(null=True)
    lon = models.FloatField(null=True)
    confidence = models.FloatField(null=True)
    precision = models.CharField(max_length=12, choices=PRECISIONS, blank=True)
    matched = models.CharField(max_length=300, blank=True, help_text="The address that the geocoder found.")
    review = models.CharField(max_length=10, choices=REVIEWS, default="unlocated")
    doubt = models.CharField(max_length=300, blank=True, help_text="Why it is doubtful, in a sentence.")
    located_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint("tenant", "key", name="place_once"),
            models.CheckConstraint(
                condition=Q(lat__isnull=True, lon__isnull=True) | Q(lat__isnull=False, lon__isnull=False),
                name="place_pair",
            ),
            models.CheckConstraint(
                condition=Q(lat__isnull=True) | Q(lat__gte=-90, lat__lte=90, lon__gte=-180, lon__lte=180),
                name="place_on_earth",
            ),
        ]

    def __str__(self) -> str:
        return self.line


class ImportFile(TenantModel):
    """A file of orders as it was handed in, with what became of it."""

    name = models.CharField(max_length=200)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    merchant = Reference(Merchant, models.SET_NULL, null=True)
    day_on = models.DateField()
    mapping = models.JSONField(default=dict, help_text="{header: field} as chosen by the user; empty = proposed.")
    faulty = models.CharField(max_length=6, choices=[("skip", "Skip"), ("refuse", "Refuse")], default="skip")
    operation = Reference(Operation, related_name="imports")
    rows = models.PositiveIntegerField(null=True)
    created = models.PositiveIntegerField(null=True)
    updated = models.PositiveIntegerField(null=True)
    unchanged = models.PositiveIntegerField(null=True)
    kept = models.PositiveIntegerField(null=True, help_text="Orders too far on to take what the file says anew.")
    failed = models.PositiveIntegerField(null=True, help_text="Rows that became no order.")
    faults = models.JSONField(default=list, help_text="[{line, column, value, code, message}], the first thousand.")
    notes = models.JSONField(default=list)
    columns = models.JSONField(default=list, help_text="[{header, field, how, samples}]")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantModel.Meta):
        pass

    def __str__(self) -> str:
        return self.name


class ColumnMapping(TenantModel):
    """Which column means which field, remembered for files with the same headers."""

    signature = models.CharField(max_length=64)
    mapping = models.JSONField(default=dict)
    used_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint("tenant", "signature", name="column_mapping_once")]

    def __str__(self) -> str:
        return self.signature


class Order(Journaled):
    """What a merchant asks to be moved."""

    machine = states.ORDER
    subject = "order"

    reference = models.CharField(
        max_length=80, help_text="The merchant's own number: the same again is the same order."
    )
    merchant = Reference(Merchant, models.SET_NULL, null=True, related_name="orders")
    source = models.CharField(max_length=8, choices=[(s, s) for s in ("file", "form", "api")])
    imported = Reference(ImportFile, models.SET_NULL, null=True, related_name="orders")
    recipient_name = models.CharField(max_length=200)
    recipient_phone = models.CharField(max_length=20, blank=True, help_text="E.164.")
    recipient_email = models.EmailField(blank=True)
    place = Reference(Place, related_name="orders")
    delivery_on = models.DateField()
    window_start_at = models.DateTimeField(null=True, help_text="The planned window.")
    window_end_at = models.DateTimeField(null=True)
    promised_start_at = models.DateTimeField(
        null=True, help_text="What the recipient was told; lateness is judged on it."
    )
    promised_end_at = models.DateTimeField(null=True)
    service_s = models.PositiveIntegerField(default=180)
    weight_g = models.PositiveIntegerField(default=0)
    volume_ml = models.PositiveIntegerField(default=0)
    pieces = models.PositiveIntegerField(default=1)
    pallets = models.PositiveIntegerField(default=0)
    priority = models.CharField(max_length=8, choices=PRIORITIES, default="normal")
    skills = ArrayField(models.CharField(max_length=30), default=list)
    instructions = models.CharField(max_length=1000, blank=True)
    proof_required = models.CharField(max_length=10, choices=PROOFS, default="none")
    pin = models.CharField(max_length=6, blank=True, help_text="Told to the recipient, asked by the driver.")
    attention_reason = models.CharField(max_length=300, blank=True)
    status = models.CharField(max_length=20, choices=states.ORDER.choices, default=states.ORDER.first)

    objects: ClassVar[BulkManager] = BulkManager()

    class Meta(Journaled.Meta):
        constraints = [
            models.UniqueConstraint("tenant", "reference", name="order_reference_once"),
            models.CheckConstraint(condition=Q(status__in=states.ORDER.states), name="order_status"),
            models.CheckConstraint(
                condition=Q(window_start_at__isnull=True, window_end_at__isnull=True)
                | Q(window_end_at__gt=F("window_start_at")),
                name="order_window",
            ),
            models.CheckConstraint(
                condition=Q(promised_start_at__isnull=True, promised_end_at__isnull=True)
                | Q(promised_end_at__gt=F("promised_start_at")),
                name="order_promise",
            ),
        ]
        indexes = [models.Index("tenant", "delivery_on", "status", name="order_by_day")]

    def __str__(self) -> str:
        return self.reference
