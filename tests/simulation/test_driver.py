"""A driver's day against a small server in memory: everything arrives once and in order, whatever the network does."""

from __future__ import annotations

import asyncio
import itertools
import random
from datetime import UTC, datetime, timedelta

import pytest

from routing.roads import polyline
from simulation.clock import Clock, instant
from simulation.door import Door
from simulation.driver import Driver
from simulation.habits import Habits
from simulation.noise import Receiver
from simulation.path import distance_m
from simulation.phone import Phone, Tally
from tests.simulation.server import Server, stop_row

DEPOT = (49.41, 8.69)
AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
CALM = Habits(failing=0, skipping=0, silences=(0, 0), accidents=0)
SPEED = 2400.0


class Memory:
    """Recipients who know what they were told."""

    def __init__(self, pins: dict[str, str]) -> None:
        self.pins = pins

    async def pin(self, order):
        return self.pins.get(order["id"], "")


def make(count: int = 4, proofs: tuple[str, ...] = ("none", "photo", "signature", "pin"), rest: bool = False):
    """A server with a route of `count` stops east of the depot and back."""
    def iso(minutes: float) -> str:
        return (AT + timedelta(minutes=minutes)).isoformat()

    stops = [stop_row(n, DEPOT, iso(4 * n - 2), iso(4 * n), proofs[(n - 1) % len(proofs)]) for n in range(1, count + 1)]
    way = [DEPOT, *((stop["place"]["lat"], stop["place"]["lon"]) for stop in stops), DEPOT]
    route = {
        "id": "r1", "version": 1, "status": "distributed", "starts_at": iso(0), "ends_at": iso(4 * count + 6),
        "geometry": polyline.encode(way), "rest": {"start": iso(5), "end": iso(35)} if rest else None,
    }
    server = Server(DEPOT, stops, route)
    server.pins = {"o4": "4711"}
    return server


def play(server: Server, habits: Habits = CALM, *, silences=(), accident: float | None = None, start: datetime = AT,
         pins: dict[str, str] | None = None, speed: float = SPEED):
    """The day on this server; returns driver and tally."""

    async def day():
        clock = Clock(start, datetime.now(UTC), speed, start + timedelta(hours=12))
        door, tally = Door("http://server", 500.0, transport=server.transport()), Tally()
        login = {"email": "a@b.example", "password": "p", "name": "Ada"}
        phone = Phone(door, clock, login, tally, receiver=Receiver(random.Random(1)), round_s=0.05,
                      silences=list(silences))
        recipients = Memory(server.pins if pins is None else pins)
        driver = Driver(phone, clock, recipients, habits, day="2026-11-23", seed="1", accident_after=accident)
        await asyncio.wait_for(driver.run(), 30)
        await door.close()
        return driver, tally

    return asyncio.run(day())


def kinds(server: Server) -> list[str]:
    return [kind for kind in server.order if kind not in ("duty_on", "duty_off")]


FOUR = ["route_started", *(["arrived", "attempted", "departed"] * 4), "route_completed"]


def test_a_day_is_driven_in_order_with_every_proof():
    server = make()
    driver, tally = play(server)
    assert kinds(server) == FOUR and server.order[0] == "duty_on" and server.order[-1] == "duty_off"
    assert all(stop["outcome"].startswith("delivered") for stop in server.stops)
    assert sorted(server.uploads.values()) == ["photo", "signature"]
    assert driver.state == "home" and tally.problems == []
    times = [instant(report["device_at"]) for report in server.reports.values()]
    assert times == sorted(times) and AT - timedelta(minutes=16) <= times[0]
    sequences = [report["sequence"] for report in server.reports.values()]
    assert sequences == sorted(set(sequences))


def test_it_drives_along_the_line_at_possible_speeds():
    server = make()
    play(server, speed=600.0)
    fixes = sorted(server.fixes, key=lambda fix: fix["fix_at"])
    assert len(fixes) > 15
    for fix in fixes:
        assert abs(fix["lat"] - DEPOT[0]) * 111_195 < 60  # the line runs east: what is north of it is the error
    for a, b in itertools.pairwise(fixes):
        seconds = (instant(b["fix_at"]) - instant(a["fix_at"])).total_seconds()
        assert distance_m((a["lat"], a["lon"]), (b["lat"], b["lon"])) <= 34 * seconds + 60


def test_an_arrival_is_where_the_stop_is():
    server = make()
    play(server)
    for report in server.reports.values():
        if report["type"] == "arrived":
            stop = next(stop for stop in server.stops if stop["id"] == report["stop"])
            here = report["lat"], report["lon"]
            assert distance_m(here, (stop["place"]["lat"], stop["place"]["lon"])) < 5


def test_nothing_is_lost_or_doubled_when_the_server_fails_and_answers_get_lost():
    server = make()
    server.failing, server.lose_answers, server.again = 2, 2, {"attempted"}
    _, tally = play(server)
    assert kinds(server) == FOUR
    assert tally.reports.get("duplicate", 0) >= 1 and tally.problems == []


def test_a_silence_makes_reports_late_but_leaves_their_order_and_times():
    server = make()
    silence = AT + timedelta(minutes=3), AT + timedelta(minutes=11)
    play(server, silences=[silence])
    assert kinds(server) == FOUR
    within = [report for report in server.reports.values() if silence[0] < instant(report["device_at"]) < silence[1]]
    assert within, "the driver worked on without a signal"


def test_a_break_is_taken_once_and_lasts():
    server = make(rest=True)
    play(server)
    reports = {report["type"]: instant(report["device_at"]) for report in server.reports.values()}
    assert kinds(server).count("break_started") == kinds(server).count("break_ended") == 1
    assert reports["break_ended"] - reports["break_started"] == timedelta(minutes=30)


def test_what_was_skipped_is_done_at_the_end():
    server = make(proofs=("none",))
    play(server, Habits(failing=0, skipping=1.0, accidents=0))
    assert kinds(server).count("skipped") == 4
    assert all(stop["status"] == "departed" for stop in server.stops)
    arrivals = [report["stop"] for report in server.reports.values() if report["type"] == "arrived"]
    assert arrivals == ["s1", "s2", "s3", "s4"]


def test_failures_carry_a_known_code_and_no_proof():
    server = make()
    play(server, Habits(failing=1.0, skipping=0, accidents=0))
    assert all(stop["outcome"].startswith("failed_") for stop in server.stops) and not server.uploads


@pytest.mark.parametrize("told", [{}, {"o4": "9999"}])
def test_a_pin_that_nobody_knows_or_that_is_wrong_fails_the_attempt_honestly(told):
    server = make()
    play(server, pins=told)
    assert server.stops[3]["outcome"] == "failed_missing_required_proof"
    assert [stop["status"] for stop in server.stops] == ["departed"] * 4


def test_an_accident_holds_the_driver_up_and_the_day_is_finished():
    calm, unlucky = make(), make()
    play(calm)
    play(unlucky, Habits(failing=0, skipping=0, silences=(0, 0), accident_minutes=40), accident=0.5)
    assert kinds(unlucky) == FOUR
    ends = [instant(list(server.reports.values())[-2]["device_at"]) for server in (calm, unlucky)]
    assert ends[1] - ends[0] >= timedelta(minutes=39)


def test_a_day_that_was_left_in_the_middle_goes_on_there():
    server = make()
    server.route["status"] = "started"
    server.stops[0] |= {"status": "departed", "outcome": "delivered_to_recipient", "departed_at": AT.isoformat()}
    server.stops[1] |= {"status": "arrived", "arrived_at": AT.isoformat()}
    play(server, start=AT + timedelta(minutes=8))
    assert kinds(server) == ["attempted", "departed", *(["arrived", "attempted", "departed"] * 2), "route_completed"]
    assert all(stop["outcome"] for stop in server.stops)


def test_the_same_seed_is_the_same_story():
    habits = Habits(failing=0.5, skipping=0.2, silences=(0, 0))
    stories = []
    for _ in range(2):
        server = make(8, ("none",))
        play(server, habits)
        stories.append([(report["type"], report.get("stop"), report["data"].get("outcome"))
                        for report in server.reports.values()])
    assert stories[0] == stories[1]
