"""Starts processes that die with their parent, and ends them within a bound.

Three nets, because each has holes: the kernel's parent-death signal on every child, a sentinel that outlives a killed
supervisor, and a mark in the environment by which every descendant of this checkout is found again.
"""

import contextlib
import ctypes
import os
import pwd
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import IO

from . import paths

_PR_SET_PDEATHSIG = 1
_LOG_LIMIT_BYTES = 20_000_000  # a longer log is put aside when its program is started again
_libc = ctypes.CDLL(None, use_errno=True)


def in_child(parent: int, death_signal: int, account: pwd.struct_passwd | None = None) -> Callable[[], None]:
    """What a new child does before its program starts: give up root where `account` says so, then die with `parent`.

    The order matters: the kernel forgets the parent-death signal when the user id changes.
    """

    def prepare() -> None:
        if account is not None:
            os.setgroups([])
            os.setgid(account.pw_gid)
            os.setuid(account.pw_uid)
        _libc.prctl(_PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return prepare


def spawn(
    command: Sequence[str | Path],
    *,
    log: Path | None,
    environment: dict[str, str],
    cwd: Path | None = None,
    death_signal: int = signal.SIGTERM,
    account: pwd.struct_passwd | None = None,
    feed: bytes | None = None,
) -> "subprocess.Popen[bytes]":
    """Start a child in a session of its own, its output appended to `log`, `feed` given on its standard input."""
    out: IO[bytes] | int = subprocess.DEVNULL
    if log is not None:
        log.parent.mkdir(parents=True, exist_ok=True)
        if log.exists() and log.stat().st_size > _LOG_LIMIT_BYTES:
            log.replace(log.with_suffix(".log.1"))
        out = log.open("ab")
    try:
        child = subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.PIPE if feed is not None else subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=cwd or paths.ROOT,
            env={**environment, "LASTMILE_CHECKOUT": paths.NAME},
            start_new_session=True,
            preexec_fn=in_child(os.getpid(), death_signal, account),
        )
    finally:
        if not isinstance(out, int):
            out.close()
    if feed is not None and child.stdin is not None:
        with contextlib.suppress(BrokenPipeError):
            child.stdin.write(feed)
            child.stdin.close()
    return child


def stop(child: "subprocess.Popen[bytes]", *, ask: int = signal.SIGTERM, patience_s: float = 8.0) -> None:
    """Ask a child to end, wait `patience_s`, then kill its whole process group."""
    if child.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            child.send_signal(ask)
        try:
            child.wait(patience_s)
        except subprocess.TimeoutExpired:
            pass
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(5)


def is_running(pid: int) -> bool:
    """Whether a process exists and is not a zombie."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return text.rpartition(")")[2].split()[0] not in ("Z", "X")


def born(pid: int) -> str:
    """The start time of a process in clock ticks since boot (tells a reused pid apart); empty when there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""


def marked(mark: str, but: Iterable[int] = ()) -> list[int]:
    """Every process with `NAME=value` in the environment it was started with, except those in `but` and ourselves."""
    wanted, skip = mark.encode(), {os.getpid(), *but}
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) in skip:
            continue
        try:
            if wanted in (entry / "environ").read_bytes().split(b"\0") and is_running(int(entry.name)):
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def end_all(pids: Iterable[int], *, patience_s: float = 8.0) -> None:
    """Ask processes to end by SIGTERM, wait until they have gone or `patience_s` is over, then kill what is left."""
    left = [pid for pid in pids if _signal(pid, signal.SIGTERM)]
    until = time.monotonic() + patience_s
    while left and time.monotonic() < until:
        time.sleep(0.05)
        left = [pid for pid in left if is_running(pid)]
    for pid in left:
        _signal(pid, signal.SIGKILL)


def _signal(pid: int, number: int) -> bool:
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True
