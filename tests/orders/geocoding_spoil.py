"""Ways in which people write an address otherwise than the map does, each from a seeded source of chance."""

from __future__ import annotations

import dataclasses
import random
import re
import unicodedata
from collections.abc import Callable

from orders.geocoding.address import Address

SHORT = (
    ("Straße", "Str."), ("straße", "str."), ("Caddesi", "Cad."), ("Cadde", "Cad."), ("Sokağı", "Sk."),
    ("Sokak", "Sok."), ("Bulvarı", "Blv."), ("Platz", "Pl."), ("platz", "pl."), ("Şehit", "Şht."),
)  # fmt: skip
LONG = (("Cad.", "Caddesi"), ("Sk.", "Sokak"), ("Sok.", "Sokak"), ("Şht.", "Şehit"), ("Blv.", "Bulvarı"))
Spoil = Callable[[Address, random.Random, list[str]], Address]


def untouched(address: Address, chance: random.Random, postcodes: list[str]) -> Address:
    """As the map writes it."""
    return address


def plain_letters(address: Address, chance: random.Random, postcodes: list[str]) -> Address:
    """No letter beyond ASCII, as from an old till."""

    def plain(word: str) -> str:
        word = word.replace("ı", "i").replace("ß", "ss")
        return "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))

    return dataclasses.replace(address, street=plain(address.street), city=plain(address.city))


def digraphs(address: Address, chance: random.Random, postcodes: list[str]) -> Address:
    """German letters spelt out: ue, oe, ae, ss."""
    table = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})
    return dataclasses.replace(address, street=address.street.translate(table), city=address.city.translate(table))


def capitals(address: Address, chance: random.Random, postcodes: list[str]) -> Address:
    """Everything in capitals."""
    return dataclasses.replace(address, street=address.street.upper(), city=address.city.upper())


def abbreviated(address: Address, chance: random.Random, postcodes: list[str]) -> Address:
    """Straße → Str., Caddesi → Cad. …, or spelt out where the map abbreviates."""
    street = address.street
    for old, new in SHORT if any(old in street for old, _ in SHORT) else LONG:
        if old in street:
            return dataclasses.replace(address, street=street.replace(old, new))
    return dataclasses.replace(address, street=street.replace("-", " "))


def one_typo(address: Address, chance: random.Random, postcodes: list[str]) -> Address:
    """One letter of the street wrong, missing, doubled or swapped with its neighbour."""
    letters = [i for i, c in enumerate(address.street) if c.isalpha()]
    if len(letters) < 4:
        return address
    i, s = chance.choice(letters), address.street
    other = chance.choice([c for c in "abcdefghiklmnoprstuvyz" if c != s[i].lower()])
    made = [
        s[:i] + other + s[i + 1 :],
        s[:i] + s[i + 1 :],
        s[:i] + s[i] + s[i:],
        s[:i] + s[i + 1 : i + 2] + s[i] + s[i + 2 :],
    ]
    return dataclasses.replace(address, street=chance.choice(made))


def city_typo(address: Address, chance: random.Random, postcodes: list[str]) -> Address:
    """The same slip in the city."""
    slipped = one_typo(Address(street=address.city), chance, postcodes)
    return dataclasses.replace(address, city=slipped.street)


def no_postcode(address: Address, chance: random.Random, postcodes: list[str]) -> Address:
    """The postcode is missing."""
    return dataclasses.replace(address, postcode="")


def wrong_postcode(address: Address, chance: random.Random, postcodes: list[str]) -> Address:
    """Another postcode of the same map."""
    return dataclasses.replace(address, postcode=chance.choice([p for p in postcodes if p != address.postcode]))


def no_city(address: Address, chance: random.Random, postcodes: list[str]) -> Address:
    """The city is missing."""
    return dataclasses.replace(address, city="")


def neither(address: Address, chance: random.Random, postcodes: list[str]) -> Address:
    """Only street and number."""
    return dataclasses.replace(address, city="", postcode="")


def swapped(address: Address, chance: random.Random, postcodes: list[str]) -> Address:
    """Street and number in each other's field."""
    return dataclasses.replace(address, street=address.house_number, house_number=address.street)


def number_in_street(address: Address, chance: random.Random, postcodes: list[str]) -> Address:
    """The number written behind the street, its own field empty."""
    label = chance.choice(["", "No:", "No. ", "Nr. "])
    return dataclasses.replace(address, street=f"{address.street} {label}{address.house_number}", house_number="")


def one_line(address: Address, chance: random.Random, postcodes: list[str]) -> Address:
    """The whole address in the street field, with commas."""
    town = f"{address.postcode} {address.city}".strip()
    return Address(street=f"{address.street} {address.house_number}" + (f", {town}" if town else ""))


def one_line_bare(address: Address, chance: random.Random, postcodes: list[str]) -> Address:
    """The whole address in the street field, without commas."""
    line = one_line(address, chance, postcodes).street.replace(",", "")
    return Address(street=line)


def flat(address: Address, chance: random.Random, postcodes: list[str]) -> Address:
    """With a floor and a flat behind the number."""
    tail = chance.choice([" Daire: 5", " Kat: 2", ", 2. OG", " D:7", " Whg. 3"])
    return dataclasses.replace(address, house_number=address.house_number + tail)


def number_style(address: Address, chance: random.Random, postcodes: list[str]) -> Address:
    """12a → 12 A, 12/A → 12a, 12-14 → 12 - 14, 12 → No: 12."""
    number = address.house_number
    if re.fullmatch(r"[0-9]+[a-z]", number):
        number = f"{number[:-1]} {number[-1].upper()}"
    elif re.fullmatch(r"[0-9]+/[A-Z]", number):
        number = number.replace("/", "").lower()
    elif "-" in number:
        number = number.replace("-", " - ")
    else:
        number = f"No: {number}"
    return dataclasses.replace(address, house_number=number)


def wrong_city(address: Address, chance: random.Random, postcodes: list[str]) -> Address:
    """A town the map does not know, without a postcode."""
    return dataclasses.replace(address, city="Quickborn", postcode="")


def spoilt_twice(address: Address, chance: random.Random, postcodes: list[str]) -> Address:
    """Two of the others, one after the other."""
    first, second = chance.sample(SIMPLE, 2)
    return second(first(address, chance, postcodes), chance, postcodes)


def suburb_as_city(address: Address, chance: random.Random, postcodes: list[str]) -> Address:
    """A part of the town before the town: "Mitte, Heidelberg"."""
    return dataclasses.replace(address, city=f"Mitte, {address.city}" if address.city else "")


SIMPLE: tuple[Spoil, ...] = (
    plain_letters, capitals, abbreviated, one_typo, city_typo, no_postcode, wrong_postcode, no_city, flat, number_style,
)  # fmt: skip
EVERY: tuple[Spoil, ...] = (
    untouched, plain_letters, digraphs, capitals, abbreviated, one_typo, city_typo, no_postcode, wrong_postcode,
    no_city, neither, swapped, number_in_street, one_line, one_line_bare, flat, number_style, suburb_as_city,
    wrong_city, spoilt_twice,
)  # fmt: skip
