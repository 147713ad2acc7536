"""The platform's operator looks into an organization: one at a time, for an hour, with a reason, and every page is
noted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.models import OperatorVisit, Organization, User
from core import errors, tenancy

SESSION_KEY = "operator_visit"
LASTS = timedelta(hours=1)
MOST_PATHS = 2000


def open_visit(request: HttpRequest, organization: Organization, reason: str) -> OperatorVisit:
    """Begin a visit; a reason of at least ten letters is asked for."""
    reason = reason.strip()
    if len(reason) < 10 or "\x00" in reason:
        raise errors.Invalid("no_reason", "Say in a sentence why you look into this organization.", param="reason")
    assert isinstance(request.user, User)
    with tenancy.scope(organization.id):
        visit: OperatorVisit = OperatorVisit.objects.create(
            user=request.user, reason=reason[:300], until=timezone.now() + LASTS
        )
    request.session[SESSION_KEY] = {"tenant": str(organization.id), "visit": str(visit.id)}
    return visit


def close_visit(request: HttpRequest) -> None:
    request.session.pop(SESSION_KEY, None)


class VisitMiddleware:
    """Opens the visited organization's scope for pages under /admin/ and notes which page was opened."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        held = request.session.get(SESSION_KEY) if request.path.startswith("/admin/") else None
        if not held or not request.user.is_active or not getattr(request.user, "is_staff", False):
            return self.get_response(request)
        with tenancy.scope(UUID(held["tenant"])):
            visit = OperatorVisit.objects.filter(id=held["visit"], user=request.user, until__gt=timezone.now()).first()
            if visit is not None:
                visit.paths = [*visit.paths, request.get_full_path()[:300]][-MOST_PATHS:]
                visit.save(update_fields=["paths"])
                request.operator_visit = visit  # type: ignore[attr-defined]
                return self.get_response(request)
        close_visit(request)
        return self.get_response(request)


def visit_of(request: HttpRequest) -> dict[str, Any]:
    """Template context of the admin: the open visit, if there is one."""
    visit = getattr(request, "operator_visit", None)
    return {"operator_visit": visit, "visited": visit.tenant if visit else None}


def badge(request: HttpRequest) -> list[str] | None:
    """The admin's badge: whom the operator is visiting, and until when."""
    visit = getattr(request, "operator_visit", None)
    return [f"Visiting {visit.tenant.name} until {visit.until:%H:%M} UTC", "warning"] if visit else None
