"""Rows of a table to drafts of orders, every row judged by itself and every fault of it told."""

from __future__ import annotations

import datetime as dt
import math
import re
import zoneinfo
from collections.abc import Callable
from typing import TypeVar

from core.words import mark, number, say
from orders.importing import moments, values, words
from orders.importing.columns import Mapping
from orders.importing.drafts import Defaults, Draft, Fault, Habits, Parsed, Recipient
from orders.importing.fields import FIELDS
from orders.importing.table import FileRefused, Row, Table
from orders.importing.values import BadValue, quoted

T = TypeVar("T")

# The longest text of each field, in characters; the columns of the database hold as much.
TEXT_CHARS = {
    "reference": 80,
    "merchant": 120,
    "recipient_name": 200,
    "street": 200,
    "house_number": 32,
    "address": 300,
    "postcode": 20,
    "city": 120,
    "delivery_instructions": 500,
}
# Some files carry half an address where the number should be: read up to this, it goes to the address line instead.
_HALF_ADDRESS_CHARS = 90
_SHORT_CHARS = 400  # skills; other fields are judged by their own rules
MOST_WEIGHT_KG = 40_000
MOST_VOLUME_L = 150_000
MOST_PIECES = 10_000
MOST_PALLETS = 100
MOST_SERVICE_MINUTES = 1_440
_MOST_NOTES = 200
_WHOLE_NUMBER_AS_DECIMAL = re.compile(r"(\d+)\.0")
_COLUMNS_OF_NUMBERS = ("weight_kg", "volume_l", "service_minutes")


def parse(
    table: Table,
    mapping: Mapping,
    *,
    day: dt.date,
    timezone: zoneinfo.ZoneInfo,
    defaults: Defaults | None = None,
    habits: Habits | None = None,
) -> Parsed:
    """Turn a table into drafts and faults; a row with a fault is no draft, so each row is in exactly one of the two.

    `day` is the delivery day of rows that name none; times of day are local to `timezone`. `habits` are those of the
    whole file where the table holds some of its rows only; without them they are learned from the table.
    Raises FileRefused `missing_column` if the mapping lacks a needed field, `bad_mapping` if it is of another table.
    """
    mapping.require()
    if any(column.index >= len(table.headers) for column in mapping.columns):
        raise FileRefused("bad_mapping", say("The chosen columns belong to another file."))
    known = habits or habits_of(table, mapping)
    calendar = moments.Calendar(day, timezone, known.day_order)
    return _Parser(table, mapping, known, calendar, defaults or Defaults()).run()


def habits_of(table: Table, mapping: Mapping) -> Habits:
    """How the table writes numbers and days, learned from the columns that hold them."""
    index = mapping.index_of()

    def cells_of(*fields: str) -> list[str]:
        indexes = [index[field] for field in fields if field in index]
        return [row.cells[i][:40].strip() for row in table.rows for i in indexes if i < len(row.cells)]

    mark = "." if table.kind == "xlsx" else values.decimal_mark(cells_of(*_COLUMNS_OF_NUMBERS))
    return Habits(mark, moments.day_order(cells_of("delivery_on")))


class _Parser:
    """One pass over a table; the state of the row at hand is `_line`, `_texts` and the faults added for it."""

    def __init__(
        self, table: Table, mapping: Mapping, habits: Habits, calendar: moments.Calendar, defaults: Defaults
    ) -> None:
        self._table = table
        self._index = mapping.index_of()
        self._defaults = defaults
        self._mark = habits.mark
        self._calendar = calendar
        self._first_lines: dict[str, int] = {}
        self._drafts: list[Draft] = []
        self._faults: list[Fault] = []
        self._notes: list[str] = []
        self._notes_left_out = 0
        self._line = 0
        self._texts: dict[str, str] = {}
        self._unread: set[str] = set()

    def run(self) -> Parsed:
        for row in self._table.rows:
            before = len(self._faults)
            draft = self._draft(row)
            if draft is not None and len(self._faults) == before:
                self._drafts.append(draft)
        if self._notes_left_out:
            self._notes.append(
                say("… and {notes_left_out} more notes like these.", notes_left_out=number(self._notes_left_out))
            )
        return Parsed(self._drafts, self._faults, self._notes)

    def _draft(self, row: Row) -> Draft | None:
        self._line = row.line
        if not self._has_right_width(row):
            return None
        self._clean(row)
        reference = self._reference()
        recipient = self._recipient()
        lat, lon = self._coordinates()
        self._needs_address(lat)
        on, window = self._times()
        street, house_number, address_line = self._address()
        load = self._load()
        return Draft(
            line=row.line,
            reference=reference,
            merchant=self._text("merchant") or self._defaults.merchant,
            recipient=recipient,
            street=street,
            house_number=house_number,
            address_line=address_line,
            postcode=self._code("postcode"),
            city=self._text("city"),
            country=self._read("country", words.country, self._defaults.country),
            lat=lat,
            lon=lon,
            window_start_at=window.start_at if window else None,
            window_end_at=window.end_at if window else None,
            delivery_on=on,
            service_s=load["service_s"],
            weight_g=load["weight_g"],
            volume_ml=load["volume_ml"],
            pieces=load["pieces"],
            pallets=load["pallets"],
            priority=self._read("priority", words.priority, self._defaults.priority),
            skills=self._read("skills", words.skills, ()),
            instructions=self._text("delivery_instructions"),
            proof_required=self._read("proof_required", words.proof, self._defaults.proof_required),
            confirmation_required=self._read(
                "confirmation_required", words.confirmation, self._defaults.confirmation_required
            ),
        )

    # --- the row as a whole -------------------------------------------------------------------------------------

    def _has_right_width(self, row: Row) -> bool:
        """A row with too few or too many cells is shifted somewhere: none of its cells can be trusted."""
        width, cells = len(self._table.headers), row.cells
        extra = [cell.strip() for cell in cells[width:] if cell.strip()]
        if len(cells) >= width and not extra:
            return True
        if extra:
            code, value = "too_many_cells", " | ".join(extra)
            text = say(
                "has more cells than the {width} columns of the header (beyond them: {quoted})",
                width=width,
                quoted=quoted(value),
            )
        else:
            code, value = "too_few_cells", " | ".join(cells)
            text = say("has only {count} cells; the header has {width} columns", count=len(cells), width=width)
        hint = say("Clear them") if self._table.kind == "xlsx" else say("Check its separators and quotation marks")
        sentence = say("Line {line} {text}. {hint}.", line=row.line, text=text, hint=hint)
        self._faults.append(Fault(row.line, "", values.shown(value), code, sentence))
        return False

    def _clean(self, row: Row) -> None:
        """Fill `_texts` with the row's clean texts; what is too long or an error of Excel is a fault and unread."""
        self._unread = set()
        for field, index in self._index.items():
            cell = row.cells[index]
            if not cell:
                self._texts[field] = ""
                continue
            text, removed = values.clean(cell, lines=field == "delivery_instructions")
            if removed:
                self._note(
                    say(
                        "a control character was removed from {header} ({quoted})",
                        header=self._header(field),
                        quoted=quoted(text),
                    )
                )
            most = _HALF_ADDRESS_CHARS if field == "house_number" else TEXT_CHARS.get(field, _SHORT_CHARS)
            if len(text) > most:
                try:
                    values.fits(text, FIELDS[field].label, most)
                except BadValue as bad:
                    self._fault(field, text, bad)
                text = ""
            elif text[:1] == "#" and text in values.EXCEL_ERRORS:
                label = say(FIELDS[field].label)
                told = say("the {label} is an error of Excel ({text})", label=label, text=text)
                self._fault(field, text, BadValue("excel_error", told))
                text = ""
            elif field in TEXT_CHARS and text and text[0] in values.FORMULA_STARTS:
                self._note(
                    say(
                        "{header} starts like a formula; it is kept as plain text ({quoted})",
                        header=self._header(field),
                        quoted=quoted(text),
                    )
                )
            self._texts[field] = text

    def _header(self, field: str) -> str:
        return self._table.headers[self._index[field]][:40] or say(FIELDS[field].label)

    def _note(self, text: str) -> None:
        if len(self._notes) < _MOST_NOTES:
            self._notes.append(say("Line {line}: {text}.", line=self._line, text=text))
        else:
            self._notes_left_out += 1

    def _fault(self, field: str, value: str, bad: BadValue) -> None:
        """Record a fault of the row at hand in the column of `field`."""
        self._unread.add(field)
        column = self._table.headers[self._index[field]] if field in self._index else ""
        sentence = say("Line {line}: {text}.", line=self._line, text=bad.text)
        self._faults.append(Fault(self._line, column, values.shown(value), bad.code, sentence))

    # --- single cells -------------------------------------------------------------------------------------------

    def _text(self, field: str) -> str:
        return self._texts.get(field, "")

    def _code(self, field: str) -> str:
        """A text of digits that some program exported as a decimal: 69115.0 is 69115."""
        text = self._text(field)
        decimal = _WHOLE_NUMBER_AS_DECIMAL.fullmatch(text) if text.endswith(".0") else None
        return decimal.group(1) if decimal else text

    def _read(self, field: str, reader: Callable[[str], T], blank: T) -> T:
        """The value of a cell by its reader; `blank` where it is blank or at fault."""
        text = self._text(field)
        if not text:
            return blank
        try:
            return reader(text)
        except BadValue as bad:
            self._fault(field, text, bad)
            return blank

    def _number(self, field: str, most: float, unit: str, units: tuple[str, ...] = ()) -> Callable[[str], float]:
        label = FIELDS[field].label

        def read(text: str) -> float:
            value = values.number(text, label, mark=self._mark, units=units)
            if "." in text and "," in text:
                self._note(
                    say(
                        "the {label} {quoted} was read as {value}",
                        label=say(label),
                        quoted=quoted(text),
                        value=f"{value:g}".replace("e+", "E"),
                    )
                )
            return values.amount(value, text, label, most=most, unit=unit)

        return read

    def _whole(self, field: str, most: float, unit: str) -> Callable[[str], int]:
        read = self._number(field, most, unit)
        return lambda text: values.whole(read(text), text, FIELDS[field].label)

    # --- what belongs together ----------------------------------------------------------------------------------

    def _reference(self) -> str:
        reference = self._text("reference")
        if not reference:
            if "reference" not in self._unread:
                self._fault("reference", "", BadValue("reference_missing", say("the reference is missing")))
            return ""
        first = self._first_lines.setdefault(reference, self._line)
        if first != self._line:
            again = say(
                "the reference {quoted} is already on line {first}; each order needs its own",
                quoted=quoted(reference),
                first=first,
            )
            self._fault("reference", reference, BadValue("reference_duplicate", again))
        return reference

    def _recipient(self) -> Recipient:
        name = self._text("recipient_name")
        if not name and "recipient_name" not in self._unread:
            self._fault("recipient_name", "", BadValue("recipient_missing", say("the recipient's name is missing")))
        country = self._text("country")
        try:
            region = words.country(country) if country else self._defaults.country
        except BadValue:
            region = self._defaults.country  # the country's own fault is told where it is read
        phone = self._read("recipient_phone", lambda text: values.phone(text, region), "")
        return Recipient(name, phone, self._read("recipient_email", values.email, ""))

    def _coordinates(self) -> tuple[float | None, float | None]:
        lat = self._read("lat", lambda text: _degrees(text, "latitude", 90), None)
        lon = self._read("lon", lambda text: _degrees(text, "longitude", 180), None)
        if {"lat", "lon"} & self._unread:
            return None, None
        if (lat is None) != (lon is None):
            there, absent = (
                (mark("latitude"), mark("longitude")) if lon is None else (mark("longitude"), mark("latitude"))
            )
            text = say("there is a {there} but no {absent}", there=say(there), absent=say(absent))
            self._fault("lat" if lat is None else "lon", "", BadValue("coordinates_incomplete", text))
            return None, None
        if lat == 0 and lon == 0:
            text = say("the coordinates are 0, 0, which is in the sea; leave them blank if they are not known")
            self._fault("lat", self._text("lat"), BadValue("coordinates_zero", text))
            return None, None
        return lat, lon

    def _address(self) -> tuple[str, str, str]:
        """Street, house number and address line; a house number that is half an address is moved to the line."""
        street, number, line = self._text("street"), self._code("house_number"), self._text("address")
        if len(number) <= TEXT_CHARS["house_number"]:
            return street, number, line
        self._note(
            say("the house number {quoted} is too long for one; it was kept in the address line", quoted=quoted(number))
        )
        return street, "", line or f"{street} {number}".strip()

    def _needs_address(self, lat: float | None) -> None:
        if self._text("street") or self._text("address") or lat is not None:
            return
        if {"street", "address", "lat", "lon"} & self._unread:
            return
        field = "street" if "street" in self._index else "address" if "address" in self._index else "lat"
        what = {"street": say("the street is missing"), "address": say("the address is missing")}.get(
            field, say("there are no coordinates and no address")
        )
        self._fault(field, "", BadValue("address_missing", what))

    def _times(self) -> tuple[dt.date, moments.Window | None]:
        """The delivery day and the window; a window with a date of its own sets the day where the file has none."""
        calendar = self._calendar
        on = self._read("delivery_on", lambda text: moments.day(text, "delivery date", calendar), None)
        start, end = self._text("window_start"), self._text("window_end")
        if {"window_start", "window_end"} & self._unread:
            return on or calendar.day, None
        try:
            window = moments.window(start, end, on, calendar)
        except BadValue as bad:
            at_end = "window's end" in bad.text or bad.code == "window_reversed" or not start
            self._fault("window_end" if at_end else "window_start", end if at_end else start, bad)
            self._other_end(bad, start, end)
            return on or calendar.day, None
        return (window.day if window else on or calendar.day), window

    def _other_end(self, bad: BadValue, start: str, end: str) -> None:
        """When the start could not be read, the end may be wrong as well: tell both at once."""
        if "window's start" in bad.text and end:
            try:
                moments.window("", end, None, self._calendar)
            except BadValue as other:
                if other.code in ("time_invalid", "date_invalid", "date_out_of_range"):
                    self._fault("window_end", end, other)

    def _load(self) -> dict[str, int]:
        default = self._defaults
        minutes = self._number("service_minutes", MOST_SERVICE_MINUTES, "minutes", ("minutes", "min", "m"))
        weight = self._number("weight_kg", MOST_WEIGHT_KG, "kg", ("kg", "kgs"))
        volume = self._number("volume_l", MOST_VOLUME_L, "l", ("liter", "litre", "ltr", "l"))
        return {
            "service_s": self._read("service_minutes", lambda text: round(minutes(text) * 60), default.service_s),
            "weight_g": self._read("weight_kg", lambda text: round(weight(text) * 1000), default.weight_g),
            "volume_ml": self._read("volume_l", lambda text: round(volume(text) * 1000), default.volume_ml),
            "pieces": self._read("pieces", self._whole("pieces", MOST_PIECES, "pieces"), default.pieces),
            "pallets": self._read("pallets", self._whole("pallets", MOST_PALLETS, "pallets"), default.pallets),
        }


def _degrees(text: str, label: str, most: int) -> float | None:
    degrees = values.number(text, label, mark="", grouping=False)
    if not math.isfinite(degrees) or abs(degrees) > most:
        raise BadValue(
            "coordinate_out_of_range",
            say(
                "the {label} {quoted} is not between -{most} and {most}",
                label=say(label),
                quoted=quoted(text),
                most=most,
            ),
        )
    return degrees
