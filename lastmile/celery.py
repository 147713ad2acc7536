"""The Celery app, its timetable, and the pulse of each worker.

Messages only wake a worker: what is to be done is a row in PostgreSQL, and the sweeps below wake again what was lost.
"""

import contextlib
import logging
import os
from pathlib import Path
from typing import Any

import celery.beat
from celery import Celery, bootsteps
from celery.signals import setup_logging, worker_init, worker_ready
from celery.worker import state

from lastmile import health

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lastmile.settings")

STEP_BACK = 5
"""How much nicer (as `nice` counts) workers are than the web process and the relay."""

app = Celery("lastmile")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

app.conf.beat_schedule = {
    "pulse-worker": {
        "task": "lastmile.tasks.pulse",
        "schedule": 5.0,
        "args": ("worker",),
        "options": {"queue": "default", "expires": 15},
    },
    "pulse-solver": {
        "task": "lastmile.tasks.pulse",
        "schedule": 5.0,
        "args": ("solver",),
        "options": {"queue": "solve", "expires": 15},
    },
    "sweep-operations": {"task": "core.tasks.sweep_operations", "schedule": 10.0, "options": {"expires": 10}},
    "sweep-orders": {"task": "orders.tasks.sweep", "schedule": 30.0, "options": {"expires": 30}},
    "tidy": {"task": "lastmile.tasks.tidy", "schedule": 3600.0, "options": {"expires": 3600}},
    "tidy-orders": {"task": "orders.tasks.tidy", "schedule": 3600.0, "options": {"expires": 3600}},
    "sweep-messages": {"task": "notifications.tasks.sweep", "schedule": 30.0, "options": {"expires": 30}},
    "sweep-tracking": {"task": "tracking.tasks.sweep", "schedule": 10.0, "options": {"expires": 10}},
    "sweep-automation": {"task": "dispatch.tasks.sweep_automation", "schedule": 60.0, "options": {"expires": 60}},
    "watch-exceptions": {"task": "tracking.tasks.watch", "schedule": 15.0, "options": {"expires": 15}},
}


@worker_init.connect
def _step_back(**_: Any) -> None:
    """Let what somebody waits for (pages, live rows) have the processor first, where they share one.

    A search for routes is a child with a session of its own: where sessions are weighed first it has its full share,
    since somebody waits for it, too.
    """
    os.nice(STEP_BACK)
    if os.getsid(0) == os.getpid():
        # Linux shares a processor between sessions before it looks at what is in them, where autogroups are on.
        with contextlib.suppress(OSError):
            Path("/proc/self/autogroup").write_text(str(STEP_BACK))


@setup_logging.connect
def _keep_django_logging(**_: Any) -> None:
    """Stop Celery from replacing the logging that the settings describe."""


class Scheduler(celery.beat.Scheduler):
    """Beat without a state file (every interval is short) that shows its own pulse on each tick."""

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Send what is due, then mark `beat` as alive; returns seconds until the next tick."""
        wait_s: float = super().tick(*args, **kwargs)
        _mark("beat")
        return min(wait_s, 5.0)


class BusyPulse(bootsteps.StartStopStep):
    """Marks the solver as alive while all its processes are busy.

    A pulse message proves that a worker consumes, but cannot be consumed while the only process solves for minutes;
    then, and only then, the main process answers for it.
    """

    requires = ("celery.worker.components:Timer", "celery.worker.components:Pool")

    def __init__(self, worker: Any, **kwargs: Any) -> None:
        """Learn from the queue's name which part this worker is."""
        super().__init__(worker, **kwargs)
        self._entry: Any = None

    def start(self, worker: Any) -> None:
        """Look every five seconds whether the worker is busy."""
        self._part = _part(worker.app)
        self._processes = worker.concurrency or 1
        self._entry = worker.timer.call_repeatedly(5.0, self._look)

    def stop(self, worker: Any) -> None:
        """End the looking."""
        if self._entry is not None:
            self._entry.cancel()
            self._entry = None

    def _look(self) -> None:
        if len(state.active_requests) >= self._processes:
            _mark(self._part)


@worker_ready.connect
def _first_pulse(sender: Any, **_: Any) -> None:
    _mark(_part(sender.app))


def _part(worker_app: Celery) -> str:
    """Which part of the stack this worker is, by the queue it consumes."""
    return "solver" if "solve" in worker_app.amqp.queues.consume_from else "worker"


def _mark(part: str) -> None:
    try:
        health.beat(part)
    except OSError as error:
        logging.getLogger(__name__).warning("pulse not written", extra={"part": part, "error": str(error)})


app.steps["worker"].add(BusyPulse)
