"""Pages of the roof itself."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts import doors, permissions
from core import errors


class Components(doors.PageDoor):
    """Every component of the design system on one page, in development."""

    permissions: ClassVar[dict[str, str]] = {"GET": permissions.PUBLIC}

    def get(self, request: HttpRequest) -> HttpResponse:
        if not settings.DEVELOPMENT:
            raise errors.Missing("page")
        return render(request, "components.html")
