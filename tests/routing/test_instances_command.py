"""`manage.py solve_instance`, started as anyone would start it: a process in an environment without settings."""

from __future__ import annotations

import itertools
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from routing.instances import Instance, judging, read, solution
from tests.routing.instance_cases import BY_FORMAT, SOLOMON, best

ROOT = Path(__file__).resolve().parents[2]


def command(*words: str | Path) -> list[str]:
    return [sys.executable, str(ROOT / "manage.py"), "solve_instance", *map(str, words)]


def bare() -> dict[str, str]:
    """An environment that knows no settings."""
    return {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/tmp")}


def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*words), cwd=ROOT, env=bare(), capture_output=True, text=True, timeout=300)


def assert_answer(stdout: str, instance: Instance, sol: Path, seconds: float) -> dict[str, object]:
    lines = stdout.splitlines()
    assert len(lines) == 1, stdout
    line = json.loads(lines[0])
    assert list(line) == ["cost", "routes", "seconds", "engine"]
    routes = solution.read(sol.read_text(), instance)
    assert judging.faults(instance, routes) == []
    assert line["cost"] == solution.cost(instance, routes) and line["routes"] == len(routes)
    assert 0 < line["seconds"] <= seconds
    assert line["engine"]
    return line


@pytest.mark.parametrize("name", BY_FORMAT)
def test_the_command_solves_every_format(name: str, tmp_path: Path) -> None:
    file, sol = tmp_path / f"{name}.txt", tmp_path / "out.sol"
    file.write_text(BY_FORMAT[name])
    done = run(file, "--seconds", "2", "--seed", "3", "--threads", "1", "--out", sol)
    assert done.returncode == 0, done.stderr
    instance = read(file)
    line = assert_answer(done.stdout, instance, sol, 2)
    assert line["cost"] == best(instance)


def crowd(customers: int) -> str:
    """A CVRPLIB file with many customers at random."""
    draw = random.Random(5)
    nodes = range(1, customers + 2)
    return "\n".join(
        [
            f"NAME : crowd\nTYPE : CVRP\nDIMENSION : {customers + 1}\nEDGE_WEIGHT_TYPE : EUC_2D\nCAPACITY : 40",
            "NODE_COORD_SECTION",
            *(f"{node} {draw.randrange(1000)} {draw.randrange(1000)}" for node in nodes),
            "DEMAND_SECTION",
            *(f"{node} {draw.randrange(1, 9) if node > 1 else 0}" for node in nodes),
            "DEPOT_SECTION\n1\n-1\nEOF\n",
        ]
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_search_with_the_best_so_far(number: signal.Signals, tmp_path: Path) -> None:
    file, sol = tmp_path / "crowd.vrp", tmp_path / "out.sol"
    file.write_text(crowd(150))
    process = subprocess.Popen(
        command(file, "--seconds", "120", "--seed", "1", "--out", sol),
        cwd=ROOT, env=bare(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        while process.poll() is None and not _catches(process.pid, number):
            time.sleep(0.05)
        time.sleep(1.5)
        process.send_signal(number)
        stdout, stderr = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 0, stderr
    line = assert_answer(stdout, read(file), sol, 120)
    assert isinstance(line["seconds"], float) and line["seconds"] < 30


def _catches(pid: int, number: signal.Signals) -> bool:
    """Whether the process has a handler of its own for the signal (Python itself has one for SIGINT: so SIGTERM)."""
    status = Path(f"/proc/{pid}/status").read_text()
    caught = next(line for line in status.splitlines() if line.startswith("SigCgt"))
    return bool(int(caught.split()[1], 16) >> (signal.SIGTERM - 1) & 1)


def test_wrong_arguments_are_refused_in_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "r9.txt"
    file.write_text(SOLOMON)
    good = {"--seconds": "1", "--seed": "1", "--threads": "1", "--out": str(tmp_path / "x.sol")}
    for name, value in (
        ("--seconds", "0"), ("--seconds", "nan"), ("--seconds", "-3"), ("--seed", "-1"), ("--threads", "0"),
        ("--out", str(tmp_path)), ("--out", str(tmp_path / "none" / "x.sol")),
    ):  # fmt: skip
        words = itertools.chain(*{**good, name: value}.items())
        with pytest.raises(CommandError) as refused:
            call_command("solve_instance", file, *words)
        assert refused.value.returncode == 2 and str(refused.value).endswith(".")
    done = run(tmp_path / "none.txt", "--seconds", "1", "--out", tmp_path / "x.sol")
    assert done.returncode == 2 and "none.txt" in done.stderr and "Traceback" not in done.stderr and not done.stdout
