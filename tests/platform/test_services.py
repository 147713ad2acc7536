"""PostgreSQL and Valkey as boxes of programs: they start, hold the roles we promise, survive a crash, and stop."""

import os
import shutil
import signal
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import psycopg
import pytest
import redis

from lastmile.local import paths, services


@pytest.fixture(scope="module")
def embedded() -> Iterator[services.Services]:
    """A pair of servers of this test's own."""
    home = services.scratch()
    postgres = paths.free_port()
    pair = services.Services(home, {"postgres": postgres, "redis": paths.free_port()}, logs=paths.LOGS / "tests")
    pair.start()
    yield pair
    pair.stop()
    shutil.rmtree(home)


def connect(address: str) -> "psycopg.Connection[tuple[object, ...]]":
    return psycopg.connect(address, connect_timeout=5)


def test_the_runtime_role_owns_nothing_and_may_bypass_nothing(embedded: services.Services) -> None:
    with connect(embedded.environment()["DATABASE_URL"]) as connection:
        row = connection.execute(
            "select rolsuper, rolcreatedb, rolcreaterole, rolbypassrls, rolname,"
            " (select count(*) from pg_class where relowner = pg_roles.oid)"
            " from pg_roles where rolname = current_user"
        ).fetchone()
    assert row == (False, False, False, False, "lastmile_app", 0)


def test_the_owner_is_no_superuser_but_owns_the_database(embedded: services.Services) -> None:
    with connect(embedded.environment()["DATABASE_OWNER_URL"]) as connection:
        row = connection.execute(
            "select rolsuper, rolcreatedb, rolbypassrls, pg_get_userbyid(datdba) from pg_roles, pg_database"
            " where rolname = current_user and datname = current_database()"
        ).fetchone()
        names = {name for (name,) in connection.execute("select extname from pg_extension")}
    assert row == (False, True, False, "lastmile_owner")
    assert {"pg_trgm", "btree_gist", "unaccent"} <= names


def test_a_wrong_password_is_refused(embedded: services.Services) -> None:
    address = urlsplit(embedded.environment()["DATABASE_URL"])
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        connect(f"postgresql://lastmile_app:wrong@127.0.0.1:{address.port}/lastmile")
    with pytest.raises(redis.AuthenticationError):
        redis.Redis(port=embedded.valkey.port, password="wrong").ping()


def test_what_was_committed_survives_a_killed_server(embedded: services.Services) -> None:
    owner = embedded.environment()["DATABASE_OWNER_URL"]
    with connect(owner) as connection:
        connection.execute("create table if not exists kept (n int)")
        connection.execute("insert into kept values (1)")
    assert embedded.postgres.child is not None
    os.kill(embedded.postgres.child.pid, signal.SIGKILL)
    embedded.postgres.child.wait()
    embedded.postgres.start()  # finds the pid file of the dead server
    with connect(owner) as connection:
        assert connection.execute("select count(*) from kept").fetchone() == (1,)


def test_stop_closes_the_doors_and_start_opens_them_again(embedded: services.Services) -> None:
    embedded.stop()
    for port in (embedded.postgres.port, embedded.valkey.port):
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=2).close()
    embedded.start()
    assert embedded.valkey.answers()
    with connect(embedded.environment()["DATABASE_URL"]) as connection:
        assert connection.execute("select 1").fetchone() == (1,)


def test_secrets_are_for_their_owner_alone() -> None:
    paths.passwords()
    assert (paths.VAR / "secrets.json").stat().st_mode & 0o077 == 0
