"""Errors with a sentence for the person who caused them. Doors turn them into answers; nothing else catches them."""

from __future__ import annotations

from core.vocabulary import word
from core.words import say


class Refused(Exception):
    """The request is understood and not possible. `code` is stable, `message` is for people, `param` names the
    field."""

    status = 422

    def __init__(self, code: str, message: str, *, param: str | None = None, details: object = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.param = param
        self.details = details


class Invalid(Refused):
    """The input itself is wrong."""

    status = 400


class Missing(Refused):
    """There is no such thing here (or it is somebody else's: the answer is the same)."""

    status = 404

    def __init__(self, what: str = "page") -> None:
        super().__init__("not_found", say("There is no such {what} here.", what=word(what)))


class Conflict(Refused):
    """Somebody else changed it meanwhile, or the move is not legal from its present state."""

    status = 409


class Forbidden(Refused):
    status = 403
