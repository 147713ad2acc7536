"""Statements that are asked hundreds of times a second: PostgreSQL parses and plans them once for each connection.

With row-level security in every table, planning takes five times as long as looking three rows up by their keys. The
rest of the house binds its values on this side (Django's way with psycopg), where nothing can be prepared.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg
from django.db import connection


def rows(statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """What the statement returns, in the open transaction; its text must not change from one call to the next. Raises
    Django's errors, as any other statement does."""
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        return cursor.execute(statement, values, prepare=True).fetchall()
