"""Legal moves of an exception."""

from core.states import Machine

EXCEPTION = Machine(
    "exception",
    "open",
    {"open": ("acknowledged", "resolved", "dismissed"), "acknowledged": ("resolved", "dismissed")},
)

LIVE = ("open", "acknowledged")
"""States in which it stands in the queue."""
