"""The load list: a route's parcels in the order of loading. What is delivered last goes in first, trip by trip."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from core.words import mark, say
from dispatch.paper.manifests import heading
from dispatch.paper.page import MARGIN, SOFT, WIDTH, Page
from dispatch.paper.sheets import Parcel, Sheet, StopOnPaper, Trip, kilograms, litres, pallets, parcels

_COLUMNS = (
    (mark("Loaded"), 14.0),
    (mark("Stop"), 13.0),
    (mark("Order and recipient"), 80.0),
    (mark("Load"), 32.0),
    ("", 43.0),
)


def load_list(sheets: Sequence[Sheet], *, made_at: datetime) -> bytes:
    """The load lists of these routes in one file, each from a new page on. `made_at` in the depot's zone."""
    page = Page(say("Load list"), made_at)
    for sheet in sheets:
        page.part("   ".join((sheet.organization, say("Load list"), sheet.day, sheet.driver)))
        heading(page, say("Load list: from the first parcel in to the last"), sheet, _facts(sheet))
        for trip in sheet.trips:
            _trip(page, sheet, trip)
        if not sheet.stops:
            page.write_line(say("This route has nothing to load."), 10, color=SOFT)
    if not sheets:
        page.part(say("Load list"))
        page.write_line(say("There are no routes to print."), 10, color=SOFT)
    return page.bytes()


def _facts(sheet: Sheet) -> list[tuple[str, str]]:
    loaded = sheet.parcels
    weight, volume = sum(one.weight_g for one in loaded), sum(one.volume_ml for one in loaded)
    return [
        (say("Leaves"), sheet.starts),
        (say("Trips"), str(len(sheet.trips))),
        (say("Orders"), str(len(loaded))),
        (say("Parcels"), str(sum(one.pieces for one in loaded))),
        (say("Weight"), _of(kilograms(weight), weight, sheet.capacity_g)),
        (say("Volume"), _of(litres(volume), volume, sheet.capacity_ml)),
    ]


def _of(text: str, load: int, capacity: int) -> str:
    return f"{text} ({round(100 * load / capacity)} %)" if capacity else text


def _trip(page: Page, sheet: Sheet, trip: Trip) -> None:
    if len(sheet.trips) > 1:
        pieces = sum(parcel.pieces for stop in trip.stops for parcel in stop.parcels)
        page.write_line(say("Trip {number}: {parcels}", number=trip.number, parcels=parcels(pieces)), 11, bold=True)
        page.set_y(page.get_y() + 8)
    _titles(page)
    for stop in reversed(trip.stops):
        for parcel in reversed(stop.parcels):
            _row(page, stop, parcel)


def _titles(page: Page) -> None:
    x, y = MARGIN, page.get_y()
    for title, width in _COLUMNS:
        page.write_line(say(title), 7.5, x=x, y=y, width=width - 1, color=SOFT)
        x += width
    page.set_y(y + 5)


def _row(page: Page, stop: StopOnPaper, parcel: Parcel) -> None:
    width = _COLUMNS[2][1] - 3
    name = page.wrapped(parcel.recipient, width, 8.5)
    reference = page.wrapped(parcel.reference, width, 9.5, bold=True)
    height = max(15.5 if parcel.pallets else 12.0, len(reference) * 4.4 + len(name) * 4.0 + 4)
    if not page.room(height):
        page.add_page()
        _titles(page)
    top = page.get_y()
    page.rule(top)
    page.tick(MARGIN + 2, top + 3)
    x = MARGIN + _COLUMNS[0][1]
    page.write_line(str(stop.number), 13, x=x + 1, y=top + 2.5, width=_COLUMNS[1][1] - 1, bold=True)
    x += _COLUMNS[1][1]
    low = page.write_lines(reference, 9.5, x, top + 2, width, bold=True)
    page.write_lines(name, 8.5, x, low, width, color=SOFT)
    x += _COLUMNS[2][1]
    page.write_line(parcels(parcel.pieces), 9, x=x, y=top + 2, width=_COLUMNS[3][1] - 1, bold=True)
    weight = kilograms(parcel.weight_g) + (f", {litres(parcel.volume_ml)}" if parcel.volume_ml else "")
    page.write_line(weight, 8.5, x=x, y=top + 6.4, width=_COLUMNS[3][1] - 1, color=SOFT)
    if parcel.pallets:
        page.write_line(pallets(parcel.pallets), 8.5, x=x, y=top + 10.2, width=_COLUMNS[3][1] - 1, color=SOFT)
    page.code(parcel.reference, MARGIN + WIDTH - _COLUMNS[4][1], top + 2, _COLUMNS[4][1])
    page.set_y(top + height)
