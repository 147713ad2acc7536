"""What the tests of orders share: drafts, a geocoder with fixed answers, and operations run as a worker runs them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from core import operations
from core.models import Operation
from orders import geocoding, jobs
from orders.geocoding import Address, GeocoderUnavailable, Located, NotFound
from orders.importing import Draft, Recipient

DAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)


def draft(reference: str = "A-1", **values: Any) -> Draft:
    return dataclasses.replace(
        Draft(
            line=2,
            reference=reference,
            merchant="",
            recipient=Recipient("Mia Muster", "+496221123456", "mia@example.com"),
            street="Hauptstraße",
            house_number="1",
            address_line="",
            postcode="69117",
            city="Heidelberg",
            country="DE",
            lat=None,
            lon=None,
            window_start_at=None,
            window_end_at=None,
            delivery_on=DAY,
            service_s=180,
            weight_g=1000,
            volume_ml=5000,
            pieces=1,
            pallets=0,
            priority="normal",
            skills=(),
            instructions="",
            proof_required="none",
            confirmation_required=False,
        ),
        **values,
    )


class FixedGeocoder:
    """Answers by the street: "doubt…" is doubtful, "nowhere…" is not found, everything else is sure."""

    def __init__(self) -> None:
        self.asked: list[Address] = []

    def locate(self, addresses: list[Address]) -> list[Located | NotFound]:
        self.asked += addresses
        return [self._one(address) for address in addresses]

    def _one(self, address: Address) -> Located | NotFound:
        if address.street.lower().startswith("nowhere"):
            return NotFound("No street of this name is on the map.")
        doubtful = address.street.lower().startswith("doubt")
        return Located(
            49.41,
            8.69,
            0.5 if doubtful else 0.98,
            "street" if doubtful else "address",
            doubtful,
            "The street is there twice." if doubtful else "",
            f"{address.street} (map)",
        )

    def suggest(self, text: str, limit: int = 8) -> list[Located]:
        return [Located(49.41, 8.69, 0.9, "address", False, "", f"{text.title()} 1, 69117 Heidelberg")][:limit]


class NoAnswer:
    """A geocoder that cannot be reached."""

    def locate(self, addresses: list[Address]) -> list[Located | NotFound]:
        raise GeocoderUnavailable("The server does not answer.")

    def suggest(self, text: str, limit: int = 8) -> list[Located]:
        raise GeocoderUnavailable("The server does not answer.")


@pytest.fixture
def geocoder(monkeypatch: pytest.MonkeyPatch) -> FixedGeocoder:
    fixed = FixedGeocoder()
    monkeypatch.setattr(geocoding, "from_settings", lambda: fixed)
    return fixed


@pytest.fixture
def no_geocoder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(geocoding, "from_settings", NoAnswer)


@pytest.fixture
def runners(monkeypatch: pytest.MonkeyPatch) -> None:
    """The operations of orders, registered as the roof does."""
    monkeypatch.setattr(operations, "_runners", dict(jobs.RUNNERS))
    monkeypatch.setattr(operations, "_wake", [])


def run_queued(world: Any, kind: str | None = None) -> list[Operation]:
    """Run what is queued, as a worker would; returns the operations as they ended."""
    with world.scope():
        queued = Operation.objects.filter(status="queued").order_by("id")
        ids = list((queued.filter(kind=kind) if kind else queued).values_list("id", flat=True))
    for operation_id in ids:
        operations.run(world.organization.id, operation_id)
    with world.scope():
        return list(Operation.objects.filter(id__in=ids).order_by("id"))


Run = Callable[..., list[Operation]]
