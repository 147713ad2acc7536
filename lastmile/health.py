"""Is every part up? `beat()` is called by the parts, `/healthz` answers for all of them.

A part that has not shown its pulse for `PULSE_TTL_S` seconds counts as missing.
"""

import http.client
import time
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

PULSE_TTL_S = 20
PULSED_PARTS = ("worker", "solver", "beat", "relay")
_ROADS_FRESH_S = 3.0


class PulseError(OSError):
    """Redis could not be reached, so the pulse was not written."""


@lru_cache(maxsize=1)
def _redis() -> Any:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=1, max_connections=8)


def _key(part: str) -> str:
    return f"pulse:{part}"


def beat(part: str) -> None:
    """Mark a part (`worker`, `solver`, `beat`, `relay`) as alive for the next `PULSE_TTL_S` seconds.

    Raises `PulseError` when Redis is away.
    """
    try:
        _redis().set(_key(part), int(time.time()), ex=PULSE_TTL_S)
    except redis.RedisError as error:
        raise PulseError(str(error)) from error


def _database_is_up() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return bool(cursor.fetchone() == (1,))
    except (DatabaseError, OSError):
        return False


def _pulses() -> tuple[bool, dict[str, bool]]:
    try:
        values = _redis().mget([_key(part) for part in PULSED_PARTS])
    except redis.RedisError:
        return False, dict.fromkeys(PULSED_PARTS, False)
    return True, {part: value is not None for part, value in zip(PULSED_PARTS, values, strict=True)}


class _Roads:
    """The road engine's state, asked at most every `_ROADS_FRESH_S` seconds."""

    asked_at = -1e9
    up = False


def _roads_are_up() -> bool:
    now = time.monotonic()
    if now - _Roads.asked_at < _ROADS_FRESH_S:
        return _Roads.up
    address = urlsplit(settings.ROADS.removeprefix("osrm:"))
    secure = address.scheme == "https"
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    door = kind(address.hostname or "", address.port, timeout=1)
    try:
        door.request("GET", "/nearest/v1/driving/0,0")
        _Roads.up = door.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        _Roads.up = False
    finally:
        door.close()
    _Roads.asked_at = now
    return _Roads.up


def parts() -> dict[str, bool]:
    """Which parts are up, by name; `roads` is listed only where a road server is configured."""
    redis_up, pulses = _pulses()
    state = {"database": _database_is_up(), "redis": redis_up, **pulses}
    if settings.ROADS != "none":
        state["roads"] = _roads_are_up()
    return state


@require_safe
@never_cache
def healthz(_request: HttpRequest) -> JsonResponse:
    """200 when every part is up, else 503; the body names each part."""
    state = parts()
    missing = [name for name, up in state.items() if not up]
    body: dict[str, Any] = {"ok": not missing, "parts": state}
    if missing:
        body["missing"] = missing
    answer = JsonResponse(body, status=503 if missing else 200)
    answer._has_been_logged = True  # type: ignore[attr-defined]  # asked every second while starting: no error in the log
    return answer
