"""Orders come in: one or ten thousand at once. The same reference again is the same order.

Receipt is set-based and one transaction: everything is stored, or nothing.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import OperationalError, connection, transaction

from core import errors, journal, tenancy
from core.actor import Actor
from core.words import mark, say
from orders import states
from orders.actions import answering, locating, placing
from orders.importing.drafts import Draft
from orders.models import ImportFile, Order

_SETTLED_AT_ONCE = 200
_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


@dataclass
class Receipt:
    """What became of each draft. `kept` orders differ from what was handed in but are too far on to be changed."""

    created: list[Order] = field(default_factory=list)
    updated: list[Order] = field(default_factory=list)
    unchanged: list[Order] = field(default_factory=list)
    kept: list[Order] = field(default_factory=list)

    def outcome_of(self) -> dict[UUID, str]:
        """{order id: created | updated | unchanged | kept}."""
        return {
            order.id: outcome
            for outcome in ("created", "updated", "unchanged", "kept")
            for order in getattr(self, outcome)
        }

    def orders(self) -> list[Order]:
        """All orders the drafts spoke of."""
        return [*self.created, *self.updated, *self.unchanged, *self.kept]


def new_reference() -> str:
    """A reference for an order that came without one: easy to read aloud, 40 random bits."""
    return "LM-" + "".join(secrets.choice(_LETTERS) for _ in range(8))


def new_pin() -> str:
    """Four random digits that the recipient tells the driver."""
    return f"{secrets.randbelow(10_000):04d}"


def receive_order(draft: Draft, *, source: str, by: Actor, at: datetime) -> Order:
    """One order in. The same reference again updates the order while it may still be edited, else leaves it alone."""
    return receive_many([draft], source=source, by=by, at=at).orders()[0]


def receive_many(
    drafts: Sequence[Draft], *, source: str, imported: ImportFile | None = None, by: Actor, at: datetime
) -> Receipt:
    """All of the drafts in, or none.

    Raises `Invalid` ("duplicate_reference") when two drafts carry one reference and `Conflict` ("busy") when another
    receipt holds the organization's turn for too long.
    """
    _refuse_repeats(drafts)
    receipt = Receipt()
    if not drafts:
        return receipt
    with transaction.atomic():
        _take_turn()
        places = placing.places_for(drafts, at=at)
        merchants = placing.merchants_for(draft.merchant for draft in drafts)
        held = {
            order.reference: order
            for order in Order.objects.select_for_update(of=("self",))
            .select_related("place", "merchant")
            .filter(reference__in=[draft.reference for draft in drafts])
            .order_by("id")
        }
        changes: dict[str, list[str]] = {}
        for draft, place in zip(drafts, places, strict=True):
            values = values_of(draft)
            values["place"] = place
            if draft.merchant:
                values["merchant"] = merchants[draft.merchant]
            order = held.get(draft.reference)
            if order is None:
                receipt.created.append(_new_order(draft, values, source, imported))
                continue
            changed = [name for name, value in values.items() if getattr(order, name) != value]
            if not changed:
                receipt.unchanged.append(order)
            elif order.status not in states.EDITABLE:
                receipt.kept.append(order)
            else:
                changes[order.reference] = changed
                _apply(order, values, changed)
                receipt.updated.append(order)
        journal.born(receipt.created, "received", by=by, at=at, data=lambda order: {"source": order.source})
        _store_updates(receipt.updated, changes, by=by, at=at)
        if len(drafts) <= _SETTLED_AT_ONCE:
            # At a known place there is nothing to wait for; a large batch is settled by the job in slices.
            locating.settle([*receipt.created, *receipt.updated], at=at)
        if any("place" in changed for changed in changes.values()):
            locating.request_location(by=by, at=at)
    return receipt


def values_of(draft: Draft) -> dict[str, Any]:
    """The order's own fields as the draft says them (place and merchant are found apart)."""
    return {
        "recipient_name": draft.recipient.name,
        "recipient_phone": draft.recipient.phone,
        "recipient_email": draft.recipient.email,
        "delivery_on": draft.delivery_on,
        "window_start_at": draft.window_start_at,
        "window_end_at": draft.window_end_at,
        "service_s": draft.service_s,
        "weight_g": draft.weight_g,
        "volume_ml": draft.volume_ml,
        "pieces": draft.pieces,
        "pallets": draft.pallets,
        "priority": draft.priority,
        "skills": list(draft.skills),
        "instructions": draft.instructions,
        "proof_required": draft.proof_required,
        "confirmation_required": draft.confirmation_required,
    }


def _new_order(draft: Draft, values: dict[str, Any], source: str, imported: ImportFile | None) -> Order:
    return Order(
        reference=draft.reference,
        source=source,
        imported=imported,
        **values,
        promised_start_at=draft.window_start_at,
        promised_end_at=draft.window_end_at,
        pin=new_pin() if draft.proof_required == "pin" else "",
    )


def _apply(order: Order, values: dict[str, Any], changed: list[str]) -> None:
    for name in changed:
        setattr(order, name, values[name])
    if "window_start_at" in changed or "window_end_at" in changed:
        # The merchant's word is the promise: a window handed in anew is what the recipient was told.
        order.promised_start_at, order.promised_end_at = order.window_start_at, order.window_end_at
        changed += ["promised_start_at", "promised_end_at"]
    if order.proof_required == "pin" and not order.pin:
        order.pin = new_pin()
        changed.append("pin")
    if "delivery_on" in changed:
        changed += answering.forget(order)


def _store_updates(orders: list[Order], changes: dict[str, list[str]], *, by: Actor, at: datetime) -> None:
    """Write the orders in groups that change the same fields; a new address sends an order back to `received`."""
    groups: dict[tuple[bool, tuple[str, ...]], list[Order]] = defaultdict(list)
    for order in orders:
        changed = changes[order.reference]
        back = "place" in changed and order.status != "received"
        if "place" in changed:
            order.attention_reason = ""
            changed.append("attention_reason")
        groups[back, tuple(changed)].append(order)
    for (back, changed_fields), rows in groups.items():
        data = _telling(changed_fields)
        if back:
            journal.transition_many(
                rows, "received", by=by, at=at, changes=changed_fields, data=data, reason=mark("another address")
            )
        else:
            journal.record_many(rows, "changed", by=by, at=at, changes=changed_fields, data=data)


def _telling(changed: Sequence[str]) -> Callable[[Any], dict[str, Any]]:
    data = {"fields": told(changed)}
    return lambda _: data


def told(changed: Sequence[str]) -> list[str]:
    """Names of changed fields as the history tells them: the journal keeps no old addresses or phone numbers."""
    untold = {"pin", "attention_reason", "promised_start_at", "promised_end_at", *answering.FIELDS}
    return [name for name in changed if name not in untold]


def _refuse_repeats(drafts: Sequence[Draft]) -> None:
    seen: set[str] = set()
    for draft in drafts:
        if draft.reference in seen:
            raise errors.Invalid(
                "duplicate_reference",
                say("The reference {reference} is there twice.", reference=draft.reference),
                param="reference",
            )
        seen.add(draft.reference)


def _take_turn() -> None:
    """Receipts of one organization take turns, so that two files with the same references cannot collide."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 1))", [str(tenancy.current())])
    except OperationalError as error:
        raise errors.Conflict("busy", say("Other orders are being stored right now: try again in a moment.")) from error
