import asyncio
import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import brotli
import pytest

from server.catalogue.publication_models import PublicationRow
from server.catalogue.session import Catalogue
from server.iiif import presentation
from server.iiif.build.validate import validate_collection, validate_manifest
from server.iiif.http import Message
from server.iiif.presentation import PresentationService
from server.model.addresses import Addresses
from server.model.georeference import ControlPoint, Georeference
from server.model.item import Item
from server.model.text import Block, Box, Line, PageText, Word
from server.publish.render import PublicImage, render
from server.publish.transaction import Stamp, make_live, make_withdrawn, pack
from server.settings import load_settings
from tests.support.publications import MOMENT, Shelf, make_newspaper, make_postcard, renamed

BASE = "http://127.0.0.1:8000"
ADDRESSES = Addresses(BASE, "99999", "vitrine.example.org")
LD_JSON = 'application/ld+json;profile="http://iiif.io/api/presentation/3/context.json"'
TEXT = PageText(
    3600, 5000, (Block("b", (Line((Word("Lille", Box(1, 2, 3, 4)),), Box(1, 2, 3, 4)),), Box(1, 2, 3, 4)),), "fr"
)


@dataclass
class Got:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Published:
    catalogue: Catalogue
    shelf: Shelf
    service: PresentationService
    stamp: int = 0

    def put(self, item: Item, *, held: bool = False) -> None:
        """Publish an item as `publish` does."""
        self.stamp += 1
        images = tuple(PublicImage(v.image, v.number, v.width, v.height, "p", "i", "0") for v in item.views)
        texts = {view.number: TEXT for view in item.public_views if view.has_text}
        with self.catalogue.write() as session:
            if not held:
                self.shelf._hold(session, item)
            stamp = Stamp(self.stamp, int(MOMENT.timestamp()) + self.stamp)
            rendering = render(item, texts.get, images, ADDRESSES)
            packed = pack(rendering.documents)
            make_live(session, rendering, packed, stamp, ADDRESSES.oai_identifier(item.name))

    def withdraw(self, name: str) -> None:
        self.stamp += 1
        with self.catalogue.write() as session:
            stamp = Stamp(self.stamp, int(MOMENT.timestamp()) + self.stamp)
            make_withdrawn(
                session, session.get_one(PublicationRow, name), stamp, ADDRESSES.oai_identifier(name), "demande"
            )

    def get(self, path: str, method: str = "GET", **headers: str) -> Got:
        raw = path.removeprefix(BASE).encode()
        scope = {
            "type": "http", "method": method, "path": raw.decode(), "raw_path": raw,
            "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
        }  # fmt: skip
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Message) -> None:
            sent.append(message)

        asyncio.run(self.service(scope, receive, send))
        got = [(name.decode(), value.decode()) for name, value in sent[0]["headers"]]
        assert len(dict(got)) == len(got)
        assert dict(got)["access-control-allow-origin"] == "*"
        return Got(sent[0]["status"], dict(got), b"".join(message["body"] for message in sent[1:]))


@pytest.fixture
def published(database_url: str) -> Iterator[Published]:
    catalogue = Catalogue(database_url)
    shelf = Shelf(catalogue)
    shelf.prepare(BASE)
    settings = load_settings(base_url=BASE, database_url=database_url, secret_key="k" * 32)
    yield Published(catalogue, shelf, PresentationService(settings, catalogue))
    catalogue.close()


MANIFEST = "/iiif/presentation/3/v1hjkmn0/manifest"


def test_a_manifest_in_every_encoding(published: Published) -> None:
    published.put(make_newspaper())
    plain = published.get(MANIFEST)
    validate_manifest(plain.json)
    assert plain.headers["vary"] == "Accept, Accept-Encoding"
    assert plain.headers["cache-control"] == "public, max-age=59"
    packed = published.get(MANIFEST, accept_encoding="gzip")
    assert gzip.decompress(packed.body) == plain.body
    small = published.get(MANIFEST, accept_encoding="gzip, br")
    assert brotli.decompress(small.body) == plain.body
    assert small.headers["content-encoding"] == "br"
    assert len({plain.headers["etag"], packed.headers["etag"], small.headers["etag"]}) == 3


def test_a_client_that_has_it_gets_nothing(published: Published) -> None:
    published.put(make_newspaper())
    first = published.get(MANIFEST, accept_encoding="gzip")
    again = published.get(MANIFEST, accept_encoding="gzip", if_none_match=first.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    assert again.headers["vary"] == "Accept, Accept-Encoding"
    since = published.get(MANIFEST, if_modified_since=first.headers["last-modified"])
    assert since.status == 304
    head = published.get(MANIFEST, "HEAD")
    assert (head.status, head.body) == (200, b"")
    assert int(head.headers["content-length"]) > 1000
    assert published.get(MANIFEST, "OPTIONS").status == 204
    assert published.get(MANIFEST, "POST").status == 405


def test_content_types(published: Published) -> None:
    published.put(make_newspaper())
    wanted = {
        "*/*": "application/json",
        "text/html,application/xhtml+xml,*/*;q=0.8": "application/json",
        "application/json": "application/json",
        LD_JSON: LD_JSON,
        "application/ld+json": LD_JSON,
        "application/json, application/ld+json": LD_JSON,
        "application/ld+json;q=0.5, application/json": "application/json",
        'application/ld+json;profile="http://iiif.io/api/presentation/2/context.json"': LD_JSON,
    }
    for path in (MANIFEST, "/iiif/presentation/v1hjkmn0/manifest"):
        assert published.get(path).headers["content-type"] == LD_JSON
        for accept, content_type in wanted.items():
            assert published.get(path, accept=accept).headers["content-type"] == content_type, accept


def addresses_in(tree: Any) -> Iterator[str]:
    if isinstance(tree, dict):
        if str(tree.get("id", "")).startswith(f"{BASE}/iiif/presentation/"):
            yield tree["id"]
        for value in tree.values():
            yield from addresses_in(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from addresses_in(value)


def test_every_address_that_we_mint_answers(published: Published) -> None:
    published.put(make_newspaper())
    published.put(make_postcard())
    found = set()
    for path in (MANIFEST, "/iiif/presentation/3/v1bcdfg0/manifest", "/iiif/presentation/3/collection/top"):
        found |= set(addresses_in(published.get(path).json))
    assert len(found) > 30
    for address in found:
        got = published.get(address.partition("#")[0])
        assert got.status == 200, address
        assert got.json["id"] == address.partition("#")[0]
        assert next(iter(got.json)) == "@context"


def test_a_canvas_alone_is_the_whole_canvas(published: Published) -> None:
    published.put(make_newspaper())
    canvas = published.get("/iiif/presentation/3/v1hjkmn0/canvas/f1").json
    assert canvas["items"][0]["items"][0]["motivation"] == "painting"
    assert canvas["partOf"][0]["id"] == BASE + MANIFEST


def test_the_text_of_a_view(published: Published) -> None:
    published.put(make_newspaper())
    page = published.get("/iiif/presentation/3/v1hjkmn0/f1/text").json
    assert page["items"][0]["body"]["value"] == "Lille"
    assert published.get("/iiif/presentation/3/v1hjkmn0/f2/text").status == 404


def test_the_control_points_of_a_plan_answer_at_their_address(published: Published) -> None:
    item = make_postcard()
    points = (ControlPoint(0, 0, 3.0, 51.0), ControlPoint(3200, 0, 3.1, 51.0), ControlPoint(0, 2000, 3.0, 50.95))
    notes = replace(item.views[0].notes, georeference=Georeference(points, 3200, 2000))
    published.put(replace(item, views=(replace(item.views[0], notes=notes), item.views[1])))
    manifest = published.get("/iiif/presentation/3/v1bcdfg0/manifest").json
    embedded = manifest["items"][0]["annotations"][-1]
    alone = published.get(embedded["id"])
    assert alone.json["id"] == embedded["id"]
    assert alone.json["items"][0]["body"] == embedded["items"][0]["body"]
    assert published.get("/iiif/presentation/3/v1bcdfg0/f2/georeference").status == 404
    for address in set(addresses_in(manifest)):
        assert published.get(address.partition("#")[0]).status == 200, address
    published.withdraw("v1bcdfg0")
    assert published.get(embedded["id"]).status == 410


NOWHERE = (
    "3/v1nothing/manifest", "3/v1hjkmn0", "3/v1hjkmn0/", "3/v1hjkmn0/canvas/f9", "3/v1hjkmn0/canvas/f5",
    "3/v1hjkmn0/canvas/f01", "3/v1hjkmn0/range/r99", "3/v1hjkmn0/places", "3/collection/inconnue",
    "3/collection/type-presse,2", "3/collection/type-presse,1", "", "3/", "4/v1hjkmn0/manifest", "3/v1%68jkmn0/manifest",
    "3/a/b/manifest", "3/../v1hjkmn0/manifest", "3/v1hjkmn0/manifest/", "3/%00/manifest", "3/\xe9/manifest",
)  # fmt: skip


def test_what_is_not_there_is_not_found_and_says_so(published: Published) -> None:
    published.put(make_newspaper())
    for path in NOWHERE:
        got = published.get(f"/iiif/presentation/{path}")
        assert got.status == 404, path
        assert got.headers["content-type"] == "text/plain; charset=utf-8"
        assert got.body.decode().endswith(".\n")


def test_version_two_is_not_there_yet(published: Published) -> None:
    published.put(make_newspaper())
    got = published.get("/iiif/presentation/2/v1hjkmn0/manifest")
    assert got.status == 404
    assert "2.1 is not offered yet" in got.body.decode()


def test_withdrawn_things_are_gone(published: Published) -> None:
    published.put(make_newspaper())
    published.withdraw("v1hjkmn0")
    for path in ("manifest", "canvas/f1", "f1/text"):
        got = published.get(f"/iiif/presentation/3/v1hjkmn0/{path}")
        assert (got.status, got.body) == (410, b"v1hjkmn0 was withdrawn: demande.\n")
    empty = published.get("/iiif/presentation/3/collection/type-presse")
    assert (empty.status, empty.body) == (410, b"Collection type-presse has no document any more.\n")
    assert published.get("/iiif/presentation/3/collection/top").json["items"] == []


def test_a_withdrawn_view_is_gone_and_the_rest_stays(published: Published) -> None:
    item = make_newspaper()
    published.put(item)
    views = (replace(item.views[0], notes=replace(item.views[0].notes, public=False)), *item.views[1:])
    published.put(replace(item, views=views), held=True)
    for path in ("canvas/f1", "canvas/f1/page", "f1/text"):
        assert published.get(f"/iiif/presentation/3/v1hjkmn0/{path}").status == 410
    assert published.get("/iiif/presentation/3/v1hjkmn0/canvas/f2").status == 200


def test_collections(published: Published) -> None:
    for item in (make_newspaper(), make_postcard(), renamed(make_postcard(), "v1bcdfg1", "Arras. – La place")):
        published.put(item)
    top = published.get("/iiif/presentation/3/collection/top")
    validate_collection(top.json)
    assert [child["id"].rpartition("/")[2] for child in top.json["items"]] == [
        "institution-bm-douai", "institution-bm-lille", "type-cartes-postales", "type-presse", "campagne-2025-villes",
    ]  # fmt: skip
    cards = published.get("/iiif/presentation/3/collection/type-cartes-postales", accept_encoding="br, gzip")
    assert cards.headers["content-encoding"] == "gzip"
    collection = json.loads(gzip.decompress(cards.body))
    validate_collection(collection)
    assert [member["label"]["fr"][0][:5] for member in collection["items"]] == ["Arras", "Lille"]
    again = published.get(
        "/iiif/presentation/3/collection/type-cartes-postales",
        accept_encoding="gzip",
        if_none_match=cards.headers["etag"],
    )
    assert again.status == 304


def test_a_large_collection_is_one_of_parts(published: Published, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presentation, "MEMBERS", 2)
    for number in range(5):
        published.put(renamed(make_postcard(), f"v1bcdfg{number}", f"Carte {number}"))
    whole = published.get("/iiif/presentation/3/collection/type-cartes-postales").json
    validate_collection(whole)
    assert [child["label"]["fr"] for child in whole["items"]] == [
        ["Cartes postales (1–2)"], ["Cartes postales (3–4)"], ["Cartes postales (5–5)"],
    ]  # fmt: skip
    members = []
    for child in whole["items"]:
        part = published.get(child["id"]).json
        assert part["id"] == child["id"]
        assert part["partOf"][0]["id"] == whole["id"]
        members += [member["label"]["fr"][0] for member in part["items"]]
    assert members == [f"Carte {number}" for number in range(5)]
    assert published.get("/iiif/presentation/3/collection/type-cartes-postales%2C1").status == 200
    assert published.get("/iiif/presentation/3/collection/type-cartes-postales,4").status == 404
