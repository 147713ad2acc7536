"""The board's snapshot and a route's breadcrumb."""

from __future__ import annotations

from uuid import uuid4

from django.test import Client

from routing.roads import polyline
from tests.fixtures import World
from tests.tracking.conftest import Phone
from tests.tracking.day import distributed


def test_the_snapshot_holds_the_day_and_where_the_drivers_are(amber: World, birch: World, phone: Phone) -> None:
    with amber.scope():
        day = distributed(amber)
    with birch.scope():
        distributed(birch)
    phone.moves(day.fix(1, 500, speed_mps=9.5, heading=359.0), now=day.at(1))
    row = amber.client("viewer").get("/api/v1/board/", {"day": "2026-11-23"}).json()
    assert {stop["id"] for stop in row["stops"]} == {str(stop.id) for stop in day.stops}
    (position,) = row["positions"]
    assert position["id"] == position["driver"] == str(amber.drivers[0].id)
    assert (position["route"], position["speed_mps"], position["heading"]) == (str(day.route.id), 9.5, 359.0)
    assert position["version"] == int(day.at(1).timestamp() * 1000)
    assert set(row["map"]) == {"style_url", "pmtiles_url", "bbox", "center", "attribution"}
    foreign = birch.api().get("board/", day="2026-11-23").json()
    assert foreign["positions"] == []
    assert not {stop["id"] for stop in foreign["stops"]} & {stop["id"] for stop in row["stops"]}
    # Another organization's depot is no depot: nothing of its day is shown.
    assert birch.api().get("board/", day="2026-11-23", depot=amber.depot.id).json()["stops"] == []


def test_the_opening_shows_the_first_routes_to_their_own_people(amber: World, birch: World, phone: Phone) -> None:
    with amber.scope():
        day = distributed(amber)
    with birch.scope():
        distributed(birch)
    phone.moves(day.fix(1, 500), now=day.at(1))
    whole = amber.client("viewer").get("/api/v1/board/", {"day": "2026-11-23"}).json()
    row = amber.client("viewer").get("/api/v1/board/opening/", {"day": "2026-11-23"}).json()
    assert row["whole"] == [str(day.route.id)]
    for name in ("stops", "positions", "exceptions", "map", "plan"):
        assert row[name] == whole[name]
    assert len(row["positions"]) == 1
    stranger = birch.api().get("board/opening/", day="2026-11-23", depot=amber.depot.id)
    assert (stranger.status_code, stranger.json()["routes"], stranger.json()["plan"]) == (200, [], None)
    # The page asks in its head for the very address that its program will ask for.
    page = amber.client("viewer").get("/board/", {"day": "2026-11-23", "depot": str(amber.depot.id)}).content.decode()
    assert f'href="/api/v1/board/opening/?day=2026-11-23&amp;depot={amber.depot.id}"' in page
    assert 'href="/api/v1/board/opening/?"' in amber.client("viewer").get("/board/").content.decode()


def test_bad_questions_are_answered_with_a_sentence(amber: World) -> None:
    for query in ({"day": "someday"}, {"day": "2026-02-30"}, {"depot": "x"}):
        for door in ("board/", "board/opening/"):
            answer = amber.api().get(door, **query)
            assert answer.status_code == 400
            assert answer.json()["message"]
    assert Client().get("/api/v1/board/").status_code == 401
    assert Client().get("/api/v1/board/opening/").status_code == 401
    assert amber.driver_api().get("board/opening/").status_code == 403
    assert amber.driver_api().get("board/").status_code == 403
    assert amber.api().get("board/").status_code == 200


def test_a_breadcrumb_is_the_way_that_was_driven(amber: World, birch: World, phone: Phone) -> None:
    with amber.scope():
        day = distributed(amber)
    empty = amber.api().get(f"routes/{day.route.id}/breadcrumb").json()
    assert empty == {"route": str(day.route.id), "points": 0, "first_fix_at": None, "geometry": "", "seconds": []}
    phone.moves(day.fix(3, 900), day.fix(1, 100), day.fix(2, 500), now=day.at(4))
    row = amber.api().get(f"routes/{day.route.id}/breadcrumb").json()
    assert (row["points"], row["seconds"]) == (3, [0, 60, 120])
    assert row["first_fix_at"] == "2026-11-23T08:01:00Z"
    metres = [round((lat - amber.depot.lat) * 111_195) for lat, _ in polyline.decode(row["geometry"])]
    assert all(abs(one - wanted) <= 1 for one, wanted in zip(metres, [100, 500, 900], strict=True))
    for stranger, wanted in ((birch.api(), 404), (phone.api, 403)):
        assert stranger.get(f"routes/{day.route.id}/breadcrumb").status_code == wanted
    assert amber.api().get(f"routes/{uuid4()}/breadcrumb").status_code == 404
