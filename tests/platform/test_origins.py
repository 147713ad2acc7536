"""A socket opens for our own pages and for keys, and for no foreign page."""

from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from django.conf import LazySettings

from lastmile.origins import OriginGuard


async def accept(_scope: dict[str, Any], receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "websocket.accept"})


@pytest.mark.parametrize(
    ("headers", "opens"),
    [
        ({"origin": "https://dispatch.example.org", "cookie": "sessionid=1"}, True),
        ({"origin": "https://evil.example", "cookie": "sessionid=1"}, False),
        ({"origin": "https://evil.example", "authorization": "Bearer key"}, False),
        ({"cookie": "sessionid=1"}, False),
        ({"cookie": "sessionid=1", "authorization": "Bearer key"}, False),
        ({"authorization": "Bearer key"}, True),
        ({}, False),
    ],
)
async def test_who_may_open_a_socket(settings: LazySettings, headers: dict[str, str], opens: bool) -> None:
    settings.ALLOWED_HOSTS = ["dispatch.example.org"]
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "websocket", "path": "/ws/board/", "headers": raw}
    socket = ApplicationCommunicator(OriginGuard(accept), scope)
    await socket.send_input({"type": "websocket.connect"})
    answer = await socket.receive_output()
    assert (answer["type"] == "websocket.accept") is opens
    await socket.wait()
