"""Node and the browser's packages as the set-up installs them, for tests of the browser's own rules.

`./run test` sets both up, from a wheel where the machine has no node: what is missing is a failure and not a skip.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from lastmile.local import packages, paths

ESBUILD = paths.ROOT / "node_modules" / ".bin" / "esbuild"


def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a script from the project's root, in UTC."""
    return subprocess.run(
        [packages.node(), *words], cwd=paths.ROOT, capture_output=True, text=True, timeout=60, check=False,
        env=os.environ | {"TZ": "UTC"})  # fmt: skip


def assert_rules_hold(rules: str | Path, folder: Path) -> None:
    """Bundle TypeScript (a file, or a text as if it stood in the root) that imports the browser's code and asserts what
    it promises, and run it."""
    out = folder / "rules.mjs"
    text, entry = (rules, ["--loader=ts"]) if isinstance(rules, str) else ("", [str(rules)])
    words = [packages.node(), str(ESBUILD), *entry, "--bundle", "--format=esm", "--platform=node", f"--outfile={out}"]
    subprocess.run(words, input=text, text=True, check=True, cwd=paths.ROOT, timeout=60, capture_output=True)
    ran = run(out)
    assert ran.returncode == 0, ran.stderr
