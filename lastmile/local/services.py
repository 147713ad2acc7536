"""The embedded PostgreSQL and Valkey, who holds them, and the environment that Django gets from them."""

import fcntl
import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from . import atlas as maps
from . import paths, processes, say
from .postgres import Postgres
from .valkey import Valkey

HOLDER = paths.RUN / "holder.json"


class Services:
    """One PostgreSQL and one Valkey that belong together."""

    def __init__(self, home: Path, ports: dict[str, int], *, durable: bool = True, logs: Path = paths.LOGS) -> None:
        """Describe them; nothing is started yet."""
        secrets = paths.passwords()
        logs.mkdir(parents=True, exist_ok=True)
        self.postgres = Postgres(home, ports["postgres"], secrets, logs / "postgres.log", durable=durable)
        self.valkey = Valkey(ports["redis"], secrets["redis"], logs / "valkey.log")
        self._secret_key = secrets["secret_key"]

    def start(self) -> None:
        """Start both; a failure of one stops the other."""
        try:
            self.postgres.start()
            self.valkey.start()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop both."""
        self.valkey.stop()
        self.postgres.stop()

    def environment(self) -> dict[str, str]:
        """The variables that `lastmile.settings` reads, over whatever the caller's own environment says besides."""
        return {
            "DJANGO_SETTINGS_MODULE": "lastmile.settings",
            "DEVELOPMENT": "1",
            "SECRET_KEY": self._secret_key,
            "DATABASE_URL": self.postgres.url("lastmile_app", "app"),
            "DATABASE_OWNER_URL": self.postgres.url("lastmile_owner", "owner"),
            "REDIS_URL": self.valkey.url,
            "ENGINE_DIR": str(paths.ENGINE),
            "ROADS": "none",
            "PATH": f"{paths.VENV / 'bin'}:{os.environ.get('PATH', '/usr/bin:/bin')}",
            "LASTMILE_CHECKOUT": paths.NAME,
        }


class Held:
    """The checkout's lock: whoever has it may run the checkout's own PostgreSQL and Valkey."""

    def __init__(self) -> None:
        """Open the lock file."""
        paths.RUN.mkdir(parents=True, exist_ok=True)
        self._file = (paths.RUN / "lock").open("a")

    def take(self) -> bool:
        """Take the lock if nobody has it."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        HOLDER.unlink(missing_ok=True)
        return True

    def tell(self, kind: str, environment: dict[str, str], **more: object) -> None:
        """Write who we are and how to reach the services, for other commands of this checkout."""
        me = {"kind": kind, "pid": os.getpid(), "born": processes.born(os.getpid())}
        paths.write_private(HOLDER, json.dumps({**me, **more, "environment": environment}))

    def give_back(self) -> None:
        """Release the lock."""
        HOLDER.unlink(missing_ok=True)
        self._file.close()


def holder() -> dict[str, object]:
    """What the present holder told about itself; empty when there is none."""
    told = paths.read_json(HOLDER)
    pid = told.get("pid")
    if not isinstance(pid, int) or processes.born(pid) != told.get("born"):
        return {}
    return told


@contextmanager
def borrowed() -> Iterator[dict[str, str]]:
    """The environment of the running services, or of ones started for the duration of the block."""
    held, waiting = Held(), False
    while not held.take():
        told = holder()
        environment = told.get("environment")
        if told.get("kind") == "stack" and isinstance(environment, dict):
            yield {str(key): str(value) for key, value in environment.items()}
            return
        if not waiting:
            waiting = True
            say.line("Another command of this checkout uses the embedded services; waiting for it to end …")
        time.sleep(0.1)
    services = Services(paths.private(), paths.ports())
    try:
        services.start()
        atlas = maps.remembered()
        environment = {**services.environment(), **(atlas.environment() if atlas else {})}
        held.tell("command", environment)
        yield environment
    finally:
        services.stop()
        held.give_back()


def scratch() -> Path:
    """A folder for a cluster of this process alone; those of processes that are gone are removed."""
    base = paths.private() / "tests" if os.geteuid() else paths.private().parent / f"{paths.NAME}-tests"
    for old in base.glob("*-*"):
        pid, _, born = old.name.partition("-")
        if not pid.isdigit() or processes.born(int(pid)) != born:
            shutil.rmtree(old, ignore_errors=True)
    base.mkdir(parents=True, exist_ok=True)
    base.chmod(0o755)
    return base / f"{os.getpid()}-{processes.born(os.getpid())}"


@contextmanager
def for_tests() -> Iterator[dict[str, str]]:
    """A PostgreSQL and a Valkey of the test run's own: empty, quick, and gone afterwards."""
    home = scratch()
    ports = {"postgres": paths.free_port()}
    ports["redis"] = paths.free_port()
    logs = paths.LOGS / "tests"
    services = Services(home, ports, durable=False, logs=logs)
    try:
        services.start()
        yield {**services.environment(), "TESTING": "1", "DEVELOPMENT": "0", "LOG_LEVEL": "WARNING"}
    finally:
        services.stop()
        shutil.rmtree(home, ignore_errors=True)
