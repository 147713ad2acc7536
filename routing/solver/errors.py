"""What a problem that contradicts itself raises."""

from __future__ import annotations


class ProblemError(ValueError):
    """The problem contradicts itself. `code` is stable, `subject` the id concerned, the text one sentence."""

    def __init__(self, code: str, message: str, subject: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.subject = subject
