"""Sign-in, sign-out, the choice of organization, its settings, and one's own language."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth import views
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from accounts import actions, callers, doors, languages, objectives, permissions, speaking
from accounts.models import User
from core import clock, errors
from core.words import say

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


class Settings(doors.PageDoor):
    """How the organization plans: everybody who sees plans may look, owners and admins may change it."""

    permissions: ClassVar[dict[str, str]] = {"GET": permissions.PLAN_READ, "POST": permissions.SETTINGS_WRITE}

    def get(self, request: HttpRequest) -> HttpResponse:
        shown = {
            "wishes": objectives.WISHES,
            "may_change": self.caller.may(permissions.SETTINGS_WRITE),
            "languages": languages.NAMES,
        }
        return render(request, "accounts/settings.html", shown)

    def post(self, request: HttpRequest) -> HttpResponse:
        organization, by, at = self.caller.organization, self.caller.actor, clock.now()
        objective = request.POST.get("objective", "")
        actions.set_objective(organization, objective, by=by, at=at)
        units = {name: request.POST.get(name) for name in ("distance_unit", "clock")}
        actions.set_units(organization, **units, by=by, at=at)
        language = request.POST.get("language")
        if language is not None:
            actions.set_language(organization, language, by=by, at=at)
            speaking.speak(self.caller)
        title = say(objectives.title_of(objective))
        self.say(say("Saved. Plans aim at “{title}” from the next optimisation on.", title=title))
        return HttpResponseRedirect("/settings/")


class OwnLanguage(doors.PageDoor):
    """Everybody chooses the language of their own pages; empty is as the organization."""

    permissions: ClassVar[dict[str, str]] = {"POST": permissions.SIGNED_IN}

    def post(self, request: HttpRequest) -> HttpResponse:
        user = self.caller.user
        if user is None:
            raise errors.Missing("member")
        actions.set_own_language(user, request.POST.get("language", ""), by=self.caller.actor, at=clock.now())
        speaking.speak(self.caller)
        self.say(say("Saved. Your pages are in English from now on."))
        return HttpResponseRedirect("/settings/#language" if self.caller.may(permissions.PLAN_READ) else "/")
