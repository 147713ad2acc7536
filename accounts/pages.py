"""Sign-in, sign-out and the choice of organization."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth import views
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from accounts import callers, doors, permissions
from accounts.models import User
from core import errors

START = {"driver": "/drive/"}


class SignIn(views.LoginView):
    """E-mail and password; ten wrong tries close the door for a while (axes)."""

    template_name = "accounts/sign_in.html"
    redirect_authenticated_user = True


class SignOut(views.LogoutView):
    pass


class Home(doors.PageDoor):
    """`/`: where the caller's work begins."""

    permissions: ClassVar[dict[str, str]] = {"GET": permissions.PUBLIC}

    def get(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return HttpResponseRedirect("/sign-in/")
        own = callers.memberships_of(request.user) if isinstance(request.user, User) else []
        chosen = request.session.get(callers.SESSION_KEY)
        if not own:
            if request.user.is_staff:
                return HttpResponseRedirect("/admin/")
            return render(request, "accounts/no_organization.html", status=403)
        if len(own) > 1 and chosen not in {str(organization.id) for _, organization in own}:
            return HttpResponseRedirect("/organizations/")
        membership = next((one for one, organization in own if str(organization.id) == chosen), own[0][0])
        return HttpResponseRedirect(START.get(membership.role, "/board/"))


class Organizations(doors.PageDoor):
    """Choose which organization to work in: a person's own page, outside any tenant's scope."""

    permissions: ClassVar[dict[str, str]] = {"GET": permissions.PUBLIC, "POST": permissions.PUBLIC}

    def get(self, request: HttpRequest) -> HttpResponse:
        if not isinstance(request.user, User):
            return HttpResponseRedirect("/sign-in/?next=/organizations/")
        return render(
            request,
            "accounts/organizations.html",
            {
                "memberships": callers.memberships_of(request.user),
                "current_id": request.session.get(callers.SESSION_KEY),
            },
        )

    def post(self, request: HttpRequest) -> HttpResponse:
        if not isinstance(request.user, User):
            return HttpResponseRedirect("/sign-in/?next=/organizations/")
        wanted = request.POST.get("organization", "")
        if wanted not in {str(organization.id) for _, organization in callers.memberships_of(request.user)}:
            raise errors.Missing("organization")
        request.session[callers.SESSION_KEY] = wanted
        return HttpResponseRedirect("/")
