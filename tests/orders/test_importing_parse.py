"""Rows to drafts: numbers, times, days, contacts, addresses, and every fault told in a sentence."""

from __future__ import annotations

import csv
import datetime as dt
import io
import time
import zoneinfo

import pytest

from orders import importing

DAY = dt.date(2026, 11, 23)
BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")


def parse(
    rows: list[dict[str, str]],
    *,
    day: dt.date = DAY,
    zone: str = "Europe/Berlin",
    kind: str = "text",
    **defaults: object,
) -> importing.Parsed:
    """Parse rows given by field; reference, name and street are filled in where a row does not say."""
    whole = [{"reference": f"R{n}", "recipient_name": "N", "street": "Weg", **row} for n, row in enumerate(rows)]
    headers = list(dict.fromkeys(name for row in whole for name in row))
    table = importing.Table(
        headers, [importing.Row(n, [row.get(name, "") for name in headers]) for n, row in enumerate(whole, 2)], [], kind
    )
    settings = importing.Defaults(**{"country": "DE", **defaults})
    return importing.parse(
        table, importing.propose(headers, {}), day=day, timezone=zoneinfo.ZoneInfo(zone), defaults=settings
    )


def draft(*, kind: str = "text", zone: str = "Europe/Berlin", day: dt.date = DAY, **row: str) -> importing.Draft:
    result = parse([row], kind=kind, zone=zone, day=day)
    assert result.faults == []
    return result.drafts[0]


def fault(*, day: dt.date = DAY, **row: str) -> importing.Fault:
    result = parse([row], day=day)
    assert result.drafts == []
    assert len(result.faults) == 1, result.faults
    return result.faults[0]


def local(instant: dt.datetime | None, zone: zoneinfo.ZoneInfo = BERLIN) -> str:
    assert instant is not None
    assert instant.tzinfo is dt.UTC
    return instant.astimezone(zone).strftime("%d %H:%M")


# --- numbers ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "grams"),
    [
        ("2.3", 2300),
        ("2,3", 2300),
        ("1.234,5", 1_234_500),
        ("1,234.5", 1_234_500),
        ("1 234,5", 1_234_500),
        ("1\u202f234,5", 1_234_500),
        ("1'234.5", 1_234_500),
        ("12.345.678,9", None),
        ("1,234,567", None),
        ("1.234", 1234),
        ("0,250", 250),
        (",5", 500),
        ("2.3 kg", 2300),
        ("2,3KG", 2300),
        ("0", 0),
        ("", 0),
        ("-", 0),
        ("+4", 4000),
    ],
)
def test_weights(text: str, grams: int | None) -> None:
    if grams is None:
        assert fault(weight_kg=text).code == "number_too_large"
    else:
        assert draft(weight_kg=text).weight_g == grams


@pytest.mark.parametrize(
    ("column", "grams"),
    [
        (["1,234", "2,5", "7,25"], [1234, 2500, 7250]),
        (["1.234", "2,5", "7,25"], [1_234_000, 2500, 7250]),
        (["1,234", "2.5", "7.25"], [1_234_000, 2500, 7250]),
        (["1.234", "2.5", "7.25"], [1234, 2500, 7250]),
    ],
)
def test_a_mark_before_three_digits_is_read_as_the_file_writes_its_other_numbers(
    column: list[str], grams: list[int]
) -> None:
    assert [draft.weight_g for draft in parse([{"weight_kg": text} for text in column]).drafts] == grams


def test_a_comma_before_three_digits_alone_is_not_guessed() -> None:
    one = fault(weight_kg="1,234")
    assert one.code == "number_ambiguous"
    assert "1234 or 1.234" in one.message


def test_numbers_of_a_workbook_have_a_decimal_dot_whatever_else_stands_there() -> None:
    result = parse([{"weight_kg": "1.234"}, {"weight_kg": "2,5"}, {"weight_kg": "3,5"}], kind="xlsx")
    assert [draft.weight_g for draft in result.drafts] == [1234, 2500, 3500]


@pytest.mark.parametrize(
    ("field", "text", "code"),
    [
        ("weight_kg", "heavy", "not_a_number"),
        ("weight_kg", "-4", "number_negative"),
        ("weight_kg", "−4", "number_negative"),
        ("weight_kg", "1.2.3", "not_a_number"),
        ("weight_kg", "1,23,456", "not_a_number"),
        ("weight_kg", "nan", "not_a_number"),
        ("weight_kg", "inf", "not_a_number"),
        ("weight_kg", "٣", "not_a_number"),
        ("weight_kg", "40001", "number_too_large"),
        ("weight_kg", "9" * 50, "not_a_number"),
        ("pieces", "1e9", "number_scientific"),
        ("pieces", "1000000000", "number_too_large"),
        ("pieces", "2.5", "number_not_whole"),
        ("pallets", "101", "number_too_large"),
        ("service_minutes", "1441", "number_too_large"),
        ("volume_l", "#REF!", "excel_error"),
        ("lat", "49.41", "coordinates_incomplete"),
    ],
)
def test_numbers_refused(field: str, text: str, code: str) -> None:
    one = fault(**{field: text})
    assert one.code == code
    assert one.message.startswith("Line 2: ") and one.message.endswith(".")


def test_minutes_and_pieces() -> None:
    one = draft(service_minutes="2,5 min", pieces="3.0", pallets="2", volume_l="9,6")
    assert (one.service_s, one.pieces, one.pallets, one.volume_ml) == (150, 3, 2, 9600)


# --- places -------------------------------------------------------------------------------------------------------


def test_coordinates() -> None:
    one = draft(lat="49,412", lon="8.710", street="")
    assert (one.lat, one.lon) == (49.412, 8.71)
    assert fault(lat="0", lon="0").code == "coordinates_zero"
    assert fault(lat="91", lon="8").code == "coordinate_out_of_range"
    assert fault(lat="49.4", lon="x").code == "not_a_number"


def test_addresses() -> None:
    assert draft(address="Weg 1, 69115 Heidelberg", street="").address_line == "Weg 1, 69115 Heidelberg"
    assert fault(address="", street=" ").code == "address_missing"
    one = draft(house_number="12.0", postcode="69115.0")
    assert (one.house_number, one.postcode) == ("12", "69115")
    long = parse([{"house_number": "Sitesi 1800. Cadde 1859. Sokak No: 16/B"}])
    assert (long.drafts[0].house_number, long.drafts[0].address_line) == (
        "",
        "Weg Sitesi 1800. Cadde 1859. Sokak No: 16/B",
    )
    assert "kept in the address line" in long.notes[0]


@pytest.mark.parametrize(
    ("text", "code"), [("de", "DE"), ("Türkiye", "TR"), ("NLD", "NL"), ("UK", "GB"), ("Pays-Bas", "NL"), ("", "DE")]
)
def test_countries(text: str, code: str) -> None:
    assert draft(country=text).country == code


def test_unknown_country() -> None:
    assert fault(country="Atlantis").code == "country_unknown"


# --- people -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "country", "e164"),
    [
        ("06221 123456", "DE", "+496221123456"),
        ("+49 (0)6221/12 34-56", "DE", "+496221123456"),
        ("0049 6221 123456", "NL", "+496221123456"),
        ("491701234567", "DE", "+491701234567"),
        ("0532 123 45 67", "TR", "+905321234567"),
        ("06-12345678", "Netherlands", "+31612345678"),
        ("'+496221123456", "DE", "+496221123456"),
    ],
)
def test_phone_numbers(text: str, country: str, e164: str) -> None:
    assert draft(recipient_phone=text, country=country).recipient.phone == e164


@pytest.mark.parametrize("text", ["call me", "12", "4.9E+11", "+999 123456789", "0" * 39, "tel", "(", "+"])
def test_phone_numbers_refused(text: str) -> None:
    assert fault(recipient_phone=text).code == "phone_invalid"


def test_a_phone_number_without_any_country_needs_its_prefix() -> None:
    result = parse([{"recipient_phone": "06221 123456"}, {"recipient_phone": "+49 6221 123456"}], country="")
    assert [fault.code for fault in result.faults] == ["phone_invalid"]
    assert "country prefix" in result.faults[0].message
    assert len(result.drafts) == 1


@pytest.mark.parametrize("text", ["no-at-sign", "a@b", "a b@c.de", "@c.de", "a@c..de", "A <a@b.de>", "a@b.de,c@d.de"])
def test_email_addresses_refused(text: str) -> None:
    assert fault(recipient_email=text).code == "email_invalid"


def test_email_addresses() -> None:
    for text in ("a@b.de", "first.last+tag@sub.example.com", "jörg@bücher.example"):
        assert draft(recipient_email=text).recipient.email == text


def test_names() -> None:
    assert fault(recipient_name="x" * 300).code == "too_long"
    assert fault(recipient_name="x" * 2001).code == "cell_too_long"
    assert fault(recipient_name=" \t").code == "recipient_missing"
    assert draft(recipient_name="Null").recipient.name == "Null"
    assert draft(recipient_name="  Ada \u00a0 Lovelace\n").recipient.name == "Ada Lovelace"
    assert draft(recipient_name="Mu\u0308ller").recipient.name == "Müller"


# --- time ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("09:00", "12:00", ("23 09:00", "23 12:00")),
        ("9.30", "12h", ("23 09:30", "23 12:00")),
        ("9h30", "1230", ("23 09:30", "23 12:30")),
        ("9 Uhr", "5 PM", ("23 09:00", "23 17:00")),
        ("12:15 a.m.", "12:30 pm", ("23 00:15", "23 12:30")),
        ("09:00:00", "18:00:00", ("23 09:00", "23 18:00")),
        ("18:00", "24:00", ("23 18:00", "24 00:00")),
        ("18:00", "00:00", ("23 18:00", "24 00:00")),
        ("18:00", "", ("23 18:00", "24 00:00")),
        ("", "12:00", ("23 00:00", "23 12:00")),
        ("2026-11-23 22:00", "2026-11-24 02:00", ("23 22:00", "24 02:00")),
        ("2026-11-23T09:00:00Z", "2026-11-23T13:00+02:00", ("23 10:00", "23 12:00")),
        ("23.11.2026 09:00", "12:00", ("23 09:00", "23 12:00")),
    ],
)
def test_windows(start: str, end: str, expected: tuple[str, str]) -> None:
    one = draft(window_start=start, window_end=end)
    assert (local(one.window_start_at), local(one.window_end_at)) == expected
    assert one.delivery_on == DAY


def test_no_window() -> None:
    one = draft(window_start="", window_end="-")
    assert (one.window_start_at, one.window_end_at) == (None, None)


def test_a_window_with_a_date_sets_the_day() -> None:
    one = draft(window_start="2026-11-25 09:00", window_end="2026-11-25 12:00")
    assert one.delivery_on == dt.date(2026, 11, 25)
    assert local(draft(delivery_on="2026-11-25", window_start="09:00").window_start_at) == "25 09:00"


def test_windows_when_clocks_change() -> None:
    spring, autumn = dt.date(2026, 3, 29), dt.date(2026, 10, 25)
    one = draft(day=spring, window_start="00:00", window_end="24:00")
    assert one.window_end_at - one.window_start_at == dt.timedelta(hours=23)
    one = draft(day=autumn, window_start="00:00", window_end="24:00")
    assert one.window_end_at - one.window_start_at == dt.timedelta(hours=25)
    one = draft(day=autumn, window_start="02:30", window_end="02:30")
    assert one.window_end_at - one.window_start_at == dt.timedelta(hours=1)  # both of the two 02:30 of that night


@pytest.mark.parametrize(
    ("start", "end", "code", "column"),
    [
        ("25:61", "", "time_invalid", "window_start"),
        ("", "25:00", "time_invalid", "window_end"),
        ("13 pm", "15:00", "time_invalid", "window_start"),
        ("soon", "15:00", "time_invalid", "window_start"),
        ("18:00", "09:00", "window_reversed", "window_end"),
        ("09:00", "09:00", "window_reversed", "window_end"),
        ("2026-11-23 09:00", "2026-11-25 09:00", "window_too_long", "window_start"),
        ("1900-01-01 09:00", "12:00", "date_out_of_range", "window_start"),
    ],
)
def test_windows_refused(start: str, end: str, code: str, column: str) -> None:
    one = fault(window_start=start, window_end=end)
    assert (one.code, one.column) == (code, column)


def test_both_bad_ends_are_told() -> None:
    result = parse([{"window_start": "25:61", "window_end": "26:00"}])
    assert [(fault.code, fault.column) for fault in result.faults] == [
        ("time_invalid", "window_start"),
        ("time_invalid", "window_end"),
    ]


def test_a_window_on_another_day_than_the_delivery() -> None:
    one = fault(delivery_on="2026-11-24", window_start="2026-11-25 09:00", window_end="2026-11-25 10:00")
    assert one.code == "window_other_day"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-11-23", (2026, 11, 23)),
        ("2026-11-22", (2026, 11, 22)),
        ("20261124", (2026, 11, 24)),
        ("24.11.2026", (2026, 11, 24)),
        ("24.11.26", (2026, 11, 24)),
        ("24/11/2026", (2026, 11, 24)),
        ("11/24/2026", (2026, 11, 24)),
        ("2026-11-24 00:00:00", (2026, 11, 24)),
        ("03.04.2027", (2027, 4, 3)),
        ("2027-11-23", (2027, 11, 23)),
        ("", (2026, 11, 23)),
    ],
)
def test_days(text: str, day: tuple[int, int, int]) -> None:
    assert draft(delivery_on=text).delivery_on == dt.date(*day)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1900-01-01", "date_out_of_range"),
        ("2100-01-01", "date_out_of_range"),
        ("2026-11-21", "date_out_of_range"),
        ("2027-11-24", "date_out_of_range"),
        ("2026-02-30", "date_invalid"),
        ("tomorrow", "date_invalid"),
        ("03/04/2027", "date_ambiguous"),
        ("45000", "date_invalid"),
    ],
)
def test_days_refused(text: str, code: str) -> None:
    assert fault(delivery_on=text).code == code


def test_the_order_of_day_and_month_is_learnt_from_the_file() -> None:
    result = parse([{"delivery_on": "03/04/2027"}, {"delivery_on": "04/25/2027"}])
    assert [draft.delivery_on for draft in result.drafts] == [dt.date(2027, 3, 4), dt.date(2027, 4, 25)]


# --- words --------------------------------------------------------------------------------------------------------


def test_words_in_several_languages() -> None:
    one = draft(priority="Dringend", proof_required="Unterschrift", skills="Fridge; two person, fridge")
    assert (one.priority, one.proof_required, one.skills) == ("urgent", "signature", ("fridge", "two_person"))
    assert draft(priority="low").priority == "normal"
    assert draft(priority="Yüksek", proof_required="FOTOĞRAF").proof_required == "photo"
    one = draft(priority="", proof_required="")
    assert (one.priority, one.proof_required, one.skills) == ("normal", "none", ())


def test_unknown_words() -> None:
    assert fault(priority="whatever").code == "priority_unknown"
    assert fault(proof_required="blood").code == "proof_unknown"
    assert fault(skills="?!").code == "skills_invalid"
    assert fault(skills="x" * 31).code == "skills_invalid"


def test_defaults() -> None:
    one = parse([{}], service_s=240, pieces=2, merchant="Shop", proof_required="pin", weight_g=500).drafts[0]
    assert (one.service_s, one.pieces, one.merchant, one.proof_required, one.weight_g) == (240, 2, "Shop", "pin", 500)


# --- rows ---------------------------------------------------------------------------------------------------------


def test_all_faults_of_a_row_are_told() -> None:
    result = parse(
        [{"street": "", "weight_kg": "-4", "recipient_email": "x", "window_start": "25:61", "priority": "?"}]
    )
    assert {fault.code for fault in result.faults} == {
        "address_missing",
        "number_negative",
        "email_invalid",
        "time_invalid",
        "priority_unknown",
    }
    assert result.drafts == []
    assert result.faulty_lines() == {2}


@pytest.mark.parametrize(("cell", "wanted"), [
    ("yes", True), ("X", True), ("1", True), ("Ja", True), ("OUI", True), ("sí", True), ("Evet", True), ("no", False),
    ("0", False), ("Nein", False), ("hayır", False), ("", False), ("-", False),
])
def test_confirmation_is_yes_or_no_in_six_languages(cell: str, wanted: bool) -> None:
    assert draft(confirmation_required=cell).confirmation_required is wanted


def test_a_confirmation_that_is_neither_is_a_fault() -> None:
    wrong = fault(confirmation_required="AB-123")
    assert (wrong.code, wrong.column) == ("confirmation_unknown", "confirmation_required")
    assert "the confirmation “AB-123” is neither yes nor no" in wrong.message


def test_duplicate_references_name_the_first_line() -> None:
    result = parse([{"reference": "A"}, {"reference": "B"}, {"reference": " A "}, {"reference": "a"}])
    assert [draft.line for draft in result.drafts] == [2, 3, 5]
    assert result.faults[0].line == 4
    assert "line 2" in result.faults[0].message


def test_control_characters_are_removed_with_a_word() -> None:
    result = parse([{"recipient_name": "N\0U\u202eL\x07", "delivery_instructions": "one\r\ntwo\tthree"}])
    assert result.drafts[0].recipient.name == "NUL"
    assert result.drafts[0].instructions == "one\ntwo three"
    assert result.notes == ["Line 2: a control character was removed from recipient_name (“NUL”)."]


def test_formulas_are_plain_text_with_a_word() -> None:
    result = parse([{"recipient_name": "@SUM(1)", "delivery_instructions": "=1+1", "recipient_phone": "+496221123456"}])
    assert result.drafts[0].instructions == "=1+1"
    assert len(result.notes) == 2


def test_notes_do_not_flood() -> None:
    result = parse([{"recipient_name": "=x"} for _ in range(500)])
    assert len(result.notes) == 201
    assert "300 more" in result.notes[-1]


def test_too_few_cells() -> None:
    table = importing.read_table(b"reference,recipient_name,street\n1,a\n2,b,c,,\n3,d,e,f\n4,g,h\n", "x.csv")
    result = importing.parse(table, importing.propose(table.headers, {}), day=DAY, timezone=BERLIN)
    assert [(fault.line, fault.code) for fault in result.faults] == [(2, "too_few_cells"), (4, "too_many_cells")]
    assert [draft.line for draft in result.drafts] == [3, 5]


def test_a_mapping_of_another_file_is_refused() -> None:
    mapping = importing.propose(["reference", "recipient_name", "x", "street"], {})
    table = importing.Table(["a", "b"], [importing.Row(2, ["1", "2"])], [])
    with pytest.raises(importing.FileRefused, match="another file"):
        importing.parse(table, mapping, day=DAY, timezone=BERLIN)


def test_speed_of_10_000_rows() -> None:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(
        ["reference", "merchant", "recipient_name", "recipient_phone", "recipient_email", "street", "house_number",
         "postcode", "city", "country", "window_start", "window_end", "service_minutes", "weight_kg", "volume_l",
         "pieces", "priority", "skills", "delivery_instructions", "proof_required"]
    )  # fmt: skip
    for n in range(10_000):
        writer.writerow(
            [f"X-{n}", "Boekhuis", f"Müller {n}", f"06221 {100000 + n}", f"r{n}@example.com", "Bahnhofstraße", n % 200,
             "69115", "Heidelberg", "DE", "09:00", "12:00", 3, n % 97 / 10, n % 89 / 10, 1 + n % 3, "normal", "fridge",
             "Side entrance", "photo"]
        )  # fmt: skip
    data = out.getvalue().encode()
    started = time.perf_counter()
    table = importing.read_table(data, "orders.csv")
    read_at = time.perf_counter()
    result = importing.parse(table, importing.propose(table.headers, {}), day=DAY, timezone=BERLIN)
    print(f"10,000 rows: read {read_at - started:.2f} s, parsed {time.perf_counter() - read_at:.2f} s")
    assert len(result.drafts) == 10_000
