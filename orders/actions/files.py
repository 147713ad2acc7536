"""Files of orders are handed in here; the job reads them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from core import errors, operations, tenancy
from core.actor import Actor
from orders.actions import placing
from orders.importing.columns import signature
from orders.importing.fields import FIELDS
from orders.importing.table import MAX_COLUMNS, MAX_FILE_BYTES
from orders.models import ColumnMapping, ImportFile

IMPORT = "import_orders"
_HEADER_CHARS = 2_000


def hand_in_file(
    *,
    name: str,
    content: bytes,
    day_on: date,
    merchant: str = "",
    mapping: Mapping[str, str] | None = None,
    faulty: str = "skip",
    by: Actor,
    at: datetime,
) -> ImportFile:
    """Keep the file and queue its import (`file.operation`). Raises `Invalid` for what cannot be a file of orders."""
    if not content:
        raise errors.Invalid("empty", "The file is empty.", param="file")
    if len(content) > MAX_FILE_BYTES:
        raise errors.Invalid("too_large", f"The file is larger than {MAX_FILE_BYTES // 1024 // 1024} MB.", param="file")
    if faulty not in ("skip", "refuse"):
        raise errors.Invalid("bad_faulty", "faulty is skip or refuse.", param="faulty")
    file = ImportFile(
        name=_printable(name)[:200] or "orders",
        content=content,
        sha256=hashlib.sha256(content).hexdigest(),
        merchant=placing.merchants_for([merchant])[merchant] if merchant else None,
        day_on=day_on,
        mapping=checked_mapping(mapping or {}),
        faulty=faulty,
    )
    who = [by.kind, str(by.id) if by.id else None, by.label]
    file.operation = operations.start(kind=IMPORT, params={"import": str(file.id), "by": who}, by=by, at=at)
    file.save(force_insert=True)
    return file


def checked_mapping(mapping: Mapping[str, str]) -> dict[str, str]:
    """{header: field}, "" for a column to ignore. Raises `Invalid` ("bad_mapping") for a field that does not exist."""
    if len(mapping) > MAX_COLUMNS:
        raise errors.Invalid("bad_mapping", f"A file has at most {MAX_COLUMNS} columns.", param="mapping")
    for header, field in mapping.items():
        if not isinstance(header, str) or not isinstance(field, str) or len(header) > _HEADER_CHARS or "\0" in header:
            raise errors.Invalid("bad_mapping", "A mapping is {column: field}, both of them text.", param="mapping")
        if field and field not in FIELDS:
            raise errors.Invalid("bad_mapping", f"There is no field named {field[:80]}.", param="mapping")
    return dict(mapping)


def remember_mapping(headers: Sequence[str], mapping: Mapping[str, str], *, by: Actor, at: datetime) -> None:
    """Keep a mapping for the next file with the same headers."""
    ColumnMapping.objects.update_or_create(
        signature=signature(headers), tenant_id=tenancy.current(), defaults={"mapping": dict(mapping), "used_at": at}
    )


def remembered_mapping(headers: Sequence[str]) -> dict[str, str]:
    """The mapping last used for these headers, in any order; {} if there is none."""
    row = ColumnMapping.objects.filter(signature=signature(headers)).first()
    return dict(row.mapping) if row else {}


def _printable(name: str) -> str:
    return "".join(letter for letter in name.replace("\\", "/").rsplit("/", 1)[-1] if letter.isprintable()).strip()
