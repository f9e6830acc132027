import asyncio
import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import brotli
import pytest
from sqlalchemy import delete, update

from server.catalogue.publication_models import DocumentRow, MemberRow, PublicationRow, PublishedImageRow
from server.catalogue.session import Catalogue
from server.iiif import collections
from server.iiif.build.validate import validate_collection, validate_manifest, validate_text_page
from server.iiif.build.validate2 import validate_collection_2, validate_manifest_2
from server.iiif.http import Message
from server.iiif.presentation import PresentationService
from server.model.addresses import Addresses
from server.model.description import Date, Typology, Whole, WholeKind
from server.model.georeference import ControlPoint, Georeference
from server.model.item import Item
from server.model.text import Block, Box, Line, PageText, Word
from server.publish.packing import pack
from server.publish.pages import make_pages
from server.publish.render import PublicImage, render
from server.publish.stamp import Stamp
from server.publish.transaction import make_live, make_withdrawn
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
            rendering = render(item, make_pages(item, texts.get, ADDRESSES), images, ADDRESSES)
            packed = pack(rendering.documents)
            make_live(session, rendering, packed, stamp, ADDRESSES.oai_identifier(item.name))

    def ask_another_worker(self) -> None:
        """Ask a service from now on that has kept no answer."""
        self.service = PresentationService(self.service._settings, self.catalogue)

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
    assert plain.headers["cache-control"] == "public, max-age=28, s-maxage=28"
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
    }
    for path in (MANIFEST, "/iiif/presentation/v1hjkmn0/manifest"):
        assert published.get(path).headers["content-type"] == LD_JSON
        for accept, content_type in wanted.items():
            assert published.get(path, accept=accept).headers["content-type"] == content_type, accept


def addresses_in(tree: Any) -> Iterator[str]:
    """Yield every address of the Presentation API in a document, whatever property holds it."""
    if isinstance(tree, dict):
        for value in tree.values():
            yield from addresses_in(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from addresses_in(value)
    elif isinstance(tree, str) and tree.startswith(f"{BASE}/iiif/presentation/"):
        yield tree


def issue(name: str, day: str, number: str) -> Item:
    """Return an issue of a newspaper that has an ISSN."""
    item = renamed(make_newspaper(), name, f"L’Écho du Nord. Nº {number}")
    whole = Whole("L’Écho du Nord", "1234-5678", number, WholeKind.PERIODICAL)
    return replace(item, description=replace(item.description, part_of=whole, dates=(Date(day, ""),)))


def volume(name: str, number: str) -> Item:
    """Return a volume of a work that has no identifier."""
    item = renamed(make_newspaper(), name, f"Histoire de Lille. {number}")
    whole = Whole("Histoire de Lille", "", number, WholeKind.MULTIVOLUME)
    return replace(item, description=replace(item.description, part_of=whole, typology=Typology.BOOKS))


@pytest.mark.parametrize("version", [3, 2])
def test_every_address_that_we_mint_answers(published: Published, version: int) -> None:
    notes = replace(make_newspaper().views[1].notes, missing_before=("1 bis",))
    views = list(make_newspaper().views)
    views[1] = replace(views[1], notes=notes)
    for item in (
        replace(make_newspaper(), views=tuple(views)),
        make_postcard(),
        issue("v1a", "1848-03-01", "12"),
        volume("v1b", "Tome II"),
    ):
        published.put(item)
    base = f"/iiif/presentation/{version}"
    found, pending = set[str](), {f"{base}/collection/top"}
    while pending:
        address = pending.pop()
        found.add(address)
        if version == 2 and address.endswith("/text"):
            continue  # the lists of the texts are made by themselves
        got = published.get(address)
        assert got.status == 200, address
        assert got.json["id" if version == 3 else "@id"] == BASE + address
        assert next(iter(got.json)) == "@context"
        if address.endswith("/manifest"):
            assert got.body.count(f"/iiif/presentation/{5 - version}/".encode()) == 0
        pending |= {each.partition("#")[0].removeprefix(BASE) for each in addresses_in(got.json)} - found
    manifests = [address for address in found if address.endswith("/manifest")]
    assert len(manifests) == 4, "the tree leads to every document"
    assert len(found) > 60
    parts = (
        "canvas/f1",
        "canvas/f2-before-1",
        "canvas/f1/page/image",
        "range/r1",
        *(("sequence/normal",) if version == 2 else ()),
    )
    assert {f"{base}/v1hjkmn0/{part}" for part in parts} <= found


def test_a_part_of_version_2_stands_alone(published: Published) -> None:
    published.put(make_newspaper())
    for path, kind in (
        ("canvas/f1", "sc:Canvas"), ("canvas/f1/page/image", "oa:Annotation"), ("range/r2", "sc:Range"),
        ("sequence/normal", "sc:Sequence"),
    ):  # fmt: skip
        got = published.get(f"/iiif/presentation/2/v1hjkmn0/{path}").json
        assert got["@type"] == kind
        assert got["@context"] == "http://iiif.io/api/presentation/2/context.json"
        assert got["within"] == f"{BASE}/iiif/presentation/2/v1hjkmn0/manifest"
    for path in ("canvas/f9", "sequence/r1", "range/r99", "canvas/f1/page", "places"):
        assert published.get(f"/iiif/presentation/2/v1hjkmn0/{path}").status == 404


def test_the_neutral_address_gives_the_version_that_is_asked_for(published: Published) -> None:
    published.put(make_newspaper())
    third, second = published.get(MANIFEST), published.get(MANIFEST.replace("/3/", "/2/"))
    validate_manifest_2(second.json)
    assert second.headers["content-type"] == "application/json"
    assert brotli.decompress(published.get(MANIFEST.replace("/3/", "/2/"), accept_encoding="br").body) == second.body
    neutral = MANIFEST.replace("/3/", "/")
    for accept, same in (("*/*", third), (LD_JSON, third), (LD_JSON.replace("/3/", "/2/"), second)):
        got = published.get(neutral, accept=accept)
        assert (got.body, got.headers["etag"]) == (same.body, same.headers["etag"])
        assert got.headers["vary"] == "Accept, Accept-Encoding"
        number = 3 if same is third else 2
        assert got.headers["content-location"] == f"/iiif/presentation/{number}/v1hjkmn0/manifest"
    assert published.get(neutral, accept=LD_JSON.replace("/3/", "/2/")).headers["content-type"] == (
        LD_JSON.replace("/3/", "/2/")
    )
    top = "/iiif/presentation/collection/top"
    assert published.get(top).json["type"] == "Collection"
    assert published.get(top, accept=LD_JSON.replace("/3/", "/2/")).json["@type"] == "sc:Collection"
    assert published.get("/iiif/presentation/v1hjkmn0/canvas/f1").status == 404
    # a versioned address never negotiates
    assert published.get(MANIFEST, accept=LD_JSON.replace("/3/", "/2/")).body == third.body


def test_what_was_published_before_version_2_says_what_to_do(published: Published) -> None:
    published.put(make_newspaper())
    with published.catalogue.write() as session:
        session.execute(delete(DocumentRow).where(DocumentRow.kind == "manifest/2"))
        session.execute(update(MemberRow).values(fragment_2=None))
    got = published.get("/iiif/presentation/2/v1hjkmn0/manifest")
    assert got.status == 404
    assert "`vitrine publish --all` makes the other" in got.body.decode()
    assert published.get(MANIFEST).status == 200
    assert published.get("/iiif/presentation/2/collection/type-presse").json["manifests"] == []
    assert len(published.get("/iiif/presentation/3/collection/type-presse").json["items"]) == 1


def test_a_newspaper_is_read_by_years_and_days(published: Published) -> None:
    for name, day, number in (("v1c", "1849-01-02", "2"), ("v1a", "1848-12-31", "400"), ("v1b", "1848-03-01", "12")):
        published.put(issue(name, day, number))
    for version, key, below, members in ((3, "id", "items", "items"), (2, "@id", "collections", "manifests")):
        base = f"{BASE}/iiif/presentation/{version}"
        top = published.get(f"{base}/collection/top").json
        (validate_collection if version == 3 else validate_collection_2)(top)
        assert top[below][-1][key] == f"{base}/collection/titres"
        titles = published.get(f"{base}/collection/titres").json
        [title] = titles[below]
        assert title[key] == f"{base}/collection/titre-1234-5678"
        years = published.get(title[key]).json
        (validate_collection if version == 3 else validate_collection_2)(years)
        assert [child[key].rpartition("-")[2] for child in years[below]] == ["1848", "1849"]
        assert [child["navDate"] for child in years[below]] == ["1848-01-01T00:00:00Z", "1849-01-01T00:00:00Z"]
        first = published.get(years[below][0][key]).json
        (validate_collection if version == 3 else validate_collection_2)(first)
        assert [member["navDate"][:10] for member in first[members]] == ["1848-03-01", "1848-12-31"]
    manifest = published.get("/iiif/presentation/3/v1a/manifest").json
    assert [part["id"].rpartition("/")[2] for part in manifest["partOf"]][-1] == "titre-1234-5678-1848"
    assert "titre-1234-5678" not in [part["id"].rpartition("/")[2] for part in manifest["partOf"]]
    title = published.get("/iiif/presentation/3/collection/titre-1234-5678").json
    assert title["behavior"] == ["multi-part"]
    assert title["thumbnail"][0]["id"].startswith(f"{BASE}/iiif/image/3/v1b.f1/"), (
        "the first issue stands for the title"
    )
    second = published.get("/iiif/presentation/2/collection/titre-1234-5678").json
    assert second["viewingHint"] == "multi-part"
    assert second["thumbnail"]["@id"].startswith(f"{BASE}/iiif/image/2/v1b.f1/")


def test_a_withdrawal_takes_an_issue_its_year_and_its_title_out_of_the_tree(published: Published) -> None:
    published.put(make_postcard())
    published.put(issue("v1a", "1848-12-31", "400"))
    published.put(issue("v1b", "1849-01-02", "2"))
    published.withdraw("v1a")
    years = published.get("/iiif/presentation/3/collection/titre-1234-5678").json["items"]
    assert [year["label"] for year in years] == [{"none": ["L’Écho du Nord, 1849"]}]
    assert published.get("/iiif/presentation/3/collection/titre-1234-5678-1848").status == 410
    published.withdraw("v1b")
    assert published.get("/iiif/presentation/2/collection/titre-1234-5678").status == 410
    assert published.get("/iiif/presentation/3/collection/titres").status == 410
    children = published.get("/iiif/presentation/3/collection/top").json["items"]
    assert not [child for child in children if "titre" in child["id"]]


def test_a_group_that_was_emptied_is_gone_and_one_that_never_was_is_unknown(published: Published) -> None:
    published.put(issue("v1a", "1848-03-01", "12"))
    published.withdraw("v1a")
    assert published.get("/iiif/presentation/3/collection/titres").status == 410
    assert published.get("/iiif/presentation/3/collection/ouvrages").status == 404


def test_an_issue_that_is_corrected_changes_its_place(published: Published) -> None:
    published.put(issue("v1a", "1848-12-31", "400"))
    published.put(issue("v1b", "1848-03-01", "12"))
    published.put(issue("v1a", "1849-01-01", "1"), held=True)
    base = "/iiif/presentation/3/collection/titre-1234-5678"
    assert [year["id"].rpartition("-")[2] for year in published.get(base).json["items"]] == ["1848", "1849"]
    assert [member["id"].split("/")[-2] for member in published.get(f"{base}-1848").json["items"]] == ["v1b"]
    assert [member["id"].split("/")[-2] for member in published.get(f"{base}-1849").json["items"]] == ["v1a"]


def test_volumes_stand_in_the_order_of_their_numbers(published: Published) -> None:
    for name, number in (("v1d", "Tome IX"), ("v1a", "Tome X"), ("v1c", "Tome II")):
        published.put(volume(name, number))
    [work] = published.get("/iiif/presentation/3/collection/ouvrages").json["items"]
    assert work["id"].rpartition("/")[2].startswith("ouvrage-histoire-de-lille-")
    got = published.get(work["id"]).json
    assert [member["id"].split("/")[-2] for member in got["items"]] == ["v1c", "v1d", "v1a"]
    assert got["behavior"] == ["multi-part"]
    assert got["partOf"] == [{"id": f"{BASE}/iiif/presentation/3/collection/ouvrages", "type": "Collection"}]


def test_what_was_just_answered_is_kept_for_two_seconds(published: Published) -> None:
    now = [100.0]
    service = PresentationService(published.service._settings, published.catalogue, clock=lambda: now[0])
    published.service = service
    published.put(make_newspaper())
    assert published.get(MANIFEST, accept_encoding="br").status == 200
    published.withdraw("v1hjkmn0")
    now[0] += 1.9
    assert published.get(MANIFEST, accept_encoding="br").status == 200
    assert published.get(MANIFEST).status == 410, "another encoding was not asked for yet"
    now[0] += 0.2
    assert published.get(MANIFEST, accept_encoding="br").status == 410


def test_a_canvas_alone_is_the_whole_canvas(published: Published) -> None:
    published.put(make_newspaper())
    canvas = published.get("/iiif/presentation/3/v1hjkmn0/canvas/f1").json
    assert canvas["items"][0]["items"][0]["motivation"] == "painting"
    assert canvas["partOf"][0]["id"] == BASE + MANIFEST


def test_an_annotation_page_alone_is_part_of_no_manifest(published: Published) -> None:
    """The models of iiif-prezi3 take nothing but an annotation collection there."""
    published.put(make_newspaper())
    page = published.get("/iiif/presentation/3/v1hjkmn0/canvas/f1/page").json
    validate_text_page(page)
    assert page["items"][0]["target"] == f"{BASE}/iiif/presentation/3/v1hjkmn0/canvas/f1"


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
    published.ask_another_worker()
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


def test_withdrawn_things_are_gone(published: Published) -> None:
    published.put(make_newspaper())
    published.withdraw("v1hjkmn0")
    for path in ("manifest", "canvas/f1", "f1/text"):
        got = published.get(f"/iiif/presentation/3/v1hjkmn0/{path}")
        assert (got.status, got.body) == (410, b"v1hjkmn0 was withdrawn: demande.\n")
    got = published.get("/iiif/presentation/3/collection/type-presse")
    assert (got.status, got.body) == (410, b"Collection type-presse has no document any more.\n")
    assert published.get("/iiif/presentation/3/collection/top").json["items"] == []


def test_a_withdrawn_view_is_gone_and_the_rest_stays(published: Published) -> None:
    item = make_newspaper()
    published.put(item)
    views = (replace(item.views[0], notes=replace(item.views[0].notes, public=False)), *item.views[1:])
    published.put(replace(item, views=views), held=True)
    for path in ("canvas/f1", "canvas/f1/page", "f1/text"):
        assert published.get(f"/iiif/presentation/3/v1hjkmn0/{path}").status == 410
    assert published.get("/iiif/presentation/3/v1hjkmn0/canvas/f2").status == 200


@pytest.mark.parametrize("version", [3, 2])
def test_parts_of_a_view_are_gone_before_the_manifest_is_made_anew(published: Published, version: int) -> None:
    published.put(make_newspaper())
    with published.catalogue.write() as session:
        session.execute(
            update(PublishedImageRow).where(PublishedImageRow.image == "v1hjkmn0.f1").values(state="withdrawn")
        )
    for path in ("canvas/f1", "canvas/f1/page/image"):
        assert published.get(f"/iiif/presentation/{version}/v1hjkmn0/{path}").status == 410
    assert published.get(f"/iiif/presentation/{version}/v1hjkmn0/canvas/f2").status == 200
    published.withdraw("v1hjkmn0")
    got = published.get(f"/iiif/presentation/{version}/v1hjkmn0/canvas/f1")
    assert got.body == b"v1hjkmn0 was withdrawn: demande.\n", "the document's own state comes first"


def test_publishing_changes_no_collection_that_it_does_not_touch(published: Published) -> None:
    published.put(make_postcard())
    cards = "/iiif/presentation/3/collection/type-cartes-postales"
    before = published.get(cards)
    published.put(issue("v1a", "1848-12-31", "400"))
    after = published.get(cards, accept_encoding="gzip")
    assert gzip.decompress(after.body) == before.body
    assert after.headers["last-modified"] == before.headers["last-modified"]


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
    monkeypatch.setattr(collections, "MEMBERS", 2)
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


def test_lines_words_and_the_list_of_2_1_answer_at_their_own_addresses(published: Published) -> None:
    item = make_newspaper()
    published.put(item)
    manifest = published.get(ADDRESSES.manifest(item.name)).json
    pages = [page["id"] for page in manifest["items"][0]["annotations"]]
    assert [page.rpartition("/")[2] for page in pages] == ["text", "words"]
    for page in pages:
        got = published.get(page)
        assert got.json["id"] == page
        assert all(annotation["id"].partition("#")[0] == page for annotation in got.json["items"])
    words = published.get(pages[1], accept_encoding="br")
    assert json.loads(brotli.decompress(words.body)) == published.get(pages[1]).json
    address = ADDRESSES.text(item.name, 1, version=2)
    listed = published.get(address, accept="application/ld+json")
    assert listed.headers["content-type"] == (
        'application/ld+json;profile="http://iiif.io/api/presentation/2/context.json"'
    )
    assert listed.json["@id"] == address
    assert published.get(f"/iiif/presentation/2/{item.name}/f1/words").status == 404
    assert published.get(ADDRESSES.words(item.name, 2)).status == 404
    published.withdraw(item.name)
    published.ask_another_worker()
    assert {published.get(page).status for page in (*pages, address)} == {410}
