"""What a request may say of an order: every field named, bounded and cleaned; a body becomes a draft or a 400."""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from rest_framework import serializers

from accounts.models import Organization
from core import errors
from core.words import say
from orders.actions import receiving
from orders.importing import values as cells
from orders.importing import words
from orders.importing.drafts import Draft, Recipient
from orders.importing.parse import (
    MOST_PALLETS,
    MOST_PIECES,
    MOST_SERVICE_MINUTES,
    MOST_VOLUME_L,
    MOST_WEIGHT_KG,
    TEXT_CHARS,
)
from orders.models import Order, Place

DAYS_AWAY = 366
MAX_BULK = 500
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


class Text(serializers.CharField):
    """Text without control characters, trimmed; `lines=True` keeps line breaks."""

    default_error_messages = {"unprintable": "This holds characters that cannot be used.", "type": "This is not text."}

    def __init__(self, *, lines: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self._lines = lines

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, (str, int)) or isinstance(data, bool):
            self.fail("type")
        text: str = super().to_internal_value(str(data))
        if _UNPRINTABLE.search(text):
            self.fail("unprintable")
        text = unicodedata.normalize("NFC", text)
        return text if self._lines else " ".join(text.split())


def _text(most: int, **options: Any) -> Text:
    return Text(max_length=most, required=False, allow_blank=True, **options)


class Degrees(serializers.FloatField):
    """A finite number of degrees; JSON's 1e999 and numbers of a thousand digits are none."""

    def to_internal_value(self, data: Any) -> float:
        if isinstance(data, bool):
            self.fail("invalid")
        try:
            value: float = super().to_internal_value(data)
        except OverflowError:
            self.fail("invalid")
        if not math.isfinite(value):
            self.fail("invalid")
        return value


class Instant(serializers.DateTimeField):
    """RFC 3339 with an offset: a time without one would mean another moment to everybody."""

    default_error_messages = {"naive": "This needs an offset, such as Z or +01:00."}

    def enforce_timezone(self, value: datetime) -> datetime:
        if value.tzinfo is None:
            self.fail("naive")
        return super().enforce_timezone(value)


class RecipientBody(serializers.Serializer[Any]):
    name = Text(max_length=TEXT_CHARS["recipient_name"])
    phone = _text(40, help_text="E.164, or as dialled in the organization's country.")
    email = _text(254)


class PlaceBody(serializers.Serializer[Any]):
    street = _text(TEXT_CHARS["street"])
    house_number = _text(TEXT_CHARS["house_number"])
    line = _text(TEXT_CHARS["address"], help_text="The whole address in one line, instead of street and number.")
    postcode = _text(TEXT_CHARS["postcode"])
    city = _text(TEXT_CHARS["city"])
    country = _text(60, help_text="ISO 3166-1 alpha-2; the organization's own if left out.")
    lat = Degrees(min_value=-90, max_value=90, required=False, allow_null=True)
    lon = Degrees(min_value=-180, max_value=180, required=False, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        lat, lon = attrs.get("lat"), attrs.get("lon")
        if (lat is None) != (lon is None):
            raise serializers.ValidationError(say("lat and lon come together."))
        if lat == 0 and lon == 0:
            raise serializers.ValidationError(say("The coordinates 0, 0 are in the sea: leave out what is not known."))
        if lat is None and not attrs.get("street") and not attrs.get("line"):
            raise serializers.ValidationError(say("A place needs a street, a line or coordinates."))
        return attrs


class WindowBody(serializers.Serializer[Any]):
    start = Instant()
    end = Instant()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["end"] <= attrs["start"]:
            raise serializers.ValidationError(say("The window ends before it begins."))
        return attrs


class LoadBody(serializers.Serializer[Any]):
    weight_g = serializers.IntegerField(min_value=0, max_value=MOST_WEIGHT_KG * 1000, required=False)
    volume_ml = serializers.IntegerField(min_value=0, max_value=MOST_VOLUME_L * 1000, required=False)
    pieces = serializers.IntegerField(min_value=0, max_value=MOST_PIECES, required=False)
    pallets = serializers.IntegerField(min_value=0, max_value=MOST_PALLETS, required=False)


class OrderBody(serializers.Serializer[Any]):
    """An order as it is handed in."""

    reference = _text(TEXT_CHARS["reference"], help_text="Your own number; the same again is the same order.")
    merchant = _text(TEXT_CHARS["merchant"], help_text="A name; a new one becomes a merchant.")
    delivery_on = serializers.DateField(required=False)
    recipient = RecipientBody()
    place = PlaceBody()
    window = WindowBody(required=False, allow_null=True)
    service_s = serializers.IntegerField(min_value=0, max_value=MOST_SERVICE_MINUTES * 60, required=False)
    load = LoadBody(required=False)
    priority = serializers.ChoiceField(["normal", "high", "urgent"], required=False)
    skills = serializers.ListField(child=Text(max_length=30), max_length=20, required=False)
    proof_required = serializers.ChoiceField(["none", "photo", "signature", "pin"], required=False)
    confirmation_required = serializers.BooleanField(
        required=False, help_text="Ask the recipient to say that they will be there."
    )
    instructions = _text(TEXT_CHARS["delivery_instructions"], lines=True)


class OrderPatch(OrderBody):
    """What is to be changed; what is left out stays. `version` is the one that was read."""

    reference = None  # type: ignore[assignment]
    version = serializers.IntegerField(min_value=1, max_value=2_000_000_000, required=False)
    recipient = RecipientBody(required=False)
    place = PlaceBody(required=False)
    promised = WindowBody(required=False, allow_null=True)


class BulkBody(serializers.Serializer[Any]):
    """At most 500 orders; each is judged by itself."""

    orders = serializers.ListField(child=OrderBody(), min_length=1, max_length=MAX_BULK)


class PinBody(serializers.Serializer[Any]):
    """A position set by a person; without one the geocoder's point is accepted."""

    lat = Degrees(min_value=-90, max_value=90, required=False)
    lon = Degrees(min_value=-180, max_value=180, required=False)


class CancelBody(serializers.Serializer[Any]):
    reason = _text(300)


def taken(body: type[serializers.Serializer[Any]], data: Any, **options: Any) -> dict[str, Any]:
    """The validated body. Raises DRF's ValidationError, which the door answers with 400."""
    form = body(data=data, **options)
    form.is_valid(raise_exception=True)
    return dict(form.validated_data)


def draft_of(values: dict[str, Any], organization: Organization, *, at: datetime, line: int = 0) -> Draft:
    """A validated `OrderBody` as a draft. Raises `Invalid` with the field's name."""
    window = values.get("window") or {}
    day = day_of(values.get("delivery_on"), window.get("start"), organization, at=at)
    load = values.get("load") or {}
    return Draft(
        line=line,
        reference=values.get("reference") or receiving.new_reference(),
        merchant=values.get("merchant", ""),
        recipient=recipient_of(values["recipient"], organization),
        **address_of(values["place"], organization),
        window_start_at=window.get("start"),
        window_end_at=window.get("end"),
        delivery_on=day,
        service_s=values.get("service_s", 180),
        weight_g=load.get("weight_g", 0),
        volume_ml=load.get("volume_ml", 0),
        pieces=load.get("pieces", 1),
        pallets=load.get("pallets", 0),
        priority=values.get("priority", "normal"),
        skills=skills_of(values.get("skills", ())),
        instructions=values.get("instructions", ""),
        proof_required=values.get("proof_required", "none"),
        confirmation_required=values.get("confirmation_required", False),
    )


def address_draft(place: dict[str, Any], organization: Organization, *, day: date) -> Draft:
    """A draft of nothing but an address, for an order that gets a new one."""
    return Draft(
        line=0,
        reference="",
        merchant="",
        recipient=Recipient("", "", ""),
        **address_of(place, organization),
        window_start_at=None,
        window_end_at=None,
        delivery_on=day,
        service_s=0,
        weight_g=0,
        volume_ml=0,
        pieces=0,
        pallets=0,
        priority="normal",
        skills=(),
        instructions="",
        proof_required="none",
        confirmation_required=False,
    )


def address_of(place: dict[str, Any], organization: Organization) -> dict[str, Any]:
    street = place.get("street", "")
    try:
        country = words.country(place["country"]) if place.get("country") else organization.country
    except cells.BadValue as bad:
        raise errors.Invalid(bad.code, _sentence(bad), param="place.country") from bad
    return {
        "street": street,
        "house_number": place.get("house_number", ""),
        "address_line": place.get("line", ""),
        "postcode": place.get("postcode", ""),
        "city": place.get("city", ""),
        "country": country,
        "lat": place.get("lat"),
        "lon": place.get("lon"),
    }


def recipient_of(values: dict[str, Any], organization: Organization) -> Recipient:
    try:
        phone = cells.phone(values["phone"], organization.country) if values.get("phone") else ""
    except cells.BadValue as bad:
        raise errors.Invalid(bad.code, _sentence(bad), param="recipient.phone") from bad
    try:
        email = cells.email(values["email"]) if values.get("email") else ""
    except cells.BadValue as bad:
        raise errors.Invalid(bad.code, _sentence(bad), param="recipient.email") from bad
    return Recipient(values.get("name", ""), phone, email)


def skills_of(skills: Any) -> tuple[str, ...]:
    wanted = [skill for skill in skills if skill]
    if not wanted:
        return ()
    try:
        return words.skills(",".join(wanted))
    except cells.BadValue as bad:
        raise errors.Invalid(bad.code, _sentence(bad), param="skills") from bad


def day_of(day: date | None, window_start_at: datetime | None, organization: Organization, *, at: datetime) -> date:
    """The delivery day: the one named, else the window's, else today; not more than a year away."""
    zone = ZoneInfo(organization.timezone)
    today = at.astimezone(zone).date()
    begins = window_start_at.astimezone(zone).date() if window_start_at is not None else None
    chosen = day or begins or today
    if abs(chosen - today) > timedelta(days=DAYS_AWAY):
        raise errors.Invalid(
            "date_out_of_range",
            say("{chosen} is more than a year away.", chosen=chosen.isoformat()),
            param="delivery_on",
        )
    if begins is not None and begins != chosen:
        raise errors.Invalid(
            "window_not_on_day",
            say(
                "The window begins on {begins}, but the order is for {chosen}.",
                begins=begins.isoformat(),
                chosen=chosen.isoformat(),
            ),
            param="window",
        )
    return chosen


def same_place(place: Place, given: dict[str, Any]) -> bool:
    """Whether a place in a PATCH is the one the order has, sent back as it was read."""
    return all(getattr(place, name) == value for name, value in given.items())


def patch_of(values: dict[str, Any], order: Order, organization: Organization, *, at: datetime) -> dict[str, Any]:
    """A validated `OrderPatch` as the arguments of `actions.edit_order`."""
    changes: dict[str, Any] = {}
    for name in ("service_s", "priority", "proof_required", "confirmation_required", "instructions"):
        if name in values:
            changes[name] = values[name]
    changes.update(values.get("load") or {})
    if "skills" in values:
        changes["skills"] = list(skills_of(values["skills"]))
    if recipient := values.get("recipient"):
        known = recipient_of(recipient, organization)
        for name in recipient:
            changes[f"recipient_{name}"] = getattr(known, name)
    for name in ("window", "promised"):
        if name in values:
            window = values[name] or {}
            changes[f"{name}_start_at"], changes[f"{name}_end_at"] = window.get("start"), window.get("end")
    if "delivery_on" in values or "window" in values:
        start_at = changes.get("window_start_at", order.window_start_at)
        changes["delivery_on"] = day_of(values.get("delivery_on", order.delivery_on), start_at, organization, at=at)
    place = values.get("place")
    address = None
    if place is not None and not same_place(order.place, place):
        address = address_draft(place, organization, day=order.delivery_on)
    return {"values": changes, "address": address, "merchant": values.get("merchant"), "version": values.get("version")}


def _sentence(bad: cells.BadValue) -> str:
    return bad.text[:1].upper() + bad.text[1:] + "."
