"""Messages in words: what a telling needs of an order, and the templates filled with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.template.loader import render_to_string

from accounts.models import Organization
from dispatch.models import Attempt, Stop
from notifications import channels, message_text
from orders.models import Order
from tracking import story

SMS_SAID = 240
"""Of a longer line an SMS holds the beginning; all of it stands on the recipient's page."""


@dataclass(frozen=True, slots=True)
class Words:
    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Occasion:
    """One order at the moment of telling. `span` is the window or the expected arrival that the message names."""

    order: Order
    stop: Stop | None
    organization: Organization
    link: str
    now: datetime
    span: tuple[datetime, datetime] | None = None
    attempt: Attempt | None = None
    said: str = ""
    """What a dispatcher wrote, for the telling that carries a line of a conversation."""


def write(template: str, channel: str, occasion: Occasion) -> Words:
    """The message: a subject, plain text and HTML for mail; one short text for SMS."""
    context = _context(occasion)
    if channel == "sms":
        return Words("", _text(render_to_string(f"notifications/{template}.sms.txt", context)), "")
    # The first line of a mail's text is its subject.
    subject, _, text = render_to_string(f"notifications/{template}.txt", context).lstrip().partition("\n")
    html = render_to_string(f"notifications/{template}.html", {**context, "subject": subject.strip()})
    return Words(channels.one_line(subject)[:200], _text(text), html)


def _text(rendered: str) -> str:
    """Without the blank lines that a template's conditions leave."""
    lines = [line.rstrip() for line in rendered.strip().splitlines()]
    kept = [line for at, line in enumerate(lines) if line or (at and lines[at - 1])]
    return "\n".join(kept)


def _context(occasion: Occasion) -> dict[str, object]:
    organization, order = occasion.organization, occasion.order
    zone = ZoneInfo(organization.timezone)
    span, attempt = occasion.span, occasion.attempt
    # The PIN is for the door: it is told while the visit lies ahead.
    needs_pin = order.proof_required == "pin" and occasion.stop is not None
    return {
        "organization": organization, "link": occasion.link,
        "said": occasion.said, "said_short": message_text.shortened(occasion.said, SMS_SAID),
        "name": order.recipient_name, "line": order.place.line, "reference": order.reference,
        "day": story.day_words(span[0], occasion.now, zone) if span else "",
        "start": f"{span[0].astimezone(zone):%H:%M}" if span else "",
        "end": f"{span[1].astimezone(zone):%H:%M}" if span else "",
        "pin": order.pin if needs_pin else "",
        "asks": order.confirmation_required and not order.recipient_answer,
        "handed": story.HANDED.get(attempt.outcome, "Delivered") if attempt else "Delivered",
        "taken_by": attempt.name if attempt else "",
        "why": story.FAILED.get(attempt.outcome, story.FAILED["failed_other"]) if attempt else "",
        "time": f"{attempt.at.astimezone(zone):%H:%M}" if attempt else "",
    }
