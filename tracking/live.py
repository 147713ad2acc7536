"""Live rows on their way to the boards: published after commit of what they tell, in batches.

A lost message costs nothing but time: a board that notices a gap, or comes back, fetches its snapshot again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction

from core import wake

PREFIX = "live."


def channel(tenant_id: UUID | str) -> str:
    """The Redis channel of one organization's boards."""
    return f"{PREFIX}{tenant_id}"


def publish(
    tenant_id: UUID,
    rows: Mapping[str, Iterable[Mapping[str, Any]]],
    *,
    at_once: bool = False,
    committed: bool = False,
) -> None:
    """Send rows, by kind, to the organization's boards once the running transaction has been committed; now, if what
    they tell of was `committed` before it began.

    What somebody has done goes `at_once`; what keeps coming by itself (positions, arrival times) is collected on its
    way for a fifth of a second.
    """
    full = {kind: list(some) for kind, some in rows.items()}
    full = {kind: some for kind, some in full.items() if some}
    if not full:
        return
    text = message(full, at_once=at_once)
    if committed:
        wake.publish(channel(tenant_id), text)
    else:
        transaction.on_commit(lambda: wake.publish(channel(tenant_id), text) and None)


def message(rows: Mapping[str, Sequence[Mapping[str, Any]]], *, at_once: bool = False) -> str:
    """Rows by kind as the hubs read them."""
    return json.dumps({"at_once": at_once, "rows": rows}, separators=(",", ":"), default=str, allow_nan=False)


def gone(subject_id: UUID | str, version: int) -> dict[str, Any]:
    """The row of something that is no longer there."""
    return {"id": str(subject_id), "version": version, "gone": True}
