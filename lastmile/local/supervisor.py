"""Keeps the parts of a stack running and ends them all, whatever way it is told to stop.

A part that dies is started again after a pause that doubles with each quick death (0.5 s … 30 s). `SIGTERM`, `SIGINT`
and `SIGHUP` stop the parts in the reverse order of their start; each has a bound, after which it is killed.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from . import packages, paths, processes, say, services

_STEADY_S = 60.0  # a part that lived this long may die again without a longer pause
_PATIENCE_S = 8.0
_TELL_EVERY_S = 5.0


@dataclass
class Part:
    """One program of the stack.

    `once` parts end by themselves and are not started again when they end well. The last line that a `told` part wrote
    is shown on the terminal every few seconds.
    """

    name: str
    command: list[str | Path]
    environment: dict[str, str] = field(default_factory=dict)
    once: bool = False
    told: bool = False
    child: "subprocess.Popen[bytes] | None" = None
    started_at: float = 0.0
    pause_s: float = 0.5
    next_start_at: float | None = None
    told_to: int = 0
    told_at: float = 0.0

    @property
    def log(self) -> Path:
        """Where its output goes."""
        return paths.LOGS / f"{self.name}.log"


class Supervisor:
    """Owns the children; use it from the main thread of one process."""

    def __init__(self, embedded: services.Services) -> None:
        """Prepare the signal handlers and the sentinel; starts none of the parts."""
        self.embedded = embedded
        self.parts: list[Part] = []
        self.jobs: list[packages.Job] = []
        self.stopping = False
        self.run = f"{os.getpid()}-{processes.born(os.getpid())}"
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        self._sentinel = subprocess.Popen(
            [sys.executable, "-m", "lastmile.local.sentinel", self.run],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=paths.ROOT,
            start_new_session=True,
        )

    def _on_signal(self, _number: int, _frame: object) -> None:
        self.stopping = True

    def start(self, part: Part) -> None:
        """Start a part and keep it running from now on."""
        self.parts.append(part)
        self._launch(part)

    def let_end(self, job: packages.Job) -> None:
        """Look after a set-up program for which nothing waits; tells when it has ended."""
        self.jobs.append(job)

    def _launch(self, part: Part) -> None:
        part.child = processes.spawn(
            part.command, log=part.log, environment={**os.environ, **part.environment, "LASTMILE_RUN": self.run}
        )
        part.started_at, part.next_start_at = time.monotonic(), None
        part.told_to = part.log.stat().st_size

    def _tell(self, part: Part, now: float) -> None:
        """Show the newest line of a part's output, if there is one since the last time."""
        part.told_at = now
        with contextlib.suppress(OSError), part.log.open("rb") as log:
            log.seek(part.told_to)
            written = log.read()
            part.told_to += len(written)
            lines = [line for line in written.decode(errors="replace").splitlines() if line.strip()]
            if lines:
                say.line(f"  {lines[-1]}")

    def look(self) -> None:
        """Notice dead parts and start again those whose pause is over."""
        now = time.monotonic()
        for server in (self.embedded.postgres, self.embedded.valkey):
            if server.child is not None and server.child.poll() is not None:
                say.line(f"{type(server).__name__} ended (code {server.child.returncode}); starting it again.")
                server.start()
        for job in [job for job in self.jobs if job.ended()]:
            self.jobs.remove(job)
            job.finish()
        for part in self.parts:
            if part.told and now - part.told_at > _TELL_EVERY_S:
                self._tell(part, now)
            if part.child is not None and part.child.poll() is not None:
                processes.stop(part.child, patience_s=0)  # the children of a killed worker
                self._died(part, part.child.returncode, now)
            elif part.next_start_at is not None and now >= part.next_start_at:
                self._launch(part)

    def _died(self, part: Part, code: int, now: float) -> None:
        part.child = None
        if part.told:
            self._tell(part, now)
        if part.once and code == 0:
            return
        if now - part.started_at > _STEADY_S:
            part.pause_s = 0.5
        part.next_start_at = now + part.pause_s
        where = part.log.relative_to(paths.ROOT)
        say.line(f"{part.name} ended (code {code}, see {where}); starting it again in {part.pause_s:g} s.")
        part.pause_s = min(part.pause_s * 2, 30.0)

    def keep_running(self, until: Callable[[], bool] = lambda: False) -> None:
        """Look after the parts until told to stop or until `until()` is true."""
        while not self.stopping and not until():
            self.look()
            time.sleep(0.1)

    def finish(self, job: packages.Job) -> None:
        """Wait for a set-up program while looking after the parts; ends `./run` if it fails or we are told to stop."""
        try:
            self.keep_running(until=job.ended)
        finally:
            if not job.ended():
                job.abandon()
        if self.stopping:
            raise SystemExit(130)
        job.finish()

    def stop(self) -> None:
        """End every part, the servers last, then whatever a part left behind; never longer than about 30 s."""
        self.stopping = True
        for job in self.jobs:
            job.abandon()
        living = [part.child for part in reversed(self.parts) if part.child is not None]
        for child in living:
            with contextlib.suppress(ProcessLookupError):
                child.terminate()
        until = time.monotonic() + _PATIENCE_S
        for child in living:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(max(0.0, until - time.monotonic()))
        for child in living:
            processes.stop(child, patience_s=0)
        processes.end_all(processes.marked(f"LASTMILE_RUN={self.run}"), patience_s=2)
        self.embedded.stop()
        self._dismiss()

    def _dismiss(self) -> None:
        if self._sentinel.stdin is not None:
            with contextlib.suppress(OSError):
                self._sentinel.stdin.write(b"bye\n")
                self._sentinel.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._sentinel.wait(5)
