"""The played clock: the same as the server's, set forward but never back."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from core.clock import Played
from simulation.clock import Clock
from simulation.demo import Demo

AT = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


def told(tmp_path, **values):
    file = tmp_path / "clock.json"
    real_at = datetime.now(UTC) - timedelta(seconds=2)
    clock = {"played_at": AT.isoformat(), "real_at": real_at.isoformat(), "speed": 60.0,
             "until": (AT + timedelta(hours=16)).isoformat(), **values}
    file.write_text(json.dumps(clock))
    return {"clock": clock, "clock_file": str(file)}


def test_it_shows_what_the_servers_clock_shows(tmp_path):
    values = told(tmp_path)
    clock, server = Clock.of(values), Played.of(values["clock"])
    assert abs(clock.now() - server.at(datetime.now(UTC))) < timedelta(seconds=5)
    late = told(tmp_path, until=(AT + timedelta(seconds=30)).isoformat())
    clock, server = Clock.of(late), Played.of(late["clock"])
    assert abs(clock.now() - server.at(datetime.now(UTC))) < timedelta(seconds=1) and clock.pace == 1


def test_setting_it_tells_the_server_and_never_goes_back(tmp_path):
    values = told(tmp_path)
    clock = Clock.of(values)
    before = clock.now()
    clock.set(speed=10, not_before=AT - timedelta(hours=1))
    assert clock.now() >= before
    clock.set(speed=10, not_before=AT + timedelta(hours=3))
    assert AT + timedelta(hours=3) <= clock.now() < AT + timedelta(hours=3, minutes=1)
    server = Played.of(json.loads((tmp_path / "clock.json").read_text()))
    assert abs(server.at(datetime.now(UTC)) - clock.now()) < timedelta(seconds=2)


def test_elsewhere_it_is_followed_and_not_set(tmp_path):
    values = told(tmp_path) | {"clock_file": str(tmp_path / "not" / "here.json")}
    clock = Clock.of(values)
    clock.set(speed=1)
    assert not (tmp_path / "not").exists()


def test_a_demo_file_that_is_none_ends_with_a_sentence(tmp_path):
    (tmp_path / "demo.json").write_text("[]")
    with pytest.raises(SystemExit, match="not the description of a demonstration"):
        Demo(tmp_path / "demo.json")
    with pytest.raises(SystemExit, match="seed_demo"):
        Demo(tmp_path / "missing.json")


def test_what_is_told_keeps_the_rest_and_stays_private(tmp_path):
    path = tmp_path / "demo.json"
    path.write_text(json.dumps({"base_url": "http://x", "api_key": "k", "day": "2026-11-23", "admin": {"a": 1}}))
    demo = Demo(path)
    path.write_text(json.dumps(json.loads(path.read_text()) | {"other": 2}))
    demo.tell(tracking_url="http://x/t/")
    assert json.loads(path.read_text()) | {} == {
        "base_url": "http://x", "api_key": "k", "day": "2026-11-23", "admin": {"a": 1}, "other": 2,
        "tracking_url": "http://x/t/"}
    assert path.stat().st_mode & 0o777 == 0o600
