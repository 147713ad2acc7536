"""Long work on orders: the runners of `core.operations` kinds. The roof registers them by `RUNNERS`."""

from core.operations import Runner
from orders.actions.files import IMPORT
from orders.actions.locating import LOCATE
from orders.actions.staging import CHECK, STORE
from orders.jobs.grid import check_rows, store_rows
from orders.jobs.importing import import_orders
from orders.jobs.locating import locate_orders

RUNNERS: dict[str, Runner] = {
    IMPORT: import_orders,
    LOCATE: locate_orders,
    CHECK: check_rows,
    STORE: store_rows,
}

__all__ = ["RUNNERS", "import_orders", "locate_orders"]
