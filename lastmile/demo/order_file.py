"""The day's order file: the one that is given, else one made at addresses of the atlas; and what it asks of a fleet."""

from __future__ import annotations

import math
import sqlite3
import statistics
from collections import Counter
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path
from zoneinfo import ZoneInfo

from orders import geocoding, importing
from orders.geocoding import Address, Located
from orders.importing.drafts import Defaults, Draft
from routing.atlas import folder, sample_orders

FIRST = 300
"""So many rows of a given file are played."""
LOOKED_UP = 60
STOPS_A_DRIVER = 25
EVENING_STOPS_A_DRIVER = 12
DAY_ENDS = time(18, 0)


@dataclass(frozen=True, slots=True)
class Demand:
    """What the orders ask of a fleet."""

    orders: int
    evening: int
    skills: Counter[str]
    weight_g: int
    volume_ml: int
    pieces: int

    @property
    def drivers(self) -> int:
        return max(4, math.ceil(self.orders / STOPS_A_DRIVER))

    @property
    def late_drivers(self) -> int:
        """How many drivers work until late in the evening."""
        return min(self.drivers // 2, max(2, math.ceil(self.evening / EVENING_STOPS_A_DRIVER)))


def make(atlas: folder.Atlas, out: Path, *, count: int, seed: int) -> None:
    """Write an order file at addresses of the atlas. Raises `routing.atlas.errors.AtlasError` when it has none."""
    sample_orders.write_at(_addresses(atlas), out, count, seed)


def _addresses(atlas: folder.Atlas) -> list[sample_orders.Address]:
    held = sqlite3.connect(f"file:{atlas.addresses}?mode=ro", uri=True)
    try:
        rows: list[tuple[str, str, str, str]] = held.execute(
            "select distinct street, house_number, postcode, city from address where street <> '' order by 1, 3, 2, 4"
        ).fetchall()
    finally:
        held.close()
    return [
        sample_orders.Address(street, number, postcode, city, "")
        for street, number, postcode, city in rows if not set(number) & set(";,-")
    ]


def read(path: Path, *, day: date, zone: ZoneInfo, country: str, first: int = FIRST) -> list[Draft]:
    """The first sound rows of an order file. Raises `orders.importing.FileRefused`."""
    table = importing.read_table(path.read_bytes(), path.name)
    mapping = importing.propose(table.headers, {})
    return importing.parse(table, mapping, day=day, timezone=zone, defaults=Defaults(country=country)).drafts[:first]


def demand(drafts: list[Draft], zone: ZoneInfo) -> Demand:
    """What these orders ask of a fleet."""
    evening = sum(
        draft.window_end_at is not None and draft.window_end_at.astimezone(zone).time() > DAY_ENDS for draft in drafts)
    return Demand(
        len(drafts), evening, Counter(skill for draft in drafts for skill in draft.skills),
        sum(draft.weight_g for draft in drafts), sum(draft.volume_ml for draft in drafts),
        sum(draft.pieces for draft in drafts))


def middle(drafts: list[Draft]) -> tuple[float, float] | None:
    """The middle of these orders (latitude, longitude), of which some are located; None when none could be."""
    step = max(1, len(drafts) // LOOKED_UP)
    some = drafts[::step]
    points = [(draft.lat, draft.lon) for draft in some if draft.lat is not None and draft.lon is not None]
    written = [draft for draft in some if draft.lat is None]
    if written:
        try:
            found = geocoding.from_settings().locate([
                Address(draft.street or draft.address_line, draft.house_number, draft.postcode, draft.city,
                        draft.country)
                for draft in written])
        except geocoding.GeocoderUnavailable:
            found = []
        points += [(one.lat, one.lon) for one in found if isinstance(one, Located) and not one.doubtful]
    if not points:
        return None
    return statistics.median(lat for lat, _ in points), statistics.median(lon for _, lon in points)
