"""`manage.py build_map`: map data from an OpenStreetMap extract or from a generated city. Needs no database."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from routing.atlas import build, city, sample_orders
from routing.atlas.errors import AtlasError


class Command(BaseCommand):
    """Builds roads, basemap and address index of one place; safe to run again, safe to interrupt."""

    help = "Build map data (roads, basemap, addresses) from an OpenStreetMap extract, or for a generated city."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One source: a file or --city."""
        parser.add_argument("extract", nargs="?", type=Path, help="an OpenStreetMap extract, FILE.osm.pbf")
        parser.add_argument("--city", action="store_true", help="generate a city instead of reading an extract")
        parser.add_argument("--seed", type=int, default=city.SEED, help="which city (default %(default)s)")
        parser.add_argument("--name", default="", help="the atlas' name (default: from the file's name, or 'city')")
        parser.add_argument("--force", action="store_true", help="build again even if nothing changed")
        parser.add_argument("--orders-out", type=Path, metavar="FILE.csv", help="also write sample orders")
        parser.add_argument("--count", type=int, default=300, help="how many sample orders (default %(default)s)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Build, then write the sample orders if asked."""
        extract: Path | None = options["extract"]
        if bool(extract) == bool(options["city"]):
            raise CommandError("Name one source: an extract (FILE.osm.pbf) or --city.")
        if options["orders_out"] and not 1 <= options["count"] <= 1_000_000:
            raise CommandError("--count must be between 1 and 1,000,000.")
        here = Path(settings.ATLAS_DIR)
        root = Path(getattr(settings, "ATLAS_ROOT", here.parent))
        name = options["name"] or (build.slug(extract) if extract else "city")
        engine_dir = Path(settings.ENGINE_DIR)
        try:
            if extract:
                atlas = build.from_file(extract, root, name, engine_dir, self.say, options["force"])
                source = extract
            else:
                atlas = city.build_atlas(root, name, engine_dir, self.say, options["seed"], options["force"])
                source = atlas.folder / city.SOURCE_NAME
            if options["orders_out"]:
                count = sample_orders.write(source, options["orders_out"], options["count"], options["seed"])
                self.say(f"{count} sample orders in {options['orders_out']}")
        except AtlasError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}.") from error

    def say(self, line: str) -> None:
        """One progress line, at once."""
        self.stdout.write(line)
        self.stdout.flush()
