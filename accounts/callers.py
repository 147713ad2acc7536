"""The caller of a request: which tenant, who, and with which permissions."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest

from accounts import permissions
from accounts.models import AccessKey, Membership, Organization, User
from core import tenancy
from core.actor import Actor

SESSION_KEY = "organization"


@dataclass(frozen=True, slots=True)
class Caller:
    organization: Organization
    actor: Actor
    permissions: frozenset[str]
    role: str
    user: User | None = None
    membership_id: UUID | None = None
    key_id: UUID | None = None

    def may(self, permission: str) -> bool:
        return permission in self.permissions or permission == permissions.PUBLIC

    @property
    def idempotency_name(self) -> str:
        return f"{self.actor.kind}:{self.actor.id}"


def of_key(organization: Organization, key: AccessKey) -> Caller | None:
    """The caller behind a bearer key (inside the tenant's scope)."""
    if key.membership is None:
        held = frozenset(key.scopes) & permissions.KEY_SCOPES | {permissions.PUBLIC, permissions.SIGNED_IN}
        return Caller(organization, Actor("key", key.id, key.name), held, "key")
    caller = of_membership(organization, key.membership)
    return replace(caller, key_id=key.id) if caller else None


def of_membership(organization: Organization, membership: Membership) -> Caller | None:
    if not membership.active or not membership.user.is_active:
        return None
    kind = "driver" if membership.role == "driver" else "member"
    return Caller(
        organization,
        Actor(kind, membership.id, str(membership.user)),
        permissions.of_role(membership.role),
        membership.role,
        membership.user,
        membership.id,
    )


def memberships_of(user: User) -> list[tuple[Membership, Organization]]:
    """A person's own active memberships, in the personal scope."""
    with tenancy.personal_scope(user.id):
        rows = list(Membership.objects.own(user.id))
    organizations = {
        row.id: row
        for row in Organization.objects.filter(id__in=[membership.tenant_id for membership in rows], active=True)
    }
    return [(row, organizations[row.tenant_id]) for row in rows if row.tenant_id in organizations]


def enter(request: HttpRequest, stack: ExitStack) -> Caller | None:
    """The signed-in user in the organization they chose, the first of theirs when none is chosen; its scope is opened
    in `stack`. None for a stranger, and for somebody without an organization: no scope is open then."""
    user = request.user
    if isinstance(user, AnonymousUser) or not user.is_authenticated or not isinstance(user, User):
        return None
    chosen = request.session.get(SESSION_KEY)
    caller = _in_scope(UUID(chosen), user, stack) if chosen else None
    if caller is not None:
        return caller
    own = memberships_of(user)
    if not own:
        return None
    _, organization = own[0]
    request.session[SESSION_KEY] = str(organization.id)
    return _in_scope(organization.id, user, stack)


def _in_scope(tenant_id: UUID, user: User, stack: ExitStack) -> Caller | None:
    """The user as a member of this organization; its scope stays open only if they are one."""
    with ExitStack() as trial:
        trial.enter_context(tenancy.scope(tenant_id))
        rows = Membership.objects.select_related("user", "tenant").filter(user=user, active=True, tenant__active=True)
        row: Membership | None = rows.first()
        caller = of_membership(row.tenant, row) if row else None
        if caller is not None:
            stack.push(trial.pop_all())
        return caller
