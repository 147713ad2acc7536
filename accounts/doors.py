"""The base classes of every door. A door names its permission per method; one without a permission does not start.

An answer is made inside the caller's tenant scope, which is one transaction: an error rolls all of it back.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import ExitStack
from typing import Any, ClassVar
from urllib.parse import quote

from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import DataError, IntegrityError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views import View
from rest_framework import exceptions, status
from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import callers, keys, permissions, speaking
from accounts.models import Organization
from core import errors, logs, tenancy
from core.models import IdempotencyKey
from core.words import say

METHODS = ("get", "post", "put", "patch", "delete")


def _check(cls: type, held: dict[str, str]) -> None:
    for method in METHODS:
        if method in cls.__dict__ and held.get(method.upper()) not in permissions.ALL:
            raise TypeError(f"{cls.__module__}.{cls.__name__}.{method} is a door without a permission.")


class ApiDoor(APIView):
    """A JSON door: a bearer key or a session says who calls; `permissions` says who may."""

    permissions: ClassVar[dict[str, str]] = {}
    authentication_classes = []
    permission_classes = []
    caller: callers.Caller

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        _check(cls, cls.permissions)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.args, self.kwargs = args, kwargs
        drf_request = self.initialize_request(request, *args, **kwargs)
        self.request, self.headers = drf_request, self.default_response_headers
        try:
            # An error leaves the scope as an exception, so that its transaction rolls back before it is answered.
            response = self._answer(drf_request, *args, **kwargs)
        except Exception as error:
            response = self.handle_exception(error)
        self.response = self.finalize_response(drf_request, response, *args, **kwargs)
        return self.response

    def _answer(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        self.format_kwarg = self.get_format_suffix(**kwargs)
        negotiated = self.perform_content_negotiation(request)
        request.accepted_renderer, request.accepted_media_type = negotiated
        method = (request.method or "").lower()
        handler = getattr(self, method, None) if method in METHODS else None
        if method == "options":
            return Response({"methods": sorted(self.permissions)})
        if handler is None:
            raise exceptions.MethodNotAllowed(request.method or "")
        needed = self.permissions[method.upper()]
        if needed == permissions.PUBLIC:
            response: Response = handler(request, *args, **kwargs)
            return response
        with ExitStack() as stack:
            caller = self._enter(request, stack)
            by_key = "Authorization" in request.headers
            speaking.speak(caller, request.headers.get("Accept-Language", "") if by_key else "")
            if not caller.may(needed):
                told = say("Your role ({role}) does not include {permission}.", role=caller.role, permission=needed)
                raise errors.Forbidden("forbidden", told)
            self.caller = caller
            stack.callback(logs.actor_label.reset, logs.actor_label.set(f"{caller.actor.kind}:{caller.actor.id}"))
            key = request.headers.get("Idempotency-Key")
            if key and method != "get":
                return self._once(request, key, lambda: handler(request, *args, **kwargs))
            answer: Response = handler(request, *args, **kwargs)
            return answer

    def _enter(self, request: Request, stack: ExitStack) -> callers.Caller:
        header = request.headers.get("Authorization", "")
        if header:
            scheme, _, text = header.partition(" ")
            tenant_id = keys.tenant_of(text.strip()) if scheme.lower() == "bearer" else None
            organization = Organization.objects.filter(id=tenant_id, active=True).first() if tenant_id else None
            if organization is not None:
                stack.enter_context(tenancy.scope(organization.id))
                key = keys.find(text.strip(), on=timezone.now().date())
                caller = callers.of_key(organization, key) if key else None
                if caller is not None:
                    return caller
            raise exceptions.NotAuthenticated(say("This key is not valid."))
        session = _SessionCheck().authenticate(request)
        member = callers.enter(request._request, stack) if session else None
        if member is None:
            raise exceptions.NotAuthenticated(say("Sign in, or send a key: Authorization: Bearer <key>."))
        return member

    def _once(self, request: Request, key: str, work: Any) -> Response:
        """The same key again gets the first answer; the row is written in the work's own transaction."""
        if len(key) > 255:
            raise errors.Invalid("bad_idempotency_key", say("An Idempotency-Key has at most 255 characters."))
        body = request._request.body if not request.FILES else b""
        fingerprint = hashlib.sha256(f"{request.method} {request.path}\n".encode() + body).hexdigest()
        row, new = IdempotencyKey.objects.get_or_create(
            tenant_id=tenancy.current(),
            caller=self.caller.idempotency_name,
            key=key,
            defaults={"fingerprint": fingerprint},
        )
        if not new:
            if row.fingerprint != fingerprint:
                told = say("This Idempotency-Key was used for another request.")
                raise errors.Refused("idempotency_key_reused", told)
            return Response(row.body, status=row.status or status.HTTP_200_OK, headers={"Idempotent-Replay": "true"})
        response: Response = work()
        row.status, row.body = response.status_code, json.loads(json.dumps(response.data, default=str))
        row.save(update_fields=["status", "body"])
        return response

    def handle_exception(self, exc: Exception) -> Response:
        problem = _problem(exc)
        if problem is None:
            raise exc
        code, body = problem
        response = Response(body, status=code)
        if code == 401:
            response["WWW-Authenticate"] = "Bearer"
        response.exception = True
        return response


class _SessionCheck(SessionAuthentication):
    """Django's session with the CSRF check on unsafe methods."""


def _problem(exc: Exception) -> tuple[int, dict[str, Any]] | None:
    """The answer to an error: `{code, message, param, docs_url}` and its status; None for what is our own fault."""
    if isinstance(exc, errors.Refused):
        return exc.status, _body(exc.code, exc.message, exc.param, exc.details)
    if isinstance(exc, exceptions.ValidationError):
        param, message = _first(exc.detail)
        return 400, _body("invalid", f"{param}: {message}" if param else message, param, exc.detail)
    if isinstance(exc, exceptions.APIException):
        detail = exc.detail if isinstance(exc.detail, str) else str(exc.detail)
        return exc.status_code, _body(exc.default_code, detail, None)
    if isinstance(exc, Http404):
        return 404, _body("not_found", say("There is no such thing here."), None)
    if isinstance(exc, RequestDataTooBig):
        return 413, _body("too_large", say("The request is larger than is taken here."), None)
    if isinstance(exc, (SuspiciousOperation, DataError, RecursionError, UnicodeError, OverflowError)):
        return 400, _body("invalid", say("The request holds a value that cannot be stored."), None)
    if isinstance(exc, IntegrityError):
        return 409, _body("conflict", say("This conflicts with what is already stored."), None)
    return None


def _body(code: str, message: str, param: str | None, details: object = None) -> dict[str, Any]:
    body: dict[str, Any] = {"code": code, "message": message, "param": param, "docs_url": f"/api/v1/docs/#{code}"}
    if details is not None:
        body["details"] = details
    return body


def _first(detail: Any, path: str = "") -> tuple[str | None, str]:
    if isinstance(detail, dict) and detail:
        key, value = next(iter(detail.items()))
        return _first(value, path if key == "non_field_errors" else f"{path}.{key}".strip("."))
    if isinstance(detail, list) and detail:
        for index, value in enumerate(detail):
            if isinstance(value, dict):
                if value:
                    return _first(value, f"{path}[{index}]")
            elif value:
                return _first(value, path)
    return path or None, str(detail)


class PageDoor(View):
    """An HTML door for a signed-in member; strangers are sent to sign in."""

    permissions: ClassVar[dict[str, str]] = {}
    caller: callers.Caller

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        _check(cls, cls.permissions)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        method = (request.method or "").lower()
        handler = getattr(self, "get" if method == "head" else method, None)
        if method == "options" or handler is None or (method not in METHODS and method != "head"):
            return self.http_method_not_allowed(request)
        needed = self.permissions["GET" if method == "head" else method.upper()]
        if needed == permissions.PUBLIC:
            return self._shown(request, handler, *args, **kwargs)
        try:
            with ExitStack() as stack:
                caller = callers.enter(request, stack)
                if caller is None:
                    return self._turned_away(request)
                speaking.speak(caller)
                if not caller.may(needed):
                    raise errors.Forbidden("forbidden", say("Your role does not include this page."))
                self.caller = caller
                request.caller = caller  # type: ignore[attr-defined]
                response: HttpResponseBase = handler(request, *args, **kwargs)
                # Templates read rows: they are rendered while the scope is open.
                if hasattr(response, "render") and not getattr(response, "is_rendered", True):
                    response = response.render()
                return response
        except (errors.Refused, Http404) as problem:
            return self.refused(request, problem)

    def _turned_away(self, request: HttpRequest) -> HttpResponseBase:
        """A stranger signs in first; a person without an organization is told so."""
        if isinstance(request.user, AnonymousUser):
            return HttpResponseRedirect(f"/sign-in/?next={quote(request.get_full_path())}")
        speaking.speak_to_visitor(request)
        return render(request, "accounts/no_organization.html", status=403)

    def _shown(self, request: HttpRequest, handler: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        speaking.speak_to_visitor(request)
        try:
            response: HttpResponseBase = handler(request, *args, **kwargs)
            return response
        except (errors.Refused, Http404) as problem:
            return self.refused(request, problem)

    def refused(self, request: HttpRequest, problem: Exception) -> HttpResponseBase:
        """A page that says in a sentence what is wrong; a form door overrides this to keep what was typed."""
        code, body = _problem(problem) or (500, {"message": ""})
        if request.headers.get("HX-Request"):
            return HttpResponse(body["message"], status=code, content_type="text/plain; charset=utf-8")
        return render(request, "refused.html", {"status": code, "message": body["message"]}, status=code)

    def say(self, text: str) -> None:
        """Show a sentence on the next page."""
        messages.success(self.request, text)
