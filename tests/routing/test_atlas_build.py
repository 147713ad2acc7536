"""Building map data: the generated city, faults in the source, and real extracts where they are at hand."""

import csv
import json
from collections import Counter
from pathlib import Path

import numpy as np
import osmium
import phonenumbers
import pytest
from django.core.management import CommandError, call_command

from routing.atlas import basemap, build, city, city_names, engine, folder, sample_orders
from routing.atlas.errors import AtlasError
from routing.roads import GraphRoads, OsrmRoads
from tests.routing.atlas_engine import ENGINE_DIR, extract, road_server


def quiet(_: str) -> None:
    """Takes progress lines."""


@pytest.fixture(scope="module")
def pbf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The extract of a small generated town."""
    path = tmp_path_factory.mktemp("source") / "small-town.osm.pbf"
    city.write(path, seed=5, radius_m=800)
    return path


def test_the_generated_city_is_large_named_and_always_the_same(tmp_path: Path) -> None:
    one, two = tmp_path / "one.osm.pbf", tmp_path / "two.osm.pbf"
    counts = city.write(one)
    city.write(two)
    assert one.read_bytes() == two.read_bytes()
    assert counts["addresses"] >= 4000 and counts["street_km"] > 300
    places = sample_orders.addresses(one)
    assert len(places) == counts["addresses"]
    assert all(place.postcode and place.city == "Quillhaven" for place in places)
    postcodes: dict[str, set[str]] = {}
    for place in places:
        postcodes.setdefault(place.street, set()).add(place.postcode)
    assert len(postcodes) > 500
    assert any(len(postcodes.get(twin, ())) > 1 for twin in city_names.TWINS)
    kinds: Counter[str] = Counter()
    oneways = bridges = 0
    for item in osmium.FileProcessor(str(one)).with_filter(osmium.filter.KeyFilter("highway")):
        if item.is_way():
            kinds[item.tags["highway"]] += 1
            oneways += "oneway" in item.tags
            bridges += "bridge" in item.tags
    assert {"motorway", "trunk", "primary", "secondary", "tertiary", "residential", "living_street"} <= set(kinds)
    assert oneways > 100 and bridges > 8


def test_a_build_makes_every_part_and_is_kept_when_nothing_changed(pbf: Path, tmp_path: Path) -> None:
    lines: list[str] = []
    atlas = build.from_file(pbf, tmp_path, "small", ENGINE_DIR, lines.append)
    assert atlas.graph.is_file() and atlas.addresses.is_file()
    assert atlas.parts["graph"] == atlas.parts["addresses"] == "built"
    if basemap.tippecanoe():
        assert atlas.basemap.read_bytes()[:7] == b"PMTiles"
    if engine.find(ENGINE_DIR):
        assert atlas.has_osrm
    west, south, east, north = atlas.bbox
    assert west < atlas.center[0] < east and south < atlas.center[1] < north
    assert atlas.title == "Quillhaven" and atlas.attribution == "© OpenStreetMap contributors"
    assert len(lines) > 4 and all(" s] " in line for line in lines)
    assert folder.current(tmp_path) == atlas
    built_at = (atlas.folder / "graph.npz").stat().st_mtime_ns
    assert build.from_file(pbf, tmp_path, "small", ENGINE_DIR, quiet) == atlas
    assert (atlas.folder / "graph.npz").stat().st_mtime_ns == built_at
    build.from_file(pbf, tmp_path, "small", ENGINE_DIR, quiet, force=True)
    assert (atlas.folder / "graph.npz").stat().st_mtime_ns != built_at
    assert [path.name for path in tmp_path.iterdir()] == ["small"]


def test_missing_programs_leave_a_part_out_with_a_sentence(
    pbf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(basemap, "tippecanoe", lambda: None)
    monkeypatch.setattr(engine, "find", lambda _: None)
    lines: list[str] = []
    atlas = build.from_file(pbf, tmp_path, "bare", tmp_path / "nothing", lines.append)
    assert "tippecanoe is not installed" in atlas.parts["basemap"] and not atlas.basemap.exists()
    assert "built-in engine" in atlas.parts["roads"] and not atlas.has_osrm
    assert GraphRoads(atlas.graph).nearest((atlas.center[1], atlas.center[0])).distance_m < 2000
    assert any("left out" in line for line in lines)
    # Nothing can be added now, so it is kept; once a program is there, the missing part is built.
    assert build.kept(tmp_path, "bare", atlas.source_sha256, tmp_path) == atlas
    monkeypatch.setattr(basemap, "tippecanoe", lambda: "/usr/bin/true")
    assert build.kept(tmp_path, "bare", atlas.source_sha256, tmp_path) is None


def test_a_cut_file_is_named_and_the_atlas_before_stays(pbf: Path, tmp_path: Path) -> None:
    before = build.from_file(pbf, tmp_path / "root", "town", ENGINE_DIR, quiet)
    cut = tmp_path / "cut.osm.pbf"
    cut.write_bytes(pbf.read_bytes()[: pbf.stat().st_size * 2 // 3])
    with pytest.raises(AtlasError, match="damaged or cut short"):
        build.from_file(cut, tmp_path / "root", "town", ENGINE_DIR, quiet)
    assert folder.read(tmp_path / "root" / "town") == before
    assert [path.name for path in (tmp_path / "root").iterdir()] == ["town"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "There is no file"),
        (b"", "is empty"),
        (b"reference,street\n1,Main Street\n", "not an OpenStreetMap extract"),
        (b"PK\x03\x04" + b"\0" * 60, "not an OpenStreetMap extract"),
    ],
)
def test_what_is_no_extract_is_refused(content: bytes | None, words: str, tmp_path: Path) -> None:
    path = tmp_path / "file.osm.pbf"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(AtlasError, match=words):
        build.from_file(path, tmp_path / "root", "x", ENGINE_DIR, quiet)


def test_an_extract_without_roads_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sea.osm.pbf"
    with osmium.SimpleWriter(str(path)) as writer:
        writer.add_node(osmium.osm.mutable.Node(id=1, location=(1.0, 1.0), tags={"place": "city", "name": "Atlantis"}))
    with pytest.raises(AtlasError, match="no road that a van may use"):
        build.from_file(path, tmp_path / "root", "sea", ENGINE_DIR, quiet)


def test_a_full_disk_is_said(pbf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "DISK_SPARE_BYTES", 2**60)
    with pytest.raises(AtlasError, match=r"only .* are free"):
        build.from_file(pbf, tmp_path, "x", ENGINE_DIR, quiet)
    monkeypatch.undo()

    def full(*_: object) -> dict[str, int]:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(build.graph, "build", full)
    with pytest.raises(AtlasError, match="disk is full"):
        build.from_file(pbf, tmp_path, "x", ENGINE_DIR, quiet)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["", "..", "a/b", "Ö", "x" * 65, ".hidden"])
def test_a_name_that_is_no_folder_is_refused(name: str, tmp_path: Path, pbf: Path) -> None:
    with pytest.raises(AtlasError, match="An atlas name has only"):
        build.from_file(pbf, tmp_path, name, ENGINE_DIR, quiet)


def test_a_damaged_description_is_no_atlas(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    for text in ("", "[]", "{}", json.dumps({"name": "x", "bbox": [1, 2]})):
        (tmp_path / "x" / "atlas.json").write_text(text)
        with pytest.raises(AtlasError, match="cannot be read"):
            folder.read(tmp_path / "x")
    assert folder.current(tmp_path) is None and folder.current(tmp_path, "x") is None


def test_the_command_builds_and_writes_orders(
    pbf: Path, tmp_path: Path, settings: object, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.ATLAS_DIR = tmp_path / "atlas" / "city"  # type: ignore[attr-defined]
    orders = tmp_path / "orders.csv"
    call_command("build_map", str(pbf), "--orders-out", str(orders), "--count", "150")
    assert (tmp_path / "atlas" / "small-town" / "atlas.json").is_file()
    assert "150 sample orders" in capsys.readouterr().out
    known = {(a.street, a.number, a.postcode) for a in sample_orders.addresses(pbf)}
    with orders.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 150 and tuple(rows[0]) == sample_orders.COLUMNS
    assert len({row["reference"] for row in rows}) == 150
    for row in rows:
        assert (row["street"], row["house_number"], row["postcode"]) in known
        assert row["recipient_email"].endswith("@example.com")
        assert 0.1 <= float(row["weight_kg"]) <= 28 and int(row["pieces"]) >= 1
        if row["recipient_phone"]:
            assert phonenumbers.is_valid_number(phonenumbers.parse(row["recipient_phone"]))
    for arguments in ((), (str(pbf), "--city"), (str(tmp_path / "none.osm.pbf"),)):
        with pytest.raises(CommandError):
            call_command("build_map", *arguments)


@pytest.mark.slow
def test_a_real_city_builds_and_its_engines_agree(tmp_path: Path) -> None:
    source = extract("ankara.osm.pbf")
    atlas = build.from_file(source, tmp_path, "ankara", ENGINE_DIR, quiet)
    assert atlas.counts["building"] > 25_000 and atlas.counts["index_addresses"] > 4_000
    with extract("ankara-orders.truth.csv").open(encoding="utf-8", newline="") as file:
        points = [(float(row["lat"]), float(row["lon"])) for row in csv.DictReader(file)][:200]
    travel = GraphRoads(atlas.graph).matrix(points)
    apart = ~np.eye(len(points), dtype=bool)
    assert travel.unreachable == () and (travel.seconds < 7200).all() and travel.snap_m.max() < 500
    there, back = travel.seconds[apart], travel.seconds.T[apart]
    assert np.median(np.abs(there - back) / np.maximum(there, back).clip(1)) < 0.2
    with road_server(atlas) as url:
        theirs = OsrmRoads(url).matrix(points)
    assert theirs.unreachable == ()
    assert np.corrcoef(travel.seconds[apart], theirs.seconds[apart])[0, 1] > 0.98
    assert np.median(travel.seconds[apart] / theirs.seconds[apart].clip(1)) == pytest.approx(1.0, abs=0.12)
