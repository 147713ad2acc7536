#!/usr/bin/env python3
"""Django's command line. `./run manage …` calls it with the environment of the embedded services."""

import os
import sys


def main() -> None:
    """Run one management command; a wrong setting ends it with one sentence."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lastmile.settings")
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        settings.INSTALLED_APPS  # noqa: B018 - reading one loads them all
    except ImproperlyConfigured as error:
        sys.exit(f"A setting is wrong. {error}")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
