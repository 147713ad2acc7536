"""Legal moves of the fleet."""

from core.states import Machine

ASSET = Machine("asset", "active", {"active": ("retired",), "retired": ("active",)})
DUTY = Machine(
    "driver",
    "off_duty",
    {
        "off_duty": ("on_duty",),
        "on_duty": ("on_break", "off_duty"),
        "on_break": ("on_duty", "off_duty"),
    },
)
SHIFT = Machine("shift", "rostered", {"rostered": ("cancelled",), "cancelled": ("rostered",)})
