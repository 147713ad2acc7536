"""Merchants, places, orders and the files they came in."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as later

from accounts.models import Membership
from core.models import Journaled, Operation, Reference, TenantModel
from orders import states

PRIORITIES = [("normal", later("Normal")), ("high", later("High")), ("urgent", later("Urgent"))]
PROOFS = [
    ("none", later("None")),
    ("photo", later("Photo")),
    ("signature", later("Signature")),
    ("pin", later("PIN")),
]
PRECISIONS = [(word, word) for word in ("address", "interpolated", "street", "locality", "given", "pin")]
ANSWERS = [("confirmed", later("Will be there")), ("declined", later("Cannot be there"))]
FAULTY = [("skip", "Skip"), ("refuse", "Refuse"), ("hold", "Hold")]
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
    faulty = models.CharField(max_length=6, choices=FAULTY, default="skip")
    operation = Reference(Operation, related_name="imports")
    work = Reference(
        Operation, models.SET_NULL, null=True, related_name="+", help_text="The latest work on its rows in the grid."
    )
    headers = models.JSONField(default=list, help_text="The columns' names, as the file has them.")
    habits = models.JSONField(default=dict, help_text="How the file writes numbers and days; {} before it is read.")
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
    """Which column means which field, remembered for a merchant's files with the same headers."""

    merchant = Reference(Merchant, models.CASCADE, null=True, related_name="+")
    signature = models.CharField(max_length=64)
    mapping = models.JSONField(default=dict)
    used_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                "tenant", "merchant", "signature", name="column_mapping_each_once", nulls_distinct=False
            )
        ]

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
    confirmation_required = models.BooleanField(
        default=False, db_default=False, help_text="The recipient is asked to say that they will be there."
    )
    recipient_answer = models.CharField(
        max_length=9, choices=ANSWERS, blank=True, default="", db_default="",
        help_text="What the recipient says of this day's visit.",
    )
    answered_at = models.DateTimeField(null=True)
    attention_reason = models.CharField(max_length=300, blank=True)
    status = models.CharField(max_length=20, choices=states.ORDER.choices, default=states.ORDER.first)

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
            models.CheckConstraint(
                condition=Q(recipient_answer="", answered_at__isnull=True)
                | Q(recipient_answer__in=["confirmed", "declined"], answered_at__isnull=False),
                name="order_answer",
            ),
        ]
        indexes = [models.Index("tenant", "delivery_on", "status", name="order_by_day")]

    def __str__(self) -> str:
        return self.reference


LINE_STATES = [("good", "Can be imported"), ("bad", "Faulty"), ("imported", "Imported")]


class ImportLine(TenantModel):
    """A row of a file as it stands in the grid: its cells as they came or were mended, and what is wrong with them.

    A copy that lives for two weeks; the orders made of it and the file's own numbers stay.
    """

    file = Reference(ImportFile, models.CASCADE, related_name="lines")
    position = models.PositiveIntegerField(help_text="Place in the grid, from 0.")
    line = models.PositiveIntegerField(help_text="The line of the file where it begins.")
    cells = models.JSONField(default=list, help_text="[text]")
    reference = models.CharField(max_length=80, blank=True, help_text="As the parser reads it: finds twins.")
    faults = models.JSONField(default=list, help_text="[{column: index or null, code, message}]")
    status = models.CharField(max_length=8, choices=LINE_STATES)
    order = Reference(Order, models.SET_NULL, null=True, related_name="+")
    outcome = models.CharField(max_length=9, blank=True, help_text="created, updated, unchanged or kept.")

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint("tenant", "file", "position", name="import_line_once"),
            models.CheckConstraint(condition=Q(status__in=["good", "bad", "imported"]), name="import_line_status"),
        ]
        indexes = [
            models.Index("tenant", "file", "reference", name="import_line_by_reference"),
            models.Index("tenant", "file", "position", condition=Q(status="bad"), name="import_line_bad"),
        ]

    def __str__(self) -> str:
        return f"line {self.line}"


class OrderText(TenantModel):
    """What an order is searched by, folded into one line. Kept by triggers of the database, never by hand.

    A narrow table of its own: row-level security keeps trigram indexes from being used (their operators are not
    leakproof), so a search reads all of a tenant's texts, and has to read as little as possible.
    """

    order = Reference(Order, models.CASCADE, related_name="+")
    text = models.TextField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint("tenant", "order", name="order_text_once")]

    def __str__(self) -> str:
        return str(self.order_id)


class SearchWord(TenantModel):
    """A word that occurs in some order's text: what a slip of the pen is corrected to."""

    word = models.CharField(max_length=80)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint("tenant", "word", name="search_word_once")]

    def __str__(self) -> str:
        return self.word


class SavedView(TenantModel):
    """A search of orders under a name: one member's own, or shared with the organization."""

    member = Reference(Membership, models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=1000, blank=True, help_text="The address's query, without its page.")
    shared = models.BooleanField(default=False)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint("tenant", "member", "name", name="saved_view_once")]

    def __str__(self) -> str:
        return self.name


class DefaultView(TenantModel):
    """The view with which a member's list of orders opens."""

    member = Reference(Membership, models.CASCADE, related_name="+")
    view = Reference(SavedView, models.CASCADE, related_name="+")

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint("tenant", "member", name="default_view_once")]

    def __str__(self) -> str:
        return str(self.view_id)
