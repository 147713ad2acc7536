"""`./run check`: what can be checked without running the product. One line a check; a failed one prints its reasons."""

import json
import os
import re
import subprocess
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from . import packages, paths, say

# An address of any package registry, mirror or file host has no business in a lock file.
_ADDRESS = re.compile(r"""(?:https?|file|git\+\w+)://[^\s"']+|--(?:extra-)?index-url|--find-links|"resolved"\s*:""")
_ALLOWED = re.compile(r"^https://(?:github\.com|opencollective\.com|[\w.-]*patreon\.com|tidelift\.com|ko-fi\.com)/")
_PRODUCTION = {
    "SECRET_KEY": "only-for-checks-q7Vw3Zr9Xk2Lp5Nt8Bd1Fs6Hg4Jm0Yc-Qa_Ue",
    "DATABASE_URL": "postgresql://lastmile_app@127.0.0.1:1/lastmile",
    "DATABASE_OWNER_URL": "postgresql://lastmile_owner@127.0.0.1:1/lastmile",
    "DATABASE_POOL_SIZE": "0",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "PUBLIC_URL": "https://dispatch.example.org",
    "DEVELOPMENT": "0",
    "TESTING": "0",
    "DEBUG": "0",
}


def run() -> int:
    """Run all checks; returns how many failed (0 is the exit code of success)."""
    failed = sum(not _one(title, check) for title, check in _checks())
    say.line("All checks passed." if not failed else f"{failed} of the checks failed.")
    return min(failed, 1)


def _checks() -> Iterable[tuple[str, Callable[[], str]]]:
    python, bin_ = str(paths.PYTHON), paths.VENV / "bin"
    yield "lint (ruff check)", lambda: _program([str(bin_ / "ruff"), "check", "."])
    yield "types (mypy)", lambda: _program([python, "-m", "mypy", *_typed()])
    yield "floors (import-linter)", lambda: _program([str(bin_ / "lint-imports"), "--no-cache"])
    yield (
        "migrations match the models",
        lambda: _program([python, "-W", "ignore", "manage.py", "makemigrations", "--check", "--dry-run"]),
    )
    yield "deployment settings", lambda: _program([python, "manage.py", "check", "--deploy", "--fail-level", "WARNING"])
    yield "API description", _schema
    yield "lock files", _locks
    yield "browser types (tsc)", _browser_types
    yield "languages", _languages


def _one(title: str, check: Callable[[], str]) -> bool:
    began = time.monotonic()
    fault = check()
    say.step(("ok    " if not fault else "FAULT ") + title, time.monotonic() - began)
    if fault:
        say.line("      " + fault.strip().replace("\n", "\n      "))
    return not fault


def _program(words: list[str], extra: dict[str, str] | None = None) -> str:
    """What a program says when it fails; empty when it succeeds."""
    environment = {**os.environ, **_PRODUCTION, **(extra or {})}
    done = subprocess.run(words, cwd=paths.ROOT, env=environment, capture_output=True, text=True)
    return "" if done.returncode == 0 else (done.stdout + done.stderr or f"exit code {done.returncode}")[-6000:]


def _typed() -> list[str]:
    """The packages that mypy reads: every app, the simulation and the roof."""
    return sorted(path.parent.name for path in paths.ROOT.glob("*/__init__.py") if path.parent.name not in _UNTYPED)


_UNTYPED = {"tests", "benchmarks"}


def _schema() -> str:
    out = paths.VAR / "schema.yml"
    out.parent.mkdir(exist_ok=True)
    return _program([str(paths.PYTHON), "manage.py", "spectacular", "--validate", "--fail-on-warn", "--file", str(out)])


def _locks() -> str:
    """Lock files hold names, versions and hashes: no registry's address, nothing without a hash."""
    faults = []
    for file in sorted(packages.REQUIREMENTS.glob("*.txt")):
        text = file.read_text()
        faults += [f"{file.name}: {found}" for found in _ADDRESS.findall(text)]
        faults += _unlocked(file, text)
    for name in ("package-lock.json", "package.json", ".npmrc"):
        text = (paths.ROOT / name).read_text()
        faults += [f"{name}: {found}" for found in _ADDRESS.findall(text) if not _ALLOWED.match(found)]
    known = json.loads((paths.ROOT / "package-lock.json").read_text())["packages"]
    faults += [
        f"package-lock.json: {name} without a hash"
        for name, entry in known.items()
        if name and "integrity" not in entry
    ]
    return "\n".join(faults)


def _unlocked(file: Path, text: str) -> list[str]:
    entries = re.split(r"\n(?=\S)", text.strip())
    return [
        f"{file.name}: {entry.splitlines()[0]} without a hash" for entry in entries if "--hash=sha256:" not in entry
    ]


def _browser_types() -> str:
    packages.node_modules()
    compiler = packages.NODE_MODULES / "typescript" / "bin" / "tsc"
    return _program([packages.node(), str(compiler), "--noEmit", "--project", "lastmile/browser/tsconfig.json"])


def _languages() -> str:
    """Every sentence of the sources is in every catalog, translated, with the same placeholders."""
    packages.node_modules()
    return _program([str(paths.PYTHON), "-m", "lastmile.catalogs", "check"], {"NODE": packages.node()})
