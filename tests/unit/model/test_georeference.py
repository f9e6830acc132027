"""Control points: fitting to the image that is served, what lies outside, where the map lies."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.model.georeference import (
    ControlPoint,
    Georeference,
    find_outside,
    fit_georeference,
    on_one_line,
    outline,
)

POINTS = (
    ControlPoint(0, 0, 3.0, 51.0),
    ControlPoint(1000, 0, 3.1, 51.0),
    ControlPoint(0, 500, 3.0, 50.95),
)


def test_points_taken_from_another_image_are_scaled() -> None:
    fitted = fit_georeference(Georeference(POINTS, 1000, 500, mask=((10, 10), (20, 10), (20, 20))), 4000, 1000)
    assert [(point.x, point.y) for point in fitted.points] == [(0, 0), (4000, 0), (0, 1000)]
    assert (fitted.width, fitted.height) == (4000, 1000)
    assert [*fitted.mask] == [(40, 20), (80, 20), (80, 40)]
    assert fit_georeference(Georeference(POINTS), 4000, 1000).points == POINTS


def test_points_outside_the_image_are_found() -> None:
    assert [*find_outside(Georeference(POINTS), 1000, 500)] == []
    assert [*find_outside(Georeference(POINTS), 999, 500)] == [1]
    assert [*find_outside(Georeference(POINTS, 1000, 500), 10, 10)] == []


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        (((0, 0), (1, 1), (2, 2)), True),
        (((5, 5), (5, 5), (5, 5)), True),
        (((0, 0), (1000, 0.2), (2000, 0)), True),
        (((0, 0), (1000, 50), (2000, 0)), False),
        ((), True),
    ],
)
def test_points_on_one_line(points: tuple[tuple[float, float], ...], expected: bool) -> None:
    assert on_one_line(points) is expected


def test_the_outline_is_the_image_on_the_earth_counterclockwise_and_closed() -> None:
    ring = outline(Georeference(POINTS, 1000, 500))
    assert ring == ((3.0, 50.95), (3.1, 50.95), (3.1, 51.0), (3.0, 51.0), (3.0, 50.95))


def test_no_outline_where_none_can_be() -> None:
    assert outline(Georeference(POINTS[:2], 1000, 500)) == ()
    line = (POINTS[0], POINTS[1], ControlPoint(500, 0, 3.05, 51.0))
    assert outline(Georeference(line, 1000, 500)) == ()
    polar = tuple(ControlPoint(point.x, point.y, point.longitude, point.latitude - 139.9) for point in POINTS)
    assert outline(Georeference(polar, 1000, 50_000)) == (), "it would pass the pole"


@given(st.floats(1e-6, 1e-4), st.floats(-1e-5, 1e-5), st.integers(200, 20_000), st.integers(200, 20_000))
def test_the_best_map_is_exact_where_there_is_one(scale: float, turn: float, width: int, height: int) -> None:
    places = ((0, 0), (width, 10), (width / 3, height), (width / 2, height / 2), (width, height))
    points = tuple(ControlPoint(x, y, 3 + scale * x + turn * y, 50 + turn * x - scale * y) for x, y in places)
    corners = {(0, 0), (width, 0), (width, height), (0, height)}
    expected = {(round(3 + scale * x + turn * y, 4), round(50 + turn * x - scale * y, 4)) for x, y in corners}
    found = outline(Georeference(points, width, height))
    assert {(round(x, 4), round(y, 4)) for x, y in found} <= {
        (round(x + dx, 4), round(y + dy, 4)) for x, y in expected for dx in (-1e-4, 0, 1e-4) for dy in (-1e-4, 0, 1e-4)
    }
