"""Sign-in state for templates: the caller's organization and what they may do."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from accounts import languages


def caller(request: HttpRequest) -> dict[str, Any]:
    """Template context: `caller` on pages behind a `PageDoor`, None elsewhere."""
    return {"caller": getattr(request, "caller", None)}


def language(_request: HttpRequest) -> dict[str, Any]:
    """Template context: `language`, the code of the language spoken; `language_tag` of `<html lang>`; and `words`, the
    static file with the browser's sentences, empty for the language of the sources."""
    code = languages.current()
    return {
        "language": code,
        "language_tag": languages.tag(code),
        "words": "" if code == settings.LANGUAGE_CODE else f"words/{code}.js",
    }
