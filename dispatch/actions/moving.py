"""Moving one stop by hand: an edit of one stop, for callers that know only this stop."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.actor import Actor
from dispatch import consequences
from dispatch.actions import edits
from dispatch.models import Stop

ConsequenceRow = consequences.ConsequenceRow


@dataclass(frozen=True, slots=True)
class Move:
    """Where a stop is to go: onto the route of a shift after `position` others, or off its route.

    `not_before`, on the day itself, is the earliest time at which a van can still leave.
    """

    stop: Stop
    shift_id: UUID | None
    position: int
    not_before: datetime | None = None


def move_stop(
    move: Move, *, dry_run: bool, despite_locks: bool = False, by: Actor, at: datetime
) -> consequences.ConsequenceRow:
    """Look at the move, and make it unless it is only a look or breaks a hard rule."""
    change = edits.Change(move.stop.id, move.shift_id, move.position)
    done = edits.edit(
        move.stop.plan,
        [change],
        dry_run=dry_run,
        despite_locks=despite_locks,
        not_before=move.not_before,
        kind="move" if by.kind in ("member", "key") else "automatic",
        by=by,
        at=at,
    )
    return done.row
