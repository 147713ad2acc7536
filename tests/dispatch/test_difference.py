"""From one picture of a plan to another: the changes add up, and made to the first they give the second."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dispatch.difference import applied, difference
from dispatch.picture import Picture, sequences

SHIFTS = ["a", "b", "c", "d"]
STOPS = [f"s{number}" for number in range(9)]


def picture(order: dict[str, list[str]], off: list[str], numbers: dict[str, Any] | None = None) -> Picture:
    """A picture with these sequences; figures by `numbers` or all the same."""
    of = numbers or {}
    return {
        "routes": [
            {
                "shift": shift, "label": shift, "imagined": False, "starts_at": "", "ends_at": "", "geometry": "",
                "distance_m": of.get(shift, (0, 0, 0))[0], "duration_s": of.get(shift, (0, 0, 0))[1],
                "cost_cents": of.get(shift, (0, 0, 0))[2], "terms": {},
                "late_s": 60 * sum(stop in of.get("late", ()) for stop in stops),
                "stops": [
                    {"id": stop, "arrival_at": f"{at:02d}", "departure_at": "",
                     "late_s": 60 * (stop in of.get("late", ())),
                     "promise": "broken" if stop in of.get("late", ()) else "kept"}
                    for at, stop in enumerate(stops)
                ],
            }
            for shift, stops in order.items() if stops
        ],
        "off": [{"id": stop, "code": "x", "message": "No room.", "promise": "none"} for stop in off],
        "terms": {"km": sum(of.get(shift, (0, 0, 0))[0] for shift in order)},
    }  # fmt: skip


@st.composite
def pictures(draw: st.DrawFn) -> Picture:
    stops = draw(st.permutations(STOPS))
    owners = [draw(st.sampled_from([*SHIFTS, ""])) for _ in stops]
    order = {shift: [stop for stop, one in zip(stops, owners, strict=True) if one == shift] for shift in SHIFTS}
    figures = st.integers(0, 10_000)
    numbers: dict[str, Any] = {shift: draw(st.tuples(figures, figures, figures)) for shift in SHIFTS}
    numbers["late"] = draw(st.sets(st.sampled_from(STOPS)))
    return picture(order, [stop for stop, one in zip(stops, owners, strict=True) if not one], numbers)


def place(spot: Any) -> Any:
    return spot and (spot["shift"], spot["position"])


@given(pictures(), pictures())
def test_the_routes_add_up_and_the_changes_lead_there(present: Picture, proposed: Picture) -> None:
    rows = difference(present, proposed)
    totals = rows["totals"]
    for name in ("delta_s", "delta_m", "delta_cents", "delta_late_s"):
        assert sum(route[name] for route in rows["routes"]) == totals[name]
    assert applied(rows, sequences(present)) == sequences(proposed)
    moved = {row["stop"] for row in rows["stops"] if place(row["before"]) != place(row["after"])}
    assert totals["churn"] == round(len(moved) / len(STOPS), 4)


@given(pictures(), pictures(), st.data())
def test_groups_are_independent_of_each_other(present: Picture, proposed: Picture, data: st.DataObject) -> None:
    """Any groups alone give the proposed routes of their shifts and leave all others as they are: no stop is lost or
    made twice."""
    rows = difference(present, proposed)
    ids = [group["id"] for group in rows["groups"]]
    taken = data.draw(st.sets(st.sampled_from(ids))) if ids else set()
    shifts = {shift for group in rows["groups"] if group["id"] in taken for shift in group["shifts"]}
    now = applied(rows, sequences(present), taken)
    before, after = sequences(present), sequences(proposed)
    for shift in SHIFTS:
        assert now.get(shift, ()) == (after if shift in shifts else before).get(shift, ())
    made = [stop for stops in now.values() for stop in stops]
    assert len(made) == len(set(made))


def test_the_kinds_of_changes() -> None:
    present = picture({"a": ["s0", "s1", "s2", "s3"], "b": ["s4"], "c": ["s5", "s6"]}, ["s7"])
    proposed = picture({"a": ["s3", "s0", "s1"], "b": ["s4", "s2"], "c": ["s7", "s5"]}, ["s6"])
    rows = difference(present, proposed)
    kinds = {row["stop"]: row["kind"] for row in rows["stops"]}
    assert kinds == {
        "s0": "shifted", "s1": "shifted", "s2": "driver", "s3": "order", "s5": "shifted", "s6": "off", "s7": "onto",
    }  # fmt: skip
    assert {(group["id"], tuple(group["shifts"]), group["moved"]) for group in rows["groups"]} == {
        ("a", ("a", "b"), 2),
        ("c", ("c",), 2),
    }
    route = next(row for row in rows["routes"] if row["shift"] == "a")
    assert (route["gained"], route["lost"], route["reordered"]) == ([], ["s2"], ["s3"])
    assert next(row for row in rows["stops"] if row["stop"] == "s6")["reason"] == "No room."


def test_nothing_changes_between_a_picture_and_itself() -> None:
    same = picture({"a": ["s0", "s1"]}, ["s2"])
    rows = difference(same, same)
    assert (rows["groups"], rows["routes"], rows["stops"]) == ([], [], [])
    assert rows["totals"]["churn"] == 0.0
