"""Pages of the roof itself."""

from __future__ import annotations

from typing import ClassVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import defaults

from accounts import doors, permissions, speaking


class Design(doors.PageDoor):
    """Every token and every component of the design system on one page, in light and dark."""

    permissions: ClassVar[dict[str, str]] = {"GET": permissions.SIGNED_IN}

    def get(self, request: HttpRequest) -> HttpResponse:
        return render(request, "design.html")


def missing(request: HttpRequest, exception: Exception) -> HttpResponse:
    """An address that does not exist, in the language of whoever is signed in."""
    speaking.speak_to_visitor(request)
    return defaults.page_not_found(request, exception)
