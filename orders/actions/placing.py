"""Places and merchants by what was written: the same words again are the same place, the same merchant."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models.functions import Lower

from orders.geocoding import text
from orders.geocoding.address import Address
from orders.importing.drafts import Draft
from orders.models import Merchant, Place

KEY_CHARS = 400
LINE_CHARS = 400


def place_key(draft: Draft) -> str:
    """The draft's address, normalised: what makes two writings one place.

    Coordinates that were handed in are part of it: the same address at another point is another place.
    """
    words = [draft.country, draft.postcode, draft.city, draft.street or draft.address_line, draft.house_number]
    # Signs without letters fold to nothing; they stay as written, so that two such addresses are not taken for one.
    key = "|".join(text.fold(word) or word.strip().casefold() for word in words)
    if draft.lat is not None and draft.lon is not None:
        key = f"@{draft.lat:.6f},{draft.lon:.6f}|{key}"
    if len(key) > KEY_CHARS:
        key = key[: KEY_CHARS - 65] + "#" + hashlib.sha256(key.encode()).hexdigest()
    return key


def place_line(draft: Draft) -> str:
    """The address in one line, as written; the coordinates where there is nothing else."""
    street = " ".join(word for word in (draft.street, draft.house_number) if word) or draft.address_line
    town = " ".join(word for word in (draft.postcode, draft.city) if word)
    if draft.address_line and not draft.street and town and town.casefold() in draft.address_line.casefold():
        town = ""
    line = ", ".join(part for part in (street, town) if part)
    if not line and draft.lat is not None and draft.lon is not None:
        line = f"{draft.lat:.5f}, {draft.lon:.5f}"
    return line[:LINE_CHARS]


def address_of(place: Place) -> Address:
    """What a geocoder is asked for this place; a one-line address stands where the street would."""
    return Address(place.street or place.line, place.house_number, place.postcode, place.city, place.country)


def places_for(drafts: Sequence[Draft], *, at: datetime) -> list[Place]:
    """The place of each draft, in order; places never seen before are made, set-based."""
    keys = [place_key(draft) for draft in drafts]
    known = {place.key: place for place in Place.objects.filter(key__in=set(keys))}
    fresh: dict[str, Place] = {}
    for key, draft in zip(keys, drafts, strict=True):
        if key not in known and key not in fresh:
            fresh[key] = _new_place(key, draft, at)
    if fresh:
        Place.objects.bulk_create(fresh.values(), batch_size=1000)
        known.update(fresh)
    return [known[key] for key in keys]


def _new_place(key: str, draft: Draft, at: datetime) -> Place:
    place = Place(
        key=key,
        line=place_line(draft),
        street=draft.street,
        house_number=draft.house_number,
        postcode=draft.postcode,
        city=draft.city,
        country=draft.country,
    )
    if draft.lat is not None and draft.lon is not None:
        place.lat, place.lon = draft.lat, draft.lon
        place.confidence, place.precision, place.review, place.located_at = 1.0, "given", "sure", at
        place.matched = place.line[:300]
    return place


def merchants_for(names: Iterable[str]) -> dict[str, Merchant]:
    """{name as written: merchant}; a name is the same in capitals or not. New names become merchants."""
    wanted = {name: name.casefold() for name in dict.fromkeys(names) if name}
    if not wanted:
        return {}
    folded = set(wanted.values()) | {name.lower() for name in wanted}
    known = {
        merchant.name.casefold(): merchant
        for merchant in Merchant.objects.annotate(folded=Lower("name")).filter(folded__in=folded)
    }
    known.update({merchant.name.casefold(): merchant for merchant in Merchant.objects.filter(name__in=list(wanted))})
    fresh = {key: Merchant(name=name) for name, key in reversed(wanted.items()) if key not in known}
    if fresh:
        Merchant.objects.bulk_create(fresh.values())
        known.update(fresh)
    return {name: known[key] for name, key in wanted.items()}
