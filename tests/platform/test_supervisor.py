"""The supervisor with real processes: it restarts what dies, and nothing outlives it, however it ends."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lastmile.local import processes

ROOT = Path(__file__).resolve().parents[2]

# A supervisor with two parts: one that sleeps, and one that has a child in another session and ignores SIGTERM.
STACK = """
import sys
from types import SimpleNamespace
from lastmile.local.supervisor import Part, Supervisor
nothing = SimpleNamespace(child=None)
embedded = SimpleNamespace(postgres=nothing, valkey=nothing, stop=lambda: print("servers stopped", flush=True))
stubborn = (
    "import os, signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(300)'], start_new_session=True);"
    "time.sleep(300)"
)
supervisor = Supervisor(embedded)
supervisor.start(Part("test-quiet", [sys.executable, "-c", "import time; time.sleep(300)"]))
supervisor.start(Part("test-stubborn", [sys.executable, "-c", stubborn]))
supervisor.start(Part("test-once", [sys.executable, "-c", "pass"], once=True))
print("run", supervisor.run, flush=True)
try:
    supervisor.keep_running()
finally:
    supervisor.stop()
"""


def eventually(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether the condition comes true within so many seconds."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.05)
    return condition()


class Stack:
    """The supervisor above as a process."""

    def __init__(self) -> None:
        self.process = subprocess.Popen([sys.executable, "-c", STACK], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.mark = f"LASTMILE_RUN={self.process.stdout.readline().split()[1]}"
        assert eventually(lambda: len(self.living()) == 3, 10)

    def living(self) -> list[int]:
        """The parts and their children: sleeper, stubborn one, its child."""
        return processes.marked(self.mark, but=[self.process.pid])


@pytest.fixture
def stack() -> Iterator[Stack]:
    made = Stack()
    yield made
    made.process.kill()
    made.process.wait()
    assert made.process.stdout is not None
    made.process.stdout.close()
    processes.end_all(made.living(), patience_s=0)
    for log in (ROOT / "var" / "log").glob("test-*.log"):
        log.unlink()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_everything_and_leaves_nothing(stack: Stack, number: int) -> None:
    stack.process.send_signal(number)
    out, _ = stack.process.communicate(timeout=25)
    assert stack.living() == []
    assert out.splitlines()[-1] == "servers stopped"
    assert stack.process.returncode == 0


def test_a_killed_supervisor_leaves_nothing(stack: Stack) -> None:
    stack.process.kill()
    stack.process.wait()
    assert eventually(lambda: stack.living() == [], 15)


def test_a_dead_part_is_started_again(stack: Stack) -> None:
    quiet = next(pid for pid in stack.living() if b"subprocess" not in Path(f"/proc/{pid}/cmdline").read_bytes())
    os.kill(quiet, signal.SIGKILL)
    assert eventually(lambda: quiet not in stack.living() and len(stack.living()) >= 3, 10)


def test_a_reused_pid_is_told_apart() -> None:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    born = processes.born(child.pid)
    assert born and processes.is_running(child.pid)
    child.kill()
    assert eventually(lambda: not processes.is_running(child.pid), 5)  # a zombie is not running
    child.wait()
    assert processes.born(child.pid) != born


BESIDE = """
import sys
from types import SimpleNamespace
from lastmile.local.packages import Job
from lastmile.local.supervisor import Supervisor
nothing = SimpleNamespace(child=None)
supervisor = Supervisor(SimpleNamespace(postgres=nothing, valkey=nothing, stop=lambda: None))
ended = []
short = Job("test beside", [sys.executable, "-c", "pass"], then=lambda: ended.append(1)).start()
long = Job("test beside", [sys.executable, "-c", "import time; time.sleep(300)"], then=lambda: ended.append(2)).start()
supervisor.let_end(short)
supervisor.let_end(long)
try:
    supervisor.keep_running(until=lambda: bool(ended))
    print("running", long.child.poll() is None)
finally:
    supervisor.stop()
print("ended", ended, long.child.poll() is not None)
"""


def test_a_program_beside_is_told_of_when_it_ends_and_ended_with_the_rest() -> None:
    done = subprocess.run([sys.executable, "-c", BESIDE], cwd=ROOT, capture_output=True, text=True, timeout=30)
    (ROOT / "var" / "log" / "set-up-test-beside.log").unlink()
    assert done.returncode == 0, done.stderr
    assert "running True" in done.stdout
    assert done.stdout.splitlines()[-1] == "ended [1] True"
