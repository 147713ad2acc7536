"""Public instances: what the readers understand, what they refuse, and the solutions written."""

from __future__ import annotations

import itertools
import json
import math
import random
from collections.abc import Iterable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from routing.instances import InstanceError, judging, model, modelling, read, read_text, solution
from tests.routing.instance_cases import CVRP, FULL, LILIM, SOLOMON, altered, best, explicit

SYMMETRIC = [[0, 10, 20, 40], [10, 0, 30, 50], [20, 30, 0, 60], [40, 50, 60, 0]]


def test_solomon_counts_in_tenths() -> None:
    instance = read_text("r9", SOLOMON)
    assert (instance.kind, instance.fleet, instance.capacity, instance.customers) == ("vrptw", 3, 50, 4)
    assert instance.distance[0, 1] == math.floor(10 * math.hypot(6, 14)) == 152
    assert instance.duration is instance.distance
    assert instance.windows[2] == (500, 600) and instance.service[2] == 100 and instance.demand[4] == 19
    problem, travel = model(instance)
    assert travel.metres is travel.seconds
    assert problem.vehicle("v3").shift.latest_s == 2300 and len(problem.vehicles) == 3
    assert problem.visit("3").windows[0].earliest_s == 1160 and problem.visit("3").load == (13,)
    assert problem.visit("1").price_cents > best(instance)


def test_a_depot_that_never_closes_makes_no_endless_plan() -> None:
    problem, _travel = model(read_text("r9", altered(SOLOMON, " 230 ", " 999999999 ")))
    assert 1590 < problem.vehicle("v1").shift.latest_s == problem.horizon_s < 10_000


def test_lilim_counts_in_thousandths_and_pairs() -> None:
    instance = read_text("lr9", LILIM)
    assert (instance.kind, instance.fleet, instance.capacity) == ("pdptw", 3, 200)
    assert instance.distance[0, 1] == round(1000 * math.hypot(6, 14)) == 15232
    assert instance.windows[4] == (100_000, 159_000) and instance.service[4] == 10_000
    assert instance.pairs == ((2, 3), (4, 1))
    problem, _travel = model(instance)
    assert {(pair.pickup, pair.delivery, pair.load) for pair in problem.pairs} == {("2", "3", (7,)), ("4", "1", (16,))}
    assert problem.visit("2").load == (0,)


def test_cvrplib_rounds_and_numbers_customers_from_one() -> None:
    instance = read_text("tiny", CVRP)
    assert (instance.kind, instance.numbers) == ("cvrp", (0, 1, 2, 3, 4))
    assert instance.distance[0].tolist() == [0, 5, 10, 5, 9]
    assert not instance.duration.any()
    assert instance.fleet == math.ceil(1.3 * 11 / 6) + 3
    upwards = read_text("tiny", CVRP.replace("EUC_2D", "CEIL_2D"))
    assert upwards.distance[0].tolist() == [0, 5, 11, 5, 9]
    assert read_text("tiny", CVRP.replace("EUC_2D", "MAN_2D")).distance[1, 3] == 12


def test_a_depot_elsewhere_is_still_place_0() -> None:
    instance = read_text("tiny", CVRP.replace(" 1\n -1", " 3\n -1").replace("3 3\n", "3 0\n"))
    assert instance.numbers == (2, 0, 1, 3, 4)
    assert instance.distance[0, 1] == 10 and instance.demand == (0, 0, 2, 4, 2)


@pytest.mark.parametrize(
    ("form", "weights"),
    [
        ("FULL_MATRIX", "0 10 20 40\n10 0 30 50\n20 30 0 60\n40 50 60 0"),
        ("LOWER_ROW", "10\n20 30\n40 50 60"),
        ("LOWER_ROW", "10 20 30 40\n50 60"),  # line breaks mean nothing
        ("LOWER_DIAG_ROW", "0\n10 0\n20 30 0\n40 50 60 0"),
        ("UPPER_ROW", "10 20 40\n30 50\n60"),
        ("UPPER_DIAG_ROW", "0 10 20 40\n0 30 50\n0 60\n0"),
        ("UPPER_COL", "10\n20 30\n40 50 60"),
        ("LOWER_COL", "10 20 40\n30 50\n60"),
    ],
)
def test_matrices_of_a_file(form: str, weights: str) -> None:
    assert read_text("four", explicit(form, weights)).distance.tolist() == SYMMETRIC


def test_a_full_matrix_need_not_be_symmetric() -> None:
    weights = "0 1 2 4\n10 0 30 50\n20 30 0 60\n40 50 60.4 0"
    instance = read_text("four", explicit("FULL_MATRIX", weights))
    assert instance.distance[0, 1] == 1 and instance.distance[1, 0] == 10 and instance.distance[3, 2] == 60
    assert solution.cost(instance, [[1, 2], [3]]) == 1 + 30 + 20 + 4 + 40


def test_geo_follows_tsplib() -> None:
    # the first places of TSPLIB's ulysses16, whose distances are published
    instance = read_text("two", CVRP.replace("EUC_2D", "GEO").replace("1 0 0\n", "1 38.24 20.42\n", 1)
                         .replace("2 3 4\n", "2 39.57 26.15\n").replace("3 6.5 8\n", "3 40.56 25.32\n"))  # fmt: skip
    assert instance.distance[0, 1] == 509 and instance.distance[1, 2] == 126


def test_a_limit_on_routes_counts_service_in() -> None:
    instance = read_text("tiny", CVRP.replace("CAPACITY : 6", "CAPACITY : 6\nDISTANCE : 40\nSERVICE_TIME : 5"))
    assert instance.depot_window == (0, 40) and instance.service == (0, 5, 5, 5, 5)
    assert not judging.faults(instance, [[1, 2], [3, 4]])
    assert judging.faults(read_text("t", CVRP.replace("CAPACITY : 6", "CAPACITY : 6\nDISTANCE : 19")), [[1, 2], [3, 4]])
    assert read_text("tiny", CVRP.replace("CAPACITY : 6", "CAPACITY : 6\nVEHICLES : 2")).fleet == 2


BAD = {
    "nothing": ("", "empty"),
    "blank lines": ("\n \n\n", "empty"),
    "prose": ("Dear planner,\nplease see the attached.\n", "unknown_format"),
    "a page": ("<html><body>Not found</body></html>", "unknown_format"),
    "a table": ("id;x;y\n1;2;3\n", "unknown_format"),
    "solomon: ends within a line": (SOLOMON[: SOLOMON.rindex("159")], "bad_line"),
    "solomon: no customers": (SOLOMON[: SOLOMON.index("CUSTOMER")], "no_depot"),
    "solomon: the depot alone": (SOLOMON[: SOLOMON.index("    1  ")], "no_customers"),
    "solomon: no vehicles line": (altered(SOLOMON, "  3          50\n", ""), "no_vehicles"),
    "solomon: 0 vehicles": (altered(SOLOMON, "  3          50", "  0          50"), "no_vehicles"),
    "solomon: words for numbers": (altered(SOLOMON, "41 ", "xx "), "bad_number"),
    "solomon: not a number": (altered(SOLOMON, "41 ", "nan"), "bad_number"),
    "solomon: infinite": (altered(SOLOMON, "41 ", "inf"), "bad_number"),
    "solomon: far away": (altered(SOLOMON, "41 ", "4e300 "), "bad_number"),
    "solomon: half a parcel": (altered(SOLOMON, " 10         16", " 10.5       16"), "bad_number"),
    "solomon: number twice": (altered(SOLOMON, "    2  ", "    1  "), "duplicate_number"),
    "solomon: two depots": (altered(SOLOMON, "    2  ", "    0  "), "duplicate_number"),
    "solomon: no depot": (altered(SOLOMON, "    0  ", "    5  "), "no_depot"),
    "solomon: a gap": (altered(SOLOMON, "    4  ", "    7  "), "missing_number"),
    "solomon: negative demand": (altered(SOLOMON, " 10         16", "-10         16"), "negative_amount"),
    "solomon: heavier than a van": (altered(SOLOMON, " 10         16", " 51         16"), "too_heavy"),
    "solomon: more than all vans": (altered(SOLOMON, "  3          50", "  1          20"), "too_much_demand"),
    "solomon: window ends first": (altered(SOLOMON, " 50         60", " 60         50"), "bad_window"),
    "solomon: window before 0": (altered(SOLOMON, " 50         60", "-50         60"), "negative_time"),
    "solomon: negative service": (altered(SOLOMON, " 60         10", " 60        -10"), "negative_time"),
    "solomon: a plan for ages": (altered(SOLOMON, "116        126", "99999999 999999999"), "bad_horizon"),
    "lilim: header alone": ("3 200 1\n", "no_depot"),
    "lilim: cut off": (LILIM[: LILIM.index("4\t55")], "bad_pair"),
    "lilim: cut within a line": (LILIM[: LILIM.rindex("\t0\t1")], "bad_line"),
    "lilim: partner is no place": (altered(LILIM, "\t0\t3\n", "\t0\t33\n"), "bad_pair"),
    "lilim: partner elsewhere": (altered(LILIM, "\t0\t3\n", "\t0\t1\n"), "bad_pair"),
    "lilim: no partner": (altered(LILIM, "\t0\t3\n", "\t0\t0\n"), "bad_pair"),
    "lilim: loads differ": (altered(LILIM, "\t7\t0", "\t8\t0"), "bad_pair"),
    "lilim: heavier than a van": (altered(LILIM, "3\t200", "3\t15"), "too_heavy"),
    "lilim: 0 vehicles": (altered(LILIM, "3\t200", "0\t200"), "no_vehicles"),
    "lilim: another speed": (altered(LILIM, "200\t1\n", "200\t2\n"), "unsupported"),
    "cvrplib: no demands": (CVRP[: CVRP.index("DEMAND")], "truncated"),
    "cvrplib: no depot section": (CVRP[: CVRP.index("DEPOT")], "truncated"),
    "cvrplib: no depot": (altered(CVRP, " 1\n -1", " -1"), "no_depot"),
    "cvrplib: depot is no node": (altered(CVRP, " 1\n -1", " 9\n -1"), "no_depot"),
    "cvrplib: two depots": (altered(CVRP, " 1\n -1", " 1\n 2\n -1"), "two_depots"),
    "cvrplib: fewer nodes": (altered(CVRP, "DIMENSION : 5", "DIMENSION : 6"), "truncated"),
    "cvrplib: more nodes": (altered(CVRP, "DIMENSION : 5", "DIMENSION : 4"), "bad_number"),
    "cvrplib: node twice": (altered(CVRP, "3 6.5 8", "2 6.5 8"), "duplicate_number"),
    "cvrplib: no capacity": (altered(CVRP, "CAPACITY : 6\n", ""), "bad_header"),
    "cvrplib: capacity 0": (altered(CVRP, "CAPACITY : 6", "CAPACITY : 0"), "too_heavy"),
    "cvrplib: negative demand": (altered(CVRP, "2 2\n", "2 -2\n"), "negative_amount"),
    "cvrplib: heavier than a van": (altered(CVRP, "2 2\n", "2 7\n"), "too_heavy"),
    "cvrplib: 0 vehicles": (altered(CVRP, "CAPACITY", "VEHICLES : 0\nCAPACITY"), "no_vehicles"),
    "cvrplib: too few vehicles": (altered(CVRP, "CAPACITY", "VEHICLES : 1\nCAPACITY"), "too_much_demand"),
    "cvrplib: time windows": (altered(CVRP, "DEPOT_S", "TIME_WINDOW_SECTION\n1 0 9\nDEPOT_S"), "unsupported"),
    "cvrplib: a tour problem": (altered(CVRP, "TYPE : CVRP", "TYPE : TSP"), "unsupported"),
    "cvrplib: unknown distances": (altered(CVRP, "EUC_2D", "XRAY1"), "unsupported"),
    "cvrplib: DIMENSION is a word": (altered(CVRP, "DIMENSION : 5", "DIMENSION : five"), "bad_number"),
    "cvrplib: huge": (altered(CVRP, "DIMENSION : 5", "DIMENSION : 5000000"), "too_large"),
    "cvrplib: far away": (altered(CVRP, "3 6.5 8", "3 -1e9 1e9"), "too_far"),
    "matrix: too short": (altered(FULL, "40 50 60 0\n", "40 50 60\n"), "truncated"),
    "matrix: unknown form": (altered(FULL, "FULL_MATRIX", "SPIRAL"), "unsupported"),
    "matrix: below 0": (altered(FULL, "40 50 60 0\n", "40 50 -60 0\n"), "negative_amount"),
    "matrix: a word": (altered(FULL, "40 50 60 0\n", "40 50 far 0\n"), "bad_number"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_files_are_refused_in_a_sentence(case: str, tmp_path: Path) -> None:
    text, code = BAD[case]
    with pytest.raises(InstanceError) as caught:
        model(read_text("bad", text))
    assert caught.value.code == code, caught.value
    assert str(caught.value).endswith(".") and len(str(caught.value)) < 200
    file = tmp_path / "bad.txt"
    file.write_text(text)
    with pytest.raises(CommandError) as refused:
        call_command("solve_instance", file, "--seconds=1", f"--out={tmp_path / 'bad.sol'}")
    assert refused.value.returncode == 2 and str(refused.value) == str(caught.value)
    assert not (tmp_path / "bad.sol").exists()


def test_any_cut_of_a_good_file_is_an_instance_or_refused() -> None:
    for text in (SOLOMON, LILIM, CVRP, FULL):
        for end in range(len(text)):
            try:
                model(read_text("cut", text[:end]))
            except InstanceError as error:
                assert str(error).endswith("."), text[:end]


def test_what_is_no_text_file(tmp_path: Path) -> None:
    binary = tmp_path / "a.vrp"
    binary.write_bytes(random.Random(1).randbytes(4000))
    for path, code in ((binary, "binary"), (tmp_path, "unreadable"), (tmp_path / "none.txt", "unreadable")):
        with pytest.raises(InstanceError) as caught:
            read(path)
        assert caught.value.code == code
    huge = tmp_path / "huge.txt"
    with huge.open("wb") as out:
        out.truncate(300 * 1024 * 1024)  # a hole: takes no space
    with pytest.raises(InstanceError, match="bytes"):
        read(huge)


def test_solutions_are_read_back(tmp_path: Path) -> None:
    instance = read_text("tiny", CVRP)
    file = tmp_path / "tiny.sol"
    solution.write(file, instance, [[2, 1], [], [3, 4]])
    assert file.read_text() == "Route #1: 2 1\nRoute #2: 3 4\nCost 38\n"
    assert solution.read(file.read_text(), instance) == [[2, 1], [3, 4]]
    assert [one.name for one in tmp_path.iterdir()] == ["tiny.sol"]
    with pytest.raises(InstanceError, match="'5'"):
        solution.read("Route #1: 5\n", instance)


@pytest.mark.parametrize(
    ("text", "routes", "word"),
    [
        (CVRP, [[1, 2], [3]], "not served"),
        (CVRP, [[1, 2], [3, 4], [4]], "twice"),
        (CVRP, [[1, 2, 1], [3, 4]], "twice"),
        (CVRP, [[1, 2, 4], [3]], "aboard"),
        (CVRP, [[1, 2], [3, 4, 9]], "does not exist"),
        (altered(CVRP, "CAPACITY", "VEHICLES : 2\nCAPACITY"), [[1], [2], [3, 4]], "vehicles"),
        (SOLOMON, [[3, 2], [1], [4]], "served at"),
        (altered(SOLOMON, "230", "180"), [[1], [2], [3], [4]], "vehicles"),
        (altered(SOLOMON, " 3          50", " 4          50").replace("230", "180"), [[1], [2], [3], [4]], "back at"),
        (LILIM, [[3, 2], [4, 1]], "before"),
        (LILIM, [[2, 1], [4, 3]], "only one"),
        (altered(LILIM, "3\t200", "3\t16"), [[4, 2, 3, 1]], "aboard"),
    ],
)
def test_the_judge_finds_planted_faults(text: str, routes: list[list[int]], word: str) -> None:
    assert any(word in fault for fault in judging.faults(read_text("one", text), routes))


# --- Real files --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def real(data_dir: Path) -> Path:
    folder = data_dir / "vrp"
    if not folder.is_dir():
        pytest.skip(f"no instances: {folder} is not there (set LASTMILE_TEST_DATA)")
    return folder


def test_real_files_are_read(real: Path) -> None:
    kinds = {path.stem: read(path) for path in sorted(real.iterdir()) if path.suffix in (".txt", ".vrp")}
    known = json.loads((real / "BKS.json").read_text())["instances"]
    for name, instance in kinds.items():
        assert instance.kind == known[name]["type"]
        problem, travel = model(instance)
        assert travel.metres is instance.distance and len(problem.visits) == instance.customers


@pytest.mark.parametrize(
    ("file", "route"),
    [("C1_2_8.txt", [21, 7, 3]), ("R1_10_5.txt", [999, 1, 1000]), ("lr104.txt", [2, 74, 5, 83]),
     ("X-n876-k59.vrp", [875, 1, 400])],
)  # fmt: skip
def test_the_cost_of_a_route_of_a_real_file(real: Path, file: str, route: list[int]) -> None:
    instance = read(real / file)
    spots = {}
    for words in (line.split() for line in (real / file).read_text().splitlines()):
        if len(words) in (3, 7, 9) and all(word.lstrip("-").isdecimal() for word in words):
            number = int(words[0]) - (1 if file.endswith(".vrp") else 0)
            spots.setdefault(number, (int(words[1]), int(words[2])))
    rounding = {"cvrp": lambda d: math.floor(d + 0.5), "vrptw": lambda d: math.floor(10 * d),
                "pdptw": lambda d: round(1000 * d)}[instance.kind]  # fmt: skip
    legs: Iterable[tuple[int, int]] = itertools.pairwise([0, *route, 0])
    assert solution.cost(instance, [route]) == sum(rounding(math.dist(spots[a], spots[b])) for a, b in legs)


def test_a_plan_for_a_real_file_costs_what_its_solution_costs(real: Path) -> None:
    from routing.solver import solve

    instance = read(real / "lr104.txt")
    problem, travel = model(instance)
    plan = solve(problem, travel, seconds=1.5, seed=1)
    routes = modelling.routes(problem, plan)
    assert judging.faults(instance, routes) == []
    assert plan.costs.total == solution.cost(instance, routes)
