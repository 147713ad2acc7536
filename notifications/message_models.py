"""Conversations: one thread for each driver and for each order's recipient, and what was written in it.

An e-mail or SMS on its way out is a `notifications.models.Message`; here it is only what carries a line to a recipient.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accounts.models import Membership
from core.models import Reference, TenantModel
from dispatch.models import Stop
from fleet.models import Driver
from orders.models import Order

TEXT_MOST = 2_000
AUTHORS = ("member", "driver", "recipient", "system")
INCOMING = ("driver", "recipient")
"""Whose lines wait to be read by the dispatchers."""
OUTGOING = ("member", "system")


class Thread(TenantModel):
    """The one conversation with a driver, or with the recipient of an order."""

    driver = Reference(Driver, models.CASCADE, null=True, related_name="+")
    order = Reference(Order, models.CASCADE, null=True, related_name="+")
    version = models.PositiveIntegerField(default=1)
    received = models.PositiveIntegerField(default=0, help_text="How many lines the driver or recipient has written.")
    last_at = models.DateTimeField(help_text="When the newest line was written; of a new thread, when it was opened.")

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint("tenant", "driver", name="thread_driver_once"),
            models.UniqueConstraint("tenant", "order", name="thread_order_once"),
            models.CheckConstraint(
                condition=Q(driver__isnull=False, order__isnull=True) | Q(driver__isnull=True, order__isnull=False),
                name="thread_with_one",
            ),
        ]
        indexes = [models.Index("tenant", "last_at", "id", name="thread_by_last")]

    def __str__(self) -> str:
        return f"{'driver' if self.driver_id else 'recipient'} {self.id}"


class ThreadMessage(TenantModel):
    """One line of a thread, never changed; its times say how far it has come."""

    thread = Reference(Thread, models.CASCADE, related_name="lines")
    author = models.CharField(max_length=9, choices=[(one, one) for one in AUTHORS])
    author_name = models.CharField(max_length=120)
    text = models.CharField(max_length=TEXT_MOST)
    stop = Reference(Stop, models.SET_NULL, null=True, related_name="+", help_text="What it is about, if it was said.")
    broadcast_id = models.UUIDField(null=True, help_text="The same of all lines that were sent at once.")
    client_id = models.UUIDField(help_text="Made by who sent it: the same again is the same line.")
    carrier = Reference(
        "notifications.Message", models.SET_NULL, null=True, related_name="+", help_text="The e-mail or SMS it goes by."
    )
    version = models.PositiveIntegerField(default=1)
    sent_at = models.DateTimeField(help_text="When it happened, by the phone's corrected clock or ours.")
    device_at = models.DateTimeField(null=True, help_text="What the phone's own clock said.")
    delivered_at = models.DateTimeField(null=True, help_text="When the phone, the mail or the SMS service took it.")
    failed_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)
    read_at = models.DateTimeField(null=True, help_text="When the other side first looked at it.")

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint("tenant", "thread", "client_id", name="thread_message_once"),
            models.CheckConstraint(condition=Q(author__in=AUTHORS), name="thread_message_author"),
        ]
        indexes = [models.Index("tenant", "thread", "id", name="thread_message_order")]

    def __str__(self) -> str:
        return f"{self.author} {self.id}"

    @property
    def incoming(self) -> bool:
        return self.author in INCOMING


class ThreadRead(TenantModel):
    """How many of a thread's incoming lines one member has seen."""

    thread = Reference(Thread, models.CASCADE, related_name="reads")
    member = Reference(Membership, models.CASCADE, related_name="+")
    seen = models.PositiveIntegerField(default=0)
    at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint("tenant", "thread", "member", name="thread_read_once")]

    def __str__(self) -> str:
        return f"{self.member_id} {self.seen}"
