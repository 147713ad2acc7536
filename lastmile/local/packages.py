"""Installs what the project needs into its own folders: `.venv`, `var/engine`, `node_modules`, `var/build`.

Every step is skipped when a stamp (a hash of what it depends on) says that it is done already. Steps that do not need
each other run side by side as child processes.
"""

import hashlib
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from . import paths, processes, say

REQUIREMENTS = paths.ROOT / "requirements"
BUILD = paths.VAR / "build"
COMPILED = paths.VAR / "compiled"
LOCALE = paths.ROOT / "lastmile" / "locale"
NODE_MODULES = paths.ROOT / "node_modules"
_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")


def digest(files: Iterable[Path], *words: str) -> str:
    """A hash over names and contents of files and over extra words."""
    total = hashlib.sha256("\0".join(words).encode())
    for file in sorted(files):
        total.update(str(file.relative_to(paths.ROOT)).encode() + b"\0" + file.read_bytes() + b"\0")
    return total.hexdigest()


@dataclass
class Job:
    """A program that runs beside others; unless it is `optional`, its failure ends `./run` with its last words.

    `then` is called once when it has ended well.
    """

    title: str
    command: list[str | Path]
    cwd: Path = paths.ROOT
    environment: dict[str, str] = field(default_factory=dict)
    optional: bool = False
    then: Callable[[], None] | None = None
    child: "subprocess.Popen[bytes] | None" = None
    log: Path = Path()
    began: float = 0.0
    told: bool = False

    def start(self) -> "Job":
        """Start the program; its output goes to `var/log/set-up-….log`."""
        self.log = paths.LOGS / ("set-up-" + re.sub(r"[^a-z]+", "-", self.title.lower()).strip("-") + ".log")
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.log.unlink(missing_ok=True)
        self.began = time.monotonic()
        environment = {**os.environ, **self.environment}
        self.child = processes.spawn(
            self.command, log=self.log, environment=environment, cwd=self.cwd, death_signal=signal.SIGTERM
        )
        return self

    def ended(self) -> bool:
        """Whether the program has ended, well or not."""
        return self.child is None or self.child.poll() is not None

    def abandon(self) -> None:
        """End the program before it has done its work."""
        if self.child is not None:
            processes.stop(self.child, patience_s=3)

    def succeeded(self) -> bool:
        """Whether the program has ended well."""
        return self.child is not None and self.child.poll() == 0

    def finish(self) -> None:
        """Wait until the program ended and tell how long it took; a failure ends `./run` unless the job is optional."""
        if self.child is None or self.told:
            return
        try:
            code = self.child.wait()
        except BaseException:
            self.abandon()
            raise
        self.told = True
        if code == 0:
            say.step(self.title, time.monotonic() - self.began)
            if self.then is not None:
                self.then()
            return
        tail = "\n".join(self.log.read_text(errors="replace").strip().splitlines()[-15:])
        text = f"{self.title} failed (exit code {code}, whole output in {self.log.relative_to(paths.ROOT)}):\n{tail}"
        if not self.optional:
            raise SystemExit(text)
        say.line(text)


def set_up(*, tests: bool = False, solving: bool = False) -> Job | None:
    """Bring everything up to date: Python packages, road engine, npm packages, the browser's code.

    With `solving` the solver is compiled, too. That takes a minute or two of one core, so it goes on beside whatever
    comes next: the job comes back (None: it was done before). A solve that is begun meanwhile waits for it.
    """
    _venv()
    group = "all" if tests else "run"
    compiling: list[Job] = []

    def compile_solver() -> None:
        if solving and (job := _machine_code_job()):
            compiling.append(job)

    def with_packages() -> None:
        _stamp_python(group)
        compile_solver()

    python, engine = _python_packages(group), _engine()
    if python:
        python.then = with_packages
    else:
        compile_solver()
    npm = _npm_job() if _build_is_due() and _system_node() else None
    _wait_for_all(job for job in (python, engine, npm) if job)
    if engine:
        _adopt_engine(engine.succeeded())
    build(npm)
    compile_catalogs()
    return compiling[0] if compiling else None


def _wait_for_all(jobs: Iterable[Job]) -> None:
    """Tell of each job when it ends; the first that fails and is not optional ends the others and `./run`."""
    waiting = list(jobs)
    try:
        while waiting:
            for job in [job for job in waiting if job.ended()]:
                waiting.remove(job)
                job.finish()
            time.sleep(0.05)
    finally:
        for job in waiting:
            job.abandon()


def build(npm: Job | None = None) -> None:
    """Bundle the browser's code, unless it is up to date; `npm` is a job of ours that is already running."""
    due = _build_is_due()
    if not due:
        return
    node_modules(npm)
    job = Job("browser code bundled", [node(), "lastmile/browser/build.mjs"], environment=_node_environment()).start()
    job.finish()
    (BUILD / ".lastmile").write_text(due)


def compile_catalogs() -> None:
    """Make the catalogs of languages readable for Django and for browsers, unless they are up to date."""
    sources = [*LOCALE.rglob("*.po"), *(paths.ROOT / "lastmile" / "catalogs").glob("*.py")]
    wanted, stamp = digest(sources), BUILD / ".words"
    made = [source.with_suffix(".mo").exists() for source in LOCALE.rglob("django.po")]
    if all(made) and stamp.exists() and stamp.read_text() == wanted:
        return
    Job("languages compiled", [paths.PYTHON, "-m", "lastmile.catalogs", "compile"]).start().finish()
    stamp.write_text(wanted)


def node_modules(npm: Job | None = None) -> None:
    """Have node and the npm packages, by the job `npm` if it is already running."""
    if not _system_node():
        Job("node, from a wheel", _install("node.txt")).start().finish()
    npm = npm or _npm_job()
    if npm:
        npm.finish()
        (NODE_MODULES / ".lastmile").write_text(_npm_digest())


# --- Python ---------------------------------------------------------------------------------------------------------


def _venv() -> None:
    if _works(paths.PYTHON):
        return
    with say.timed("Python environment .venv"):
        shutil.rmtree(paths.VENV, ignore_errors=True)
        bare = importlib.util.find_spec("ensurepip") is None
        if bare and importlib.util.find_spec("pip") is None:
            raise SystemExit(_needs_venv())
        command: list[str | Path] = [sys.executable, "-m", "venv", *(["--without-pip"] if bare else []), paths.VENV]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            shutil.rmtree(paths.VENV, ignore_errors=True)
            raise SystemExit(f"{done.stdout}{done.stderr}\n{_needs_venv()}")


def _needs_venv() -> str:
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    package = f"python{version}-venv"
    return f"This Python cannot make a virtual environment. Install what is missing:\n    apt-get install {package}"


def _works(python: Path) -> bool:
    if not python.exists():
        return False
    done = subprocess.run(
        [python, "-c", "import sys; print(sys.version_info >= (3, 11))"], capture_output=True, text=True
    )
    return done.stdout.strip() == "True"


def pip() -> list[str | Path]:
    """The command that installs into `.venv`: its own pip, else this Python's pip aimed at it (Debian without venv)."""
    if any(paths.VENV.glob("lib/python3*/site-packages/pip")):
        return [paths.PYTHON, "-m", "pip"]
    return [sys.executable, "-m", "pip", "--python", paths.PYTHON]


def _install(file: str) -> list[str | Path]:
    # Byte code is written when a module is first imported: most of what the wheels hold never is.
    words = ["install", "--quiet", "--no-compile", "--no-input", "--disable-pip-version-check", "--progress-bar", "off"]
    return [*pip(), *words, "--require-hashes", "--only-binary=:all:", "-r", REQUIREMENTS / file]


def _python_digest(group: str) -> str:
    config = (paths.VENV / "pyvenv.cfg").read_text()
    return digest([REQUIREMENTS / f"{group}.txt"], config)


def _python_packages(group: str) -> Job | None:
    """Install a group (`run` is a part of `all`) unless its stamp, or that of the larger group, is there."""
    for larger in ("all", group):
        stamp = paths.VENV / f".lastmile-{larger}"
        if stamp.exists() and stamp.read_text() == _python_digest(larger):
            return None
    return Job("Python packages", _install(f"{group}.txt")).start()


def _stamp_python(group: str) -> None:
    (paths.VENV / f".lastmile-{group}").write_text(_python_digest(group))


# --- The solver's machine code ---------------------------------------------------------------------------------------


def _machine_code_job() -> Job | None:
    """Compile the solver's loops, unless that was done for these sources and packages."""
    sources = sorted((paths.ROOT / "routing" / "solver").rglob("*.py"))
    ages = [str(source.stat().st_mtime_ns) for source in sources]  # Numba looks at these, too
    wanted = digest(sources, (REQUIREMENTS / "app.txt").read_text(), *ages)
    stamp = COMPILED / ".lastmile"
    if stamp.exists() and stamp.read_text() == wanted and any(COMPILED.glob("*/complete-*")):
        return None

    def remember() -> None:
        COMPILED.mkdir(parents=True, exist_ok=True)
        stamp.write_text(wanted)

    command: list[str | Path] = [paths.PYTHON, "-m", "routing.solver.warm"]
    return Job("solver compiled", command, optional=True, then=remember).start()


# --- Road engine ----------------------------------------------------------------------------------------------------


def _engine_is_there() -> bool:
    match = re.search(r"^osrm-bindings==(\S+)", (REQUIREMENTS / "engine.txt").read_text(), re.MULTILINE)
    return match is not None and (paths.ENGINE / f"osrm_bindings-{match.group(1)}.dist-info").is_dir()


def _engine() -> Job | None:
    """Fetch the road engine's programs out of a wheel; they do not care which Python is beside them."""
    if _engine_is_there():
        return None
    fresh = paths.VAR / "engine.new"
    shutil.rmtree(fresh, ignore_errors=True)
    command = [*_install("engine.txt"), "--no-deps", "--python-version", "3.12", "--target", fresh]
    return Job("road engine", command, optional=True).start()


def _adopt_engine(fetched: bool) -> None:
    fresh = paths.VAR / "engine.new"
    if fetched:
        shutil.rmtree(paths.ENGINE, ignore_errors=True)
        fresh.rename(paths.ENGINE)
    else:
        shutil.rmtree(fresh, ignore_errors=True)
        say.line("  Going on without the road engine: travel times will be estimates along straight lines.")


# --- Browser code ---------------------------------------------------------------------------------------------------


def _system_node() -> bool:
    """Whether node ≥ 20 and npm are on the PATH (or in `.venv` from an earlier wheel)."""
    return bool(_node_or_none())


def _node_or_none() -> str | None:
    for folder in (None, str(paths.VENV / "bin")):
        node, npm = shutil.which("node", path=folder), shutil.which("npm", path=folder)
        if not (node and npm):
            continue
        done = subprocess.run([node, "--version"], capture_output=True, text=True)
        match = re.match(r"v(\d+)\.", done.stdout)
        if match and int(match.group(1)) >= 20:
            return node
    return None


def node() -> str:
    """The path of node; ends with a sentence when there is none."""
    found = _node_or_none()
    if found is None:
        raise SystemExit("node 20 or newer is needed to build the pages, and could not be installed.")
    return found


def _node_environment() -> dict[str, str]:
    environment = {
        "PATH": f"{Path(node()).parent}:{os.environ.get('PATH', '')}",
        "npm_config_update_notifier": "false",
    }
    if "NODE_EXTRA_CA_CERTS" not in os.environ and _CERTIFICATES.exists():
        environment["NODE_EXTRA_CA_CERTS"] = str(_CERTIFICATES)  # the wheel's node does not know the system's own list
    return environment


def _npm_digest() -> str:
    return digest([paths.ROOT / "package.json", paths.ROOT / "package-lock.json"])


def _npm_job() -> Job | None:
    stamp = NODE_MODULES / ".lastmile"
    if stamp.exists() and stamp.read_text() == _npm_digest():
        return None
    npm = str(Path(node()).parent / "npm")
    words = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    return Job("npm packages", [npm, *words], environment=_node_environment()).start()


def _build_is_due() -> str:
    """The hash that the browser code's stamp should hold when it does not, else an empty text."""
    files = [path for path in (paths.ROOT / "lastmile" / "browser").rglob("*") if path.is_file()]
    wanted = digest([*files, paths.ROOT / "package-lock.json"])
    try:
        return "" if (BUILD / ".lastmile").read_text() == wanted else wanted
    except OSError:
        return wanted
