"""Which web sockets may open: those of our own pages, and those that bring no browser's authority with them.

A browser sends its cookies along with a socket that any page opens, and says in `Origin` whose page that was; so a
socket with cookies or an origin must come from an allowed host. A program that brings neither can only be let in by the
key it sends in `Authorization`, which no foreign page can make a browser send.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from channels.security.websocket import AllowedHostsOriginValidator

Application = Callable[[dict[str, Any], Any, Any], Awaitable[Any]]


class OriginGuard:
    """Wraps the sockets' router."""

    def __init__(self, application: Application) -> None:
        """Guard `application`."""
        self._open = application
        self._checked: Application = AllowedHostsOriginValidator(application)

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        """Let the socket through, or close it."""
        names = {name.lower() for name, _value in scope.get("headers", [])}
        by_key_alone = b"authorization" in names and not names & {b"origin", b"cookie"}
        return await (self._open if by_key_alone else self._checked)(scope, receive, send)
