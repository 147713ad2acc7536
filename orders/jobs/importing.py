"""A file of orders becomes orders: read, understood, and stored in one transaction.

The reading room bounds what a hostile file may cost (bytes, cells, unpacked size) before it spends it, so it runs
here in the worker. Everything is stored in `Job.finish()`: a worker that dies leaves nothing behind, and the next one
starts over.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from core import clock, errors
from core.actor import SYSTEM, Actor
from core.operations import Cancelled, Job
from core.words import number, say, say_many
from orders import importing
from orders.actions import files, locating, receiving, staging
from orders.importing import marking
from orders.importing.drafts import Parsed
from orders.models import ImportFile, Order

FAULTS_KEPT = 1_000
_SAMPLES = 3
_SAMPLE_CHARS = 40
_NAMED = 5


def import_orders(job: Job) -> None:
    """The runner of `import_orders` operations; `params`: {"import": ImportFile id, "by": [kind, id, label]}."""
    with job.scope():
        file = ImportFile.objects.select_related("merchant").get(id=UUID(job.params["import"]))
    tell(job, {"stage": "reading"})
    try:
        table = importing.read_table(bytes(file.content), file.name)
        mapping = _mapped(file, table, job)
    except importing.FileRefused as refused:
        raise errors.Refused(refused.code, refused.message) from refused
    try:
        parsed = staging.judge(file, table, mapping, whole=True)
    except importing.FileRefused as refused:
        _stage(job, file, table, staging.unread(table, refused.message))
        raise errors.Refused(refused.code, refused.message) from refused
    marks = marking.mark(table, mapping, parsed)
    failed = len(parsed.faulty_lines())
    file.rows, file.failed = len(parsed.drafts) + failed, failed
    file.faults = [dataclasses.asdict(fault) for fault in parsed.faults[:FAULTS_KEPT]]
    file.notes = [*table.notes, *parsed.notes]
    tell(job, {"stage": "storing", "rows": file.rows, "failed": failed})
    if file.faulty != "hold" and failed and (file.faulty == "refuse" or not parsed.drafts):
        _stage(job, file, table, marks, ["rows", "failed", "faults", "notes"])
        raise errors.Refused("faulty_rows", _refusal(file, parsed))
    by, at = handed_in_by(job), clock.now()
    with job.finish() as result:
        imported: dict[str, tuple[Order, str]] = {}
        if file.faulty != "hold":
            receipt = receiving.receive_many(parsed.drafts, source="file", imported=file, by=by, at=at)
            count(file, receipt)
            imported = outcomes(receipt)
            locating.request_location(by=by, at=at)
        staging.stage(file, table, marks, imported)
        file.save(update_fields=_COUNTED)
        if file.mapping:
            files.remember_mapping(table.headers, mapping.remember(), merchant=file.merchant, by=by, at=at)
        result.update(summary(file))


_COUNTED = ["rows", "failed", "faults", "notes", "created", "updated", "unchanged", "kept", "headers", "habits"]


def count(file: ImportFile, receipt: receiving.Receipt) -> None:
    """Add what became of these drafts to the file's numbers."""
    file.created = (file.created or 0) + len(receipt.created)
    file.updated = (file.updated or 0) + len(receipt.updated)
    file.unchanged = (file.unchanged or 0) + len(receipt.unchanged)
    file.kept = (file.kept or 0) + len(receipt.kept)
    if receipt.kept:
        file.notes.append(_kept_note(receipt.kept))


def outcomes(receipt: receiving.Receipt) -> dict[str, tuple[Order, str]]:
    """{reference: (order, created | updated | unchanged | kept)}."""
    outcome = receipt.outcome_of()
    return {order.reference: (order, outcome[order.id]) for order in receipt.orders()}


def summary(file: ImportFile) -> dict[str, Any]:
    """What an operation on the file's rows answers."""
    names = ("rows", "created", "updated", "unchanged", "kept", "failed")
    return {"import": str(file.id), **{name: getattr(file, name) for name in names}}


def read(file: ImportFile) -> tuple[importing.Table, importing.Mapping, Parsed]:
    """The file read once more, for the list of its faulty rows when its grid is gone. Raises `FileRefused`."""
    table = importing.read_table(bytes(file.content), file.name)
    mapping = importing.propose(table.headers, files.remembered_mapping(table.headers, file.merchant))
    if file.mapping:
        mapping = mapping.override(file.mapping)
    return table, mapping, staging.judge(file, table, mapping, whole=True)


def _mapped(file: ImportFile, table: importing.Table, job: Job) -> importing.Mapping:
    """Which column is which field: remembered, proposed, or as chosen; kept on the file. Raises `FileRefused`."""
    with job.scope():
        remembered = files.remembered_mapping(table.headers, file.merchant)
    mapping = importing.propose(table.headers, remembered)
    try:
        if file.mapping:
            mapping = mapping.override(file.mapping)
    finally:
        file.columns = _columns(table, mapping)
        staging.learn(file, table, mapping)
        _keep(job, file, ["columns"])
    return mapping


def _stage(
    job: Job, file: ImportFile, table: importing.Table, marks: dict[int, marking.Mark], fields: Sequence[str] = ()
) -> None:
    """Lay the rows into the grid although none of them is imported, so that they can be mended there."""
    with job.scope():
        tell(job, {})
        staging.stage(file, table, marks)
        file.save(update_fields=[*fields, "headers", "habits"])


def _columns(table: importing.Table, mapping: importing.Mapping) -> list[dict[str, Any]]:
    """Each column with its field and some of its values, for the person who corrects the mapping."""
    out = []
    for column in mapping.columns:
        cells = (row.cells[column.index].strip() for row in table.rows[:50] if column.index < len(row.cells))
        samples = [" ".join(cell.split())[:_SAMPLE_CHARS] for cell in dict.fromkeys(cells) if cell][:_SAMPLES]
        out.append(
            {
                "header": column.header[:200],
                "field": column.field or "",
                "how": column.how,
                "samples": [files.storable(sample) for sample in samples],
            }
        )
    return out


def _keep(job: Job, file: ImportFile, fields: Sequence[str]) -> None:
    """Store what is known of the file before the end, if the operation is still ours."""
    with job.scope():
        tell(job, {})
        file.save(update_fields=list(fields))


def tell(job: Job, progress: dict[str, Any]) -> None:
    if not job.progress(progress):
        raise Cancelled


def handed_in_by(job: Job) -> Actor:
    kind, actor_id, label = job.params.get("by") or [SYSTEM.kind, None, SYSTEM.label]
    return Actor(kind, UUID(actor_id) if actor_id else None, label)


def _refusal(file: ImportFile, parsed: Parsed) -> str:
    first = parsed.faults[0].message
    if not parsed.drafts:
        return say(
            "None of the {rows} rows could be imported, so nothing was. The first reason: {first}",
            rows=number(file.rows or 0),
            first=first,
        )
    return say(
        "{failed} of {rows} rows are faulty, so nothing was imported, as chosen. The first: {first}",
        failed=number(file.failed or 0),
        rows=number(file.rows or 0),
        first=first,
    )


def _kept_note(kept: Sequence[Order]) -> str:
    named = ", ".join(order.reference for order in kept[:_NAMED])
    if len(kept) > _NAMED:
        named = say("{named} and {count} more", named=named, count=number(len(kept) - _NAMED))
    return say_many(
        "{count} order is already planned, underway or ended and was left as before: {named}.",
        "{count} orders are already planned, underway or ended and were left as before: {named}.",
        len(kept),
        named=named,
    )
