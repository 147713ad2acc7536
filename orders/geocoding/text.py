"""Pure text normalisation for addresses: letters, street names, house numbers, postcodes.

`fold` makes two spellings of the same letters equal, `street_key` makes two ways of writing the same street
equal ("Ayvalı Cad." = "Ayvalı Caddesi", "Muehlweg" = "Mühlweg", "Hans Thoma Str" = "Hans-Thoma-Straße"),
`house_numbers` reads every number, list and range out of a house-number text.
"""

from __future__ import annotations

import dataclasses
import functools
import re
import unicodedata

from rapidfuzz.distance import OSA

from orders.geocoding import words

MAX_TEXT = 300  # characters looked at in any one field; a longer field is not an address
LETTERS = str.maketrans({
    "ı": "i", "İ": "i", "ß": "ss", "ẞ": "ss", "ø": "o", "Ø": "o", "æ": "ae", "Æ": "ae", "œ": "oe", "Œ": "oe", "ł": "l",
    "Ł": "l", "đ": "d", "Đ": "d", "ð": "d", "Ð": "d", "þ": "th", "Þ": "th", "ĸ": "k", "ŋ": "n", "ə": "e", "Ə": "e",
    "’": "", "'": "", "`": "", "´": "", "ʻ": "", "ʼ": "",
})  # fmt: skip


@functools.lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """Lower-case letters and digits without accents, words separated by one space; never raises."""
    plain = unicodedata.normalize("NFKD", text[:MAX_TEXT].translate(LETTERS)).casefold()
    kept = [c for c in plain if not unicodedata.combining(c)]
    return " ".join("".join(_digit(c) if c.isalnum() else " " for c in kept).split())


def _digit(char: str) -> str:
    """Digits of every script as 0-9; signs such as ① or ² that only look like digits as they are."""
    return str(unicodedata.decimal(char)) if char.isdecimal() else char


def clean(text: str) -> str:
    """One line for people to read: no control characters, single spaces, at most MAX_TEXT characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text[:MAX_TEXT]).split())


@dataclasses.dataclass(frozen=True, slots=True)
class StreetKey:
    """A street's name taken apart: what it is called, what kind of street it says it is ("" = does not say)."""

    core: str
    kind: str
    tokens: tuple[str, ...]

    @property
    def full(self) -> str:
        """Core and kind in one word, for comparing spellings."""
        return self.core + self.kind

    @property
    def digits(self) -> tuple[str, ...]:
        """The numbers in the name, which no similarity may change (593. Cadde is not 597. Cadde)."""
        return tuple(sorted(re.findall(r"[0-9]+", " ".join(self.tokens))))


@functools.lru_cache(maxsize=65536)
def street_key(name: str) -> StreetKey:
    """The comparable form of a street's name. An empty name gives an empty key."""
    tokens = [words.EXPANSIONS.get(token, token) for token in fold(name).split()]
    kind = ""
    if len(tokens) > 1 and tokens[-1] in words.KINDS_LAST:
        kind = words.KINDS_LAST[tokens.pop()]
    elif len(tokens) > 1 and tokens[0] in words.KINDS_FIRST:
        kind = words.KINDS_FIRST[tokens.pop(0)]
    elif len(tokens) > 1 and (guess := _kind_misspelt(tokens[-1])):
        kind = guess
        tokens.pop()
    elif tokens and (found := words.STRASSE_MISSPELT.match(tokens[-1])):
        kind, tokens[-1] = "strasse", found[1]
    elif tokens:
        for ending, meaning in words.KIND_ENDINGS:
            if tokens[-1].endswith(ending) and len(tokens[-1]) >= len(ending) + 2:
                kind, tokens[-1] = meaning, tokens[-1][: -len(ending)]
                break
    tokens = [t for t in tokens if t not in words.ARTICLES] or tokens
    joined = "".join(
        f"_{token}" if i and token[0].isdigit() and tokens[i - 1][-1].isdigit() else token
        for i, token in enumerate(tokens)
    )
    return StreetKey(_digraphs(joined), kind, tuple(_digraphs(t) for t in tokens))


def _kind_misspelt(token: str) -> str:
    """The kind that `token` names with one slip ("sokka", "caddsei"), or ""."""
    if len(token) < 4:
        return ""
    return next((words.KINDS_LAST[w] for w in words.KINDS_GUESSED if OSA.distance(w, token, score_cutoff=1) <= 1), "")


def _digraphs(word: str) -> str:
    """ä may be written ae or a (ö, ü, ø likewise): both become the single letter."""
    return word.replace("ae", "a").replace("oe", "o").replace("ue", "u")


@functools.lru_cache(maxsize=65536)
def locality_key(name: str) -> str:
    """The comparable form of a town's or district's name, without "Mah.", "Köyü", "Stadt" and the like."""
    tokens = fold(name).split()
    kept = [t for t in tokens if t not in words.LOCALITY_WORDS] or tokens
    return _digraphs("".join(kept))


@dataclasses.dataclass(frozen=True, slots=True)
class HouseNumber:
    """One number or range: `first`..`last` in steps of `step`; `rest` is what follows ("a", "3", "a-c")."""

    first: int
    last: int
    step: int
    rest: str

    def covers(self, number: int) -> bool:
        """Whether `number` lies in this range."""
        return self.first <= number <= self.last and (number - self.first) % self.step == 0


_LABEL = re.compile(r"\b(?:no|nr|num|numara|numero|number|hausnummer|hnr|n)\b\s*[.:°º#]*\s*(?=[0-9])|[#№]\s*(?=[0-9])")
_INSIDE = re.compile(r"\b(?:kat|k|daire|d|da|apt|apartment|flat|unit|wohnung|whg|og|eg|etage|floor)\b\s*[.:]+.*$")
_NUMBER = re.compile(
    r"(?<![0-9])([0-9]{1,5})(?![0-9])"  # the number
    r"(?:\s*[-–—]\s*([0-9]{1,5})(?![0-9])\s*([a-z](?![a-z]))?"  # 12-16, 12-16a
    r"|\s*/\s*([0-9]{1,4}[a-z]?|[a-z](?:-[a-z])?)(?![a-z0-9])"  # 12/3, 12/A, 153/C-D
    r"|\s*-?\s*([a-z](?:\s*-\s*[a-z])?|bis|ter|quater)(?![a-z])"  # 12a, 12 A, 12-A, 30a-g, 12 bis
    r")?"
)


@functools.lru_cache(maxsize=65536)
def house_numbers(text: str) -> tuple[HouseNumber, ...]:
    """Every number and range in a house-number text, in its order; empty when it holds none.

    "12;14" and "12, 14" are lists, "12-16" a range (of even numbers), "12/3" and "12 A" a number with a rest.
    Floors and flats ("Kat: 3", "D: 5") are left out when a house number comes before them.
    """
    low = unicodedata.normalize("NFKC", text[:MAX_TEXT].translate(LETTERS)).casefold()
    low = "".join(_digit(c) for c in low)
    labelled = list(_LABEL.finditer(low))
    if labelled:
        low = low[labelled[-1].end() :]
    without = _INSIDE.sub("", low)
    if any(c.isdigit() for c in without):
        low = without
    out: list[HouseNumber] = []
    for piece in re.split(r"[;,&+]|\bu\.|\bund\b|\band\b|\bve\b", low)[:20]:
        found = _NUMBER.search(piece)
        if found:
            out.append(_number(found))
    return tuple(out)


def _number(found: re.Match[str]) -> HouseNumber:
    first = int(found[1])
    if found[2]:
        last = int(found[2])
        if first < last < first + 200:
            return HouseNumber(first, last, 2 if (last - first) % 2 == 0 else 1, found[3] or "")
        return HouseNumber(first, first, 1, found[2])
    return HouseNumber(first, first, 1, re.sub(r"\s", "", found[4] or found[5] or ""))


_POSTCODES = (
    re.compile(r"(?<![0-9A-Za-z])([0-9]{4}\s?[A-Z]{2})(?![A-Za-z0-9])"),  # NL 1234 AB
    re.compile(r"(?<![0-9A-Za-z])([A-Z]{1,2}[0-9][0-9A-Z]?\s[0-9][A-Z]{2})(?![A-Za-z0-9])"),  # GB SW1A 1AA
    re.compile(r"(?<![0-9A-Za-z-])(?:[A-Z]{1,3}-\s?)?([0-9]{5})(?:-[0-9]{4})?(?![0-9A-Za-z])"),  # DE, TR, FR, US …
    re.compile(r"(?<![0-9A-Za-z-])((?:[A-Z]{1,3}-\s?)?[0-9]{4}|[0-9]{2}-[0-9]{3}|[0-9]{3}\s[0-9]{2})(?![0-9A-Za-z])"),
)


def find_postcode(text: str) -> tuple[str, str]:
    """(postcode as written or "", the text without it); longer kinds first. Four digits may be a house number
    or a numbered street, so they count only before a word ("8001 Zürich")."""
    for index, pattern in enumerate(_POSTCODES):
        for found in reversed(list(pattern.finditer(text))):
            after = text[found.end() :].lstrip()
            if index == 3 and not (after[:1].isalpha() and street_key("x " + after.split()[0]).kind == ""):
                continue
            return found[0].strip(), f"{text[: found.start()]} {text[found.end() :]}".strip(" ,;")
    return "", text


def postcode_key(text: str) -> str:
    """Letters and digits of a postcode; a country prefix ("D-69115", "TR-06200") goes."""
    low = fold(text).replace(" ", "")
    return re.sub(r"^[a-z]{1,3}(?=[0-9]{4,6}$)", "", low)
