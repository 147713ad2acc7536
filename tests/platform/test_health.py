"""`/healthz` says 200 only when every part is up, and names what is missing."""

import pytest
from django.conf import LazySettings
from django.test import Client

from lastmile import health

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_pulse() -> None:
    """Begin with every part silent and the road engine not asked yet."""
    health._redis().delete(*(health._key(part) for part in health.PULSED_PARTS))
    health._Roads.asked_at = -1e9


def test_all_parts_up(client: Client) -> None:
    for part in health.PULSED_PARTS:
        health.beat(part)
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json() == {
        "ok": True,
        "parts": {"database": True, "redis": True, "worker": True, "solver": True, "beat": True, "relay": True},
    }


@pytest.mark.parametrize("missing", health.PULSED_PARTS)
def test_a_silent_part_is_named(client: Client, missing: str) -> None:
    for part in health.PULSED_PARTS:
        if part != missing:
            health.beat(part)
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["missing"] == [missing]


def test_a_pulse_fades(client: Client) -> None:
    health.beat("relay")
    assert 0 < health._redis().ttl(health._key("relay")) <= health.PULSE_TTL_S


def test_an_absent_road_engine_is_named(client: Client, settings: LazySettings) -> None:
    settings.ROADS = "osrm:http://127.0.0.1:1"
    for part in health.PULSED_PARTS:
        health.beat(part)
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["missing"] == ["roads"]


def test_without_redis_it_answers_and_names_it(
    client: Client, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    monkeypatch.setattr(health, "_redis", health._redis.__wrapped__)
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert set(answer.json()["missing"]) == {"redis", *health.PULSED_PARTS}
    with pytest.raises(health.PulseError):
        health.beat("worker")


def test_without_the_database_it_answers_and_names_it(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise health.DatabaseError("no connection")

    monkeypatch.setattr(health.connection, "cursor", away)
    for part in health.PULSED_PARTS:
        health.beat(part)
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["missing"] == ["database"]


def test_only_reading_is_allowed(client: Client) -> None:
    assert client.post("/healthz").status_code == 405
