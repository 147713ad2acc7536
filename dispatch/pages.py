"""The dispatcher's board: the page itself; its rows come from the API and the socket."""

from __future__ import annotations

from typing import ClassVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts import doors, permissions


class Board(doors.PageDoor):
    permissions: ClassVar[dict[str, str]] = {"GET": permissions.PLAN_READ}

    def get(self, request: HttpRequest) -> HttpResponse:
        return render(request, "dispatch/board.html", {"may_plan": self.caller.may(permissions.PLAN_WRITE)})
