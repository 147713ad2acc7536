"""Both walls, each by itself, and what the database says of itself."""

from __future__ import annotations

import re
import uuid
from pathlib import Path

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.utils import DatabaseError, ProgrammingError

from core import tenancy, walls
from core.actor import SYSTEM
from fleet.models import Depot, Driver
from tests.fixtures import NOW, World, _admin, located_order

AUDIT = """
select 'table without forced RLS', c.relname::text from pg_class c join pg_attribute a on a.attrelid = c.oid and
a.attname = 'tenant_id'
  where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace and not (c.relrowsecurity and
  c.relforcerowsecurity)
union all select 'no policy', c.relname from pg_class c where c.relrowsecurity and not exists (select 1 from pg_policy
p where p.polrelid = c.oid)
union all select 'reference without tenant in its key', conname from pg_constraint k where contype = 'f'
  and exists (select 1 from pg_attribute a where a.attrelid = k.conrelid and a.attname = 'tenant_id')
  and exists (select 1 from pg_attribute a where a.attrelid = k.confrelid and a.attname = 'tenant_id')
  and not exists (select 1 from pg_attribute a where a.attrelid = k.conrelid and a.attname = 'tenant_id' and a.attnum
  = any(k.conkey))
union all select 'unique index without tenant', i.indexrelid::regclass::text from pg_index i where i.indisunique and
not i.indisprimary
  and exists (select 1 from pg_attribute a where a.attrelid = i.indrelid and a.attname = 'tenant_id')
  and not exists (select 1 from pg_attribute a where a.attrelid = i.indrelid and a.attname = 'tenant_id' and a.attnum
  = any(i.indkey::int2[]))
union all select 'runtime role is privileged', rolname from pg_roles where rolname = %(role)s and (rolsuper or
rolbypassrls or rolcreaterole or rolcreatedb)
union all select 'runtime role owns', c.relname from pg_class c join pg_roles r on r.oid = c.relowner where r.rolname
= %(role)s
union all select 'runtime role may truncate, trigger or reference', c.relname from pg_class c where c.relkind = 'r'
  and c.relnamespace = 'public'::regnamespace and (has_table_privilege(%(role)s, c.oid, 'truncate')
  or has_table_privilege(%(role)s, c.oid, 'trigger') or has_table_privilege(%(role)s, c.oid, 'references'))
"""


def test_the_database_has_no_hole_in_its_walls(db: None) -> None:
    role = settings.DATABASES["default"]["USER"]
    with _admin(settings.DATABASES["owner"]["NAME"]) as admin:
        assert admin.execute(AUDIT, {"role": role}).fetchall() == []


def test_the_audit_finds_a_hole() -> None:
    role = settings.DATABASES["default"]["USER"]
    with _admin(settings.DATABASES["owner"]["NAME"]) as admin:
        admin.autocommit = False
        admin.execute("create table hole (id uuid primary key, tenant_id uuid, reference text unique)")
        found = {row[0] for row in admin.execute(AUDIT, {"role": role}).fetchall()}
        admin.rollback()
    assert found == {"table without forced RLS", "unique index without tenant"}


def test_every_model_is_a_tenants_or_on_the_short_list() -> None:
    shared = {
        model.__name__
        for model in apps.get_models()
        if model not in walls.tenant_models() and model.__module__.split(".")[0] not in ("django", "axes")
    }
    assert shared == {"Organization", "User"}


@pytest.mark.django_db
def test_no_scope_no_rows(amber: World) -> None:
    with pytest.raises(tenancy.TenantScopeClosed):
        Depot.objects.count()
    with pytest.raises(tenancy.TenantScopeClosed):
        Depot(name="x", lat=1, lon=1, opens="06:00", closes="07:00").save()


@pytest.mark.django_db
def test_without_the_python_wall_the_database_raises(amber: World) -> None:
    with pytest.raises((ProgrammingError, DatabaseError)), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select count(*) from fleet_depot")


@pytest.mark.django_db
def test_raw_sql_inside_a_scope_sees_one_tenant(amber: World, birch: World) -> None:
    with amber.scope(), connection.cursor() as cursor:
        cursor.execute("select distinct tenant_id from fleet_depot")
        assert cursor.fetchall() == [(amber.organization.id,)]
        cursor.execute("update fleet_depot set name = 'mine' where tenant_id = %s", [birch.organization.id])
        assert cursor.rowcount == 0


@pytest.mark.django_db
def test_writing_under_another_tenant_is_refused_by_both_walls(amber: World, birch: World) -> None:
    with birch.scope():
        depot = Depot.objects.get()
    with amber.scope():
        with pytest.raises(tenancy.TenantScopeClash):
            depot.save()
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("update fleet_depot set tenant_id = %s", [birch.organization.id])


@pytest.mark.django_db
def test_a_reference_to_another_tenants_row_is_refused(amber: World, birch: World) -> None:
    with pytest.raises(IntegrityError), amber.scope():
        driver = Driver.objects.first()
        Driver.objects.filter(id=driver.id).update(depot_id=birch.depot.id)
        with connection.cursor() as cursor:
            cursor.execute("set constraints all immediate")


@pytest.mark.django_db
def test_scopes_nest_only_for_the_same_tenant(amber: World, birch: World) -> None:
    with amber.scope():
        with amber.scope():
            assert Depot.objects.get().name == "Amber depot"
        assert Depot.objects.count() == 1
        with pytest.raises(tenancy.TenantScopeClash), birch.scope():
            pass
    with birch.scope():
        assert Depot.objects.get().name == "Birch depot"


@pytest.mark.django_db
def test_the_scope_ends_with_its_block_even_inside_a_longer_transaction(amber: World) -> None:
    with amber.scope():
        pass
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select count(*) from fleet_depot")
    with pytest.raises(ZeroDivisionError), amber.scope():
        raise ZeroDivisionError
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select count(*) from fleet_depot")


@pytest.mark.django_db
def test_the_personal_scope_shows_own_memberships_only(amber: World, birch: World) -> None:
    from accounts import callers

    both = amber.members["dispatcher"].user
    with birch.scope():
        from accounts.models import Membership

        Membership.objects.create(user=both, role="viewer")
    own = callers.memberships_of(both)
    assert {organization.name for _, organization in own} == {"Amber Logistics", "Birch Logistics"}
    with tenancy.personal_scope(both.id), connection.cursor() as cursor:
        cursor.execute("select count(*) from fleet_depot")
        assert cursor.fetchone() == (0,)


@pytest.mark.django_db
def test_the_journal_cannot_be_rewritten(amber: World) -> None:
    from core import journal

    with amber.scope():
        order = located_order(amber, "A1", lat=49.4, lon=8.7)
        journal.transition(order, "cancelled", by=SYSTEM, at=NOW)
        for statement in ("update core_event set kind = 'x'", "delete from core_event"):
            with (
                pytest.raises(ProgrammingError, match="permission denied"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(statement)


def test_the_runtime_role_cannot_get_round_the_walls(django_db_setup: None) -> None:
    settings_of = settings.DATABASES["default"]
    with psycopg.connect(
        host=settings_of["HOST"],
        port=settings_of["PORT"],
        user=settings_of["USER"],
        password=settings_of["PASSWORD"],
        dbname=settings_of["NAME"],
        autocommit=True,
    ) as role:
        for statement in (
            "alter table fleet_depot disable row level security",
            "drop policy tenant on fleet_depot",
            "set role lastmile_owner",
            "truncate fleet_depot",
        ):
            with pytest.raises(psycopg.Error):
                role.execute(statement)
        role.execute("begin")
        role.execute("select set_config('app.tenant', %s, true)", [str(uuid.uuid4())])
        assert role.execute("select count(*) from fleet_depot").fetchone() == (0,)


def test_the_shared_audit_returns_no_row(django_db_setup: None, data_dir: Path) -> None:
    """The audit that lies beside the test data, where it is there, asked about our runtime role."""
    audit = data_dir.parent / "tools" / "tenant_audit.sql"
    if not audit.is_file():
        pytest.skip(f"no audit: {audit.name} is not beside the test data")
    query = re.sub(r"\bapp_r\b", settings.DATABASES["default"]["USER"], audit.read_text())
    with _admin(settings.DATABASES["owner"]["NAME"]) as admin:
        assert admin.execute(query.encode()).fetchall() == []
