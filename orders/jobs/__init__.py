"""Long work on orders: the runners of `core.operations` kinds. The roof registers them by `RUNNERS`."""

from core.operations import Runner
from orders.actions.files import IMPORT
from orders.actions.locating import LOCATE
from orders.jobs.importing import import_orders
from orders.jobs.locating import locate_orders

RUNNERS: dict[str, Runner] = {IMPORT: import_orders, LOCATE: locate_orders}

__all__ = ["RUNNERS", "import_orders", "locate_orders"]
