"""`manage.py seed_demo`: everything that a demonstration needs before anybody signs in. Safe to run again."""

from __future__ import annotations

import json
import os
import tempfile
from argparse import ArgumentParser
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from accounts.models import Organization
from core import clock, tenancy
from core.actor import SYSTEM
from lastmile.demo import day as days
from lastmile.demo import fleet, order_file, people, region, zones
from orders import actions as orders
from orders.importing import FileRefused
from orders.models import Order
from routing.atlas import errors, folder

ADMIN = "admin@lastmile.example", "Platform operator"
BIRCH_ORDERS = 16


class Command(BaseCommand):
    """Two organizations with people and fleets, the day's order file, the played clock, and demo.json."""

    help = "Make the data of a demonstration and write its log-ins to a file that only you can read."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to write, and what to play."""
        parser.add_argument("--out", type=Path, required=True, metavar="FILE.json", help="where the log-ins go")
        parser.add_argument("--base-url", default=settings.PUBLIC_URL, help="address of the web server")
        parser.add_argument("--orders", type=Path, metavar="FILE", help="the order file (default: one is made)")
        parser.add_argument("--count", type=int, default=240, help="how many orders are made (default %(default)s)")
        parser.add_argument("--speed", type=float, default=1.0,
                            help="how fast the clock runs at first; the simulation sets its own (default %(default)s)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make what is missing and write the file."""
        out, given = Path(os.path.abspath(options["out"])), options["orders"]
        if given is not None and not given.is_file():
            raise CommandError(f"--orders: {given} is not a file.")
        if not 1 <= options["count"] <= 20_000:
            raise CommandError("--count must be between 1 and 20,000.")
        if not 0.1 <= options["speed"] <= 1000:
            raise CommandError("--speed must be between 0.1 and 1000.")
        told = _told(out)
        try:
            atlas = folder.read(Path(settings.ATLAS_DIR))
        except errors.AtlasError as error:
            raise CommandError(f"The demonstration needs map data. {error}") from error
        place = region.of_atlas(atlas)
        with transaction.atomic():
            amber = people.organization(*people.AMBER, place)
            birch = people.organization(*people.BIRCH, place)
        desk = people.Desk(told if people.same_installation(told, amber.id) else {})
        with transaction.atomic():
            admin = desk.person(*ADMIN, is_staff=True, is_superuser=True)[1]
        values: dict[str, Any] = {
            "base_url": options["base_url"].rstrip("/"), "organization": amber.name, "organization_id": str(amber.id),
            "admin": admin.row(),
        }
        try:
            with tenancy.scope(amber.id):
                values |= self._amber(amber, desk, atlas, told, out, options)
            with tenancy.scope(birch.id):
                values["other"] = self._birch(birch, desk, atlas, date.fromisoformat(values["day"]), out)
        except (errors.AtlasError, FileRefused, LookupError) as error:
            raise CommandError(str(error)) from error
        same_day = told.get("day") == values["day"] and people.same_installation(told, amber.id)
        values["tracking_url"] = told.get("tracking_url", "") if same_day else ""
        _write(out, values)
        self.stdout.write(f"{amber.name}: {values['day']}, {len(values['drivers'])} drivers, clock at "
                          f"{clock.now().astimezone(ZoneInfo(amber.timezone)):%H:%M}. Log-ins are in {out}.")

    def _amber(
        self, organization: Organization, desk: people.Desk, atlas: folder.Atlas, told: dict[str, Any], out: Path,
        options: dict[str, Any],
    ) -> dict[str, Any]:
        """The organization whose day is played (inside its scope)."""
        zone = ZoneInfo(organization.timezone)
        played = days.chosen(atlas.title, zone, today=timezone.now().astimezone(zone).date())
        clock_values = None
        if settings.CLOCK_FILE:
            clock_values = days.wind(Path(settings.CLOCK_FILE), played, speed=options["speed"], real_at=timezone.now())
        now = clock.now()
        given: Path | None = options["orders"]
        file = given or out.with_name(f"{out.stem}-orders-{played.day}.csv")
        if given is None and not file.exists():
            order_file.make(atlas, file, count=options["count"], seed=int(f"{played.day:%y%m%d}"))
        drafts = order_file.read(file, day=played.day, zone=zone, country=organization.country)
        demand = order_file.demand(drafts, zone)
        staff = people.staff(desk, organization.slug, people.STAFF)
        # Made orders are spread over the whole map: only given ones have a middle of their own.
        depot = fleet.depot_at(lambda: fleet.middle_of(drafts if given else [], atlas), atlas.title, at=now)
        crew = fleet.crew(depot, demand, desk, organization.slug, at=now)
        zones.drawn(depot, atlas.bbox, at=now)
        return {
            **{role: login.row() for role, login in staff.items()},
            "drivers": [login.row() for login in crew],
            "driver_url": f"{options['base_url'].rstrip('/')}/drive/",
            "api_key": people.api_key(str(told.get("api_key", "")), on=timezone.now().date()),
            "timezone": organization.timezone, "currency": organization.currency, "depot": str(depot.id),
            "day": played.day.isoformat(),
            "orders": str(file.resolve()), "clock": clock_values, "clock_file": settings.CLOCK_FILE or None,
        }

    def _birch(
        self, organization: Organization, desk: people.Desk, atlas: folder.Atlas, day: date, out: Path
    ) -> dict[str, Any]:
        """A second company in the same town, with a few orders of its own that nobody of the first one sees."""
        zone, now = ZoneInfo(organization.timezone), clock.now()
        staff = people.staff(desk, organization.slug, people.BIRCH_STAFF, group=organization.slug)
        drafts = []
        if not Order.objects.filter(delivery_on__gte=day - timedelta(days=1)).exists():
            with tempfile.TemporaryDirectory(dir=out.parent) as scratch:
                file = Path(scratch) / "orders.csv"
                order_file.make(atlas, file, count=BIRCH_ORDERS, seed=int(f"{day:%y%m%d}"))
                drafts = order_file.read(file, day=day, zone=zone, country=organization.country)
        depot = fleet.depot_at(lambda: fleet.middle_of([], atlas), atlas.title, at=now, prefix="Birch ")
        demand = order_file.demand(drafts, zone)
        crew = fleet.crew(depot, demand, desk, organization.slug, at=now, names=people.DRIVERS[-2:])
        orders.receive_many(drafts, source="api", by=SYSTEM, at=now)
        return {
            "organization": organization.name, **{role: login.row() for role, login in staff.items()},
            "drivers": [login.row() for login in crew],
        }


def _told(path: Path) -> dict[str, Any]:
    """What an earlier run wrote; nothing when it cannot be read."""
    try:
        values = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return values if isinstance(values, dict) else {}


def _write(path: Path, values: dict[str, Any]) -> None:
    """Whole or not at all, readable by its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".demo")
    with os.fdopen(handle, "w") as part:
        json.dump(values, part, indent=2, ensure_ascii=False)
    os.replace(name, path)
