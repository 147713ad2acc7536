"""A driver's phone: signs in, keeps what it has to say until the server has taken it, and sends where it is.

Reports wait in an outbox in their order and carry ids of their own, so that sending one again changes nothing. While
there is no signal both outbox and fixes grow; when it is back they are sent in order.
"""

from __future__ import annotations

import asyncio
import itertools
import time
import uuid
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx

from simulation.clock import Clock
from simulation.door import Door, Refusal
from simulation.motion import Track
from simulation.noise import Receiver
from simulation.path import Point

FIX_EVERY_S = 5.0
STANDING_EVERY_S = 30.0
FIXES_A_ROUND = 12
BATCH = 200
REPORTS_A_BATCH = 40
AGAIN = ("unknown_upload", "changed_meanwhile")
"""Answers that ask for the same report once more."""
MOST_TRIES = 6
MOST_FIXES = 6000


@dataclass
class Picture:
    """A photo or a signature that a report names."""

    kind: str
    content: bytes
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    sent: bool = False


@dataclass
class Report:
    """One thing that happened, as it will be sent."""

    body: dict[str, Any]
    pictures: list[Picture]
    tries: int = 0
    answer: dict[str, Any] | None = None
    """The server's last word on it: None while it has not been taken."""


@dataclass
class Tally:
    """What came of everything that was sent."""

    reports: dict[str, int] = field(default_factory=dict)
    fixes: int = 0
    dropped: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    sent_at: dict[tuple[str, int], float] = field(default_factory=dict)
    """When a fix was sent (monotonic seconds), by driver and fix time in ms: the watcher measures from it."""

    def count(self, status: str) -> None:
        self.reports[status] = self.reports.get(status, 0) + 1


class Phone:
    """One driver's phone. `round_s` is how often it sends where it is, in real seconds."""

    def __init__(
        self, door: Door, clock: Clock, login: dict[str, str], tally: Tally, *, receiver: Receiver, round_s: float,
        silences: list[tuple[datetime, datetime]],
    ) -> None:
        self.door, self.clock, self.login, self.tally = door, clock, login, tally
        self.track, self.receiver, self.round_s, self.silences = Track(), receiver, round_s, silences
        self.driver_id, self._key = "", ""
        self._outbox: deque[Report] = deque()
        self._fixes: deque[dict[str, Any]] = deque()
        self._last_fix_at: datetime | None = None
        self._bell, self._empty = asyncio.Event(), asyncio.Event()
        self._empty.set()
        # Sequences grow over restarts, too: they begin at the real milliseconds.
        self._sequence = itertools.count(int(time.time() * 1000))

    @property
    def silent(self) -> bool:
        """Is there no signal now?"""
        now = self.clock.now()
        return any(start <= now < end for start, end in self.silences)

    async def sign_in(self) -> None:
        """Get a key. Raises `Refusal` when the log-in is wrong."""
        answer = await self.door.ask("POST", "/api/v1/driver/sign-in", json={
            "email": self.login["email"], "password": self.login["password"], "device": "simulation"})
        self._key, self.driver_id = answer["token"], answer["driver"]["id"]

    async def day(self, day: str) -> dict[str, Any]:
        """The driver's day as the server has it."""
        row: dict[str, Any] = await self._ask("GET", "/api/v1/driver/day", params={"day": day})
        return row

    async def _ask(self, method: str, path: str, **request: Any) -> Any:
        try:
            return await self.door.ask(method, path, key=self._key, **request)
        except Refusal as refusal:
            if refusal.status != 401:
                raise
            await self.sign_in()
            return await self.door.ask(method, path, key=self._key, **request)

    def report(
        self, kind: str, at: datetime, *, stop: str | None = None, where: Point | None = None,
        data: dict[str, Any] | None = None, pictures: list[Picture] | None = None,
    ) -> Report:
        """Put a report into the outbox."""
        body: dict[str, Any] = {
            "id": str(uuid.uuid4()), "type": kind, "device_at": at.isoformat(), "sequence": next(self._sequence),
            "data": data or {}}
        if stop:
            body["stop"] = stop
        if where:
            body["lat"], body["lon"] = round(where[0], 6), round(where[1], 6)
        report = Report(body, pictures or [])
        self._outbox.append(report)
        self._empty.clear()
        self._bell.set()
        return report

    async def settled(self, patience_s: float | None = None) -> bool:
        """Wait until the outbox is empty, or as long as one is willing to wait."""
        try:
            await asyncio.wait_for(self._empty.wait(), patience_s)
        except TimeoutError:
            return False
        return True

    async def run(self) -> None:
        """Send whatever there is, for ever."""
        await asyncio.gather(self._send_reports(), self._send_fixes())

    async def _send_reports(self) -> None:
        while True:
            await self._bell.wait()
            if self.silent:
                await asyncio.sleep(0.2)
                continue
            try:
                await self._send_some()
            except Refusal as refusal:  # the batch itself: a fault of this client, told rather than repeated for ever
                self.tally.problems.append(f"{self.login['name']}: {refusal}")
                self._outbox.popleft().answer = {"status": "rejected", "code": refusal.code, "message": str(refusal)}
            if not self._outbox:
                self._bell.clear()
                self._empty.set()

    async def _send_some(self) -> None:
        batch = self._batch()
        for picture in (picture for report in batch for picture in report.pictures):
            if not picture.sent:
                suffix, media = ("png", "image/png") if picture.kind == "signature" else ("jpg", "image/jpeg")
                await self._ask("POST", "/api/v1/driver/uploads", data={"id": picture.id, "kind": picture.kind},
                                files={"file": (f"{picture.kind}.{suffix}", picture.content, media)})
                picture.sent = True
        answer = await self._ask("POST", "/api/v1/driver/reports", json={"reports": [one.body for one in batch]})
        for report, result in zip(batch, answer["results"], strict=True):
            report.tries += 1
            if result["code"] in AGAIN and report.tries < MOST_TRIES:
                # It goes first again, with everything that came after it.
                for picture in report.pictures:
                    picture.sent = picture.sent and result["code"] != "unknown_upload"
                await asyncio.sleep(0.3)
                return
            self._outbox.popleft()
            report.answer = result
            self.tally.count(result["status"])
            if result["status"] not in ("applied", "duplicate"):
                self.tally.problems.append(
                    f"{self.login['name']}: {report.body['type']} {result['status']}: {result['message']}")

    def _batch(self) -> list[Report]:
        """The head of the outbox, up to the first attempt: should that be asked for again, nothing has overtaken it."""
        batch: list[Report] = []
        for report in itertools.islice(self._outbox, REPORTS_A_BATCH):
            batch.append(report)
            if report.body["type"] == "attempted":
                break
        return batch

    async def _send_fixes(self) -> None:
        while True:
            await asyncio.sleep(self.round_s)
            self._look()
            if not self._fixes or self.silent or self.door.pace.backlog_s() > 1.5:
                continue
            batch = list(itertools.islice(self._fixes, BATCH))
            newest = max(batch, key=lambda fix: fix["fix_at"])
            mark = (self.driver_id, round(datetime.fromisoformat(newest["fix_at"]).timestamp() * 1000))
            self.tally.sent_at[mark] = time.monotonic()
            try:
                answer = await self._ask("POST", "/api/v1/driver/positions", tries=1, json={"positions": batch})
            except (httpx.TransportError, Refusal) as error:
                if isinstance(error, Refusal) and error.status < 500 and error.status not in (408, 425, 429):
                    self.tally.problems.append(f"{self.login['name']}: positions: {error}")
                    self._forget(len(batch))
                continue
            self._forget(len(batch))
            self.tally.fixes += answer["stored"]
            for one in answer["dropped"]:
                self.tally.dropped[one["reason"]] = self.tally.dropped.get(one["reason"], 0) + 1

    def _forget(self, count: int) -> None:
        for _ in range(count):
            self._fixes.popleft()

    def _look(self) -> None:
        """Read the receiver for the played time since the last look; a fast day is looked at less often."""
        known = self.track.known_until
        if known is None:
            return
        until = min(self.clock.now(), known)
        every_s = max(FIX_EVERY_S, self.clock.pace * self.round_s / FIXES_A_ROUND)
        at = self._last_fix_at or self.track.pieces[0].start_at
        while (at := at + timedelta(seconds=every_s)) <= until:
            here = self.track.here(at)
            if here is None:
                continue
            since_s = (at - self._last_fix_at).total_seconds() if self._last_fix_at else 1e6
            if here.speed_mps < 0.3 and since_s < STANDING_EVERY_S:
                continue
            point, accuracy_m = self.receiver.read(here.point, since_s)
            self._fixes.append({
                "fix_at": at.isoformat(), "lat": round(point[0], 6), "lon": round(point[1], 6),
                "accuracy_m": accuracy_m, "speed_mps": round(here.speed_mps, 1), "heading": round(here.heading, 1)})
            self._last_fix_at = at
        if len(self._fixes) > MOST_FIXES:  # hours without a signal: every other one is enough
            self._fixes = deque(itertools.islice(self._fixes, 0, None, 2))

    @property
    def waiting(self) -> int:
        """How many reports have not been taken yet."""
        return len(self._outbox)
