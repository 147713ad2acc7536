"""The dispatcher hands in the day's orders, has them planned, and sends the routes out. What is done is left."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from simulation.demo import Demo
from simulation.door import Door

POLL_S = 0.4
LINE_EVERY_S = 2.5
HEALTHY_WITHIN_S = 180.0
UNSETTLED = "received"


class Failed(Exception):
    """The day cannot be played; the sentence says why."""


class Dispatcher:
    """Works by API key. `say` prints a line."""

    def __init__(self, door: Door, demo: Demo, say: Callable[[str], None]) -> None:
        self.door, self.demo, self.say, self.key = door, demo, say, demo.api_key

    async def prepare(self, orders: Path | None, *, first: int, seconds: int | None) -> dict[str, Any]:
        """From nothing to distributed routes; returns the plan's row. Raises `Failed` and `Refusal`."""
        await self._healthy()
        if not await self._any("/api/v1/orders/", delivery_on=self.demo.day):
            await self._hand_in(orders, first)
        await self._located()
        depot = self.demo.values.get("depot") or (await self.door.pages("/api/v1/depots/", key=self.key))[0]["id"]
        plan: dict[str, Any] = await self.door.ask(
            "POST", "/api/v1/plans/", key=self.key, json={"day": self.demo.day, "depot": depot})
        return await self._distributed(plan, seconds)

    async def _healthy(self) -> None:
        loop = asyncio.get_running_loop()
        until, missing = loop.time() + HEALTHY_WITHIN_S, "no answer"
        while True:
            try:
                async with httpx.AsyncClient(base_url=self.demo.base_url, timeout=5, trust_env=False) as client:
                    answer = await client.get("/healthz")
                if answer.status_code == 200:
                    return
                missing = ", ".join(answer.json().get("missing", [])) or f"status {answer.status_code}"
            except (httpx.HTTPError, ValueError) as error:
                missing = type(error).__name__
            if loop.time() > until:
                raise Failed(f"{self.demo.base_url}/healthz is not well after {HEALTHY_WITHIN_S:.0f} s: {missing}.")
            await asyncio.sleep(POLL_S)

    async def _any(self, path: str, **query: Any) -> bool:
        answer = await self.door.ask("GET", path, key=self.key, params={"limit": 1, **query})
        return bool(answer["results"])

    async def _hand_in(self, orders: Path | None, first: int) -> None:
        file = orders or Path(self.demo.values.get("orders") or "")
        if not file.is_file():
            raise Failed("There is no order file: give one with --orders.")
        content = await asyncio.to_thread(file.read_bytes)
        part = shortened(content, first)
        if part is not content:
            self.say(f"The first {first} rows of {file.name} are handed in.")
        content = await self._fresh(part)
        answer = await self.door.ask(
            "POST", "/api/v1/imports/", key=self.key, data={"day": self.demo.day, "faulty": "skip"},
            files={"file": (file.name, content, "application/octet-stream")})
        ended = await self._operation(answer["operation"]["id"], "Import")
        result = ended["result"] or {}
        self.say(f"Imported {file.name}: {result.get('created', 0)} orders, {result.get('failed', 0)} faulty rows.")

    async def _fresh(self, content: bytes) -> bytes:
        """The same file on another day is other orders: its references get the day as an ending."""
        rows = csv_rows(content)
        if rows is None or len(rows) < 2 or "reference" not in rows[0]:
            return content
        column = rows[0].index("reference")
        answer = await self.door.ask(
            "GET", "/api/v1/orders/", key=self.key, params={"reference": rows[1][column], "limit": 1})
        if not answer["results"] or answer["results"][0]["delivery_on"] == self.demo.day:
            return content
        for row in rows[1:]:
            if len(row) > column and row[column]:
                row[column] += f"-{self.demo.day[5:].replace('-', '')}"
        return csv_text(rows)

    async def _operation(self, operation_id: str, title: str) -> dict[str, Any]:
        """Wait for its end. Raises `Failed` when it ended badly."""
        told, told_at, loop = "", -1e9, asyncio.get_running_loop()
        while True:
            row: dict[str, Any] = await self.door.ask("GET", f"/api/v1/operations/{operation_id}/", key=self.key)
            if row["status"] == "succeeded":
                return row
            if row["status"] in ("failed", "cancelled"):
                raise Failed(f"{title} {row['status']}: {row['error'] or 'no reason was given'}")
            progress = words_of(row["progress"])
            if progress != told and loop.time() - told_at >= LINE_EVERY_S:
                told, told_at = progress, loop.time()
                self.say(f"{title}: {progress}")
            await asyncio.sleep(POLL_S)

    async def _located(self) -> None:
        while await self._any("/api/v1/orders/", delivery_on=self.demo.day, status=UNSETTLED):
            await asyncio.sleep(POLL_S)
        rows = await self.door.pages("/api/v1/orders/", key=self.key, delivery_on=self.demo.day)
        doubtful = [row for row in rows if row["status"] == "needs_attention"]
        accepted = [row for row in doubtful if await self._accepted(row)]
        if accepted:
            self.say(f"{len(accepted)} doubtful addresses looked at and accepted where the map puts them.")
        waiting = len(doubtful) - len(accepted)
        self.say(f"{self.demo.day}: {len(rows)} orders, {len(rows) - waiting} located"
                 + (f", {waiting} need a look at their address (the board lists them)." if waiting else "."))

    async def _accepted(self, order: dict[str, Any]) -> bool:
        """What a dispatcher does on the review page: agree to the geocoder's doubtful point; without a point there is
        none."""
        if order["place"]["lat"] is None:
            return False
        await self.door.ask("POST", f"/api/v1/orders/{order['id']}:locate", key=self.key, json={})
        return True

    async def _distributed(self, plan: dict[str, Any], seconds: int | None) -> dict[str, Any]:
        where = f"/api/v1/plans/{plan['id']}"
        if plan["status"] == "editing":
            body = {"seconds": seconds} if seconds else {}
            operation = await self.door.ask(
                "POST", f"{where}:optimize", key=self.key, json=body,
                headers={"Idempotency-Key": f"simulation-{plan['id']}-{plan['version']}"})
            await self._operation(operation["id"], "Optimise")
        elif plan["status"] == "optimizing" and plan["operation"]:
            await self._operation(plan["operation"], "Optimise")
        plan = await self.door.ask("GET", f"{where}/", key=self.key)
        if plan["status"] == "optimized":
            sums = plan["summary"]
            self.say(f"Planned: {sums['stops'] - sums['unassigned']} stops on {sums['routes']} routes, "
                     f"{sums['distance_m'] / 1000:.0f} km, {sums['cost_cents'] / 100:,.2f} {self._currency}; "
                     f"{sums['unassigned']} left out.")
            plan = await self.door.ask("POST", f"{where}:distribute", key=self.key)
        if plan["status"] != "distributed":
            raise Failed(f"The plan is {plan['status']}, so there is nothing to drive.")
        return plan

    @property
    def _currency(self) -> str:
        return str(self.demo.values.get("currency", ""))


def words_of(progress: dict[str, Any]) -> str:
    """An operation's progress in a few words."""
    phase = str(progress.get("phase") or progress.get("stage") or "").replace("_", " ")
    parts = [phase] if phase else []
    if "cost_cents" in progress:
        parts.append(f"{progress.get('seconds', 0):.0f} of {progress.get('budget_s', 0)} s")
        if progress.get("assigned"):
            parts.append(f"cost {progress['cost_cents'] / 100:,.2f}, {progress['assigned']} stops assigned")
    if "rows" in progress:
        parts.append(f"{progress['rows']} rows")
    return ", ".join(parts)


def csv_rows(content: bytes) -> list[list[str]] | None:
    """The rows of a comma-separated UTF-8 file; None for anything else, which is handed in as it is."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    header = text.partition("\n")[0]
    if "," not in header or "\0" in text or header.count(";") > header.count(","):
        return None
    try:
        return list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error:
        return None


def csv_text(rows: list[list[str]]) -> bytes:
    """Rows as a comma-separated UTF-8 file."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def shortened(content: bytes, first: int) -> bytes:
    """The file with its first so many rows (0 = all of them)."""
    rows = csv_rows(content) if first else None
    return csv_text(rows[: first + 1]) if rows and len(rows) > first + 1 else content
