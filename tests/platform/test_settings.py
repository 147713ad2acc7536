"""A wrong value refuses to start and names itself; a right one arrives with its type."""

import runpy
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

SETTINGS = Path(__file__).resolve().parents[2] / "lastmile" / "settings.py"
GOOD = {
    "SECRET_KEY": "k3J8-vQ2x_7Lm9Zt4Rb6Wc1Yd5Fg0Hp8Ns2Qa7Ue3Xo6Ti9Lk4Vj",
    "DATABASE_URL": "postgresql://lastmile_app:secret@db.example.org:5433/lastmile",
    "REDIS_URL": "redis://:secret@redis.example.org:6379/0",
    "PUBLIC_URL": "https://dispatch.example.org",
}
OPTIONAL = [
    "ALLOWED_HOSTS",
    "ATLAS_DIR",
    "BEHIND_PROXY",
    "CSRF_TRUSTED_ORIGINS",
    "DATABASE_OWNER_URL",
    "DATABASE_POOL_SIZE",
    "DEBUG",
    "DEVELOPMENT",
    "ENGINE_DIR",
    "GEOCODER",
    "LOG_JSON",
    "LOG_LEVEL",
    "MAIL_URL",
    "MAIL_FROM",
    "MAP_ORIGINS",
    "MAP_STYLE_URL",
    "MEDIA_ROOT",
    "ROADS",
    "SMS",
    "SOLVE_MAX_SECONDS",
    "SOLVE_SECONDS",
    "SOLVER_PARTS",
    "SOLVER_THREADS",
    "STATIC_ROOT",
    "TESTING",
]


def load(monkeypatch: pytest.MonkeyPatch, **changes: str | None) -> dict[str, Any]:
    """Run settings.py with `GOOD` and the changes as the only variables it knows."""
    for name in (*OPTIONAL, *GOOD):
        monkeypatch.delenv(name, raising=False)
    for name, value in {**GOOD, **changes}.items():
        if value is not None:
            monkeypatch.setenv(name, value)
    return runpy.run_path(str(SETTINGS))


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("SECRET_KEY", None, "not set"),
        ("SECRET_KEY", "short", "at least 50 random characters"),
        ("SECRET_KEY", "a" * 60, "at least 50 random characters"),
        ("DATABASE_URL", None, "not set"),
        ("DATABASE_URL", "sqlite:///x.db", "postgresql://"),
        ("DATABASE_URL", "postgresql://user@host/", "database name"),
        ("DATABASE_URL", "postgresql://user@host:port/name", "postgresql://"),
        ("DATABASE_OWNER_URL", "mysql://user@host/name", "postgresql://"),
        ("DATABASE_POOL_SIZE", "many", "a whole number of connections for each process (0–200)"),
        ("REDIS_URL", None, "not set"),
        ("REDIS_URL", "http://redis.example.org", "redis://"),
        ("PUBLIC_URL", None, "not set"),
        ("PUBLIC_URL", "dispatch.example.org", "http:// or https://"),
        ("PUBLIC_URL", "http://dispatch.example.org", "https:// address"),
        ("ALLOWED_HOSTS", "https://dispatch.example.org", "without scheme and port"),
        ("CSRF_TRUSTED_ORIGINS", "dispatch.example.org", "http:// or https://"),
        ("CSRF_TRUSTED_ORIGINS", "https://dispatch.example.org/path", "without a path"),
        ("DEBUG", "maybe", "a yes or no"),
        ("DEVELOPMENT", "2", "a yes or no"),
        ("BEHIND_PROXY", "nginx", "a yes or no"),
        ("ROADS", "osrm", "one of none, osrm:http://HOST"),
        ("ROADS", "osrm:roads.example.org", "one of none, osrm:http://HOST"),
        ("ROADS", "valhalla:http://roads.example.org", "one of none, osrm:http://HOST"),
        ("GEOCODER", "google", "one of atlas, none, nominatim:http://HOST, photon:http://HOST"),
        ("MAP_STYLE_URL", "ftp://tiles.example.org/style.json", "http:// or https://"),
        ("MAP_ORIGINS", "tiles", "http:// or https://"),
        ("ATLAS_DIR", "var/atlas", "an absolute path"),
        ("MEDIA_ROOT", __file__, "a folder (it is a file)"),
        ("MAIL_URL", "pigeon", "smtp://"),
        ("SMS", "carrier", "one of catcher, http:http://HOST"),
        ("SOLVE_SECONDS", "abc", "'abc' is not a whole number of seconds (1–600)"),
        ("SOLVE_SECONDS", "0", "'0' is not a whole number of seconds (1–600)"),
        ("SOLVE_SECONDS", "601", "(1–600)"),
        ("SOLVE_MAX_SECONDS", "5", "at least SOLVE_SECONDS (10)"),
        ("SOLVER_PARTS", "many", "'many' is not a whole number of parts (1–64)"),
        ("SOLVER_THREADS", "0", "'0' is not a whole number of threads (1–64)"),
        ("LOG_LEVEL", "LOUD", "one of DEBUG, INFO, WARNING, ERROR"),
        ("LOG_JSON", "pretty", "a yes or no"),
    ],
)
def test_a_wrong_value_refuses_to_start(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str | None, sentence: str
) -> None:
    with pytest.raises(ImproperlyConfigured) as caught:
        load(monkeypatch, **{name: value})
    assert str(caught.value).startswith(f"{name}: ")
    assert sentence in str(caught.value)


@pytest.mark.parametrize("name", ["SECRET_KEY", "DATABASE_URL", "REDIS_URL", "MAIL_URL"])
def test_a_refused_secret_is_not_repeated(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    with pytest.raises(ImproperlyConfigured) as caught:
        load(monkeypatch, **{name: "hunter2"})
    assert "hunter2" not in str(caught.value)


def test_production_values_arrive(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(
        monkeypatch,
        DATABASE_OWNER_URL="postgresql://lastmile_owner:other@db.example.org/lastmile",
        MAIL_URL="smtp+tls://mailer:pa%20ss@mail.example.org",
        SOLVE_SECONDS="30",
        GEOCODER="nominatim:https://search.example.org/",
        MAP_STYLE_URL="https://tiles.example.org/style.json",
    )
    assert settings["DEBUG"] is False
    assert settings["DATABASES"]["default"]["USER"] == "lastmile_app"
    assert settings["DATABASES"]["default"]["PORT"] == 5433
    assert settings["DATABASES"]["default"]["OPTIONS"]["pool"]["max_size"] == 8
    assert settings["DATABASES"]["owner"]["USER"] == "lastmile_owner"
    assert "pool" not in settings["DATABASES"]["owner"]["OPTIONS"]
    assert settings["ALLOWED_HOSTS"] == ["dispatch.example.org"]
    assert settings["SESSION_COOKIE_SECURE"] is settings["SECURE_SSL_REDIRECT"] is True
    assert settings["SECURE_HSTS_SECONDS"] > 0
    assert (settings["EMAIL_HOST"], settings["EMAIL_PORT"]) == ("mail.example.org", 587)
    assert settings["EMAIL_HOST_PASSWORD"] == "pa ss"
    assert settings["SOLVE_SECONDS"] == 30
    assert settings["GEOCODER"] == "nominatim:https://search.example.org"
    assert settings["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]["connect-src"] == [
        "'self'",
        "wss://dispatch.example.org",
        "https://tiles.example.org",
    ]
    assert settings["LOG_JSON"] is True


def test_development_allows_plain_http_on_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch, DEVELOPMENT="1", PUBLIC_URL="http://127.0.0.1:8123")
    assert settings["SESSION_COOKIE_SECURE"] is False
    assert "localhost" in settings["ALLOWED_HOSTS"]
    assert settings["LOG_JSON"] is False
