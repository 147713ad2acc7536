"""The dispatcher's board in four languages: its words, its numbers, its plurals, and nothing English left on it."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from dispatch.models import Plan
from lastmile.catalogs import books
from lastmile.catalogs.__main__ import FOLDER
from tests import node
from tests.fixtures import World
from tests.journeys import test_axe
from tests.journeys.drive_phone import browser_test
from tests.journeys.test_edits import DESK, Desk, browser, plan, stop_of

__all__ = ["browser", "plan"]

# Everything on the board that is read or heard: texts, labels, titles, placeholders.
SEEN = """() => {
  const found = [];
  const root = document.getElementById('board');
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) found.push(walker.currentNode.data.trim());
  for (const element of root.querySelectorAll('*'))
    for (const name of ['aria-label', 'title', 'placeholder', 'alt'])
      if (element.hasAttribute(name)) found.push(element.getAttribute(name).trim());
  return found.filter(Boolean);
}"""


@dataclass(frozen=True)
class Said:
    """What a language says at some places; the rest is looked up in its catalog."""

    code: str
    tag: str
    stops: tuple[str, str]
    one_order: str
    money: str
    empty: str
    command: str
    """A few letters of the command that shows all keys."""
    overlay: str


LANGUAGES = [
    Said("nl", "nl-NL", ("1 stop", "2 stops"), "1 order", r"€\s\d+", "Niets voor ", "alle toetsen", "Toetsen"),
    Said("de", "de-DE", ("1 Stopp", "2 Stopps"), "1 Auftrag", r"\d\s€", "Nichts für ", "alle Tasten", "Tasten"),
    Said(
        "fr", "fr-FR", ("1 arrêt", "2 arrêts"), "1 commande", r"\d\s€", "Rien pour le ", "toutes les touches", "Touches"
    ),
    Said("es", "es-ES", ("1 parada", "2 paradas"), "1 pedido", r"\d\s€", "Nada para el ", "todas las teclas", "Teclas"),
]


def words_of(code: str) -> dict[str, str | list[str]]:
    """English text → its translation, or its forms for one and for many."""
    return books.browser_words(books.read(books.path_of(FOLDER, code, "djangojs"), code))


def english_left(page: Page, words: dict[str, str | list[str]]) -> set[str]:
    """The English sentences on the board that the language says in other words."""
    forms = {form for said in words.values() for form in ([said] if isinstance(said, str) else said)}
    foreign = {text for text, said in words.items() if said != text and "{" not in text and text not in forms}
    return foreign & set(page.evaluate(SEEN))


def choose(world: World, said: Said) -> None:
    user = world.members["dispatcher"].user
    user.language = said.code
    user.save(update_fields=["language"])


def at_the_board(browser: Browser, host: str, world: World, said: Said) -> Desk:
    """The board of a dispatcher who has chosen this language for their pages."""
    choose(world, said)
    desk = Desk(browser.new_context(viewport=DESK, locale=said.tag, reduced_motion="reduce"), host, world)
    desk.open()
    expect(desk.page.locator("html")).to_have_attribute("lang", said.code)
    return desk


@browser_test
@pytest.mark.parametrize("said", LANGUAGES, ids=lambda said: said.code)
def test_the_board_speaks(browser: Browser, host: str, amber: World, plan: Plan, said: Said) -> None:
    words = words_of(said.code)
    desk = at_the_board(browser, host, amber, said)
    page = desk.page
    for name, text in (("routes", "Routes"), ("exceptions", "Exceptions"), ("unassigned", "Unassigned")):
        expect(page.locator(f"#tab-{name}")).to_contain_text(str(words[text]))
    expect(page.locator(".connection")).to_contain_text(str(words["Live"]))
    figures = page.locator(".board-figures")
    expect(figures).to_contain_text(re.compile(r"\d,\d"))
    expect(figures).to_contain_text(re.compile(said.money))
    assert english_left(page, words) == set()
    desk.shot(f"language-{said.code}")

    with amber.scope():
        stop, second, third = (stop_of(reference) for reference in ("A01", "A02", "A03"))
    desk.line(stop).locator(".stop-open").click()
    drawer = page.locator(".drawer")
    expect(drawer.locator("h3").first).to_have_text(said.one_order)
    assert english_left(page, words) == set(), "with a stop in full"
    desk.shot(f"language-{said.code}-stop")
    page.keyboard.press("l")
    toast = page.locator(".toast").last
    expect(toast).to_contain_text(str(words["Locked: {what}."]).split("{")[0].strip())
    expect(toast.locator(".toast-action")).to_have_text(str(words["Undo"]))
    expect(desk.line(stop).locator(".lock-mark")).to_contain_text(str(words["Driver"]))

    page.keyboard.press("Escape")
    desk.line(second).locator(".stop-open").click()
    desk.line(third).locator(".stop-open").click(modifiers=["ControlOrMeta"])
    bar = page.locator(".selection-bar")
    expect(bar.locator(".selection-words")).to_contain_text(said.stops[1])
    assert english_left(page, words) == set(), "with a selection"
    page.keyboard.press("Escape")

    page.keyboard.press("Control+k")
    page.keyboard.type(said.command)
    expect(page.locator(".palette-list [aria-selected=true]")).to_contain_text(str(words["Show all keys"]))
    assert english_left(page, words) == set(), "with the palette"
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=said.overlay, exact=True)).to_be_visible()
    assert english_left(page, words) == set(), "with the keys"
    desk.shot(f"language-{said.code}-keys")
    page.keyboard.press("Escape")
    assert desk.faults == []


@browser_test
@pytest.mark.parametrize("said", LANGUAGES, ids=lambda said: said.code)
def test_a_day_without_anything_says_so(browser: Browser, host: str, amber: World, said: Said) -> None:
    choose(amber, said)
    desk = Desk(browser.new_context(viewport=DESK, locale=said.tag), host, amber)
    desk.page.goto(f"{host}/board/?day=2026-03-10")
    expect(desk.page.locator(".empty h2")).to_have_text(re.compile(f"^{re.escape(said.empty)}.*10.*"))
    assert english_left(desk.page, words_of(said.code)) == set()
    assert desk.faults == []


@browser_test
def test_nothing_that_axe_finds_in_german(browser: Browser, host: str, amber: World, plan: Plan) -> None:
    desk = at_the_board(browser, host, amber, LANGUAGES[1])
    page = desk.page
    assert test_axe.faults(desk) == []
    with amber.scope():
        stop = stop_of("A01")
    desk.line(stop).locator(".stop-open").click()
    expect(page.locator(".drawer")).to_be_visible()
    assert test_axe.faults(desk) == [], "with a stop in full"
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert test_axe.faults(desk) == [], "with the keys"


class TestWords:
    def judged(self, line: str, folder: Path) -> subprocess.CompletedProcess[str]:
        path = folder / "part.tsx"
        path.write_text(line)
        return node.run("lastmile/browser/unwrapped.mjs", path)

    def test_every_word_of_the_desk_can_be_translated(self) -> None:
        done = node.run("lastmile/browser/unwrapped.mjs")
        assert done.stdout == ""
        assert done.returncode == 0, done.stderr

    @pytest.mark.parametrize(
        "line",
        [
            "export const a = <p>Three stops are late</p>;",
            'export const a = <p>{b ? "late" : ""}</p>;',
            'export const a = <button aria-label="Close" />;',
            "export const a = <p title={`Since ${b}`} />;",
            'toast("Saved.");',
            "toast(`${b} is gone.`, 'bad');",
            'register({ id: "a.b", title: "Do it" });',
            'const words = () => "The van stands still.";',
        ],
    )
    def test_what_is_left_out_is_found(self, tmp_path: Path, line: str) -> None:
        done = self.judged(line, tmp_path)
        assert done.returncode == 1
        assert "part.tsx:1" in done.stdout

    @pytest.mark.parametrize(
        "line",
        [
            'export const a = <p class="notice small">{t("Three stops are late")}</p>;',
            'export const a = <p>{n("{count} stop", "{count} stops", b)}</p>;',
            'if (event.key === "ArrowDown") focus();',
            'register({ id: "a.b", title: t("Do it"), keys: "g s", icon: "check" });',
            'document.querySelector(".board-list [data-stop]");',
            "export const a = <p>{b} km</p>;",
        ],
    )
    def test_what_is_no_word_is_let_pass(self, tmp_path: Path, line: str) -> None:
        assert self.judged(line, tmp_path).stdout == ""
