"""Legal moves of an order."""

from core.states import Machine

ORDER = Machine(
    "order",
    "received",
    {
        "received": ("ready", "needs_attention", "cancelled"),
        "needs_attention": ("ready", "received", "cancelled"),
        "ready": ("scheduled", "needs_attention", "received", "cancelled"),
        "scheduled": ("out_for_delivery", "ready", "cancelled"),
        "out_for_delivery": ("delivered", "partly_delivered", "attempt_failed", "ready"),
        "attempt_failed": ("ready", "returning", "delivered"),
        "returning": ("returned",),
        # An outcome is reopened only by a correction of its attempt, which writes its reason.
        "delivered": (),
        "partly_delivered": (),
        "returned": (),
        "cancelled": (),
    },
)

OPEN = ("received", "needs_attention", "ready", "scheduled", "out_for_delivery")
EDITABLE = ("received", "needs_attention", "ready")
