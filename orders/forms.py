"""What a person types about an order or a file, checked by the same rules as the API's bodies."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as later

from core.words import say
from orders.importing import values as cells
from orders.importing.parse import (
    MOST_PALLETS,
    MOST_PIECES,
    MOST_SERVICE_MINUTES,
    MOST_VOLUME_L,
    MOST_WEIGHT_KG,
    TEXT_CHARS,
)
from orders.models import PRIORITIES, PROOFS, Order

INPUT = {"class": "input"}
PARAMS = {
    "recipient.phone": "recipient_phone",
    "recipient.email": "recipient_email",
    "place.country": "address",
    "place": "address",
    "window": "window_end",
    "promised": "window_end",
    "delivery_on": "delivery_on",
    "skills": "skills",
    "reference": "reference",
    "recipient_name": "recipient_name",
}


class Plain(forms.CharField):
    """Text without control characters, its spaces collapsed; line breaks stay where `lines` is set."""

    def __init__(self, *, lines: bool = False, **options: Any) -> None:
        widget = forms.Textarea(attrs={"class": "textarea", "rows": 3}) if lines else forms.TextInput(attrs=dict(INPUT))
        super().__init__(**{"widget": widget, **options})
        self._lines = lines

    def to_python(self, value: Any) -> str:
        text, _ = cells.clean(str(super().to_python(value)), lines=self._lines)
        return text


def _number(most: float, **options: Any) -> forms.FloatField:
    return forms.FloatField(
        min_value=0,
        max_value=most,
        required=False,
        widget=forms.NumberInput(attrs={**INPUT, "step": "any", "min": "0"}),
        **options,
    )


def _whole(most: int, **options: Any) -> forms.IntegerField:
    return forms.IntegerField(
        min_value=0, max_value=most, required=False, widget=forms.NumberInput(attrs={**INPUT, "min": "0"}), **options
    )


def _time(**options: Any) -> forms.TimeField:
    return forms.TimeField(
        required=False, widget=forms.TimeInput(attrs={**INPUT, "type": "time"}, format="%H:%M"), **options
    )


class OrderForm(forms.Form):
    """One order, in the units people use: kilograms, litres, minutes, and times of the organization's day."""

    reference = Plain(
        label=later("Reference"),
        max_length=TEXT_CHARS["reference"],
        required=False,
        help_text=later("The merchant’s own number. Left empty, one is made."),
    )
    merchant = Plain(label=later("Merchant"), max_length=TEXT_CHARS["merchant"], required=False)
    delivery_on = forms.DateField(
        label=later("Delivery day"), widget=forms.DateInput(attrs={**INPUT, "type": "date"}, format="%Y-%m-%d")
    )
    recipient_name = Plain(label=later("Name"), max_length=TEXT_CHARS["recipient_name"])
    recipient_phone = Plain(label=later("Phone"), max_length=40, required=False)
    recipient_email = Plain(label=later("E-mail"), max_length=254, required=False)
    address = Plain(label=later("Address"), max_length=TEXT_CHARS["address"])
    picked = forms.CharField(max_length=400, required=False, widget=forms.HiddenInput)
    lat = forms.FloatField(min_value=-90, max_value=90, required=False, widget=forms.HiddenInput)
    lon = forms.FloatField(min_value=-180, max_value=180, required=False, widget=forms.HiddenInput)
    window_start = _time(label=later("From"))
    window_end = _time(label=later("Until"))
    promise = forms.BooleanField(label=later("Promise this window to the recipient"), required=False)
    service_minutes = _number(MOST_SERVICE_MINUTES, label=later("Service (min)"))
    weight_kg = _number(MOST_WEIGHT_KG, label=later("Weight (kg)"))
    volume_l = _number(MOST_VOLUME_L, label=later("Volume (l)"))
    pieces = _whole(MOST_PIECES, label=later("Pieces"))
    pallets = _whole(MOST_PALLETS, label=later("Pallets"))
    priority = forms.ChoiceField(
        label=later("Priority"), choices=PRIORITIES, widget=forms.Select(attrs={"class": "select"})
    )
    proof_required = forms.ChoiceField(
        label=later("Proof"), choices=PROOFS, widget=forms.Select(attrs={"class": "select"})
    )
    confirmation_required = forms.BooleanField(
        label=later("Ask the recipient to confirm that they will be there"), required=False
    )
    skills = Plain(
        label=later("Skills"),
        max_length=400,
        required=False,
        help_text=later("Separated by commas, such as fridge, two_person."),
    )
    instructions = Plain(
        label=later("Instructions"), lines=True, max_length=TEXT_CHARS["delivery_instructions"], required=False
    )
    version = forms.IntegerField(min_value=1, max_value=2_000_000_000, required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        start, end = values.get("window_start"), values.get("window_end")
        if not {"window_start", "window_end"} & set(self.errors):
            if (start is None) != (end is None):
                self.add_error("window_end", say("A window has a start and an end."))
            elif start is not None and end is not None and end <= start:
                self.add_error("window_end", say("The window ends before it begins."))
        return values

    def body(self, zone: ZoneInfo) -> dict[str, Any]:
        """The valid form as the values of an API body (`orders.api.bodies.OrderBody`)."""
        values = self.cleaned_data
        return {
            "reference": values["reference"],
            "merchant": values["merchant"],
            "delivery_on": values["delivery_on"],
            "recipient": {
                "name": values["recipient_name"],
                "phone": values["recipient_phone"],
                "email": values["recipient_email"],
            },
            "place": self.place(),
            "window": self.window(zone),
            "service_s": round((values["service_minutes"] if values["service_minutes"] is not None else 3) * 60),
            "load": {
                "weight_g": round((values["weight_kg"] or 0) * 1000),
                "volume_ml": round((values["volume_l"] or 0) * 1000),
                "pieces": values["pieces"] if values["pieces"] is not None else 1,
                "pallets": values["pallets"] or 0,
            },
            "priority": values["priority"],
            "proof_required": values["proof_required"],
            "confirmation_required": values["confirmation_required"],
            "skills": values["skills"].split(","),
            "instructions": values["instructions"],
        }

    def place(self) -> dict[str, Any]:
        """The address; with its point only while the text is still the suggestion that was picked."""
        values = self.cleaned_data
        place: dict[str, Any] = {"line": values["address"]}
        chosen = values["picked"] and values["picked"] == values["address"]
        if chosen and values["lat"] is not None and values["lon"] is not None:
            place |= {"lat": values["lat"], "lon": values["lon"]}
        return place

    def window(self, zone: ZoneInfo) -> dict[str, datetime] | None:
        values = self.cleaned_data
        if values["window_start"] is None or values["window_end"] is None:
            return None
        return {
            "start": at_local(values["delivery_on"], values["window_start"], zone),
            "end": at_local(values["delivery_on"], values["window_end"], zone),
        }


def at_local(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """The UTC instant of a local time."""
    return datetime.combine(day, clock, zone).astimezone(ZoneInfo("UTC"))


def initial_of(order: Order, zone: ZoneInfo) -> dict[str, Any]:
    """An order as `OrderForm` shows it."""

    def clock(at: datetime | None) -> time | None:
        return at.astimezone(zone).time().replace(tzinfo=None) if at else None

    return {
        "reference": order.reference,
        "merchant": order.merchant.name if order.merchant else "",
        "delivery_on": order.delivery_on,
        "recipient_name": order.recipient_name,
        "recipient_phone": order.recipient_phone,
        "recipient_email": order.recipient_email,
        "address": order.place.line,
        "window_start": clock(order.window_start_at),
        "window_end": clock(order.window_end_at),
        "promise": (order.promised_start_at, order.promised_end_at) == (order.window_start_at, order.window_end_at),
        "service_minutes": _short(order.service_s / 60),
        "weight_kg": _short(order.weight_g / 1000),
        "volume_l": _short(order.volume_ml / 1000),
        "pieces": order.pieces,
        "pallets": order.pallets,
        "priority": order.priority,
        "proof_required": order.proof_required,
        "confirmation_required": order.confirmation_required,
        "skills": ", ".join(order.skills),
        "instructions": order.instructions,
        "version": order.version,
    }


def _short(number: float) -> float | int:
    return int(number) if number == int(number) else round(number, 3)


class ImportForm(forms.Form):
    """A file of orders and how to take it."""

    file = forms.FileField(
        max_length=255, allow_empty_file=True, widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"})
    )
    day = forms.DateField(
        label=later("Delivery day"), widget=forms.DateInput(attrs={**INPUT, "type": "date"}, format="%Y-%m-%d")
    )
    merchant = Plain(label=later("Merchant"), max_length=TEXT_CHARS["merchant"], required=False)
    faulty = forms.ChoiceField(
        choices=[
            ("skip", later("Import the good rows")),
            ("hold", later("Show me all rows first")),
            ("refuse", later("Import nothing")),
        ]
    )


class PinForm(forms.Form):
    """A position set by a person."""

    lat = forms.FloatField(label=later("Latitude"), min_value=-90, max_value=90)
    lon = forms.FloatField(label=later("Longitude"), min_value=-180, max_value=180)
