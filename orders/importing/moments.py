"""Days, times of day and windows as people write them, to days and aware UTC instants."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import re
import zoneinfo
from collections.abc import Iterable

from core.words import say
from orders.importing.values import BadValue, quoted

DAY_MINUTES = 24 * 60
_DAYS_BACK = 1
_DAYS_AHEAD = 365
_LONGEST_WINDOW = dt.timedelta(hours=24)

_CLOCK = re.compile(
    r"(\d{1,2})(?:(?::|\.|h|(?=\d\d$))(\d{2}))?(?::(\d{2})(?:\.0+)?)?\s*(am|pm|a\.m\.|p\.m\.|h|uhr|uur|u)?\.?",
    re.IGNORECASE | re.ASCII,
)
_DATE_ISO = re.compile(r"(\d{4})([-/.]?)(\d{2})\2(\d{2})", re.ASCII)
_DATE_WRITTEN = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})\.?", re.ASCII)
_MOMENT = re.compile(
    r"(\S+?)(?:T|\s+)(\d{1,2}[:.h]\d{2}(?::\d{2}(?:\.\d+)?)?(?:\s*[ap]m)?)\s*(Z|[+-]\d{2}:?\d{2})?", re.I
)
_MIDNIGHT_TAIL = re.compile(r"(?:T|\s+)00:00(?::00(?:\.0+)?)?$")


@dataclasses.dataclass(frozen=True, slots=True)
class Calendar:
    """What days and times of one file are judged by: the day asked for, the zone, and the order of day and month.

    `order` is "dmy", "mdy" or "" when the file does not tell.
    """

    day: dt.date
    timezone: zoneinfo.ZoneInfo
    order: str

    @property
    def first(self) -> dt.date:
        """The earliest delivery day allowed."""
        return self.day - dt.timedelta(days=_DAYS_BACK)

    @property
    def last(self) -> dt.date:
        """The latest delivery day allowed."""
        return self.day + dt.timedelta(days=_DAYS_AHEAD)


@dataclasses.dataclass(frozen=True, slots=True)
class Window:
    """Both ends of a window (aware, UTC) and the local day on which it starts."""

    start_at: dt.datetime
    end_at: dt.datetime
    day: dt.date


def day_order(texts: Iterable[str]) -> str:
    """Whether dates with slashes or dashes put the day or the month first: "dmy", "mdy" or "" (they do not tell)."""
    found = set()
    for text in texts:
        written = _DATE_WRITTEN.match(text)
        if written and written.group(2) != ".":
            if int(written.group(1)) > 12:
                found.add("dmy")
            elif int(written.group(3)) > 12:
                found.add("mdy")
    return found.pop() if len(found) == 1 else ""


def day(text: str, label: str, calendar: Calendar) -> dt.date:
    """A delivery day. Raises BadValue date_invalid, date_ambiguous or date_out_of_range (day before … a year on)."""
    readings = _readings(_MIDNIGHT_TAIL.sub("", text), calendar.order)
    if not readings:
        raise BadValue(
            "date_invalid",
            say(
                "the {label} {quoted} is not a date; write it like {day}",
                label=say(label),
                quoted=quoted(text),
                day=calendar.day,
            ),
        )
    allowed = [reading for reading in readings if calendar.first <= reading <= calendar.last]
    if not allowed:
        raise BadValue(
            "date_out_of_range",
            say(
                "the {label} {quoted} is not between {first} and {last}",
                label=say(label),
                quoted=quoted(text),
                first=calendar.first,
                last=calendar.last,
            ),
        )
    if len(allowed) > 1:
        raise BadValue(
            "date_ambiguous",
            say(
                "the {label} {quoted} could be {allowed} or {allowed2}; write one of these",
                label=say(label),
                quoted=quoted(text),
                allowed=allowed[0],
                allowed2=allowed[1],
            ),
        )
    return allowed[0]


@functools.lru_cache(maxsize=1024)
def _readings(text: str, order: str) -> tuple[dt.date, ...]:
    """The dates a text can mean; two when day and month may be exchanged."""
    iso = _DATE_ISO.fullmatch(text)
    if iso:
        return _dates([(int(iso.group(1)), int(iso.group(3)), int(iso.group(4)))])
    written = _DATE_WRITTEN.fullmatch(text)
    if not written:
        return ()
    first, second = int(written.group(1)), int(written.group(3))
    year = int(written.group(4)) if len(written.group(4)) == 4 else 2000 + int(written.group(4))
    if written.group(2) == "." or order == "dmy":
        return _dates([(year, second, first)])
    if order == "mdy":
        return _dates([(year, first, second)])
    return _dates([(year, second, first), (year, first, second)])


def _dates(triples: list[tuple[int, int, int]]) -> tuple[dt.date, ...]:
    found: dict[dt.date, None] = {}
    for year, month, number in triples:
        try:
            found[dt.date(year, month, number)] = None
        except ValueError:
            continue
    return tuple(found)


@functools.lru_cache(maxsize=1024)
def clock(text: str, label: str) -> int:
    """Minutes since midnight, 0 to 1440 ("24:00"). Raises BadValue time_invalid."""
    wrong = BadValue(
        "time_invalid",
        say("the {label} {quoted} is not a time of day; write it like 09:30", label=say(label), quoted=quoted(text)),
    )
    match = _CLOCK.fullmatch(text)
    if not match or not text.isascii():
        raise wrong
    hours, minutes, seconds = int(match.group(1)), int(match.group(2) or 0), int(match.group(3) or 0)
    half = (match.group(4) or "").lower().replace(".", "")
    if half in ("am", "pm"):
        if not 1 <= hours <= 12:
            raise wrong
        hours = hours % 12 + (12 if half == "pm" else 0)
    total = hours * 60 + minutes
    if minutes > 59 or seconds > 59 or total + bool(seconds) > DAY_MINUTES:
        raise wrong
    return total


@functools.lru_cache(maxsize=4096)
def instant(on: dt.date, minutes: int, timezone: zoneinfo.ZoneInfo, *, late: bool = False) -> dt.datetime:
    """The UTC instant of a local time; `late` takes the second of two equal times when clocks go back."""
    local = dt.datetime.combine(on + dt.timedelta(days=minutes // DAY_MINUTES), dt.time(), timezone)
    clock_time = dt.time(minutes % DAY_MINUTES // 60, minutes % 60, fold=int(late))
    return dt.datetime.combine(local.date(), clock_time, timezone).astimezone(dt.UTC)


def window(start: str, end: str, on: dt.date | None, calendar: Calendar) -> Window | None:
    """The window of an order, None if both ends are blank. `on` is its delivery day where the file states one.

    One end alone reaches to the start or the end of the day; an end of 00:00 is the end of the day. An end may be a
    full date with time (with or without an offset), which also allows a window over midnight.
    Raises BadValue time_invalid, date_…, window_reversed, window_too_long or window_other_day.
    """
    if not start and not end:
        return None
    start_moment = _moment(start, "window's start", calendar)
    end_moment = _moment(end, "window's end", calendar)
    base = on
    if base is None:
        dated = start_moment or end_moment
        base = dated.astimezone(calendar.timezone).date() if dated else calendar.day
    start_minutes = clock(start, "window's start") if start and start_moment is None else 0
    end_minutes = clock(end, "window's end") if end and end_moment is None else DAY_MINUTES
    start_at = start_moment or instant(base, start_minutes, calendar.timezone)
    start_day = start_at.astimezone(calendar.timezone).date()
    if on is not None and start_day != on and start_moment is not None:
        raise BadValue(
            "window_other_day",
            say("the window starts on {start_day} but the delivery date is {on}", start_day=start_day, on=on),
        )
    end_at = end_moment or instant(start_day, end_minutes or DAY_MINUTES, calendar.timezone, late=True)
    if end_at <= start_at:
        if end_at == start_at:
            told = say("the window ends ({end}) at the moment it starts ({start})", end=end, start=start)
        else:
            told = say("the window ends ({end}) before it starts ({start})", end=end, start=start)
        if not (start_moment and end_moment):
            told += "; " + say("a window over midnight needs dates, like 2030-01-31 22:00")
        raise BadValue("window_reversed", told)
    if end_at - start_at > _LONGEST_WINDOW + dt.timedelta(hours=1):
        raise BadValue(
            "window_too_long",
            say("the window from {start} to {end} is over a day", start=start or say("the start of the day"), end=end),
        )
    if not calendar.first <= start_day <= calendar.last:
        raise BadValue(
            "date_out_of_range",
            say("the window starts on {start_day}, too far from {day}", start_day=start_day, day=calendar.day),
        )
    return Window(start_at, end_at, start_day)


def _moment(text: str, label: str, calendar: Calendar) -> dt.datetime | None:
    """An end written as a date with a time; None if it is a time alone."""
    match = _MOMENT.fullmatch(text) if len(text) > 8 else None
    if match is None or (not any(mark in match.group(1) for mark in "-/.") and len(match.group(1)) != 8):
        return None
    on = day(match.group(1), label, calendar)
    minutes = clock(match.group(2), label)
    offset = match.group(3)
    if not offset:
        return instant(on, minutes, calendar.timezone)
    local = dt.datetime.combine(on, dt.time(), dt.UTC) + dt.timedelta(minutes=minutes)
    if offset.upper() != "Z":
        ahead = dt.timedelta(hours=int(offset[1:3]), minutes=int(offset[-2:]))
        local -= ahead if offset[0] == "+" else -ahead
    return local
