"""Numbers of a workbook as the text a person saw: plain numbers, dates, times, leading zeros.

A workbook stores a day as a count of days (ECMA-376 Part 1, 18.17.4) and says by a number format that it is one.
"""

from __future__ import annotations

import datetime as dt
import re

_BUILT_IN = (
    dict.fromkeys((14, 15, 16, 17, 27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 57, 58), "date")
    | dict.fromkeys((18, 19, 20, 21, 32, 33, 34, 35, 45, 46, 47, 55, 56), "time")
    | {22: "datetime"}
)
_LITERALS = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_EPOCH_1900 = dt.datetime(1899, 12, 30, tzinfo=dt.UTC)  # only to count from; a sheet knows no zones
_EPOCH_1904 = dt.datetime(1904, 1, 1, tzinfo=dt.UTC)
_LAST_SERIAL = 2_958_465  # 9999-12-31


def kind_of(format_id: int, code: str) -> str:
    """What a number format shows: "date", "time", "datetime", "zeros:<width>" or "" for a plain number."""
    if format_id in _BUILT_IN:
        return _BUILT_IN[format_id]
    section = _LITERALS.sub("", code).split(";")[0].lower()
    if re.fullmatch("0{2,20}", section):
        return f"zeros:{len(section)}"
    if "general" in section or "e+" in section or "e-" in section:
        return ""
    days, hours, minutes = bool(re.search("[dy]", section)), bool(re.search("[hs]", section)), "m" in section
    if days and hours:
        return "datetime"
    if hours or "[m" in section:
        return "time"
    return "date" if days or minutes else ""


def number_text(raw: str, kind: str, *, since_1904: bool) -> str:
    """The text of a stored number under a format kind. What is no finite number stays as it is."""
    try:
        number = float(raw)
    except ValueError:
        return raw
    if number != number or number in (float("inf"), float("-inf")):
        return raw
    if kind in ("date", "time", "datetime") and 0 <= number <= _LAST_SERIAL:
        return _moment_text(number, kind, since_1904=since_1904)
    if number == int(number) and abs(number) < 1e15:
        digits = str(int(number))
        return digits.zfill(int(kind[6:])) if kind.startswith("zeros:") and number >= 0 else digits
    text = f"{number:.15g}"
    return f"{number:.20f}".rstrip("0") if "e-" in text else text


def _moment_text(number: float, kind: str, *, since_1904: bool) -> str:
    seconds = round(number * 86_400)
    if seconds < 86_400 and kind != "date":
        return _clock(seconds)
    if seconds == 86_400 and kind == "time":
        return "24:00"
    epoch = _EPOCH_1904 if since_1904 else _EPOCH_1900
    if not since_1904 and number < 60:
        epoch += dt.timedelta(days=1)  # the workbook's calendar has a 29 February 1900 that never was
    try:
        moment = epoch + dt.timedelta(seconds=seconds)
    except OverflowError:
        return f"{number:.15g}"
    day = moment.date().isoformat()
    clock = moment.hour * 3600 + moment.minute * 60 + moment.second
    return day if clock == 0 and kind == "date" else f"{day} {_clock(clock)}" if clock or kind != "date" else day


def _clock(seconds: int) -> str:
    hours, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours:02d}:{minutes:02d}:{left:02d}" if left else f"{hours:02d}:{minutes:02d}"
