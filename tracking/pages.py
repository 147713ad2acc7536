"""The recipient's page. Looking at it changes nothing: link previews and mail scanners look too."""

from __future__ import annotations

from contextlib import suppress
from typing import ClassVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from redis import RedisError

from accounts import doors, permissions
from accounts.models import Organization
from core import clock, errors, tenancy
from tracking import links, maps, recipient, story
from tracking.actions import answering
from tracking.models import TrackingLink

MISSES_MOST = 10
MISSES_S = 60


class RecipientDoor(doors.PageDoor):
    """What both doors share: find the link, count misses, and keep the answer out of caches, indexes and referrers."""

    permissions: ClassVar[dict[str, str]] = {"GET": permissions.PUBLIC}
    link: TrackingLink
    """Set before `shown` is called, inside the tenant's scope."""

    def get(self, request: HttpRequest, slug: str, token: str) -> HttpResponse:
        return self.answered(request, slug, token)

    def answered(self, request: HttpRequest, slug: str, token: str) -> HttpResponse:
        response = self._found(request, slug, token)
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Cache-Control"] = "no-store"
        return response

    def _found(self, request: HttpRequest, slug: str, token: str) -> HttpResponse:
        if _misses(request) >= MISSES_MOST:
            answer = self.unknown(request, "Too many wrong links were tried from here. Wait a minute.", 429)
            answer["Retry-After"] = str(MISSES_S)
            return answer
        organization = Organization.objects.filter(slug=slug, active=True).first()
        now = clock.now()
        # Somebody else's organization and nobody's are looked up alike.
        with tenancy.scope(organization.id if organization else tenancy.NOBODY):
            link = links.find(token, at=now)
            if link is not None and organization is not None:
                self.link = link
                told = recipient.story_of(link.order, organization, at=now)
                return self.shown(request, organization, told, recipient.state_row(told, organization, at=now))
        _count_miss(request)
        return self.unknown(request, "This link is not valid, or no longer.", 404)

    def shown(
        self, request: HttpRequest, organization: Organization, told: story.Story, row: recipient.StateRow
    ) -> HttpResponse:
        raise NotImplementedError

    def unknown(self, request: HttpRequest, message: str, status: int) -> HttpResponse:
        raise NotImplementedError


# A link is the only key here: no cookie is asked for, so there is nothing that another site's page could misuse.
@method_decorator(csrf_exempt, name="dispatch")
class Page(RecipientDoor):
    """The page itself, complete without JavaScript. A POST with `answer` says whether the recipient will be there."""

    permissions: ClassVar[dict[str, str]] = {"GET": permissions.PUBLIC, "POST": permissions.PUBLIC}

    def post(self, request: HttpRequest, slug: str, token: str) -> HttpResponse:
        return self.answered(request, slug, token)

    def shown(
        self, request: HttpRequest, organization: Organization, told: story.Story, row: recipient.StateRow
    ) -> HttpResponse:
        if request.method != "POST":
            return self._page(request, organization, told, row)
        try:
            answering.answer(self.link.order, told, request.POST.get("answer", ""), at=clock.now())
        except errors.Refused as refused:
            # Nothing was written down: the page as it stands says what holds.
            return self._page(request, organization, told, row, fault=refused.message, status=refused.status)
        return HttpResponseRedirect(f"{request.path}#answer")

    def _page(
        self, request: HttpRequest, organization: Organization, told: story.Story, row: recipient.StateRow, *,
        fault: str = "", status: int = 200,
    ) -> HttpResponse:
        zone = ZoneInfo(organization.timezone)
        now = clock.now()
        span = told.eta or told.window
        map_row = maps.map_row()
        return render(request, "tracking/page.html", {
            "organization": organization, "story": told, "row": row, "fault": fault,
            "asked": self.link.order.confirmation_required,
            "steps": [(name, told.step is not None and number < told.step, told.step == number + 1)
                      for number, name in enumerate(story.STEPS)] if told.step is not None else [],
            "clock": story.clock_words(span, zone) if span else "",
            "day": story.day_words(span[0], now, zone) if span else "",
            "expected": told.eta is not None,
            "window_clock": story.clock_words(told.window, zone) if told.window else "",
            "window_day": story.day_words(told.window[0], now, zone) if told.window else "",
            "done_clock": f"{told.attempt.at.astimezone(zone):%H:%M}" if told.attempt else "",
            "done_day": story.day_words(told.attempt.at, now, zone) if told.attempt else "",
            # No request leaves for anybody else's server: only a map that lies here is drawn.
            "map": map_row if told.destination and not told.ended and (map_row["pmtiles_url"] or told.driver) else None,
        }, status=status)

    def unknown(self, request: HttpRequest, message: str, status: int) -> HttpResponse:
        return render(request, "tracking/unknown.html", {"message": message}, status=status)


class State(RecipientDoor):
    """What changes while one waits."""

    def shown(
        self, request: HttpRequest, organization: Organization, told: story.Story, row: recipient.StateRow
    ) -> HttpResponse:
        return JsonResponse(row)

    def unknown(self, request: HttpRequest, message: str, status: int) -> HttpResponse:
        return JsonResponse({"code": "not_found" if status == 404 else "too_many", "message": message}, status=status)


def _miss_key(request: HttpRequest) -> str:
    address = str(request.META.get("REMOTE_ADDR", ""))
    if settings.BEHIND_PROXY:
        # The last entry is the one that our own proxy wrote.
        address = str(request.META.get("HTTP_X_FORWARDED_FOR", address)).rsplit(",", 1)[-1].strip()
    return f"tracking-misses:{address[:64]}"


def _misses(request: HttpRequest) -> int:
    with suppress(RedisError, OSError):
        return int(cache.get(_miss_key(request), 0))
    return 0


def _count_miss(request: HttpRequest) -> None:
    key = _miss_key(request)
    # Without Redis nobody counts; 192 bits are not guessed either way.
    with suppress(RedisError, OSError, ValueError):
        cache.add(key, 0, MISSES_S)
        cache.incr(key)
