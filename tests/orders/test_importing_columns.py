"""Which column is which field: names in six languages, memory, the user's choice, and what is missing."""

from __future__ import annotations

import pytest

from orders import importing
from orders.importing.fields import FIELDS


def fields(headers: str, remembered: dict[str, str] | None = None) -> list[str | None]:
    return [column.field for column in importing.propose(headers.split(","), remembered or {}).columns]


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (
            "Order No,Customer,Address,No.,ZIP,City,From,Until",
            "reference recipient_name street house_number postcode city window_start window_end",
        ),
        (
            "Bestelnummer,Naam,Straat,Huisnummer,Postcode,Plaats,Van,Tot,Gewicht (kg),Opmerkingen",
            "reference recipient_name street house_number postcode city window_start window_end weight_kg "
            "delivery_instructions",
        ),
        (
            "Auftragsnr.,Empfänger,Straße,Hausnr.,PLZ,Ort,Lieferdatum,Von,Bis,Stück,Priorität,E-Mail",
            "reference recipient_name street house_number postcode city delivery_on window_start window_end pieces "
            "priority recipient_email",
        ),
        (
            "N° commande,Destinataire,Adresse,Code postal,Ville,Téléphone portable,Poids (kg),Colis",
            "reference recipient_name address postcode city recipient_phone weight_kg pieces",
        ),
        (
            "Número de pedido,Nombre,Calle,Ciudad,País,Móvil,Desde,Hasta,Bultos,Observaciones",
            "reference recipient_name street city country recipient_phone window_start window_end pieces "
            "delivery_instructions",
        ),
        (
            "Sipariş No,Alıcı Adı,Açık Adres,İlçe,Ülke,Cep Telefonu,Ağırlık (kg),Adet,Enlem,Boylam,Öncelik",
            "reference recipient_name address city country recipient_phone weight_kg pieces lat lon priority",
        ),
        ("OrderNumber,CustomerName,StreetName,HouseNumber", "reference recipient_name street house_number"),
        ("Nr.,Name,Straße,Nr,PLZ", "reference recipient_name street house_number postcode"),
        (
            "Auftragsnr,Kunde,Straße,Bestätigung erforderlich",
            "reference recipient_name street confirmation_required",
        ),
        ("Order no,Name,Street,Bevestiging nodig", "reference recipient_name street confirmation_required"),
        # The number of an order's confirmation is not taken for a wish.
        ("Order no,Name,Street,Confirmation", "reference recipient_name street ?"),
        ("REFERENCE,Recipient-Name, street ,proof_required", "reference recipient_name street proof_required"),
    ],
)
def test_proposals(headers: str, expected: str) -> None:
    mapping = importing.propose(headers.split(","), {})
    assert " ".join(column.field or "?" for column in mapping.columns) == expected
    assert mapping.missing == ()


def test_every_field_is_proposed_for_its_own_name_and_every_synonym_has_one_field() -> None:
    mapping = importing.propose(list(FIELDS), {})
    assert [column.field for column in mapping.columns] == list(FIELDS)
    assert {column.how for column in mapping.columns} == {"exact"}
    words = [word for field in FIELDS.values() for word in field.synonyms]
    assert len(words) == len(set(words))


def test_slips_of_the_pen_are_fuzzy_but_units_and_numbers_are_not_guessed() -> None:
    mapping = importing.propose(["Refrence", "Recipent name", "Steet name", "Weight in g", "Address line 2"], {})
    assert [(column.field, column.how) for column in mapping.columns] == [
        ("reference", "fuzzy"),
        ("recipient_name", "fuzzy"),
        ("street", "fuzzy"),
        (None, "ignored"),
        (None, "ignored"),
    ]


def test_no_field_twice_and_the_usual_word_wins() -> None:
    assert fields("id,order no,name,recipient_name,street") == [None, "reference", None, "recipient_name", "street"]


def test_memory_wins_and_may_say_ignore() -> None:
    memory = {"customer": "merchant", "ORDER NO": "reference", "Street": "", "x": "address", "y": "no such field"}
    mapping = importing.propose(["Order No", "Customer", "street", "x", "y"], memory)
    assert [(column.field, column.how) for column in mapping.columns] == [
        ("reference", "remembered"),
        ("merchant", "remembered"),
        (None, "remembered"),
        ("address", "remembered"),
        (None, "ignored"),
    ]


def test_override_moves_a_field_and_is_remembered() -> None:
    headers = ["reference", "recipient_name", "street", "name on the door"]
    chosen = importing.propose(headers, {}).override({"Name on the door": "recipient_name"})
    assert [(column.field, column.how) for column in chosen.columns] == [
        ("reference", "exact"),
        (None, "ignored"),
        ("street", "exact"),
        ("recipient_name", "chosen"),
    ]
    again = importing.propose(headers, chosen.remember())
    assert again.index_of() == chosen.index_of()


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        ({"nowhere": "street"}, "no column “nowhere”"),
        ({"a": "shoe_size"}, "no field “shoe_size”"),
        ({"a": "street", "b": "street"}, "Two columns are chosen for the street"),
    ],
)
def test_bad_choices_are_told(choice: dict[str, str], said: str) -> None:
    with pytest.raises(importing.FileRefused, match=said) as caught:
        importing.propose(["a", "b"], {}).override(choice)
    assert caught.value.code == "bad_mapping"


@pytest.mark.parametrize(
    ("headers", "missing"),
    [
        ("reference,recipient_name,city", ("street",)),
        ("reference,recipient_name,lat", ("street",)),
        ("reference,recipient_name,lat,lon", ()),
        ("reference,recipient_name,full address", ()),
        ("a,b", ("reference", "recipient_name", "street")),
    ],
)
def test_missing_fields(headers: str, missing: tuple[str, ...]) -> None:
    mapping = importing.propose(headers.split(","), {})
    assert mapping.missing == missing
    if missing:
        with pytest.raises(importing.FileRefused) as caught:
            mapping.require()
        assert caught.value.code == "missing_column"
        assert all(FIELDS[name].label in caught.value.message for name in missing)
    else:
        mapping.require()


def test_signature_is_stable_and_tells_files_apart() -> None:
    one = importing.signature(["Order No", "Straße", "ZIP"])
    assert one == importing.signature(["zip", " order-no. ", "STRASSE"])
    assert one != importing.signature(["Order No", "Straße"])
    assert len(one) == 32
