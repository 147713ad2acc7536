"""The catalogs: every sentence is found, translated, and judged; a planted fault is told."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from lastmile.catalogs import books, sources
from lastmile.catalogs.sources import Message, Unreadable
from tests import node

FOLDER = sources.ROOT / "lastmile" / "locale"
ONE = Message("The van of {driver} is late.", "", "", "a.py")
MANY = Message("{count} stop", "{count} stops", "", "a.py")


def gathered(*messages: Message) -> dict[books.Key, tuple[Message, set[str]]]:
    return books.gather(messages)


def test_every_sentence_of_the_server_is_in_every_catalog() -> None:
    messages = books.gather(sources.of_django())
    assert len(messages) > 1000
    for language in books.LANGUAGES:
        assert books.faults(books.path_of(FOLDER, language, "django"), language, messages) == []


def test_sentences_are_read_out_of_python() -> None:
    source = """
say("One {name}", name=x)
say_many("{count} van", "{count} vans", n)
mark("Off")
self.say("not this")
say(text)
"""
    found = [(message.text, message.many) for message in sources.of_python(source, "a.py")]
    assert found == [("One {name}", ""), ("{count} van", "{count} vans"), ("Off", "")]
    for unreadable in ('say(f"One {name}")', 'say("One " + name)', 'say_many("one", f"{n}", 2)'):
        with pytest.raises(Unreadable, match=r"a\.py:1"):
            list(sources.of_python(unreadable, "a.py"))


def test_sentences_are_read_out_of_templates() -> None:
    source = """{% load i18n %}
      <p title="{% translate "Close it" %}">{% translate "Don’t" context "asked" %}</p>
        {% blocktranslate trimmed count count=n with a=b %}
          {{ count }} van of {{ a }}
        {% plural %}{{ count }} vans of {{ a }}{% endblocktranslate %}"""
    found = {(message.context, message.text, message.many) for message in sources.of_template(source, "a.html")}
    assert found == {
        ("", "Close it", ""),
        ("asked", "Don’t", ""),
        ("", "%(count)s van of %(a)s", "%(count)s vans of %(a)s"),
    }


def test_a_catalog_keeps_its_translations_and_loses_what_is_said_no_more(tmp_path: Path) -> None:
    path = tmp_path / "django.po"
    books.update(path, "fr", gathered(ONE, MANY))
    assert len(books.faults(path, "fr", gathered(ONE, MANY))) == 2  # nothing is translated yet
    path.write_text(
        path.read_text()
        .replace('driver} is late."\nmsgstr ""', 'driver} is late."\nmsgstr "Le véhicule de {driver} est en retard."')
        .replace('msgstr[0] ""', 'msgstr[0] "{count} arrêt"')
        .replace('msgstr[1] ""', 'msgstr[1] "{count} arrêts"')
    )
    assert books.faults(path, "fr", gathered(ONE, MANY)) == []
    books.update(path, "fr", gathered(ONE, MANY))
    books.update(path, "fr", gathered(MANY))
    assert "{count} arrêts" in path.read_text() and "véhicule" not in path.read_text()
    assert "n > 1" in path.read_text()


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("Le véhicule est en retard.", "placeholders none in the translation, driver in the text"),
        ("Le véhicule de {chauffeur} est en retard.", "placeholders chauffeur in the translation"),
        ("<b>Le véhicule de {driver}</b>", "other tags"),
        ("", "has no translation"),
    ],
)
def test_a_planted_fault_is_told(tmp_path: Path, wrong: str, told: str) -> None:
    path = tmp_path / "django.po"
    books.update(path, "fr", gathered(ONE))
    path.write_text(path.read_text().replace('is late."\nmsgstr ""', f'is late."\nmsgstr "{wrong}"'))
    (fault,) = books.faults(path, "fr", gathered(ONE))
    assert told in fault and "a.py" in fault


def test_a_missing_a_fuzzy_and_a_needless_sentence_are_told(tmp_path: Path) -> None:
    path = tmp_path / "django.po"
    books.update(path, "de", gathered(ONE))
    (missing,) = [fault for fault in books.faults(path, "de", gathered(ONE, MANY)) if "{count} stop" in fault]
    assert "is missing" in missing
    path.write_text(
        path.read_text()
        .replace("#: a.py\n", "#: a.py\n#, fuzzy\n")
        .replace('is late."\nmsgstr ""', 'is late."\nmsgstr "{driver} ist spät dran."')
    )
    (fuzzy,) = books.faults(path, "de", gathered(ONE))
    assert "fuzzy" in fuzzy
    assert any("said nowhere" in fault for fault in books.faults(path, "de", {}))


def test_the_check_of_the_whole_fails_for_a_new_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from lastmile.catalogs import __main__ as command

    said = [*sources.of_django(), Message("Nobody has translated this.", "", "", "new.py")]
    monkeypatch.setattr(command, "SOURCES", {"django": lambda: said})
    assert command.main(["check"]) == 1
    monkeypatch.setattr(command, "SOURCES", {"django": lambda: said[:-1]})
    assert command.main(["check"]) == 0


def test_django_and_the_browser_get_what_they_read(tmp_path: Path) -> None:
    folder, target = tmp_path / "locale", tmp_path / "words"
    for language in books.LANGUAGES:
        for domain in books.DOMAINS:
            books.update(books.path_of(folder, language, domain), language, gathered(ONE, MANY))
    path = books.path_of(folder, "de", "djangojs")
    path.write_text(path.read_text().replace('[0] ""', '[0] "{count} Stopp"').replace('[1] ""', '[1] "{count} Stopps"'))
    books.compile_all(folder, target)
    assert books.path_of(folder, "de", "django").with_suffix(".mo").stat().st_size > 0
    text = (target / "de.js").read_text()
    assert text.startswith("globalThis.lastmileWords = ") and text.endswith(";\n")
    assert json.loads(text.removeprefix("globalThis.lastmileWords = ").removesuffix(";\n")) == {
        "{count} stop": ["{count} Stopp", "{count} Stopps"]
    }


def test_sentences_are_read_out_of_the_browsers_code() -> None:
    done = node.run("lastmile/browser/words.mjs")
    assert done.returncode == 0, done.stderr
    assert all(set(row) == {"text", "many", "place"} for row in json.loads(done.stdout))


def test_it_says_how_it_is_called() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "lastmile.catalogs"], cwd=sources.ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2 and "update | check | compile" in done.stdout
