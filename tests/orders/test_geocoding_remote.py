"""Nominatim and Photon adapters against a server of our own on the loopback."""

from __future__ import annotations

import http.server
import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from orders.geocoding.address import Address, GeocoderUnavailable, Located, NotFound
from orders.geocoding.remote import NominatimGeocoder, PhotonGeocoder

Reply = Callable[[str, dict[str, str]], tuple[int, bytes]]
ASKED = Address("Mühlenstr.", "5", "70001", "Alder", "DE")


class Server:
    """Answers with `reply` and remembers what it was asked."""

    def __init__(self) -> None:
        self.reply: Reply = lambda path, query: (200, b"[]")
        self.asked: list[tuple[str, dict[str, str], str]] = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                query = {key: values[0] for key, values in parse_qs(parts.query).items()}
                outer.asked.append((parts.path, query, self.headers["User-Agent"]))
                status, body = outer.reply(parts.path, query)
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}"


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    thread = threading.Thread(target=made.http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield made
    made.http.shutdown()
    made.http.server_close()
    thread.join()


def house(**changes: Any) -> dict[str, Any]:
    parts = {"house_number": "5", "road": "Mühlenstraße", "postcode": "70001", "town": "Alder"} | changes
    return {
        "lat": "50.001", "lon": "8.002", "category": "building", "type": "house",
        "address": parts, "display_name": f"5, {parts['road']}, {parts['town']}",
    }  # fmt: skip


def feature(**changes: Any) -> dict[str, Any]:
    parts = {"housenumber": "5", "street": "Mühlenstraße", "postcode": "70001", "city": "Alder", "type": "house"}
    return {"geometry": {"type": "Point", "coordinates": [8.002, 50.001]}, "properties": parts | changes}


def always(body: object) -> Reply:
    return lambda path, query: (200, json.dumps(body).encode())


def test_nominatim_house(server: Server) -> None:
    server.reply = always([house()])
    (answer,) = NominatimGeocoder(server.url).locate([ASKED])
    assert isinstance(answer, Located)
    assert (answer.lat, answer.lon, answer.precision, answer.doubtful) == (50.001, 8.002, "address", False)
    assert answer.confidence > 0.9
    path, query, agent = server.asked[0]
    assert path == "/search"
    assert (query["street"], query["postalcode"], query["countrycodes"]) == ("5 Mühlenstr.", "70001", "de")
    assert "Lastmile" in agent


def test_nominatim_asks_again_without_the_postcode_then_in_one_line(server: Server) -> None:
    server.reply = lambda path, query: (200, json.dumps([house()] if "q" in query else []).encode())
    (answer,) = NominatimGeocoder(server.url).locate([ASKED])
    assert isinstance(answer, Located)
    assert [("postalcode" in q, "q" in q) for _, q, _ in server.asked] == [(True, False), (False, False), (False, True)]


@pytest.mark.parametrize(
    ("row", "precision", "words"),
    [
        (house(house_number="7"), "interpolated", "number 7"),
        (house(house_number=""), "street", "not the house number"),
        (house(road="Seeallee"), "address", "another street"),
        (house(postcode="70003", town="Cedar"), "address", "Neither postcode nor city"),
        (house(house_number="", road=""), "locality", "another street"),
    ],
)
def test_answers_that_do_not_fit_are_marked(server: Server, row: dict[str, Any], precision: str, words: str) -> None:
    server.reply = always([row])
    (answer,) = NominatimGeocoder(server.url).locate([ASKED])
    assert isinstance(answer, Located)
    assert answer.doubtful
    assert answer.precision == precision
    assert words in answer.reason
    assert answer.confidence <= 0.6


def test_a_better_fitting_answer_is_taken_and_equal_ones_are_marked(server: Server) -> None:
    elsewhere = house(town="Cedar", postcode="70003") | {"lon": "8.2"}
    server.reply = always([elsewhere, house()])
    geocoder = NominatimGeocoder(server.url)
    (answer,) = geocoder.locate([ASKED])
    assert isinstance(answer, Located)
    assert answer.lon == 8.002
    assert not answer.doubtful
    (unclear,) = geocoder.locate([Address("Mühlenstraße", "5")])
    assert isinstance(unclear, Located)
    assert unclear.doubtful
    assert "2 places" in unclear.reason


def test_photon_house_and_street(server: Server) -> None:
    server.reply = always({"features": [feature()]})
    (answer,) = PhotonGeocoder(server.url).locate([ASKED])
    assert isinstance(answer, Located)
    assert (answer.lat, answer.lon, answer.precision, answer.doubtful) == (50.001, 8.002, "address", False)
    assert server.asked[0][0] == "/api"
    assert server.asked[0][1]["q"] == "Mühlenstr. 5, 70001 Alder, DE"
    server.reply = always(
        {"features": [feature(housenumber=None, street=None, name="Mühlenstraße", type="street", osm_key="highway")]}
    )
    (street,) = PhotonGeocoder(server.url).locate([ASKED])
    assert isinstance(street, Located)
    assert (street.precision, street.doubtful) == ("street", True)


def test_nothing_found(server: Server) -> None:
    assert isinstance(NominatimGeocoder(server.url).locate([ASKED])[0], NotFound)
    server.reply = always({"features": []})
    assert isinstance(PhotonGeocoder(server.url).locate([ASKED])[0], NotFound)
    asked = len(server.asked)
    assert isinstance(NominatimGeocoder(server.url).locate([Address()])[0], NotFound)
    assert len(server.asked) == asked  # an empty address is not worth a question


def test_a_question_the_server_refuses_is_only_not_found(server: Server) -> None:
    server.reply = lambda path, query: (400, b"bad request")
    assert isinstance(PhotonGeocoder(server.url).locate([ASKED])[0], NotFound)


@pytest.mark.parametrize(
    "reply",
    [
        (500, b"oops"), (503, b""), (429, b"slow down"), (403, b"blocked"), (302, b""), (200, b"<html>"), (200, b""),
        (200, b"\xff\xfe\x00"), (200, b"[" * 200_000), (200, b" " * 2_100_000),
    ],
)  # fmt: skip
def test_trouble_is_unavailable(server: Server, reply: tuple[int, bytes]) -> None:
    server.reply = lambda path, query: reply
    for geocoder in (NominatimGeocoder(server.url), PhotonGeocoder(server.url)):
        with pytest.raises(GeocoderUnavailable):
            geocoder.locate([ASKED])


@pytest.mark.parametrize(
    "body",
    [
        None, 5, "x", {}, [], [None, 5, []], [{}], [{"lat": "NaN", "lon": "8"}], [{"lat": 1e999, "lon": 0}],
        [{"lat": "91", "lon": "8"}], [{"lat": [], "lon": {}}], {"features": None}, {"features": [None, {}]},
        {"features": [{"geometry": {"coordinates": []}, "properties": {}}]},
        {"features": [{"geometry": {"coordinates": ["a", "b"]}, "properties": {}}]},
        {"features": [{"geometry": [], "properties": []}]},
    ],
)  # fmt: skip
def test_odd_json_is_no_answer(server: Server, body: object) -> None:
    server.reply = always(body)
    assert isinstance(NominatimGeocoder(server.url).locate([ASKED])[0], NotFound)
    assert isinstance(PhotonGeocoder(server.url).locate([ASKED])[0], NotFound)


def test_odd_texts_inside_an_answer(server: Server) -> None:
    server.reply = always([{"lat": 50, "lon": 8, "address": {"road": 5, "town": ["x"]}, "display_name": {"a": 1}}])
    (answer,) = NominatimGeocoder(server.url).locate([ASKED])
    assert isinstance(answer, Located)
    assert answer.doubtful


def test_no_server_and_a_slow_server_are_unavailable(server: Server) -> None:
    with pytest.raises(GeocoderUnavailable):
        NominatimGeocoder("http://127.0.0.1:1", timeout_s=1).locate([ASKED])

    def slow(path: str, query: dict[str, str]) -> tuple[int, bytes]:
        time.sleep(0.6)
        return 200, b"[]"

    server.reply = slow
    with pytest.raises(GeocoderUnavailable):
        NominatimGeocoder(server.url, timeout_s=0.2).locate([ASKED])


def test_pause_between_requests_and_each_address_once(server: Server) -> None:
    server.reply = always([house()])
    other = Address("Seeallee", "5", "70001", "Alder")
    started = time.monotonic()
    # a new geocoder keeps the pause of the one before: it is the server that must not be hurried
    answers = NominatimGeocoder(server.url, seconds_between=0.15).locate([ASKED, ASKED, other, ASKED])
    NominatimGeocoder(server.url, seconds_between=0.15).locate([ASKED])
    assert time.monotonic() - started >= 0.3
    assert len(server.asked) == 3
    assert answers[0] == answers[1] == answers[3]


def test_the_public_server_is_asked_once_a_second() -> None:
    assert NominatimGeocoder("https://nominatim.openstreetmap.org").seconds_between == 1.0
    assert NominatimGeocoder("http://127.0.0.1:8080").seconds_between == 0.0


@pytest.mark.parametrize("url", ["", "ftp://host", "nominatim.local", "http://"])
def test_a_url_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="http"):
        NominatimGeocoder(url)


def test_suggestions(server: Server) -> None:
    server.reply = always([house(), house(house_number="7")])
    assert len(NominatimGeocoder(server.url).suggest("Mühlenstr", 5)) == 2
    server.reply = always({"features": [feature()]})
    assert [s.matched for s in PhotonGeocoder(server.url).suggest("Mühlenstr", 5)] == ["Mühlenstraße 5, Alder"]
    assert PhotonGeocoder(server.url).suggest("M", 5) == []
