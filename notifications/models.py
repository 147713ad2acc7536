"""Messages to recipients, and the promises they contain."""

from __future__ import annotations

from django.db import models

from core.models import Event, Reference, TenantModel
from notifications.message_models import Thread, ThreadMessage, ThreadRead
from orders.models import Order

__all__ = ["Message", "Promise", "Thread", "ThreadMessage", "ThreadRead"]


class Message(TenantModel):
    """An e-mail or SMS owed to a recipient: the row is written first, then sent, and says what came of it."""

    order = Reference(Order, models.CASCADE, related_name="messages")
    event = Reference(Event, models.CASCADE, related_name="+")
    template = models.CharField(max_length=40)
    channel = models.CharField(max_length=6, choices=[("email", "E-mail"), ("sms", "SMS")])
    to = models.CharField(max_length=254)
    subject = models.CharField(max_length=200, blank=True)
    text = models.TextField()
    html = models.TextField(blank=True)
    status = models.CharField(max_length=8, choices=[(s, s) for s in ("queued", "sent", "failed")], default="queued")
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint("tenant", "order", "event", "template", "channel", name="message_once")]
        indexes = [models.Index("tenant", "due_at", condition=models.Q(status="queued"), name="message_due")]

    def __str__(self) -> str:
        return f"{self.template} {self.status}"


class Promise(TenantModel):
    """The promise ledger: every window or ETA told to a recipient."""

    order = Reference(Order, models.CASCADE, related_name="promises")
    message = Reference(Message, models.CASCADE, null=True, related_name="+")
    kind = models.CharField(max_length=8, choices=[("window", "Window"), ("eta", "ETA")])
    start_at = models.DateTimeField()
    end_at = models.DateTimeField()
    told_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        pass

    def __str__(self) -> str:
        return f"{self.kind} {self.start_at}"
