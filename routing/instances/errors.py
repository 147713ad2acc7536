"""What a file that is no instance raises."""

from __future__ import annotations


class InstanceError(ValueError):
    """The file cannot be used. `code` is stable, the text is one sentence that says where and what."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
