"""The operator sees directories; a tenant's rows only during a visit, read-only and noted."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import OperatorVisit, User
from tests.fixtures import World, located_order

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator() -> Client:
    client = Client()
    client.force_login(
        User.objects.create_superuser("operator@example.com", "x" * 12, name="Olga Operator"),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    return client


def visit(client: Client, world: World, reason: str = "Support ticket 4711: orders missing") -> None:
    answer = client.post(f"/admin/accounts/organization/{world.organization.id}/visit/", {"reason": reason})
    assert answer.status_code == 302, answer.content.decode()


def test_without_a_visit_no_tenants_row_is_shown(operator: Client, amber: World) -> None:
    assert operator.get("/admin/accounts/organization/").status_code == 200
    for page in ("orders/order", "fleet/driver", "dispatch/stop", "core/event", "accounts/membership"):
        assert operator.get(f"/admin/{page}/").status_code == 403


def test_a_visit_shows_one_organization_and_is_noted(operator: Client, amber: World, birch: World) -> None:
    with amber.scope():
        located_order(amber, "AMBER-1", lat=49.4, lon=8.7)
    with birch.scope():
        located_order(birch, "BIRCH-1", lat=39.9, lon=32.8)
    visit(operator, amber)
    page = operator.get("/admin/orders/order/").content.decode()
    assert "AMBER-1" in page and "BIRCH-1" not in page
    with amber.scope():
        noted = OperatorVisit.objects.get()
        assert noted.reason.startswith("Support ticket") and "/admin/orders/order/" in noted.paths
    with birch.scope():
        assert not OperatorVisit.objects.exists()


def test_every_list_and_form_opens_during_a_visit(operator: Client, amber: World) -> None:
    from django.contrib import admin

    with amber.scope():
        located_order(amber, "AMBER-1", lat=49.4, lon=8.7)
    visit(operator, amber)
    for model in admin.site._registry:
        if model._meta.app_label in ("axes",):
            continue
        address = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        assert operator.get(address).status_code == 200, address
    with amber.scope():
        from orders.models import Order

        order = Order.objects.get()
    assert operator.get(f"/admin/orders/order/{order.id}/change/").status_code == 200
    assert operator.post(f"/admin/orders/order/{order.id}/change/", {"reference": "x"}).status_code == 403
    assert operator.post(f"/admin/orders/order/{order.id}/delete/", {"post": "yes"}).status_code == 403


def test_a_visit_needs_a_reason_and_ends(operator: Client, amber: World) -> None:
    answer = operator.post(f"/admin/accounts/organization/{amber.organization.id}/visit/", {"reason": "x"})
    assert "Say in a sentence why" in answer.content.decode()
    visit(operator, amber)
    with amber.scope():
        OperatorVisit.objects.update(until="2020-01-01T00:00:00Z")
    assert operator.get("/admin/orders/order/").status_code == 403
    visit(operator, amber)
    operator.get("/admin/accounts/organization/leave/")
    assert operator.get("/admin/orders/order/").status_code == 403


def test_members_are_no_operators(amber: World) -> None:
    answer = amber.client("owner").get("/admin/orders/order/")
    assert answer.status_code == 302 and "/admin/login/" in answer["Location"]
