"""The road engines on one generated town: they agree with themselves and with each other, and fail in order."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import osmium
import pytest

from routing import roads
from routing.atlas import city
from routing.atlas.folder import Atlas
from routing.roads import UNREACHABLE, ChainRoads, CrowRoads, GraphRoads, OsrmRoads, Pace, RoadsUnavailable
from routing.roads.crow import bird_m
from tests.routing.atlas_engine import ENGINE_DIR, road_server

Point = tuple[float, float]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Atlas:
    """A small generated town through the whole pipeline."""
    return city.build_atlas(tmp_path_factory.mktemp("atlas"), "town", ENGINE_DIR, lambda _: None, seed=3, radius_m=900)


@pytest.fixture(scope="module")
def houses(town: Atlas) -> list[Point]:
    """Forty addresses spread over the town."""
    found: list[Point] = []
    source = osmium.FileProcessor(str(town.folder / city.SOURCE_NAME)).with_locations()
    for item in source.with_filter(osmium.filter.KeyFilter("addr:housenumber")):
        place = item.nodes[0].location
        found.append((place.lat, place.lon))
    return found[:: len(found) // 40][:40]


@pytest.fixture(scope="module")
def graph(town: Atlas) -> GraphRoads:
    return GraphRoads(town.graph)


@pytest.fixture(scope="module")
def osrm(town: Atlas) -> Iterator[OsrmRoads]:
    with road_server(town) as url:
        client = OsrmRoads(url)
        yield client
        client.close()


@pytest.fixture(params=["graph", "osrm"])
def engine(request: pytest.FixtureRequest) -> GraphRoads | OsrmRoads:
    found: GraphRoads | OsrmRoads = request.getfixturevalue(request.param)
    return found


def test_a_matrix_is_whole_positive_and_lawful(engine: GraphRoads | OsrmRoads, houses: list[Point]) -> None:
    travel = engine.matrix(houses)
    n = len(houses)
    assert travel.seconds.dtype == travel.metres.dtype == np.int32
    assert travel.seconds.shape == travel.metres.shape == (n, n)
    assert not travel.seconds.diagonal().any() and not travel.metres.diagonal().any()
    assert travel.unreachable == () and travel.reason == ""
    assert (travel.seconds[~np.eye(n, dtype=bool)] > 0).all()
    assert (travel.seconds < 3600).all() and travel.snap_m.max() < 200
    # One-way streets make the way there differ from the way back.
    assert (travel.seconds != travel.seconds.T).any()
    # Driving is never shorter than flying between the snapped places.
    for i, j in ((0, 1), (2, 17), (5, 30)):
        slack = travel.snap_m[i] + travel.snap_m[j] + 2
        assert travel.metres[i, j] >= bird_m(houses[i], houses[j]) - slack
    # A detour over a third place is never quicker (to rounding).
    detour = (travel.seconds[:, :, None] + travel.seconds[None, :, :]).min(axis=1)
    assert (detour >= travel.seconds - 3).mean() > (0.99 if isinstance(engine, GraphRoads) else 0.95)


def test_routes_take_what_the_matrix_says(engine: GraphRoads | OsrmRoads, houses: list[Point]) -> None:
    stops = houses[:12]
    travel, legs = engine.matrix(stops), engine.route(stops)
    assert len(legs) == len(stops) - 1
    for i, leg in enumerate(legs):
        assert leg.seconds == pytest.approx(travel.seconds[i, i + 1], abs=2)
        assert leg.metres == pytest.approx(travel.metres[i, i + 1], abs=3)
        line = roads.decode(leg.geometry)
        drawn_m = sum(bird_m(a, b) for a, b in itertools.pairwise(line))
        assert drawn_m == pytest.approx(leg.metres, abs=5 + 0.02 * leg.metres)
        assert bird_m(line[0], stops[i]) < travel.snap_m[i] + 3
        assert bird_m(line[-1], stops[i + 1]) < travel.snap_m[i + 1] + 3


def test_a_line_is_the_legs_lines_each_corner_once(
    engine: GraphRoads | OsrmRoads, houses: list[Point], monkeypatch: pytest.MonkeyPatch
) -> None:
    stops = [*houses[:12], houses[11], houses[0]]
    assert engine.line(stops) == roads.chained(leg.geometry for leg in engine.route(stops))
    monkeypatch.setattr("routing.roads.osrm.ROUTE_POINTS", 5)
    assert engine.line(stops) == roads.chained(leg.geometry for leg in engine.route(stops))
    assert engine.line(stops[:1]) == ""


def test_the_two_engines_agree(graph: GraphRoads, osrm: OsrmRoads, houses: list[Point]) -> None:
    ours, theirs = graph.matrix(houses), osrm.matrix(houses)
    apart = ~np.eye(len(houses), dtype=bool) & (theirs.metres > 300)
    ratio = ours.seconds[apart] / theirs.seconds[apart]
    assert 0.8 < np.median(ratio) < 1.25
    assert np.corrcoef(ours.seconds[apart], theirs.seconds[apart])[0, 1] > 0.95
    assert np.median(ours.metres[apart] / theirs.metres[apart]) == pytest.approx(1.0, abs=0.02)
    assert ours.snap_m == pytest.approx(theirs.snap_m, abs=1.0)


def test_nearest_names_the_road_and_the_way_to_it(engine: GraphRoads | OsrmRoads, houses: list[Point]) -> None:
    snap = engine.nearest(houses[3])
    assert snap.distance_m == pytest.approx(bird_m(houses[3], snap.point), abs=1.0)
    assert engine.nearest(snap.point).distance_m < 1.0


def test_no_points_and_one_point(engine: GraphRoads | OsrmRoads, houses: list[Point]) -> None:
    assert engine.matrix([]).seconds.shape == (0, 0)
    assert engine.matrix(houses[:1]).seconds.tolist() == [[0]]
    assert engine.route(houses[:1]) == [] and engine.route([]) == []
    same = engine.matrix([houses[0], houses[0]])
    assert same.seconds.max() <= 1 and same.metres.max() <= 1


@pytest.mark.parametrize("bad", [(91.0, 0.0), (0.0, 181.0), (float("nan"), 0.0), (0.0, float("inf"))])
def test_a_point_off_the_earth_is_named(bad: Point) -> None:
    for engine in (CrowRoads(), OsrmRoads("http://127.0.0.1:1"), GraphRoads(Path("/nowhere"))):
        with pytest.raises(ValueError, match="point 1 is not a place"):
            engine.matrix([(0.0, 0.0), bad])


def test_a_matrix_in_blocks_is_the_same_matrix(osrm: OsrmRoads, houses: list[Point]) -> None:
    whole = osrm.matrix(houses)
    small = OsrmRoads(osrm.url)
    small._block = 15
    blocks = small.matrix(houses)
    assert (blocks.seconds == whole.seconds).all() and (blocks.metres == whole.metres).all()
    assert blocks.snap_m == pytest.approx(whole.snap_m)


def test_a_server_that_takes_small_matrices_only_is_asked_in_small_blocks(town: Atlas, houses: list[Point]) -> None:
    with road_server(town, max_table=30) as url:
        client = OsrmRoads(url)
        travel = client.matrix(houses)
        assert client._block <= 30 and (travel.seconds[~np.eye(len(houses), dtype=bool)] > 0).all()


def test_a_silent_server_is_unavailable_and_the_graph_answers(town: Atlas, houses: list[Point]) -> None:
    dead = OsrmRoads("http://127.0.0.1:1")
    with pytest.raises(RoadsUnavailable, match="does not answer"):
        dead.matrix(houses[:3])
    chain = roads.build("osrm:http://127.0.0.1:1", town.folder)
    travel = chain.matrix(houses[:3])
    assert travel.source == "graph" and "does not answer" in travel.reason
    assert {leg.source for leg in chain.route(houses[:3])} == {"graph"}


def test_without_map_data_straight_lines_say_so(tmp_path: Path, houses: list[Point]) -> None:
    travel = roads.build("none", tmp_path).matrix(houses[:3])
    assert travel.source == "crow" and "straight lines" in travel.reason
    assert (travel.metres == travel.metres.T).all() and travel.metres[0, 1] > bird_m(houses[0], houses[1])
    broken = tmp_path / "graph.npz"
    broken.write_bytes(b"not a graph")
    travel = roads.build("graph", tmp_path).matrix(houses[:3])
    assert travel.source == "crow" and "cannot be read" in travel.reason


def test_a_point_off_the_map_is_estimated_and_named(town: Atlas, houses: list[Point]) -> None:
    chain = roads.build("graph", town.folder)
    far = (houses[0][0] + 0.5, houses[0][1])
    travel = chain.matrix([houses[0], far, houses[1]])
    assert travel.estimated == (1,) and travel.source == "graph"
    crow = CrowRoads().matrix([houses[0], far, houses[1]])
    assert travel.metres[0, 1] == crow.metres[0, 1] and travel.metres[0, 2] != crow.metres[0, 2]
    assert [leg.source for leg in chain.route([houses[0], far, houses[1], houses[2]])] == ["crow", "crow", "graph"]


def test_the_pace_slows_times_only(town: Atlas, houses: list[Point]) -> None:
    free, slow = (roads.build("graph", town.folder, factor) for factor in (1.0, 1.4))
    a, b = free.matrix(houses[:5]), slow.matrix(houses[:5])
    assert (a.metres == b.metres).all()
    assert b.seconds == pytest.approx(a.seconds * 1.4, abs=1)
    assert slow.route(houses[:2])[0].seconds == pytest.approx(b.seconds[0, 1], abs=1)
    assert Pace(2.0).seconds(UNREACHABLE) == UNREACHABLE


def test_an_unknown_engine_is_refused() -> None:
    with pytest.raises(ValueError, match="ROADS must be"):
        roads.build("teleport", Path("/nowhere"))


def _answering(body: object, status: int = 200) -> OsrmRoads:
    return OsrmRoads("http://roads", transport=httpx.MockTransport(lambda _: httpx.Response(status, json=body)))


@pytest.mark.parametrize(
    "body",
    [{}, {"code": "Ok"}, [1, 2], {"code": "InvalidOptions", "message": "no"}, {"code": "Ok", "durations": [[1]]}],
)
def test_nonsense_from_a_server_is_unavailable(body: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("routing.roads.osrm.time.sleep", lambda _: None)
    with pytest.raises(RoadsUnavailable):
        _answering(body).matrix([(1.0, 1.0), (1.1, 1.1)])
    with pytest.raises(RoadsUnavailable):
        _answering(body).route([(1.0, 1.0), (1.1, 1.1)])
    with pytest.raises(RoadsUnavailable):
        _answering(body).nearest((1.0, 1.0))


def test_pairs_without_a_way_hold_the_sentinel_and_are_listed() -> None:
    spots = [{"distance": 1.0}] * 3
    far: list[list[float | None]] = [[0, 10.4, None], [9.6, 0, None], [None, None, 0]]
    client = _answering({"code": "Ok", "durations": far, "distances": far, "sources": spots})
    travel = client.matrix([(1.0, 1.0), (1.1, 1.1), (1.2, 1.2)])
    assert travel.seconds.tolist() == [[0, 10, UNREACHABLE], [10, 0, UNREACHABLE], [UNREACHABLE, UNREACHABLE, 0]]
    assert travel.unreachable == (2,)
    legs = _answering({"code": "NoRoute", "message": "Impossible route"}).route([(1.0, 1.0), (1.1, 1.1)])
    assert (legs[0].seconds, legs[0].metres) == (UNREACHABLE, UNREACHABLE)


def test_a_line_without_a_way_for_the_whole_is_drawn_leg_by_leg() -> None:
    places = [(1.0, 1.0), (1.1, 1.1), (1.2, 1.2)]
    assert _answering({"code": "NoRoute"}).line(places) == roads.encode(places)
    assert _answering({"code": "Ok", "routes": [{"geometry": "_ibE_ibE??_pR_pR"}]}).line(places) == "_ibE_ibE_pR_pR"
    with pytest.raises(RoadsUnavailable):
        _answering({"code": "Ok", "routes": []}).line(places)


def test_a_line_to_a_place_off_the_map_is_straight(town: Atlas, houses: list[Point]) -> None:
    chain = ChainRoads([GraphRoads(town.graph)])
    far = (houses[0][0] + 1.0, houses[0][1])
    assert chain.line([houses[1], houses[0], far]) == roads.chained(
        leg.geometry for leg in chain.route([houses[1], houses[0], far])
    )
    assert roads.decode(chain.line([houses[0], far]))[-1] == pytest.approx(far, abs=1e-5)
    assert chain.line([houses[0]]) == ""


def test_a_failed_engine_rests_before_it_is_asked_again(town: Atlas, houses: list[Point]) -> None:
    asked = []

    class Failing(CrowRoads):
        def matrix(self, points):  # type: ignore[no-untyped-def]
            asked.append(1)
            raise RoadsUnavailable("it is down")

    chain = ChainRoads([Failing(), GraphRoads(town.graph)])
    assert [chain.matrix(houses[:3]).reason for _ in range(3)] == ["it is down"] * 3
    assert len(asked) == 1


def test_the_nearest_road_of_a_place_is_asked_for_once() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(200, json={"code": "Ok", "waypoints": [{"location": [1.0, 2.0], "distance": 3.0}]})

    server = OsrmRoads("http://roads", transport=httpx.MockTransport(answer))
    assert [server.nearest((2.0, 1.0)).distance_m for _ in range(3)] == [3.0] * 3
    server.nearest((2.0, 1.1))
    assert len(asked) == 2


def test_a_metre_less_than_nothing_is_nothing() -> None:
    body = {"code": "Ok", "durations": [[0, 2.4], [2.6, 0]], "distances": [[0, -0.7], [12.4, 0]],
            "sources": [{"distance": 0.0}, {"distance": 1.0}]}  # fmt: skip
    travel = _answering(body).matrix([(1.0, 1.0), (1.1, 1.1)])
    assert travel.metres.tolist() == [[0, 0], [12, 0]]
    assert travel.seconds.tolist() == [[0, 2], [3, 0]]
