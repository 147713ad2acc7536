"""Five languages: whose is spoken, on pages, in refusals, on paper and in what is stored."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from django.utils import translation

from accounts import actions, languages, speaking, written
from accounts.models import Organization, User
from core import errors, words
from core.actor import SYSTEM
from core.models import Event
from tests.fixtures import NOW, World

pytestmark = pytest.mark.django_db
SETTINGS = "/api/v1/organization/"
HEADINGS = {"en": "Settings", "nl": "Instellingen", "de": "Einstellungen", "fr": "Réglages", "es": "Ajustes"}
REFUSALS = {
    "en": "There is no such thing here.",
    "nl": "Dat is hier niet te vinden.",
    "de": "Das gibt es hier nicht.",
    "fr": "Cela n’existe pas ici.",
    "es": "Eso no existe aquí.",
}


@pytest.fixture(autouse=True)
def _in_english() -> None:
    """Whatever a test's request or scope spoke, the next one begins anew."""
    translation.activate("en")


def speak(world: World, role: str, language: str) -> None:
    User.objects.filter(id=world.members[role].user_id).update(language=language)


@pytest.mark.parametrize("language", languages.CODES)
def test_pages_and_refusals_are_in_the_members_own_language(amber: World, language: str) -> None:
    speak(amber, "dispatcher", language)
    page = amber.client().get("/settings/")
    assert f"<h1>{HEADINGS[language]}</h1>" in page.content.decode()
    assert f'<html lang="{languages.tag(language)}"' in page.content.decode()
    assert page["Content-Language"] == languages.tag(language)
    assert (f"words/{language}.js" in page.content.decode()) == (language != "en")
    for address in ("/board/", "/orders/", "/orders/import/", "/orders/new/", "/insights/", "/handover/"):
        assert amber.client().get(address).status_code == 200, address
    board = amber.client().get("/api/v1/board/").json()
    assert board["organization"]["language"] == languages.tag(language)
    answer = amber.client().get("/api/v1/orders/?delivery_on=never")
    assert answer.status_code == 400
    missing = amber.client().get("/no/such/page/")
    assert missing.status_code == 404 and f'lang="{languages.tag(language)}"' in missing.content.decode()


@pytest.mark.parametrize("language", languages.CODES)
def test_the_api_refuses_in_the_callers_language(amber: World, language: str) -> None:
    speak(amber, "owner", language)
    answer = amber.client("owner").patch(SETTINGS, {}, content_type="application/json")
    with translation.override(language):
        names = "objective, distance_unit, clock, language"
        assert answer.json()["message"] == words.say("Name a setting: {names}.", names=names)
        assert words.say("There is no such thing here.") == REFUSALS[language]


def test_the_order_of_choices(amber: World) -> None:
    Organization.objects.filter(id=amber.organization.id).update(language="fr")
    browser = amber.client()
    german = {"headers": {"Accept-Language": "de-AT,de;q=0.9,en;q=0.1"}}
    assert "<h1>Réglages</h1>" in browser.get("/settings/", **german).content.decode()  # the organization's
    speak(amber, "dispatcher", "es")
    assert "<h1>Ajustes</h1>" in browser.get("/settings/", **german).content.decode()  # one's own
    assert "Anmelden" in Client().get("/sign-in/", **german).content.decode()  # nobody is known yet
    assert "Sign in" in Client().get("/sign-in/", headers={"Accept-Language": "ja,*;q=0.5"}).content.decode()
    assert "Sign in" in Client().get("/sign-in/").content.decode()


def test_a_key_asks_for_a_language_and_else_hears_the_organizations(amber: World) -> None:
    Organization.objects.filter(id=amber.organization.id).update(language="nl")
    plain = amber.api().get("orders/", limit="many").json()["message"]
    asked = amber.api().client.get("/api/v1/orders/?limit=many", headers={"Accept-Language": "fr"}).json()["message"]
    assert plain.startswith("limit is een geheel getal") and asked.startswith("limit est un nombre entier")


def test_nothing_of_a_request_stays_behind(amber: World) -> None:
    speak(amber, "dispatcher", "de")
    amber.client().get("/settings/")
    assert translation.get_language() == "en"
    assert not words.asked.get()


def test_owners_choose_for_all_and_everybody_for_themselves(amber: World, birch: World) -> None:
    owner = amber.client("owner")
    row = owner.patch(SETTINGS, {"language": "de"}, content_type="application/json").json()
    assert row["language"] == "de"
    assert amber.client("viewer").get("/settings/").content.decode().count("Einstellungen") >= 2
    posted = {"objective": "cheapest", "distance_unit": "km", "clock": "24h", "language": "nl"}
    assert "Opgeslagen" in owner.post("/settings/", posted, follow=True).content.decode()
    assert amber.client("viewer").post("/settings/", posted).status_code == 403
    own = amber.client("viewer").post("/settings/language/", {"language": "es"}, follow=True).content.decode()
    assert "Sus páginas están ahora en español." in own and "<h1>Ajustes</h1>" in own
    back = amber.client("viewer").post("/settings/language/", {"language": ""}, follow=True)
    assert "Instellingen" in back.content.decode()
    with amber.scope():
        told = [event.data for event in Event.objects.filter(kind="organization.changed").order_by("sequence")]
        own_told = [event.data for event in Event.objects.filter(kind="member.changed").order_by("sequence")]
    assert told == [{"language": {"before": "en", "after": "de"}}, {"language": {"before": "de", "after": "nl"}}]
    assert own_told == [{"language": {"before": "", "after": "es"}}, {"language": {"before": "es", "after": ""}}]
    assert birch.client("owner").get(SETTINGS).json()["language"] == "en"


@pytest.mark.parametrize("wrong", ["xx", "EN", "de-AT", "tlh"])
def test_an_unknown_language_is_refused_with_a_sentence(amber: World, wrong: str) -> None:
    answer = amber.client("owner").patch(SETTINGS, {"language": wrong}, content_type="application/json")
    assert answer.status_code == 400 and "language" in answer.json()["message"]
    page = amber.client().post("/settings/language/", {"language": wrong})
    assert page.status_code == 400 and "Nederlands (nl)" in page.content.decode()
    with amber.scope(), pytest.raises(errors.Invalid, match="The language is one of"):
        actions.set_language(amber.organization, wrong, by=SYSTEM, at=NOW)
    assert User.objects.get(id=amber.members["dispatcher"].user_id).language == ""


def test_what_nobody_waits_for_is_in_the_organizations_language(amber: World) -> None:
    Organization.objects.filter(id=amber.organization.id).update(language="de")
    speaking.forget(amber.organization.id)
    with amber.scope():
        assert words.say("It is there already: nothing was moved.").startswith("Er ist schon dort")
    assert translation.get_language() == "en"


def test_one_and_many() -> None:
    def stops(count: int) -> str:
        return words.say_many("{count} stop", "{count} stops", count)

    forms = {
        "en": ("0 stops", "1 stop", "1,200 stops"),
        "nl": ("0 stops", "1 stop", "1.200 stops"),
        "de": ("0 Stopps", "1 Stopp", "1.200 Stopps"),
        "fr": ("0 arrêt", "1 arrêt", "1\u202f200 arrêts"),
        "es": ("0 paradas", "1 parada", "1200 paradas"),
    }
    for language, wanted in forms.items():
        with translation.override(language):
            said = tuple(stops(count) for count in (0, 1, 1200))
            assert (said[0], said[1]) == wanted[:2], language
            assert said[2].replace("\xa0", "\u202f").replace(".", "") == wanted[2].replace(".", ""), language


def test_days_and_money_as_each_language_writes_them() -> None:
    day = date(2026, 11, 23)
    written_days = {}
    for language in languages.CODES:
        with translation.override(language):
            written_days[language] = (written.day(day), written.day(day, "day_full"), written.money(345.6, "EUR"))
    assert written_days["en"] == ("Mon 23 Nov", "Monday, 23 November 2026", "€3.46")
    assert written_days["de"][0] == "Mo, 23. Nov" and written_days["de"][1] == "Montag, 23. November 2026"
    assert written_days["de"][2].replace("\xa0", " ") == "3,46 €"
    assert written_days["nl"][1] == "maandag 23 november 2026"
    assert written_days["fr"][1] == "lundi 23 novembre 2026"
    assert written_days["es"][1] == "lunes, 23 de noviembre de 2026"
