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
MESSAGES_READ = "messages.read"
MESSAGES_WRITE = "messages.write"
SETTINGS_WRITE = "settings.write"
"""Held by owners and admins: how the organization plans. No key has it: whoever changes it is a person."""

AUTOMATION_WRITE = "automation.write"
"""Held by whoever plans: what the house may do by itself, and within which limits. No key has it."""

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
        MESSAGES_READ,
        MESSAGES_WRITE,
        SETTINGS_WRITE,
        AUTOMATION_WRITE,
        SIGNED_IN,
        PUBLIC,
    }
)

_VIEW = frozenset({ORDERS_READ, FLEET_READ, PLAN_READ, INSIGHTS_READ, MESSAGES_READ, SIGNED_IN, PUBLIC})
_DISPATCH = _VIEW | {ORDERS_WRITE, FLEET_WRITE, PLAN_WRITE, MESSAGES_WRITE, AUTOMATION_WRITE}

ROLES: dict[str, frozenset[str]] = {
    "owner": _DISPATCH | {SETTINGS_WRITE},
    "admin": _DISPATCH | {SETTINGS_WRITE},
    "dispatcher": _DISPATCH,
    "viewer": _VIEW,
    "driver": frozenset({DRIVE, SIGNED_IN, PUBLIC}),
}

KEY_SCOPES = frozenset(
    {
        ORDERS_READ,
        ORDERS_WRITE,
        FLEET_READ,
        FLEET_WRITE,
        PLAN_READ,
        PLAN_WRITE,
        INSIGHTS_READ,
        MESSAGES_READ,
        MESSAGES_WRITE,
    }
)
"""What an organization's API key may be given."""


def of_role(role: str) -> frozenset[str]:
    return ROLES.get(role, frozenset({PUBLIC}))
