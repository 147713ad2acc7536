"""`./run demo` and `./run up`: everything from nothing to a running product, and back to nothing."""

import argparse
import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from . import atlas as maps
from . import packages, paths, say, services
from .supervisor import Part, Supervisor

DEMO = paths.VAR / "demo.json"
CLOCK = paths.VAR / "clock.json"
_READY_S = 60.0
_LOOK_EVERY_S = 2.0


def run(arguments: argparse.Namespace) -> int:
    """Set up, start, say where things are, and keep running until told to stop."""
    demo = arguments.command == "demo"
    orders = _orders(arguments) if demo else None
    if demo and not 0.1 <= arguments.speed <= 1000:
        raise SystemExit("--speed: a number between 0.1 and 1000.")
    atlas = maps.chosen(arguments.extract) if arguments.extract or not demo else maps.Atlas(maps.CITY, None)
    held = services.Held()
    if not held.take():
        told = services.holder()
        where = f" at {told['base_url']}" if told.get("base_url") else ""
        raise SystemExit(f"This checkout is already running{where} (process {told.get('pid', 'unknown')}).")
    try:
        port = _port(arguments.port)
        say.line("Setting up:")
        compiling = packages.set_up(solving=True)
        embedded = services.Services(paths.private(), paths.ports())
        return _start(held, embedded, atlas, port, demo, arguments, orders, compiling)
    finally:
        held.give_back()


def _orders(arguments: argparse.Namespace) -> Path | None:
    if arguments.orders is None:
        return _orders_beside(arguments.extract)
    path = Path(os.path.abspath(arguments.orders.expanduser()))
    if not path.is_file() or not os.access(path, os.R_OK):
        raise SystemExit(f"--orders: {path} is not a file that can be read.")
    return path


def _orders_beside(extract: Path | None) -> Path | None:
    """The order file that lies beside an extract: `town-orders.csv` beside `town.osm.pbf`."""
    if extract is None:
        return None
    path = Path(os.path.abspath(extract.expanduser()))
    path = path.with_name(f"{path.name.partition('.')[0]}-orders.csv")
    return path if path.is_file() and os.access(path, os.R_OK) else None


def _port(asked: int | None) -> int:
    """The web server's port: asked for by option or PORT and then binding, else 8000, else any free one."""
    text = str(asked) if asked is not None else os.environ.get("PORT", "")
    if text:
        if not text.isdigit() or not 1 <= int(text) <= 65535:
            raise SystemExit(f"PORT: '{text}' is not a port (1–65535).")
        if paths.free_port(int(text)) != int(text):
            raise SystemExit(f"PORT: {text} is taken by another program, or not for this user.")
        return int(text)
    port = paths.free_port(8000)
    if port != 8000:
        say.line(f"Port 8000 is taken; using {port}.")
    return port


def _start(
    held: services.Held,
    embedded: services.Services,
    atlas: maps.Atlas,
    port: int,
    demo: bool,
    arguments: argparse.Namespace,
    orders: Path | None,
    compiling: packages.Job | None,
) -> int:
    base_url = f"http://127.0.0.1:{port}"
    environment = {**embedded.environment(), **atlas.environment(), "PUBLIC_URL": base_url}
    if demo:
        environment["CLOCK_FILE"] = str(CLOCK)  # the demo's day may run faster than life
    supervisor = Supervisor(embedded)
    if compiling:
        supervisor.let_end(compiling)
    try:
        mapping = None if atlas.is_current() else atlas.job(environment).start()
        with say.timed("PostgreSQL and Valkey"):
            embedded.start()
        held.tell("stack", environment, base_url=base_url)
        _migrate(supervisor, embedded, environment)
        _collect_static(supervisor, environment)
        if mapping:
            supervisor.finish(mapping)
            atlas.built()
        atlas.remember()
        if "ROADS" not in os.environ and atlas.has_roads():
            environment["ROADS"] = f"osrm:http://127.0.0.1:{paths.ports()['roads']}"
            supervisor.start(_roads(atlas))
        for part in _parts(environment, port):
            supervisor.start(part)
        held.tell("stack", environment, base_url=base_url)
        if demo:
            command: list[str | Path] = ["seed_demo", "--out", DEMO, "--base-url", base_url]
            command += ["--orders", orders] if orders else []
            supervisor.finish(_manage("demo data", command, environment))
        healthy = _wait_until_healthy(supervisor, base_url)
        if supervisor.stopping:
            return 130
        if demo and not arguments.no_simulation:
            supervisor.start(_simulation(environment, arguments.speed, orders))
        _say_where(base_url, demo, healthy)
        supervisor.keep_running(until=_tracking_teller(demo))
        say.line("\nStopping …")
        return 0
    finally:
        supervisor.stop()


def _manage(title: str, words: list[str | Path], environment: dict[str, str]) -> packages.Job:
    return packages.Job(title, [paths.PYTHON, paths.ROOT / "manage.py", *words], environment=environment).start()


def _migrate(supervisor: Supervisor, embedded: services.Services, environment: dict[str, str]) -> None:
    """Migrate as the owner, unless nothing that shapes the tables has changed since this data folder was migrated."""
    shapes = list(paths.ROOT.glob("*/migrations/*.py"))
    shapes += [*paths.ROOT.glob("*/models.py"), *paths.ROOT.glob("*/models/*.py"), *paths.ROOT.glob("core/*.py")]
    wanted = packages.digest([*shapes, packages.REQUIREMENTS / "app.txt"])
    stamp = embedded.postgres.data / "lastmile-migrated"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    supervisor.finish(_manage("tables", ["migrate", "--database", "owner", "--no-input"], environment))
    stamp.write_text(wanted)


def _collect_static(supervisor: Supervisor, environment: dict[str, str]) -> None:
    """Gather static files under names that carry their contents' hash, unless none has changed."""
    folders = [paths.VAR / "build", *(path.parent / "static" for path in paths.ROOT.glob("*/__init__.py"))]
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    wanted = packages.digest([*files, packages.REQUIREMENTS / "app.txt"])
    stamp = paths.VAR / "static" / ".lastmile"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    words: list[str | Path] = ["collectstatic", "--no-input", "--clear", "--verbosity", "0"]
    supervisor.finish(_manage("static files", words, environment))
    stamp.write_text(wanted)


def _roads(atlas: maps.Atlas) -> Part:
    command: list[str | Path] = [maps.engine("osrm-routed"), "--algorithm", "mld", "-i", "127.0.0.1"]
    command += [
        "-p",
        str(paths.ports()["roads"]),
        "--max-table-size",
        "5000",
        "--threads",
        "2",
        "--verbosity",
        "WARNING",
        atlas.roads,
    ]
    return Part("roads", command)


def _parts(environment: dict[str, str], port: int) -> list[Part]:
    """The product's own processes. Web comes last: it answers when the others already do."""
    python: list[str | Path] = [paths.PYTHON, "-m"]
    worker = [*python, "celery", "-A", "lastmile", "worker", "--without-gossip", "--without-mingle", "-l", "INFO"]
    web = [*python, "uvicorn", "lastmile.asgi:application", "--host", "127.0.0.1", "--port", str(port)]
    web += ["--no-access-log", "--no-proxy-headers", "--timeout-graceful-shutdown", "2", "--lifespan", "off"]
    return [
        Part("web", web, environment),
        Part("worker", [*worker, "-Q", "default", "-c", "2", "-n", "worker@lastmile"], environment),
        Part(
            "solver",
            [*worker, "-Q", "solve", "-c", "1", "-n", "solver@lastmile", "--max-memory-per-child", "1500000"],
            environment,
        ),
        Part("beat", [*python, "celery", "-A", "lastmile", "beat", "--pidfile=", "-l", "INFO"], environment),
        Part("relay", [paths.PYTHON, paths.ROOT / "manage.py", "relay"], environment),
    ]


def _simulation(environment: dict[str, str], speed: float, orders: Path | None) -> Part:
    command: list[str | Path] = [paths.PYTHON, "-m", "simulation", "--demo", DEMO, "--speed", f"{speed:g}"]
    command += ["--orders", orders] if orders else []
    return Part("simulation", command, {"PATH": environment["PATH"]}, once=True, told=True)


def _health(base_url: str) -> dict[str, bool]:
    """The parts' states as the web process sees them; empty while it does not answer."""
    try:
        with urllib.request.urlopen(f"{base_url}/healthz", timeout=3) as answer:  # noqa: S310 - our own address
            body = answer.read()
    except urllib.error.HTTPError as error:
        body = error.read()
    except (OSError, ValueError):
        return {}
    try:
        parts = json.loads(body)["parts"]
    except (ValueError, KeyError, TypeError):
        return {}
    return {str(name): bool(up) for name, up in parts.items()}


def _wait_until_healthy(supervisor: Supervisor, base_url: str) -> bool:
    """Wait until every part is up; after a while say which one is missing, and go on looking after the others."""
    began, state = time.monotonic(), {"web": False}

    def healthy() -> bool:
        nonlocal state
        time.sleep(0.15)
        state = _health(base_url) or {"web": False}
        return all(state.values()) or time.monotonic() - began > _READY_S

    supervisor.keep_running(until=healthy)
    missing = [name for name, up in state.items() if not up]
    if missing and not supervisor.stopping:
        say.line(f"  Not up after {_READY_S:.0f} s: {', '.join(missing)}. See var/log/ for the reason.")
    elif not missing:
        say.step("all parts up", time.monotonic() - began)
    return not missing


def _tracking_teller(demo: bool) -> Callable[[], bool]:
    """Shows the recipient's page as soon as the played day has one; the returned function is never true."""
    known, looked_at = str(paths.read_json(DEMO).get("tracking_url") or ""), 0.0

    def look() -> bool:
        nonlocal known, looked_at
        if demo and time.monotonic() - looked_at > _LOOK_EVERY_S:
            looked_at = time.monotonic()
            found = str(paths.read_json(DEMO).get("tracking_url") or "")
            if found and not known:
                say.line(f"  {'Tracking':<10}{found}")
                known = found
        return False

    return look


def _say_where(base_url: str, demo: bool, healthy: bool) -> None:
    say.line(f"\nLastmile is {'ready' if healthy else 'started'} after {say.elapsed_s():.0f} s.")
    told = paths.read_json(DEMO) if demo else {}
    rows = [("Board", base_url + "/"), ("API", base_url + "/api/v1/docs/"), ("Admin", base_url + "/admin/")]
    dispatcher, admin, key = told.get("dispatcher"), told.get("admin"), told.get("api_key")
    if isinstance(dispatcher, dict):
        rows[0] = ("Board", f"{base_url}/    {dispatcher.get('email')} / {dispatcher.get('password')}")
    if isinstance(admin, dict):
        rows[2] = ("Admin", f"{base_url}/admin/    {admin.get('email')} / {admin.get('password')}")
    rows += [(title, str(told[name])) for title, name in _LINKS if told.get(name)]
    if key:
        rows.append(("API key", str(key)))
    for title, text in rows:
        say.line(f"  {title:<10}{text}")
    if told:
        say.line(f"  The same in {DEMO.relative_to(paths.ROOT)}; logs in var/log/. Ctrl-C stops everything.")
    else:
        say.line("  Logs in var/log/. Ctrl-C stops everything.")


_LINKS = (("Driver", "driver_url"), ("Tracking", "tracking_url"))
