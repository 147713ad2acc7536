"""What set-up compiles, and when it does not."""

from pathlib import Path

import pytest

from lastmile.local import packages


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[packages.Job]:
    """The jobs that were started; none of them runs."""
    jobs: list[packages.Job] = []

    def start(job: packages.Job) -> packages.Job:
        jobs.append(job)
        return job

    monkeypatch.setattr(packages.Job, "start", start)
    monkeypatch.setattr(packages, "COMPILED", tmp_path / "compiled")
    return jobs


def test_the_solver_is_compiled_once_for_its_sources(started: list[packages.Job]) -> None:
    job = packages._machine_code_job()
    assert job is not None and started == [job] and job.optional
    assert [str(word) for word in job.command][1:] == ["-m", "routing.solver.warm"]
    assert job.then is not None
    (packages.COMPILED / "0123456789abcdef").mkdir(parents=True)
    (packages.COMPILED / "0123456789abcdef" / "complete-0123").touch()
    job.then()
    assert packages._machine_code_job() is None


def test_it_is_compiled_again_when_the_machine_code_is_gone(started: list[packages.Job]) -> None:
    job = packages._machine_code_job()
    assert job is not None and job.then is not None
    job.then()
    assert packages._machine_code_job() is not None  # remembered, but nothing is there
    (packages.COMPILED / "a").mkdir()
    (packages.COMPILED / "a" / "complete-b").touch()
    (packages.COMPILED / ".lastmile").write_text("of other sources")
    assert packages._machine_code_job() is not None
