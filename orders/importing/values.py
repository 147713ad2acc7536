"""Text of a cell to a clean string, a number, an e-mail address, a phone number; or a reason why not."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable

import phonenumbers

from core.words import number as counted
from core.words import say
from orders.importing.table import MAX_CELL_CHARS

EXCEL_ERRORS = frozenset(
    {"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!", "#GETTING_DATA"}
)
FORMULA_STARTS = "=+-@\t\r\n＝＋－＠"
_BLANKS = frozenset({"-", "–", "—", "n/a", "N/A"})
# C0 and C1 controls but for line breaks, zero-width and direction-changing characters, lone surrogates.
_UNWANTED = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
_LINE_BREAK = re.compile("\r\n?|[\n\v\f\x85\u2028\u2029]")
_SPACES = re.compile(r"[^\S\n]+")
_NUMBER_SPACE = re.compile("(?<=\\d)[ \u00a0\u202f\u2009'’](?=\\d{3}(?!\\d))")
_PLAIN = re.compile(r"\d{1,12}(?:\.(?:\d{1,2}|\d{4,9}))?", re.ASCII)
_NUMBER = re.compile(r"[-−+]?(?:\d[\d.,]*|[.,]\d+)", re.ASCII)
_SCIENTIFIC = re.compile(r"[-+]?\d+(?:[.,]\d+)?e[-+]?\d+", re.IGNORECASE | re.ASCII)
_GROUPED = {mark: re.compile(rf"\d{{1,3}}(?:\{mark}\d{{3}})+") for mark in ".,"}
_EMAIL = re.compile(r"[^\s@<>()\[\],;:\\\"]{1,64}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_][\w-]{0,61}[^\W_]")
_PHONE = re.compile(r"(?:tel:)?\s*[+(]?[\d(][\d\s().\-/]*(?:\s*(?:x|ext\.?)\s*\d{1,6})?", re.IGNORECASE | re.ASCII)
_FEWEST_PHONE_DIGITS = 6


class BadValue(Exception):
    """A cell that cannot be used: a code for programs and the sentence that follows "Line 12: "."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


def quoted(text: str) -> str:
    """A value as a sentence shows it: one line, at most 40 characters, in quotation marks."""
    shown = " ".join(_UNWANTED.sub("", text).split())
    return f"“{shown[:40]}…”" if len(shown) > 40 else f"“{shown}”"


def shown(text: str) -> str:
    """A value as a fault carries it: without control characters, at most 80 characters."""
    return " ".join(_UNWANTED.sub("", text[:400]).split())[:80]


def clean(cell: str, *, lines: bool = False) -> tuple[str, bool]:
    """The text of a cell, and whether control characters had to be removed.

    Spaces are trimmed and collapsed, accents composed (NFC), line breaks kept only when `lines`; a dash alone is
    blank; the apostrophe that guards a formula in our own exports is taken off again.
    """
    removed = False
    if not cell.isprintable():
        bare = _UNWANTED.sub("", cell)
        removed = len(bare) != len(cell)
        cell = _LINE_BREAK.sub("\n" if lines else " ", bare)
        cell = _SPACES.sub(" ", cell)
    elif "  " in cell:
        cell = _SPACES.sub(" ", cell)
    cell = cell.strip()
    if cell in _BLANKS:
        return "", removed
    if cell.startswith("'") and cell[1:2] and cell[1:].lstrip()[:1] in FORMULA_STARTS:
        cell = cell[1:].strip()
    if not cell.isascii():
        cell = unicodedata.normalize("NFC", cell)
    return cell, removed


def fits(text: str, label: str, most: int) -> str:
    """The text, if it has at most `most` characters. Raises BadValue `cell_too_long` or `too_long`."""
    if len(text) > MAX_CELL_CHARS:
        raise BadValue(
            "cell_too_long",
            say(
                "the {label} has {count} characters; a cell may have at most {max_cell_chars}",
                label=say(label),
                count=counted(len(text)),
                max_cell_chars=counted(MAX_CELL_CHARS),
            ),
        )
    if len(text) > most:
        raise BadValue(
            "too_long",
            say(
                "the {label} has {count} characters; it may have at most {most}",
                label=say(label),
                count=len(text),
                most=most,
            ),
        )
    return text


def decimal_mark(texts: Iterable[str]) -> str:
    """Which mark a file's numbers use before decimals: ".", "," or "" when they do not tell.

    A number tells when its mark is not followed by exactly three digits, or when it has both marks (the last one is
    the decimal mark). One mark must be at least nine times as frequent as the other to count.
    """
    votes = {".": 0, ",": 0}
    for text in texts:
        dot, comma = text.rfind("."), text.rfind(",")
        if dot < 0 and comma < 0:
            continue
        mark = "." if dot > comma else ","
        tail = text[max(dot, comma) + 1 :].strip()
        if (dot >= 0 and comma >= 0) or (text.count(mark) == 1 and tail.isdigit() and len(tail) != 3):
            votes[mark] += 1
    for mark, other in ((".", ","), (",", ".")):
        if votes[mark] and votes[mark] >= 9 * votes[other]:
            return mark
    return ""


def number(text: str, label: str, *, mark: str, units: tuple[str, ...] = (), grouping: bool = True) -> float:
    """A decimal number. `mark` is the file's decimal mark as `decimal_mark` found it; `units` may follow the number.

    With both marks present the last is the decimal mark; a mark that repeats groups thousands. One mark with exactly
    three digits behind it follows `mark`; where that is unknown a dot is decimal and a comma is refused, for it could
    be either. `grouping=False` (coordinates) makes every single mark decimal.
    Raises BadValue not_a_number, number_scientific or number_ambiguous.
    """
    if _PLAIN.fullmatch(text):
        return float(text)
    lowered = text.lower()
    bare = text
    for unit in units:
        if lowered.endswith(unit):
            bare = text[: -len(unit)].rstrip(" .")
            break
    if _SCIENTIFIC.fullmatch(bare):
        raise BadValue(
            "number_scientific",
            say(
                "the {label} {quoted} is in scientific notation; write the number out in digits",
                label=say(label),
                quoted=quoted(text),
            ),
        )
    body = _NUMBER_SPACE.sub("", bare)
    if len(body) > 40 or not _NUMBER.fullmatch(body):
        raise BadValue(
            "not_a_number", say("the {label} {quoted} is not a number", label=say(label), quoted=quoted(text))
        )
    sign = -1.0 if body[0] in "-−" else 1.0
    body = body.lstrip("-−+")
    dots, commas = body.count("."), body.count(",")
    wrong = BadValue("not_a_number", say("the {label} {quoted} is not a number", label=say(label), quoted=quoted(text)))
    if dots and commas:
        decimal, group = (".", ",") if body.rfind(".") > body.rfind(",") else (",", ".")
        whole, _, fraction = body.rpartition(decimal)
        if decimal in whole or not _GROUPED[group].fullmatch(whole) or not fraction.isdigit():
            raise wrong
        return sign * float(f"{whole.replace(group, '')}.{fraction}")
    if dots + commas == 0:
        return sign * float(body)
    used = "." if dots else ","
    whole, _, fraction = body.partition(used)
    if dots + commas > 1:
        if not grouping or not _GROUPED[used].fullmatch(body):
            raise wrong
        return sign * float(body.replace(used, ""))
    if grouping and len(fraction) == 3 and _GROUPED[used].fullmatch(body) and whole.lstrip("0"):
        if not mark and used == ",":
            raise BadValue(
                "number_ambiguous",
                say(
                    "the {label} {quoted} could be {whole}{fraction} or {whole}.{fraction}; write one of these",
                    label=say(label),
                    quoted=quoted(text),
                    whole=whole,
                    fraction=fraction,
                ),
            )
        if mark and mark != used:
            return sign * float(whole + fraction)
    return sign * float(f"{whole or 0}.{fraction or 0}")


def amount(value: float, text: str, label: str, *, most: float, unit: str) -> float:
    """A number that must lie between 0 and `most`. Raises BadValue number_negative or number_too_large."""
    if value < 0:
        raise BadValue(
            "number_negative", say("the {label} {quoted} is negative", label=say(label), quoted=quoted(text))
        )
    if value > most:
        raise BadValue(
            "number_too_large",
            say(
                "the {label} {quoted} is more than {most}",
                label=say(label),
                quoted=quoted(text),
                most=f"{most:,.0f} {{unit}}".rstrip(),
            ),
        )
    return value


def whole(value: float, text: str, label: str) -> int:
    """A number without decimals. Raises BadValue number_not_whole."""
    if value != int(value):
        raise BadValue(
            "number_not_whole", say("the {label} {quoted} is not a whole number", label=say(label), quoted=quoted(text))
        )
    return int(value)


def email(text: str) -> str:
    """An e-mail address (one @, a domain with a dot; RFC 5321's lengths). Raises BadValue email_invalid."""
    if len(text) > 254 or not _EMAIL.fullmatch(text) or ".." in text:
        raise BadValue("email_invalid", say("the e-mail address {quoted} is not valid", quoted=quoted(text)))
    return text


@functools.lru_cache(maxsize=4096)
def phone(text: str, country: str) -> str:
    """A phone number in E.164; without a country prefix it is read as one of `country` (ISO alpha-2).

    Raises BadValue phone_invalid.
    """
    wrong = BadValue("phone_invalid", say("the phone number {quoted} is not valid", quoted=quoted(text)))
    if len(text) > 40 or not _PHONE.fullmatch(text):
        raise wrong
    plain = text.removeprefix("tel:").strip().replace("(0)", "")
    if plain.startswith("00"):
        plain = "+" + plain[2:]
    if not country and not plain.startswith("+"):
        raise BadValue(
            "phone_invalid",
            say(
                "the phone number {quoted} has no country prefix (like +49) and no country is known",
                quoted=quoted(text),
            ),
        )
    try:
        parsed = phonenumbers.parse(plain, country or None)
        if plain[0] not in "+0(":
            parsed = _with_lost_plus(plain, parsed)
    except phonenumbers.NumberParseException:
        raise wrong from None
    if not phonenumbers.is_possible_number(parsed) or len(str(parsed.national_number)) < _FEWEST_PHONE_DIGITS:
        raise wrong
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _with_lost_plus(plain: str, national: phonenumbers.PhoneNumber) -> phonenumbers.PhoneNumber:
    """A spreadsheet takes the + of +491701234567 for a sign and drops it: the better of both readings."""
    code = str(national.country_code)
    if not plain.startswith(code):
        return national
    international = phonenumbers.parse("+" + plain, None)
    if international.country_code != national.country_code or not phonenumbers.is_valid_number(international):
        return national
    mobile = phonenumbers.number_type(international) == phonenumbers.PhoneNumberType.MOBILE
    return international if mobile or not phonenumbers.is_valid_number(national) else national
