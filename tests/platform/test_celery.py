"""The timetable names real tasks on real queues, and each part shows its pulse."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.utils import timezone

from lastmile import celery as roof
from lastmile import health, tasks


@pytest.fixture
def pulses(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The parts that showed a pulse, in order."""
    seen: list[str] = []
    monkeypatch.setattr(health, "beat", seen.append)
    return seen


def test_every_scheduled_task_exists_and_has_a_worker() -> None:
    roof.app.loader.import_default_modules()
    for name, entry in roof.app.conf.beat_schedule.items():
        assert entry["task"] in roof.app.tasks, name
        assert entry["options"].get("queue", "default") in ("default", "solve"), name
        assert entry["options"]["expires"] <= max(15, entry["schedule"]), name  # a stalled queue does not pile up


def test_a_pulse_message_marks_the_part(pulses: list[str]) -> None:
    tasks.pulse("solver")
    assert pulses == ["solver"]


def test_beat_marks_itself_on_each_tick(pulses: list[str]) -> None:
    scheduler = roof.Scheduler(roof.app, lazy=True)
    assert scheduler.tick() <= 5.0
    assert pulses == ["beat"]


@pytest.mark.parametrize(
    ("queue", "active", "seen"), [("solve", 1, ["solver"]), ("solve", 0, []), ("default", 1, ["worker"])]
)
def test_a_busy_worker_answers_for_itself(
    monkeypatch: pytest.MonkeyPatch, pulses: list[str], queue: str, active: int, seen: list[str]
) -> None:
    looks: list[Any] = []
    timer = SimpleNamespace(call_repeatedly=lambda _every_s, look: looks.append(look))
    app = SimpleNamespace(amqp=SimpleNamespace(queues=SimpleNamespace(consume_from={queue: None})))
    worker = SimpleNamespace(app=app, timer=timer, concurrency=1)
    monkeypatch.setattr(roof.state, "active_requests", set(range(active)))
    step = roof.BusyPulse(worker)
    step.start(worker)
    looks[0]()
    assert pulses == seen


def test_a_pulse_without_redis_is_no_reason_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_part: str) -> None:
        raise health.PulseError("away")

    monkeypatch.setattr(health, "beat", away)
    roof._mark("worker")


@pytest.mark.django_db
def test_tidying_keeps_what_still_counts() -> None:
    now = timezone.now()
    for key, expires in (("ended", now - timedelta(days=1)), ("open", now + timedelta(days=1))):
        Session.objects.create(session_key=key, session_data="", expire_date=expires)
    for name, at in (("long ago", now - timedelta(hours=2)), ("just now", now)):
        attempt = AccessAttempt.objects.create(username=name, ip_address="192.0.2.7", failures_since_start=1)
        AccessAttempt.objects.filter(pk=attempt.pk).update(attempt_time=at)
    tasks.tidy()
    assert list(Session.objects.values_list("session_key", flat=True)) == ["open"]
    assert list(AccessAttempt.objects.values_list("username", flat=True)) == ["just now"]
