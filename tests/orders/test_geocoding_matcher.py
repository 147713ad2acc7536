"""The atlas geocoder on a made-up region where every hard case is known."""

from __future__ import annotations

import concurrent.futures
import pathlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orders import geocoding
from orders.geocoding import geometry
from orders.geocoding.address import Address, GeocoderUnavailable, Located, NotFound
from orders.geocoding.atlas import AtlasGeocoder
from routing.atlas import addresses
from tests.orders import geocoding_world
from tests.orders.geocoding_world import ALDER, BIRCH, CEDAR, METRE


@pytest.fixture(scope="module")
def atlas_path(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    folder = tmp_path_factory.mktemp("atlas")
    counts = addresses.build(geocoding_world.region(folder / "region.osm.pbf"), folder / "addresses.sqlite")
    assert counts["interpolations"] == 1
    assert counts["localities"] == 5
    assert counts["addresses"] == 29
    return folder / "addresses.sqlite"


@pytest.fixture(scope="module")
def geocoder(atlas_path: pathlib.Path) -> AtlasGeocoder:
    return AtlasGeocoder(atlas_path)


def place(town: tuple[float, float], north_m: float, east_m: float) -> tuple[float, float]:
    return town[0] + north_m * METRE, town[1] + east_m * METRE / 0.6428


def one(geocoder: AtlasGeocoder, *fields: str) -> Located:
    (answer,) = geocoder.locate([Address(*fields)])
    assert isinstance(answer, Located), answer
    return answer


def off_m(answer: Located, point: tuple[float, float]) -> float:
    return geometry.distance_m((answer.lat, answer.lon), point)


@pytest.mark.parametrize(("town", "centre", "code"), [("Alder", ALDER, "70001"), ("Cedar", CEDAR, "70003")])
def test_postcode_or_city_or_both_decide_between_towns(
    geocoder: AtlasGeocoder, town: str, centre: tuple[float, float], code: str
) -> None:
    for postcode, city in ((code, town), (code, ""), ("", town), ("", town.upper()), (f"D-{code}", town[:-1])):
        answer = one(geocoder, "Mühlenstr.", "5", postcode, city)
        assert off_m(answer, place(centre, 110, 100)) < 5, (postcode, city)
        assert not answer.doubtful, answer
        assert answer.precision == "address"
        assert answer.matched == f"Mühlenstraße 5, {code} {town}"
        assert answer.confidence > 0.75


def test_the_same_address_in_three_towns_is_marked(geocoder: AtlasGeocoder) -> None:
    answer = one(geocoder, "Mühlenstraße", "5")
    assert answer.doubtful
    assert answer.confidence < 0.5
    assert "3 places" in answer.reason
    assert "neither postcode nor city" in answer.reason


def test_a_wrong_postcode_does_not_move_an_address_its_city_knows(geocoder: AtlasGeocoder) -> None:
    answer = one(geocoder, "Lange Gasse", "20", "70002", "Alder")
    assert off_m(answer, place(ALDER, 310, 160)) < 5
    assert not answer.doubtful
    assert "70002 does not belong there" in answer.reason


def test_postcode_against_city_with_the_address_in_both_is_marked(geocoder: AtlasGeocoder) -> None:
    answer = one(geocoder, "Mühlenstraße", "5", "70003", "Alder")
    assert answer.doubtful or off_m(answer, place(ALDER, 110, 100)) < 5
    assert answer.confidence < 0.85


@pytest.mark.parametrize(
    ("number", "east_m"),
    [("12", 100), ("14", 100), ("16", 100), ("12-14", 100), ("12-16", 100), ("20", 160), ("22", 160), ("30c", 220),
     ("41/3", 300), ("41", 300), ("50b", 360), ("50 B", 360), ("50/B", 360), ("No: 50-B", 360)],
)  # fmt: skip
def test_ranges_lists_and_letters(geocoder: AtlasGeocoder, number: str, east_m: float) -> None:
    answer = one(geocoder, "Lange Gasse", number, "70001", "Alder")
    assert off_m(answer, place(ALDER, 310, east_m)) < 5
    assert answer.precision == "address"
    assert not answer.doubtful


def test_interpolation_line(geocoder: AtlasGeocoder) -> None:
    answer = one(geocoder, "Am Hang", "22", "70002", "Birch")
    assert off_m(answer, place(BIRCH, 500, 200)) < 5
    assert (answer.precision, answer.doubtful) == ("interpolated", False)


def test_between_neighbours_and_beside(geocoder: AtlasGeocoder) -> None:
    between = one(geocoder, "Mühlenstraße", "9", "70001", "Alder")
    assert off_m(between, place(ALDER, 110, 180)) < 5
    assert (between.precision, between.doubtful) == ("interpolated", False)
    assert "between 7 and 11" in between.reason
    across = one(geocoder, "Mühlenstraße", "4", "70001", "Alder")
    assert across.doubtful
    assert "not on the map" in across.reason


def test_street_without_numbers(geocoder: AtlasGeocoder) -> None:
    long = one(geocoder, "Seeallee", "40", "", "Cedar")
    assert (long.precision, long.doubtful) == ("street", True)
    assert off_m(long, place(CEDAR, 1000, 1250)) < 60
    short = one(geocoder, "Kurzer Weg", "4", "", "Cedar")
    assert (short.precision, short.doubtful) == ("street", False)
    assert off_m(one(geocoder, "Franzosenpfad", "", "", "Cedar"), place(CEDAR, 1200, 60)) < 80  # its old name


def test_numbers_in_names_and_kinds_of_street_are_not_misspelt(geocoder: AtlasGeocoder) -> None:
    assert off_m(one(geocoder, "593 Cad.", "13", "", "Alder"), place(ALDER, 1510, 130)) < 5
    assert off_m(one(geocoder, "597. Cadde", "13", "", "Alder"), place(ALDER, 1610, 130)) < 5
    assert off_m(one(geocoder, "593. Sk.", "13", "", "Alder"), place(ALDER, 1710, 130)) < 5
    unknown = geocoder.locate([Address("595. Cadde", "13", "", "Alder")])[0]
    assert isinstance(unknown, NotFound) or unknown.precision == "locality"


@pytest.mark.parametrize("street", ["Cigdem Sok.", "ÇİĞDEM SOKAK", "Çigdem Sokaği", "Çiğdme Sokağı", "Çiğdem Sokka"])
def test_letters_and_slips(geocoder: AtlasGeocoder, street: str) -> None:
    answer = one(geocoder, street, "13", "", "Alder")
    assert off_m(answer, place(ALDER, 1810, 130)) < 5
    assert not answer.doubtful


@pytest.mark.parametrize(
    "fields",
    [
        ("13", "Çiğdem Sokağı", "", "Alder"),
        ("Çiğdem Sokağı 13", "", "", "Alder"),
        ("Çiğdem Sokağı No:13 D:4", "", "", "Alder"),
        ("Çiğdem Sokağı No:13 Kat 2, Alder",),
        ("Çiğdem Sok. 13, 70001 Alder",),
        ("Çiğdem Sok. 13 70001 Alder",),
        ("Bahçe Mah. Çiğdem Sok.", "13", "", "Alder"),
        ("Çiğdem Sok.", "13", "Alder", "70001"),
    ],
)
def test_fields_in_the_wrong_place(geocoder: AtlasGeocoder, fields: tuple[str, ...]) -> None:
    answer = one(geocoder, *fields)
    assert off_m(answer, place(ALDER, 1810, 130)) < 5
    assert not answer.doubtful, answer


def test_a_boundary_and_a_suburb_decide_where_addresses_carry_no_city(geocoder: AtlasGeocoder) -> None:
    assert one(geocoder, "Rosenweg", "4").doubtful
    south = one(geocoder, "Rosenweg", "4", "", "Südstadt")
    assert off_m(south, place(ALDER, -1490, 50)) < 5
    assert not south.doubtful
    north = one(geocoder, "Rosenweg", "4", "", "Alder-Nord/Alder")
    assert off_m(north, place(ALDER, 1910, 50)) < 5


def test_buildings_areas_and_associated_streets_are_addresses(geocoder: AtlasGeocoder) -> None:
    for number, north, east in (("1", 20, 20), ("2", 20, 20), ("3", 60, 60)):
        assert off_m(one(geocoder, "Hofplatz", number, "", "Cedar"), place(CEDAR, north, east)) < 5


def test_unknown_street_falls_back_on_the_town_and_says_so(geocoder: AtlasGeocoder) -> None:
    answer = one(geocoder, "Nirgendwoallee", "1", "70002", "Birch")
    assert (answer.precision, answer.doubtful) == ("locality", True)
    assert off_m(answer, BIRCH) < 1500
    assert "no street like “Nirgendwoallee”" in answer.reason
    missing = geocoder.locate([Address("Nirgendwoallee", "1", "10115", "Quickborn")])[0]
    assert isinstance(missing, NotFound)
    assert "Quickborn" in missing.reason


def test_an_unknown_town_is_marked_even_where_the_street_is_unique(geocoder: AtlasGeocoder) -> None:
    answer = one(geocoder, "Lange Gasse", "20", "", "Quickborn")
    assert answer.doubtful
    assert "Quickborn" in answer.reason


@pytest.mark.parametrize(
    "fields",
    [
        (), ("", "", "", "", ""), ("\x00",), ("\x00" * 5000, "\x00"), ("😀🏠", "😀"), ("12345",),
        ("1", "2", "3", "4", "5"), ("x" * 10_000,), (",;/|", "--", "..", "//"),
        ("Mühlenstraße " * 1000, "5" * 10_000, "9" * 10_000, "Alder" * 3000),
        ("'; DROP TABLE address; --", "1", "%", "_"), ("\ud800", "1"), ("Mah. Mah.", "No No No"), ("٣٤٥", "١٢"),
        ("a 1 b, " * 1500,), ("\u202eßartsnelhüM", "5"), (" " * 10_000, "\t\n"),
    ],
)  # fmt: skip
def test_hostile_texts_get_a_quiet_answer(geocoder: AtlasGeocoder, fields: tuple[str, ...]) -> None:
    (answer,) = geocoder.locate([Address(*fields)])
    assert isinstance(answer, NotFound) or answer.doubtful
    assert answer.reason.isprintable()
    assert len(answer.reason) < 400
    geocoder.suggest(" ".join(fields))


@settings(max_examples=150, deadline=2000)
@given(st.lists(st.text(max_size=60), min_size=5, max_size=5), st.sampled_from(["", "Mühlenstraße 5 ", "13 "]))
def test_any_text_is_answered_and_always_the_same(
    geocoder: AtlasGeocoder, atlas_path: pathlib.Path, fields: list[str], start: str
) -> None:
    address = Address(start + fields[0], *fields[1:])
    first, second = geocoder.locate([address, address])
    assert first == second
    if isinstance(first, Located):
        assert 0.0 <= first.confidence <= 1.0
        assert first.reason


def test_two_openings_of_one_atlas_agree_and_threads_may_share_it(
    geocoder: AtlasGeocoder, atlas_path: pathlib.Path
) -> None:
    asked = [Address("Mühlenstr", str(n), "", town) for n in range(1, 60) for town in ("Alder", "Bich", "Cedar", "")]
    fresh = AtlasGeocoder(atlas_path)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        parts = list(pool.map(lambda i: fresh.locate(asked[i::4]), range(4)))
    expected = geocoder.locate(asked)
    assert [parts[i % 4][i // 4] for i in range(len(asked))] == expected


def test_suggestions_complete_streets_and_numbers(geocoder: AtlasGeocoder) -> None:
    streets = [s.matched for s in geocoder.suggest("mühlenst")]
    assert streets == ["Mühlenstraße, 70001 Alder", "Mühlenstraße, 70002 Birch", "Mühlenstraße, 70003 Cedar"]
    assert [s.matched for s in geocoder.suggest("muhlenstr 11", 1)] == ["Mühlenstraße 11, 70001 Alder"]
    assert geocoder.suggest("Mühlenstraße 5 Ced")[0].matched == "Mühlenstraße 5, 70003 Cedar"
    assert geocoder.suggest("çigd")[0].matched.startswith("Çiğdem Sokağı")
    assert geocoder.suggest("m") == []
    assert geocoder.suggest("mühlenst", 0) == []
    assert len(geocoder.suggest("weg", 2)) <= 2


def test_the_atlas_named_by_the_settings(atlas_path: pathlib.Path, tmp_path: pathlib.Path) -> None:
    made = geocoding.make("atlas", atlas_path.parent)
    assert made is geocoding.make("atlas", atlas_path.parent)
    with pytest.raises(GeocoderUnavailable, match="no address atlas"):
        geocoding.make("atlas", tmp_path)
    (answer,) = geocoding.make("none", tmp_path).locate([Address("x")])
    assert isinstance(answer, NotFound)
    with pytest.raises(ValueError, match="GEOCODER"):
        geocoding.make("google", tmp_path)


def test_a_damaged_atlas_is_unavailable_not_wrong(tmp_path: pathlib.Path) -> None:
    (tmp_path / "addresses.sqlite").write_bytes(b"not a database" * 100)
    with pytest.raises(GeocoderUnavailable):
        AtlasGeocoder(tmp_path / "addresses.sqlite")


def test_a_replaced_atlas_is_opened_anew_and_a_failed_build_leaves_the_old(
    atlas_path: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    out = tmp_path / "addresses.sqlite"
    extract = geocoding_world.region(tmp_path / "region.osm.pbf")
    addresses.build(extract, out)
    before = geocoding.make("atlas", tmp_path)
    (tmp_path / "broken.osm.pbf").write_bytes(b"\x00\x00\x00\x0dbroken")
    for bad in (tmp_path / "broken.osm.pbf", tmp_path / "absent.osm.pbf"):
        with pytest.raises(addresses.AtlasInputError, match=r"osm\.pbf"):
            addresses.build(bad, out)
    assert geocoding.make("atlas", tmp_path) is before
    addresses.build(extract, out)
    assert geocoding.make("atlas", tmp_path) is not before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["addresses.sqlite", "broken.osm.pbf", "region.osm.pbf"]
