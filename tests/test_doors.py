"""Every door against every role and against another organization. A new address fails until it is listed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts import doors, permissions
from core import walls
from dispatch.actions import plans
from dispatch.models import Proposal, Stop
from fleet.models import Zone
from notifications import message_actions
from tests.dispatch.test_day import solve
from tests.fixtures import NOW, World, located_order
from tests.test_architecture import patterns

pytestmark = pytest.mark.django_db
LISTED = Path(__file__).with_name("doors.txt")
ROLES = ("owner", "admin", "dispatcher", "viewer", "driver")


def found() -> Iterator[tuple[str, str, str, bool]]:
    """(method, address, permission, whether it answers in JSON) of every door."""
    for address, entry in patterns():
        view = getattr(entry.callback, "view_class", None) or getattr(entry.callback, "cls", None)
        if isinstance(view, type) and issubclass(view, (doors.ApiDoor, doors.PageDoor)):
            for method in doors.METHODS:
                if hasattr(view, method):
                    held = view.permissions[method.upper()]
                    yield method.upper(), "/" + address.replace("^", ""), held, issubclass(view, doors.ApiDoor)


DOORS = sorted(found(), key=lambda door: (door[1], door[0]))


def test_the_list_of_doors_is_complete() -> None:
    """`tests/doors.txt` is read by people: who may do what, at one glance. A change there is a change of rights."""
    now = "".join(f"{held:13} {method:6} {address}\n" for method, address, held, _ in DOORS)
    assert now == LISTED.read_text(), "the doors have changed: look at each, then write them into tests/doors.txt"


def ask(client: Client, method: str, address: str, subject: object = None) -> Any:
    """Knock at a door, with a random id (or the given one) wherever its address has one."""
    path = re.sub(r"<uuid:\w+>", lambda _: str(subject or uuid4()), address)
    path = re.sub(r"<(slug|str):\w+>|<\w+>", "amber", path)
    return client.generic(method, path, b"{}" if method != "GET" else b"", content_type="application/json")


def test_strangers_are_asked_to_sign_in() -> None:
    for method, address, held, is_json in DOORS:
        answer = ask(Client(), method, address)
        if held == permissions.PUBLIC:
            assert answer.status_code < 500, address
        else:
            assert answer.status_code == (401 if is_json else 302), (address, answer.status_code)


@pytest.mark.parametrize("role", ROLES)
def test_each_role_gets_what_the_list_says(amber: World, role: str) -> None:
    client = amber.client(role)
    for method, address, held, _ in DOORS:
        answer = ask(client, method, address)
        if held in permissions.ROLES[role]:
            assert answer.status_code not in (401, 403) and answer.status_code < 500, (address, answer.content[:300])
        else:
            assert answer.status_code == 403, (address, answer.status_code)


def rows_of(world: World) -> dict[str, list[tuple[Any, ...]]]:
    """Everything that a tenant has, by table."""
    with world.scope():
        return {
            model.__name__: sorted(model.objects.values_list(), key=str)
            for model in walls.tenant_models()
            if model.__name__ != "IdempotencyKey"
        }


def test_another_organizations_ids_open_nothing_and_change_nothing(amber: World, birch: World) -> None:
    """Each door that takes an id is tried with an id of each kind of the other organization's rows."""
    with birch.scope():
        order = located_order(birch, "BIRCH-SECRET", lat=39.97, lon=32.81)
        plan = plans.open_plan(day=birch.day, depot=birch.depot, by=birch.dispatcher, at=NOW)
    operation = solve(birch, plan)
    with birch.scope():
        stop = Stop.objects.get()
        outline = [[39.9, 32.7], [39.9, 32.9], [40.1, 32.9]]
        zone = Zone.objects.create(name="BIRCH zone", color="#059669", outline=outline)
        proposal = Proposal.objects.create(plan=plan, kind="reoptimise", title="x", made_by="BIRCH", made_at=NOW)
        subjects = [order.id, plan.id, operation.id, stop.id, stop.route_id, birch.depot.id, birch.vehicles[0].id,
                    birch.drivers[0].id, birch.shifts[0].id, proposal.id, zone.id]  # fmt: skip
        subjects += [one.id for one in message_actions.open_threads(drivers=birch.drivers, orders=[order], at=NOW)]
    before = rows_of(birch)
    client = amber.client("owner")
    for method, address, held, _ in DOORS:
        if "<uuid:" in address and held in permissions.ROLES["owner"]:
            for subject in subjects:
                answer = ask(client, method, address, subject)
                assert answer.status_code in (400, 404), (method, address, answer.status_code)
                assert b"BIRCH" not in b"".join(answer)
    for method, address, held, _ in DOORS:
        if method == "GET" and "<uuid:" not in address and held in permissions.ROLES["owner"]:
            assert b"BIRCH" not in b"".join(ask(client, method, address)), address
    assert rows_of(birch) == before
