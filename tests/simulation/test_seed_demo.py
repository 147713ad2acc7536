"""`seed_demo`: everything is there once, log-ins work, and the next start goes on where the last one ended."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts import callers, keys
from accounts.models import Membership, Organization, User
from core import clock, tenancy
from dispatch.models import Plan, Route
from fleet import queries
from fleet.models import Depot, Driver, Shift, Vehicle, Zone
from lastmile.demo import fleet, region
from orders.models import Order
from routing.atlas import addresses_write, folder
from routing.atlas.addresses_read import AddressRow, Found
from tracking.models import LastPosition


def make_atlas(root: Path, name: str, lat: float, lon: float, countries: dict[str, int]) -> Path:
    """A town of one street with sixty doors."""
    home = root / name
    home.mkdir()
    rows = [AddressRow("Long Street", str(number), "1000", name.title(), (), lat, lon + number * 1e-4)
            for number in range(1, 61)]
    addresses_write.write(Found(addresses=rows, countries=countries), home / "addresses.sqlite")
    (home / "atlas.json").write_text(json.dumps({
        "name": name, "title": name.title(), "bbox": [lon - 0.1, lat - 0.1, lon + 0.1, lat + 0.1], "center": [lon, lat],
        "attribution": folder.ATTRIBUTION_OSM, "built_at": "2026-11-22T00:00:00Z", "source_sha256": "", "version": 1,
        "counts": {}, "parts": {}}))
    return home


@pytest.fixture
def place(tmp_path, settings):
    settings.ATLAS_DIR = make_atlas(tmp_path, "heidelberg", 49.41, 8.69, {"DE": 60})
    settings.CLOCK_FILE = str(tmp_path / "clock.json")
    settings.GEOCODER = "atlas"
    return tmp_path


def seed(place: Path, **options):
    call_command("seed_demo", out=place / "demo.json", base_url="http://127.0.0.1:8000", count=60, **options)
    return json.loads((place / "demo.json").read_text())


def amber() -> Organization:
    return Organization.objects.get(slug="amber")


def counts() -> tuple[int, ...]:
    with tenancy.scope(amber().id):
        return tuple(model.objects.count() for model in (Membership, Depot, Vehicle, Driver, Order, Zone))


def test_everything_is_there_once_and_the_log_ins_work(db, place):
    told = seed(place)
    before = counts()
    assert (place / "demo.json").stat().st_mode & 0o777 == 0o600
    again = seed(place)
    assert counts() == before and before[3:] == (4, 0, 3)
    assert {**again, "clock": None} == {**told, "clock": None}
    for login in (told["dispatcher"], told["viewer"], told["owner"], told["admin"], *told["drivers"]):
        assert User.objects.get(email=login["email"]).check_password(login["password"])
    assert User.objects.get(email=told["admin"]["email"]).is_superuser
    assert not callers.memberships_of(User.objects.get(email=told["admin"]["email"]))
    assert len({told[role]["password"] for role in ("owner", "dispatcher", "viewer", "admin")}) == 4
    organization = amber()
    assert (organization.timezone, organization.country, organization.currency) == ("Europe/Berlin", "DE", "EUR")
    with tenancy.scope(organization.id):
        assert keys.find(told["api_key"], on=date(2026, 11, 23)) is not None
        skills = [set(van.skills) for van in Vehicle.objects.all()]
        assert sum("fridge" in one for one in skills) >= 1 and sum("two_person" in one for one in skills) >= 1
        assert sorted(driver.usual_end.hour for driver in Driver.objects.all()) == [18, 18, 21, 21]


def test_the_second_organization_has_rows_of_its_own_and_shows_none_of_the_firsts(db, place):
    told = seed(place)
    birch = Organization.objects.get(slug="birch")
    with tenancy.scope(birch.id):
        assert Order.objects.count() == 16 and Driver.objects.count() == 2
        assert keys.find(told["api_key"], on=date(2026, 11, 23)) is None
    assert not set(told["other"]["dispatcher"].values()) & set(told["dispatcher"].values())
    seed(place)
    with tenancy.scope(birch.id):
        assert Order.objects.count() == 16


def test_a_lost_file_gives_everybody_a_new_password(db, place):
    told = seed(place)
    (place / "demo.json").unlink()
    again = seed(place)
    assert again["dispatcher"]["password"] != told["dispatcher"]["password"] and again["api_key"] != told["api_key"]
    assert User.objects.get(email=again["dispatcher"]["email"]).check_password(again["dispatcher"]["password"])


def test_passwords_of_another_installation_mean_nothing_here(db, place):
    (place / "demo.json").write_text(json.dumps({
        "organization_id": "0" * 32,
        "dispatcher": {"email": "dispatcher@amber.example", "password": "known to others"}}))
    assert seed(place)["dispatcher"]["password"] != "known to others"


def test_the_day_begins_at_seven_and_an_unfinished_one_goes_on_where_it_was_left(db, place):
    told = seed(place)
    day, organization = date.fromisoformat(told["day"]), amber()
    assert datetime.fromisoformat(told["clock"]["played_at"]).astimezone(UTC).hour in (5, 6)
    assert abs(clock.now() - datetime.fromisoformat(told["clock"]["played_at"])) < timedelta(minutes=1)
    with tenancy.scope(organization.id):
        route = a_route(day, "started")
        left_at = route.shift.starts_at + timedelta(hours=3)
        LastPosition.objects.create(driver=route.shift.driver, route=route, fix_at=left_at, received_at=left_at,
                                    lat=49.4, lon=8.7)
    again = seed(place)
    assert again["day"] == told["day"] and datetime.fromisoformat(again["clock"]["played_at"]) == left_at
    assert again["orders"] == told["orders"]


def test_after_a_driven_day_the_next_one_has_fresh_orders(db, place):
    told = seed(place)
    day = date.fromisoformat(told["day"])
    with tenancy.scope(amber().id):
        a_route(day, "completed")
    again = seed(place)
    assert again["day"] == (day + timedelta(days=1)).isoformat() and again["tracking_url"] == ""
    first, second = Path(told["orders"]).read_text().splitlines(), Path(again["orders"]).read_text().splitlines()
    assert len(first) == len(second) == 61
    assert not {line.split(",")[0] for line in first[1:]} & {line.split(",")[0] for line in second[1:]}


def a_route(day: date, status: str) -> Route:
    """A route of the day in this state (inside the scope)."""
    driver = Driver.objects.select_related("vehicle", "depot").first()
    at = datetime(day.year, day.month, day.day, 8, tzinfo=UTC)
    shift = Shift.objects.create(day_on=day, driver=driver, vehicle=driver.vehicle, depot=driver.depot, starts_at=at,
                                 ends_at=at + timedelta(hours=9))
    plan = Plan.objects.create(day_on=day, depot=driver.depot, status="distributed")
    ended = at + timedelta(hours=8) if status == "completed" else None
    return Route.objects.create(plan=plan, shift=shift, status=status, started_at=at, completed_at=ended)


def test_another_place_gets_a_depot_of_its_own_and_a_free_day(db, place, settings):
    told = seed(place)
    with tenancy.scope(amber().id):
        a_route(date.fromisoformat(told["day"]), "started")
    settings.ATLAS_DIR = make_atlas(place, "ankara", 39.95, 32.75, {"TR": 60})
    moved = seed(place)
    assert amber().timezone == "Europe/Istanbul" and amber().currency == "TRY"
    assert moved["depot"] != told["depot"] and moved["day"] > told["day"]
    with tenancy.scope(amber().id):
        assert [str(depot.id) for depot in Depot.objects.filter(status="active")] == [moved["depot"]]
        depot = Depot.objects.get(id=moved["depot"])
        found = [queries.zoning().zone_at((depot.lat + up, depot.lon + right)) for up, right in
                 ((0.01, 0), (-0.01, -0.01), (-0.01, 0.01), (0.2, 0))]
        assert found == ["North", "South-west", "South-east", None] and Zone.objects.count() == 6
        assert {str(driver.depot_id) for driver in Driver.objects.all()} == {moved["depot"]}


def test_a_given_order_file_sizes_the_fleet_and_a_bad_one_is_said(db, place):
    header = "reference,recipient_name,street,house_number,city,pieces,window_start,window_end\n"
    rows = [f"G-{n},Mia,Long Street,{n % 60 + 1},Heidelberg,1,18:00,21:00" for n in range(150)]
    file = place / "given.csv"
    file.write_text(header + "\n".join(rows))
    told = seed(place, orders=file)
    assert told["orders"] == str(file) and len(told["drivers"]) == 6
    with tenancy.scope(amber().id):
        assert Driver.objects.filter(usual_end__hour=21).count() == 3
        assert Depot.objects.get(status="active").lat == pytest.approx(49.41, abs=0.01)
    (place / "bad.csv").write_text("nothing")
    with pytest.raises(CommandError, match=r"."):
        seed(place, orders=place / "bad.csv")
    with pytest.raises(CommandError, match="not a file"):
        seed(place, orders=place / "missing.csv")


def test_without_map_data_it_says_so(db, place, settings):
    settings.ATLAS_DIR = place / "nowhere"
    with pytest.raises(CommandError, match="build_map"):
        seed(place)


@pytest.mark.parametrize(("lat", "lon", "countries", "zone", "currency"), [
    (49.41, 8.69, {"DE": 1}, "Europe/Berlin", "EUR"), (39.95, 32.8, {"TR": 1}, "Europe/Istanbul", "TRY"),
    (51.5, -0.1, {"GB": 1}, "Europe/London", "GBP"), (41.9, -87.6, {"US": 1}, "America/Chicago", "USD"),
])
def test_the_clock_and_money_of_a_place(tmp_path, lat, lon, countries, zone, currency):
    found = region.of_atlas(folder.read(make_atlas(tmp_path, "town", lat, lon, countries)))
    assert (found.timezone, found.currency) == (zone, currency)


def test_late_drivers_are_spread():
    assert fleet.late_seats(4, 2) == {1, 3} and len(fleet.late_seats(12, 4)) == 4
