"""Files of orders: hand one in, watch it, mend it."""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import quote
from uuid import UUID

from django.db import transaction
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from accounts import permissions
from core import clock, errors
from core.words import say
from orders import actions, forms, importing, queries
from orders.api.bodies import day_of
from orders.api.imports import content_of, too_large
from orders.jobs import importing as job
from orders.models import ImportFile, ImportLine, Order
from orders.pages.door import READ, WRITE, OrdersPage

FAULTS_SHOWN = 200
ENDED = ("succeeded", "failed", "cancelled")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Import(OrdersPage):
    """`/orders/import/`."""

    permissions: ClassVar[dict[str, str]] = {"GET": permissions.ORDERS_READ, "POST": permissions.ORDERS_WRITE}

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._form(request, forms.ImportForm(initial={"day": self.today, "faulty": "skip"}))

    def post(self, request: HttpRequest) -> HttpResponse:
        too_large(request.headers.get("Content-Length"))
        form = forms.ImportForm(request.POST, request.FILES)
        if not form.is_valid():
            return self._form(request, form, status=400)
        values, at = form.cleaned_data, clock.now()
        try:
            with transaction.atomic():
                file = actions.hand_in_file(
                    name=values["file"].name,
                    content=content_of(values["file"]),
                    day_on=day_of(values["day"], None, self.caller.organization, at=at),
                    merchant=values["merchant"],
                    faulty=values["faulty"],
                    by=self.caller.actor,
                    at=at,
                )
        except errors.Refused as problem:
            form.add_error({"delivery_on": "day"}.get(problem.param or "", problem.param), problem.message)
            return self._form(request, form, status=problem.status)
        return HttpResponseRedirect(f"/orders/import/{file.id}/")

    def _form(self, request: HttpRequest, form: forms.ImportForm, *, status: int = 200) -> HttpResponse:
        return self.show(
            request,
            "orders/import.html",
            {
                "form": form,
                "merchants": self.merchant_names(),
                "latest": queries.latest_imports(),
                "nav": "import",
            },
            status=status,
        )


class ImportOne(OrdersPage):
    """`/orders/import/<id>/`: what becomes of the file; its live part is asked for every second until it has ended."""

    permissions: ClassVar[dict[str, str]] = READ

    def get(self, request: HttpRequest, id: UUID) -> HttpResponse:
        return self.show(request, "orders/import_one.html", file_context(queries.import_of(id)))


class Progress(OrdersPage):
    permissions: ClassVar[dict[str, str]] = READ

    def get(self, request: HttpRequest, id: UUID) -> HttpResponse:
        return self.show(request, "orders/import_state.html", file_context(queries.import_of(id)))


def file_context(file: ImportFile) -> dict[str, Any]:
    ended = file.operation.status in ENDED
    places = dict(Order.objects.filter(imported=file).order_by().values_list("status").annotate(Count("id")))
    received = places.get("received", 0)
    total = sum(places.values())
    return {
        "file": file,
        "operation": file.operation,
        "nav": "import",
        "ended": ended,
        "locating": ended and received > 0,
        "received": received,
        "orders": total,
        "attention": places.get("needs_attention", 0),
        "located_percent": 100 * (total - received) // total if total else 0,
        "faults": file.faults[:FAULTS_SHOWN],
        "faults_more": max(0, len(file.faults) - FAULTS_SHOWN),
        "notes": file.notes[:50],
        "notes_more": max(0, len(file.notes) - 50),
        "fields": [
            (name, say(field.label)[:1].upper() + say(field.label)[1:]) for name, field in importing.FIELDS.items()
        ],
    }


class FaultyRows(OrdersPage):
    """`…/faulty.csv` and `.xlsx`: the rows that are no order, as they stand in the grid, to mend and hand in again."""

    permissions: ClassVar[dict[str, str]] = READ

    def get(self, request: HttpRequest, id: UUID, kind: str) -> HttpResponse:
        file = queries.import_of(id)
        headers, delimiter, failed = _failed_rows(file)
        if kind == "xlsx":
            content, content_type = importing.failed_rows_xlsx(headers, failed), XLSX
        else:
            content, content_type = importing.failed_rows_csv(headers, failed, delimiter), "text/csv; charset=utf-8"
        name = file.name.rpartition(".")[0] or file.name
        answer = HttpResponse(content, content_type=content_type)
        answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}-faulty.{kind}"
        return answer


def _failed_rows(file: ImportFile) -> tuple[list[str], str, list[importing.FailedRow]]:
    """The headers, the delimiter and the faulty rows: from the grid, else from the file itself."""
    if file.headers:
        bad = ImportLine.objects.filter(file=file, status="bad").order_by("position")
        reasons = [
            importing.FailedRow(line.line, [fault["message"] for fault in line.faults], line.cells) for line in bad
        ]
        return file.headers, file.habits.get("delimiter", ","), reasons
    try:
        table, _, parsed = job.read(file)
    except importing.FileRefused as refused:
        raise errors.Refused(refused.code, refused.message) from refused
    return table.headers, table.delimiter, importing.failed_rows(table, parsed.faults)


class Again(OrdersPage):
    """The same bytes once more, with the columns as the user chose them; the choice is remembered."""

    permissions: ClassVar[dict[str, str]] = WRITE

    def post(self, request: HttpRequest, id: UUID) -> HttpResponse:
        file = queries.import_of(id)
        headers, fields = request.POST.getlist("header"), request.POST.getlist("field")
        if len(headers) != len(fields):
            raise errors.Invalid("bad_mapping", say("Each column has one field."))
        mapping = {header: field for header, field in zip(headers, fields, strict=True) if header}
        again = actions.hand_in_file(
            name=file.name,
            content=bytes(file.content),
            day_on=file.day_on,
            merchant=file.merchant.name if file.merchant else "",
            mapping=mapping,
            faulty=file.faulty,
            by=self.caller.actor,
            at=clock.now(),
        )
        return HttpResponseRedirect(f"/orders/import/{again.id}/")
