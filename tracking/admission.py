"""Who may look at a board's live rows, at the start and for as long as the socket is open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from channels.db import database_sync_to_async
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.base import SessionBase
from django.utils import timezone

from accounts import callers, keys, permissions
from accounts.models import AccessKey, Membership, Organization, User
from core import tenancy

NOT_SIGNED_IN = 4401
NOT_ALLOWED = 4403


@dataclass(frozen=True, slots=True)
class Pass:
    """What let a socket in: a member's session, or a key."""

    tenant_id: UUID
    membership_id: UUID | None = None
    session_key: str = ""
    session_hash: str = ""
    key_id: UUID | None = None
    reads_messages: bool = True


class Turned(Exception):
    """Not let in: closes with this code."""

    def __init__(self, code: int) -> None:
        super().__init__(str(code))
        self.code = code


@database_sync_to_async
def admit(scope: Mapping[str, Any]) -> Pass:
    """The pass of a new socket. Raises `Turned`."""
    header = dict(scope.get("headers") or []).get(b"authorization", b"").decode("latin-1")
    return _by_key(header) if header else _by_session(scope)


def _by_key(header: str) -> Pass:
    scheme, _, text = header.partition(" ")
    tenant_id = keys.tenant_of(text.strip()) if scheme.lower() == "bearer" else None
    organization = Organization.objects.filter(id=tenant_id, active=True).first() if tenant_id else None
    if organization is None:
        raise Turned(NOT_SIGNED_IN)
    with tenancy.scope(organization.id):
        key = keys.find(text.strip(), on=timezone.now().date())
        caller = callers.of_key(organization, key) if key else None
        if key is None or caller is None:
            raise Turned(NOT_SIGNED_IN)
        if not caller.may(permissions.PLAN_READ):
            raise Turned(NOT_ALLOWED)
        return Pass(organization.id, key_id=key.id, reads_messages=caller.may(permissions.MESSAGES_READ))


def _by_session(scope: Mapping[str, Any]) -> Pass:
    user, session = scope.get("user"), scope.get("session")
    if isinstance(user, AnonymousUser) or not isinstance(user, User) or session is None:
        raise Turned(NOT_SIGNED_IN)
    chosen, own = session.get(callers.SESSION_KEY), callers.memberships_of(user)
    for membership, organization in sorted(own, key=lambda pair: str(pair[1].id) != chosen):
        if permissions.PLAN_READ not in permissions.of_role(membership.role):
            raise Turned(NOT_ALLOWED)
        reads = permissions.MESSAGES_READ in permissions.of_role(membership.role)
        return Pass(
            organization.id, membership.id, _session_key(session), user.get_session_auth_hash(), reads_messages=reads)
    raise Turned(NOT_ALLOWED)


def _session_key(session: SessionBase) -> str:
    return session.session_key or ""


@database_sync_to_async
def still_admitted(passes: Iterable[Pass]) -> set[Pass]:
    """Which of these passes, all of one organization, are still good."""
    passes = list(passes)
    tenant_id = passes[0].tenant_id
    if not Organization.objects.filter(id=tenant_id, active=True).exists():
        return set()
    with tenancy.scope(tenant_id):
        members = {
            row.id: row for row in Membership.objects.select_related("user").filter(
                id__in={one.membership_id for one in passes if one.membership_id}, active=True, user__is_active=True)
            if permissions.PLAN_READ in permissions.of_role(row.role)
        }
        good_keys = {
            row.id for row in AccessKey.objects.select_related("membership__user").filter(
                id__in={one.key_id for one in passes if one.key_id}, revoked_at=None)
            if _key_may(row)
        }
    open_sessions = _open_sessions({one.session_key for one in passes if one.session_key})
    hashes = {one: row.user.get_session_auth_hash() for one, row in members.items()}
    return {
        one for one in passes
        if (one.key_id in good_keys if one.key_id else
            one.session_key in open_sessions and hashes.get(one.membership_id) == one.session_hash)
    }


def _key_may(key: AccessKey) -> bool:
    if key.membership is None:
        return permissions.PLAN_READ in key.scopes
    member = key.membership
    return member.active and member.user.is_active and permissions.PLAN_READ in permissions.of_role(member.role)


def _open_sessions(session_keys: set[str]) -> set[str]:
    """The sessions that have neither ended nor run out."""
    from django.contrib.sessions.models import Session

    rows = Session.objects.filter(session_key__in=session_keys, expire_date__gt=timezone.now())
    return set(rows.values_list("session_key", flat=True))
