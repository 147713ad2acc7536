"""The manifest: a route's stops in their order, with everything the driver needs at the door."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from core.words import say
from dispatch.paper.page import INK, MARGIN, SOFT, WIDTH, Page
from dispatch.paper.sheets import Parcel, Sheet, StopOnPaper, kilograms, litres, pallets, parcels

_TIMES, _CODES = 27.0, 50.0
_WHAT = WIDTH - 11 - _TIMES - _CODES - 4


def manifest(sheets: Sequence[Sheet], *, made_at: datetime) -> bytes:
    """The manifests of these routes in one file, each from a new page on. `made_at` in the depot's zone."""
    page = Page(say("Manifest"), made_at)
    for sheet in sheets:
        page.part("   ".join((sheet.organization, say("Manifest"), sheet.day, sheet.driver)))
        _head(page, sheet)
        for trip in sheet.trips:
            if len(sheet.trips) > 1:
                page.set_y(page.get_y() + 2)
                page.write_line(say("Trip {number}", number=trip.number), 11, bold=True)
                page.set_y(page.get_y() + 7)
            for stop in trip.stops:
                _stop(page, stop)
        if not sheet.stops:
            page.write_line(say("This route has no stops."), 10, color=SOFT)
    if not sheets:
        page.part(say("Manifest"))
        page.write_line(say("There are no routes to print."), 10, color=SOFT)
    return page.bytes()


def heading(page: Page, title: str, sheet: Sheet, facts: list[tuple[str, str]]) -> None:
    """The top of a route's first page: who drives what and when, and its sums."""
    page.write_line(title, 9, color=SOFT, y=18)
    page.write_line(sheet.driver, 18, bold=True, y=22.5, width=120)
    vehicle = sheet.vehicle + (f", {sheet.plate}" if sheet.plate else "")
    page.write_line(vehicle, 10, y=32, width=120, color=SOFT)
    page.write_line(sheet.day, 11, bold=True, y=23.5, align="R")
    page.write_line(sheet.depot, 9, y=32, align="R", x=MARGIN + 90, color=SOFT)
    page.box(MARGIN, 39, WIDTH, 14)
    # Each fact gets room by the length of what it says.
    weights = [max(len(label), len(value) * 1.35) + 3 for label, value in facts]
    x = MARGIN + 3
    for (label, value), weight in zip(facts, weights, strict=True):
        step = (WIDTH - 3) * weight / sum(weights)
        page.write_line(label, 7, x=x, y=41, width=step - 1, color=SOFT)
        page.write_line(value, 10.5, x=x, y=45.5, width=step - 1, bold=True)
        x += step
    page.set_y(57)


def _head(page: Page, sheet: Sheet) -> None:
    loaded = sheet.parcels
    facts = [
        (say("Leaves"), sheet.starts),
        (say("Back"), sheet.ends),
        (say("Break"), sheet.rest or say("none")),
        (say("Stops"), str(len(sheet.stops))),
        (say("Parcels"), str(sum(parcel.pieces for parcel in loaded))),
        (say("Weight"), kilograms(sum(parcel.weight_g for parcel in loaded))),
        (say("Way"), sheet.distance),
    ]
    heading(page, say("Manifest"), sheet, facts)


def _stop(page: Page, stop: StopOnPaper) -> None:
    """A stop is never torn apart at the end of a page, unless it alone is longer than one."""
    address = page.wrapped(stop.address, _WHAT, 9)
    blocks = [_block(page, parcel) for parcel in stop.parcels]
    first = 4 + len(address) * 4.2
    height = first + sum(block_height for _, block_height in blocks) + 3
    if not page.room(min(height, 240)):
        page.add_page()
    top = page.get_y()
    page.rule(top)
    page.write_line(str(stop.number), 15, x=MARGIN, y=top + 2.5, width=11, bold=True)
    page.write_line(stop.arrival or "–", 13, x=MARGIN + 11, y=top + 3, width=_TIMES, bold=True)
    y = top + 10.5
    for line in (
        stop.window and say("Window {window}", window=stop.window),
        say("{service_min} min", service_min=stop.service_min),
        *stop.skills,
    ):
        if line:
            for part in page.wrapped(line.replace("_", " "), _TIMES - 2, 7.5):
                page.write_line(part, 7.5, x=MARGIN + 11, y=y, width=_TIMES, color=SOFT)
                y += 3.8
    x = MARGIN + 11 + _TIMES
    low = page.write_lines(address, 9, x, top + 3, _WHAT)
    low += 1.2
    for (parcel, lines), block_height in blocks:
        if low + block_height > page.h - 18:
            page.add_page()
            low = page.get_y()
        _parcel(page, parcel, lines, x, low)
        low += block_height
    page.set_y(max(low, y) + 2.5)


def _block(page: Page, parcel: Parcel) -> tuple[tuple[Parcel, dict[str, list[str]]], float]:
    lines = {
        "name": page.wrapped(parcel.recipient, _WHAT, 10.5, bold=True),
        "facts": page.wrapped(_facts(parcel), _WHAT, 8.5),
        "notes": page.wrapped(parcel.instructions, _WHAT - 4, 8.5),
        "proof": page.wrapped(say("Proof: {proof}", proof=parcel.proof) if parcel.proof else "", _WHAT, 8.5, bold=True),
        "code": page.wrapped(parcel.reference, _CODES, 8),
    }
    text = len(lines["name"]) * 4.9 + sum(len(lines[name]) for name in ("facts", "notes", "proof")) * 4.0
    text += 2 if lines["notes"] else 0
    return (parcel, lines), max(text, 9.5 + len(lines["code"]) * 3.8) + 2.5


def _parcel(page: Page, parcel: Parcel, lines: dict[str, list[str]], x: float, y: float) -> None:
    codes = MARGIN + WIDTH - _CODES
    drawn = page.code(parcel.reference, codes, y + 0.5, _CODES)
    under = y + (9.2 if drawn else 0.5)
    for line in lines["code"]:
        page.write_line(line, 8, x=codes, y=under, width=_CODES, align="R")
        under += 3.8
    low = page.write_lines(lines["name"], 10.5, x, y, _WHAT, bold=True)
    low = page.write_lines(lines["facts"], 8.5, x, low, _WHAT, color=SOFT)
    if lines["notes"]:
        height = len(lines["notes"]) * 4.0 + 1.2
        page.box(x, low + 0.4, _WHAT, height)
        low = page.write_lines(lines["notes"], 8.5, x + 2, low + 1, _WHAT - 4) + 0.8
    page.write_lines(lines["proof"], 8.5, x, low, _WHAT, bold=True, color=INK)


def _facts(parcel: Parcel) -> str:
    load = [parcels(parcel.pieces), kilograms(parcel.weight_g)]
    if parcel.volume_ml:
        load.append(litres(parcel.volume_ml))
    if parcel.pallets:
        load.append(pallets(parcel.pallets))
    parts = [
        ", ".join(load),
        parcel.phone,
        say("promised {promised}", promised=parcel.promised) if parcel.promised else "",
        parcel.merchant,
    ]
    return "  ·  ".join(part for part in (parcel.priority.upper(), *parts) if part)
