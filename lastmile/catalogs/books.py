"""The .po files: read, brought up to date, judged, and compiled."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable
from pathlib import Path

from babel.messages import Catalog
from babel.messages import Message as Entry
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from lastmile.catalogs.sources import Message

LANGUAGES = ("nl", "de", "fr", "es")
DOMAINS = ("django", "djangojs")
_DATED = re.compile(r'^"(?:POT-Creation-Date|PO-Revision-Date|Generated-By|Project-Id-Version|Report-[^:]*|'
                    r'Last-Translator|Language-Team): .*\\n"\n', re.MULTILINE)  # fmt: skip
_NAMES = re.compile(r"\{(\w+)\}|%\((\w+)\)s")
_TAGS = re.compile(r"</?[a-z]+")

PLURALS = {"nl": "n != 1", "de": "n != 1", "fr": "n > 1", "es": "n != 1"}
"""Two forms each, for one and for many, as the browser has them (ui/words.ts); the third form that French and Spanish
have for round millions of things is of no use here."""

Key = tuple[str, str]
"""Context and text of a message."""


def path_of(folder: Path, language: str, domain: str) -> Path:
    """Where the catalog lies."""
    return folder / language / "LC_MESSAGES" / f"{domain}.po"


def empty(language: str) -> Catalog:
    """A catalog without messages."""
    catalog = Catalog(locale=language, charset="utf-8")
    catalog.mime_headers = [("Plural-Forms", f"nplurals=2; plural=({PLURALS[language]});")]
    return catalog


def read(path: Path, language: str) -> Catalog:
    """The catalog at `path`; empty when there is none yet."""
    if not path.exists():
        return empty(language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def gather(messages: Iterable[Message]) -> dict[Key, tuple[Message, set[str]]]:
    """Every sentence once, with all the places it is said at; a plural anywhere is a plural everywhere."""
    found: dict[Key, tuple[Message, set[str]]] = {}
    for message in messages:
        key = (message.context, message.text)
        known, places = found.get(key, (message, set()))
        places.add(message.place)
        found[key] = (message if message.many else known, places)
    return found


def update(path: Path, language: str, messages: dict[Key, tuple[Message, set[str]]]) -> None:
    """Write the catalog of exactly these messages; the translations that are there are kept."""
    old, new = read(path, language), empty(language)
    for (context, text), (message, places) in sorted(messages.items()):
        entry = old.get(text, context or None)
        at = [(place, 0) for place in sorted(places)]
        flags = {"fuzzy"} if entry is not None and entry.fuzzy else set()
        forms = _forms(entry)
        if message.many:
            plural = (forms[0], forms[-1]) if len(forms) > 1 else ("", "")
            new.add((text, message.many), plural, at, flags=flags, context=context or None)
        else:
            single = forms[0] if len(forms) == 1 else ""
            new.add(text, single, at, flags=flags, context=context or None)
    out = io.BytesIO()
    write_po(out, new, width=0, sort_output=True, include_lineno=False)
    text_out = _DATED.sub("", out.getvalue().decode())
    text_out = text_out[text_out.index('msgid ""') :]
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text() != text_out:
        path.write_text(text_out)


def _forms(entry: Entry | None) -> list[str]:
    """The forms of a translation that are there: one, or one for each plural."""
    if entry is None:
        return []
    string = entry.string
    forms = list(string) if isinstance(string, (list, tuple)) else [string or ""]
    return [form for form in forms if form]


def faults(path: Path, language: str, messages: dict[Key, tuple[Message, set[str]]]) -> list[str]:
    """What is wrong with a catalog, a sentence for each fault."""
    catalog = read(path, language)
    name = f"{language}/{path.stem}"
    found = []
    for (context, text), (message, places) in sorted(messages.items()):
        entry = catalog.get(text, context or None)
        at = f"{name}: “{text}” ({sorted(places)[0]})"
        if entry is None or bool(message.many) != bool(entry.pluralizable):
            found.append(f"{at} is missing: ./run words")
            continue
        forms = list(entry.string) if isinstance(entry.string, (list, tuple)) else [entry.string or ""]
        if not all(forms):
            found.append(f"{at} has no translation")
        elif entry.fuzzy:
            found.append(f"{at} is marked fuzzy: look at it and take the mark away")
        else:
            found += [f"{at}: {fault}" for fault in differences(message, forms)]
    for entry in catalog:
        key = (entry.context or "", entry.id[0] if isinstance(entry.id, (list, tuple)) else entry.id)
        if key[1] and key not in messages:
            found.append(f"{name}: “{key[1]}” is said nowhere: ./run words")
    return found


def differences(message: Message, forms: list[str]) -> list[str]:
    """Where placeholders or tags of a translation are not those of its text."""
    found = []
    for index, form in enumerate(forms):
        source = message.many if message.many and index else message.text
        wanted, got = _names(source), _names(form)
        # A singular may name its number or leave it out: “1 stop”, “one stop”.
        counts = {"count", "counter", "n"} if message.many and not index else set()
        if wanted - counts != got - counts:
            found.append(f"placeholders {_listed(got)} in the translation, {_listed(wanted)} in the text")
        if sorted(_TAGS.findall(source)) != sorted(_TAGS.findall(form)):
            found.append("the translation has other tags than the text")
    return found


def _names(text: str) -> set[str]:
    return {one or other for one, other in _NAMES.findall(text)}


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names)) or "none"


def compile_all(folder: Path, target: Path) -> None:
    """Write Django's .mo files beside the .po files, and the browser's sentences to `target`/<language>.js."""
    target.mkdir(parents=True, exist_ok=True)
    for language in LANGUAGES:
        path = path_of(folder, language, "django")
        with path.with_suffix(".mo").open("wb") as file:
            write_mo(file, read(path, language))
        words = json.dumps(browser_words(read(path_of(folder, language, "djangojs"), language)), ensure_ascii=False)
        (target / f"{language}.js").write_text(f"globalThis.lastmileWords = {words};\n")


def browser_words(catalog: Catalog) -> dict[str, str | list[str]]:
    """Text → translation, or the forms for one and for many."""
    words: dict[str, str | list[str]] = {}
    for entry in catalog:
        if not entry.id or entry.fuzzy:
            continue
        if isinstance(entry.id, (list, tuple)):
            forms = list(entry.string or ())
            if all(forms):
                words[entry.id[0]] = forms
        elif entry.string:
            words[entry.id] = str(entry.string)
    return words
