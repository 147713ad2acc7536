"""Many rows in one statement are the same rows as one by one, behind the same walls."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DataError, IntegrityError, transaction
from django.db.models import F, Value
from django.db.models.functions import Concat

from core import bulk, tenancy
from orders.models import Order, Place
from tests.orders.support import DAY, NOW


def rows(place, count=3, **values):
    return [
        Order(
            **{
                "reference": f"R-{n}",
                "source": "api",
                "recipient_name": "Ünïcode “quoted” \\ back\nslash",
                "place": place,
                "delivery_on": DAY,
                "skills": ["fridge", 'a"b,c'],
                "window_start_at": NOW,
                "window_end_at": NOW + timedelta(minutes=90, microseconds=5),
                **values,
            }
        )
        for n in range(count)
    ]


@pytest.fixture
def place(amber):
    with amber.scope():
        yield Place.objects.create(key="k", line="Weg 1")


def test_rows_come_back_as_they_went_in(place):
    given = rows(place)
    bulk.insert_rows(given)
    for row in given:
        held = Order.objects.get(id=row.id)
        for field in Order._meta.concrete_fields:
            assert getattr(held, field.attname) == getattr(row, field.attname), field.name
        assert not row._state.adding


def test_updates_touch_the_named_fields_of_the_named_rows(place):
    given = rows(place)
    bulk.insert_rows(given)
    given[0].skills, given[0].window_end_at, given[0].instructions = [], None, "not to be written"
    given[0].window_start_at = None
    given[1].skills = ["x"]
    assert bulk.update_rows(given[:2], ["skills", "window_start_at", "window_end_at"]) == 2
    held = {row.reference: row for row in Order.objects.all()}
    assert held["R-0"].skills == [] and held["R-0"].window_end_at is None and held["R-0"].instructions == ""
    assert held["R-1"].skills == ["x"] and held["R-2"].skills == ["fridge", 'a"b,c']


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"reference": "x" * 81}, DataError),
        ({"skills": ["x" * 31]}, DataError),
        ({"instructions": "a\0b"}, DataError),
        ({"status": "lost"}, IntegrityError),
        ({"reference": "R-1"}, IntegrityError),
        ({"weight_g": -1}, IntegrityError),
    ],
)
def test_what_the_table_refuses_is_refused_and_nothing_is_stored(place, values, error):
    given = rows(place, 2) + rows(place, 1, **{"reference": "Z", **values})
    with pytest.raises(error), transaction.atomic():
        bulk.insert_rows(given)
    assert not Order.objects.exists()


def test_another_tenants_rows_are_out_of_reach(birch, place):
    with pytest.raises(tenancy.TenantScopeClash):
        bulk.insert_rows(rows(place, 1, tenant_id=birch.organization.id))


def test_an_update_from_another_scope_matches_nothing(amber, birch):
    with amber.scope():
        given = rows(Place.objects.create(key="k", line="Weg 1"))
        bulk.insert_rows(given)
    with birch.scope():
        given[0].instructions = "mine now"
        assert bulk.update_rows(given, ["instructions"]) == 0
    with amber.scope():
        assert set(Order.objects.values_list("instructions", flat=True)) == {""}


def test_managers_use_it_where_it_pays(place, django_assert_num_queries):
    given = rows(place, bulk.FEW_NEW)
    Order.objects.bulk_create(given)
    for number, row in enumerate(given):
        row.instructions, row.skills = f"floor {number}", [str(number)]
    with django_assert_num_queries(1) as asked:
        assert Order.objects.bulk_update(given, ["instructions", "skills"]) == bulk.FEW_NEW
    assert "json_to_recordset" in asked[0]["sql"]
    assert {row.reference: row.skills for row in Order.objects.all()} == {row.reference: row.skills for row in given}


def test_expressions_take_the_usual_way(place):
    given = rows(place, bulk.FEW_CHANGED)
    Order.objects.bulk_create(given)
    for row in given:
        row.instructions = Concat(F("reference"), Value("!"))
    Order.objects.bulk_update(given, ["instructions"])
    assert {row.instructions for row in Order.objects.all()} == {f"R-{n}!" for n in range(bulk.FEW_CHANGED)}
