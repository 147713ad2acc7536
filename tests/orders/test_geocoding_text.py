"""Normalisation of letters, street names, house numbers and postcodes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.geocoding import reading, streets, text
from orders.geocoding.address import Address
from orders.geocoding.text import HouseNumber


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Straße", "strasse"),
        ("IĞDIR İstanbul ığdır", "igdir istanbul igdir"),
        ("Ølstykke Łódź Œuvre", "olstykke lodz oeuvre"),
        ("  St.-Peter–Weg ", "st peter weg"),
        ("Rue de l’Église", "rue de leglise"),
        ("١٢٣ ＡＢ", "123 ab"),
        ("\x00\x1f😀", ""),
    ],
)
def test_fold(written: str, folded: str) -> None:
    assert text.fold(written) == folded


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ayvalı Cad.", "Ayvalı Caddesi"),
        ("Bulut Sk.", "BULUT SOKAĞI"),
        ("Anadolu Blv.", "Anadolu Bulvarı"),
        ("Şht. Hakan Turan Cd", "Şehit Hakan Turan Caddesi"),
        ("Hans-Thoma-Straße", "Hans Thoma Str."),
        ("Bahnhofstr.", "Bahnhofstraße"),
        ("BAHNHOF STRASSE", "Bahnhofstrasse"),
        ("Muehlackerweg", "Mühlackerweg"),
        ("Bergstrae", "Bergstraße"),
        ("Kerkpln.", "Kerk Plein"),
        ("Marktpl.", "Marktplatz"),
        ("Av. Louise", "Avenue Louise"),
        ("Bd Saint-Michel", "boulevard St Michel"),
        ("Main St.", "Main Street"),
        ("5th Ave", "5th Avenue"),
        ("ul. Długa", "ulica Dluga"),
    ],
)
def test_the_same_street_however_written(one: str, other: str) -> None:
    assert streets.cost(text.street_key(one), text.street_key(other)) <= 0.1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("593. Cadde", "597. Cadde"),
        ("593. Cadde", "593. Sokak"),
        ("Kirchweg", "Kirchgasse"),
        ("Cem Sokak", "Cam Sokak"),
        ("Rosenweg", "Nelkenweg"),
    ],
)
def test_different_streets_stay_apart(one: str, other: str) -> None:
    assert streets.cost(text.street_key(one), text.street_key(other)) >= 3.0


@pytest.mark.parametrize(
    ("written", "numbers"),
    [
        ("12", [(12, 12, 1, "")]),
        ("12a", [(12, 12, 1, "a")]),
        ("12 A", [(12, 12, 1, "a")]),
        ("12/A", [(12, 12, 1, "a")]),
        ("12-A", [(12, 12, 1, "a")]),
        ("12/3", [(12, 12, 1, "3")]),
        ("12-16", [(12, 16, 2, "")]),
        ("14 – 17", [(14, 17, 1, "")]),
        ("30a-g", [(30, 30, 1, "a-g")]),
        ("12;14", [(12, 12, 1, ""), (14, 14, 1, "")]),
        ("12 bis", [(12, 12, 1, "bis")]),
        ("No: 224 K: -1", [(224, 224, 1, "")]),
        ("D: 16-A", [(16, 16, 1, "a")]),
        ("Nr.7 Daire: 3", [(7, 7, 1, "")]),
        ("Özgünkent Sit. 1859. Sokak No: 16/B", [(16, 16, 1, "b")]),
        ("2 OG", [(2, 2, 1, "")]),
        ("", []),
        ("ohne", []),
        ("9" * 5000, []),
    ],
)
def test_house_numbers(written: str, numbers: list[tuple[int, int, int, str]]) -> None:
    assert list(text.house_numbers(written)) == [HouseNumber(*n) for n in numbers]


@pytest.mark.parametrize(
    ("written", "code", "rest"),
    [
        ("69115 Heidelberg", "69115", "Heidelberg"),
        ("D-69115 Heidelberg", "D-69115", "Heidelberg"),
        ("8001 Zürich", "8001", "Zürich"),
        ("1012 AB Amsterdam", "1012 AB", "Amsterdam"),
        ("London SW1A 1AA", "SW1A 1AA", "London"),
        ("1800. Cadde 5", "", "1800. Cadde 5"),
        ("Ankara", "", "Ankara"),
    ],
)
def test_find_postcode(written: str, code: str, rest: str) -> None:
    assert text.find_postcode(written) == (code, rest)


def test_postcode_key_ignores_country_and_spaces() -> None:
    assert text.postcode_key("D-69115") == text.postcode_key("69 115") == "69115"
    assert text.postcode_key("sw1a1aa") == text.postcode_key("SW1A 1AA")


@pytest.mark.parametrize(
    ("address", "street", "number"),
    [
        (Address("Bulut Sokak", "38"), "Bulut Sokak", "38"),
        (Address("38", "Bulut Sokak"), "Bulut Sokak", "38"),
        (Address("Bulut Sokak No: 38"), "Bulut Sokak", "No: 38"),
        (Address("12 rue de la Paix"), "rue de la Paix", "12"),
        (Address("", "Bahnhofstraße 11"), "Bahnhofstraße", "11"),
        (Address("Yayla Mah. Bulut Sok. No:38 D:4, Keçiören"), "Bulut Sok", "No:38 D:4"),
        (Address("Bahnhofstr. 11, 69239 Neckarsteinach"), "Bahnhofstr", "11"),
        (Address("593. Cadde 13"), "593. Cadde", "13"),
    ],
)
def test_readings_hold_what_was_meant(address: Address, street: str, number: str) -> None:
    assert (street, number) in [(r.street, r.number) for r in reading.read(address)]


@given(st.lists(st.text(max_size=400), min_size=5, max_size=5))
def test_any_text_can_be_read(fields: list[str]) -> None:
    readings = reading.read(Address(*fields))
    assert 1 <= len(readings) <= reading.MAX_READINGS
    for item in readings:
        text.house_numbers(item.number)
        text.street_key(item.street)
        text.locality_key(fields[3])
        text.postcode_key(fields[2])
    assert text.fold(text.fold(fields[0])) == text.fold(fields[0])
