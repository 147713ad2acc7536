"""Phones of these tests live on the test day."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from unittest import mock

import pytest
from django.test import TestCase

from core import clock
from tests.fixtures import Api, World
from tracking import tasks


class Wall:
    """The clock on the wall, which stands still between a phone's requests; None shows the real time."""

    now: datetime | None = None


class Phone:
    """A driver's phone whose requests come at a time of our choice."""

    def __init__(self, world: World, number: int = 0) -> None:
        self.api: Api = world.driver_api(number)

    def send(self, path: str, body: Any, now: datetime) -> Any:
        if Wall.now is not None:
            Wall.now = now.astimezone(UTC)
        # What a request does after its commit happens here, too, though the test's own transaction goes on.
        with (
            mock.patch.object(clock, "now", return_value=now.astimezone(UTC)),
            TestCase.captureOnCommitCallbacks(execute=True),
        ):
            return self.api.post(f"driver/{path}", body)

    def report(self, *reports: dict[str, Any], now: datetime, **body: Any) -> list[dict[str, Any]]:
        answer = self.send("reports", {"reports": list(reports), **body}, now)
        assert answer.status_code == 200, answer.content
        results: list[dict[str, Any]] = answer.json()["results"]
        return results

    def moves(self, *fixes: dict[str, Any], now: datetime) -> dict[str, Any]:
        answer = self.send("positions", {"positions": list(fixes)}, now)
        assert answer.status_code == 200, answer.content
        row: dict[str, Any] = answer.json()
        return row


def swept(now: datetime) -> None:
    """The clock has come round: arrivals of all routes under way are worked out as of `now`."""
    with (
        mock.patch.object(clock, "now", return_value=now.astimezone(UTC)),
        TestCase.captureOnCommitCallbacks(execute=True),
    ):
        tasks.sweep()


@pytest.fixture(autouse=True)
def _clean_cache() -> None:
    from django.core.cache import cache

    cache.clear()


@pytest.fixture(autouse=True)
def _media(tmp_path: Any, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def phone(amber: World) -> Phone:
    return Phone(amber)
