"""A German dispatcher at work: refusals, why a stop is left out, names of edits, and paper; all in German."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.utils import translation

from accounts.models import Organization, User
from accounts.speaking import forget
from core import operations, words
from core.models import Operation
from dispatch import edit_words, paper
from dispatch.models import Edit, Stop
from tests.dispatch.paper_text import text_of
from tests.dispatch.test_paper import TWO_TRIPS
from tests.dispatch.test_proposals import worked_out
from tests.dispatch.test_why import left_out, local
from tests.fixtures import NOW, World

MADE = datetime(2026, 11, 23, 6, 30)


def german(world: World) -> None:
    User.objects.filter(id=world.members["dispatcher"].user_id).update(language="de")


@pytest.mark.parametrize(
    ("language", "headings"),
    [
        (
            "de",
            ("Tourenliste", "Abfahrt", "Zurück", "Stopps", "Pakete", "Gewicht", "Fahrt 1", "Zeitfenster", "Nachweis"),
        ),
        ("nl", ("Rittenlijst", "Vertrek", "Terug", "Stops", "Pakketten", "Gewicht", "Venster", "Bewijs")),
        ("fr", ("Feuille de route", "Départ", "Retour", "Arrêts", "Colis", "Poids", "Créneau", "Preuve")),
        ("es", ("Hoja de ruta", "Salida", "Vuelta", "Paradas", "Paquetes", "Peso", "Franja", "Prueba")),
    ],
)
def test_paper_has_its_headings_in_the_readers_language(language: str, headings: tuple[str, ...]) -> None:
    with translation.override(language):
        content = paper.manifest([TWO_TRIPS], made_at=MADE)
    text = text_of(content)
    assert [heading for heading in headings if heading not in text] == []
    assert "Manifest" not in text and "Weight" not in text
    assert f"/Lang ({language})".encode() in content or language.encode() in content


def test_the_load_list_too() -> None:
    with translation.override("de"):
        text = text_of(paper.load_list([TWO_TRIPS], made_at=MADE))
    assert "Ladeliste: vom ersten Paket hinein bis zum letzten" in text
    assert "1 Palette" in text and "3 Pakete" in text and "Seite 1" in text


@pytest.mark.django_db
def test_refusals_of_edits_are_in_the_members_language(amber: World) -> None:
    plan, stop = left_out(amber, "LATE", window_start_at=local(8), window_end_at=local(8, 1))
    german(amber)
    browser = amber.client()

    def told(path: str, body: dict[str, object]) -> str:
        answer = browser.post(f"/api/v1/{path}", body, content_type="application/json")
        assert answer.status_code in (400, 409, 422), answer.content
        return str(answer.json()["message"])

    assert told(f"plans/{plan.id}:lock", {"stops": [], "lock": "driver", "seen": {}})
    assert told(f"plans/{plan.id}:redo", {}) == "Sie haben in diesem Plan nichts zu wiederholen."
    assert told(
        f"plans/{plan.id}:lock", {"stops": [str(stop.id)], "lock": "driver", "seen": {str(stop.id): stop.version}}
    ) == ("Nur ein Stopp auf einer Tour kann auf ihr fixiert werden.")
    english = amber.api().post(f"plans/{plan.id}:redo", {}).json()["message"]
    assert "Plan nichts" not in english


@pytest.mark.django_db
def test_why_not_is_answered_in_the_members_language(amber: World) -> None:
    _, stop = left_out(amber, "LATE", window_start_at=local(8), window_end_at=local(8, 1))
    german(amber)
    row = amber.client().get(f"/api/v1/stops/{stop.id}/why/").json()
    assert "Zeitfenster" in row["message"] or "Fahrzeug" in row["message"], row["message"]
    assert row["ways"] and all(" passt, wenn " in way["message"] or "hätte Platz" in way["message"] or
                               "hat Platz" in way["message"] for way in row["ways"])  # fmt: skip
    english = amber.api().get(f"stops/{stop.id}/why/").json()
    assert {way["key"] for way in english["ways"]} == {way["key"] for way in row["ways"]}  # keys know no language


@pytest.mark.django_db
def test_names_of_edits_are_in_the_organizations_language(amber: World) -> None:
    plan, _ = left_out(amber, "LATE", window_start_at=local(8), window_end_at=local(8, 1))
    Organization.objects.filter(id=amber.organization.id).update(language="nl")
    forget(amber.organization.id)
    german(amber)
    with amber.scope():
        one = Stop.objects.filter(plan=plan, status="planned").first()
        assert one is not None
    body = {"stops": [str(one.id)], "lock": "driver", "seen": {str(one.id): one.version}}
    answer = amber.client().post(f"/api/v1/plans/{plan.id}:lock", body, content_type="application/json")
    assert answer.status_code == 200, answer.content
    with amber.scope():
        label = Edit.objects.filter(plan=plan).order_by("number").last().label
    assert label.startswith("Stop ") and label.endswith("aan zijn chauffeur vastgezet")


@pytest.mark.django_db
def test_what_a_worker_finds_is_said_in_the_organizations_language(amber: World) -> None:
    Organization.objects.filter(id=amber.organization.id).update(language="de")
    forget(amber.organization.id)
    plan, stop = left_out(amber, "HEAVY", weight_g=50_000_000)
    operation = worked_out(amber, f"plans/{plan.id}:optimize")
    assert operation.status == "succeeded", operation.error
    with amber.scope():
        why = Stop.objects.get(id=stop.id)
        assert why.unassigned_code == "too_heavy"
        assert why.unassigned_message.startswith("Er lädt")
        # Nothing is left to plan: the refusal of the worker itself.
        Stop.objects.filter(plan=plan).update(status="cancelled", route=None, position=None)
        row = operations.start(
            kind="solve", queue="solve", params={"plan": str(plan.id), "seconds": 1}, by=amber.dispatcher, at=NOW)
    operations.run(amber.organization.id, row.id)
    with amber.scope():
        assert Operation.objects.get(id=row.id).error.startswith("Es ist keine Schicht")


def test_ordinals() -> None:
    assert [edit_words.ordinal(number) for number in (1, 2, 3, 4, 11, 12, 13, 21, 22, 103, 111)] == [
        "1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "22nd", "103rd", "111th"
    ]  # fmt: skip
    with translation.override("de"):
        assert [edit_words.ordinal(number) for number in (1, 2, 12)] == ["1.", "2.", "12."]
        assert words.listed(["a", "b", "c"]) == "a, b und c"
