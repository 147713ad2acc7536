"""The list of orders: searched and narrowed by the address's own query, so that every view of it can be shared."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils import timezone
from django.utils.cache import patch_vary_headers

from accounts import paging
from core import clock, errors
from core.vocabulary import title
from core.words import number, say
from orders import columns, narrowing, queries, searching
from orders.actions import views
from orders.api.orders import filters_of
from orders.importing import safe_cell
from orders.models import PRIORITIES, DefaultView, Order, SavedView
from orders.pages.door import READ, OrdersPage

PAGE = 50
MOST_EXPORTED = 50_000
OWN = ("q", "status", "delivery_on", "from", "to", "merchant", "priority", "postcode", "columns")


def kept_query(query: QueryDict) -> dict[str, str]:
    """What of an address's query says which orders are shown, and how."""
    values = {name: str(query.get(name, "")) for name in (*OWN, *narrowing.FURTHER)}
    return {name: value for name, value in values.items() if value and "\0" not in value}


@dataclass
class Search:
    """The orders an address asks for: `everywhere` in any state, `rows` in the asked states."""

    kept: dict[str, str]
    words: searching.Words
    everywhere: QuerySet[Order]
    rows: QuerySet[Order]
    status: list[str]


def search(query: QueryDict) -> Search:
    """Raises `Invalid` with the filter that is wrong."""
    narrowed = filters_of(query)
    kept = kept_query(query)
    rows = queries.search("", {**narrowed, "status": []})
    first, last = (_day(kept.get(name, ""), name) for name in ("from", "to"))
    if first and last and first > last:
        raise errors.Invalid("ends_before_start", say("The span of days ends before it begins."), param="to")
    if first:
        rows = rows.filter(delivery_on__gte=first)
    if last:
        rows = rows.filter(delivery_on__lte=last)
    if priority := kept.get("priority"):
        if priority not in dict(PRIORITIES):
            raise errors.Invalid("bad_priority", say("The priority is normal, high or urgent."), param="priority")
        rows = rows.filter(priority=priority)
    if postcode := kept.get("postcode", "").strip()[:20]:
        rows = rows.filter(place__postcode__istartswith=postcode)
    for name, further in narrowing.FURTHER.items():
        if value := kept.get(name):
            rows = further.narrow(rows, value)
    rows, words = searching.find(rows, kept.get("q", ""))
    status = list(narrowed.get("status", []))
    return Search(kept, words, rows, rows.filter(status__in=status) if status else rows, status)


def _day(text: str, param: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise errors.Invalid("bad_day", say("A day is written YYYY-MM-DD."), param=param) from error


class List(OrdersPage):
    """`/orders/`."""

    permissions: ClassVar[dict[str, str]] = READ

    def get(self, request: HttpRequest) -> HttpResponse:
        if not request.GET and (opened := self._default()):
            return HttpResponseRedirect(f"/orders/?{opened.query}")
        try:
            asked = search(request.GET)
            found, older, newer = _page(asked.rows, request.GET.get("cursor", ""))
        except errors.Invalid as problem:
            return self.show(request, "orders/list.html", {"problem": problem.message, "query": {}}, status=400)
        part = request.headers.get("HX-Target") == "orders"
        context = self._context(asked, found, older, newer)
        answer = self.show(request, "orders/list_part.html" if part else "orders/list.html", context)
        patch_vary_headers(answer, ["HX-Target"])
        return answer

    def _default(self) -> SavedView | None:
        chosen = DefaultView.objects.filter(member_id=self.caller.membership_id).select_related("view").first()
        return chosen.view if chosen and chosen.view.query else None

    def _context(self, asked: Search, found: list[Order], older: str, newer: str) -> dict[str, Any]:
        kept = asked.kept
        counts = queries.status_counts(asked.everywhere)
        shown = columns.chosen(kept.get("columns", ""))
        with timezone.override(self.zone):
            table = columns.table(found, shown)
        saved = SavedView.objects.filter(Q(shared=True) | Q(member_id=self.caller.membership_id)).order_by("name")
        default = DefaultView.objects.filter(member_id=self.caller.membership_id).first()
        return {
            "table": table,
            "orders": found,
            "shown_columns": shown,
            "all_columns": columns.offered(),
            "total": sum(counts.values()),
            "query": kept,
            "corrected": [(word, ", ".join(near)) for word, near in asked.words.corrected.items()],
            "nav": "orders",
            "chips": [
                _chip(status, count, kept) for status, count in counts.items() if count or status in asked.status
            ],
            "all_link": _link({**kept, "status": ""}),
            "narrowed": bool({name for name in kept if name != "columns"}),
            "filters_open": bool({name for name in kept if name not in ("columns", "q", "status", "delivery_on")}),
            "older": _link({**kept, "cursor": older}) if older else "",
            "newer": _link({**kept, "cursor": newer}) if newer else "",
            "merchants": queries.merchants().order_by("name")[:500],
            "priorities": PRIORITIES,
            "further": [
                {"entry": entry, "choices": entry.choices(), "value": kept.get(name, "")}
                for name, entry in narrowing.FURTHER.items()
            ],
            "views": [_view(view, kept, default, self.caller.membership_id) for view in saved],
            "has_default": default is not None,
            "here": urlencode(kept),
            "export": _link(kept) if kept else "",
        }


def _view(view: SavedView, kept: dict[str, str], default: DefaultView | None, member: UUID | None) -> dict[str, Any]:
    return {
        "id": view.id,
        "name": view.name,
        "query": view.query,
        "on": dict(QueryDict(view.query).items()) == kept,
        "own": view.member_id == member,
        "shared": view.shared,
        "default": default is not None and default.view_id == view.id,
    }


def _chip(status: str, count: int, kept: dict[str, str]) -> dict[str, Any]:
    on = kept.get("status") == status
    return {
        "status": status,
        "words": title(status),
        "count": count,
        "on": on,
        "link": _link({**kept, "status": "" if on else status}),
    }


def _link(query: dict[str, str]) -> str:
    return "?" + (urlencode({name: value for name, value in query.items() if value}) or "all=1")


def _page(rows: Any, cursor: str) -> tuple[list[Order], str, str]:
    """One page, the latest first: its orders and the cursors of the older and the newer page ("" for none)."""
    forward = cursor.startswith("-")
    edge = _uuid(cursor.lstrip("-")) if cursor else None
    if edge is not None:
        rows = rows.filter(id__gt=edge) if forward else rows.filter(id__lt=edge)
    found = list(rows.order_by("id" if forward else "-id")[: PAGE + 1])
    more, found = len(found) > PAGE, found[:PAGE]
    if forward:
        found.reverse()
    older = str(found[-1].id) if found and (more or forward) else ""
    newer = f"-{found[0].id}" if found and ((more and forward) or (edge is not None and not forward)) else ""
    return found, older, newer


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise errors.Invalid(
            "bad_cursor", say("This page of the list does not exist: start from its beginning.")
        ) from error


class Export(OrdersPage):
    """`/orders/export.csv?…`: the orders of a view with its columns, safe for every spreadsheet program."""

    permissions: ClassVar[dict[str, str]] = READ

    def get(self, request: HttpRequest) -> HttpResponse:
        asked = search(request.GET)
        shown = columns.chosen(asked.kept.get("columns", ""))
        found = list(asked.rows.order_by("-id")[: MOST_EXPORTED + 1])
        if len(found) > MOST_EXPORTED:
            raise errors.Refused(
                "too_many_orders",
                say(
                    "A file holds at most {most_exported} orders; this view has more. Narrow it, by days for instance.",
                    most_exported=number(MOST_EXPORTED),
                ),
            )
        out = io.StringIO(newline="")
        writer = csv.writer(out, quoting=csv.QUOTE_ALL)
        writer.writerow([say(column.label) for column in shown])
        with timezone.override(self.zone):
            for row in columns.table(found, shown):
                writer.writerow([safe_cell(cell.text) for cell in row.cells])
        answer = HttpResponse(
            b"\xef\xbb\xbf" + out.getvalue().encode("utf-8", "replace"), content_type="text/csv; charset=utf-8"
        )
        answer["Content-Disposition"] = f'attachment; filename="orders-{self.today}.csv"'
        return answer


class Views(OrdersPage):
    """`/orders/views`: keep the search of the address under a name."""

    permissions: ClassVar[dict[str, str]] = {"POST": READ["GET"]}

    def post(self, request: HttpRequest) -> HttpResponse:
        kept = kept_query(QueryDict(request.POST.get("query", "")[: views.QUERY_CHARS]))
        shared = "shared" in request.POST and self.caller.may("orders.write")
        view = views.save_view(
            name=request.POST.get("name", ""),
            query=urlencode(kept),
            shared=shared,
            default="default" in request.POST,
            member=self._member(),
            by=self.caller.actor,
            at=clock.now(),
        )
        if shared:
            self.say(say("The view “{view}” is saved for everybody.", view=view.name))
        else:
            self.say(say("The view “{view}” is saved.", view=view.name))
        return HttpResponseRedirect(f"/orders/?{view.query or 'all=1'}")

    def _member(self) -> UUID:
        if self.caller.membership_id is None:
            raise errors.Forbidden("forbidden", say("Only members have views of their own."))
        return self.caller.membership_id


class ViewOne(Views):
    """`/orders/views/<id>`: delete it, or open the list with it (`do` = delete, default or undefault)."""

    permissions: ClassVar[dict[str, str]] = {"POST": READ["GET"]}

    def post(self, request: HttpRequest, id: UUID) -> HttpResponse:  # type: ignore[override]
        member, do, at = self._member(), request.POST.get("do", ""), clock.now()
        view = views.view_of(id, member)
        back = f"/orders/?{view.query or 'all=1'}"
        if do == "delete":
            if view.member_id != member:
                raise errors.Forbidden("forbidden", say("Only whoever saved a view may delete it."))
            views.delete_view(view, by=self.caller.actor, at=at)
            self.say(say("The view “{view}” is deleted.", view=view.name))
            back = "/orders/?all=1"
        elif do in ("default", "undefault"):
            views.open_with(view if do == "default" else None, member=member, by=self.caller.actor, at=at)
            self.say(
                say("Your list of orders opens with this view.")
                if do == "default"
                else say("Your list opens with all orders.")
            )
        else:
            raise errors.Invalid("bad_do", say("A view can be deleted or made the default."), param="do")
        return HttpResponseRedirect(back)


def ids_of(values: list[str], most: int) -> list[UUID]:
    """The chosen orders of a form. Raises `Invalid`."""
    if not values:
        raise errors.Invalid("nothing_chosen", say("Choose at least one order."))
    if len(values) > most:
        raise errors.Invalid("too_many", say("At most {most} orders are changed at once.", most=most))
    return [paging.uuid_of(value, "order") for value in values]
