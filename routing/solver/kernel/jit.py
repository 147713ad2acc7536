"""How the inner loops are compiled: Numba (numba.pydata.org), machine code kept on disk between processes.

Numba was taken because the loops stay Python: they can be read, checked and stepped through with
`NUMBA_DISABLE_JIT=1`, and no compiler has to be on the machine. The code holds no interpreter lock, so parts of a
problem are searched side by side in threads.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numba import njit

#: Without Numba's own memory (`_nrt`) the loops may not create arrays, and counting references to the dozens of arrays
#: that every call hands on, four fifths of the time, is not compiled in.
_OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "boundscheck": False, "_nrt": False}

#: Flags and "none" as values: called with a literal, a function would be compiled once more just for that.
NO, YES, NONE = cast(bool, np.bool_(False)), cast(bool, np.bool_(True)), cast(int, np.int64(-1))

_HERE = Path(__file__).resolve().parent
#: Every file whose code goes into the machine code.
SOURCES = [*sorted(_HERE.glob("*.py")), _HERE.parent / "travel.py", _HERE.parent / "problem.py"]


def _cache_folder() -> Path:
    """Where machine code is kept: a folder for just these sources, since Numba itself looks at one file at a time."""
    digest = hashlib.sha256(numba.__version__.encode())
    for source in SOURCES:
        digest.update(source.read_bytes())
    base = os.environ.get("NUMBA_CACHE_DIR") or _HERE.parents[2] / "var" / "compiled"
    for folder in (Path(base), Path(tempfile.gettempdir()) / f"lastmile-compiled-{os.getuid()}"):
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK) and folder.stat().st_uid in (0, os.getuid()):
            return folder / digest.hexdigest()[:16]
    return Path(tempfile.mkdtemp(prefix="lastmile-compiled-"))


numba.config.CACHE_DIR = str(_cache_folder())

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """The function as machine code; array indices are trusted, division by zero does not raise."""
    return njit(cache=True, **_OPTIONS)(function)  # type: ignore[no-any-return]


def inlined(function: F) -> F:
    """A small function that is part of whatever calls it."""
    return njit(forceinline=True, **_OPTIONS)(function)  # type: ignore[no-any-return]
