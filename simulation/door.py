"""The way to the API: one connection pool, a bounded number of requests a second, patience with a restarting server."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import httpx

TIMEOUT_S = 30.0
FIRST_WAIT_S, LONGEST_WAIT_S = 0.4, 8.0
PASSING = (408, 425, 429)
"""Client errors that pass by themselves."""


class Refusal(Exception):
    """The API said no for good: its status, code and sentence."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{message} ({status} {code})")
        self.status, self.code, self.message = status, code, message


class Pace:
    """Spaces requests so that no more than `rate` a second are begun."""

    def __init__(self, rate: float) -> None:
        self.gap_s, self._next = 1.0 / rate, 0.0

    def backlog_s(self) -> float:
        """How long a request would have to wait for its turn now."""
        return max(0.0, self._next - asyncio.get_running_loop().time())

    async def turn(self) -> None:
        """Wait for one's turn."""
        now = asyncio.get_running_loop().time()
        mine = max(now, self._next)
        self._next = mine + self.gap_s
        if mine > now:
            await asyncio.sleep(mine - now)


class Door:
    """Asks the API again until it answers; only a refusal is final."""

    def __init__(self, base_url: str, rate: float, *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        """`rate` is in requests a second, over everybody who shares this door."""
        self.pace = Pace(rate)
        self.failures = 0
        self._rng = random.Random()
        self._client = httpx.AsyncClient(
            base_url=base_url, timeout=TIMEOUT_S, transport=transport, trust_env=False,
            limits=httpx.Limits(max_connections=24, max_keepalive_connections=24))

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def ask(self, method: str, path: str, *, key: str = "", tries: int | None = None, **request: Any) -> Any:
        """The answer's JSON. Raises `Refusal`; with `tries`, `httpx.TransportError` after the last one.

        `files` must hold bytes, so that they can be sent again.
        """
        headers = {**request.pop("headers", {}), **({"Authorization": f"Bearer {key}"} if key else {})}
        wait_s, count = FIRST_WAIT_S, 0
        while True:
            await self.pace.turn()
            count += 1
            try:
                answer = await self._client.request(method, path, headers=headers, **request)
            except httpx.TransportError:
                if tries is not None and count >= tries:
                    raise
            else:
                if answer.is_success:
                    return answer.json() if answer.content else None
                passing = answer.status_code >= 500 or answer.status_code in PASSING
                if not passing or (tries is not None and count >= tries):
                    raise _refusal(answer)
                wait_s = max(wait_s, _retry_after_s(answer))
            self.failures += 1
            await asyncio.sleep(wait_s * self._rng.uniform(0.7, 1.3))
            wait_s = min(LONGEST_WAIT_S, wait_s * 2)

    async def pages(self, path: str, *, key: str, **query: Any) -> list[dict[str, Any]]:
        """Every row of a list."""
        rows: list[dict[str, Any]] = []
        params: dict[str, Any] | None = {"limit": 500, **query}
        where: str | None = path
        while where:
            answer = await self.ask("GET", where, key=key, params=params)
            rows += answer["results"]
            where, params = answer["next"], None
        return rows


def _refusal(answer: httpx.Response) -> Refusal:
    try:
        body = answer.json()
        return Refusal(answer.status_code, str(body.get("code", "")), str(body.get("message", "")))
    except (ValueError, AttributeError):
        return Refusal(answer.status_code, "", answer.text[:200])


def _retry_after_s(answer: httpx.Response) -> float:
    text = answer.headers.get("Retry-After", "")
    return min(60.0, float(text)) if text.isdigit() else 0.0
