"""The tenant's scope: one place that opens both walls, the one in Python and the one in PostgreSQL.

A scope is a transaction. Row-level security reads ``app.tenant``, which is set for the running
transaction only, so it can never leak through a pooled connection to the next request.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from uuid import UUID

from django.apps import apps
from django.db import connection, transaction

from core import words

_open: ContextVar[UUID | None] = ContextVar("tenant", default=None)

NOBODY = UUID(int=0)
"""A tenant that never exists: the personal scope of sign-in looks at a user's own memberships only."""


class TenantScopeClosed(RuntimeError):
    """A tenant's table was asked for while no tenant's scope is open."""


class TenantScopeClash(RuntimeError):
    """Another tenant's scope was opened inside an open one, or a row of another tenant was saved."""


def current() -> UUID:
    """The open scope's tenant. Raises `TenantScopeClosed` when none is open."""
    tenant_id = _open.get()
    if tenant_id is None:
        raise TenantScopeClosed("No tenant scope is open: wrap the work in core.tenancy.scope(tenant_id).")
    return tenant_id


def current_or_none() -> UUID | None:
    return _open.get()


def _tell_database(tenant: str, user: str = "") -> None:
    with connection.cursor() as cursor:
        cursor.execute("select set_config('app.tenant', %s, true), set_config('app.user', %s, true)", [tenant, user])


@contextmanager
def scope(tenant_id: UUID) -> Iterator[None]:
    """Open the tenant's scope: a transaction in which exactly this tenant's rows exist.

    Nesting the same tenant joins the open scope; another tenant raises `TenantScopeClash`.
    """
    already = _open.get()
    if already == tenant_id:
        yield
        return
    if already is not None:
        raise TenantScopeClash("A scope of another tenant is open.")
    # Somebody who asked hears their own language; work that nobody waits for speaks the organization's.
    speaking = nullcontext() if words.asked.get() else words.house_language(tenant_id)
    with _opened(tenant_id, ""), speaking:
        yield


@contextmanager
def personal_scope(user_id: UUID) -> Iterator[None]:
    """Open the scope of a person who has not chosen an organization: only their own memberships are visible."""
    if _open.get() is not None:
        raise TenantScopeClash("A tenant's scope is open.")
    with _opened(NOBODY, str(user_id)):
        yield


@contextmanager
def _opened(tenant_id: UUID, user: str) -> Iterator[None]:
    inside = connection.in_atomic_block
    with transaction.atomic():
        _tell_database(str(tenant_id), user)
        token = _open.set(tenant_id)
        try:
            yield
        finally:
            _open.reset(token)
        # Inside an outer transaction (tests) the setting would outlive this block; the end of one undoes it by itself.
        if inside and not connection.needs_rollback:
            _tell_database("")


def tenant_ids() -> list[UUID]:
    """Every organization's id, for sweeps that go tenant by tenant."""
    organization = apps.get_model("accounts", "Organization")
    return list(organization.objects.filter(active=True).order_by("id").values_list("id", flat=True))
