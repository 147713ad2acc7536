"""Legal moves of plans, routes and stops."""

from core.states import Machine

PLAN = Machine(
    "plan",
    "editing",
    {
        "editing": ("optimizing", "optimized"),
        "optimizing": ("optimized", "editing"),
        "optimized": ("optimizing", "distributed", "editing"),
        "distributed": ("optimizing", "optimized"),
    },
)

ROUTE = Machine(
    "route",
    "draft",
    {
        "draft": ("optimizing", "optimized", "cancelled"),
        "optimizing": ("optimized", "draft", "cancelled"),
        "optimized": ("optimizing", "distributed", "cancelled"),
        "distributed": ("started", "optimized", "cancelled"),
        "started": ("completed",),
    },
)

STOP = Machine(
    "stop",
    "unassigned",
    {
        "unassigned": ("planned", "allocated", "cancelled"),
        "planned": ("unassigned", "allocated", "cancelled"),
        "allocated": ("out_for_delivery", "unassigned", "cancelled"),
        "out_for_delivery": ("next", "arrived", "attempted", "skipped", "unassigned", "cancelled"),
        "next": ("out_for_delivery", "arrived", "attempted", "skipped", "unassigned", "cancelled"),
        "arrived": ("attempted", "skipped", "unassigned", "cancelled"),
        "attempted": ("departed",),
        "skipped": ("out_for_delivery", "allocated", "unassigned", "cancelled"),
    },
)

PROPOSAL = Machine(
    "proposal",
    "open",
    {
        "open": ("accepted", "partly_accepted", "rejected", "stale"),
        "partly_accepted": ("accepted", "stale"),
    },
)

ON_ROUTE = ("planned", "allocated", "out_for_delivery", "next", "arrived", "attempted", "departed", "skipped")
TO_DO = ("out_for_delivery", "next", "arrived")
DONE = ("attempted", "departed")
MOVABLE = ("unassigned", "planned", "allocated")
SENT = ("distributed", "started", "completed")
GONE = ("started", "completed")
"""Routes that their drivers have."""
LOCKS = ("driver", "order", "position")
"""How strongly a stop may be locked, the weakest first; "" is not at all."""

SUCCESS = (
    "delivered_to_recipient",
    "delivered_to_third_party",
    "delivered_to_mailbox",
    "delivered_to_safe_place",
    "delivered_to_pickup_point",
    "delivered_other",
)
FAILURE = (
    "failed_not_home",
    "failed_cant_find_address",
    "failed_no_parking",
    "failed_no_time",
    "failed_package_not_available",
    "failed_missing_required_proof",
    "failed_payment_not_received",
    "failed_refused",
    "failed_damaged",
    "failed_wrong_item",
    "failed_access_denied",
    "failed_unsafe",
    "failed_age_check",
    "failed_other",
)
OUTCOMES = SUCCESS + FAILURE
