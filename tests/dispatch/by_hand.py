"""Routes laid as a test wants them, without a search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dispatch.actions import writing
from dispatch.models import Plan, Stop
from tests.fixtures import NOW, World


def lay(world: World, plan: Plan, routes: Mapping[int, Sequence[str]], left_out: Sequence[str] = ()) -> None:
    """The orders of these references in this order on the routes of the world's shifts; `left_out` on none."""
    with world.scope():
        stops = {stop.stop_orders.get().order.reference: str(stop.id) for stop in Stop.objects.filter(plan=plan)}
        order = {str(world.shifts[number].id): [stops[one] for one in refs] for number, refs in routes.items()}
        reasons = {stops[one]: ("time_full", "No driver has time for it.") for one in left_out}
        weighed = writing.weigh(plan, order, leaving=list(reasons))
        writing.write(plan, weighed, reasons, label="by hand", by=world.dispatcher, at=NOW)
        plan.refresh_from_db()
