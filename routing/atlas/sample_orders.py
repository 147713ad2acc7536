"""Sample orders at real addresses of an extract, in the columns of the order file (docs/imports)."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import osmium

from routing.atlas.errors import AtlasError

COLUMNS = (
    "reference",
    "merchant",
    "recipient_name",
    "recipient_phone",
    "recipient_email",
    "street",
    "house_number",
    "postcode",
    "city",
    "country",
    "window_start",
    "window_end",
    "service_minutes",
    "weight_kg",
    "volume_l",
    "pieces",
    "priority",
    "skills",
    "delivery_instructions",
    "proof_required",
)
GIVEN = (
    "Adaeze",
    "Aiko",
    "Amélie",
    "Anders",
    "Anjali",
    "Ayşe",
    "Beatriz",
    "Björn",
    "Chidi",
    "Dilan",
    "Elif",
    "Emre",
    "Farah",
    "Fatou",
    "Giulia",
    "Hana",
    "Håkon",
    "Ines",
    "Ivana",
    "Jakub",
    "João",
    "Kwame",
    "Lars",
    "Leyla",
    "Luca",
    "Łukasz",
    "Maeve",
    "Márton",
    "Mei",
    "Mehmet",
    "Nadia",
    "Noémi",
    "Olga",
    "Omar",
    "Priya",
    "Rafael",
    "Rosa",
    "Samir",
    "Sofía",
    "Søren",
    "Tomás",
    "Ümit",
    "Wanjiru",
    "Yara",
    "Yuki",
    "Zeynep",
    "Zoë",
)
FAMILY = (
    "Ahlgren",
    "Almeida",
    "Bakker",
    "Banerjee",
    "Boateng",
    "Brandt",
    "Carvalho",
    "Çelik",
    "Dahl",
    "Demir",
    "Donnelly",
    "Dvořák",
    "Ferrari",
    "Girard",
    "Haddad",
    "Halloran",
    "Horvat",
    "Ito",
    "Jónsson",
    "Kamau",
    "Kaya",
    "Kovács",
    "Laurent",
    "Lie",
    "Lindqvist",
    "Marlowe",
    "Mensah",
    "Moreau",
    "Nakamura",
    "Noor",
    "Novák",
    "Núñez",
    "Öhman",
    "Okoro",
    "Öztürk",
    "Petrov",
    "Raman",
    "Rivera",
    "Rossi",
    "Şahin",
    "Sato",
    "Silva",
    "Szabó",
    "Tanabe",
    "Vass",
    "Yıldız",
    "Zieliński",
)
MERCHANTS = ("Harbour Books", "Fresh & Fern Grocers", "Volta Electronics", "Casa Linnet Home", "Apothecary Rowan")
WINDOWS = (
    ("08:00", "18:00"),
    ("09:00", "12:00"),
    ("12:00", "15:00"),
    ("15:00", "18:00"),
    ("10:00", "14:00"),
    ("08:00", "10:00"),
    ("", ""),
)
WINDOW_SHARES = (0.40, 0.15, 0.12, 0.12, 0.08, 0.05, 0.08)
INSTRUCTIONS = (
    "",
    "",
    "",
    "",
    "",
    "Leave with neighbour",
    "Call on arrival",
    "Side entrance",
    "Ring twice",
    "Third floor",
    "Do not leave outside",
    "Behind the gate",
)


@dataclass(frozen=True)
class Address:
    """An address as an order file spells it."""

    street: str
    number: str
    postcode: str
    city: str
    country: str


def addresses(pbf: Path) -> list[Address]:
    """Every complete address of an extract, in a fixed order. Raises AtlasError for a damaged file."""
    found: set[Address] = set()
    try:
        for item in osmium.FileProcessor(str(pbf)).with_filter(osmium.filter.KeyFilter("addr:housenumber")):
            tags = {tag.k: tag.v.strip() for tag in item.tags if tag.k.startswith("addr:")}
            number = tags["addr:housenumber"]
            if tags.get("addr:street") and number and not set(number) & set(";,-"):
                found.add(
                    Address(
                        tags["addr:street"],
                        number,
                        tags.get("addr:postcode", ""),
                        tags.get("addr:city", ""),
                        tags.get("addr:country", "")[:2].upper(),
                    )
                )
    except RuntimeError as error:
        raise AtlasError(f"{pbf.name} cannot be read: {error}") from error
    return sorted(found, key=lambda a: (a.street, a.postcode, len(a.number), a.number, a.city, a.country))


def write(pbf: Path, out: Path, count: int, seed: int = 7) -> int:
    """Write `count` orders to `out` (CSV, UTF-8); an address may get several. Returns how many were written.

    Raises AtlasError when the extract holds no address.
    """
    known = addresses(pbf)
    if not known:
        raise AtlasError(f"{pbf.name} holds no address with street and house number, so no orders can be made.")
    return write_at(known, out, count, seed)


def write_at(known: Sequence[Address], out: Path, count: int, seed: int = 7) -> int:
    """Write `count` orders at some of these addresses to `out`, as `write` does. Raises AtlasError for no address."""
    if not known:
        raise AtlasError("There is no address with street and house number, so no orders can be made.")
    rng = np.random.default_rng([seed, count])
    chosen = rng.choice(len(known), size=count, replace=count > len(known))
    out.parent.mkdir(parents=True, exist_ok=True)
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for number, index in enumerate(chosen.tolist(), start=1):
            writer.writerow(_row(number, seed, known[index], rng))
    return count


def _row(number: int, seed: int, place: Address, rng: np.random.Generator) -> list[str | int | float]:
    merchant = int(rng.choice(len(MERCHANTS), p=[0.2, 0.25, 0.22, 0.18, 0.15]))
    weight_kg = round(float(np.clip(rng.lognormal(0.7, 0.9), 0.1, 28.0)), 1)
    start, end = WINDOWS[int(rng.choice(len(WINDOWS), p=WINDOW_SHARES))]
    person = f"{GIVEN[int(rng.integers(len(GIVEN)))]} {FAMILY[int(rng.integers(len(FAMILY)))]}"
    skill = "fridge" if merchant == 1 and rng.random() < 0.25 else "two_person" if weight_kg > 15 else ""
    proof = str(rng.choice(["none", "photo", "signature", "pin"], p=[0.45, 0.35, 0.14, 0.06]))
    return [
        f"LM-{seed:02d}-{number:05d}",
        MERCHANTS[merchant],
        person,
        phone(rng),
        f"recipient{number}@example.com",
        place.street,
        place.number,
        place.postcode,
        place.city,
        place.country,
        start,
        end,
        int(rng.choice([2, 3, 4, 5, 8, 10], p=[0.2, 0.32, 0.2, 0.16, 0.08, 0.04])),
        weight_kg,
        round(weight_kg * float(rng.uniform(1.8, 5.5)) + 0.3, 1),
        int(rng.choice([1, 2, 3], p=[0.78, 0.16, 0.06])),
        str(rng.choice(["normal", "high", "urgent"], p=[0.86, 0.10, 0.04])),
        skill,
        INSTRUCTIONS[int(rng.integers(len(INSTRUCTIONS)))],
        proof,
    ]


def phone(rng: np.random.Generator) -> str:
    """A number that a regulator has set aside for fiction, valid in E.164.

    Sources: North American Numbering Plan 555-0100…0199; Ofcom 020 7946 0xxx; Bundesnetzagentur (030) 23125-xxx;
    PTS 070-174 06 05…99; ARCEP 01 99 00 xx xx.
    """
    kind = int(rng.integers(6))
    if kind == 0:
        return ""
    if kind == 1:
        return f"+1202555{int(rng.integers(100, 200)):04d}"
    if kind == 2:
        return f"+442079460{int(rng.integers(1000)):03d}"
    if kind == 3:
        return f"+493023125{int(rng.integers(1000)):03d}"
    if kind == 4:
        return f"+46701740{int(rng.integers(605, 700))}"
    return f"+33199{int(rng.integers(10000)):06d}"
