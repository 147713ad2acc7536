"""The country, clock and money of the place that an atlas shows."""

from __future__ import annotations

import math
import sqlite3
import zoneinfo
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from routing.atlas import folder

EURO = (
    "AT", "BE", "BG", "HR", "CY", "EE", "FI", "FR", "DE", "GR", "IE", "IT", "LV", "LT", "LU", "MT", "NL", "PT", "SK",
    "SI", "ES", "AD", "MC", "SM", "VA", "ME", "XK",
)
CURRENCIES = {
    **dict.fromkeys(EURO, "EUR"), "TR": "TRY", "GB": "GBP", "CH": "CHF", "LI": "CHF", "SE": "SEK", "NO": "NOK",
    "DK": "DKK", "PL": "PLN", "CZ": "CZK", "HU": "HUF", "RO": "RON", "RS": "RSD", "UA": "UAH",
    "IS": "ISK", "US": "USD", "CA": "CAD",
    "MX": "MXN", "BR": "BRL", "AR": "ARS", "CL": "CLP", "CO": "COP", "PE": "PEN", "JP": "JPY", "KR": "KRW", "CN": "CNY",
    "TW": "TWD", "HK": "HKD", "SG": "SGD", "MY": "MYR", "TH": "THB", "VN": "VND", "ID": "IDR", "PH": "PHP", "IN": "INR",
    "PK": "PKR", "BD": "BDT", "AU": "AUD", "NZ": "NZD", "ZA": "ZAR", "NG": "NGN", "KE": "KES", "GH": "GHS", "EG": "EGP",
    "MA": "MAD", "TN": "TND", "IL": "ILS", "SA": "SAR", "AE": "AED", "QA": "QAR", "KZ": "KZT", "GE": "GEL", "AM": "AMD",
}
MILES = ("US", "GB")
MADE_UP = "Europe/Berlin", "DE", "EUR"
"""Of the generated city, which lies nowhere."""


@dataclass(frozen=True, slots=True)
class Region:
    """IANA time zone, ISO 3166 country, ISO 4217 currency, km or mi."""

    timezone: str
    country: str
    currency: str
    distance_unit: str


@dataclass(frozen=True, slots=True)
class _Town:
    """A zone's principal town in the time zone database."""

    country: str
    zone: str
    lat: float
    lon: float


def of_atlas(atlas: folder.Atlas | None) -> Region:
    """Where the atlas is: its addresses name the country, the time zone database the nearest clock in it."""
    if atlas is None or atlas.attribution == folder.ATTRIBUTION_CITY:
        zone, country, currency = MADE_UP
        return Region(zone, country, currency, "km")
    lon, lat = atlas.center
    country = _country_of_addresses(atlas.addresses)
    towns = [town for town in _towns() if not country or town.country == country]
    if not towns:
        return Region("UTC", country or "DE", CURRENCIES.get(country, "EUR"), "km")
    nearest = min(towns, key=lambda town: _apart(town, lat, lon))
    # A country's zones that show the same time all year are one: its first is the one that people know.
    first = next(town for town in towns if town.country == nearest.country)
    zone = first.zone if _same_time(first.zone, nearest.zone) else nearest.zone
    return Region(zone, nearest.country, CURRENCIES.get(nearest.country, "USD"),
                  "mi" if nearest.country in MILES else "km")


def _country_of_addresses(path: Path) -> str:
    """The one country that the map's addresses name; "" when they name none or several."""
    try:
        held = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        try:
            row = held.execute("select value from meta where key = 'countries'").fetchone()
        finally:
            held.close()
    except sqlite3.Error:
        return ""
    codes = (row[0] if row else "").replace(",", " ").split()
    return codes[0].upper() if codes else ""


def _towns() -> list[_Town]:
    """`zone.tab` of the time zone database, which names a principal town for each zone; empty where it is missing."""
    for folder_name in zoneinfo.TZPATH:
        path = Path(folder_name) / "zone.tab"
        if path.is_file():
            rows = [line.split("\t") for line in path.read_text("utf-8").splitlines() if line and line[0] != "#"]
            return [_Town(row[0], row[2], *_position(row[1])) for row in rows]
    return []


def _position(text: str) -> tuple[float, float]:
    """±DDMM[SS]±DDDMM[SS] in degrees."""
    cut = max(text.rfind("+"), text.rfind("-"))
    return _degrees(text[:cut], 2), _degrees(text[cut:], 3)


def _degrees(text: str, digits: int) -> float:
    sign, body = (-1 if text[0] == "-" else 1), text[1:]
    parts = [body[:digits], body[digits : digits + 2], body[digits + 2 :] or "0"]
    return sign * (int(parts[0]) + int(parts[1]) / 60 + int(parts[2]) / 3600)


def _apart(town: _Town, lat: float, lon: float) -> float:
    east = (town.lon - lon + 180) % 360 - 180
    return math.hypot(town.lat - lat, east * math.cos(math.radians(lat)))


def _same_time(a: str, b: str) -> bool:
    instants = [datetime(2026, month, 1) for month in (1, 4, 7, 10)]  # noqa: DTZ001 - local clocks are compared
    one, other = zoneinfo.ZoneInfo(a), zoneinfo.ZoneInfo(b)
    return all(one.utcoffset(at) == other.utcoffset(at) for at in instants)
