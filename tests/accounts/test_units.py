"""How lengths and times of day are written: an organization's choice, by page and API, on its board."""

from __future__ import annotations

import pytest

from core.models import Event
from tests.fixtures import World

pytestmark = pytest.mark.django_db
SETTINGS = "/api/v1/organization/"


def test_the_choice_is_made_by_api_or_page_and_reaches_the_board(amber: World, birch: World) -> None:
    owner = amber.client("owner")
    row = owner.get(SETTINGS).json()
    assert (row["distance_unit"], row["clock"]) == ("km", "24h")
    answer = owner.patch(SETTINGS, {"clock": "12h"}, content_type="application/json")
    assert answer.status_code == 200
    assert (answer.json()["clock"], answer.json()["distance_unit"], answer.json()["objective"]) == (
        "12h",
        "km",
        "cheapest",
    )
    board = amber.client("viewer").get("/api/v1/board/").json()["organization"]
    assert (board["clock"], board["distance_unit"]) == ("12h", "km")
    page = owner.post("/settings/", {"objective": "cheapest", "distance_unit": "mi", "clock": "12h"}, follow=True)
    assert page.status_code == 200
    assert b'value="mi" checked' in page.content and b'value="12h" checked' in page.content
    assert amber.api().get("board/").json()["organization"]["distance_unit"] == "mi"
    with amber.scope():
        told = [event.data for event in Event.objects.filter(kind="organization.changed").order_by("sequence")]
    assert told == [
        {"clock": {"before": "24h", "after": "12h"}},
        {"distance_unit": {"before": "km", "after": "mi"}},
    ]
    assert birch.client("owner").get("/api/v1/board/").json()["organization"]["clock"] == "24h"


@pytest.mark.parametrize("wrong", [{"clock": "25h"}, {"distance_unit": "li"}, {"clock": ""}, {}])
def test_what_is_wrong_changes_nothing(amber: World, wrong: dict[str, str]) -> None:
    owner = amber.client("owner")
    answer = owner.patch(SETTINGS, wrong, content_type="application/json")
    assert answer.status_code == 400 and answer.json()["message"]
    if wrong:
        assert owner.post("/settings/", {"objective": "cheapest"} | wrong).status_code == 400
    row = owner.get(SETTINGS).json()
    assert (row["distance_unit"], row["clock"]) == ("km", "24h")


@pytest.mark.parametrize("role", ["dispatcher", "viewer", "driver"])
def test_only_owners_and_admins_choose(amber: World, role: str) -> None:
    answer = amber.client(role).patch(SETTINGS, {"clock": "12h"}, content_type="application/json")
    assert answer.status_code == 403
    assert amber.api().patch("organization/", {"clock": "12h"}).status_code == 403


def test_everybody_signed_in_sees_the_design_page(amber: World) -> None:
    for role in ("owner", "viewer", "driver"):
        page = amber.client(role).get("/design/")
        assert page.status_code == 200
        assert page.content.count(b'class="button button-primary"') >= 2  # once in light, once in dark
