"""The house holds: doors have permissions, pure rooms load alone, handlers and runners exist."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.urls import URLPattern, URLResolver, get_resolver

from accounts import doors, permissions
from core import journal, operations
from core.models import Journaled, Reference, TenantModel
from lastmile import subscriptions

ROOT = Path(__file__).resolve().parent.parent
PURE = [
    "routing.solver",
    "routing.child",
    "orders.importing",
    "orders.geocoding.matcher",
    "orders.geocoding.text",
    "fleet.zoning",
    "dispatch.planning",
    "dispatch.difference",
    "dispatch.fingerprint",
    "dispatch.picture",
    "dispatch.whatif",
    "dispatch.wishes",
    "dispatch.automation.limits",
    "dispatch.paper",
    "tracking.intake",
    "tracking.detection",
    "tracking.eta",
    "tracking.geo",
    "analytics.metrics",
    "routing.roads.polyline",
    "core.states",
    "core.ids",
    "core.errors",
    "core.actor",
]


def patterns(resolver: Any = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in (resolver or get_resolver()).url_patterns:
        address = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from patterns(entry, address)
        else:
            yield address, entry


def test_every_address_is_a_door_with_a_permission_or_on_the_short_list() -> None:
    others = set()
    for address, entry in patterns():
        view = getattr(entry.callback, "view_class", None) or getattr(entry.callback, "cls", None)
        if isinstance(view, type) and issubclass(view, (doors.ApiDoor, doors.PageDoor)):
            methods = {name.upper() for name in doors.METHODS if hasattr(view, name)}
            assert methods and methods <= set(view.permissions), address
            assert set(view.permissions.values()) <= permissions.ALL, address
        elif not address.startswith("admin/"):
            others.add(address)
    assert others == {"healthz", "api/v1/schema/", "api/v1/docs/", "sign-in/", "sign-out/"}


def test_a_door_without_a_permission_does_not_start() -> None:
    with pytest.raises(TypeError, match="without a permission"):
        type("Open", (doors.ApiDoor,), {"get": lambda self, request: None, "__module__": "x"})
    with pytest.raises(TypeError, match="without a permission"):
        type("Open", (doors.PageDoor,), {"post": lambda self, request: None, "permissions": {"POST": "nonsense"}})


@pytest.mark.parametrize("room", PURE)
def test_pure_rooms_load_without_django(room: str) -> None:
    script = f"""
import sys, {room}
framework = ("django", "rest_framework", "celery", "redis")
bad = [name for name in sys.modules if name.split(".")[0] in framework]
sys.exit(", ".join(bad[:3]) if bad else 0)
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_references_between_tenants_tables_are_composite() -> None:
    for model in apps.get_models():
        if issubclass(model, TenantModel):
            for field in model._meta.local_fields:
                target = getattr(field.remote_field, "model", None)
                if isinstance(target, type) and issubclass(target, TenantModel):
                    assert isinstance(field, Reference), f"{model.__name__}.{field.name}"
            assert model._meta.base_manager_name == "objects", model.__name__


def test_every_journaled_model_has_its_machine_and_check() -> None:
    for model in apps.get_models():
        if issubclass(model, Journaled):
            assert model._meta.get_field("status").default == model.machine.first, model.__name__
            assert model.subject.isidentifier()


def test_what_is_subscribed_exists() -> None:
    for kind, handlers in subscriptions.EVENTS.items():
        subject = kind.partition(".")[0]
        machines = [model for model in apps.get_models() if issubclass(model, Journaled) and model.subject == subject]
        assert machines, kind
        for handler in handlers:
            assert journal.handler_named(f"{handler.__module__}.{handler.__name__}") is handler
    for kind in subscriptions.OPERATIONS:
        assert kind in operations._runners


def test_a_new_operation_wakes_a_worker() -> None:
    assert operations._wake and operations._watchers
