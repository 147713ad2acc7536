"""Two looks at once, and a look while a person closes what it sees: one exception, nobody's word lost."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core import errors
from dispatch.models import Stop
from orders.models import Order
from tests.fixtures import World
from tests.tracking.at_once import at_once
from tests.tracking.day import distributed
from tracking.actions import exceptions
from tracking.models import DayException

pytestmark = pytest.mark.django_db(transaction=True)


def test_looks_at_once_open_one(amber: World) -> None:
    with amber.scope():
        day = distributed(amber, 2)
        order = Order.objects.get(stop_orders__stop=day.stops[0])
        Stop.objects.filter(id=day.stops[0].id).update(eta_at=order.promised_end_at + timedelta(minutes=20))

    def look() -> None:
        with amber.scope():
            exceptions.look(at=day.at(-1))

    assert at_once(look, look, look, look) == []
    with amber.scope():
        row = DayException.objects.get()
        Stop.objects.filter(id=day.stops[0].id).update(eta_at=day.at(5))

    def close() -> None:
        with amber.scope():
            exceptions.close(DayException.objects.get(id=row.id), "resolved", reason="", by=amber.dispatcher,
                             at=day.at(0))

    faults = at_once(look, close, look)
    assert all(isinstance(fault, errors.Conflict) for fault in faults), faults
    with amber.scope():
        row.refresh_from_db()
        assert row.status == "resolved" and DayException.objects.count() == 1
