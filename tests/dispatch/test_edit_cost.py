"""What an edit costs, and that what it keeps without asking again is what is there."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dispatch import edit_queries
from dispatch.actions import edits
from dispatch.models import Edit, Plan
from orders.models import Place
from tests.dispatch.test_edits import planned, shifts_of, stop_for
from tests.fixtures import NOW, World

__all__ = ["planned"]
pytestmark = pytest.mark.django_db

MOST_STATEMENTS = 38
"""Of one edit's whole request: some 35 on the day this was written, 70 before."""


def test_an_edits_request_takes_few_statements(amber: World, planned: Plan) -> None:
    with amber.scope():
        _, second = shifts_of(amber)
        stop = stop_for("A00")
    api, address = amber.api(), f"plans/{planned.id}/edits/"
    with CaptureQueriesContext(connection) as seen:
        answer = api.post(address, {"changes": [{"stop": str(stop.id), "shift": str(second), "position": 2}]})
    assert answer.status_code == 200
    asked = "\n".join(one["sql"][:160] for one in seen)
    assert len(seen) <= MOST_STATEMENTS, f"An edit took {len(seen)} statements; who asks what is known?\n{asked}"


def test_what_an_edit_keeps_is_what_is_there(amber: World, planned: Plan) -> None:
    """The snapshots are taken from what was read and written in passing; a look into the database says the same."""
    with amber.scope():
        first, second = shifts_of(amber)
        edits.lock(planned, [stop_for("A07").id], strength="driver", by=amber.dispatcher, at=NOW)
        off, moved = stop_for("A00"), stop_for("A01")
        # On a route, but without a position: it cannot be planned, and keeps its place in the order.
        unlocated = stop_for("A09")
        Place.objects.filter(id=unlocated.place_id).update(lat=None, lon=None)
        before = edits.snapshot_of(planned, shift_ids=[first, second])
        changes = [edits.Change(off.id, None), edits.Change(moved.id, second, 1)]
        done = edits.edit(planned, changes, by=amber.dispatcher, at=NOW)
        assert done.edit is not None and done.edit.before == before
        after = edits.snapshot_of(planned, shift_ids=[first, second], also=[off.id])
        assert done.edit.after == after
        assert after[str(off.id)]["left"] is not None and after[str(stop_for("A07").id)]["lock"] == "driver"
        assert str(unlocated.id) in after
        kept = Edit.objects.get(id=done.edit.id)
        assert (kept.before, kept.after) == (before, after)


def test_undo_and_redo_are_found_however_many_edits_there_are(
    amber: World, planned: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    with amber.scope():
        first, second = shifts_of(amber)
        stop = stop_for("A00").id
        for shift in (second, first, second):
            edits.edit(planned, [edits.Change(stop, shift, 0)], by=amber.dispatcher, at=NOW)
        edits.undo(planned, by=amber.dispatcher, at=NOW)
        edits.undo(planned, by=amber.dispatcher, at=NOW)
        all_of_them = edit_queries.edits_row(planned, amber.dispatcher)
        undo, redo = edit_queries.to_undo(planned, amber.dispatcher), edit_queries.to_redo(planned, amber.dispatcher)
        assert undo is not None and redo is not None and undo.number < redo.number
        for shown in (edit_queries.SHOWN, 2, 1):
            monkeypatch.setattr(edit_queries, "SHOWN", shown)
            row = edit_queries.edits_row(planned, amber.dispatcher)
            assert (row["undo"], row["redo"]) == (all_of_them["undo"], all_of_them["redo"])
            assert row["undo"] is not None and row["undo"]["id"] == str(undo.id)
            assert row["redo"] is not None and row["redo"]["id"] == str(redo.id)
