"""`demo.json`: what a demonstration is told about, and what it tells in return."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any


class Demo:
    """The file's values; `tell` changes some of them in the file, whole or not at all, readable by its owner alone."""

    def __init__(self, path: Path) -> None:
        """Read it. Raises `SystemExit` with a sentence when it cannot be read."""
        self.path = path
        try:
            self.values: dict[str, Any] = json.loads(path.read_text())
            self.base_url, self.api_key = str(self.values["base_url"]), str(self.values["api_key"])
            self.day = str(self.values["day"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise SystemExit(f"{path} is not the description of a demonstration ({error!r}). "
                             "Write one with: python manage.py seed_demo --out FILE") from error

    def tell(self, **values: Any) -> None:
        """Add or change values, keeping what others wrote meanwhile."""
        held = json.loads(self.path.read_text())
        held.update(values)
        self.values.update(values)
        handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=".demo")
        with os.fdopen(handle, "w") as part:  # mkstemp makes it 0600
            json.dump(held, part, indent=2, ensure_ascii=False)
        os.replace(name, self.path)
