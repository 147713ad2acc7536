"""Zones through their doors: added, changed, retired; another organization's are not there."""

from __future__ import annotations

from uuid import uuid4

import pytest

from core.models import Event
from fleet import queries
from fleet.models import Zone, ZoneDriver
from tests.fixtures import World

pytestmark = pytest.mark.django_db
NORTH = [[49.42, 8.6], [49.42, 8.8], [49.6, 8.8], [49.6, 8.6]]


def body(**values: object) -> dict[str, object]:
    return {"name": "North", "color": "#059669", "outline": NORTH, **values}


def test_a_zone_is_added_changed_and_retired(amber: World) -> None:
    api, driver = amber.api(), amber.drivers[0]
    answer = api.post("zones/", body(drivers=[str(driver.id)]))
    assert answer.status_code == 201, answer.content
    row = answer.json()
    assert row["outline"] == NORTH and row["drivers"] == [str(driver.id)] and row["status"] == "active"
    changed = api.patch(f"zones/{row['id']}/", {"name": "Far north", "drivers": []}).json()
    assert (changed["name"], changed["drivers"], changed["version"]) == ("Far north", [], 2)
    assert api.get("zones/").json()["results"] == [changed] == [api.get(f"zones/{row['id']}/").json()]
    retired = api.patch(f"zones/{row['id']}/", {"status": "retired"}).json()
    assert retired["status"] == "retired"
    with amber.scope():
        assert not queries.zones() and not queries.zoning().areas
        kinds = list(Event.objects.filter(subject_id=row["id"]).order_by("sequence").values_list("kind", flat=True))
    assert kinds == ["zone.added", "zone.changed", "zone.retired"]


def test_a_name_is_free_again_when_its_zone_is_retired(amber: World) -> None:
    api = amber.api()
    first = api.post("zones/", body()).json()
    again = api.post("zones/", body())
    assert again.status_code == 409 and "already a zone named North" in again.content.decode()
    api.patch(f"zones/{first['id']}/", {"status": "retired"})
    assert api.post("zones/", body()).status_code == 201
    back = api.patch(f"zones/{first['id']}/", {"status": "active"})
    assert back.status_code == 409, "two active zones would have one name"
    assert api.patch(f"zones/{first['id']}/", {"status": "active", "name": "South"}).status_code == 200


def test_a_colour_of_its_own_where_none_is_given(amber: World) -> None:
    given = body()
    del given["color"]
    first = amber.api().post("zones/", given).json()
    second = amber.api().post("zones/", {**given, "name": "South"}).json()
    assert first["color"] != second["color"]


@pytest.mark.parametrize(
    ("outline", "words"),
    [
        (NORTH[:2], "at least 3 different corners"),
        ([NORTH[0], NORTH[2], NORTH[1], NORTH[3]], "touches or crosses itself"),
        ([[49.4, 8.6], [95, 8.6], [49.4, 8.7]], "Corner 2"),
        ("north", "outline"),
        ([["x", 1]], "outline"),
    ],
)
def test_a_bad_outline_is_refused(amber: World, outline: object, words: str) -> None:
    answer = amber.api().post("zones/", body(outline=outline))
    assert answer.status_code == 400 and words in answer.content.decode()
    with amber.scope():
        assert not Zone.objects.exists()


def test_drivers_of_another_organization_do_not_exist(amber: World, birch: World) -> None:
    zone = amber.api().post("zones/", body()).json()
    for stranger in (birch.drivers[0].id, uuid4()):
        answer = amber.api().patch(f"zones/{zone['id']}/", {"drivers": [str(stranger)]})
        assert answer.status_code == 400 and answer.json()["param"] == "drivers"
    assert birch.api().get(f"zones/{zone['id']}/").status_code == 404
    assert birch.api().get("zones/").json()["results"] == []
    with amber.scope():
        assert not ZoneDriver.objects.exists()


def test_a_driver_is_told_to_be_strict(amber: World) -> None:
    driver = amber.drivers[0]
    assert amber.api().get(f"drivers/{driver.id}/").json()["zones_strict"] is False
    assert amber.api().patch(f"drivers/{driver.id}/", {"zones_strict": True}).json()["zones_strict"] is True


def test_zoning_is_asked_in_one_statement(amber: World, django_assert_num_queries: object) -> None:
    amber.api().post("zones/", body(drivers=[str(one.id) for one in amber.drivers]))
    with amber.scope(), django_assert_num_queries(1):  # type: ignore[operator]
        zones = queries.zoning()
    assert zones.zone_at((49.5, 8.7)) == "North" and zones.kept_by(amber.drivers[1].id) == {"North"}
