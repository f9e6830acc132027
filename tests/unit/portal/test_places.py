"""Where content states lead, as paths and over HTTP; the share control that makes them."""

import json
from dataclasses import replace
from typing import Any

import lxml.html
import pytest
from flask.testing import FlaskClient

from server.iiif.build.collection import GROUPS
from server.iiif.collections import read_collection
from server.model.addresses import Addresses
from server.model.description import Whole, WholeKind
from server.portal.content_state import ContentState, read_content_states, write_content_state
from server.portal.places import find_path, for_viewer
from tests.support.publications import Shelf, make_newspaper, renamed
from tests.unit.portal.conftest import BASE

ADDRESSES = Addresses(BASE, "99999")
MANIFEST = f"{BASE}/iiif/presentation/3/v1bcdfg0/manifest"
CANVAS = f"{BASE}/iiif/presentation/3/v1bcdfg0/canvas/f2"


@pytest.mark.parametrize(
    ("state", "path"),
    [
        (ContentState(MANIFEST), "/ark:/99999/v1bcdfg0"),
        (ContentState(MANIFEST.replace("/3/", "/2/")), "/ark:/99999/v1bcdfg0"),
        (ContentState(MANIFEST.replace("/3/", "/")), "/ark:/99999/v1bcdfg0"),
        (ContentState(MANIFEST, CANVAS), "/ark:/99999/v1bcdfg0/f2"),
        (ContentState(MANIFEST, CANVAS, "1,2,30,40"), "/ark:/99999/v1bcdfg0/f2#xywh=1,2,30,40"),
        (ContentState(MANIFEST.replace("/3/", "/2/"), CANVAS.replace("/3/", "/2/")), "/ark:/99999/v1bcdfg0/f2"),
        (ContentState(MANIFEST, "https://a.test/canvas/f2", "1,2,30,40"), "/ark:/99999/v1bcdfg0"),
        (ContentState(MANIFEST, CANVAS.replace("v1bcdfg0", "v1other"), "1,2,30,40"), "/ark:/99999/v1bcdfg0"),
        (ContentState(CANVAS), "/ark:/99999/v1bcdfg0/f2"),
        (ContentState(CANVAS, region="1,2,30,40"), "/ark:/99999/v1bcdfg0/f2#xywh=1,2,30,40"),
        (ContentState(f"{CANVAS}/page/image"), "/ark:/99999/v1bcdfg0/f2"),
        (ContentState(f"{BASE}/ark:/99999/v1bcdfg0"), "/ark:/99999/v1bcdfg0"),
        (ContentState(f"{BASE}/en/ark:99999/v1bcdfg0/f2", region="1,2,3,4"), "/ark:/99999/v1bcdfg0/f2#xywh=1,2,3,4"),
        (ContentState(f"{BASE}/iiif/presentation/3/collection/type-presse"), "/collections/type-presse"),
        (ContentState(f"{BASE}/iiif/presentation/2/collection/type-presse,3"), "/collections/type-presse"),
        (ContentState(f"{BASE}/iiif/presentation/collection/top"), "/"),
        (ContentState(f"{BASE}/ark:/12345/v1bcdfg0"), None),
        (ContentState(f"{BASE}/iiif/image/3/v1bcdfg0.f1/info.json"), None),
        (ContentState(f"{BASE}.evil.test/ark:/99999/v1bcdfg0"), None),
        (ContentState("https://a.test/iiif/presentation/3/v1bcdfg0/manifest", CANVAS), None),
    ],
)
def test_where_a_content_state_leads(state: ContentState, path: str | None) -> None:
    assert find_path(state, ADDRESSES) == path


def test_the_viewer_is_given_what_it_can_open() -> None:
    assert for_viewer(ContentState(f"{BASE}/ark:/99999/v1bcdfg0/f2", region="1,2,3,4"), ADDRESSES) == ContentState(
        MANIFEST, CANVAS, "1,2,3,4"
    )
    for kept in (
        ContentState(MANIFEST, CANVAS, "1,2,3,4"),
        ContentState("https://a.test/m"),
        ContentState(f"{BASE}/x"),
    ):
        assert for_viewer(kept, ADDRESSES) == kept


@pytest.mark.parametrize(
    "path", ["/", "/fr/", "/fr/collections/type-presse", "/ark:/99999/v1hjkmn0", "/fr/ark:/99999/v1hjkmn0/f2"]
)
def test_every_page_takes_a_content_state(client: FlaskClient, path: str) -> None:
    state = write_content_state(MANIFEST, CANVAS, "10,20,300,400")
    response = client.get(path, query_string={"iiif-content": state})
    assert response.status_code == 302
    assert response.headers["Location"] == "/fr/ark:/99999/v1bcdfg0/f2#xywh=10,20,300,400"
    assert "Accept-Language" in response.headers["Vary"]
    assert client.get(response.headers["Location"].partition("#")[0]).status_code == 200


def test_the_language_of_the_page_stays(client: FlaskClient) -> None:
    response = client.get("/en/", query_string={"iiif-content": MANIFEST})
    assert response.headers["Location"] == "/en/ark:/99999/v1bcdfg0"


def test_what_is_not_ours_is_shown_by_the_viewer(client: FlaskClient) -> None:
    response = client.get("/en/", query_string={"iiif-content": "https://a.test/m?a=1&b=é"})
    assert response.headers["Location"] == "/en/viewer?iiif-content=https%3A%2F%2Fa.test%2Fm%3Fa%3D1%26b%3D%C3%A9"
    assert client.get(response.headers["Location"]).status_code == 200


def windows(client: FlaskClient, asked: dict[str, str]) -> list[dict[str, Any]]:
    (place,) = lxml.html.document_fromstring(client.get("/viewer", query_string=asked).text).xpath("//*[@id='mirador']")
    return json.loads(place.get("data-windows"))  # type: ignore[no-any-return]  # a list, by the template


def test_the_viewer_opens_several_side_by_side(client: FlaskClient) -> None:
    one = {"id": CANVAS, "type": "Canvas", "partOf": MANIFEST}
    other = {"id": f"{BASE}/ark:/99999/v1hjkmn0", "type": "Manifest"}
    assert windows(client, {"iiif-content": json.dumps([one, other])}) == [
        {"document": MANIFEST, "canvas": CANVAS, "region": ""},
        {"document": f"{BASE}/iiif/presentation/3/v1hjkmn0/manifest", "canvas": "", "region": ""},
    ]
    assert windows(client, {"manifest": MANIFEST}) == [{"document": MANIFEST, "canvas": "", "region": ""}]


@pytest.mark.parametrize("state", ["javascript:alert(1)", "JTdC", "%%%", "{}", "[]", "{", "[" * 5000, "x" * 20_000])
def test_a_broken_content_state_is_explained_in_both_languages(client: FlaskClient, state: str) -> None:
    for language, words in (("fr", "incomplet ou abîmé"), ("en", "incomplete or damaged")):
        for path in (f"/{language}/", f"/{language}/ark:/99999/v1bcdfg0", f"/{language}/viewer"):
            response = client.get(path, query_string={"iiif-content": state})
            assert response.status_code == 400
            assert words in response.text


@pytest.mark.parametrize(
    ("group", "kind", "name"),
    [("titres", WholeKind.PERIODICAL, "titre-1234-5678"), ("ouvrages", WholeKind.MULTIVOLUME, "ouvrage-1234-5678")],
)
def test_a_content_state_of_any_collection_leads_to_its_page(
    client: FlaskClient, shelf: Shelf, group: str, kind: WholeKind, name: str
) -> None:
    item = renamed(make_newspaper(), "v1bcdfg1", "L’Écho du Nord. Nº 12")
    whole = Whole("L’Écho du Nord", "1234-5678", "12", kind)
    shelf.put(replace(item, description=replace(item.description, part_of=whole)), texts={1: "LES NOUVELLES"})
    tree = json.loads(_collection(shelf, "top"))
    asked = [each["id"] for each in tree["items"]]
    assert f"{BASE}/iiif/presentation/3/collection/{group}" in asked
    asked += [each["id"] for each in json.loads(_collection(shelf, group))["items"]]
    assert f"{BASE}/iiif/presentation/3/collection/{name}" in asked
    for address in asked:
        for state in (address, json.dumps({"id": address, "type": "Collection"})):
            response = client.get("/en/", query_string={"iiif-content": state})
            assert response.status_code == 302
            shown = client.get(response.headers["Location"])
            assert shown.status_code == 200, address
    title = lxml.html.document_fromstring(client.get(f"/fr/collections/{group}").text)
    assert title.xpath("string(//h1)").strip() == GROUPS[group][1]["fr"]
    [link] = title.xpath("//ul[@class='shelves']/li/a")
    assert link.get("href") == f"/fr/collections/{name}"
    assert link.xpath(".//img"), "the picture of its first document"
    [up] = lxml.html.document_fromstring(client.get(f"/fr/collections/{name}").text).xpath("//header//p/a")
    assert up.get("href") == f"/fr/collections/{group}"
    assert client.get(f"/fr/collections/{group}?page=2").status_code == 404


def test_a_group_of_which_nothing_is_left_is_not_there(client: FlaskClient) -> None:
    assert client.get("/fr/collections/titres").status_code == 404


def _collection(shelf: Shelf, name: str) -> bytes:
    with shelf.catalogue.snapshot() as connection:
        return read_collection(connection, ADDRESSES, name, 0, 3, "Essai")[0]


def test_a_content_state_of_what_was_withdrawn_leads_to_its_page(client: FlaskClient) -> None:
    gone = client.get("/fr/", query_string={"iiif-content": f"{BASE}/iiif/presentation/3/v1gone00/manifest"})
    assert client.get(gone.headers["Location"]).status_code == 410


def test_the_share_control_works_without_scripts(client: FlaskClient) -> None:
    tree = lxml.html.document_fromstring(client.get("/en/ark:/99999/v1bcdfg0/f2").text)
    (share,) = tree.xpath("//details[@id='share']")
    assert share.xpath("string(summary)").strip() == "Share"
    values = {field.get("id"): field.get("value") for field in share.iter("input")}
    assert values["share-view"] == f"{BASE}/ark:/99999/v1bcdfg0/f2"
    expected = (ContentState(MANIFEST, CANVAS),)
    assert read_content_states(values["share-state"].removeprefix(f"{BASE}/?iiif-content=")) == expected
    assert read_content_states(values["share-mirador"].removeprefix(f"{BASE}/en/viewer?iiif-content=")) == expected
    (drag,) = share.xpath(".//a[@id='share-drag']")
    assert drag.get("href").startswith(
        f"{BASE}/en/viewer?manifest=http%3A//vitrine.test/iiif/presentation/3/v1bcdfg0/manifest&canvas="
    )
    for field in share.iter("input"):
        assert share.xpath(f".//label[@for='{field.get('id')}']"), "every field has a name"
