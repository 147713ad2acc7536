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
from zoneinfo import ZoneInfo

from accounts.models import Organization
from core import clock, errors
from core.actor import SYSTEM, Actor
from core.operations import Cancelled, Job
from orders import importing
from orders.actions import files, locating, receiving
from orders.importing.drafts import Defaults, Parsed
from orders.models import ImportFile, Order

FAULTS_KEPT = 1_000
_SAMPLES = 3
_SAMPLE_CHARS = 40
_NAMED = 5


def import_orders(job: Job) -> None:
    """The runner of `import_orders` operations; `params`: {"import": ImportFile id, "by": [kind, id, label]}."""
    with job.scope():
        file = ImportFile.objects.select_related("merchant").get(id=UUID(job.params["import"]))
    _tell(job, {"stage": "reading"})
    try:
        table, mapping, parsed = read(file, job)
    except importing.FileRefused as refused:
        raise errors.Refused(refused.code, refused.message) from refused
    failed = len(parsed.faulty_lines())
    file.rows, file.failed = len(parsed.drafts) + failed, failed
    file.faults = [dataclasses.asdict(fault) for fault in parsed.faults[:FAULTS_KEPT]]
    file.notes = [*table.notes, *parsed.notes]
    _tell(job, {"stage": "storing", "rows": file.rows, "failed": failed})
    if failed and (file.faulty == "refuse" or not parsed.drafts):
        _keep(job, file, ["rows", "failed", "faults", "notes"])
        raise errors.Refused("faulty_rows", _refusal(file, parsed))
    by, at = _handed_in_by(job), clock.now()
    with job.finish() as result:
        receipt = receiving.receive_many(parsed.drafts, source="file", imported=file, by=by, at=at)
        file.created, file.updated = len(receipt.created), len(receipt.updated)
        file.unchanged, file.kept = len(receipt.unchanged), len(receipt.kept)
        if receipt.kept:
            file.notes.append(_kept_note(receipt.kept))
        file.save(update_fields=["rows", "failed", "faults", "notes", "created", "updated", "unchanged", "kept"])
        if file.mapping:
            files.remember_mapping(table.headers, mapping.remember(), by=by, at=at)
        locating.request_location(by=by, at=at)
        result.update(
            {
                "import": str(file.id),
                "rows": file.rows,
                "created": file.created,
                "updated": file.updated,
                "unchanged": file.unchanged,
                "kept": file.kept,
                "failed": failed,
            }
        )


def read(file: ImportFile, job: Job | None = None) -> tuple[importing.Table, importing.Mapping, Parsed]:
    """The file's table, which column is which field, and what became of each row; keeps the columns on the file.

    Without a job the file is read again, for the list of its faulty rows. Raises `FileRefused`.
    """
    scoped = job.scope() if job else None
    table = importing.read_table(bytes(file.content), file.name)
    if scoped is None:
        remembered = files.remembered_mapping(table.headers)
        organization = Organization.objects.get(id=file.tenant_id)
    else:
        with scoped:
            remembered = files.remembered_mapping(table.headers)
            organization = Organization.objects.get(id=file.tenant_id)
    mapping = importing.propose(table.headers, remembered)
    try:
        if file.mapping:
            mapping = mapping.override(file.mapping)
    finally:
        if job is not None:
            file.columns = _columns(table, mapping)
            _keep(job, file, ["columns"])
    parsed = importing.parse(
        table,
        mapping,
        day=file.day_on,
        timezone=ZoneInfo(organization.timezone),
        defaults=Defaults(country=organization.country, merchant=file.merchant.name if file.merchant else ""),
    )
    return table, mapping, parsed


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
                "samples": [_storable(sample) for sample in samples],
            }
        )
    return out


def _storable(text: str) -> str:
    """PostgreSQL's JSON takes neither NUL nor half a surrogate pair."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def _keep(job: Job, file: ImportFile, fields: Sequence[str]) -> None:
    """Store what is known of the file before the end, if the operation is still ours."""
    with job.scope():
        _tell(job, {})
        file.save(update_fields=list(fields))


def _tell(job: Job, progress: dict[str, Any]) -> None:
    if not job.progress(progress):
        raise Cancelled


def _handed_in_by(job: Job) -> Actor:
    kind, actor_id, label = job.params.get("by") or [SYSTEM.kind, None, SYSTEM.label]
    return Actor(kind, UUID(actor_id) if actor_id else None, label)


def _refusal(file: ImportFile, parsed: Parsed) -> str:
    first = parsed.faults[0].message
    if not parsed.drafts:
        return f"None of the {file.rows:,} rows could be imported, so nothing was. The first reason: {first}"
    return f"{file.failed:,} of {file.rows:,} rows are faulty, so nothing was imported, as chosen. The first: {first}"


def _kept_note(kept: Sequence[Order]) -> str:
    named = ", ".join(order.reference for order in kept[:_NAMED])
    more = f" and {len(kept) - _NAMED:,} more" if len(kept) > _NAMED else ""
    return (
        f"{len(kept):,} {'order is' if len(kept) == 1 else 'orders are'} already planned, underway or ended and "
        f"{'was' if len(kept) == 1 else 'were'} left as before: {named}{more}."
    )
