import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.errors import PublicationRefused
from server.iiif.build.bytes import to_bytes
from server.iiif.build.manifest import build_manifest
from server.iiif.build.validate import validate_manifest
from server.model.addresses import Addresses
from server.model.description import Date, Person, Place, Text, Title, TitleKind, Typology, Whole, WholeKind
from server.model.item import Item
from server.model.rights import Rights, RightsStatus
from server.model.structure import Range, Target
from server.model.text import Box
from server.model.view import ViewKind
from tests.support.publications import make_newspaper, make_postcard, make_view

ADDRESSES = Addresses("https://vitrine.example.org", "99999", "vitrine.example.org")
HERE = "https://vitrine.example.org/iiif/presentation/3/"


def described(item: Item, **changes: Any) -> Item:
    return replace(item, description=replace(item.description, **changes))


def build(item: Item) -> dict[str, Any]:
    manifest = build_manifest(item, ADDRESSES)
    validate_manifest(manifest)
    return manifest


def pairs(manifest: dict[str, Any]) -> dict[str, Any]:
    return {pair["label"]["fr"][0]: pair["value"] for pair in manifest["metadata"]}


def nodes(tree: Any) -> Iterator[dict[str, Any]]:
    if isinstance(tree, dict):
        yield tree
        for value in tree.values():
            yield from nodes(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from nodes(value)


def test_the_context_comes_first_and_navplace_before_presentation() -> None:
    assert next(iter(build(make_newspaper()))) == "@context"
    assert build(make_newspaper())["@context"] == "http://iiif.io/api/presentation/3/context.json"
    assert build(make_postcard())["@context"] == [
        "http://iiif.io/api/extension/navplace/context.json",
        "http://iiif.io/api/presentation/3/context.json",
    ]


def test_what_a_person_reads() -> None:
    manifest = build(make_newspaper())
    assert manifest["label"] == {"fr": ["L’Écho du Nord. Nº 12"], "la": ["Acta diurna septentrionalia"]}
    assert manifest["summary"] == {"fr": ["Numéro du 1er mars."]}
    told = pairs(manifest)
    assert told["Langue"] == {"fr": ["français"], "en": ["French"]}
    assert told["Type de document"] == {"fr": ["Presse"], "en": ["Press"]}
    assert told["Cote"] == {"none": ["J 12"]}
    assert told["Titre parallèle"] == {"la": ["Acta diurna septentrionalia"]}
    assert all(set(pair["label"]) == {"fr", "en"} for pair in manifest["metadata"])


def test_persons_stand_under_their_roles_with_their_authority() -> None:
    people = (Person("Callot, Jacques", "1592-1635", "egr", "https://www.idref.fr/1?a=1&b=2"), Person("Anonyme & fils"))
    told = pairs(build(described(make_postcard(), people=people)))
    assert told["Graveur"] == {"none": ['<a href="https://www.idref.fr/1?a=1&amp;b=2">Callot, Jacques (1592-1635)</a>']}
    assert told["Personne ou collectivité"] == {"none": ["Anonyme & fils"]}


def test_a_uri_that_cannot_be_followed_is_no_link() -> None:
    told = pairs(build(described(make_postcard(), people=(Person("X", "", "", "javascript:alert(1)"),))))
    assert told["Personne ou collectivité"] == {"none": ["X"]}


def test_rights_of_the_registry_and_rights_in_words() -> None:
    registered = build(make_postcard())
    assert registered["rights"] == "http://creativecommons.org/publicdomain/mark/1.0/"
    open_licence = build(make_newspaper())
    assert "rights" not in open_licence
    [statement] = open_licence["requiredStatement"]["value"]["fr"]
    assert statement.startswith("<span>Bibliothèque Marceline Desbordes-Valmore, Douai, J 12. <a href=")
    assert "Licence Ouverte 2.0" in statement


def test_provider_and_its_collection_where_it_has_no_homepage() -> None:
    [lille] = build(make_postcard())["provider"]
    assert (lille["id"], lille["homepage"][0]["id"]) == ("https://bm-lille.example.org/",) * 2
    [douai] = build(make_newspaper())["provider"]
    assert douai["id"] == HERE + "collection/institution-bm-douai#agent"  # a collection is no agent
    assert "logo" not in douai


@pytest.mark.parametrize(
    ("logo", "address", "media_type"),
    [
        ("https://x.example.org/l.svg", "https://x.example.org/l.svg", "image/svg+xml"),
        ("logos/lille.png", "https://vitrine.example.org/logos/bm-lille.png", "image/png"),
    ],
)
def test_a_logo_elsewhere_and_one_of_our_own(logo: str, address: str, media_type: str) -> None:
    item = make_postcard()
    [provider] = build(replace(item, institution=replace(item.institution, logo=logo)))["provider"]
    assert provider["logo"] == [{"id": address, "type": "Image", "format": media_type}]


def test_where_the_document_is_elsewhere() -> None:
    manifest = build(make_postcard())
    assert manifest["homepage"][0]["id"] == "https://vitrine.example.org/ark:/99999/v1bcdfg0"
    assert manifest["seeAlso"][0]["id"] == (
        "https://vitrine.example.org/oai?verb=GetRecord&metadataPrefix=oai_dc"
        "&identifier=oai%3Avitrine.example.org%3Av1bcdfg0"
    )
    assert [part["id"].rpartition("/")[2] for part in manifest["partOf"]] == [
        "institution-bm-lille", "type-cartes-postales", "campagne-2025-villes",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("edtf", "moment"),
    [("1908-05", "1908-05-01T00:00:00Z"), ("18XX", "1800-01-01T00:00:00Z"), ("", None), ("/1905", None)],
)
def test_nav_date(edtf: str, moment: str | None) -> None:
    assert build(described(make_postcard(), dates=(Date(edtf, "?"),))).get("navDate") == moment


def test_nav_place_has_the_places_with_sound_coordinates() -> None:
    places = (Place("Lille", 50.6, 3.0), Place("Nowhere"), Place("Beyond", 95.0, 3.0))
    manifest = build(described(make_postcard(), places=places))
    [feature] = manifest["navPlace"]["features"]
    assert feature["geometry"] == {"type": "Point", "coordinates": [3.0, 50.6]}


def test_views_that_are_not_public_leave_no_trace_and_numbers_never_shift() -> None:
    item = make_newspaper(pages=3)
    views = list(item.views)
    views[1] = replace(views[1], notes=replace(views[1].notes, public=False))
    manifest = build(replace(item, views=tuple(views)))
    assert [canvas["id"].rpartition("/")[2] for canvas in manifest["items"]] == ["f1", "f3"]
    hidden = (".f2", "canvas/f2", ".f4", "canvas/f4")
    assert not [name for name in hidden if name in to_bytes(manifest).decode()]


def test_an_item_without_a_public_view_is_refused() -> None:
    item = make_postcard()
    views = tuple(replace(view, notes=replace(view.notes, public=False)) for view in item.views)
    with pytest.raises(PublicationRefused, match="none of its 2 views is public"):
        build_manifest(replace(item, views=views), ADDRESSES)


def test_a_canvas() -> None:
    [recto, verso] = build(make_postcard())["items"]
    assert recto["label"] == {"none": ["recto"]}
    assert (recto["width"], recto["height"]) == (3200, 2000)
    assert recto["summary"] == {
        "fr": ["Une place bordée de maisons à pignons, un tramway au centre."],
        "en": ["Automatic description: A square lined with gabled houses, a tram in the middle."],
    }
    assert "annotations" not in recto
    assert verso["annotations"] == [{"id": HERE + "v1bcdfg0/f2/text", "type": "AnnotationPage"}]
    painting = recto["items"][0]["items"][0]
    assert painting["target"] == recto["id"]
    assert painting["body"]["service"] == [
        {"id": "https://vitrine.example.org/iiif/image/3/v1bcdfg0.f1", "type": "ImageService3", "profile": "level2"}
    ]
    [thumbnail] = recto["thumbnail"]
    assert (thumbnail["width"], thumbnail["height"]) == (400, 250)
    assert thumbnail["id"].endswith("/v1bcdfg0.f1/full/400,250/0/default.jpg")
    assert thumbnail["service"][0]["sizes"] == [{"width": 200, "height": 125}, {"width": 400, "height": 250}, {"width": 800, "height": 500}]  # fmt: skip


def test_a_view_without_a_label_has_its_number() -> None:
    item = replace(make_postcard(), views=(make_view("v1bcdfg0", 12),))
    assert build(item)["items"][0]["label"] == {"fr": ["vue 12"], "en": ["view 12"]}


@pytest.mark.parametrize(
    ("size", "sizes", "shown"),
    [
        ((3000, 4000), (), "300,400"),
        ((300, 200), (), "max"),
        ((300, 200), ((300, 200),), "max"),
        ((9000, 600), ((141, 10), (282, 19), (563, 38)), "400,27"),
        ((9000, 600), ((71, 5), (563, 38)), "400,27"),
        ((60000, 10), (), "400,1"),
    ],
)
def test_thumbnails_of_all_shapes(size: tuple[int, int], sizes: tuple[tuple[int, int], ...], shown: str) -> None:
    view = replace(make_view("v1bcdfg0", 1, size), sizes=sizes)
    manifest = build(replace(make_postcard(), views=(view,)))
    assert f"/full/{shown}/0/" in manifest["thumbnail"][0]["id"]


def test_behavior() -> None:
    book = replace(make_newspaper(), paged=True)
    assert build(book)["behavior"] == ["paged"]
    assert build(make_postcard())["behavior"] == ["individuals"]
    assert build(described(make_newspaper(), genre="Rouleau"))["behavior"] == ["continuous"]
    plate = make_view("v1hjkmn0", 5, (9000, 5000), kind=ViewKind.PLATE)
    manifest = build(replace(book, views=(*book.views[:4], plate)))
    assert [canvas.get("behavior") for canvas in manifest["items"]] == [None] * 4 + [["non-paged"]]


def test_what_folds_out_has_no_facing_page_whatever_its_size() -> None:
    book = replace(make_newspaper(), paged=True)
    map_ = make_view("v1hjkmn0", 5, (3600, 5000), kind=ViewKind.FOLD_OUT)
    assert build(replace(book, views=(*book.views[:4], map_)))["items"][-1]["behavior"] == ["non-paged"]
    loose = replace(book, paged=False, views=(*book.views[:4], map_))
    assert "behavior" not in build(loose)["items"][-1]


def test_a_missing_page_is_an_empty_canvas_beside_its_neighbour() -> None:
    item = replace(make_newspaper(), paged=True)
    notes = replace(item.views[1].notes, missing_before=("1 bis", ""), missing_after=("3",))
    hidden = replace(item.views[2], notes=replace(notes, public=False))
    views = (item.views[0], replace(item.views[1], notes=notes), hidden, item.views[3])
    manifest = build(replace(item, views=views))
    assert [canvas["id"].rpartition("/")[2] for canvas in manifest["items"]] == [
        "f1", "f2-before-1", "f2-before-2", "f2", "f2-after-1", "f4",
    ]  # fmt: skip
    first, second = manifest["items"][1:3]
    assert first["label"] == {"fr": ["1 bis – lacune"], "en": ["1 bis – missing"]}
    assert second["label"] == {"fr": ["Lacune"], "en": ["Missing page"]}
    assert (first["items"], first["width"], first["height"]) == ([], 3600, 5000)
    assert set(first["summary"]) == {"fr", "en"}
    assert "thumbnail" not in first


def test_sides_without_a_label_are_called_by_their_side() -> None:
    recto, verso = (
        make_view("v1bcdfg0", number, kind=kind) for number, kind in ((1, ViewKind.RECTO), (2, ViewKind.VERSO))
    )
    labels = [canvas["label"] for canvas in build(replace(make_postcard(), views=(recto, verso)))["items"]]
    assert labels == [{"fr": ["Recto"], "en": ["Recto"]}, {"fr": ["Verso"], "en": ["Verso"]}]


def test_an_issue_names_its_year_and_a_volume_its_work() -> None:
    whole = Whole("L’Écho du Nord", "1234-5678", "12")
    issue = build(described(make_newspaper(), part_of=whole))["partOf"][-1]
    assert issue == {
        "id": HERE + "collection/titre-1234-5678-1848", "type": "Collection", "label": {"none": ["L’Écho du Nord, 1848"]},
    }  # fmt: skip
    volume = build(described(make_newspaper(), part_of=replace(whole, kind=WholeKind.MULTIVOLUME)))["partOf"][-1]
    assert volume["id"] == HERE + "collection/ouvrage-1234-5678"


def test_start_is_the_face() -> None:
    item = replace(make_newspaper(), thumbnail_view=3)
    assert build(item)["start"] == {"id": HERE + "v1hjkmn0/canvas/f3", "type": "Canvas"}
    assert "v1hjkmn0.f3" in build(item)["thumbnail"][0]["id"]


def test_articles_are_regions_and_what_leads_nowhere_is_left_out() -> None:
    item = make_newspaper()
    articles = (
        Range("article", "Nouvelles", "fr", (Target(1, Box(10, 20, 30, 40)), Target(2, Box(0, 0, 0, 5)))),
        Range("article", "Mire", "fr", (Target(5),)),
        Range("section", "", None, (), (Range("article", "Cours", None, (Target(99), Target(3))),)),
    )
    [root] = build(replace(item, structure=articles))["structures"]
    assert root["label"] == {"fr": ["Table des matières"], "en": ["Table of contents"]}
    assert [member["id"] for member in root["items"][0]["items"]] == [
        HERE + "v1hjkmn0/canvas/f1#xywh=10,20,30,40",
        HERE + "v1hjkmn0/canvas/f2",
    ]
    assert len(root["items"]) == 2
    assert root["items"][1]["label"] == {"fr": ["[Sans titre]"], "en": ["[Untitled]"]}
    [issue] = build(item)["structures"]
    assert issue["label"] == {"fr": ["Nº 12"]}


def test_every_id_is_given_once() -> None:
    manifest = build(make_newspaper())
    structures = manifest.pop("structures")
    manifest.pop("start")
    minted = [node["id"] for node in nodes(manifest) if "id" in node and str(node["id"]).startswith(HERE + "v1hjkmn0/")]
    minted += [node["id"] for node in nodes(structures) if node.get("type") == "Range"]
    assert len(minted) == len(set(minted))


def test_the_same_item_gives_the_same_bytes_whatever_they_hold() -> None:
    item = described(make_postcard(), titles=(Title("Été\ud800 \x03", "fr"),))
    first, second = (to_bytes(build_manifest(item, ADDRESSES)) for _ in range(2))
    assert first == second
    assert json.loads(first)["label"] == {"fr": ["Été\ufffd \x03"]}


def test_every_typology_and_right_gives_a_manifest() -> None:
    for typology in Typology:
        for status in RightsStatus:
            build(described(make_postcard(), typology=typology, rights=Rights(status)))


@given(st.text(max_size=30), st.sampled_from(["fr", "en", "la", "grc", None]))
@settings(max_examples=50, deadline=None)
def test_no_text_breaks_a_manifest(text: str, language: str | None) -> None:
    item = described(
        make_postcard(),
        titles=(Title(text or "x", language), Title(text, "en", TitleKind.PARALLEL)),
        abstracts=(Text(text, language),),
        shelfmark=text,
        people=(Person(text, text, "egr", text),),
    )
    to_bytes(build(item))


def test_a_thousand_canvases_are_valid() -> None:
    manifest = build_manifest(make_newspaper(pages=1000), ADDRESSES)
    validate_manifest(manifest)
    assert len(manifest["items"]) == 1000


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda m: m.pop("label"), "label"),
        (lambda m: m["items"][0].update(height="tall"), "height"),
        (lambda m: m["items"][0].update(id="not a uri"), "id"),
        (lambda m: m["items"].clear(), "needs a canvas"),
        (lambda m: m["items"].append(m["items"][0]), "is the id of 2 things"),
        (lambda m: m["start"].update(id="https://x.example.org/c"), "start: https://x.example.org/c is no canvas"),
        (lambda m: m.update(rights="https://creativecommons.org/licenses/by/4.0/"), "rights: https://"),
        (lambda m: m["items"][0]["items"][0]["items"][0].update(target="https://x.example.org/c"), "not its canvas"),
    ],
)
def test_what_is_not_a_manifest_is_refused_with_its_fault(change: Any, problem: str) -> None:
    manifest = build_manifest(make_postcard(), ADDRESSES)
    change(manifest)
    with pytest.raises(PublicationRefused, match="is not a valid IIIF manifest") as caught:
        validate_manifest(manifest)
    assert problem in str(caught.value)


def test_a_range_to_a_strange_canvas_is_refused() -> None:
    manifest = build_manifest(make_newspaper(), ADDRESSES)
    manifest["structures"][0]["items"][0]["items"][0]["id"] = "https://x.example.org/c#xywh=1,1,1,1"
    with pytest.raises(PublicationRefused, match="is no canvas of this manifest"):
        validate_manifest(manifest)
