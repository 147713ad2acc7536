"""Who hears what: one line for each thing that a recipient is told. Read this table to know what is sent.

A telling names the template, the channels in order of preference (the first by which the recipient can be reached is
taken), what must still be true when the message is written, what is promised by it, and how often it may be said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

EMAIL_FIRST = ("email", "sms")
SMS_FIRST = ("sms", "email")


@dataclass(frozen=True, slots=True)
class Telling:
    """`still`: states of the order, or of its stop for what hears the stop, in which the message is not stale yet.

    `promises`: what goes into the ledger, the promised `window` or the expected `eta`.
    `once`: `event` says it for each event, `stop` once for each visit, `window` again only when the window is another.
    `after_others`: said only to who was told something of this order before.
    """

    template: str
    channels: tuple[str, ...]
    still: frozenset[str]
    promises: str | None = None
    once: str = "event"
    after_others: bool = False


HEARING: Mapping[str, Telling] = {
    "stop.allocated": Telling(
        "planned", EMAIL_FIRST, frozenset({"allocated", "out_for_delivery", "next"}), promises="window", once="window"),
    "stop.out_for_delivery": Telling(
        "on_its_way", EMAIL_FIRST, frozenset({"out_for_delivery"}), promises="eta", once="stop"),
    "stop.next": Telling("next", SMS_FIRST, frozenset({"next"}), promises="eta", once="stop"),
    "stop.delayed": Telling(
        "delayed", SMS_FIRST, frozenset({"allocated", "out_for_delivery", "next"}), promises="eta"),
    "order.confirmation_asked": Telling("confirm", SMS_FIRST, frozenset({"scheduled", "out_for_delivery"})),
    "order.delivered": Telling("delivered", EMAIL_FIRST, frozenset({"delivered", "partly_delivered"})),
    "order.attempt_failed": Telling("failed", EMAIL_FIRST, frozenset({"attempt_failed", "ready", "returning"})),
    "order.cancelled": Telling("cancelled", EMAIL_FIRST, frozenset({"cancelled"}), after_others=True),
}
"""By event kind. An event that is not here is told to nobody outside the house."""
