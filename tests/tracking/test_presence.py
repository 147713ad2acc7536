"""Who else looks at the board: seen by everybody of the organization, by nobody else, and gone when they are."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from hypothesis import given
from hypothesis import strategies as st

from accounts import keys, permissions
from core import wake
from lastmile.asgi import application
from tests.fixtures import World
from tests.tracking.test_sockets import ORIGIN, bearer, cookie, hello
from tests.tracking.wire import Wire
from tracking import hub, live, presence

pytestmark = pytest.mark.django_db(transaction=True)

DAY, OTHER_DAY = "2026-11-23", "2026-11-24"
STOP, ROUTE = "01931111-2222-7333-8444-555566667777", "01931111-2222-7333-8444-555566668888"


class Desk:
    """A member's open board."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire

    async def here(self, day: str = DAY, *selected: str) -> list[dict[str, Any]]:
        """Say it; everybody who is there."""
        await self.wire.send_json_to({"type": "here", "day": day, "selected": list(selected)})
        while True:
            message = await self.wire.receive_json_from(3)
            if message["type"] == "present":
                assert message["day"] == day
                self.id = message["you"]
                return sorted(message["present"], key=lambda row: row["name"])

    async def sees(self, true: Callable[[dict[str, Any]], bool], within_s: float = 5) -> dict[str, Any]:
        """The first presence row that fits."""
        async with asyncio.timeout(within_s):
            while True:
                message = await self.wire.receive_json_from(within_s)
                for row in message.get("rows", {}).get("presence", []):
                    if true(row):
                        return row


@pytest.fixture(autouse=True)
def _empty() -> None:
    for key in wake.client().scan_iter(f"{presence.PREFIX}*"):
        wake.client().delete(key)


async def desk(world: World, role: str = "dispatcher") -> Desk:
    client = await sync_to_async(world.client)(role)
    wire = Wire(application, "/ws/board/", headers=[ORIGIN, cookie(client)])
    await hello(wire)
    return Desk(wire)


async def test_two_see_each_other_and_what_is_selected(amber: World) -> None:
    dana, ada = await desk(amber), await desk(amber, "admin")
    assert [row["name"] for row in await dana.here()] == ["Dispatcher Amber"]
    both = await ada.here(DAY, STOP)
    assert [row["name"] for row in both] == ["Admin Amber", "Dispatcher Amber"]
    assert len({row["color"] for row in both}) == 2, "each has a colour of their own"
    row = await dana.sees(lambda row: row["id"] == ada.id)
    assert (row["name"], row["selected"], row["day"]) == ("Admin Amber", [STOP], DAY)
    assert row["member"] == str(amber.members["admin"].id)
    await ada.here(DAY, ROUTE)
    assert (await dana.sees(lambda row: row["id"] == ada.id))["selected"] == [ROUTE]
    await ada.wire.disconnect()
    gone = await dana.sees(lambda row: bool(row.get("gone")))
    assert gone["id"] == ada.id
    assert [row["name"] for row in await dana.here()] == ["Dispatcher Amber"]
    await dana.wire.disconnect()
    assert not hub.of_this_loop().rooms


async def test_another_organization_is_never_seen(amber: World, birch: World) -> None:
    ours, theirs = await desk(amber), await desk(birch)
    await ours.here(DAY, STOP)
    assert [row["name"] for row in await theirs.here(DAY, STOP)] == ["Dispatcher Birch"]
    assert [row["name"] for row in await ours.here(DAY, ROUTE)] == ["Dispatcher Amber"]
    await theirs.wire.disconnect()
    with pytest.raises(TimeoutError):
        await ours.sees(lambda row: row["id"] == theirs.id, within_s=1)
    await ours.wire.disconnect()


async def test_another_day_is_another_board(amber: World) -> None:
    dana, ada = await desk(amber), await desk(amber, "admin")
    await dana.here()
    await ada.here()
    assert [row["name"] for row in await ada.here(OTHER_DAY)] == ["Admin Amber"]
    row = await dana.sees(lambda row: row["id"] == ada.id and row.get("day") != DAY)
    assert row.get("gone") or row["day"] == OTHER_DAY
    assert [row["name"] for row in await dana.here()] == ["Dispatcher Amber"]
    await dana.wire.disconnect()
    await ada.wire.disconnect()


async def test_who_says_nothing_any_more_is_gone(amber: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that was killed, or a machine that fell asleep, takes nobody's leave."""
    monkeypatch.setattr(presence, "LIFE_S", 0.4)
    dana, ada = await desk(amber), await desk(amber, "admin")
    await ada.here()
    assert len(await dana.here()) == 2
    await asyncio.sleep(0.5)
    assert [row["name"] for row in await dana.here()] == ["Dispatcher Amber"]
    await dana.wire.disconnect()
    await ada.wire.disconnect()


def test_a_closed_page_is_gone_within_fifteen_seconds() -> None:
    says_every_s = 4
    assert presence.LIFE_S + says_every_s < 15
    assert 2 * says_every_s < presence.LIFE_S


async def test_one_person_with_two_pages_has_one_colour(amber: World) -> None:
    first, second, ada = await desk(amber), await desk(amber), await desk(amber, "admin")
    await first.here()
    await ada.here()
    rows = await second.here()
    assert [row["name"] for row in rows] == ["Admin Amber", "Dispatcher Amber", "Dispatcher Amber"]
    assert len({row["color"] for row in rows}) == 2
    for page in (first, second, ada):
        await page.wire.disconnect()


async def test_a_key_is_nobody(amber: World) -> None:
    machine, dana = Desk(Wire(application, "/ws/board/", headers=[ORIGIN, bearer(amber.key)])), await desk(amber)
    await hello(machine.wire)
    assert await machine.here() == []
    assert [row["name"] for row in await dana.here()] == ["Dispatcher Amber"]
    await machine.wire.disconnect()
    await dana.wire.disconnect()


async def test_without_redis_nobody_is_seen_and_the_board_goes_on(
    amber: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    dana = await desk(amber)

    def away(_: object) -> Any:
        raise ConnectionError("Redis is away")

    monkeypatch.setattr(presence, "_client", away)
    assert await dana.here() == []
    await dana.wire.send_json_to({"type": "ping"})
    assert await dana.wire.receive_json_from(2) == {"type": "pong"}
    await dana.wire.disconnect()


async def test_conversations_are_kept_from_keys_that_may_not_read_them(amber: World) -> None:
    def narrow() -> str:
        with amber.scope():
            return keys.issue(name="plans only", scopes=[permissions.PLAN_READ])

    all_rights, narrow_one = (
        Wire(application, "/ws/board/", headers=[ORIGIN, bearer(key)])
        for key in (amber.key, await sync_to_async(narrow)())
    )
    await hello(all_rights)
    await hello(narrow_one)
    rows = {kind: [{"id": "a", "version": 1}] for kind in ("stop", "thread", "message")}
    wake.publish(live.channel(amber.organization.id), live.message(rows))
    assert (await all_rights.receive_json_from(3))["rows"] == rows
    assert (await narrow_one.receive_json_from(3))["rows"] == {"stop": rows["stop"]}
    wake.publish(live.channel(amber.organization.id), live.message({"thread": rows["thread"]}))
    assert (await narrow_one.receive_json_from(3))["rows"] == {}, "numbered alike, so that no gap is seen"
    await all_rights.disconnect()
    await narrow_one.disconnect()


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda some: st.lists(some, max_size=3),
    max_leaves=6,
)


@given(day=JUNK | st.dates().map(str), selected=JUNK | st.lists(st.uuids().map(str), max_size=80))
def test_whatever_a_page_says_only_days_and_ids_are_kept(day: Any, selected: Any) -> None:
    said = presence.read({"day": day, "selected": selected})
    if said is not None:
        assert date.fromisoformat(said[0]).isoformat() == said[0]
        assert len(said[1]) <= presence.SELECTED_MOST
        assert all(len(one) == 36 for one in said[1])
