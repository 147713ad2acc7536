"""The rows of a file in the grid as long work: checked again under other columns, and imported."""

from __future__ import annotations

from uuid import UUID

from core import clock, errors
from core.operations import Job
from orders import importing
from orders.actions import locating, receiving, staging
from orders.importing import marking
from orders.jobs import importing as job_of_file
from orders.models import ImportFile, ImportLine


def check_rows(job: Job) -> None:
    """The runner of `check_import_rows`: every row judged anew under the file's columns as they are now."""
    with job.scope():
        file = _file(job)
        lines = list(ImportLine.objects.filter(file=file).order_by("position"))
    job_of_file.tell(job, {"stage": "checking", "rows": len(lines)})
    table = staging.table_of(file, lines)
    mapping = staging.mapping_of(file)
    staging.learn(file, table, mapping)
    try:
        parsed = staging.judge(file, table, mapping, whole=True)
        marks = marking.mark(table, mapping, parsed)
        why = ""
    except importing.FileRefused as refused:
        marks, why = staging.unread(table, refused.message), refused.message
    with job.finish() as result:
        # Another person's edit cannot come between: cells are locked while this operation is under way.
        staging.store_marks(lines, marks)
        file.rows, file.failed = len(lines), sum(bool(mark.faults) for mark in marks.values())
        file.save(update_fields=["rows", "failed", "habits"])
        result.update({**job_of_file.summary(file), "refused": why})


def store_rows(job: Job) -> None:
    """The runner of `store_import_rows`: every sound row that is no order yet becomes one, or updates its own."""
    with job.scope():
        file = _file(job)
        lines = list(ImportLine.objects.filter(file=file, status="good").order_by("position"))
    job_of_file.tell(job, {"stage": "storing", "rows": len(lines)})
    table, mapping = staging.table_of(file, lines), staging.mapping_of(file)
    try:
        parsed = staging.judge(file, table, mapping, whole=False)
    except importing.FileRefused as refused:
        raise errors.Refused(refused.code, refused.message) from refused
    by, at = job_of_file.handed_in_by(job), clock.now()
    with job.finish() as result:
        before = (file.created or 0, file.updated or 0, file.unchanged or 0, file.kept or 0)
        receipt = receiving.receive_many(parsed.drafts, source="file", imported=file, by=by, at=at)
        job_of_file.count(file, receipt)
        staging.store_marks(lines, marking.mark(table, mapping, parsed), job_of_file.outcomes(receipt))
        file.failed = ImportLine.objects.filter(file=file, status="bad").count()
        file.save(update_fields=["failed", "created", "updated", "unchanged", "kept", "notes"])
        locating.request_location(by=by, at=at)
        now = (file.created or 0, file.updated or 0, file.unchanged or 0, file.kept or 0)
        new, updated, unchanged, kept = (after - earlier for after, earlier in zip(now, before, strict=True))
        result.update(
            {
                "import": str(file.id),
                "created": new,
                "updated": updated,
                "unchanged": unchanged,
                "kept": kept,
                "failed": file.failed,
            }
        )


def _file(job: Job) -> ImportFile:
    file: ImportFile = ImportFile.objects.select_related("merchant").defer("content").get(id=UUID(job.params["import"]))
    return file
