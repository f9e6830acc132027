"""Control points that a delivery brings: what is read, and every fault named with its file, line and remedy."""

import json
from pathlib import Path
from typing import Any

import pytest

from server.delivery.opening import open_delivery
from server.delivery.values import DeliveredView, Delivery, outside
from server.model.georeference import ControlPoint, Georeference
from tests.support.deliveries import Row, write_table

HEADER = "image;x;y;longitude;latitude"
SOUND = ("plan.png;10;10;3,05;50.65", "plan.png;300;12.5;3.08;50.65", "plan.png;15;200;3.05;50.63")


def opened(folder: Path, *rows: str, header: str = HEADER) -> Delivery:
    write_table(folder, [Row("plan", images=("plan.png",)), Row("autre", images=("autre.png",))])
    if rows:
        (folder / "control-points.csv").write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    return open_delivery(folder)


def view_of(delivery: Delivery) -> DeliveredView:
    return delivery.items[0].views[0]


def faults(delivery: Delivery) -> list[tuple[str, str, str]]:
    return [(each.rule, each.item, each.message) for each in delivery.findings if "control-points" in each.rule]


def annotation(**more: Any) -> dict[str, Any]:
    """Return an annotation as Allmaps writes it, for an image of twice the size."""
    features = [
        {
            "type": "Feature",
            "properties": {"resourceCoords": [2 * x, 2 * y]},
            "geometry": {"type": "Point", "coordinates": [longitude, latitude]},
        }
        for x, y, longitude, latitude in ((10, 10, 3.05, 50.65), (300, 12.5, 3.08, 50.65), (15, 200, 3.05, 50.63))
    ]
    selector = {
        "type": "SvgSelector",
        "value": '<svg width="640" height="480"><polygon points="20,20 620,20 620,460 20,460" /></svg>',
    }
    return {
        "type": "Annotation",
        "motivation": "georeferencing",
        "target": {
            "type": "SpecificResource",
            "source": {"id": "https://x.test/iiif", "type": "ImageService2", "width": 640, "height": 480},
            "selector": selector,
        },
        "body": {
            "type": "FeatureCollection",
            "transformation": {"type": "polynomial", "options": {"order": 2}},
            "features": features,
        },
    } | more


def with_annotation(folder: Path, document: Any, name: str = "plan.georef.json") -> Delivery:
    opened(folder)
    (folder / name).write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    return open_delivery(folder)


def test_a_table_of_control_points_belongs_to_the_view_of_its_image(tmp_path: Path) -> None:
    delivery = opened(tmp_path / "d", *SOUND)
    assert faults(delivery) == []
    found = view_of(delivery).georeference
    assert found is not None
    assert (found.path, found.lines) == ("control-points.csv", (2, 3, 4))
    assert found.value == Georeference(
        (ControlPoint(10, 10, 3.05, 50.65), ControlPoint(300, 12.5, 3.08, 50.65), ControlPoint(15, 200, 3.05, 50.63))
    )
    assert delivery.items[1].views[0].georeference is None
    assert "control-points.csv" in delivery.used


def test_the_table_of_the_documentation_says_nothing_of_the_views(tmp_path: Path) -> None:
    documentation = Path(__file__).parents[3] / "docs" / "reference" / "control-points.md"
    header, *rows = (
        documentation.read_text(encoding="utf-8").partition("```text\n")[2].partition("\n```")[0].splitlines()
    )
    assert header.startswith("image;label;")
    delivery = opened(tmp_path / "d", *(row.replace("rw_1745.tif", "plan.png") for row in rows), header=header)
    found = view_of(delivery)
    assert found.notes.label == ""
    assert found.georeference is not None
    assert len(found.georeference.value.points) == len(rows) == 3
    assert not [each for each in delivery.findings if each.path == "control-points.csv"]


def test_the_size_of_the_image_in_which_they_were_taken(tmp_path: Path) -> None:
    delivery = opened(tmp_path / "d", *(f"{row};160;120" for row in SOUND), header=f"{HEADER};width;height")
    found = view_of(delivery).georeference
    assert found is not None
    assert (found.value.width, found.value.height) == (160, 120)


def test_an_annotation_as_allmaps_exports_it(tmp_path: Path) -> None:
    for number, document in enumerate((annotation(), {"type": "AnnotationPage", "items": [annotation()]})):
        delivery = with_annotation(tmp_path / str(number), document)
        assert faults(delivery) == []
        found = view_of(delivery).georeference
        assert found is not None
        assert (found.value.width, found.value.height, found.value.order) == (640, 480, 1)
        assert found.value.points[1] == ControlPoint(600, 25, 3.08, 50.65)
        assert found.value.mask == ((20, 20), (620, 20), (620, 460), (20, 460))


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (SOUND[:2], "control-points.csv: plan.png has 2 control points; at least 3 are needed"),
        ((*SOUND, "plan.png;un;2;3;50"), "control-points.csv, line 5: x 'un' is not a number; write it as 123.45"),
        ((*SOUND, "plan.png;;2;3;50"), "control-points.csv, line 5: x '' is not a number"),
        ((*SOUND, "plan.png;nan;2;3;50"), "control-points.csv, line 5: a coordinate is not a finite number"),
        ((*SOUND, "plan.png;1;2;3;inf"), "control-points.csv, line 5: a coordinate is not a finite number"),
        ((*SOUND, "plan.png;1;2;50.6;99"), "control-points.csv, line 5: longitude 50.6, latitude 99 is no place on the earth"),
        ((*SOUND, "plan.png;-1;2;3;50"), "control-points.csv, line 5: x -1, y 2 lies outside the image; count from its"),
        (
            ("plan.png;10;10;3.05;50.65", "plan.png;20;20;3.06;50.60", "plan.png;30;30;3.07;50.62"),
            "control-points.csv: the control points of plan.png lie on one line of the image; add one that is far",
        ),
        (
            ("plan.png;10;10;3.05;50.65", "plan.png;300;20;3.05;50.65", "plan.png;30;200;3.05;50.65"),
            "control-points.csv: the control points of plan.png lie on one line on the earth",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_and_blocks_the_document(tmp_path: Path, rows: tuple[str, ...], said: str) -> None:
    delivery = opened(tmp_path / "d", *rows)
    ((rule, item, message),) = faults(delivery)
    assert (rule, item) == ("control-points-wrong", "plan")
    assert message.startswith(said)
    assert view_of(delivery).georeference is None


def test_sizes_that_are_none_or_several(tmp_path: Path) -> None:
    header = f"{HEADER};width;height"
    several = opened(tmp_path / "a", f"{SOUND[0]};160;120", f"{SOUND[1]};320;240", f"{SOUND[2]};;", header=header)
    assert "name several sizes of it; take all of them from one image" in faults(several)[0][2]
    none = opened(tmp_path / "b", *SOUND[:2], f"{SOUND[2]};160;", header=header)
    assert "control-points.csv, line 4: width and height" in faults(none)[0][2]


def test_points_of_an_image_that_nothing_shows_are_told(tmp_path: Path) -> None:
    delivery = opened(tmp_path / "d", *SOUND, "perdu.png;1;2;3;50")
    ((rule, _, message),) = faults(delivery)
    assert rule == "control-points-unplaced"
    assert message == "control-points.csv, line 5: there is no image 'perdu.png' in the delivery; correct its name"
    alone = with_annotation(tmp_path / "e", annotation(), "perdu.georef.json")
    assert [fault[0] for fault in faults(alone)] == ["control-points-unplaced"]


@pytest.mark.parametrize(
    "document",
    [
        "{", "[]", "[" * 5000, "null", '{"type": "Annotation"}', {"type": "AnnotationPage", "items": []},
        annotation(body={"type": "TextualBody"}), annotation(body={"type": "FeatureCollection"}),
        annotation(body={"type": "FeatureCollection", "features": [{"type": "Feature"}]}),
        annotation(target=None, body={"type": "FeatureCollection", "features": [7]}),
    ],
)  # fmt: skip
def test_what_is_no_annotation_is_told_and_harms_nothing(tmp_path: Path, document: Any) -> None:
    delivery = with_annotation(tmp_path / "d", document)
    ((rule, item, message),) = faults(delivery)
    assert (rule, item) == ("control-points-wrong", "plan")
    assert "plan.georef.json: is not a IIIF georeference annotation" in message
    assert message.endswith("export it from Allmaps again")


def test_control_points_are_given_once(tmp_path: Path) -> None:
    opened(tmp_path / "d", *SOUND)
    (tmp_path / "d" / "plan.georef.json").write_text(json.dumps(annotation()), encoding="utf-8")
    assert (
        "has control points in control-points.csv already; give them once"
        in faults(open_delivery(tmp_path / "d"))[0][2]
    )


def test_a_point_outside_the_image_is_named_by_its_line(tmp_path: Path) -> None:
    view = view_of(opened(tmp_path / "d", *SOUND))
    assert outside(view, 320, 240) == []
    (message,) = outside(view, 299, 240)
    assert message == (
        "view f1: control-points.csv, line 3: x 300, y 12.5 lies outside the image of 299 × 240 pixels; correct it, or say "
        "in width and height in which image it was taken"
    )


@pytest.mark.parametrize("x", ["1e200", "1e400", "9" * 400, "1000000"])
def test_a_point_out_of_this_world_is_a_finding(tmp_path: Path, x: str) -> None:
    [(_, _, message), *_] = faults(opened(tmp_path / "d", *SOUND, f"plan.png;{x};10;3.05;50.65"))
    assert "control-points.csv, line 5" in message


@pytest.mark.parametrize("size", [(float("inf"), 480), (0, 480), (640, -1), (int("9" * 400), 480), (float("nan"), 480)])
def test_a_size_that_no_image_has_is_a_finding(tmp_path: Path, size: tuple[float, float]) -> None:
    document = annotation()
    document["target"]["source"] |= {"width": size[0], "height": size[1]}
    [(_, _, message), *_] = faults(with_annotation(tmp_path / "d", document))
    assert "plan.georef.json: is not a IIIF georeference annotation" in message


def test_the_order_of_a_polynomial_is_no_higher_than_its_points_allow(tmp_path: Path) -> None:
    document = annotation()
    document["body"]["transformation"]["options"]["order"] = 3
    found = view_of(with_annotation(tmp_path / "a", document)).georeference
    assert found is not None
    assert found.value.order == 1
    document["body"]["features"] *= 2
    found = view_of(with_annotation(tmp_path / "b", document)).georeference
    assert found is not None
    assert found.value.order == 2
