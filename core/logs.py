"""Logging context: request, tenant and actor of every line; never an address, a phone number or a position."""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse

from core import tenancy

request_id: ContextVar[str] = ContextVar("request_id", default="-")
actor_label: ContextVar[str] = ContextVar("actor", default="-")


_LINK = re.compile(r"(/t/[^/\s]+/)[A-Za-z0-9_-]{16,}")


class Context(logging.Filter):
    """Adds `request_id`, `tenant` and `actor` to every record, and takes out the keys of recipients' links."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        if "/t/" in message:
            record.msg, record.args = _LINK.sub(r"\1…", message), ()
        record.request_id = request_id.get()
        record.tenant = str(tenancy.current_or_none() or "-")
        record.actor = actor_label.get()
        return True


class RequestIdMiddleware:
    """Gives each request an id, and says it in the answer so that a user can quote it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = request_id.set(secrets.token_hex(8))
        try:
            response = self.get_response(request)
            response["X-Request-Id"] = request_id.get()
            return response
        finally:
            request_id.reset(token)
