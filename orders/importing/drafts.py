"""What comes out of a file: drafts of orders, faults of rows, and what stands in for blank cells."""

from __future__ import annotations

import dataclasses
import datetime as dt


@dataclasses.dataclass(frozen=True, slots=True)
class Defaults:
    """What a blank cell or absent column means. `country` is ISO 3166-1 alpha-2 or "" (then phones need a +)."""

    country: str = ""
    service_s: int = 180
    weight_g: int = 0
    volume_ml: int = 0
    pieces: int = 1
    pallets: int = 0
    priority: str = "normal"
    proof_required: str = "none"
    confirmation_required: bool = False
    merchant: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Habits:
    """How a file writes: the mark before decimals ("." or ",", "" untold) and the order of day and month ("dmy", "mdy",
    "" untold)."""

    mark: str
    day_order: str


@dataclasses.dataclass(frozen=True, slots=True)
class Recipient:
    """Who receives: `phone` in E.164 ("+4962211234"), `email` as given; "" where the file has none."""

    name: str
    phone: str
    email: str


@dataclasses.dataclass(frozen=True, slots=True)
class Draft:
    """One sound row of a file, in the units of the database; not yet an order, its place not yet located.

    The address is `street` + `house_number`, or `address_line` (one line, as given), or `lat`/`lon`, or several of
    them. The window is both instants (aware, UTC) or None twice. `priority` is normal, high or urgent;
    `proof_required` none, photo, signature or pin.
    """

    line: int
    reference: str
    merchant: str
    recipient: Recipient
    street: str
    house_number: str
    address_line: str
    postcode: str
    city: str
    country: str
    lat: float | None
    lon: float | None
    window_start_at: dt.datetime | None
    window_end_at: dt.datetime | None
    delivery_on: dt.date
    service_s: int
    weight_g: int
    volume_ml: int
    pieces: int
    pallets: int
    priority: str
    skills: tuple[str, ...]
    instructions: str
    proof_required: str
    confirmation_required: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Fault:
    """One reason why a row is no draft. `column` is the file's own header ("" when it is the whole row).

    `value` is what stands there, at most 80 characters; `message` is a sentence that names the line.
    """

    line: int
    column: str
    value: str
    code: str
    message: str


@dataclasses.dataclass(frozen=True, slots=True)
class Parsed:
    """Every row of a table: its draft, or its faults. `notes` tell what was understood rather than read plainly."""

    drafts: list[Draft]
    faults: list[Fault]
    notes: list[str]

    def faulty_lines(self) -> set[int]:
        """The lines that became no draft."""
        return {fault.line for fault in self.faults}
