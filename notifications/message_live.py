"""Lines and threads on their way to the boards, as the same rows that the API answers with."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from core import tenancy
from notifications import message_queries
from notifications.models import ThreadMessage
from tracking import live


def show(rows: Iterable[ThreadMessage], *, threads: Iterable[UUID] = ()) -> None:
    """Publish these lines and their threads after the commit."""
    ids = [row.id for row in rows]
    lines = list(message_queries.lines().filter(id__in=ids).order_by("id"))
    named = {line.thread_id for line in lines} | set(threads)
    found = message_queries.threads().filter(id__in=named)
    live.publish(
        tenancy.current(),
        {"message": message_queries.message_rows(lines), "thread": message_queries.thread_rows(found)},
        at_once=True,
    )
