"""Where this checkout keeps what it makes: everything under `var/`, `.venv` and `node_modules`.

For root one thing lies elsewhere: PostgreSQL refuses to run as root, so its data and a copy of its programs go to a
folder that an unprivileged account can reach (`private()`), named after the checkout's path.
"""

import hashlib
import json
import os
import pwd
import secrets
import socket
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VAR = ROOT / "var"
LOGS = VAR / "log"
RUN = VAR / "run"
ENGINE = VAR / "engine"
ATLAS = VAR / "atlas"
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
NAME = hashlib.sha256(str(ROOT).encode()).hexdigest()[:12]
MARK = f"LASTMILE_CHECKOUT={NAME}"  # in the environment of every process started here


def private() -> Path:
    """The folder of PostgreSQL's data: `var/data`, or for root one that the demoted account can reach."""
    return Path("/var/lib/lastmile-local") / NAME if os.geteuid() == 0 else VAR / "data"


def demoted() -> pwd.struct_passwd | None:
    """The account that PostgreSQL runs as when we are root: `postgres`, else `nobody`; None for an ordinary user."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise SystemExit("PostgreSQL cannot run as root, and neither the account 'postgres' nor 'nobody' exists here.")


def free_port(preferred: int = 0) -> int:
    """A TCP port on 127.0.0.1 that nobody listens on: `preferred` if it is free, else any."""
    for port in (preferred, 0) if preferred else (0,):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise SystemExit("There is no free TCP port on 127.0.0.1.")


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, replacing an older one in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    fresh.replace(path)


def read_json(path: Path) -> dict[str, object]:
    """The object in a JSON file, or an empty one when the file is absent or broken."""
    try:
        value = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def passwords() -> dict[str, str]:
    """The random secrets of this checkout's own services, made once and kept with mode 0600."""
    path = VAR / "secrets.json"
    known = {key: str(value) for key, value in read_json(path).items()}
    missing = {"admin", "owner", "app", "redis", "secret_key"} - set(known)
    if missing:
        known |= {name: secrets.token_urlsafe(48) for name in missing}
        write_private(path, json.dumps(known, indent=1))
    return known


def ports() -> dict[str, int]:
    """This checkout's ports for its services; remembered, and replaced where somebody else took one meanwhile."""
    path = VAR / "ports.json"
    known = read_json(path)
    chosen: dict[str, int] = {}
    for name in ("postgres", "redis", "roads"):
        wanted = known.get(name)
        port = free_port(wanted if isinstance(wanted, int) else 0)
        while port in chosen.values():
            port = free_port()
        chosen[name] = port
    if chosen != known:
        write_private(path, json.dumps(chosen))
    return chosen
