"""Loaded before anything else of a test run: gives the settings an environment where none was given.

`./run test` sets the addresses of its own PostgreSQL and Redis. Started bare, `pytest` still runs every test that needs
neither; the rest fail at once with "connection refused" on port 1, where nothing ever listens.
"""

import os

for _name, _value in {
    "TESTING": "1",
    "SECRET_KEY": "only-for-tests-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGH",
    "DATABASE_URL": "postgresql://lastmile_app@127.0.0.1:1/lastmile",
    "DATABASE_OWNER_URL": "postgresql://lastmile_owner@127.0.0.1:1/lastmile",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "LOG_LEVEL": "WARNING",
    # No map data unless a test builds its own: whatever demo ran in this checkout changes no test's outcome.
    "ATLAS_DIR": "/nonexistent/atlas",
}.items():
    os.environ.setdefault(_name, _value)

# Tests that run side by side (`-n 2`) each have a database by their process's number, and a Redis database by this one:
# one that empties its cache must not empty another's.
_worker = os.environ.get("PYTEST_XDIST_WORKER", "")
if _worker.startswith("gw"):
    _server, _, _ = os.environ["REDIS_URL"].rpartition("/")
    os.environ["REDIS_URL"] = f"{_server}/{int(_worker[2:]) % 15 + 1}"
