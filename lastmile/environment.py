"""Reads settings from environment variables; a wrong value refuses to start and names itself.

Every reader raises `ImproperlyConfigured` with one sentence: the variable, what it holds and what it should hold.
Values of variables whose name tells of a secret are not repeated in the sentence.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

_SECRET = re.compile(r"SECRET|PASSWORD|KEY|DATABASE|REDIS|MAIL|SMS")
_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off"}
_HOST = re.compile(r"^(\*|\.?[A-Za-z0-9_\-]+(\.[A-Za-z0-9_\-]+)*\.?|\[[0-9A-Fa-f:.]+\])$")


class Environment:
    """Typed, validating access to a mapping of environment variables (by default the process's own)."""

    def __init__(self, values: dict[str, str] | None = None) -> None:
        """Read from `values`, or from `os.environ` when nothing is given."""
        self._env = environ.Env()
        if values is not None:
            self._env.ENVIRON = values

    def _raw(self, name: str, default: str | None) -> str:
        value: str = self._env.str(name, default="")
        if value.strip():
            return value.strip()
        if default is None:
            raise ImproperlyConfigured(f"{name}: not set, and there is no default for it")
        return default

    def refuse(self, name: str, value: str, wanted: str) -> ImproperlyConfigured:
        """Build the error for a wrong value: `NAME: 'value' is not …`."""
        shown = "the value given" if _SECRET.search(name) else repr(value)
        return ImproperlyConfigured(f"{name}: {shown} is not {wanted}")

    def text(self, name: str, default: str | None = None) -> str:
        """A string; refuses only when it is unset and has no default."""
        return self._raw(name, default)

    def switch(self, name: str, default: bool) -> bool:
        """A yes or no: 1/0, true/false, yes/no, on/off."""
        value = self._raw(name, "1" if default else "0")
        if value.lower() in _TRUE:
            return True
        if value.lower() in _FALSE:
            return False
        raise self.refuse(name, value, "a yes or no (1/0, true/false, yes/no, on/off)")

    def whole(self, name: str, default: int, low: int, high: int, unit: str = "") -> int:
        """A whole number between `low` and `high`, both included."""
        value = self._raw(name, str(default))
        of = f" of {unit}" if unit else ""
        try:
            number = int(value)
        except ValueError:
            number = low - 1
        if not low <= number <= high:
            raise self.refuse(name, value, f"a whole number{of} ({low}–{high})")
        return number

    def choice(self, name: str, default: str, allowed: Iterable[str]) -> str:
        """One of the words in `allowed` (compared without case, returned as written there)."""
        words = list(allowed)
        value = self._raw(name, default)
        for word in words:
            if word.lower() == value.lower():
                return word
        raise self.refuse(name, value, "one of " + ", ".join(words))

    def hosts(self, name: str, default: str) -> list[str]:
        """A comma-separated list of host names, as Django's ALLOWED_HOSTS wants them (no scheme, no port)."""
        items = [item.strip() for item in self._raw(name, default).split(",") if item.strip()]
        for item in items:
            if not _HOST.match(item):
                raise self.refuse(name, item, "a host name without scheme and port, such as dispatch.example.org")
        return items

    def origins(self, name: str, default: str) -> list[str]:
        """A comma-separated list of origins (`https://host[:port]`); may be empty."""
        items = [item.strip() for item in self._raw(name, default).split(",") if item.strip()]
        return [self._url(name, item, ("http", "https"), origin=True) for item in items]

    def url(self, name: str, default: str | None = None, schemes: tuple[str, ...] = ("http", "https")) -> str:
        """An address with a host and one of `schemes`, without a trailing slash; an empty default stays empty."""
        value = self._raw(name, default)
        return self._url(name, value, schemes) if value else ""

    def _url(self, name: str, value: str, schemes: tuple[str, ...], *, origin: bool = False) -> str:
        wanted = (
            "an address that begins with " + " or ".join(f"{scheme}://" for scheme in schemes) + " and names a host"
        )
        try:
            parts = urlsplit(value)
            host, _port = parts.hostname, parts.port
        except ValueError:
            raise self.refuse(name, value, wanted) from None
        if parts.scheme not in schemes or not host or re.search(r"\s", value):
            raise self.refuse(name, value, wanted)
        if origin and (parts.path.strip("/") or parts.query or parts.fragment):
            raise self.refuse(name, value, "an origin such as https://dispatch.example.org, without a path")
        return value.rstrip("/")

    def database(self, name: str, default: str | None = None) -> dict[str, object]:
        """A PostgreSQL address `postgresql://user:password@host:port/name` as Django's database dictionary."""
        value = self._raw(name, default)
        if not value:
            return {}
        self._url(name, value, ("postgresql", "postgres"))
        if not urlsplit(value).path.strip("/"):
            raise self.refuse(name, value, "a PostgreSQL address with a database name (postgresql://user@host/name)")
        try:
            config = environ.Env.db_url_config(value)
        except (ValueError, ImproperlyConfigured):
            raise self.refuse(name, value, "a PostgreSQL address (postgresql://user:password@host:5432/name)") from None
        return {**config, "ENGINE": "django.db.backends.postgresql"}

    def adapter(self, name: str, default: str, *, words: Iterable[str] = (), with_url: Iterable[str] = ()) -> str:
        """An adapter's name: one of `words` alone, or one of `with_url` followed by `:http(s)://…`."""
        value = self._raw(name, default)
        words, with_url = list(words), list(with_url)
        if value in words:
            return value
        kind, _, address = value.partition(":")
        if kind in with_url:
            try:
                return f"{kind}:{self._url(name, address, ('http', 'https'))}"
            except ImproperlyConfigured:
                pass
        wanted = [*words, *(f"{kind}:http://HOST" for kind in with_url)]
        raise self.refuse(name, value, "one of " + ", ".join(wanted))

    def folder(self, name: str, default: Path) -> Path:
        """An absolute folder path; it need not exist yet, but must not be a file."""
        path = Path(self._raw(name, str(default))).expanduser()
        if not path.is_absolute():
            raise self.refuse(name, str(path), "an absolute path of a folder")
        if path.exists() and not path.is_dir():
            raise self.refuse(name, str(path), "a folder (it is a file)")
        return path
