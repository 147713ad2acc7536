"""What happened to an order, in plain words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from core import vocabulary
from core.models import Event
from core.words import mark, say

FIELD_WORDS = {
    "recipient_name": mark("recipient"),
    "recipient_phone": mark("phone number"),
    "recipient_email": mark("e-mail address"),
    "delivery_on": mark("delivery day"),
    "window_start_at": mark("time window"),
    "window_end_at": mark("time window"),
    "service_s": mark("service time"),
    "weight_g": mark("weight"),
    "volume_ml": mark("volume"),
    "pieces": mark("pieces"),
    "pallets": mark("pallets"),
    "priority": mark("priority"),
    "skills": mark("skills"),
    "instructions": mark("instructions"),
    "proof_required": mark("proof"),
    "confirmation_required": mark("confirmation"),
    "merchant": mark("merchant"),
    "place": mark("address"),
    "position": mark("position on the map"),
    "attention_reason": mark("what to look at"),
}
SOURCE_WORDS = {"file": mark("from a file"), "form": mark("by hand"), "api": mark("through the API")}
WORDS = {
    "received": mark("Waits to be located"),
    "ready": mark("Ready to be planned"),
    "needs_attention": mark("Needs attention"),
    "scheduled": mark("Put on a plan"),
    "out_for_delivery": mark("Out for delivery"),
    "delivered": mark("Delivered"),
    "partly_delivered": mark("Delivered in part"),
    "attempt_failed": mark("Attempt failed"),
    "returning": mark("On its way back"),
    "returned": mark("Returned"),
    "cancelled": mark("Cancelled"),
    "recipient_confirmed": mark("The recipient will be there"),
    "recipient_declined": mark("The recipient cannot be there"),
    "confirmation_asked": mark("The recipient was asked whether they will be there"),
    "promised": mark("A window was promised to the recipient"),
    "message_sent": mark("Message to the recipient"),
    "message_received": mark("Message from the recipient"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the history: what, why, who and when."""

    text: str
    reason: str
    who: str
    at: datetime


def lines(events: Iterable[Event]) -> list[Line]:
    """The events in plain words, in their order."""
    return [Line(_text(event), _reason(event), event.actor_label, event.at) for event in events]


def _text(event: Event) -> str:
    word = event.kind.partition(".")[2]
    if word == "received" and event.sequence == 1:
        return say("Received {source}", source=say(SOURCE_WORDS.get(event.data.get("source", ""), ""))).strip()
    if word == "changed":
        fields = dict.fromkeys(
            say(FIELD_WORDS.get(name, name.replace("_", " "))) for name in event.data.get("fields", [])
        )
        return say("Changed: {fields}", fields=", ".join(fields)) if fields else say("Changed")
    if word in ("message_sent", "message_received") and event.data.get("with") == "driver":
        if word == "message_sent":
            return say("Message to the driver about it")
        return say("Message from the driver about it")
    return say(WORDS[word]) if word in WORDS else vocabulary.title(word)


def _reason(event: Event) -> str:
    code = event.data.get("code") or event.data.get("outcome") or ""
    said, reason = vocabulary.title(str(code)) if code else "", say(event.reason)
    return " – ".join(part for part in (said, reason[:1].upper() + reason[1:]) if part)
