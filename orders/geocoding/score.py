"""Measure the atlas geocoder against a file of known locations.

    python -m orders.geocoding.score ORDERS.csv TRUTH.csv ADDRESSES.sqlite

ORDERS has the columns reference, street, house_number, postcode, city, country; TRUTH reference, lat, lon.
Prints one line of figures as JSON, then every order that missed.
"""

from __future__ import annotations

import csv
import dataclasses
import json
import pathlib
import sys
import time

from orders.geocoding import geometry
from orders.geocoding.address import Address, GeocoderUnavailable, Located, NotFound
from orders.geocoding.atlas import AtlasGeocoder

WITHIN_M = 100.0


@dataclasses.dataclass(frozen=True, slots=True)
class Miss:
    """An address whose answer is farther than WITHIN_M from the truth (None = not found)."""

    reference: str
    address: Address
    answer: Located | NotFound
    off_m: float | None

    @property
    def unmarked(self) -> bool:
        """The bad kind: wrong, and nothing tells the dispatcher so."""
        return isinstance(self.answer, Located) and not self.answer.doubtful


@dataclasses.dataclass(frozen=True, slots=True)
class Score:
    """Counts over one file; the shares are of all orders."""

    orders: int
    within: int
    doubtful: int
    wrong_unmarked: int
    seconds: float
    misses: tuple[Miss, ...]

    def line(self) -> str:
        """The figures as one JSON line."""
        n = max(1, self.orders)
        return json.dumps({
            "orders": self.orders, "within_100_m": round(self.within / n, 4), "doubtful": round(self.doubtful / n, 4),
            "wrong_unmarked": round(self.wrong_unmarked / n, 4), "seconds": round(self.seconds, 3),
        })  # fmt: skip


def score(
    geocoder: AtlasGeocoder, questions: list[tuple[str, Address]], truth: dict[str, tuple[float, float]]
) -> Score:
    """Locate every (reference, address) and compare with `truth`."""
    started = time.perf_counter()
    answers = geocoder.locate([address for _, address in questions])
    seconds = time.perf_counter() - started
    misses = []
    for (reference, address), answer in zip(questions, answers, strict=True):
        off_m = None
        if isinstance(answer, Located):
            off_m = geometry.distance_m((answer.lat, answer.lon), truth[reference])
        if off_m is None or off_m > WITHIN_M:
            misses.append(Miss(reference, address, answer, off_m))
    return Score(
        orders=len(questions),
        within=len(questions) - len(misses),
        doubtful=sum(isinstance(a, Located) and a.doubtful for a in answers),
        wrong_unmarked=sum(m.unmarked for m in misses),
        seconds=seconds,
        misses=tuple(misses),
    )


def read(orders: pathlib.Path, truth: pathlib.Path) -> tuple[list[tuple[str, Address]], dict[str, tuple[float, float]]]:
    """The questions and their answers from two CSV files. Raises KeyError or ValueError when columns lack."""
    fields = [field.name for field in dataclasses.fields(Address)]
    with orders.open(encoding="utf-8-sig", newline="") as file:
        questions = [(row["reference"], Address(*(row.get(f) or "" for f in fields))) for row in csv.DictReader(file)]
    with truth.open(encoding="utf-8-sig", newline="") as file:
        known = {row["reference"]: (float(row["lat"]), float(row["lon"])) for row in csv.DictReader(file)}
    return [q for q in questions if q[0] in known], known


def main(arguments: list[str]) -> int:
    """The command; exit code 2 for wrong use, 1 when a file cannot be used."""
    if len(arguments) != 3:
        print("usage: python -m orders.geocoding.score ORDERS.csv TRUTH.csv ADDRESSES.sqlite", file=sys.stderr)
        return 2
    try:
        questions, truth = read(pathlib.Path(arguments[0]), pathlib.Path(arguments[1]))
        result = score(AtlasGeocoder(pathlib.Path(arguments[2])), questions, truth)
    except (OSError, KeyError, ValueError, GeocoderUnavailable) as fault:
        print(f"Cannot score: {fault}", file=sys.stderr)
        return 1
    print(result.line())
    for miss in result.misses:
        off = "not found" if miss.off_m is None else f"{miss.off_m:.0f} m off"
        mark = "UNMARKED" if miss.unmarked else "marked"
        print(f"{miss.reference} {mark} {off}: {dataclasses.astuple(miss.address)} -> {miss.answer}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
