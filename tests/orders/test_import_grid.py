"""The grid of a file's rows: staged, mended, judged by the file's own parser, imported without handing in again."""

from __future__ import annotations

import csv
import html
import io
import time
import zipfile
from datetime import timedelta

import openpyxl
import pytest
from django.utils import timezone

from core import errors
from core.models import Operation
from orders import actions, tasks
from orders.actions import files, staging
from orders.models import ColumnMapping, ImportFile, ImportLine, Merchant, Order
from tests.orders.support import DAY, NOW, run_queued
from tests.orders.support import runners as runners

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("runners")]

HEADER = "reference,recipient_name,street,house_number,postcode,city,weight_kg,delivery_on\n"
GOOD = "".join(f"R-{n},Name {n},Hauptstraße,{n},69117,Heidelberg,2.5,\n" for n in range(1, 4))
BAD = (
    "R-4,,Hauptstraße,9,69117,Heidelberg,2,\n"
    "R-5,Name 5,Hauptstraße,9,69117,Heidelberg,-1,\n"
    "R-1,Twin,Hauptstraße,9,69117,Heidelberg,1,\n"
)
REFERENCE, NAME, STREET, WEIGHT = 0, 1, 2, 6


def hand_in(world, content, **options):
    with world.scope():
        file = actions.hand_in_file(
            name="orders.csv", content=content.encode(), day_on=DAY, by=world.dispatcher, at=NOW, **options
        )
    run_queued(world, "import_orders")
    return fresh(world, file)


def fresh(world, file):
    with world.scope():
        return ImportFile.objects.select_related("operation", "work", "merchant").get(id=file.id)


def grid(world, file, role="dispatcher"):
    return world.client(role).get(f"/api/v1/imports/{file.id}/grid/").json()


def rows(world, file, **query):
    return world.client().get(f"/api/v1/imports/{file.id}/rows/", query).json()["rows"]


def mend(world, file, *cells, client=None):
    body = {"cells": [{"position": p, "column": c, "text": text} for p, c, text in cells]}
    return (client or world.client()).patch(f"/api/v1/imports/{file.id}/rows/", body, content_type="application/json")


def store(world, file):
    answer = world.client().post(f"/api/v1/imports/{file.id}:store", {}, content_type="application/json")
    if answer.status_code == 202:
        run_queued(world, "store_import_rows")
        with world.scope():
            operation = Operation.objects.get(id=answer.json()["operation"]["id"])
            assert operation.status == "succeeded", operation.error
            return operation.result
    return answer.json()


def references(world):
    with world.scope():
        return list(Order.objects.order_by("reference").values_list("reference", flat=True))


def test_all_rows_are_staged_and_bad_cells_say_what_is_wrong(amber):
    file = hand_in(amber, HEADER + GOOD + BAD)
    shown = grid(amber, file)
    assert (shown["total"], shown["imported"], shown["bad"], shown["bad_at"]) == (6, 3, 3, [3, 4, 5])
    assert [column["field"] for column in shown["columns"]][:3] == ["reference", "recipient_name", "street"]
    found = rows(amber, file, start=0, limit=100)
    assert [row["status"] for row in found] == ["imported"] * 3 + ["bad"] * 3
    assert found[0]["order"] and found[0]["outcome"] == "created"
    assert [(fault["column"], fault["code"]) for row in found[3:] for fault in row["faults"]] == [
        (NAME, "recipient_missing"), (WEIGHT, "number_negative"),
        (REFERENCE, "reference_duplicate"),
    ]  # fmt: skip
    assert found[3]["faults"][0]["message"] == "The recipient's name is missing."
    assert "Line" not in found[4]["faults"][0]["message"][:5]
    assert [row["position"] for row in rows(amber, file, at="4,5")] == [4, 5]


def test_mended_rows_are_imported_without_handing_in_again(amber):
    file = hand_in(amber, HEADER + GOOD + BAD)
    answer = mend(amber, file, (3, NAME, "Mia"), (4, WEIGHT, "1.5"))
    assert answer.status_code == 200, answer.content
    assert answer.json()["counts"] == {"total": 6, "good": 2, "bad": 1, "imported": 3}
    assert store(amber, file) == {
        "import": str(file.id), "created": 2, "updated": 0, "unchanged": 0, "kept": 0, "failed": 1,
    }  # fmt: skip
    assert references(amber) == ["R-1", "R-2", "R-3", "R-4", "R-5"]
    assert (fresh(amber, file).created, fresh(amber, file).failed) == (5, 1)
    again = store(amber, file)
    assert again["code"] == "nothing_to_import"
    with amber.scope():
        assert Order.objects.get(reference="R-5").weight_g == 1500
        assert {str(order) for order in Order.objects.filter(imported=file)} == {"R-1", "R-2", "R-3", "R-4", "R-5"}


def test_a_row_is_judged_as_in_its_own_file(amber):
    """Numbers and days of one row are read as the whole file writes them, also when it is checked by itself."""
    content = HEADER.replace(",", ";") + "".join(
        f"R-{n};Name {n};Weg;{n};69117;Heidelberg;1,{n}5;{25 + n}/11/2026\n" for n in range(3)
    ) + "R-9;Name;Weg;1;69117;Heidelberg;x;26/11/2026\n"  # fmt: skip
    file = hand_in(amber, content)
    assert mend(amber, file, (3, WEIGHT, "1,250")).json()["rows"][0]["faults"] == []
    assert mend(amber, file, (3, 7, "03/12/2026")).json()["rows"][0]["faults"] == []
    store(amber, file)
    with amber.scope():
        order = Order.objects.get(reference="R-9")
        assert (order.weight_g, order.delivery_on.isoformat()) == (1250, "2026-12-03")


def test_twins_are_judged_together(amber):
    file = hand_in(amber, HEADER + GOOD + BAD, faulty="hold")
    assert references(amber) == []
    changed = mend(amber, file, (0, REFERENCE, "R-77")).json()
    assert {row["position"]: row["status"] for row in changed["rows"]} == {0: "good", 5: "good"}
    changed = mend(amber, file, (0, REFERENCE, "R-2")).json()
    assert {row["position"]: row["status"] for row in changed["rows"]} == {0: "good", 1: "bad"}
    assert changed["counts"]["bad"] == 3


def test_importing_again_makes_no_duplicates(amber):
    first = hand_in(amber, HEADER + GOOD + BAD)
    second = hand_in(amber, HEADER + GOOD + BAD, faulty="hold")
    mend(amber, second, (3, NAME, "Mia"))
    result = store(amber, second)
    assert (result["created"], result["unchanged"]) == (1, 3)
    mend(amber, first, (3, NAME, "Mia"), (0, NAME, "Changed"))
    result = store(amber, first)
    assert (result["created"], result["updated"], result["unchanged"]) == (0, 1, 1)
    assert references(amber) == ["R-1", "R-2", "R-3", "R-4"]
    refused = mend(amber, first, (0, REFERENCE, "R-100"))
    assert refused.status_code == 422 and refused.json()["code"] == "reference_fixed"
    assert references(amber) == ["R-1", "R-2", "R-3", "R-4"]


def test_columns_are_chosen_in_the_grid_and_remembered_for_the_merchant(amber):
    header, line = "Nr,Wer,Wo,Menge\n", "A-1,Mia,Hauptstraße 1 Heidelberg,3\n"
    file = hand_in(amber, header + line, merchant="Kiosk")
    assert fresh(amber, file).operation.status == "failed"
    shown = grid(amber, file)
    assert shown["total"] == shown["bad"] == 1 and "recipient_name" in shown["missing"]
    assert "no column" in rows(amber, file)[0]["faults"][0]["message"]
    chosen = {"Nr": "reference", "Wer": "recipient_name", "Wo": "address", "Menge": "pieces"}
    answer = amber.client().post(
        f"/api/v1/imports/{file.id}:columns", {"mapping": chosen}, content_type="application/json"
    )
    assert answer.status_code == 202
    busy = mend(amber, file, (0, 1, "Ben"))
    assert busy.status_code == 409 and busy.json()["code"] == "busy"
    run_queued(amber, "check_import_rows")
    assert grid(amber, file)["good"] == 1
    assert store(amber, file)["created"] == 1
    with amber.scope():
        assert Order.objects.get().pieces == 3 and Order.objects.get().merchant.name == "Kiosk"
        assert ColumnMapping.objects.get().merchant.name == "Kiosk"
    later = hand_in(amber, "Menge,Wer,Nr,Wo,Extra\n4,Ben,A-2,Hauptstraße 2 Heidelberg,x\n", merchant="Kiosk")
    assert (later.operation.status, later.created) == ("succeeded", 1)
    stranger = hand_in(amber, header + "A-3,Zoe,Hauptstraße 3,1\n", merchant="Other")
    assert stranger.operation.status == "failed"
    with amber.scope():
        kiosk = Merchant.objects.get(name="Kiosk")
        assert files.remembered_mapping(["Nr", "Wer", "Wo", "Menge"], kiosk)["Wer"] == "recipient_name"
        assert files.remembered_mapping(["Nr", "Wer", "Wo", "Menge"], Merchant.objects.get(name="Other")) == {}


def test_wrong_columns_are_refused_and_change_nothing(amber):
    file = hand_in(amber, HEADER + GOOD)
    for mapping in ({"nope": "street"}, {"street": "nope"}, {"street": "city", "city": "city"}, [], {"street": 1}):
        answer = amber.client().post(
            f"/api/v1/imports/{file.id}:columns", {"mapping": mapping}, content_type="application/json"
        )
        assert answer.status_code == 400 and answer.json()["message"], mapping
    assert grid(amber, file)["imported"] == 3


@pytest.mark.parametrize(
    ("cell", "code"),
    [((99, 0, "x"), "no_such_row"), ((0, 99, "x"), "no_such_column"), ((0, 1, "x" * 2001), "invalid")],
)
def test_cells_that_do_not_exist_are_refused(amber, cell, code):
    file = hand_in(amber, HEADER + GOOD)
    answer = mend(amber, file, (1, NAME, "Half"), cell)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert rows(amber, file)[1]["cells"][NAME] == "Name 2", "nothing is half applied"


def test_a_row_of_the_wrong_width_can_be_mended(amber):
    file = hand_in(amber, HEADER + GOOD + "R-7,Name,Weg\n" + GOOD.splitlines()[0].replace("R-1", "R-8") + ",more,\n")
    short, wide = rows(amber, file, at="3,4")
    assert short["faults"][0] == {**short["faults"][0], "column": None, "code": "too_few_cells"}
    assert wide["faults"][0]["code"] == "too_many_cells" and grid(amber, file)["too_wide"]
    changed = mend(amber, file, (3, 3, "5"), (3, 5, "Heidelberg"), (4, 8, "")).json()["rows"]
    assert [row["status"] for row in changed] == ["good", "good"]
    assert store(amber, file)["created"] == 2


def test_failed_rows_are_downloaded_with_reasons_and_without_formulas(amber):
    file = hand_in(
        amber, HEADER + GOOD + "=1+1,,@SUM(A1),1,69117,+Heidelberg,2,\nR-6,-Mia,Weg,1,69117,Heidelberg,-4,\n"
    )
    mend(amber, file, (4, STREET, "=cmd|' /C calc'!A0"))
    answer = amber.client().get(f"/orders/import/{file.id}/faulty.csv")
    read = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert read[0][:3] == ["import_line", "import_reason", "reference"]
    assert read[1][2] == "'=1+1" and read[1][4] == "'@SUM(A1)" and read[1][7] == "'+Heidelberg"
    assert "recipient's name is missing" in read[1][1]
    assert read[2][3] == "'-Mia" and read[2][4].startswith("'=cmd") and len(read) == 3
    answer = amber.client().get(f"/orders/import/{file.id}/faulty.xlsx")
    assert answer["Content-Type"].startswith("application/vnd.openxmlformats")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert cells[0][:2] == ["import_line", "import_reason"] and cells[1][2] == "'=1+1"
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    again = hand_in(amber, amber.client().get(f"/orders/import/{file.id}/faulty.csv").content.decode("utf-8-sig"))
    assert [row["cells"][2] for row in rows(amber, again)] == ["'=1+1", "R-6"]


def test_a_viewer_looks_and_a_stranger_finds_nothing(amber, birch):
    file = hand_in(amber, HEADER + GOOD + BAD)
    assert grid(amber, file, "viewer")["total"] == 6
    assert mend(amber, file, (3, NAME, "x"), client=amber.client("viewer")).status_code == 403
    assert mend(amber, file, (3, NAME, "x"), client=birch.client()).status_code == 404
    assert birch.client().get(f"/api/v1/imports/{file.id}/rows/").status_code == 404


def test_rows_are_forgotten_after_two_weeks(amber):
    file = hand_in(amber, HEADER + GOOD + BAD)
    tasks.tidy()
    assert grid(amber, file)["total"] == 6
    with amber.scope():
        ImportFile.objects.filter(id=file.id).update(created_at=timezone.now() - timedelta(days=15))
    tasks.tidy()
    with amber.scope():
        assert not ImportLine.objects.exists() and Order.objects.count() == 3
        with pytest.raises(errors.Refused) as gone:
            staging.edit_cells(file, [staging.Edit(3, NAME, "x")], by=amber.dispatcher, at=NOW)
    assert gone.value.code == "rows_gone"
    shown = grid(amber, file)
    assert (shown["total"], shown["ready"]) == (0, False)
    assert b"R-4" in amber.client().get(f"/orders/import/{file.id}/faulty.csv").content


def bad_file(world, content, name="orders.csv"):
    """A file that cannot be read, through the page: nothing is stored, and a sentence says why."""
    with world.scope():
        file = actions.hand_in_file(name=name, content=content, day_on=DAY, by=world.dispatcher, at=NOW)
    run_queued(world, "import_orders")
    file = fresh(world, file)
    assert file.operation.status == "failed" and references(world) == []
    assert grid(world, file)["total"] == 0
    assert file.operation.error in html.unescape(world.client().get(f"/orders/import/{file.id}/").content.decode()), (
        "the page says it"
    )
    return file.operation.error


def workbook(**parts):
    """A workbook of two rows, with parts added or replaced."""
    book = openpyxl.Workbook()
    for row in csv.reader(io.StringIO(HEADER + GOOD.splitlines()[0])):
        book.active.append(row)
    plain, out = io.BytesIO(), io.BytesIO()
    book.save(plain)
    with zipfile.ZipFile(plain) as read, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as written:
        for name in read.namelist():
            if name not in parts:
                written.writestr(name, read.read(name))
        for name, content in parts.items():
            written.writestr(name, content)
    return out.getvalue()


def test_a_giant_upload_is_refused_before_it_is_read(amber):
    """200 MB: said by the length alone, so that no byte of it is kept."""
    answer = amber.client().post(
        "/orders/import/", b"", content_type="multipart/form-data; boundary=x", CONTENT_LENGTH=str(200 * 1024 * 1024)
    )
    assert answer.status_code == 400 and "larger than 10 MB" in answer.content.decode()
    with amber.scope():
        assert not ImportFile.objects.exists()


def test_hostile_workbooks_are_refused_with_a_sentence(amber):
    bomb = workbook(**{"xl/worksheets/sheet1.xml": b"<worksheet>" + b" " * 400_000_000})
    assert len(bomb) < 2_000_000
    began = time.perf_counter()
    assert "unpack" in bad_file(amber, bomb, "bomb.xlsx")
    assert time.perf_counter() - began < 30
    assert bad_file(amber, workbook()[:2000], "cut.xlsx")
    assert bad_file(amber, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old.xls")


def test_a_macro_is_never_run_and_changes_nothing(amber):
    """A workbook with a macro is read for its cells; the macro is bytes that nobody looks at."""
    content = workbook(**{"xl/vbaProject.bin": b'\xd0\xcf\x11\xe0 Sub Auto_Open() Shell "calc" End Sub'})
    with amber.scope():
        file = actions.hand_in_file(name="macro.xlsm", content=content, day_on=DAY, by=amber.dispatcher, at=NOW)
    run_queued(amber, "import_orders")
    assert fresh(amber, file).operation.status == "succeeded" and references(amber) == ["R-1"]


def test_wrong_encodings_and_delimiters_end_in_rows_or_in_a_sentence(amber):
    strange = HEADER + GOOD.replace("Name 1", "Jürgen Şahin")
    for encoding in ("utf-16", "cp1254", "utf-8-sig"):
        with amber.scope():
            file = actions.hand_in_file(
                name="a.csv", content=strange.encode(encoding), day_on=DAY, by=amber.dispatcher, at=NOW, faulty="hold"
            )
        run_queued(amber, "import_orders")
        file = fresh(amber, file)
        name = rows(amber, file)[0]["cells"][NAME]
        assert name == "Jürgen Şahin" or (encoding == "cp1254" and any("encoding" in note for note in file.notes)), name
    assert "only one column" in bad_file(amber, (HEADER + GOOD).replace(",", "~").encode())
    assert bad_file(amber, b"\x00\x01\x02\xff" * 500)


def test_formulas_come_in_as_text(amber):
    file = hand_in(amber, HEADER + GOOD.splitlines()[0].replace("Name 1", "=SUM(A1:A9)") + "\n")
    with amber.scope():
        assert Order.objects.get().recipient_name == "=SUM(A1:A9)"
    assert rows(amber, file)[0]["cells"][NAME] == "=SUM(A1:A9)"
