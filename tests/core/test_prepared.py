"""A statement that is asked again and again is planned once, and fails as all others do."""

from __future__ import annotations

import pytest
from django.db import ProgrammingError, connection, transaction

from core import prepared, tenancy

SHOUTED = "select upper(%s::text) as prepared_for_test"


@pytest.mark.django_db
def test_it_is_prepared_on_the_first_call(amber):
    with amber.scope():
        assert prepared.rows(SHOUTED, ["a"]) == [("A",)]
        assert prepared.rows(SHOUTED, ["b"]) == [("B",)]
        with connection.cursor() as cursor:
            cursor.execute("select count(*) from pg_prepared_statements where statement like %s", ["%for_test%"])
            assert cursor.fetchone() == (1,)


@pytest.mark.django_db
def test_the_walls_hold_and_faults_are_djangos(amber, birch):
    with amber.scope():
        assert prepared.rows("select distinct tenant_id from fleet_driver", []) == [(tenancy.current(),)]
    with birch.scope():
        assert prepared.rows("select distinct tenant_id from fleet_driver", []) == [(tenancy.current(),)]
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            prepared.rows("insert into fleet_driver (id) values (%s) returning id", [birch.drivers[0].id])
