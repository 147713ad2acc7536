#!/usr/bin/env python3
"""Django's command line. `./run manage …` calls it with the environment of the embedded services."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path

#: Commands that need no service and read no setting, with the apps they need: they run in a bare checkout.
BARE = {"solve_instance": ["routing"]}


def main() -> None:
    """Run one management command; a wrong setting ends it with one sentence."""
    _use_own_python()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lastmile.settings")
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    bare = BARE.get(sys.argv[1]) if len(sys.argv) > 1 else None
    if bare is not None:
        settings.configure(INSTALLED_APPS=bare)
    try:
        settings.INSTALLED_APPS  # noqa: B018 - reading one loads them all
    except ImproperlyConfigured as error:
        sys.exit(f"A setting is wrong. {error}")
    execute_from_command_line(sys.argv)


def _use_own_python() -> None:
    """Go on as the checkout's own Python, where this one has no Django."""
    own = Path(__file__).resolve().parent / ".venv" / "bin" / "python"
    if find_spec("django") is None and own.exists() and Path(sys.executable) != own:
        os.execv(own, [str(own), *sys.argv])  # noqa: S606 - the same program


if __name__ == "__main__":
    main()
