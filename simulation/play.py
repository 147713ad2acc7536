"""One day from the order file to the last door: everybody at work, and what came of it."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from simulation.clock import Clock, instant
from simulation.demo import Demo
from simulation.dispatcher import Dispatcher
from simulation.door import Door
from simulation.driver import Driver
from simulation.habits import Habits
from simulation.inbox import Inbox
from simulation.noise import Receiver
from simulation.phone import Phone, Tally
from simulation.recipient import Recipients
from simulation.watcher import Watcher

BEFORE_S = 12.0
BEFORE = timedelta(minutes=2), timedelta(minutes=15)
"""The clock is set forward to `BEFORE_S` real seconds before the first driver leaves, within these played bounds."""
LINK_EVERY_S = 3.0
LINE_EVERY_S, LINE_EVERY = 5.0, timedelta(minutes=10)
"""A line is told every ten played minutes, but not more often than every five real seconds."""


@dataclass
class Wishes:
    """What the command line asks for. `drivers` 0 means all of them."""

    speed: float
    orders: Path | None = None
    first: int = 300
    seed: int = 1
    rate: float = 20.0
    drivers: int = 0
    solve_s: int | None = None
    habits: Habits = field(default_factory=Habits)


class Play:
    """Holds who takes part. `say` prints a line."""

    def __init__(self, demo: Demo, wishes: Wishes, say: Callable[[str], None]) -> None:
        self.demo, self.wishes, self.say = demo, wishes, say
        self.clock = Clock.of(demo.values)
        self.zone = ZoneInfo(str(demo.values.get("timezone", "UTC")))
        self.door = Door(demo.base_url, wishes.rate)
        self.tally = Tally()
        self.watcher = Watcher(
            self.door, self.clock, self.tally, base_url=demo.base_url, key=demo.api_key, day=demo.day)
        self.inbox = Inbox(demo.base_url, demo.values["dispatcher"])
        self.recipients = Recipients(self.door, demo.api_key, self.inbox)
        self.drivers: list[Driver] = []
        self.shown: str | None = None
        """The stop whose recipient's link demo.json shows."""

    async def run(self) -> dict[str, Any]:
        """Play the day; returns the summary. Raises `dispatcher.Failed` and `door.Refusal`."""
        watching: asyncio.Task[None] | None = None
        try:
            dispatcher = Dispatcher(self.door, self.demo, self.say)
            plan = await dispatcher.prepare(
                self.wishes.orders, first=self.wishes.first, seconds=self.wishes.solve_s)
            watching = asyncio.create_task(self.watcher.run())
            routes = await self.door.pages("/api/v1/routes/", key=self.demo.api_key, plan=plan["id"])
            routes = [route for route in routes if route["status"] in ("distributed", "started", "completed")]
            self._take_the_clock(routes)
            self.drivers = self._crew(routes)
            await self._drive()
            return await self._summary()
        finally:
            self.clock.set(speed=1.0)  # the rest of the day passes as days do
            if watching:
                watching.cancel()
                await asyncio.gather(watching, return_exceptions=True)
            await self.inbox.close()
            await self.door.close()

    def _take_the_clock(self, routes: list[dict[str, Any]]) -> None:
        waiting = [instant(route["starts_at"]) for route in routes
                   if route["status"] == "distributed" and route["starts_at"]]
        under_way = any(route["status"] == "started" for route in routes)
        before = min(BEFORE[1], max(BEFORE[0], timedelta(seconds=BEFORE_S * self.wishes.speed)))
        first = min(waiting) - before if waiting and not under_way else None
        self.clock.set(speed=self.wishes.speed, not_before=first)

    def _crew(self, routes: list[dict[str, Any]]) -> list[Driver]:
        """The drivers who have a route, each with a phone of their own."""
        logins = {login["name"]: login for login in self.demo.values["drivers"]}
        named = [(logins[route["driver"]["name"]], route) for route in routes if route["driver"]["name"] in logins]
        named.sort(key=lambda pair: pair[0]["email"])
        if self.wishes.drivers:
            named = named[: self.wishes.drivers]
        rng = random.Random(f"{self.wishes.seed}/{self.demo.day}")
        unlucky = set(rng.sample(range(len(named)), min(len(named), self.wishes.habits.accidents)))
        round_s = max(1.0 if self.wishes.speed <= 120 else 2.0, len(named) / (0.6 * self.wishes.rate))
        crew = []
        for number, (login, route) in enumerate(named):
            seed = f"{self.wishes.seed}/{self.demo.day}/{login['email']}"
            phone = Phone(self.door, self.clock, login, self.tally, receiver=Receiver(random.Random(f"{seed}/gps")),
                          round_s=round_s, silences=self._silences(random.Random(f"{seed}/signal"), route))
            crew.append(Driver(
                phone, self.clock, self.recipients, self.wishes.habits, day=self.demo.day, seed=seed,
                accident_after=rng.uniform(0.25, 0.5) if number in unlucky else None))
        return crew

    def _silences(self, rng: random.Random, route: dict[str, Any]) -> list[tuple[datetime, datetime]]:
        if not route["starts_at"] or not route["ends_at"]:
            return []
        start, end = instant(route["starts_at"]), instant(route["ends_at"])
        found = []
        for _ in range(rng.randint(*self.wishes.habits.silences)):
            begins = start + (end - start) * rng.uniform(0.1, 0.85)
            lasts = timedelta(minutes=rng.uniform(*self.wishes.habits.silence_minutes))
            found.append((begins, begins + lasts))
        return found

    async def _drive(self) -> None:
        """Everybody drives; a driver whose phone breaks down does not stop the others."""
        if not self.drivers:
            self.say("No driver of this demonstration has a route.")
            return
        self.say(f"{len(self.drivers)} drivers, {self.wishes.speed:g} times faster than life.")
        work = [asyncio.create_task(driver.run()) for driver in self.drivers]
        telling = asyncio.gather(self._tell(), self._show_link())
        try:
            results = await asyncio.gather(*work, return_exceptions=True)
        finally:
            for task in work:
                task.cancel()
            telling.cancel()
            await asyncio.gather(*work, telling, return_exceptions=True)
        for driver, result in zip(self.drivers, results, strict=True):
            if isinstance(result, BaseException):
                self.tally.problems.append(f"{driver.phone.login['name']} gave up: {result!r}")

    async def _tell(self) -> None:
        await self.watcher.drawn.wait()
        while True:
            self.say(self.line())
            await asyncio.sleep(max(LINE_EVERY_S, self.clock.real_s(LINE_EVERY.total_seconds())))

    async def _show_link(self) -> None:
        """Keep the link of somebody who waits in demo.json: the next but two of a driver who is under way."""
        await self.watcher.drawn.wait()
        while True:
            stop = self.watcher.stops.get(self.shown or "")
            if stop is None or stop["status"] in ("attempted", "departed", "unassigned", "cancelled"):
                await self._choose_link()
            await asyncio.sleep(LINK_EVERY_S)

    async def _choose_link(self) -> None:
        running = [route["id"] for route in self.watcher.routes.values() if route["status"] == "started"]
        waiting = [stop for stop in self.watcher.stops.values()
                   if stop["orders"] and stop["status"] in ("allocated", "out_for_delivery", "next")
                   and (stop["route"] in running or not running)]
        if not waiting:
            return
        route = min(stop["route"] for stop in waiting)
        ahead = sorted((stop for stop in waiting if stop["route"] == route), key=lambda stop: stop["sequence"] or 0)
        chosen = ahead[min(2, len(ahead) - 1)]
        link = await self.recipients.link(chosen["orders"][0]["reference"])
        if link:
            self.shown = chosen["id"]
            self.demo.tell(tracking_url=link)

    def line(self) -> str:
        """How the day stands, in a line."""
        counts, states = self.watcher.counts(), Counter(driver.state for driver in self.drivers)
        out = len(self.drivers) - states["waiting"] - states["home"] - states["off"]
        odd = [f"{states[name]} {name}" for name in ("on a break", "stopped by an accident") if states[name]]
        odd += [f"{count} without signal" for count in (sum(d.phone.silent for d in self.drivers),) if count]
        text = (f"{self.clock.now().astimezone(self.zone):%H:%M}  {out:>2} on the road  "
                f"{counts['delivered']:>3} delivered  {counts['failed']:>2} failed  {counts['left']:>3} left  "
                f"{counts['late']:>2} late")
        return text + (f"  ({', '.join(odd)})" if odd else "")

    async def _summary(self) -> dict[str, Any]:
        board = await self.watcher.look()
        day = self.demo.day
        answer = await self.door.ask(
            "GET", "/api/v1/insights/", key=self.demo.api_key, params={"from": day, "to": day})
        orders = await self.door.pages("/api/v1/orders/", key=self.demo.api_key, delivery_on=day)
        total = answer["total"]
        summary = {
            "day": day, "orders": dict(Counter(row["status"] for row in orders)),
            "stops": dict(self.watcher.counts()),
            "routes": dict(Counter(row["status"] for row in board["routes"])),
            "first_attempt": total["first_attempt"]["value"], "on_time": total["on_time"]["value"],
            "reports": dict(self.tally.reports), "fixes": self.tally.fixes, "fixes_dropped": self.tally.dropped,
            "requests_repeated": self.door.failures, "socket_reconnects": max(0, self.watcher.reconnects),
            "latency": self.watcher.latency(), "problems": self.tally.problems,
        }
        self._say_summary(summary)
        return summary

    def _say_summary(self, summary: dict[str, Any]) -> None:
        orders, share = summary["orders"], summary["first_attempt"]
        self.say(
            f"Day driven: {orders.get('delivered', 0)} orders delivered, {orders.get('attempt_failed', 0)} failed, "
            + (f"{share:.1%} at the first attempt." if share is not None else "no attempt has been counted."))
        self.say(f"Reports {summary['reports']}, {summary['fixes']} positions, dropped {summary['fixes_dropped']}; "
                 f"{summary['latency']}.")
        for problem in summary["problems"][:10]:
            self.say(f"  {problem}")
