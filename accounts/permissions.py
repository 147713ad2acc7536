"""Who may do what, as data: permission names and the roles that hold them."""

from __future__ import annotations

ORDERS_READ = "orders.read"
ORDERS_WRITE = "orders.write"
FLEET_READ = "fleet.read"
FLEET_WRITE = "fleet.write"
PLAN_READ = "plan.read"
PLAN_WRITE = "plan.write"
DRIVE = "drive"
INSIGHTS_READ = "insights.read"
SIGNED_IN = "signed_in"
"""Held by every member: their own account, sign-out, choice of organization."""

PUBLIC = "public"
"""Held by everybody: sign-in, the recipient's page (whose link is its own key), health."""

ALL = frozenset(
    {
        ORDERS_READ,
        ORDERS_WRITE,
        FLEET_READ,
        FLEET_WRITE,
        PLAN_READ,
        PLAN_WRITE,
        DRIVE,
        INSIGHTS_READ,
        SIGNED_IN,
        PUBLIC,
    }
)

_VIEW = frozenset({ORDERS_READ, FLEET_READ, PLAN_READ, INSIGHTS_READ, SIGNED_IN, PUBLIC})
_DISPATCH = _VIEW | {ORDERS_WRITE, FLEET_WRITE, PLAN_WRITE}

ROLES: dict[str, frozenset[str]] = {
    "owner": _DISPATCH,
    "admin": _DISPATCH,
    "dispatcher": _DISPATCH,
    "viewer": _VIEW,
    "driver": frozenset({DRIVE, SIGNED_IN, PUBLIC}),
}

KEY_SCOPES = frozenset({ORDERS_READ, ORDERS_WRITE, FLEET_READ, FLEET_WRITE, PLAN_READ, PLAN_WRITE, INSIGHTS_READ})
"""What an organization's API key may be given."""


def of_role(role: str) -> frozenset[str]:
    return ROLES.get(role, frozenset({PUBLIC}))
