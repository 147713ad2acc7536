"""The languages that dispatchers' pages speak."""

from __future__ import annotations

from django.conf import settings
from django.utils import translation
from django.utils.translation.trans_real import parse_accept_lang_header

NAMES: list[tuple[str, str]] = list(settings.LANGUAGES)
"""Code and own name of every language."""

CODES: tuple[str, ...] = tuple(code for code, _ in NAMES)
TAGS = {"en": "en-GB"}
"""Which of a language's ways to write days and numbers is meant, where the language alone does not say."""


def tag(code: str | None = None) -> str:
    """The BCP 47 tag of a language, of the one spoken now when none is named."""
    code = code or current()
    return TAGS.get(code, code)


def current() -> str:
    """The code of the language spoken now."""
    code = (translation.get_language() or settings.LANGUAGE_CODE).partition("-")[0]
    return code if code in CODES else settings.LANGUAGE_CODE


def asked_for(header: str) -> str:
    """The first language of an `Accept-Language` header that is spoken here; empty when there is none."""
    for wanted, _ in parse_accept_lang_header(header):
        if wanted == "*":
            break
        code = wanted.partition("-")[0]
        if code in CODES:
            return code
    return ""
