"""What happened to an order, in plain words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from core.models import Event

FIELD_WORDS = {
    "recipient_name": "recipient",
    "recipient_phone": "phone number",
    "recipient_email": "e-mail address",
    "delivery_on": "delivery day",
    "window_start_at": "time window",
    "window_end_at": "time window",
    "service_s": "service time",
    "weight_g": "weight",
    "volume_ml": "volume",
    "pieces": "pieces",
    "pallets": "pallets",
    "priority": "priority",
    "skills": "skills",
    "instructions": "instructions",
    "proof_required": "proof",
    "merchant": "merchant",
    "place": "address",
    "position": "position on the map",
    "attention_reason": "what to look at",
}
SOURCE_WORDS = {"file": "from a file", "form": "by hand", "api": "through the API"}
WORDS = {
    "received": "Waits to be located",
    "ready": "Ready to be planned",
    "needs_attention": "Needs attention",
    "scheduled": "Put on a plan",
    "out_for_delivery": "Out for delivery",
    "delivered": "Delivered",
    "partly_delivered": "Delivered in part",
    "attempt_failed": "Attempt failed",
    "returning": "On its way back",
    "returned": "Returned",
    "cancelled": "Cancelled",
    "promised": "A window was promised to the recipient",
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
        return f"Received {SOURCE_WORDS.get(event.data.get('source', ''), '')}".strip()
    if word == "changed":
        fields = dict.fromkeys(FIELD_WORDS.get(name, name.replace("_", " ")) for name in event.data.get("fields", []))
        return "Changed: " + ", ".join(fields) if fields else "Changed"
    return WORDS.get(word, word.replace("_", " ").capitalize())


def _reason(event: Event) -> str:
    code = event.data.get("code") or event.data.get("outcome") or ""
    said = str(code).removeprefix("failed_").replace("_", " ").capitalize() if code else ""
    return " – ".join(part for part in (said, event.reason[:1].upper() + event.reason[1:]) if part)
