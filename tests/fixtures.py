"""The test database and the two organizations that every test has: Amber and Birch.

The database is made and migrated as the owner; every test runs as the runtime role, behind the same walls as
production.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.test import Client, TransactionTestCase

from accounts import keys, permissions
from accounts.models import Membership, Organization, User
from core import tenancy
from core.actor import SYSTEM, Actor
from fleet.models import Depot, Driver, Shift, Vehicle

DAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 5, 0, tzinfo=ZoneInfo("UTC"))
PASSWORD = "correct horse battery staple"


def _admin(database: str) -> psycopg.Connection[Any]:
    owner = settings.DATABASES["owner"]
    return psycopg.connect(
        host=owner["HOST"],
        port=owner["PORT"],
        user=owner["USER"],
        password=owner["PASSWORD"],
        dbname=database,
        autocommit=True,
    )


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: Any) -> Iterator[None]:
    """A database of this run's own, made by the owner and used by the runtime role."""
    home = settings.DATABASES["owner"]["NAME"]
    name = f"test_lastmile_{os.getpid()}"
    with _admin(home) as admin:
        admin.execute(f'drop database if exists "{name}" with (force)')
        admin.execute(f'create database "{name}" template template1')
    for alias in ("default", "owner"):
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = name
        settings.DATABASES[alias]["NAME"] = name
    with django_db_blocker.unblock():
        call_command("migrate", database="owner", verbosity=0)
        connections["owner"].close()
    yield
    for alias in ("default", "owner"):
        connections[alias].close()
    with _admin(home) as admin:
        admin.execute(f'drop database if exists "{name}" with (force)')


def _truncate(case: TransactionTestCase) -> None:
    """Empty all tables as the owner: the runtime role may not truncate."""
    connections["default"].close()
    with _admin(settings.DATABASES["owner"]["NAME"]) as admin:
        tables = [
            row[0]
            for row in admin.execute(
                "select tablename from pg_tables where schemaname = 'public' and tablename not in"
                " ('django_migrations', 'django_content_type', 'auth_permission')"
            )
        ]
        admin.execute("truncate " + ", ".join(f'"{table}"' for table in tables) + " cascade")


@pytest.fixture(autouse=True, scope="session")
def _truncate_as_owner() -> None:
    TransactionTestCase._fixture_teardown = _truncate  # type: ignore[method-assign]


class Api:
    """A client of the JSON doors with a bearer key."""

    def __init__(self, key: str) -> None:
        self.client = Client(headers={"Authorization": f"Bearer {key}"})

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(f"/api/v1/{path}", query)

    def post(self, path: str, body: Any = None, **extra: Any) -> Any:
        return self.client.post(
            f"/api/v1/{path}", body if body is not None else {}, content_type="application/json", **extra
        )

    def patch(self, path: str, body: Any) -> Any:
        return self.client.patch(f"/api/v1/{path}", body, content_type="application/json")

    def send(self, path: str, **form: Any) -> Any:
        """A multipart form."""
        return self.client.post(f"/api/v1/{path}", form)


@dataclass
class World:
    """One organization with its people and its fleet."""

    organization: Organization
    depot: Depot
    vehicles: list[Vehicle]
    drivers: list[Driver]
    shifts: list[Shift]
    members: dict[str, Membership]
    key: str
    day: date = DAY
    _clients: dict[str, Client] = field(default_factory=dict)

    def scope(self) -> Any:
        return tenancy.scope(self.organization.id)

    @property
    def dispatcher(self) -> Actor:
        return Actor("member", self.members["dispatcher"].id, "Dana Dispatcher")

    def client(self, role: str = "dispatcher") -> Client:
        """A browser signed in as the member with this role."""
        if role not in self._clients:
            client = Client()
            client.force_login(self.members[role].user, backend="django.contrib.auth.backends.ModelBackend")
            session = client.session
            session["organization"] = str(self.organization.id)
            session.save()
            self._clients[role] = client
        return self._clients[role]

    def api(self, key: str | None = None) -> Api:
        return Api(key or self.key)

    def driver_api(self, number: int = 0) -> Api:
        """The phone of one of the drivers."""
        with self.scope():
            return Api(keys.issue(name="phone", membership=self.drivers[number].membership))


_serial = itertools.count(1)


def make_world(name: str, *, lat: float, lon: float, drivers: int = 2) -> World:
    """An organization in a city around (lat, lon) with `drivers` drivers, each with a van and a shift on `DAY`."""
    zone = ZoneInfo("Europe/Berlin")
    organization = Organization.objects.create(
        slug=name.lower(), name=f"{name} Logistics", timezone="Europe/Berlin", country="DE", phone="+4962210000"
    )
    with tenancy.scope(organization.id):
        members = {}
        roles = [role for role in permissions.ROLES if role != "driver"]
        for role in [*roles, *(f"driver{number}" for number in range(drivers))]:
            user = User.objects.create_user(
                f"{role}-{next(_serial)}@{name.lower()}.example.com", PASSWORD, name=f"{role.title()} {name}"
            )
            members[role] = Membership.objects.create(user=user, role="driver" if role.startswith("driver") else role)
        members["driver"] = members["driver0"] if drivers else None
        depot = Depot.objects.create(
            name=f"{name} depot", line=f"{name} street 1", lat=lat, lon=lon, opens=time(6), closes=time(22)
        )
        vans, people, shifts = [], [], []
        for number in range(drivers):
            van = Vehicle.objects.create(
                name=f"{name} van {number + 1}",
                weight_g=800_000,
                volume_ml=6_000_000,
                pieces=150,
                day_cents=4000,
                cents_per_km=35,
                skills=["fridge"] if number == 0 else ["two_person"],
            )
            driver = Driver.objects.create(
                name=f"{name} driver {number + 1}",
                phone=f"+4915100000{number:02d}",
                membership=members[f"driver{number}"],
                depot=depot,
                vehicle=van,
                usual_start=time(8),
                usual_end=time(18),
                cents_per_hour=2400,
            )
            vans.append(van)
            people.append(driver)
            shifts.append(
                Shift.objects.create(
                    day_on=DAY,
                    driver=driver,
                    vehicle=van,
                    depot=depot,
                    starts_at=datetime.combine(DAY, time(8), zone),
                    ends_at=datetime.combine(DAY, time(18), zone),
                    break_s=0,
                )
            )
        key = keys.issue(name="tests", scopes=sorted(permissions.KEY_SCOPES))
    return World(organization, depot, vans, people, shifts, members, key)


@pytest.fixture
def amber(db: None) -> World:
    return make_world("Amber", lat=49.41, lon=8.69)


@pytest.fixture
def birch(db: None) -> World:
    return make_world("Birch", lat=39.97, lon=32.80)


@pytest.fixture
def system() -> Actor:
    return SYSTEM


def located_order(world: World, reference: str, *, lat: float, lon: float, **values: Any) -> Any:
    """A ready order at a known place (inside the world's scope)."""
    from orders.models import Order, Place

    place = Place.objects.create(
        key=f"{reference} {lat} {lon}",
        line=f"{reference} street 1, Town",
        street=f"{reference} street",
        house_number="1",
        city="Town",
        country="DE",
        lat=lat,
        lon=lon,
        confidence=1.0,
        precision="given",
        review="sure",
    )
    return Order.objects.create(
        **{
            "reference": reference,
            "source": "api",
            "recipient_name": f"Recipient {reference}",
            "place": place,
            "delivery_on": world.day,
            "status": "ready",
            "weight_g": 2000,
            "volume_ml": 8000,
            "recipient_email": f"{reference.lower()}@example.com",
            **values,
        }
    )


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)
