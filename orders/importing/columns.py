"""Which column of a file is which field: proposed from names and memory, decided by the user, remembered by key."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Mapping as MappingOf

from rapidfuzz import fuzz, process

from core.words import listed, say
from orders.importing.fields import ADDRESS_WORDS, FIELDS, NUMBER_WORDS, OWN_COLUMNS, folded
from orders.importing.table import FileRefused

IGNORED = ""
_FUZZY_SCORE = 88.0
_FUZZY_MIN_CHARS = 5
_NEVER_FUZZY = frozenset({"lat", "lon", "service_minutes", "weight_kg", "volume_l"})


@dataclasses.dataclass(frozen=True, slots=True)
class Column:
    """One column: its header, the field it fills (None: ignored) and how that was chosen.

    `how` is "exact", "synonym", "fuzzy", "remembered", "chosen" (by the user) or "ignored".
    """

    index: int
    header: str
    field: str | None
    how: str


@dataclasses.dataclass(frozen=True, slots=True)
class Mapping:
    """All columns of a file, in order, and `missing`: the fields an order needs that no column fills."""

    columns: tuple[Column, ...]
    missing: tuple[str, ...]

    def index_of(self) -> dict[str, int]:
        """Field name to column index."""
        return {column.field: column.index for column in self.columns if column.field is not None}

    def remember(self) -> dict[str, str]:
        """Header to field ("" for ignored), as `propose` takes it back as `remembered`."""
        return {column.header: column.field or IGNORED for column in self.columns if column.header}

    def override(self, chosen: MappingOf[str, str]) -> Mapping:
        """The mapping with the user's choice of header to field ("" to ignore a column).

        Another column that held a chosen field gives it up. Raises FileRefused `bad_mapping` for an unknown header or
        field, or one field chosen twice.
        """
        by_header = {folded(header): field for header, field in chosen.items()}
        known = {folded(column.header) for column in self.columns}
        for header, field in chosen.items():
            if folded(header) not in known:
                raise FileRefused("bad_mapping", say("The file has no column “{header}” to map.", header=header[:80]))
            if field and field not in FIELDS:
                raise FileRefused(
                    "bad_mapping",
                    say("There is no field “{field}” to fill from “{header}”.", field=field[:80], header=header[:80]),
                )
        taken = [field for field in by_header.values() if field]
        if len(taken) != len(set(taken)):
            twice = next(field for field in taken if taken.count(field) > 1)
            raise FileRefused(
                "bad_mapping",
                say("Two columns are chosen for the {fields}; choose one.", fields=say(FIELDS[twice].label)),
            )
        columns = []
        used: set[str] = set()
        for column in self.columns:
            key = folded(column.header)
            choice = by_header.get(key)
            if choice is not None and (not choice or choice not in used):
                used.add(choice)
                columns.append(dataclasses.replace(column, field=choice or None, how="chosen"))
            elif column.field in taken or choice is not None:
                columns.append(dataclasses.replace(column, field=None, how="ignored"))
            else:
                columns.append(column)
        return mapping_of(columns)

    def require(self) -> None:
        """Raise FileRefused `missing_column` unless every needed field has a column."""
        if not self.missing:
            return
        labels = [
            say("street (or a one-line address)") if name == "street" else say(FIELDS[name].label)
            for name in self.missing
        ]
        wanted = listed(labels)
        headers = ", ".join(column.header[:40] for column in self.columns if column.header)
        raise FileRefused(
            "missing_column",
            say(
                "The file has no column for the {wanted}. Its columns are: {headers}. Name the column, or say which "
                "column it is.",
                wanted=wanted,
                headers=headers[:600],
            ),
        )


def propose(headers: Sequence[str], remembered: MappingOf[str, str]) -> Mapping:
    """The likeliest mapping of a file's headers.

    `remembered` (header to field, "" for ignored) wins, then the field's own name, then a synonym, then a near miss in
    spelling (ratio ≥ 88 of 100). No field is filled twice: the usual word wins over the rare, then the column further
    left. Fields with a unit are never guessed from a near miss: grams are not kilograms.
    """
    keys = [folded(header) for header in headers]
    chosen: dict[int, tuple[str | None, str]] = {}
    taken: set[str] = set()

    def claim(index: int, field: str, how: str) -> None:
        if index not in chosen and field not in taken:
            chosen[index] = (field, how)
            taken.add(field)

    memory = {folded(header): field for header, field in remembered.items() if not field or field in FIELDS}
    for index, key in enumerate(keys):
        if key in OWN_COLUMNS:
            chosen[index] = (None, "ignored")
        elif key and key in memory:
            if memory[key]:
                claim(index, memory[key], "remembered")
            else:
                chosen.setdefault(index, (None, "remembered"))
    for index, key in enumerate(keys):
        name = key.replace(" ", "_")
        if name in FIELDS and name != "address":
            claim(index, name, "exact")
    for field in FIELDS.values():
        ranked = [(field.synonyms[key], index) for index, key in enumerate(keys) if key in field.synonyms]
        for _, index in sorted(ranked):
            claim(index, field.name, "synonym")
    _claim_numbers_and_addresses(keys, claim, chosen, taken)
    for index, key in enumerate(keys):
        if index not in chosen and len(key) >= _FUZZY_MIN_CHARS:
            near = _nearest(key, taken)
            if near is not None:
                claim(index, near, "fuzzy")
    return mapping_of(
        [Column(index, header, *chosen.get(index, (None, "ignored"))) for index, header in enumerate(headers)]
    )


def _claim_numbers_and_addresses(
    keys: list[str],
    claim: Callable[[int, str, str], None],
    chosen: MappingOf[int, tuple[str | None, str]],
    taken: set[str],
) -> None:
    """Two words mean one thing or another by what stands beside them: "No." and "Address"."""
    bare = [index for index, key in enumerate(keys) if key in NUMBER_WORDS and index not in chosen]
    for index in bare:
        before = chosen.get(index - 1, (None, ""))[0]
        if index and (before == "street" or (before is None and keys[index - 1] in ADDRESS_WORDS)):
            claim(index, "house_number", "synonym")
        else:
            claim(index, "reference", "synonym")
            if "street" in taken or any(key in ADDRESS_WORDS for key in keys[:index]):
                claim(index, "house_number", "synonym")
    for index, key in enumerate(keys):
        if key in ADDRESS_WORDS:
            field = "street" if "house_number" in taken and "street" not in taken else "address"
            claim(index, field, "exact" if key == field else "synonym")


def _nearest(key: str, taken: set[str]) -> str | None:
    best, best_score = None, _FUZZY_SCORE
    digits = _digits(key)  # "Address line 2" is not a slip of the pen for "Address line 1"
    for field in FIELDS.values():
        if field.name in taken or field.name in _NEVER_FUZZY:
            continue
        words = [field.name.replace("_", " "), *(word for word in field.synonyms if len(word) >= _FUZZY_MIN_CHARS)]
        words = [word for word in words if _digits(word) == digits]
        match = process.extractOne(key, words, scorer=fuzz.ratio, score_cutoff=best_score)
        if match is not None and (best is None or match[1] > best_score):
            best, best_score = field.name, match[1]
    return best


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))


def signature(headers: Sequence[str]) -> str:
    """A stable key for a set of headers, whatever their order, case and punctuation: 32 hexadecimal digits."""
    joined = "\x1f".join(sorted(folded(header) for header in headers))
    return hashlib.sha256(joined.encode()).hexdigest()[:32]


def mapping_of(columns: Iterable[Column]) -> Mapping:
    """The mapping of these columns, with what is missing."""
    columns = tuple(columns)
    filled = {column.field for column in columns}
    missing = [name for name in ("reference", "recipient_name") if name not in filled]
    if not ({"street", "address"} & filled or {"lat", "lon"} <= filled):
        missing.append("street")
    return Mapping(columns, tuple(missing))
