"""A driver's day: on duty, out along the route, at every door, a break, home again.

The driver lives by a timeline of its own (`self.t`, played time): every drive and every wait moves it on, and the
played clock only says when it may go on. So a slow network makes reports late, never wrong.
"""

from __future__ import annotations

import asyncio
import random
from datetime import datetime, timedelta
from typing import Any

from simulation import habits as habit
from simulation import pictures
from simulation.clock import Clock, instant
from simulation.habits import Habits
from simulation.motion import Ride, Standing
from simulation.noise import spread
from simulation.path import Point
from simulation.phone import Phone, Picture, Report
from simulation.recipient import Recipients
from simulation.tour import Tour

EARLY = timedelta(minutes=12)
"""A driver is on duty so long before the route begins."""
BREAK = timedelta(minutes=30)
TO_DO = ("allocated", "out_for_delivery", "next", "arrived", "skipped")
REFRESH_S = 1.5
"""The day is not asked for again sooner than after so many real seconds."""
PATIENCE_S = 20.0


class Driver:
    """One driver. `seed` makes the same day the same story; `accident_after` is a share of the stops, or None."""

    def __init__(
        self, phone: Phone, clock: Clock, recipients: Recipients, habits: Habits, *, day: str, seed: str,
        accident_after: float | None,
    ) -> None:
        self.phone, self.clock, self.recipients, self.habits = phone, clock, recipients, habits
        self.day, self.seed, self.accident_after = day, seed, accident_after
        self.rng = random.Random(seed)
        self.hand = spread(self.rng, habits.driver_sigma)
        self.state = "waiting"
        """waiting, driving, at a door, on a break, stopped by an accident, home; "off" without a route."""
        self.tour: Tour | None = None
        self.t = clock.now()
        self.mark_m, self.behind = 0.0, None  # type: float, str | None
        self.stands_at: Point | None = None
        self.done: set[str] = set()
        self.skipped: set[str] = set()
        self.rested = False
        self._looked_at = -1e9

    async def run(self) -> None:
        """The whole day, or the rest of it."""
        await self.phone.sign_in()
        sending = asyncio.create_task(self.phone.run())
        try:
            await self._work()
            await self.phone.settled()
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)

    async def _work(self) -> None:
        row = await self._look(force=True)
        route = row["route"]
        if route is None or route["status"] == "completed":
            self.state = "off" if route is None else "home"
            return
        if route["status"] == "distributed":
            await self._set_out(row)
        else:
            self._resume(row)
        while (stop := self._next(row)) is not None:
            await self._visit(stop)
            row = await self._look()
        await self._home(row)

    async def _look(self, *, force: bool = False) -> dict[str, Any]:
        """The day's rows: fresh ones unless the last look was a moment ago or there is no signal."""
        now = asyncio.get_running_loop().time()
        if force or (not self.phone.silent and now - self._looked_at >= REFRESH_S):
            self._row = await self.phone.day(self.day)
            self._looked_at = now
        row, route = self._row, self._row["route"]
        depot = (row["depot"]["lat"], row["depot"]["lon"])
        if route is not None and (self.tour is None or self._stale(route, row["stops"])):
            self.tour = Tour(route, row["stops"], depot)
            if self.behind:
                self.mark_m = self.tour.mark(self.behind)
        return row

    def _stale(self, route: dict[str, Any], stops: list[dict[str, Any]]) -> bool:
        assert self.tour is not None
        return self.tour.version[1] != route["geometry"] or any(
            stop["id"] not in self.tour.marks for stop in stops if stop["sequence"] and stop["place"]["lat"])

    async def _set_out(self, row: dict[str, Any]) -> None:
        route = row["route"]
        starts_at = instant(route["starts_at"])
        on_duty_at = max(self.clock.now(), starts_at - EARLY + timedelta(minutes=self.rng.uniform(-3, 3)))
        await self.clock.sleep_until(on_duty_at)
        self.t = max(on_duty_at, self.t)
        self.phone.report("duty_on", self.t, where=self._depot)
        leaves_at = max(self.t, starts_at + timedelta(minutes=self.rng.uniform(-2, 4)))
        await self._stand(leaves_at, self._depot)
        self.phone.report("route_started", self.t, where=self._depot, data={"route": route["id"]})
        self.state = "driving"

    def _resume(self, row: dict[str, Any]) -> None:
        """Go on where the day was left: behind the stop that was left last."""
        assert self.tour is not None
        self.t, self.state = self.clock.now(), "driving"
        left = [stop for stop in row["stops"] if stop["status"] in ("attempted", "departed")]
        self.done = {stop["id"] for stop in left}
        last = max(left, key=lambda stop: stop["departed_at"] or stop["arrived_at"] or "", default=None)
        if last:
            self.behind, self.mark_m = last["id"], self.tour.mark(last["id"])
            if last["status"] == "attempted":
                self.phone.report("departed", self.t, stop=last["id"])
        if self.accident_after is not None and len(self.done) >= self.accident_after * len(self.tour.stops):
            self.accident_after = None  # it has happened already
        if row["driver"]["duty"] == "on_break":
            self.phone.report("break_ended", self.t)
            self.rested = True
        elif row["driver"]["duty"] == "off_duty":
            self.phone.report("duty_on", self.t)
        if self.tour.rest and self.t > self.tour.rest[1] + BREAK:
            self.rested = True

    @property
    def _depot(self) -> Point:
        return self._row["depot"]["lat"], self._row["depot"]["lon"]

    def _next(self, row: dict[str, Any]) -> dict[str, Any] | None:
        """The next stop in the route's order; what was passed over comes at the end."""
        route = row["route"]
        if route is None or route["status"] == "completed":
            return None
        todo: list[dict[str, Any]] = [
            stop for stop in row["stops"]
            if stop["status"] in TO_DO and stop["id"] not in self.done and stop["place"]["lat"] is not None]
        for stop in todo:
            if stop["status"] == "arrived":
                return stop
        later = [stop for stop in todo if stop["id"] in self.skipped or stop["status"] == "skipped"]
        first = [stop for stop in todo if stop not in later]
        return min(first or later, key=lambda stop: stop["sequence"] or 0, default=None)

    async def _visit(self, stop: dict[str, Any]) -> None:
        assert self.tour is not None
        if not self.rested and self.tour.rests_before(stop, self.t):
            await self._rest()
        proofs = {order["proof_required"] for order in stop["orders"]}
        name = f"{self.seed}/{stop['orders'][0]['reference'] if stop['orders'] else stop['id']}"
        door = habit.doorstep(self.habits, random.Random(name), proofs)
        returning = stop["id"] in self.skipped or stop["status"] == "skipped"
        if door.skipped and not returning and stop["status"] != "arrived":
            self.skipped.add(stop["id"])
            self.t += timedelta(seconds=30)
            await self._stand(self.t + timedelta(seconds=20), self._point)
            self.phone.report("skipped", self.t, stop=stop["id"], where=self._point,
                              data={"note": "Street blocked, will come back."})
            return
        if stop["status"] != "arrived":
            await self._drive(stop)
            self.phone.report("arrived", self.t, stop=stop["id"], where=self._point)
        self.state = "at a door"
        if stop["window"]:
            await self._stand(instant(stop["window"]["start"]), self._point)
        service_s = max(25.0, stop["service_s"] * door.service_factor)
        await self._stand(self.t + timedelta(seconds=service_s), self._point)
        await self._attempt(stop, door)
        self.done.add(stop["id"])
        await self._stand(self.t + timedelta(seconds=door.linger_s), self._point)
        self.phone.report("departed", self.t, stop=stop["id"], where=self._point)
        self.behind, self.state = stop["id"], "driving"

    async def _attempt(self, stop: dict[str, Any], door: habit.Doorstep) -> None:
        """Hand over or fail, with the proof that the orders need; a proof that is refused fails the attempt."""
        outcome, data, shots = door.outcome, {"note": door.note}, []  # type: str, dict[str, Any], list[Picture]
        if outcome.startswith("delivered"):
            needed = {order["proof_required"] for order in stop["orders"]}
            if "pin" in needed:
                pins = [await self.recipients.pin(order) for order in stop["orders"]
                        if order["proof_required"] == "pin"]
                if not pins[0] or any(pin != pins[0] for pin in pins):
                    outcome, data["note"] = "failed_missing_required_proof", "The recipient does not know the PIN."
                data["pin"] = pins[0]
            for kind in sorted(needed & {"photo", "signature"}):
                draw = pictures.photo if kind == "photo" else pictures.signature
                shots.append(Picture(kind, await asyncio.to_thread(draw, door.rng)))
            if outcome == "delivered_to_recipient" and stop["orders"]:
                data["name"] = stop["orders"][0]["recipient"]
        report = self._say(stop, outcome, data, shots)
        if shots or data.get("pin"):
            await self.phone.settled(PATIENCE_S)
        refused = report.answer is not None and report.answer["status"] == "rejected"
        if refused and outcome.startswith("delivered"):
            self._say(stop, "failed_missing_required_proof", {"note": "The proof was not accepted."}, [])

    def _say(self, stop: dict[str, Any], outcome: str, data: dict[str, Any], shots: list[Picture]) -> Report:
        told = {**data, "outcome": outcome, "uploads": [shot.id for shot in shots]}
        if not outcome.startswith("delivered"):
            told, shots = {"outcome": outcome, "note": data.get("note", "")}, []
        return self.phone.report("attempted", self.t, stop=stop["id"], where=self._point, data=told, pictures=shots)

    async def _rest(self) -> None:
        """The break: taken once, where the van is."""
        self.rested, self.state = True, "on a break"
        assert self.tour is not None and self.tour.rest is not None
        lasts = self.tour.rest[1] - self.tour.rest[0] or BREAK
        self.phone.report("break_started", self.t, where=self._point)
        await self._stand(self.t + lasts, self._point)
        self.phone.report("break_ended", self.t, where=self._point)
        self.state = "driving"

    async def _home(self, row: dict[str, Any]) -> None:
        if row["route"] is None or row["route"]["status"] == "completed":
            return
        assert self.tour is not None
        if not self.rested and self.tour.rests_before(None, self.t):
            await self._rest()
        await self._drive(None)
        self.phone.report("route_completed", self.t, where=self._depot, data={"route": row["route"]["id"]})
        await self._stand(self.t + timedelta(minutes=2), self._point)
        self.phone.report("duty_off", self.t, where=self._depot)
        self.state = "home"

    @property
    def _point(self) -> Point:
        """Where the van is."""
        assert self.tour is not None
        return self.stands_at or self.tour.line.at(self.mark_m)[0]

    async def _drive(self, stop: dict[str, Any] | None) -> None:
        """To the stop (None: home), with an accident on the way when it is time for one."""
        assert self.tour is not None
        self.state = "driving"
        stop_id = stop["id"] if stop else None
        leg = self.tour.leg(self.mark_m, stop_id, self.behind)
        rng = random.Random(f"{self.seed}/{self.behind}/{stop_id}")
        seconds = leg.seconds * self.hand * spread(rng, self.habits.leg_sigma)
        from_m = leg.from_m
        if self._accident_now():
            from_m, seconds = (leg.from_m + leg.to_m) / 2, seconds / 2
            await self._ride(Ride(self.t, seconds, leg.line, leg.from_m, from_m))
            self.state = "stopped by an accident"
            await self._stand(self.t + timedelta(minutes=self.habits.accident_minutes), leg.line.at(from_m)[0])
            self.state = "driving"
        await self._ride(Ride(self.t, seconds, leg.line, from_m, leg.to_m))
        self.mark_m = self.tour.mark(stop_id) if stop_id else self.tour.line.length_m
        self.stands_at = leg.line.at(leg.to_m)[0]

    def _accident_now(self) -> bool:
        assert self.tour is not None
        if self.accident_after is None or len(self.done) < self.accident_after * len(self.tour.stops):
            return False
        self.accident_after = None
        return True

    async def _ride(self, ride: Ride) -> None:
        self.phone.track.add(ride)
        self.t = ride.end_at
        await self.clock.sleep_until(self.t)

    async def _stand(self, until: datetime, point: Point) -> None:
        if until > self.t:
            self.phone.track.add(Standing(self.t, until, point))
            self.t = until
        await self.clock.sleep_until(self.t)
