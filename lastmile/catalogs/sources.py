"""The sentences that the sources say: of Python, of templates, and of the browser's code."""

from __future__ import annotations

import ast
import io
import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.extract import extract_python
from django.conf import settings
from django.utils.translation import templatize

from lastmile.local import packages

ROOT = Path(__file__).resolve().parents[2]
APPS = (
    "core", "accounts", "fleet", "routing", "orders", "dispatch", "tracking", "notifications", "analytics", "lastmile"
)  # fmt: skip
UNSPOKEN = ("lastmile/local/", "lastmile/demo/", "lastmile/catalogs/", "routing/atlas/", "routing/instances/")
"""What runs on a terminal, or speaks to whoever runs the platform."""

ONE = {"say", "mark", "later", "gettext", "gettext_lazy"}
MANY = {"say_many", "ngettext"}


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence and where it is said; `many` is its plural, `context` tells two equal words apart."""

    text: str
    many: str
    context: str
    place: str


class Unreadable(Exception):
    """A call whose sentence cannot be read from the source."""


def of_django() -> Iterator[Message]:
    """What the server says: Python and templates."""
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            place = path.relative_to(ROOT).as_posix()
            if "/migrations/" not in place and not place.startswith(UNSPOKEN):
                yield from of_python(path.read_text(), place)
    for path in sorted((ROOT / "templates").rglob("*.html")):
        yield from of_template(path.read_text(), path.relative_to(ROOT).as_posix())


def of_python(source: str, place: str) -> Iterator[Message]:
    """The literals handed to `say`, `say_many` and `mark`. Raises `Unreadable` for a text that is put together."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name not in ONE | MANY:
            continue
        texts = node.args[: 2 if name in MANY else 1]
        if any(isinstance(text, (ast.JoinedStr, ast.BinOp)) for text in texts):
            raise Unreadable(f"{place}:{node.lineno}: {name}() takes a literal with {{names}}, and the values besides")
        literals = [text.value for text in texts if isinstance(text, ast.Constant) and isinstance(text.value, str)]
        if len(literals) == len(texts):
            yield Message(literals[0], literals[1] if name in MANY else "", "", place)


def of_template(source: str, place: str) -> Iterator[Message]:
    """What `{% translate %}` and `{% blocktranslate %}` say, as Django's own makemessages reads it."""
    if not settings.configured:
        settings.configure(USE_I18N=False)
    # Everything but the calls is blanked out; without its indentation the rest reads as Python.
    lines = "\n".join(line.strip() for line in templatize(source, origin=place).splitlines())
    keywords = {"gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3)}
    for _line, name, read, _comments in extract_python(io.BytesIO(lines.encode()), keywords, (), {}):
        found: object = read  # one text, or a list of them: Babel's types promise the list alone
        texts = [found] if isinstance(found, str) else list(read)
        parts = [str(text) for text in texts if text is not None]
        context = parts.pop(0) if name in ("pgettext", "npgettext") else ""
        yield Message(parts[0], parts[1] if name in ("ngettext", "npgettext") else "", context, place)


def of_browser() -> Iterator[Message]:
    """What the browser's code says with `t` and `n`, read by the TypeScript compiler."""
    done = subprocess.run(
        [packages.node(), "lastmile/browser/words.mjs"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Unreadable(done.stderr.strip() or "lastmile/browser/words.mjs failed")
    for row in json.loads(done.stdout):
        yield Message(row["text"], row["many"], "", row["place"])
