"""The whole product as real processes, for tests that must see it as its users do.

A database of its own beside the test run's (made by the owner role, migrated, dropped at the end), a Valkey of its own
(so that it may be stopped and started), the road engine on a map built from an extract or from the generated city, and
the parts that `./run` starts: web, worker, solver, beat, relay. Each process dies with the process that started it.
"""

from __future__ import annotations

import csv
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg

from lastmile.local import packages, paths, processes
from lastmile.local.valkey import Valkey

PYTHON = sys.executable
HEALTHY_S = 60.0
# What a test run's own environment says about these is not what the stack's processes should hear.
_OWN = ("TESTING", "CLOCK_FILE", "ROADS", "GEOCODER", "PUBLIC_URL", "STATIC_ROOT", "MEDIA_ROOT", "LOG_LEVEL", "DEBUG")
_WORKER = ["-m", "celery", "-A", "lastmile", "worker", "--without-gossip", "--without-mingle", "-l", "INFO"]


class Stack:
    """One running product. `folder` holds its logs, files and demo.json; `base_url` is where it answers."""

    def __init__(
        self, folder: Path, *, owner_url: str, app_url: str, extract: Path | None, orders: Path | None
    ) -> None:
        """Describe it; `extract` None is the generated city, `orders` the file that the fleet is sized for."""
        self.folder, self.extract, self.orders = folder, extract, orders
        self.place = "city" if extract is None else extract.name.split(".")[0]
        self.database = f"lastmile_journey_{os.getpid()}"
        self._owner_url = owner_url
        self.port = paths.free_port()
        self.base_url = f"http://127.0.0.1:{self.port}"
        self.valkey = Valkey(paths.free_port(), "journey", folder / "valkey.log")
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.demo: dict[str, Any] = {}
        self.clock_file = folder / "clock.json"
        self.atlas = atlas = paths.ATLAS / "tests" / self.place  # beside the maps of demonstrations, and kept like them
        self.environment = {key: value for key, value in os.environ.items() if key not in _OWN} | {
            "DJANGO_SETTINGS_MODULE": "lastmile.settings",
            "DEVELOPMENT": "1",
            "SECRET_KEY": "only-for-journeys-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGH",
            "DATABASE_URL": _named(app_url, self.database),
            "DATABASE_OWNER_URL": _named(owner_url, self.database),
            "DATABASE_POOL_SIZE": "4",
            "REDIS_URL": self.valkey.url,
            "PUBLIC_URL": self.base_url,
            "ATLAS_DIR": str(atlas),
            "ENGINE_DIR": str(paths.ENGINE),
            "STATIC_ROOT": str(folder / "static"),
            "MEDIA_ROOT": str(folder / "media"),
            "CLOCK_FILE": str(self.clock_file),
            "PATH": f"{Path(PYTHON).parent}:{os.environ.get('PATH', '/usr/bin:/bin')}",
            "PYTHONUNBUFFERED": "1",
        }

    # --- Up and down ------------------------------------------------------------------------------------------------

    def up(self) -> None:
        """From nothing to answering `/healthz` with 200; what was started is stopped again when that fails."""
        try:
            self.valkey.start()
            packages.build()
            source = [str(self.extract)] if self.extract else ["--city"]
            mapping = self._begin("build_map", *source, "--name", self.atlas.name)
            static = self._begin("collectstatic", "--no-input", "--verbosity", "0")
            with self._admin() as admin:
                admin.execute(f'create database "{self.database}" template template1')
            migrating = self._begin("migrate", "--database", "owner", "--no-input", "--verbosity", "0")
            for title, job in (("migrate", migrating), ("build_map", mapping), ("collectstatic", static)):
                self._end(title, job)
            self._roads()
            seed = ["seed_demo", "--out", str(self.folder / "demo.json"), "--base-url", self.base_url]
            seeding = self._begin(*seed, *(["--orders", str(self.orders)] if self.orders else []))
            for part in ("worker", "solver", "beat", "relay", "web"):
                self.start(part)
            self._end("seed_demo", seeding)
            self.demo = json.loads((self.folder / "demo.json").read_text())
            self.wait_until(self.healthy, HEALTHY_S, "every part is up")
        except BaseException:
            self.down()
            raise

    def down(self) -> None:
        """End every process and drop the database."""
        for name in ("web", "relay", "beat", "solver", "worker", "roads"):
            child = self.processes.get(name)
            if child is not None and child.poll() is None:
                child.send_signal(signal.SIGTERM)
        for child in self.processes.values():
            processes.stop(child, patience_s=6)
        self.valkey.stop()
        with self._admin() as admin:
            admin.execute(f'drop database if exists "{self.database}" with (force)')

    def start(self, name: str) -> None:
        """Start one of web, worker, solver, beat, relay."""
        self.processes[name] = processes.spawn(
            [PYTHON, *self._commands()[name]],
            log=self.folder / f"{name}.log",
            environment=self.environment,
            cwd=paths.ROOT,
        )

    def kill(self, name: str, *, spare: Collection[int] = ()) -> list[int]:
        """`kill -9` a part and the processes below it but those in `spare`; returns the pids that were killed."""
        child = self.processes.pop(name)
        pids = [pid for pid in (child.pid, *descendants(child.pid)) if pid not in spare]
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        child.wait(10)
        return pids

    def healthy(self) -> bool:
        """Whether `/healthz` says that every part is up."""
        try:
            with urllib.request.urlopen(f"{self.base_url}/healthz", timeout=3) as answer:
                return bool(answer.status == 200)
        except (OSError, urllib.error.HTTPError):
            return False

    def wait_until(self, check: Callable[[], Any], seconds: float, what: str) -> Any:
        """The first true answer of `check`; fails with the ends of the logs when there is none in time."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            answer = check()
            if answer:
                return answer
            for name, child in self.processes.items():
                if child.poll() is not None:
                    raise AssertionError(f"{name} ended with code {child.returncode}:\n{self.log(name)}")
            time.sleep(0.1)
        logs = "\n".join(f"--- {name}\n{self.log(name)}" for name in self.processes)
        raise AssertionError(f"not within {seconds:g} s: {what}\n{logs}")

    def log(self, name: str, last: int = 25) -> str:
        """The last lines of a part's log."""
        path = self.folder / f"{name}.log"
        return "\n".join(path.read_text(errors="replace").splitlines()[-last:]) if path.exists() else ""

    # --- Time -------------------------------------------------------------------------------------------------------

    def set_clock(self, at: datetime) -> None:
        """Let the house's clock show `at` and go on from there at the speed of life."""
        fresh = self.clock_file.with_suffix(".new")
        values = {
            "played_at": at.isoformat(),
            "real_at": datetime.now(UTC).isoformat(),
            "speed": 1,
            "until": (at + timedelta(days=1)).isoformat(),
        }
        fresh.write_text(json.dumps(values))
        fresh.replace(self.clock_file)

    # --- Looking inside ---------------------------------------------------------------------------------------------

    @contextmanager
    def rows(self, organization: str | None = None) -> Iterator[psycopg.Connection[Any]]:
        """A connection of the runtime role inside the organization's scope (by default the demonstration's)."""
        with psycopg.connect(self.environment["DATABASE_URL"]) as connection:
            connection.execute(
                "select set_config('app.tenant', %s, true)", [organization or self.demo["organization_id"]]
            )
            yield connection
            connection.rollback()

    def one(self, sql: str, *values: Any) -> Any:
        """The first column of the first row, in the demonstration's organization."""
        with self.rows() as connection:
            row = connection.execute(sql, values).fetchone()
        return row[0] if row else None

    # --- Inside -----------------------------------------------------------------------------------------------------

    def _commands(self) -> dict[str, list[str]]:
        web = ["-m", "uvicorn", "lastmile.asgi:application", "--host", "127.0.0.1", "--port", str(self.port)]
        return {
            "web": [
                *web,
                "--no-access-log",
                "--no-proxy-headers",
                "--timeout-graceful-shutdown",
                "2",
                "--lifespan",
                "off",
            ],
            "worker": [*_WORKER, "-Q", "default", "-c", "2", "-n", f"worker@{self.database}"],
            "solver": [*_WORKER, "-Q", "solve", "-c", "1", "-n", f"solver@{self.database}"],
            "beat": ["-m", "celery", "-A", "lastmile", "beat", "--pidfile=", "-l", "INFO"],
            "relay": ["manage.py", "relay"],
        }

    def _roads(self) -> None:
        engine, data = paths.ENGINE / "osrm" / "bin" / "osrm-routed", self.atlas / "roads" / "roads.osrm"
        if not engine.exists() or not data.with_name("roads.osrm.mldgr").exists():
            return
        port = paths.free_port()
        self.environment["ROADS"] = f"osrm:http://127.0.0.1:{port}"
        words = [engine, "--algorithm", "mld", "-i", "127.0.0.1", "-p", str(port), "--max-table-size", "5000"]
        self.processes["roads"] = processes.spawn(
            [*words, "--threads", "2", data], log=self.folder / "roads.log", environment=self.environment
        )
        self.wait_until(lambda: _answers(port), 20, "the road engine answers")

    def _begin(self, *words: str) -> subprocess.Popen[bytes]:
        return processes.spawn(
            [PYTHON, "manage.py", *words],
            log=self.folder / f"{words[0]}.log",
            environment=self.environment,
            cwd=paths.ROOT,
        )

    def _end(self, title: str, job: subprocess.Popen[bytes]) -> None:
        if job.wait(180):
            raise AssertionError(f"manage.py {title} failed:\n{self.log(title)}")

    def _admin(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self._owner_url, autocommit=True)


def first_rows(file: Path, count: int, to: Path) -> Path:
    """The first `count` orders of a CSV file as a file of their own."""
    with file.open(encoding="utf-8", newline="") as source, to.open("w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target)
        for number, row in enumerate(csv.reader(source)):
            if number > count:
                break
            writer.writerow(row)
    return to


def descendants(pid: int) -> list[int]:
    """Every process below `pid`, nearest first."""
    below: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, IndexError):
                continue
            below.setdefault(parent, []).append(int(entry.name))
    found, look = [], [pid]
    while look:
        children = below.get(look.pop(0), [])
        found += children
        look += children
    return found


def _named(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
