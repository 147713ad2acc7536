"""The board's socket: who is let in, what comes out, and that it ends when the right to look ends."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import websockets.exceptions
from asgiref.sync import sync_to_async
from django.conf import settings as django_settings
from django.contrib.sessions.models import Session
from django.test import Client
from websockets.sync.client import connect

from accounts.models import AccessKey
from core import wake
from lastmile.asgi import application
from tests.fixtures import World
from tests.tracking.day import distributed
from tests.tracking.server import serving
from tests.tracking.wire import Wire
from tracking import actions, hub, intake, live

pytestmark = pytest.mark.django_db(transaction=True)

ORIGIN = (b"origin", b"http://localhost")


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "CHECK_S", 0.2)


def cookie(client: Client) -> tuple[bytes, bytes]:
    return b"cookie", f"sessionid={client.cookies['sessionid'].value}".encode()


def socket(*headers: tuple[bytes, bytes], origin: bool = True, query: str = "") -> Wire:
    return Wire(application, f"/ws/board/{query}", headers=[*([ORIGIN] if origin else []), *headers])


async def closed(communicator: Wire, within_s: float = 3) -> int:
    """The code with which the server closes the socket."""
    while True:
        message = await communicator.receive_output(within_s)
        if message["type"] == "websocket.close":
            return int(message.get("code", 1000))


def bearer(key: str) -> tuple[bytes, bytes]:
    return b"authorization", f"Bearer {key}".encode()


async def hello(communicator: Wire) -> dict[str, Any]:
    accepted, _ = await communicator.connect(5)
    assert accepted
    message: dict[str, Any] = await communicator.receive_json_from(5)
    return message


async def test_a_member_is_greeted_and_gets_rows_in_order(amber: World) -> None:
    client = await sync_to_async(amber.client)("viewer")
    board = socket(cookie(client))
    greeting = await hello(board)
    assert greeting == {"type": "hello", "epoch": greeting["epoch"], "seq": 0}
    for version in (1, 2):
        wake.publish(live.channel(amber.organization.id), live.message({"stop": [{"id": "a", "version": version}]}))
        frame = await board.receive_json_from(3)
        assert frame == {"type": "rows", "seq": version, "rows": {"stop": [{"id": "a", "version": version}]}}
    await board.send_json_to({"type": "ping"})
    assert await board.receive_json_from(2) == {"type": "pong"}
    await board.disconnect()
    assert not hub.of_this_loop().rooms


async def test_rows_of_one_organization_do_not_reach_another(amber: World, birch: World) -> None:
    ours, theirs = socket(bearer(amber.key)), socket(bearer(birch.key))
    await hello(ours)
    await hello(theirs)
    wake.publish(live.channel(amber.organization.id), live.message({"stop": [{"id": "a", "version": 1}]}))
    assert (await ours.receive_json_from(3))["rows"]["stop"][0]["id"] == "a"
    assert await theirs.receive_nothing(0.6)
    await ours.disconnect()
    await theirs.disconnect()


async def test_a_burst_is_one_frame_with_the_newest_rows(amber: World) -> None:
    board = socket(bearer(amber.key))
    await hello(board)
    for version in range(1, 201):
        wake.publish(live.channel(amber.organization.id), live.message(
            {"position": [{"id": "van", "version": version}, {"id": f"van{version % 7}", "version": version}]}))
    seen: dict[str, int] = {}
    frames = 0
    while seen.get("van") != 200:
        frame = await board.receive_json_from(3)
        frames += 1
        assert frame["seq"] == frames
        seen.update({row["id"]: row["version"] for row in frame["rows"]["position"]})
    assert frames <= 4
    assert len(seen) == 8
    await board.disconnect()


async def _turned_away(communicator: Wire) -> int:
    accepted, _ = await communicator.connect(5)
    return await closed(communicator) if accepted else 0


async def test_strangers_are_turned_away(amber: World) -> None:
    driver = await sync_to_async(amber.client)("driver0")
    phone = await sync_to_async(lambda: amber.driver_api().client.defaults)()
    assert await _turned_away(socket()) == 4401
    assert await _turned_away(socket(query=f"?key={amber.key}")) == 4401
    assert await _turned_away(socket(bearer("lm_nonsense"))) == 4401
    assert await _turned_away(socket(bearer(amber.key[:-1] + ("A" if amber.key[-1] != "A" else "B")))) == 4401
    assert await _turned_away(socket((b"cookie", b"sessionid=nonsense"))) == 4401
    assert await _turned_away(socket(cookie(driver))) == 4403
    assert await _turned_away(socket((b"authorization", phone["HTTP_AUTHORIZATION"].encode()))) == 4403


async def test_a_page_of_somewhere_else_is_refused(amber: World) -> None:
    client = await sync_to_async(amber.client)("viewer")
    for headers in ([(b"origin", b"https://evil.example"), cookie(client)], [cookie(client)]):
        communicator = Wire(application, "/ws/board/", headers=headers)
        accepted, _ = await communicator.connect(5)
        assert not accepted


def _log_out(amber: World) -> None:
    Session.objects.all().delete()


def _dismiss(amber: World) -> None:
    with amber.scope():
        amber.members["viewer"].active = False
        amber.members["viewer"].save()


def _degrade(amber: World) -> None:
    with amber.scope():
        amber.members["viewer"].role = "driver"
        amber.members["viewer"].save()


def _new_password(amber: World) -> None:
    user = amber.members["viewer"].user
    user.set_password("another horse battery staple")
    user.save()


def _suspend(amber: World) -> None:
    amber.organization.active = False
    amber.organization.save()


@pytest.mark.parametrize("ends", [_log_out, _dismiss, _degrade, _new_password, _suspend])
async def test_the_socket_ends_when_the_right_to_look_ends(amber: World, ends: Callable[[World], None]) -> None:
    client = await sync_to_async(amber.client)("viewer")
    other = await sync_to_async(amber.client)("dispatcher")
    board, bystander = socket(cookie(client)), socket(cookie(other))
    await hello(board)
    await hello(bystander)
    await asyncio.sleep(0.5)
    await sync_to_async(ends)(amber)
    assert await closed(board) == 4401
    if ends not in (_log_out, _suspend):
        assert await bystander.receive_nothing(0.4)
    await bystander.disconnect()


async def test_a_revoked_key_ends_its_socket(amber: World) -> None:
    board = socket(bearer(amber.key))
    await hello(board)

    def revoke() -> None:
        with amber.scope():
            AccessKey.objects.update(revoked_at="2026-11-23T00:00:00Z")

    await sync_to_async(revoke)()
    assert await closed(board) == 4401


async def test_nonsense_is_passed_over(amber: World) -> None:
    board = socket(bearer(amber.key))
    await hello(board)
    for text in ("", "[]", "null", '"x"', "{", '{"type": "subscribe"}', "[" * 2000, "\x00"):
        await board.send_to(text_data=text)
    await board.send_to(bytes_data=b"\xff\xfe")
    await board.send_json_to({"type": "ping"})
    assert await board.receive_json_from(2) == {"type": "pong"}
    await board.disconnect()


async def test_large_and_many_frames_close_the_socket(amber: World) -> None:
    large, many = socket(bearer(amber.key)), socket(bearer(amber.key))
    await hello(large)
    await large.send_to(text_data="x" * 4097)
    assert await closed(large) == 1009
    await hello(many)
    for _ in range(25):
        await many.send_json_to({"type": "ping"})
    assert await closed(many) == 1008


async def test_a_slow_board_makes_nobody_wait_and_sees_a_gap(amber: World) -> None:
    """The slow one's transport takes nothing: its outbox is bounded, and the quick one gets every frame meanwhile."""
    quick = socket(bearer(amber.key))
    await hello(quick)
    here = hub.of_this_loop()
    stuck = asyncio.Event()
    (ticket,) = {one.ticket for room in here.rooms.values() for one in room}
    slow = hub.Socket(ticket, quick.send_to)  # type: ignore[arg-type]
    got: list[Any] = []

    async def send(text: str) -> None:
        got.append(json.loads(text))
        if len(got) > 1:
            await stuck.wait()

    writer = asyncio.create_task(slow.frames(send))
    await here.join(slow)
    for batch in range(12):
        rows = [{"id": f"{batch}-{one}", "version": 1} for one in range(250)]
        wake.publish(live.channel(amber.organization.id), live.message({"order": rows}))
        frame = await quick.receive_json_from(3)
        assert frame["seq"] == batch + 1
    stuck.set()
    await asyncio.sleep(0.1)
    assert got[0]["type"] == "hello"
    assert got[-1]["rows"] == {}
    assert got[-1]["seq"] > got[-2]["seq"] + 1
    await here.leave(slow)
    writer.cancel()
    await quick.disconnect()


async def test_redis_lost_and_back_is_a_new_epoch(amber: World, monkeypatch: pytest.MonkeyPatch) -> None:
    board = socket(bearer(amber.key))
    first = await hello(board)
    for one in wake.client().client_list(_type="pubsub"):
        if one.get("psub") != "0":
            wake.client().client_kill(one["addr"])
    again = await board.receive_json_from(8)
    assert (again["type"], again["seq"]) == ("hello", 0)
    assert again["epoch"] != first["epoch"]
    wake.publish(live.channel(amber.organization.id), live.message({"stop": [{"id": "a", "version": 1}]}))
    assert (await board.receive_json_from(3))["seq"] == 1
    await board.disconnect()


@pytest.fixture
def server() -> Iterator[str]:
    with serving() as host:
        yield host


def test_a_fix_is_on_the_screen_within_a_second(amber: World, birch: World, server: str) -> None:
    """Phone → database → Redis → hub → a real socket, on the wall clock."""
    with amber.scope():
        day = distributed(amber)
    driver = amber.drivers[0]
    session = amber.client("dispatcher").cookies["sessionid"].value
    with connect(f"ws://{server}/ws/board/", origin=f"http://{server}",  # type: ignore[arg-type]
                 additional_headers={"Cookie": f"sessionid={session}"}) as board:
        assert json.loads(board.recv(5))["type"] == "hello"
        waits = []
        for step in range(5):
            point = intake.Point(day.at(step), amber.depot.lat + step / 1000, amber.depot.lon)
            began = time.monotonic()
            with amber.scope():
                actions.record_positions(driver.id, [point], by=amber.dispatcher, at=day.at(5))
            frame = json.loads(board.recv(3))
            waits.append(time.monotonic() - began)
            assert frame["seq"] == step + 1
            (row,) = frame["rows"]["position"]
            assert (row["id"], row["route"]) == (str(driver.id), str(day.route.id))
        assert max(waits) < 1.0
    with pytest.raises(websockets.exceptions.ConnectionClosed) as caught, connect(
        f"ws://{server}/ws/board/", origin=f"http://{server}"  # type: ignore[arg-type]
    ) as stranger:
        stranger.recv(5)
    assert caught.value.rcvd is not None
    assert caught.value.rcvd.code == 4401
    assert django_settings.TESTING
