"""Read an address in every sensible way: number in the street field, fields swapped, everything in one line.

A reading is a guess at what the writer meant; `cost` says how far it departs from what the fields claim.
The matcher tries them against the map and keeps what fits.
"""

from __future__ import annotations

import dataclasses
import re

from orders.geocoding import text, words
from orders.geocoding.address import Address

MAX_READINGS = 14
NUMBER_IGNORED = 2.5  # cost of reading a text as if a number in it meant nothing


@dataclasses.dataclass(frozen=True, slots=True)
class Reading:
    """One way to read an address. `cities` were given as such, `hints` are other words that may name a place."""

    street: str
    number: str
    postcode: str
    cities: tuple[str, ...]
    hints: tuple[str, ...]
    cost: float


_SEPARATOR = re.compile(r"[,;\n|]+|\s[-–]\s")
_QUARTER = re.compile(
    r"^(?P<quarter>.{2,60}?[\s.](?:mah|mahallesi|mahalle|mh|köyü|koyu)\b\.?)[\s,/]*(?P<rest>.*)$", re.IGNORECASE
)
_TAIL = re.compile(
    r"^(?P<street>.*?[^\W\d_].*?|[0-9]+\.?\s?[^\W\d_]+.*?)[\s,]*(?:(?<=[\s,.])|(?<=[^\W\d_]))"
    r"(?P<number>(?:\b(?:no|nr|n|num|numara|hnr)\b\s*[.:°º]*\s*|[#№]\s*)?[0-9]{1,5}(?![0-9.])"
    r"(?:\s*[-/–]\s*[0-9]{1,5})?(?:\s*[-/]?\s*[a-z](?![^\W_]))?(?:\s*/\s*[0-9]{1,4})?"
    r"(?:[\s,]+(?:kat|k|daire|d|apt|wohnung|whg)\s*[.:]+.*)?)$",
    re.IGNORECASE,
)
_HEAD = re.compile(
    r"^(?:(?:no|nr)\s*[.:]*\s*)?(?P<number>[0-9]{1,5}(?:\s*[-/]\s*[0-9]{1,4})?\s?[a-z]?)(?![\w.])"
    r"[\s,]+(?P<street>.*[^\W\d_]{2}.*)$",
    re.IGNORECASE,
)
_LETTERS = re.compile(r"[^\W\d_]{3,}")
_NUMBER_WORDS = frozenset({"kat", "daire", "apt", "bis", "ter", "numara", "nummer", "wohnung", "floor", "etage"})


def read(address: Address) -> list[Reading]:
    """Every reading of `address`, the nearest to its fields first; at least one, at most MAX_READINGS."""
    street, number, postcode, city, _ = (text.clean(value) for value in dataclasses.astuple(address))
    if city and postcode and city.replace(" ", "").isdigit() and not any(c.isdigit() for c in postcode):
        city, postcode = postcode, city
    if not postcode:
        postcode, city = text.find_postcode(city)
    if not postcode and street:
        postcode, street = text.find_postcode(street)
    cities = tuple(part.strip() for part in re.split(r"[/,;()|]+", city) if part.strip())[:4]
    street, hints = without_quarter(street)
    out: dict[tuple[str, str, tuple[str, ...]], Reading] = {}

    def add(name: str, digits: str, cost: float, more: tuple[str, ...] = ()) -> None:
        key = (name.strip(" ,."), digits.strip(" ,"), more)
        if key[0] and key not in out:
            out[key] = Reading(key[0], key[1], postcode, cities, hints + more, cost)

    for name, digits, cost, more in _pairs(street, number):
        if name == number and _LETTERS.search(name):  # the number field held the street: it may hold a number too
            name, found = without_quarter(name)
            more += found
        add(name, digits, cost, more)
    if not out:
        return [Reading("", number, postcode, cities, hints, 0.0)]
    return sorted(out.values(), key=lambda r: r.cost)[:MAX_READINGS]


def _pairs(street: str, number: str) -> list[tuple[str, str, float, tuple[str, ...]]]:
    """(street, number, cost, place hints) for everything the two fields may mean."""
    out: list[tuple[str, str, float, tuple[str, ...]]] = []
    letters = [w for w in _LETTERS.findall(number) if text.fold(w) not in _NUMBER_WORDS]
    if number and not letters:
        out.append((street, number, 0.0, ()))
    if letters:
        out.append((number, street, 0.3, ()))
        ignored = NUMBER_IGNORED if any(c.isdigit() for c in street) else 0.0
        out += [
            (name, digits, cost + 0.3 + (0 if digits else ignored), more) for name, digits, cost, more in _line(number)
        ]
        out.append((street, number, 0.6 + ignored, ()))
    if not number:
        out += _line(street)
    else:
        for name, digits, cost, more in _line(street):
            # digits in both fields: the number field is then more often the flat
            if digits:
                out.append((name, digits, cost + 0.4, more))
            out.append((name, number, cost + 0.5, more))
    return out


def _line(line: str) -> list[tuple[str, str, float, tuple[str, ...]]]:
    """Readings of a text that may hold street, number and place names, with or without commas."""
    out: list[tuple[str, str, float, tuple[str, ...]]] = []
    parts = [part.strip() for part in _SEPARATOR.split(line) if part.strip()][:6]
    for index, part in enumerate(parts):
        others = tuple(p for j, p in enumerate(parts) if j != index and _LETTERS.search(p))
        cost = 0.1 + 0.1 * index
        tail, head = _TAIL.match(part), _HEAD.match(part)
        if tail:
            out.append((tail["street"], tail["number"], cost, others))
        if head:
            out.append((head["street"], head["number"], cost + 0.1, others))
        if index + 1 < len(parts) and text.house_numbers(parts[index + 1]) and not _LETTERS.search(parts[index + 1]):
            out.append((part, parts[index + 1], cost, others))
        if index > 0 and re.fullmatch(r"[0-9]{1,5}\s?[a-zA-Z]?", parts[index - 1]):
            out.append((part, parts[index - 1], cost, others))
        ignored = NUMBER_IGNORED if tail or head else 0.2
        out.append((part, "", cost + ignored, others))
        out += [(n, d, c + 0.1 * index, m + others) for n, d, c, m in _windows(part)]
    return out


def _windows(part: str) -> list[tuple[str, str, float, tuple[str, ...]]]:
    """Readings of words in a row: street words, then a number, then places; or a number first."""
    out: list[tuple[str, str, float, tuple[str, ...]]] = []
    tokens = part.split()[:14]
    for i in range(1, len(tokens) - 1):
        if re.match(r"(?:no[:.]*)?[0-9]", tokens[i], re.IGNORECASE) and not tokens[i].endswith("."):
            suffix = tokens[i + 1] if re.fullmatch(r"[a-zA-Z]|/[0-9a-zA-Z]+", tokens[i + 1]) else ""
            rest = " ".join(tokens[i + 1 + bool(suffix) :])
            out.append((" ".join(tokens[:i]), f"{tokens[i]} {suffix}".strip(), 0.3, (rest,) if rest else ()))
    start = 1 if re.fullmatch(r"[0-9]{1,5}[a-zA-Z]?,?", tokens[0]) else 0
    for end in range(start + 1, min(len(tokens), start + 5)):
        name = " ".join(tokens[start:end])
        if text.street_key(name).kind or start:  # without a number only where the words say "street"
            number = tokens[0] if start else ""
            ignored = NUMBER_IGNORED if not start and any(c.isdigit() for t in tokens[end:] for c in t) else 0.0
            out.append((name, number, 0.5 + ignored, (" ".join(tokens[end:]),)))
    return out


def without_quarter(street: str) -> tuple[str, tuple[str, ...]]:
    """Take "Yayla Mah." off the front (or a comma part) of a street; the quarter becomes a hint."""
    found = _QUARTER.match(street)
    if found and found["rest"]:
        return found["rest"], (found["quarter"],)
    parts = [part.strip() for part in _SEPARATOR.split(street) if part.strip()]
    quarters = tuple(p for p in parts if text.fold(p).split()[-1:] and text.fold(p).split()[-1] in words.QUARTER_WORDS)
    if quarters and len(quarters) < len(parts):
        return ", ".join(p for p in parts if p not in quarters), quarters
    return street, ()
