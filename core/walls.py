"""The wall in PostgreSQL, raised for every tenant's table after each `migrate`.

* row-level security, forced, with one policy that errors while `app.tenant` is unset;
* `(tenant_id, id)` unique, and every `Reference` a composite foreign key, since row-level security
  does not look at foreign keys;
* the runtime role's rights: data only, and the journal append-only.

Raised by what the catalog says is missing, so that no new table can be born without it.
"""

from __future__ import annotations

import hashlib
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connections, models, transaction

from core.models import Event, Reference, TenantModel

TENANT = "tenant_id = (select current_setting('app.tenant')::uuid)"


def policy_of(model: type[models.Model]) -> str:
    """The table's own visibility rule (`wall_using` of the model), or the tenant's."""
    return getattr(model, "wall_using", TENANT)


def tenant_models() -> list[type[TenantModel]]:
    return [model for model in apps.get_models(include_auto_created=True) if issubclass(model, TenantModel)]


def after_migrate(using: str, **_: Any) -> None:
    connection = connections[using]
    with transaction.atomic(using=using), connection.cursor() as cursor:
        existing = set(connection.introspection.table_names(cursor))
        built = [model for model in tenant_models() if model._meta.db_table in existing and model._meta.managed]
        keys = _names(cursor, "select relname from pg_class where relkind in ('i', 'I')")
        constraints = _names(cursor, "select conname from pg_constraint")
        walled = _names(
            cursor,
            "select c.relname from pg_class c join pg_policy p on p.polrelid = c.oid"
            " where c.relrowsecurity and c.relforcerowsecurity",
        )
        for model in built:
            table = model._meta.db_table
            if f"{table}_wall_key" not in keys:
                cursor.execute(f'create unique index "{table}_wall_key" on "{table}" (tenant_id, id)')
            if table not in walled:
                cursor.execute(f'alter table "{table}" enable row level security')
                cursor.execute(f'alter table "{table}" force row level security')
                cursor.execute(f'drop policy if exists tenant on "{table}"')
                cursor.execute(f'create policy tenant on "{table}" using ({policy_of(model)}) with check ({TENANT})')
        for model in built:
            for field in model._meta.local_fields:
                if isinstance(field, Reference) and field.remote_field.model._meta.db_table in existing:
                    _bind(cursor, model, field, constraints)
        _grant(cursor, existing)


def _names(cursor: Any, query: str) -> set[str]:
    cursor.execute(query)
    return {row[0] for row in cursor.fetchall()}


def _bind(cursor: Any, model: type[models.Model], field: Reference, constraints: set[str]) -> None:
    table, target = model._meta.db_table, field.remote_field.model._meta.db_table
    name = f"{table}_{field.column}_wall"
    if len(name) > 63:
        name = f"{name[:50]}_{hashlib.sha256(name.encode()).hexdigest()[:8]}"
    if name in constraints:
        return
    # The rows that are there already are checked as the owner, who is let past the forced wall for this one statement.
    tables = dict.fromkeys((table, target))
    for one in tables:
        cursor.execute(f'alter table "{one}" no force row level security')
    cursor.execute(
        f'alter table "{table}" add constraint "{name}" foreign key (tenant_id, "{field.column}")'
        f' references "{target}" (tenant_id, id) deferrable initially deferred'
    )
    for one in tables:
        cursor.execute(f'alter table "{one}" force row level security')


def _grant(cursor: Any, existing: set[str]) -> None:
    role = settings.DATABASES["default"]["USER"]
    cursor.execute("select current_user = %s", [role])
    if cursor.fetchone()[0]:
        return
    cursor.execute(f'grant usage on schema public to "{role}"')
    cursor.execute(f'grant select, insert, update, delete on all tables in schema public to "{role}"')
    cursor.execute(f'grant usage, select on all sequences in schema public to "{role}"')
    cursor.execute(f'revoke insert, update, delete on django_migrations from "{role}"')
    if Event._meta.db_table in existing:
        cursor.execute(f'revoke update, delete on "{Event._meta.db_table}" from "{role}"')
