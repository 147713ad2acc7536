"""Sign-in state for templates: the caller's organization and what they may do."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest


def caller(request: HttpRequest) -> dict[str, Any]:
    """Template context: `caller` on pages behind a `PageDoor`, None elsewhere."""
    return {"caller": getattr(request, "caller", None)}
