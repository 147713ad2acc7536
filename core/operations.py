"""Operations: long-running work whose row is the truth.

A worker claims the row (a lease with a fencing token), works outside any transaction, renews its lease with its
progress, and stores its result in one transaction that checks the token again. A worker that dies lets its lease
run out; the sweep queues the row anew, and whoever had lost the lease cannot store anything any more.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from core import errors, journal, tenancy
from core.actor import SYSTEM, Actor
from core.models import Operation
from core.words import house_language, say

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=30)
MAX_TRIES = 3
WAKE_AGAIN = timedelta(seconds=20)

Runner = Callable[["Job"], None]
_runners: dict[str, Runner] = {}
_wake: list[Callable[[UUID, Operation], None]] = []
_watchers: list[Callable[[UUID, UUID], None]] = []


class LeaseLost(Exception):
    """Another worker has the operation now, or it was ended: stop, and store nothing."""


class Cancelled(Exception):
    """The operation was cancelled and there is nothing to keep."""


def register(kind: str, runner: Runner) -> None:
    """Say who runs operations of this kind (called by the roof)."""
    _runners[kind] = runner


def on_wake(send: Callable[[UUID, Operation], None]) -> None:
    """Say how a worker is woken (called by `core.tasks`)."""
    _wake[:] = [send]


def on_progress(tell: Callable[[UUID, UUID], None]) -> None:
    """Say who wants to know of progress as it happens (tenant id, operation id)."""
    _watchers[:] = [tell]


def start(*, kind: str, params: dict[str, Any], queue: str = "default", by: Actor, at: datetime) -> Operation:
    """A new queued operation; a worker is woken after commit."""
    operation = Operation(kind=kind, params=params, queue=queue, woken_at=timezone.now())
    journal.born([operation], "queued", by=by, at=at, data=lambda _: {"kind": kind})
    _wake_after_commit(operation)
    return operation


def request_cancel(operation: Operation, *, by: Actor, at: datetime) -> None:
    """Ask for an end: a queued operation ends now, a running one keeps what it has and ends soon."""
    if operation.status == "queued":
        operation.finished_at = timezone.now()
        journal.transition(operation, "cancelled", by=by, at=at, changes=["finished_at"])
    elif operation.status == "running":
        operation.cancel_requested = True
        journal.record(operation, "cancel_requested", by=by, at=at, changes=["cancel_requested"])
    else:
        raise errors.Conflict("already_ended", say("This operation has already {status}.", status=operation.status))


@dataclass
class Job:
    """What a runner holds: the claimed operation's tenant, parameters and lease."""

    tenant_id: UUID
    operation_id: UUID
    kind: str
    params: dict[str, Any]
    lease: int
    tries: int
    _done: bool = field(default=False)

    def scope(self) -> Any:
        return tenancy.scope(self.tenant_id)

    def progress(self, data: dict[str, Any]) -> bool:
        """Store progress and renew the lease. False when a cancel was asked for; `LeaseLost` when it is ours no
        more."""
        now = timezone.now()
        with self.scope():
            row = self.locked()
            row.progress = {**row.progress, **data}
            row.lease_until = now + LEASE
            journal.touch([row], ["progress", "lease_until"])
            asked = row.cancel_requested
        _tell(self.tenant_id, self.operation_id)
        return not asked

    def set_aside(self, seconds: float, params: dict[str, Any]) -> None:
        """Let go of the operation until `resume`, or until so many seconds are over; does not count as a try.

        It stays running, so that a cancel is remembered, and a sweep takes it up again should nobody resume it. Call it
        in the transaction that starts what it waits for; `params` are added to its own.
        """
        row = self.locked()
        row.params = {**row.params, **params}
        row.tries -= 1
        row.lease += 1
        row.lease_until = timezone.now() + timedelta(seconds=seconds)
        journal.touch([row], ["params", "tries", "lease", "lease_until"])
        self._done = True

    @contextmanager
    def finish(self, *, to: str = "succeeded", at: datetime | None = None) -> Iterator[dict[str, Any]]:
        """The one transaction in which the result is stored: fill the yielded dict. Raises `LeaseLost` when it is not
        ours."""
        with self.scope():
            row = self.locked()
            result: dict[str, Any] = {}
            yield result
            # The work inside may have journaled through its own copy of nothing of ours: the lock is held since above.
            row.result = result
            row.finished_at = timezone.now()
            row.lease_until = None
            journal.transition(
                row,
                to,
                by=SYSTEM,
                at=at or timezone.now(),
                changes=["result", "finished_at", "lease_until"],
                data={"kind": row.kind},
            )
        self._done = True

    def locked(self) -> Operation:
        """The row, locked; raises `LeaseLost` when it is ours no more. In a transaction of ours."""
        row: Operation = Operation.objects.select_for_update(of=("self",)).get(id=self.operation_id)
        if row.status != "running" or row.lease != self.lease:
            raise LeaseLost
        return row


def run(tenant_id: UUID, operation_id: UUID) -> None:
    """Claim the operation and run it; whatever goes wrong ends in the row with a sentence.

    All that it says is in the organization's language, also between its transactions: it is kept for all of its people.
    """
    job = _claim(tenant_id, operation_id)
    if job is None:
        return
    with house_language(tenant_id):
        _run(job)


def _run(job: Job) -> None:
    runner = _runners.get(job.kind)
    try:
        if runner is None:
            raise errors.Refused("unknown_kind", say("Nothing here runs operations of the kind {kind}.", kind=job.kind))
        runner(job)
        if not job._done:
            raise errors.Refused("no_result", say("The operation ended without a result."))
    except LeaseLost:
        log.warning("lease lost", extra={"operation": str(job.operation_id)})
    except Cancelled:
        _end(job, "cancelled", "")
    except errors.Refused as refused:
        _end(job, "failed", refused.message)
    except Exception:
        log.exception("operation failed", extra={"operation": str(job.operation_id), "kind": job.kind})
        _end(job, "failed", say("Something went wrong on our side. The operators have been told; nothing was changed."))


def _claim(tenant_id: UUID, operation_id: UUID) -> Job | None:
    now = timezone.now()
    with tenancy.scope(tenant_id):
        row = Operation.objects.select_for_update(of=("self",), skip_locked=True).filter(id=operation_id).first()
        if row is None or row.status != "queued":
            return None
        row.lease += 1
        row.tries += 1
        row.lease_until = now + LEASE
        row.started_at = row.started_at or now
        journal.transition(
            row,
            "running",
            by=SYSTEM,
            at=now,
            changes=["lease", "tries", "lease_until", "started_at"],
            data={"kind": row.kind},
        )
        return Job(tenant_id, row.id, row.kind, row.params, row.lease, row.tries)


def _end(job: Job, to: str, error: str) -> None:
    try:
        with job.scope():
            row = job.locked()
            row.error = error
            row.finished_at = timezone.now()
            row.lease_until = None
            journal.transition(
                row,
                to,
                by=SYSTEM,
                at=timezone.now(),
                reason=error,
                changes=["error", "finished_at", "lease_until"],
                data={"kind": row.kind},
            )
    except LeaseLost:
        log.warning("lease lost before the end", extra={"operation": str(job.operation_id)})


def resume(operation_id: UUID) -> None:
    """Queue an operation again that was set aside; nothing if it has ended or is queued already."""
    row = Operation.objects.select_for_update(of=("self",)).get(id=operation_id)
    if row.status != "running":
        return
    row.lease_until = None
    row.woken_at = now = timezone.now()
    changes = ["lease_until", "woken_at"]
    journal.transition(row, "queued", by=SYSTEM, at=now, reason="its parts are done", changes=changes)
    _wake_after_commit(row)


def show(tenant_id: UUID, operation_id: UUID, progress: dict[str, Any]) -> bool:
    """Show progress of an operation that others work on; False when it has ended or its end was asked for."""
    with tenancy.scope(tenant_id):
        row = Operation.objects.select_for_update(of=("self",)).get(id=operation_id)
        if row.status != "running" or row.cancel_requested:
            return False
        row.progress = {**row.progress, **progress}
        journal.touch([row], ["progress"])
    _tell(tenant_id, operation_id)
    return True


def sweep(tenant_id: UUID) -> int:
    """Queue again what a dead worker left, give up after `MAX_TRIES`, and wake workers for what waits. Returns how
    many."""
    now = timezone.now()
    touched = 0
    with tenancy.scope(tenant_id):
        lost = Operation.objects.select_for_update(of=("self",), skip_locked=True).filter(
            status="running", lease_until__lt=now
        )
        for row in lost:
            touched += 1
            if row.tries >= MAX_TRIES:
                row.error = say("The work was started {tries} times and its worker died each time.", tries=row.tries)
                row.finished_at = now
                journal.transition(
                    row,
                    "failed",
                    by=SYSTEM,
                    at=now,
                    reason=row.error,
                    changes=["error", "finished_at"],
                    data={"kind": row.kind},
                )
            else:
                row.woken_at = now
                journal.transition(
                    row,
                    "queued",
                    by=SYSTEM,
                    at=now,
                    reason="its worker died",
                    changes=["woken_at"],
                    data={"kind": row.kind},
                )
                _wake_after_commit(row)
        waiting = Operation.objects.filter(status="queued", woken_at__lt=now - WAKE_AGAIN)
        for row in waiting:
            touched += 1
            row.woken_at = now
            journal.touch([row], ["woken_at"])
            _wake_after_commit(row)
    return touched


def _wake_after_commit(operation: Operation) -> None:
    tenant_id = tenancy.current()
    for send in _wake:
        transaction.on_commit(lambda send=send: send(tenant_id, operation))  # type: ignore[misc]


def _tell(tenant_id: UUID, operation_id: UUID) -> None:
    for tell in _watchers:
        tell(tenant_id, operation_id)
