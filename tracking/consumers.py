"""The board's live socket: `ws/board/`.

It speaks first (`hello`), then sends rows (`tracking.hub`). Of the client it takes `{"type": "ping"}`, and
`{"type": "here", "day", "selected": [ids]}`, answered with everybody on that day's board (`tracking.presence`).
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer
from django.urls import path

from tracking import admission, hub, presence

FRAME_MOST = 4096
FRAMES_A_SECOND = 20
TOO_BIG, TOO_MANY = 1009, 1008


class BoardConsumer(AsyncWebsocketConsumer):
    """Rows of the organization that the session or the bearer key belongs to, for whoever may read plans."""

    channel_layer_alias = "none"  # the hub is the way, a layer would cost a task and a queue for each socket

    async def connect(self) -> None:
        self.socket: hub.Socket | None = None
        self.writer: asyncio.Task[None] | None = None
        self.page: presence.Page | None = None
        self.window_at, self.frames = 0.0, 0
        try:
            ticket = await admission.admit(self.scope)
        except admission.Turned as turned:
            # Accepted first: a socket that is refused outright never learns the code.
            await self.accept()
            await self.close(code=turned.code)
            return
        await self.accept()
        self.socket = hub.Socket(ticket, self._shut)
        self.page = presence.Page(ticket)
        self.writer = asyncio.create_task(self.socket.frames(self._say))
        await hub.of_this_loop().join(self.socket)

    async def disconnect(self, code: int) -> None:
        if self.writer is not None:
            self.writer.cancel()
            await asyncio.gather(self.writer, return_exceptions=True)
        if self.socket is not None:
            await hub.of_this_loop().leave(self.socket)
        if self.page is not None:
            await presence.left(self.page)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        size = len(bytes_data) if bytes_data is not None else len((text_data or "").encode())
        if size > FRAME_MOST:
            await self.close(code=TOO_BIG)
            return
        now = asyncio.get_running_loop().time()
        if now - self.window_at > 1:
            self.window_at, self.frames = now, 0
        self.frames += 1
        if self.frames > FRAMES_A_SECOND:
            await self.close(code=TOO_MANY)
            return
        try:
            message: Any = json.loads(text_data or "")
        except (ValueError, RecursionError):
            return
        if isinstance(message, dict) and message.get("type") == "ping":
            await self._say('{"type":"pong"}')
        elif isinstance(message, dict) and message.get("type") == "here":
            await self._here(message)

    async def _here(self, message: dict[str, Any]) -> None:
        said = presence.read(message)
        if said is None or self.page is None:
            return
        everybody = await presence.here(self.page, *said)
        answer = {"type": "present", "day": said[0], "you": self.page.id, "present": everybody}
        await self._say(json.dumps(answer, separators=(",", ":")))

    async def _say(self, text: str) -> None:
        await self.send(text_data=text)

    async def _shut(self, code: int) -> None:
        await self.close(code=code)


websocket_urlpatterns = [path("ws/board/", BoardConsumer.as_asgi())]
