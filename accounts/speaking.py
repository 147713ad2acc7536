"""Which language a request is answered in.

A person's own choice comes first, then their organization's. Where nobody is known yet (sign-in) it is the browser's,
and an access key may ask for one by `Accept-Language`. Doors call `speak` as soon as they know who calls; nothing is
asked of the database for it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers

from accounts import callers, languages
from accounts.models import Organization
from core import words

ENGLISH_ONLY = ("/admin/", "/t/", "/drive/")
"""Pages of the platform's operator, of recipients and of drivers: they have no translations yet, and half-translated
dates in them would help nobody."""


def of_caller(caller: callers.Caller, header: str = "") -> str:
    """What a caller hears; `header` is the Accept-Language of a bearer key, and empty for a session."""
    own = caller.user.language if caller.user is not None else ""
    return own or languages.asked_for(header) or caller.organization.language


_known: dict[UUID, tuple[float, str]] = {}
REMEMBERED_S = 30.0


def in_house(tenant_id: UUID) -> AbstractContextManager[None]:
    """The organization's own language, inside; a change of it is heard of within half a minute."""
    now = time.monotonic()
    heard_at, code = _known.get(tenant_id, (0.0, ""))
    if not code or now - heard_at > REMEMBERED_S:
        found = Organization.objects.filter(id=tenant_id).values_list("language", flat=True).first()
        code = found or settings.LANGUAGE_CODE
        _known[tenant_id] = (now, code)
    return translation.override(code)


def forget(tenant_id: UUID) -> None:
    """The organization's language was changed by this process."""
    _known.pop(tenant_id, None)


def speak(caller: callers.Caller, header: str = "") -> None:
    """From here to the end of the request (`LanguageMiddleware`) the caller's language is spoken."""
    translation.activate(of_caller(caller, header))


def speak_to_visitor(request: HttpRequest) -> None:
    """On a page outside of any tenant's scope: the language of whoever is signed in, else the browser's."""
    user = request.user
    if isinstance(user, AnonymousUser) or _english_only(request):
        return
    code = getattr(user, "language", "")
    chosen = request.session.get(callers.SESSION_KEY) if not code else None
    if chosen:
        code = Organization.objects.filter(id=chosen, active=True).values_list("language", flat=True).first()
    if code:
        translation.activate(code)


def _english_only(request: HttpRequest) -> bool:
    return request.path_info.startswith(ENGLISH_ONLY)


class LanguageMiddleware:
    """Every request begins with the browser's language, until its door knows who calls; none outlives its request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        asked = "" if _english_only(request) else languages.asked_for(request.headers.get("Accept-Language", ""))
        asked = asked or settings.LANGUAGE_CODE
        heard = words.asked.set(True)
        try:
            with translation.override(asked):
                response = self.get_response(request)
                response.headers.setdefault("Content-Language", languages.tag())
        finally:
            words.asked.reset(heard)
        patch_vary_headers(response, ["Accept-Language"])
        return response
