"""What can be done with orders, by subject: `from orders import actions`, then `actions.receive_order(…)`."""

from orders.actions.editing import cancel_order, edit_order
from orders.actions.files import hand_in_file, remember_mapping, remembered_mapping
from orders.actions.locating import confirm_place, locate_orders, reject_place, relocate, request_location, settle
from orders.actions.receiving import Receipt, new_reference, receive_many, receive_order

__all__ = [
    "Receipt",
    "cancel_order",
    "confirm_place",
    "edit_order",
    "hand_in_file",
    "locate_orders",
    "new_reference",
    "receive_many",
    "receive_order",
    "reject_place",
    "relocate",
    "remember_mapping",
    "remembered_mapping",
    "request_location",
    "settle",
]
