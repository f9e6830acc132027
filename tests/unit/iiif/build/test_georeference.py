import json
from dataclasses import replace
from typing import Any

from server.iiif.build.bytes import to_bytes
from server.iiif.build.collection import PRESENTATION, build_member, collection_head, join_collection
from server.iiif.build.georeference import GEOREF, build_georeference_page
from server.iiif.build.manifest import build_manifest
from server.iiif.build.places import NAV_PLACE
from server.iiif.build.validate import validate_collection, validate_manifest, validate_text_page
from server.model.addresses import Addresses
from server.model.georeference import ControlPoint, Georeference
from server.model.item import Item
from tests.support.publications import make_newspaper, make_postcard

ADDRESSES = Addresses("https://v.test", "99999", "v.test")
GEOREFERENCE = Georeference(
    (ControlPoint(0, 0, 3.0, 51.0), ControlPoint(3200, 0.5, 3.1, 51.0), ControlPoint(0, 2000, 3.0, 50.95)), 3200, 2000
)


def plan(georeference: Georeference = GEOREFERENCE, **described: Any) -> Item:
    item = make_postcard()
    first = replace(item.views[0], notes=replace(item.views[0].notes, georeference=georeference))
    return replace(item, views=(first, *item.views[1:]), description=replace(item.description, **described))


def test_a_canvas_holds_the_georeference_annotation_of_its_view() -> None:
    manifest = build_manifest(plan(), ADDRESSES)
    validate_manifest(manifest)
    assert manifest["@context"] == [GEOREF, NAV_PLACE, PRESENTATION]
    recto, verso = manifest["items"]
    page = recto["annotations"][-1]
    assert page["id"] == "https://v.test/iiif/presentation/3/v1bcdfg0/f1/georeference"
    (annotation,) = page["items"]
    assert annotation["motivation"] == "georeferencing"
    assert annotation["target"] == recto["id"], "embedded, it targets its canvas by its address (§3.3)"
    body = annotation["body"]
    assert body["type"] == "FeatureCollection"
    assert body["transformation"] == {"type": "polynomial", "options": {"order": 1}}
    assert body["features"][1] == {
        "type": "Feature",
        "properties": {"resourceCoords": [3200, 0.5]},
        "geometry": {"type": "Point", "coordinates": [3.1, 51.0]},
    }
    assert not [page for page in verso.get("annotations", []) if "items" in page]


def test_alone_the_annotation_brings_what_it_targets() -> None:
    item = plan()
    page = build_georeference_page(item, item.views[0], ADDRESSES)
    assert page is not None
    validate_text_page(page)
    assert next(iter(page)) == "@context"
    assert page["@context"] == [GEOREF, PRESENTATION]
    target = page["items"][0]["target"]
    assert target["type"] == "SpecificResource"
    assert target["source"] == {
        "id": "https://v.test/iiif/presentation/3/v1bcdfg0/canvas/f1",
        "type": "Canvas",
        "width": 3200,
        "height": 2000,
        "partOf": [{"id": "https://v.test/iiif/presentation/3/v1bcdfg0/manifest", "type": "Manifest"}],
    }
    assert target["selector"] == {
        "type": "SvgSelector",
        "value": '<svg width="3200" height="2000"><polygon points="0,0 3200,0 3200,2000 0,2000" /></svg>',
    }
    assert build_georeference_page(item, item.views[1], ADDRESSES) is None


def test_a_mask_is_what_the_annotation_is_about() -> None:
    item = plan(replace(GEOREFERENCE, mask=((10, 10), (3000, 10), (3000, 1900.5))))
    target = build_manifest(item, ADDRESSES)["items"][0]["annotations"][-1]["items"][0]["target"]
    assert target["source"].endswith("/canvas/f1")
    assert 'points="10,10 3000,10 3000,1900.5"' in target["selector"]["value"]


def test_a_georeferenced_canvas_says_where_it_lies() -> None:
    manifest = build_manifest(plan(places=()), ADDRESSES)
    assert "navPlace" not in manifest
    assert manifest["@context"] == [GEOREF, NAV_PLACE, PRESENTATION]
    extent = manifest["items"][0]["navPlace"]
    assert extent["type"] == "FeatureCollection"
    (feature,) = extent["features"]
    assert feature["properties"]["label"] == manifest["label"]
    assert feature["geometry"]["type"] == "Polygon"
    (ring,) = feature["geometry"]["coordinates"]
    assert ring[0] == ring[-1]
    assert len(ring) == 5
    assert "navPlace" not in manifest["items"][1]


def test_a_manifest_without_places_has_no_context_of_them() -> None:
    assert build_manifest(make_newspaper(), ADDRESSES)["@context"] == PRESENTATION


def test_entries_of_a_collection_say_where_their_documents_are() -> None:
    head = collection_head("type-x", {"fr": "X"}, ADDRESSES)
    entries = [to_bytes(build_member(item, ADDRESSES)) for item in (make_newspaper(), make_postcard())]
    collection = json.loads(join_collection(head, entries))
    validate_collection(collection)
    assert collection["@context"] == [NAV_PLACE, PRESENTATION]
    assert next(iter(collection)) == "@context"
    assert "navPlace" not in collection["items"][0]
    assert collection["items"][1]["navPlace"] == build_manifest(make_postcard(), ADDRESSES)["navPlace"]
    assert json.loads(join_collection(head, entries[:1]))["@context"] == PRESENTATION
