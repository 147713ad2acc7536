"""The catcher: an inbox of what would have been sent, for development. In production there is no such page."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts import doors, permissions
from core import errors
from notifications import queries


class Catcher(doors.PageDoor):
    """The organization's messages, one of them open."""

    permissions: ClassVar[dict[str, str]] = {"GET": permissions.ORDERS_READ}

    def get(self, request: HttpRequest, id: UUID | None = None) -> HttpResponse:
        if not settings.DEVELOPMENT:
            raise errors.Missing()
        text = "".join(char for char in request.GET.get("q", "")[:100] if char.isprintable()).strip()
        rows = queries.latest(text)
        shown = queries.message_of(id) if id is not None else (rows[0] if rows else None)
        return render(request, "notifications/catcher.html", {
            "rows": rows, "shown": shown, "q": text, "nav": "catcher"})
