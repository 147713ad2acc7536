"""The dispatcher leaves what is done, hands in a day's own references, and says what it cannot do."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest

from simulation import dispatcher, inbox, watcher
from simulation.demo import Demo
from simulation.dispatcher import Dispatcher, Failed
from simulation.door import Door, Refusal

DAY = "2026-11-23"
FILE = b"reference,recipient_name\nA-1,Mia\nA-2,Noor\nA-3,Ada\n"


class Office:
    """The API of one organization's day, in memory."""

    def __init__(self) -> None:
        self.orders: list[dict[str, str]] = []
        self.plan = {"id": "p1", "status": "editing", "version": 1, "operation": None, "summary": {
            "stops": 3, "unassigned": 0, "routes": 1, "distance_m": 12_000, "cost_cents": 9_900}}
        self.asked: list[str] = []
        self.handed_in = b""
        self.solve_ends = "succeeded"

    def answer(self, request: httpx.Request) -> httpx.Response:
        path, query = request.url.path, request.url.params
        self.asked.append(f"{request.method} {path}")
        if path == "/api/v1/orders/":
            rows = [row for row in self.orders if all(
                row.get(name) == query[name] for name in ("delivery_on", "status", "reference") if name in query)]
            return httpx.Response(200, json={"results": rows, "next": None})
        if path == "/api/v1/imports/":
            self.handed_in = request.content
            self.orders += [{"reference": f"A-{n}", "delivery_on": DAY, "status": "ready"} for n in (1, 2, 3)]
            return httpx.Response(202, json={"operation": {"id": "import"}})
        if path == "/api/v1/operations/solve/":
            self.plan["status"] = "optimized"
            return self._operation(self.solve_ends)
        if path.startswith("/api/v1/operations/"):
            return self._operation("succeeded")
        if path == "/api/v1/plans/p1:optimize":
            return httpx.Response(202, json={"id": "solve"})
        if path == "/api/v1/plans/p1:distribute":
            self.plan["status"] = "distributed"
        return httpx.Response(200, json=self.plan)

    def _operation(self, status: str) -> httpx.Response:
        return httpx.Response(200, json={
            "status": status, "progress": {}, "result": {"created": 3, "failed": 0},
            "error": None if status == "succeeded" else "The solver found no plan."})


@pytest.fixture
def demo(tmp_path):
    path = tmp_path / "demo.json"
    (tmp_path / "orders.csv").write_bytes(FILE)
    path.write_text(json.dumps({"base_url": "http://office", "api_key": "k", "day": DAY, "depot": "d1",
                                "orders": str(tmp_path / "orders.csv")}))
    return Demo(path)


def prepare(demo: Demo, office: Office, monkeypatch, first: int = 300):
    said: list[str] = []

    async def work():
        door = Door(demo.base_url, 1000.0, transport=httpx.MockTransport(office.answer))
        try:
            return await Dispatcher(door, demo, said.append).prepare(None, first=first, seconds=None)
        finally:
            await door.close()

    async def well(self) -> None:
        return None

    monkeypatch.setattr(Dispatcher, "_healthy", well)
    return asyncio.run(work()), said


def test_from_nothing_to_distributed(demo, monkeypatch):
    office = Office()
    plan, said = prepare(demo, office, monkeypatch)
    assert plan["status"] == "distributed" and b"A-3" in office.handed_in
    assert any("3 orders, 3 located" in line for line in said) and any("3 stops on 1 routes" in line for line in said)


def test_what_is_done_is_left(demo, monkeypatch):
    office = Office()
    prepare(demo, office, monkeypatch)
    office.asked.clear()
    prepare(demo, office, monkeypatch)
    assert not [asked for asked in office.asked if "imports" in asked or ":optimize" in asked or ":distribute" in asked]


def test_the_same_file_on_another_day_is_other_orders(demo, monkeypatch):
    office = Office()
    office.orders = [{"reference": "A-1", "delivery_on": "2026-11-22", "status": "delivered"}]
    prepare(demo, office, monkeypatch, first=2)
    assert b"A-1-1123,Mia" in office.handed_in and b"A-2-1123" in office.handed_in and b"A-3" not in office.handed_in


def test_a_solve_that_fails_is_said(demo, monkeypatch):
    office = Office()
    office.solve_ends = "failed"
    with pytest.raises(Failed, match="The solver found no plan"):
        prepare(demo, office, monkeypatch)


def test_a_refusal_is_final_and_a_passing_failure_is_not():
    answers = [httpx.Response(503), httpx.Response(429), httpx.Response(200, json={"ok": 1}),
               httpx.Response(409, json={"code": "no", "message": "Not now."})]

    async def work():
        door = Door("http://x", 1000.0, transport=httpx.MockTransport(lambda _: answers.pop(0)))
        assert await door.ask("GET", "/") == {"ok": 1}
        with pytest.raises(Refusal, match=r"Not now. \(409 no\)"):
            await door.ask("GET", "/")
        await door.close()

    asyncio.run(work())


@pytest.mark.parametrize("content", [b"\xff\xfe\x00a", b"a;b;c\n1;2;3", b'"unclosed\na,b', b"PK\x03\x04\x00,"])
def test_a_file_that_is_no_plain_csv_is_handed_in_as_it_is(content):
    assert dispatcher.shortened(content, 1) is content


def test_a_quoted_line_break_is_no_row():
    content = b'reference,note\nA-1,"two\nlines"\nA-2,x\n'
    assert dispatcher.csv_rows(dispatcher.shortened(content, 1)) == [["reference", "note"], ["A-1", "two\nlines"]]


def test_link_and_pin_are_found_in_messages():
    text = ("Amber: you are next, expected 10:00 – 10:20. PIN 0471. "
            "http://127.0.0.1:8000/t/amber/exdGNbyszVm_9V-LvL9kv9RhaSrXWy0A/ Call +493023125100")
    assert inbox.pin_in(text) == "0471"
    assert inbox.link_in(text).endswith("/t/amber/exdGNbyszVm_9V-LvL9kv9RhaSrXWy0A/")
    assert inbox.pin_in("Your PIN, which the driver will ask for: 8383 Follow") == "8383"
    assert inbox.pin_in("Call +493023125100") == inbox.link_in("nothing here") == ""


def test_only_newer_rows_count():
    held = {"a": {"id": "a", "version": 3}}
    watcher.newer(held, [{"id": "a", "version": 2}, {"id": "b", "version": 1}, {"id": "a", "version": 3, "gone": True}])
    assert set(held) == {"b"}
    assert watcher.quantile([3, 1, 2], 0.5) == 2 and watcher.quantile([], 0.5) is None
