"""Who else looks at a day's board, and what they have selected there.

Kept in Redis for each organization and day, so that several web processes know the same; an entry lasts `LIFE_S`
unless its page says again that it is there. Changes reach the boards as live rows of the kind "presence"; the whole
list is the answer to each "here" of a page, so that what a dead process left behind goes by itself.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import secrets
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypedDict
from uuid import UUID
from weakref import WeakKeyDictionary

import redis.asyncio
from channels.db import database_sync_to_async
from django.conf import settings
from redis.exceptions import RedisError

from accounts.models import Membership
from core import tenancy
from tracking import admission, live

log = logging.getLogger(__name__)

PREFIX = "presence."
LIFE_S = 9.0
"""A page says that it is there every four seconds: two lost in a row are forgiven."""
KEY_LIFE_S = 60
SELECTED_MOST = 50
PEOPLE_MOST = 100
COLORS = 8
"""How many colours the style sheets have for people (`--who-0` …)."""
_ID = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")


class PresenceRow(TypedDict):
    """One open board. `id` is the page's own, `member` the person's; `color` counts from 0."""

    id: str
    day: str
    member: str
    name: str
    color: int
    selected: list[str]
    version: int


@dataclass
class Page:
    """One socket's place on a board."""

    ticket: admission.Pass
    id: str = field(default_factory=lambda: secrets.token_hex(8))
    name: str = ""
    color: int | None = None
    day: str = ""
    told: tuple[str, ...] | None = None

    @property
    def is_a_person(self) -> bool:
        return self.ticket.membership_id is not None


def read(message: Mapping[str, Any]) -> tuple[str, tuple[str, ...]] | None:
    """The day and the selected ids of a page's "here"; None when it makes no sense."""
    day, selected = message.get("day"), message.get("selected", [])
    if not isinstance(day, str) or not isinstance(selected, list):
        return None
    try:
        date.fromisoformat(day)
    except ValueError:
        return None
    if len(day) != 10:
        return None
    return day, tuple(one for one in selected[:SELECTED_MOST] if isinstance(one, str) and _ID.match(one))


async def here(page: Page, day: str, selected: tuple[str, ...]) -> list[PresenceRow]:
    """The page is there and shows this; answers with everybody on that day's board, the page itself among them.

    Without Redis nobody is seen, and nothing else suffers.
    """
    if not page.is_a_person:
        return []
    try:
        if page.day and page.day != day:
            await gone(page)
        if not page.name:
            page.name = await _name(page.ticket)
        now = _now_ms()
        client, key = _client(page), _key(page.ticket.tenant_id, day)
        async with client.pipeline(transaction=False) as pipe:
            pipe.hgetall(key)
            held = _fresh((await pipe.execute())[0], now)
        if page.id not in {row["id"] for row in held} and len(held) >= PEOPLE_MOST:
            return held
        if page.color is None:
            page.color = _color(page, held)
        row = _row(page, day, selected, now)
        async with client.pipeline(transaction=False) as pipe:
            pipe.hset(key, page.id, json.dumps(row))
            pipe.expire(key, KEY_LIFE_S)
            if page.told != selected or page.day != day:
                pipe.publish(live.channel(page.ticket.tenant_id), live.message({"presence": [row]}))
            await pipe.execute()
        page.day, page.told = day, selected
        return [row, *(one for one in held if one["id"] != page.id)]
    except (RedisError, OSError) as error:
        log.warning("presence is not kept", extra={"error": type(error).__name__})
        return []


async def gone(page: Page) -> None:
    """The page does not show its day any more."""
    if not page.day:
        return
    tenant_id, day = page.ticket.tenant_id, page.day
    page.day, page.told = "", None
    try:
        async with _client(page).pipeline(transaction=False) as pipe:
            pipe.hdel(_key(tenant_id, day), page.id)
            pipe.publish(live.channel(tenant_id), live.message({"presence": [live.gone(page.id, _now_ms())]}))
            await pipe.execute()
    except (RedisError, OSError) as error:
        log.warning("presence is not kept", extra={"error": type(error).__name__})


def _key(tenant_id: UUID, day: str) -> str:
    """The tenant is the socket's own, never what a page says."""
    return f"{PREFIX}{tenant_id}.{day}"


def _row(page: Page, day: str, selected: tuple[str, ...], now: int) -> PresenceRow:
    return {
        "id": page.id,
        "day": day,
        "member": str(page.ticket.membership_id),
        "name": page.name,
        "color": page.color or 0,
        "selected": list(selected),
        "version": now,
    }


def _fresh(held: Mapping[bytes, bytes], now: int) -> list[PresenceRow]:
    rows: list[PresenceRow] = [json.loads(text) for text in held.values()]
    return [row for row in rows if now - row["version"] < LIFE_S * 1000]


def _color(page: Page, held: Iterable[PresenceRow]) -> int:
    """The colour that this person has on another page, else the first that nobody there has."""
    member, taken = str(page.ticket.membership_id), set()
    for row in held:
        if row["member"] == member:
            return row["color"]
        taken.add(row["color"])
    return next((color for color in range(COLORS) if color not in taken), int(page.id, 16) % COLORS)


def _now_ms() -> int:
    return int(time.time() * 1000)


@database_sync_to_async
def _name(ticket: admission.Pass) -> str:
    with tenancy.scope(ticket.tenant_id):
        member = Membership.objects.select_related("user").filter(id=ticket.membership_id).first()
        return str(member.user) if member else "Somebody"


class _Shelf:
    """The client of one event loop, for as long as one of its pages is open."""

    def __init__(self) -> None:
        self.pages: set[str] = set()
        # Gives up quickly: nobody waits for presence.
        self.client = redis.asyncio.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=1)


_shelves: WeakKeyDictionary[asyncio.AbstractEventLoop, _Shelf] = WeakKeyDictionary()


def _client(page: Page) -> redis.asyncio.Redis:
    loop = asyncio.get_running_loop()
    shelf = _shelves.get(loop) or _shelves.setdefault(loop, _Shelf())
    shelf.pages.add(page.id)
    return shelf.client


async def left(page: Page) -> None:
    """The page was closed."""
    await gone(page)
    loop = asyncio.get_running_loop()
    shelf = _shelves.get(loop)
    if shelf is None:
        return
    shelf.pages.discard(page.id)
    if not shelf.pages:
        del _shelves[loop]
        await shelf.client.aclose()
