"""Manifests and load lists: what stands on them, in which order, in whose letters."""

from __future__ import annotations

import dataclasses
import re
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from dispatch import paper, queries, queries_paper
from dispatch.actions import plans
from dispatch.models import Plan
from dispatch.paper import Parcel, Sheet, StopOnPaper, Trip, letters
from dispatch.paper.page import bars_of
from tests.dispatch.paper_text import text_of
from tests.dispatch.test_day import solve
from tests.fixtures import NOW, World, located_order

MADE = datetime(2026, 11, 23, 6, 30)
GOLDEN = Path(__file__).parent / "golden"


def parcel(reference: str, recipient: str = "Mia Muster", **values) -> Parcel:
    return Parcel(
        **{
            "reference": reference, "recipient": recipient, "phone": "+496221123456", "pieces": 1, "weight_g": 1500,
            "volume_ml": 8000, "pallets": 0, "proof": "Photo", "promised": "09:00–11:00", "instructions": "", **values,
        }
    )  # fmt: skip


def stop(number: int, *parcels: Parcel, **values) -> StopOnPaper:
    return StopOnPaper(
        **{
            "number": number, "arrival": f"{7 + number:02}:15", "window": "08:00–12:00", "service_min": 3,
            "address": f"Hauptstraße {number}, 69117 Heidelberg", "parcels": parcels, **values,
        }
    )  # fmt: skip


def sheet(*trips: tuple[StopOnPaper, ...], **values) -> Sheet:
    return Sheet(
        **{
            "organization": "Amber Logistics", "day": "Monday, 23.11.2026", "driver": "Gülşah Çağlar",
            "vehicle": "Van 3", "plate": "HD AB 123", "depot": "Heidelberg depot", "starts": "08:00", "ends": "16:42",
            "rest": "12:00–12:30", "distance": "84.2 km", "capacity_g": 800_000, "capacity_ml": 6_000_000,
            "trips": tuple(Trip(number, stops) for number, stops in enumerate(trips, 1)), **values,
        }
    )  # fmt: skip


def squeezed(text: str) -> str:
    """Without what depends on how a reader lays out blanks."""
    return "\n".join(" ".join(line.split()) for line in text.replace("\f", "\n").splitlines() if line.strip()) + "\n"


TWO_TRIPS = sheet(
    (
        stop(1, parcel("R-1", instructions="Ring twice.", priority="urgent")),
        stop(2, parcel("R-2", "Łukasz Żółć"), parcel("R-3", "Ελένη Παπαδοπούλου", proof="", pallets=1)),
    ),
    (stop(3, parcel("R-4", "İpek Ağaoğlu", pieces=3), skills=("two_person",)),),
)


@pytest.mark.parametrize(("name", "write"), [("manifest", paper.manifest), ("load-list", paper.load_list)])
def test_the_paper_says_what_the_golden_file_says(name, write):
    """Written anew by deleting the file and running the test twice; then it is read by a person."""
    text = squeezed(text_of(write([TWO_TRIPS], made_at=MADE)))
    golden = GOLDEN / f"{name}.txt"
    if not golden.exists():
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(text)
        pytest.fail(f"{golden.name} was not there and is written now: read it")
    assert text == golden.read_text()


def test_the_load_list_begins_with_what_is_delivered_last_trip_by_trip():
    text = text_of(paper.load_list([TWO_TRIPS], made_at=MADE))
    assert re.findall(r"R-\d", text) == ["R-3", "R-2", "R-1", "R-4"]
    assert re.findall(r"R-\d", text_of(paper.manifest([TWO_TRIPS], made_at=MADE))) == ["R-1", "R-2", "R-3", "R-4"]


@pytest.mark.parametrize(
    "name",
    ["Ayşe Yılmaz Öğütçü", "Grzegorz Brzęczyszczykiewicz", "Ελένη Παπαδοπούλου", "Иван Смирнов", "Ştefan Țigănuș",
     "Đặng Thị Ánh", "Jürgen Groß"],
)  # fmt: skip
def test_names_are_printed_as_they_are_written(name):
    content = paper.manifest([sheet((stop(1, parcel("R-1", name)),))], made_at=MADE)
    text = text_of(content)
    assert name in text and "stands for a letter" not in text


def test_arabic_is_joined_and_not_lost():
    text = text_of(paper.manifest([sheet((stop(1, parcel("R-1", "محمد علي")),))], made_at=MADE))
    assert letters.printable("محمد علي") == ("محمد علي", False)
    assert "stands for a letter" not in text and letters.STANDS_FOR not in text


def test_letters_that_the_font_lacks_are_told():
    text = text_of(paper.manifest([sheet((stop(1, parcel("R-1", "王小明 🎁")),))], made_at=MADE))
    assert letters.STANDS_FOR * 3 in text and "stands for a letter this printer's font lacks" in text
    assert letters.printable("a\x00b\u200bc\td") == ("abc d", False)


def test_nothing_is_cut_that_a_driver_needs():
    """Long notes and addresses wrap, also over pages; the very long word too."""
    note = " ".join(f"word{number}" for number in range(150))
    address = "Donaudampfschifffahrtsgesellschaftskapitänswitwenrentenauszahlungsstelle " * 3
    long = sheet(tuple(stop(n, *(parcel(f"L-{n}-{m}", instructions=note) for m in range(4)), address=address)
                       for n in range(1, 4)))  # fmt: skip
    text = text_of(paper.manifest([long], made_at=MADE))
    assert text.count("word149") == 12 and text.count("word0 ") == 12
    assert {f"L-{n}-{m}" for n in range(1, 4) for m in range(4)} <= set(re.findall(r"L-\d-\d", text))
    assert "Page 5" in text


def test_references_are_bars_where_they_can_be():
    assert set(bars_of("TR-12-00067")) == {"0", "1"} and bars_of("TR-12-00067").startswith("11010010000")
    assert bars_of("Ünlü-1") == bars_of("") == ""
    text = text_of(paper.manifest([sheet((stop(1, parcel("Ünlü-1"), parcel("X" * 80)),))], made_at=MADE))
    assert "Ünlü-1" in text and text.count("X") >= 80


def test_each_route_begins_on_its_own_page_and_none_is_said():
    other = dataclasses.replace(TWO_TRIPS, driver="Bruno Ferrari")
    text = text_of(paper.manifest([TWO_TRIPS, other], made_at=MADE))
    pages = text.rstrip("\f").split("\f")
    assert len(pages) == 2 and "Page 1" in pages[0] and "Page 1" in pages[1] and "Bruno Ferrari" in pages[1]
    assert "no routes to print" in text_of(paper.manifest([], made_at=MADE))
    assert "nothing to load" in text_of(paper.load_list([sheet()], made_at=MADE))


@pytest.fixture
def planned(amber: World) -> Plan:
    with amber.scope():
        for number in range(6):
            located_order(
                amber, f"A{number}", lat=49.41 + 0.004 * number, lon=8.69 + 0.01 * (number % 2), proof_required="photo",
                instructions=f"Note {number}", recipient_name=f"Öğüt Łoś {number}",
                window_start_at=NOW + timedelta(hours=4), window_end_at=NOW + timedelta(hours=9),
            )  # fmt: skip
        plan = plans.open_plan(day=amber.day, depot=amber.depot, by=amber.dispatcher, at=NOW)
    solve(amber, plan, 3)
    return plan


@pytest.mark.django_db
def test_a_plan_and_its_routes_are_printed(amber: World, birch: World, planned: Plan) -> None:
    with amber.scope():
        routes = list(queries.routes().filter(plan=planned))
        expected = [
            [
                order["reference"]
                for stop in queries.stop_rows(queries.route_stops(route.id))
                for order in stop["orders"]
            ]
            for route in routes
        ]
        sheets = queries_paper.sheets(routes)
    assert [[one.reference for one in printed.parcels] for printed in sheets] == expected
    every = sorted(reference for references in expected for reference in references)
    viewer, api = amber.client("viewer"), amber.api()
    for route, references in zip(routes, expected, strict=True):
        text = text_of(viewer.get(f"/routes/{route.id}/manifest.pdf").content)
        # Each stands in its order's address as well.
        assert list(dict.fromkeys(re.findall(r"\bA\d\b", text))) == references
        assert "Öğüt Łoś" in text and "Proof: Photo" in text and "Note" in text and "10:00–15:00" in text
        text = text_of(api.get(f"routes/{route.id}/load-list.pdf").content)
        assert re.findall(r"\bA\d\b", text) == references[::-1]
        assert birch.client().get(f"/routes/{route.id}/manifest.pdf").status_code == 404
    answer = viewer.get(f"/plans/{planned.id}/manifest.pdf")
    assert (answer.status_code, answer["Content-Type"], answer["Cache-Control"]) == (
        200, "application/pdf", "private, no-store",
    )  # fmt: skip
    assert sorted(set(re.findall(r"\bA\d\b", text_of(answer.content)))) == every
    assert sorted(re.findall(r"\bA\d\b", text_of(viewer.get(f"/plans/{planned.id}/load-list.pdf").content))) == every
    assert viewer.get(f"/plans/{uuid4()}/manifest.pdf").status_code == 404
    assert amber.client("driver").get(f"/plans/{planned.id}/manifest.pdf").status_code == 403
