"""The list of orders, and one order."""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import Resolver404, resolve
from django.utils.cache import patch_vary_headers

from core import clock, errors
from orders import actions, history, queries, states
from orders.api.orders import filters_of
from orders.models import Order
from orders.pages.door import READ, WRITE, OrdersPage

PAGE = 50


class List(OrdersPage):
    """`/orders/`: searched and narrowed by the address's own query, so that every view of it can be shared."""

    permissions: ClassVar[dict[str, str]] = READ

    def get(self, request: HttpRequest) -> HttpResponse:
        query = request.GET
        try:
            narrowed = filters_of(query)
        except errors.Invalid as problem:
            return self.show(request, "orders/list.html", {"problem": problem.message, "query": {}}, status=400)
        text = query.get("q", "")
        everywhere = queries.search(text, {**narrowed, "status": []})
        counts = queries.status_counts(everywhere)
        found, older, newer = _page(queries.search(text, narrowed), query.get("cursor", ""))
        kept = {name: query[name] for name in ("q", "delivery_on", "merchant", "status") if query.get(name)}
        context = {
            "orders": found,
            "total": sum(counts.values()),
            "query": kept,
            "nav": "orders",
            "chips": [
                _chip(status, count, kept)
                for status, count in counts.items()
                if count or status in narrowed.get("status", ())
            ],
            "all_link": _link({**kept, "status": ""}),
            "narrowed": bool(kept),
            "older": _link({**kept, "cursor": older}) if older else "",
            "newer": _link({**kept, "cursor": newer}) if newer else "",
            "merchants": queries.merchants().order_by("name")[:500],
        }
        part = request.headers.get("HX-Target") == "orders"
        answer = self.show(request, "orders/list_part.html" if part else "orders/list.html", context)
        patch_vary_headers(answer, ["HX-Target"])
        return answer


def _chip(status: str, count: int, kept: dict[str, str]) -> dict[str, Any]:
    on = kept.get("status") == status
    return {
        "status": status,
        "words": status.replace("_", " "),
        "count": count,
        "on": on,
        "link": _link({**kept, "status": "" if on else status}),
    }


def _link(query: dict[str, str]) -> str:
    return "?" + urlencode({name: value for name, value in query.items() if value})


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


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError as error:
        raise errors.Invalid("bad_cursor", "This page of the list does not exist: start from its beginning.") from error


class One(OrdersPage):
    """`/orders/<id>/`: everything known of one order."""

    permissions: ClassVar[dict[str, str]] = READ

    def get(self, request: HttpRequest, id: UUID) -> HttpResponse:
        return self.show(request, "orders/one.html", one_context(queries.order_of(id)))


def one_context(order: Order) -> dict[str, Any]:
    return {
        "order": order,
        "nav": "orders",
        "lines": history.lines(queries.order_history(order)),
        "editable": order.status in (*states.OPEN, "attempt_failed"),
        "cancellable": states.ORDER.allows(order.status, "cancelled"),
        "movable": order.status in states.OPEN,
        "attempts_link": _attempts_link(order),
        "others_here": Order.objects.filter(place_id=order.place_id).exclude(id=order.id).count(),
    }


def _attempts_link(order: Order) -> str:
    """Where the floor above shows the order's attempts, if it does."""
    link = f"/orders/{order.id}/attempts/"
    try:
        resolve(link)
    except Resolver404:
        return ""
    return link


class Cancel(OrdersPage):
    permissions: ClassVar[dict[str, str]] = WRITE

    def post(self, request: HttpRequest, id: UUID) -> HttpResponse:
        order = queries.order_of(id)
        reason = " ".join(request.POST.get("reason", "").replace("\0", "").split())[:300]
        actions.cancel_order(order, reason=reason, by=self.caller.actor, at=clock.now())
        self.say(f"{order.reference} is cancelled.")
        return HttpResponseRedirect(f"/orders/{order.id}/")
