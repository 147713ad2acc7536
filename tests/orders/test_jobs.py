"""Files and locations as operations, run as a worker runs them; every odd file through the real job."""

from __future__ import annotations

import csv
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from core import errors, operations
from core.models import Event, Operation
from orders import actions, handlers, jobs, tasks
from orders.jobs import importing, locating
from orders.models import ColumnMapping, ImportFile, Order, Place
from tests.orders.support import DAY, NOW, draft, run_queued
from tests.orders.support import geocoder as geocoder
from tests.orders.support import no_geocoder as no_geocoder
from tests.orders.support import runners as runners

pytestmark = pytest.mark.usefixtures("runners")

HEADER = "reference,recipient_name,street,house_number,postcode,city,weight_kg\n"
GOOD = HEADER + "".join(f"R-{number},Name {number},Hauptstraße,{number},69117,Heidelberg,2\n" for number in range(1, 4))
FAULTY = GOOD + "R-4,,Hauptstraße,9,69117,Heidelberg,2\nR-5,Name 5,Hauptstraße,9,69117,Heidelberg,-1\n"


def hand_in(world, content, name="orders.csv", **options):
    with world.scope():
        return actions.hand_in_file(
            name=name,
            content=content.encode() if isinstance(content, str) else content,
            day_on=DAY,
            by=world.dispatcher,
            at=NOW,
            **options,
        )


def import_file(world, content, name="orders.csv", **options):
    file = hand_in(world, content, name, **options)
    run_queued(world, "import_orders")
    with world.scope():
        return ImportFile.objects.select_related("operation").get(id=file.id)


def references(world):
    with world.scope():
        return set(Order.objects.values_list("reference", flat=True))


def test_a_file_becomes_orders_and_they_are_located(amber, birch, geocoder):
    file = import_file(amber, GOOD, merchant="TechShop")
    assert file.operation.status == "succeeded", file.operation.error
    assert (file.rows, file.created, file.updated, file.unchanged, file.failed) == (3, 3, 0, 0, 0)
    assert file.operation.result["created"] == 3
    ended = run_queued(amber, "locate_orders")
    assert [operation.status for operation in ended] == ["succeeded"]
    assert ended[0].result == {"ready": 3, "needs_attention": 0}
    with amber.scope():
        assert set(Order.objects.values_list("status", "source", "merchant__name")) == {("ready", "file", "TechShop")}
        assert {event.actor_label for event in Event.objects.filter(kind="order.received")} == {"Dana Dispatcher"}
    assert references(birch) == set()


def test_the_same_file_again_changes_nothing(amber):
    import_file(amber, GOOD)
    file = import_file(amber, GOOD)
    assert (file.created, file.updated, file.unchanged) == (0, 0, 3)
    with amber.scope():
        assert set(Order.objects.values_list("version", flat=True)) == {1}


def test_faulty_rows_are_skipped_with_their_reasons(amber):
    file = import_file(amber, FAULTY)
    assert (file.operation.status, file.rows, file.created, file.failed) == ("succeeded", 5, 3, 2)
    assert [(fault["line"], fault["column"]) for fault in file.faults] == [(5, "recipient_name"), (6, "weight_kg")]
    assert "negative" in file.faults[1]["message"]
    assert references(amber) == {"R-1", "R-2", "R-3"}


def test_a_refusing_import_applies_nothing(amber):
    file = import_file(amber, FAULTY, faulty="refuse", merchant="Never seen")
    assert file.operation.status == "failed"
    assert "2 of 5 rows are faulty" in file.operation.error and len(file.faults) == 2
    assert references(amber) == set()
    with amber.scope():
        assert not Place.objects.exists()


def test_orders_underway_are_named_and_kept(amber):
    import_file(amber, GOOD)
    with amber.scope():
        Order.objects.filter(reference="R-1").update(status="out_for_delivery")
    file = import_file(amber, GOOD.replace("Hauptstraße", "Bergstraße"))
    assert (file.updated, file.kept) == (2, 1)
    assert any("R-1" in note for note in file.notes)


def test_a_mapping_is_chosen_and_remembered_for_files_with_the_same_headers(amber, birch):
    odd = GOOD.replace("street,", "Wo,").replace("recipient_name", "Wer")
    first = import_file(amber, odd)
    assert first.operation.status == "failed" and "no column for" in first.operation.error
    assert {column["header"] for column in first.columns} >= {"Wo", "Wer"}
    assert next(column for column in first.columns if column["header"] == "Wo")["samples"] == ["Hauptstraße"]
    second = import_file(amber, odd, mapping={"Wo": "street", "Wer": "recipient_name"})
    assert second.operation.status == "succeeded", second.operation.error
    third = import_file(amber, odd.replace("R-", "S-"))
    assert third.operation.status == "succeeded" and third.created == 3
    assert {column["how"] for column in third.columns if column["header"] in ("Wo", "Wer")} == {"remembered"}
    assert import_file(birch, odd).operation.status == "failed", "a mapping is remembered for its own organization"
    with birch.scope():
        assert not ColumnMapping.objects.exists()


def test_a_mapping_for_another_file_is_refused(amber):
    file = import_file(amber, GOOD, mapping={"No such column": "street"})
    assert file.operation.status == "failed" and "No such column" in file.operation.error


def test_a_worker_that_dies_in_mid_import_leaves_nothing_and_the_next_one_finishes(amber, monkeypatch):
    file = hand_in(amber, GOOD)

    def dies(*_, **__):
        raise SystemExit("killed")

    with monkeypatch.context() as patch:
        patch.setattr(importing.locating, "request_location", dies)
        with pytest.raises(SystemExit):
            run_queued(amber, "import_orders")
    assert references(amber) == set()
    with amber.scope():
        Operation.objects.filter(id=file.operation_id).update(lease_until=timezone.now() - timedelta(seconds=1))
    operations.sweep(amber.organization.id)
    ended = run_queued(amber, "import_orders")
    assert [operation.status for operation in ended] == ["succeeded"]
    assert references(amber) == {"R-1", "R-2", "R-3"}


def test_a_cancelled_import_stores_nothing(amber, monkeypatch):
    file = hand_in(amber, GOOD)
    real = importing.importing.read_table

    def cancels(*arguments):
        with amber.scope():
            operations.request_cancel(Operation.objects.get(id=file.operation_id), by=amber.dispatcher, at=NOW)
        return real(*arguments)

    monkeypatch.setattr(importing.importing, "read_table", cancels)
    ended = run_queued(amber, "import_orders")
    assert [operation.status for operation in ended] == ["cancelled"]
    assert references(amber) == set()


@pytest.mark.parametrize(
    ("name", "status", "accepted", "word"),
    [
        ("clean.csv", "succeeded", 60, ""),
        ("bom_semicolon.csv", "succeeded", 60, ""),
        ("cp1252.csv", "succeeded", 60, ""),
        ("utf16.csv", "succeeded", 60, ""),
        ("tabs.tsv", "succeeded", 60, ""),
        ("clean.xlsx", "succeeded", 60, ""),
        ("renamed.xlsx", "succeeded", None, ""),
        ("missing_column.csv", "failed", 0, "no column for"),
        ("empty.csv", "failed", 0, "empty"),
        ("header_only.csv", "failed", 0, "no orders"),
        ("not_csv.csv", "failed", 0, "not a table"),
        ("one_long_line.csv", "failed", 0, ""),
        ("unclosed_quote.csv", "failed", 0, "ine "),
        ("zip_bomb.xlsx", "failed", 0, "refused"),
        ("sparse_giant.xlsx", None, None, ""),
        ("other_header_names.csv", None, None, ""),
        ("faulty_rows.csv", None, None, ""),
    ],
)
def test_every_odd_file_gives_what_is_expected(amber, data_dir, name, status, accepted, word):
    content = (data_dir / "odd-files" / name).read_bytes()
    if not content:
        with pytest.raises(errors.Invalid, match=word):
            hand_in(amber, content, name)
        return
    began = time.perf_counter()
    file = import_file(amber, content, name)
    assert time.perf_counter() - began < 8
    assert file.operation.status in ((status,) if status else ("succeeded", "failed"))
    if file.operation.status == "failed":
        assert file.operation.error.endswith((".", "”")) and "our side" not in file.operation.error
        assert word in file.operation.error
        assert references(amber) == set()
    if accepted is not None and status == "succeeded":
        assert (file.created, file.failed) == (accepted, 0)
        with amber.scope():
            names = " ".join(Order.objects.values_list("recipient_name", flat=True))
        assert "Ã" not in names and "\ufffd" not in names


def test_the_odd_files_are_all_tried(data_dir):
    with (data_dir / "odd-files" / "EXPECT.csv").open() as expected:
        listed = {row["file"] for row in csv.DictReader(expected)}
    marks = test_every_odd_file_gives_what_is_expected.pytestmark[0].args[1]
    assert {case[0] for case in marks} == listed


def test_other_header_names_can_be_mapped_and_are_remembered(amber, data_dir):
    content = (data_dir / "odd-files" / "other_header_names.csv").read_bytes()
    first = import_file(amber, content)
    chosen = {column["header"]: column["field"] for column in first.columns}
    if first.operation.status == "failed":
        pytest.fail(f"the headers are not understood: {chosen}")
    assert first.created == 60
    again = import_file(amber, content, mapping=chosen)
    assert again.unchanged == 60
    with amber.scope():
        assert ColumnMapping.objects.get().mapping == chosen


def test_faulty_rows_are_named_by_line_and_formulas_are_text(amber, data_dir):
    content = (data_dir / "odd-files" / "faulty_rows.csv").read_bytes()
    refused = import_file(amber, content, faulty="refuse")
    assert refused.operation.status == "failed" and references(amber) == set()
    file = import_file(amber, content)
    assert file.created and file.failed and file.created + file.failed == file.rows
    assert all(fault["line"] > 1 and fault["message"].startswith(f"Line {fault['line']}") for fault in file.faults)


def test_location_is_queued_once_and_done_in_batches(amber, geocoder, monkeypatch):
    monkeypatch.setattr(locating, "REMOTE_BATCH", 2)
    with amber.scope():
        actions.receive_many(
            [draft(f"R-{n}", street=f"Weg {n}") for n in range(5)], source="file", by=amber.dispatcher, at=NOW
        )
        for _ in range(3):
            handlers.on_order_received([Event(kind="order.received")])
        assert Operation.objects.filter(kind="locate_orders").count() == 1
    ended = run_queued(amber)
    assert ended[0].status == "succeeded" and ended[0].progress == {"done": 5, "total": 5}
    with amber.scope():
        assert set(Order.objects.values_list("status", flat=True)) == {"ready"}
        handlers.on_order_received([Event(kind="order.received")])
        assert Operation.objects.filter(status="queued").count() == 0, "nothing waits, so nothing is queued"


def test_an_order_cancelled_while_it_is_looked_up_stays_cancelled(amber, geocoder, monkeypatch):
    with amber.scope():
        order = actions.receive_order(draft(), source="form", by=amber.dispatcher, at=NOW)
        handlers.on_order_received([Event(kind="order.received")])
    real = geocoder.locate

    def slow(addresses):
        with amber.scope():
            actions.cancel_order(order, by=amber.dispatcher, at=NOW)
        return real(addresses)

    monkeypatch.setattr(geocoder, "locate", slow)
    assert [operation.status for operation in run_queued(amber)] == ["succeeded"]
    with amber.scope():
        assert Order.objects.get().status == "cancelled"


def test_a_geocoder_that_is_away_loses_nothing_and_the_sweep_tries_again(amber, birch, no_geocoder, request):
    with amber.scope():
        actions.receive_order(draft(), source="form", by=amber.dispatcher, at=NOW)
        handlers.on_order_received([Event(kind="order.received")])
        assert tasks.sweep_tenant() is None, "a fresh order is not left yet"
    ended = run_queued(amber)
    assert ended[0].status == "failed" and "tried again soon" in ended[0].error
    with amber.scope():
        assert Order.objects.get().status == "received"
        old = timezone.now() - timedelta(minutes=5)
        Order.objects.update(changed_at=old)
        assert tasks.sweep_tenant() is None, "the last try was a moment ago"
        Operation.objects.update(created_at=old)
    tasks.sweep()
    with amber.scope():
        assert Operation.objects.filter(kind="locate_orders", status="queued").count() == 1
    with birch.scope():
        assert not Operation.objects.exists()
    request.getfixturevalue("geocoder")
    run_queued(amber)
    with amber.scope():
        assert Order.objects.get().status == "ready"


def test_ten_thousand_rows_are_imported_in_one_piece(amber, capsys):
    rows = "".join(f"R-{n},Name {n},Straße {n // 3},{n % 90},69117,Heidelberg,2\n" for n in range(10_000))
    hand_in(amber, HEADER + rows)
    began = time.perf_counter()
    ended = run_queued(amber, "import_orders")
    took_s = time.perf_counter() - began
    with capsys.disabled():
        print(f"\n10,000 rows imported in {took_s:.2f} s")
    assert ended[0].status == "succeeded" and ended[0].result["created"] == 10_000


def test_the_runners_are_named_by_their_kinds():
    assert set(jobs.RUNNERS) == {
        "import_orders",
        "locate_orders",
        "check_import_rows",
        "store_import_rows",
    }
