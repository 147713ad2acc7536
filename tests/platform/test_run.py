"""The command line of `./run`, and what it checks without installing anything."""

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from lastmile.local import atlas, checks, packages, paths, processes

ROOT = Path(__file__).resolve().parents[2]


def run(*words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, ROOT / "run", *words], capture_output=True, text=True, timeout=60)


def test_help_names_every_command() -> None:
    done = run("--help")
    assert done.returncode == 0
    for command in ("demo", "up", "test", "check", "build", "manage", "reset"):
        assert f"\n    {command} " in done.stdout


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "required: COMMAND"),
        (["fly"], "invalid choice: 'fly'"),
        (["demo", "--fast"], "unknown: --fast"),
        (["demo", "--extract", "/nowhere/city.osm.pbf"], "/nowhere/city.osm.pbf is not a file that can be read"),
        (["demo", "--extract", str(ROOT / "pyproject.toml")], "pyproject.toml is not an OpenStreetMap extract"),
        (["demo", "--orders", "/nowhere/orders.csv"], "/nowhere/orders.csv is not a file that can be read"),
        (["demo", "--speed", "0"], "--speed: a number between 0.1 and 1000"),
        (["demo", "--speed", "fast"], "invalid float value: 'fast'"),
    ],
)
def test_a_wrong_command_line_is_answered_with_a_sentence(words: list[str], sentence: str) -> None:
    done = run(*words)
    assert done.returncode != 0
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_what_starts_the_project_needs_no_package() -> None:
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from lastmile.local import commands, checks, stack"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True)  # -S: no packages
    assert (done.returncode, done.stderr) == (0, "")


def test_a_port_that_is_taken_is_not_chosen() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        assert paths.free_port(taken) not in (0, taken)
    assert paths.free_port(taken) == taken


def test_an_extract_is_named_after_its_file(tmp_path: Path) -> None:
    for file, name in (("Ankara-2026.osm.pbf", "ankara-2026"), ("city.osm.pbf", "extract"), ("Köln.osm.pbf", "k-ln")):
        (tmp_path / file).touch()
        assert atlas.chosen(tmp_path / file).name == name


def test_the_lock_files_hold_hashes_and_no_addresses() -> None:
    assert checks._locks() == ""


@pytest.mark.parametrize(
    "line",
    ["--index-url http://mirror.example/simple", "--find-links /wheels", "name @ https://files.example/name.whl"],
)
def test_an_address_in_a_lock_file_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, line: str) -> None:
    (tmp_path / "bad.txt").write_text(f"{line}\nother==1.0 \\\n    --hash=sha256:00\n")
    monkeypatch.setattr(packages, "REQUIREMENTS", tmp_path)
    assert "bad.txt" in checks._locks()


def test_a_private_file_is_replaced_whole_and_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "secret.json"
    paths.write_private(file, "{}")
    paths.write_private(file, json.dumps({"a": 1}))
    assert paths.read_json(file) == {"a": 1}
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["secret.json"]


def test_a_long_log_is_put_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = tmp_path / "part.log"
    log.write_text("old\n" * 10)
    monkeypatch.setattr(processes, "_LOG_LIMIT_BYTES", 20)
    child = processes.spawn([sys.executable, "-c", "print('new')"], log=log, environment={})
    assert child.wait(20) == 0
    assert log.read_text() == "new\n"
    assert (tmp_path / "part.log.1").read_text().startswith("old")
