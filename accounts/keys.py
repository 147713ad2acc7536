"""Bearer keys: `lm_<tenant id in hex>.<43 random characters>`; 256 random bits, kept only as a hash."""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import date, datetime
from uuid import UUID

from accounts import permissions
from accounts.models import AccessKey, Membership
from core import errors, tenancy
from core.words import say

_SHAPE = re.compile(r"^lm_([0-9a-f]{32})\.([A-Za-z0-9_-]{43})$")


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def tenant_of(key: str) -> UUID | None:
    """The tenant that the key claims to be of; None when it is no key at all."""
    match = _SHAPE.match(key)
    return UUID(match[1]) if match else None


def issue(*, name: str, scopes: list[str] | None = None, membership: Membership | None = None) -> str:
    """A new key of the open tenant; the answer is the only time its text is seen."""
    unknown = set(scopes or ()) - permissions.KEY_SCOPES
    if unknown:
        raise errors.Invalid(
            "unknown_scope", say("There is no scope named {unknown}.", unknown=sorted(unknown)[0]), param="scopes"
        )
    secret = secrets.token_urlsafe(32)
    AccessKey.objects.create(
        name=name[:80], scopes=sorted(scopes or ()), membership=membership, secret_sha256=digest(secret)
    )
    return f"lm_{tenancy.current().hex}.{secret}"


def revoke(key_id: UUID, *, at: datetime) -> None:
    """The key opens nothing from now on."""
    AccessKey.objects.filter(id=key_id, revoked_at=None).update(revoked_at=at)


def find(key: str, *, on: date) -> AccessKey | None:
    """The valid key of the open tenant with this text."""
    match = _SHAPE.match(key)
    if match is None:
        return None
    row: AccessKey | None = (
        AccessKey.objects.select_related("membership", "membership__user")
        .filter(secret_sha256=digest(match[2]), revoked_at=None)
        .first()
    )
    if row is not None and row.last_used_on != on:
        AccessKey.objects.filter(id=row.id).update(last_used_on=on)
    return row
