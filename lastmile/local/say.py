"""Progress on the terminal: one line a step, with the seconds it took, and plain sentences for what went wrong."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

_began = time.monotonic()


def line(text: str) -> None:
    """Print one line at once; a closed terminal is no reason to stop working."""
    try:
        print(text, flush=True)
    except (BrokenPipeError, OSError):
        sys.stdout = sys.stderr


def step(text: str, seconds: float) -> None:
    """Print a finished step and how long it took."""
    line(f"  {text:<58}{seconds:6.1f} s")


@contextmanager
def timed(text: str) -> Iterator[None]:
    """Print `text` and its duration when the block ends well."""
    start = time.monotonic()
    yield
    step(text, time.monotonic() - start)


def elapsed_s() -> float:
    """Seconds since `./run` began."""
    return time.monotonic() - _began
