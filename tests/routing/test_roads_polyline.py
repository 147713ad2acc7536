"""Encoded polylines: what goes in comes out, and nonsense is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.roads import polyline

POINTS = st.lists(st.tuples(st.floats(-90, 90), st.floats(-180, 180)), max_size=40)


@given(POINTS, st.sampled_from([5, 6]))
def test_a_line_survives_to_half_its_last_digit(points: list[tuple[float, float]], precision: int) -> None:
    back = polyline.decode(polyline.encode(points, precision), precision)
    assert len(back) == len(points)
    for one, two in zip(points, back, strict=True):
        assert two == pytest.approx(one, abs=0.5001 / 10**precision)


@given(POINTS)
def test_encoding_again_changes_nothing(points: list[tuple[float, float]]) -> None:
    text = polyline.encode(points)
    assert polyline.encode(polyline.decode(text)) == text
    assert all(63 <= ord(character) <= 126 for character in text)


@given(st.text(max_size=30))
def test_any_text_decodes_or_is_refused_with_a_sentence(text: str) -> None:
    try:
        points = polyline.decode(text)
    except ValueError as error:
        assert "not an encoded polyline" in str(error)
    else:
        # Texts may name places far off the Earth; as far as a float is exact, they survive.
        if all(abs(number) < 1e8 for point in points for number in point):
            assert polyline.decode(polyline.encode(points)) == points


def test_the_formats_published_example() -> None:
    assert polyline.encode([(38.5, -120.2), (40.7, -120.95), (43.252, -126.453)]) == "_p~iF~ps|U_ulLnnqC_mqNvxq`@"


def test_a_cut_text_is_refused() -> None:
    with pytest.raises(ValueError, match="in the middle of a point"):
        polyline.decode("_p~iF~ps|U_ulL")


def test_joining_drops_the_shared_points() -> None:
    a, b, c = (0.0, 0.0), (0.0, 1.0), (1.0, 1.0)
    assert polyline.join([[a, b], [b, c], [c]]) == [a, b, c]


@given(st.lists(st.tuples(st.integers(-3, 3), st.integers(-3, 3)), max_size=30))
def test_repeats_are_dropped_from_the_text_as_from_the_points(steps: list[tuple[int, int]]) -> None:
    points = [(lat * 1e-5, lon * 40e-5) for lat, lon in steps]
    text = polyline.encode(points)
    assert polyline.without_repeats(text) == polyline.encode(polyline.join([polyline.decode(text)]))
