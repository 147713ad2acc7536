"""Files of orders are handed in here; the job reads them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from core import errors, operations, tenancy
from core.actor import Actor
from core.words import say
from orders.actions import placing
from orders.importing.columns import signature
from orders.importing.fields import FIELDS
from orders.importing.table import MAX_COLUMNS, MAX_FILE_BYTES
from orders.models import ColumnMapping, ImportFile, Merchant

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
        raise errors.Invalid("empty", say("The file is empty."), param="file")
    if len(content) > MAX_FILE_BYTES:
        raise errors.Invalid(
            "too_large",
            say("The file is larger than {max_file_bytes} MB.", max_file_bytes=MAX_FILE_BYTES // 1024 // 1024),
            param="file",
        )
    if faulty not in ("skip", "refuse", "hold"):
        raise errors.Invalid("bad_faulty", say("faulty is skip, refuse or hold."), param="faulty")
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
        raise errors.Invalid(
            "bad_mapping", say("A file has at most {max_columns} columns.", max_columns=MAX_COLUMNS), param="mapping"
        )
    for header, field in mapping.items():
        if not isinstance(header, str) or not isinstance(field, str) or len(header) > _HEADER_CHARS or "\0" in header:
            raise errors.Invalid(
                "bad_mapping", say("A mapping is {column: field}, both of them text."), param="mapping"
            )
        if field and field not in FIELDS:
            raise errors.Invalid(
                "bad_mapping", say("There is no field named {field}.", field=field[:80]), param="mapping"
            )
    return dict(mapping)


def remember_mapping(
    headers: Sequence[str], mapping: Mapping[str, str], *, merchant: Merchant | None = None, by: Actor, at: datetime
) -> None:
    """Keep a mapping for the merchant's next file with the same headers (without a merchant: for anybody's)."""
    ColumnMapping.objects.update_or_create(
        merchant=merchant,
        signature=signature(headers),
        tenant_id=tenancy.current(),
        defaults={"mapping": dict(mapping), "used_at": at},
    )


def remembered_mapping(headers: Sequence[str], merchant: Merchant | None = None) -> dict[str, str]:
    """{header: field} as last used: for this merchant's files with these headers (in any order), else for its latest
    file with other headers, as far as they are the same, else for anybody's files with these headers."""
    fingerprint = signature(headers)
    found: dict[str, str] = {}
    anybody = ColumnMapping.objects.filter(merchant=None, signature=fingerprint).first()
    if anybody is not None:
        found.update(anybody.mapping)
    if merchant is not None:
        own = ColumnMapping.objects.filter(merchant=merchant)
        row = own.filter(signature=fingerprint).first() or own.order_by("-used_at").first()
        if row is not None:
            found.update(row.mapping)
    return found


def storable(text: str) -> str:
    """PostgreSQL's JSON takes neither NUL nor half a surrogate pair."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def _printable(name: str) -> str:
    return "".join(letter for letter in name.replace("\\", "/").rsplit("/", 1)[-1] if letter.isprintable()).strip()
