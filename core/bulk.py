"""Many rows of one table in one statement: they go over as one JSON text and PostgreSQL takes it apart.

Django inserts rows that have an array column with one placeholder for each value (300,000 of them for ten thousand
orders), and updates many rows by one CASE branch for each; either takes longer than everything else together.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import date, datetime
from types import NoneType
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import connection, models, transaction

from core import tenancy

if TYPE_CHECKING:
    from core.models import TenantModel

#: From so many rows on it pays.
FEW_NEW, FEW_CHANGED = 50, 4
#: What JSON can carry; expressions, bytes and the like take Django's own way.
PLAIN = (str, int, float, bool, dict, list, tuple, UUID, datetime, date, NoneType)
_TEXT = re.compile(r"varchar(\(\d+\))?")


def insertable(rows: Sequence[models.Model]) -> bool:
    """Whether `insert_rows` pays for these rows, and can take them."""
    return len(rows) >= FEW_NEW and not _unfit(rows, [field.attname for field in rows[0]._meta.concrete_fields])


def updatable(rows: Sequence[models.Model], names: Sequence[str]) -> bool:
    """Whether `update_rows` pays for these fields of these rows, and can take them."""
    if len(rows) < FEW_CHANGED:
        return False
    return not _unfit(rows, [rows[0]._meta.get_field(name).attname for name in names])  # type: ignore[union-attr]


def _unfit(rows: Sequence[models.Model], names: Sequence[str]) -> bool:
    return any(not isinstance(getattr(row, name), PLAIN) for row in rows for name in names)


def insert_rows(rows: Sequence[TenantModel], *, at_once: int = 5000) -> None:
    """Insert new rows of one model into the open tenant. Raises IntegrityError and DataError as `bulk_create` does."""
    tenant_id = tenancy.current()
    for row in rows:
        row.stamp(tenant_id)
    fields: list[Any] = [field for field in rows[0]._meta.concrete_fields if not field.generated]
    columns = ", ".join(_quoted(field.column) for field in fields)
    statement = (
        f"insert into {_quoted(rows[0]._meta.db_table)} ({columns}) "  # noqa: S608 - names of our own tables
        f"select {columns} from json_to_recordset(%s) as given({_shape(fields)})"
    )
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        for start in range(0, len(rows), at_once):
            some = [
                {field.column: _plain(field.pre_save(row, add=True)) for field in fields}
                for row in rows[start : start + at_once]
            ]
            cursor.execute(statement, [json.dumps(some, ensure_ascii=False)])
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def update_rows(rows: Sequence[TenantModel], names: Sequence[str], *, at_once: int = 5000) -> int:
    """Write these fields of rows that exist. Returns how many rows were matched."""
    meta = rows[0]._meta
    fields: list[Any] = [meta.get_field(name) for name in names]
    settings = ", ".join(f"{_quoted(field.column)} = given.{_quoted(field.column)}" for field in fields)
    table = _quoted(meta.db_table)
    statement = (
        f"update {table} as held set {settings} "  # noqa: S608 - names of our own tables
        f"from json_to_recordset(%s) as given({_shape([meta.pk, *fields])}) "
        "where held.id = given.id and held.tenant_id = %s"
    )
    matched = 0
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        for start in range(0, len(rows), at_once):
            some = [
                {field.column: _plain(getattr(row, field.attname)) for field in (meta.pk, *fields)}
                for row in rows[start : start + at_once]
            ]
            cursor.execute(statement, [json.dumps(some, ensure_ascii=False), tenancy.current()])
            matched += cursor.rowcount
    return matched


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def _shape(fields: Sequence[Any]) -> str:
    """The columns of the JSON. Text, not varchar(n): read with a length, a value too long might be cut, not refused."""
    return ", ".join(f"{_quoted(field.column)} {_TEXT.sub('text', field.db_type(connection))}" for field in fields)


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return value
