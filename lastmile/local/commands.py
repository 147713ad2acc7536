"""The commands of `./run`."""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from . import packages, paths, processes, say, services

DESCRIPTION = """Lastmile on this machine: sets itself up in .venv, node_modules and var/, then does what you ask.
Needs Python 3.11 or newer with pip, and nothing else; works as root and as an ordinary user."""

EXAMPLES = """examples:
  ./run demo                                    a generated city, orders and a simulated day
  ./run demo --extract city.osm.pbf             the same on a real city
  PORT=9000 ./run up                            the product without simulation
  ./run test tests/orders -x                    some of the tests
  ./run manage shell                            any command of manage.py
"""


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(
        prog="./run", description=DESCRIPTION, epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    sub = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    demo = sub.add_parser("demo", help="start everything and play a simulated day")
    demo.add_argument(
        "--extract", type=Path, metavar="FILE.osm.pbf", help="an OpenStreetMap extract instead of the generated city"
    )
    demo.add_argument("--orders", type=Path, metavar="FILE.csv", help="orders to import instead of generated ones")
    demo.add_argument(
        "--speed", type=float, default=10.0, metavar="N", help="how many times faster than the clock (default 10)"
    )
    demo.add_argument("--no-simulation", action="store_true", help="demo data, but nobody drives")
    up = sub.add_parser("up", help="start everything, without demo data and simulation")
    up.add_argument(
        "--extract", type=Path, metavar="FILE.osm.pbf", help="an OpenStreetMap extract instead of the generated city"
    )
    for command in (demo, up):
        command.add_argument("--port", type=int, metavar="N", help="port of the web server (default $PORT, else 8000)")
    sub.add_parser("test", help="run the tests; what follows goes to pytest", add_help=False)
    sub.add_parser("check", help="linters, types, floors, migrations, deployment settings, lock files")
    sub.add_parser("build", help="bundle the browser's code")
    sub.add_parser("words", help="read the sentences out of the sources into the catalogs; say what is not translated")
    sub.add_parser("manage", help="run manage.py with the embedded services", add_help=False)
    sub.add_parser("reset", help="stop what runs from this checkout and delete its data, to start afresh")
    return top


def main(words: Sequence[str]) -> int:
    """Run one command; returns the exit code."""
    arguments, rest = parser().parse_known_args(list(words))
    passes_on = arguments.command in ("test", "manage")
    if rest and not passes_on:
        parser().error("unknown: " + " ".join(rest))
    if passes_on:
        rest = list(words)[1:]
    match arguments.command:
        case "test":
            return test(rest)
        case "manage":
            return manage(rest)
        case "check":
            from . import checks

            packages.set_up(tests=True)
            return checks.run()
        case "build":
            packages.set_up()
            say.line("The browser's code is up to date in var/build.")
            return 0
        case "words":
            packages.set_up(tests=True)
            packages.node_modules()
            command: list[str | Path] = [paths.PYTHON, "-m", "lastmile.catalogs", "update"]
            return foreground(command, {**os.environ, "NODE": packages.node()})
        case "reset":
            return reset()
        case _:
            from . import stack

            return stack.run(arguments)


def foreground(command: Sequence[str | Path], environment: dict[str, str]) -> int:
    """Run a program on this terminal; Ctrl-C goes to it alone, and we wait until it has ended."""
    child = subprocess.Popen(
        [str(word) for word in command],
        cwd=paths.ROOT,
        env=environment,
        preexec_fn=processes.in_child(os.getpid(), signal.SIGTERM),
    )

    def pass_on(number: int, _frame: object) -> None:
        child.send_signal(number)

    before = signal.signal(signal.SIGTERM, pass_on)
    try:
        while True:
            try:
                return child.wait()
            except KeyboardInterrupt:
                continue
    finally:
        signal.signal(signal.SIGTERM, before)


def test(words: list[str]) -> int:
    """Run pytest against an empty PostgreSQL and Valkey of its own."""
    compiling = packages.set_up(tests=True, solving=True)
    if compiling:
        compiling.finish()
    with services.for_tests() as environment:
        code = foreground([paths.PYTHON, "-m", "pytest", *words], {**os.environ, **environment})
    return code


def manage(words: list[str]) -> int:
    """Run manage.py with the running services, or with ones started for it."""
    packages.set_up()
    with services.borrowed() as environment:
        return foreground([paths.PYTHON, paths.ROOT / "manage.py", *words], {**os.environ, **environment})


def reset() -> int:
    """Stop everything of this checkout and delete its data; packages, maps and the road engine stay."""
    pid = services.holder().get("pid")
    if isinstance(pid, int):
        say.line("Stopping what runs …")
        processes.end_all([pid], patience_s=25)
    processes.end_all(processes.marked(paths.MARK, but=_ancestors()))
    held = services.Held()
    until = time.monotonic() + 10
    while not held.take():
        if time.monotonic() > until:
            say.line("Something of this checkout does not stop; nothing was deleted.")
            return 1
        time.sleep(0.1)
    paths_gone = [paths.private(), paths.VAR / "data", paths.VAR / "media", paths.VAR / "demo.json", paths.LOGS]
    paths_gone += [paths.VAR / "clock.json", *paths.VAR.glob("demo-orders-*.csv")]
    for path in [*paths_gone, paths.VAR / "secrets.json", paths.VAR / "ports.json"]:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    held.give_back()
    say.line("The data is gone; the next start is afresh.")
    return 0


def _ancestors() -> set[int]:
    pids, pid = set(), os.getpid()
    while pid > 1:
        pids.add(pid)
        try:
            pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, IndexError):
            break
    return pids


def entry() -> None:
    """What `./run` calls."""
    signal.signal(signal.SIGTERM, _on_sigterm)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # the packages are installed without byte code: it comes with use
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        say.line("")
        sys.exit(130)


def _on_sigterm(_number: int, _frame: object) -> None:
    raise SystemExit(143)
