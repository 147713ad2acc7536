"""One subscriber for each web process: what comes through Redis is handed to the sockets of its organization.

Rows are collected for a fifth of a second (what somebody has done goes at once, with all that waits) and their text is
made once for all boards of an organization. Redis may go away at any time: the hub comes back by itself and changes
its epoch then, so that every board fetches anew.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import random
import secrets
from collections.abc import Awaitable, Callable
from weakref import WeakKeyDictionary

import redis.asyncio
from django.conf import settings
from redis.exceptions import RedisError

from tracking import admission, live, outbox

log = logging.getLogger(__name__)

TICK_S = 0.2
QUICK_S = 0.02
"""From one batch to the next, where something is to go at once."""
CHECK_S = 5.0
PING_S = 4.0
SILENT_S = 12.0
LONGEST_WAIT_S = 10.0
CONVERSATIONS = ("message", "thread")
"""Kinds of rows for those who may read messages only."""


class Socket:
    """One board's end of the hub: its pass, its outbox, and a bell that says that there is something in it."""

    def __init__(self, ticket: admission.Pass, close: Callable[[int], Awaitable[None]]) -> None:
        self.ticket = ticket
        self.close = close
        self.outbox = outbox.Outbox()
        self.greeting: str | None = None
        self.bell = asyncio.Event()

    def greet(self, epoch: str) -> None:
        self.greeting = self.outbox.restart(epoch)
        self.bell.set()

    def put(self, batch: outbox.Batch) -> None:
        self.outbox.put(batch)
        self.bell.set()

    async def frames(self, send: Callable[[str], Awaitable[None]]) -> None:
        """Send whatever there is, for ever; a slow board makes only itself wait."""
        while True:
            await self.bell.wait()
            self.bell.clear()
            if self.greeting is not None:
                text, self.greeting = self.greeting, None
                await send(text)
            while (frame := self.outbox.take()) is not None:
                await send(frame)


class Hub:
    """The sockets of this process by organization, and the three tasks that serve them while there are any."""

    def __init__(self) -> None:
        self.epoch = secrets.token_hex(8)
        self.rooms: dict[str, set[Socket]] = {}
        self.waiting: dict[str, outbox.Merge] = {}
        self.listening = asyncio.Event()
        self._hurry = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def join(self, socket: Socket) -> None:
        """From here on the socket gets every row published; it is greeted first."""
        self.rooms.setdefault(str(socket.ticket.tenant_id), set()).add(socket)
        if not self._tasks:
            self._tasks = [asyncio.create_task(work()) for work in (self._listen, self._tick, self._check)]
        try:
            await asyncio.wait_for(self.listening.wait(), 3)
        except TimeoutError:
            log.warning("live rows are not flowing: Redis is away")
        socket.greet(self.epoch)

    async def leave(self, socket: Socket) -> None:
        room = self.rooms.get(str(socket.ticket.tenant_id), set())
        room.discard(socket)
        if not room:
            self.rooms.pop(str(socket.ticket.tenant_id), None)
            self.waiting.pop(str(socket.ticket.tenant_id), None)
        if not self.rooms:
            tasks, self._tasks = self._tasks, []
            self.listening.clear()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _listen(self) -> None:
        wait_s, first = 0.2, True
        while True:
            client = redis.asyncio.Redis.from_url(
                settings.REDIS_URL, socket_timeout=None, socket_connect_timeout=2, single_connection_client=True)
            try:
                async with client.pubsub() as channel:
                    await channel.psubscribe(f"{live.PREFIX}*")
                    if not first:
                        self._new_epoch()
                    first, wait_s = False, 0.2
                    await self._receive(channel)
            except (RedisError, OSError) as error:
                log.warning("lost Redis", extra={"error": type(error).__name__})
            finally:
                await client.aclose()
            self.listening.clear()
            first = False
            await asyncio.sleep(wait_s * random.uniform(0.8, 1.2))  # noqa: S311 - spreads reconnects, keeps no secret
            wait_s = min(LONGEST_WAIT_S, wait_s * 2)

    async def _receive(self, channel: redis.asyncio.client.PubSub) -> None:
        clock = asyncio.get_running_loop().time
        heard_at = pinged_at = clock()
        while True:
            message = await channel.get_message(timeout=1)
            now = clock()
            if message is not None:
                heard_at = now
                if message["type"] == "psubscribe":
                    self.listening.set()
                elif message["type"] == "pmessage":
                    self._take(message["channel"].decode().removeprefix(live.PREFIX), message["data"])
            elif now - heard_at > SILENT_S:
                raise ConnectionError("Redis has not answered a ping")
            if now - pinged_at > PING_S:
                pinged_at = now
                await channel.ping()

    def _take(self, tenant_id: str, data: bytes) -> None:
        if tenant_id not in self.rooms:
            return
        try:
            message = json.loads(data)
            merge = self.waiting.setdefault(tenant_id, outbox.Merge())
            for kind, some in message["rows"].items():
                for row in some:
                    merge.put(kind, row)
            if message["at_once"]:
                self._hurry.set()
        except (ValueError, TypeError, KeyError, AttributeError):
            log.error("a live message could not be read", extra={"bytes": len(data)})

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(QUICK_S)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._hurry.wait(), TICK_S - QUICK_S)
            self._hurry.clear()
            for tenant_id, merge in list(self.waiting.items()):
                sockets = self.rooms.get(tenant_id)
                if not merge or not sockets:
                    continue
                rows = merge.take()
                batch = outbox.Batch.of(rows)
                silent = batch
                if any(kind in rows for kind in CONVERSATIONS):
                    silent = outbox.Batch.of({kind: some for kind, some in rows.items() if kind not in CONVERSATIONS})
                for socket in sockets:
                    socket.put(batch if socket.ticket.reads_messages else silent)

    async def _check(self) -> None:
        """Whoever has lost the right to look is shown out within a few seconds."""
        while True:
            await asyncio.sleep(CHECK_S)
            for room in list(self.rooms.values()):
                sockets = list(room)
                try:
                    admitted = await admission.still_admitted([socket.ticket for socket in sockets])
                except Exception:
                    log.exception("sockets could not be checked")
                    continue
                for socket in sockets:
                    if socket.ticket not in admitted:
                        await socket.close(admission.NOT_SIGNED_IN)

    def _new_epoch(self) -> None:
        self.epoch = secrets.token_hex(8)
        self.waiting.clear()
        for room in self.rooms.values():
            for socket in room:
                socket.greet(self.epoch)


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def of_this_loop() -> Hub:
    """The hub of the running event loop: one for each web process."""
    return _hubs.setdefault(asyncio.get_running_loop(), Hub())
