"""The catcher's page: the organization's own messages, in development only."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from core import journal
from notifications import handlers
from notifications.models import Message
from tests.fixtures import NOW, World
from tests.tracking.day import distributed


@pytest.fixture(autouse=True)
def _development(settings: Any) -> None:
    settings.DEVELOPMENT = True


def messages(world: World, **values: Any) -> list[Message]:
    with world.scope():
        day = distributed(world, **values)
        handlers.on_tellable(journal.record_many(day.stops, "allocated", by=world.dispatcher, at=NOW))
        return list(Message.objects.order_by("-id"))


def test_messages_are_listed_and_shown(amber: World) -> None:
    rows = messages(amber)
    page = amber.client("viewer").get("/catcher/").content.decode()
    for row in rows:
        assert row.to in page
    page = amber.client("viewer").get(f"/catcher/{rows[0].id}/").content.decode()
    assert "srcdoc=" in page
    assert rows[0].subject in page
    found = amber.client().get("/catcher/", {"q": rows[1].to}).content.decode()
    assert rows[1].to in found
    assert rows[0].to not in found
    assert amber.client().get("/catcher/", {"q": "\x00nobody"}).status_code == 200


def test_an_sms_is_shown_as_text(amber: World) -> None:
    row = messages(amber, recipient_email="")[0]
    page = amber.client().get(f"/catcher/{row.id}/").content.decode()
    assert "srcdoc=" not in page
    assert "your delivery is planned" in page


def test_messages_of_others_are_not_there(amber: World, birch: World) -> None:
    rows = messages(amber)
    assert birch.client().get(f"/catcher/{rows[0].id}/").status_code == 404
    assert birch.client().get(f"/catcher/{uuid4()}/").status_code == 404
    assert rows[0].to not in birch.client().get("/catcher/").content.decode()
    assert amber.client("driver0").get("/catcher/").status_code == 403
    assert Client().get("/catcher/").status_code == 302


def test_in_production_there_is_no_such_page(amber: World, settings: Any) -> None:
    settings.DEVELOPMENT = False
    assert amber.client().get("/catcher/").status_code == 404
