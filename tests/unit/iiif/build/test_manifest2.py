"""Presentation 2.1 from 3.0: what is said of a document is the same, in the words of the older version."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.errors import PublicationRefused
from server.iiif.build.manifest import build_manifest, terms_address
from server.iiif.build.manifest2 import convert_manifest
from server.iiif.build.validate2 import validate_manifest_2
from server.model.addresses import Addresses
from server.model.description import Person, Text, Title, TitleKind
from server.model.item import Item
from server.model.structure import Range, Target
from server.model.text import Box
from server.model.view import ViewKind
from tests.support.publications import make_newspaper, make_postcard, make_view

ADDRESSES = Addresses("https://vitrine.example.org", "99999", "vitrine.example.org")
HERE = "https://vitrine.example.org/iiif/presentation/2/"
IMAGE = "https://vitrine.example.org/iiif/image/2/"

_TERMS = {
    "@context", "@id", "@type", "@value", "@language", "label", "metadata", "value", "description", "thumbnail",
    "attribution", "license", "logo", "related", "rendering", "seeAlso", "service", "within", "navDate",
    "viewingDirection", "viewingHint", "sequences", "structures", "canvases", "ranges", "images", "otherContent",
    "resource", "on", "motivation", "startCanvas", "format", "profile", "width", "height", "sizes",
}  # fmt: skip
"""The words of the contexts of Presentation 2.1 and Image 2.1 that a manifest of ours may use."""


def convert(item: Item, **more: Any) -> dict[str, Any]:
    manifest = convert_manifest(
        build_manifest(item, ADDRESSES) | more, ADDRESSES, terms_address(item.description.rights)
    )
    validate_manifest_2(manifest)
    return manifest


def nodes(tree: Any) -> Iterator[dict[str, Any]]:
    if isinstance(tree, dict):
        yield tree
        for value in tree.values():
            yield from nodes(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from nodes(value)


def test_every_word_is_one_of_the_context_and_none_is_of_version_3() -> None:
    for item in (make_postcard(), make_newspaper()):
        assert {word for node in nodes(convert(item)) for word in node} <= _TERMS


def test_the_context_stands_once_but_for_services() -> None:
    manifest = convert(make_postcard())
    assert next(iter(manifest)) == "@context"
    inside = {node["@context"] for node in nodes(manifest) if "@context" in node and node is not manifest}
    assert inside == {"http://iiif.io/api/image/2/context.json", "http://iiif.io/api/search/1/context.json"}


def test_texts_have_their_languages_and_one_alone_has_no_list() -> None:
    manifest = convert(make_newspaper())
    assert manifest["label"] == [
        {"@value": "L’Écho du Nord. Nº 12", "@language": "fr"},
        {"@value": "Acta diurna septentrionalia", "@language": "la"},
    ]
    assert manifest["description"] == {"@value": "Numéro du 1er mars.", "@language": "fr"}
    shelfmark = next(pair for pair in manifest["metadata"] if pair["label"][0]["@value"] == "Cote")
    assert shelfmark["value"] == "J 12"
    assert [label["@language"] for label in shelfmark["label"]] == ["fr", "en"]


def test_rights_are_a_licence_and_an_attribution() -> None:
    assert convert(make_postcard())["license"] == "http://creativecommons.org/publicdomain/mark/1.0/"
    newspaper = convert(make_newspaper())
    assert newspaper["license"] == "https://www.etalab.gouv.fr/licence-ouverte-open-licence/"
    assert newspaper["attribution"]["@value"].startswith("<span>Bibliothèque Marceline Desbordes-Valmore, Douai")


def test_where_the_document_is_elsewhere() -> None:
    item = make_postcard()
    manifest = convert(replace(item, institution=replace(item.institution, logo="logos/lille.png")))
    assert [page["@id"] for page in manifest["related"]] == [
        "https://vitrine.example.org/ark:/99999/v1bcdfg0",
        "https://bm-lille.example.org/",
    ]
    assert manifest["logo"] == "https://vitrine.example.org/logos/bm-lille.png"
    assert manifest["seeAlso"]["profile"] == "http://www.openarchives.org/OAI/2.0/oai_dc/"
    assert manifest["seeAlso"]["format"] == "text/xml"
    assert manifest["within"] == [
        HERE + "collection/institution-bm-lille", HERE + "collection/type-cartes-postales",
        HERE + "collection/campagne-2025-villes",
    ]  # fmt: skip
    assert manifest["navDate"] == "1908-05-01T00:00:00Z"
    assert "navPlace" not in manifest


def test_the_sequence_and_its_canvases() -> None:
    manifest = convert(replace(make_newspaper(), paged=True, thumbnail_view=3))
    [sequence] = manifest["sequences"]
    assert sequence["@id"] == HERE + "v1hjkmn0/sequence/normal"
    assert sequence["startCanvas"] == HERE + "v1hjkmn0/canvas/f3"
    assert sequence["viewingHint"] == manifest["viewingHint"] == "paged"
    assert sequence["viewingDirection"] == "left-to-right"
    first = sequence["canvases"][0]
    assert (first["width"], first["height"], first["label"]) == (3600, 5000, "page 1")
    assert first["otherContent"] == [{"@id": HERE + "v1hjkmn0/f1/text", "@type": "sc:AnnotationList"}]
    [image] = first["images"]
    assert (image["motivation"], image["on"]) == ("sc:painting", first["@id"])
    assert image["resource"] == {
        "@id": IMAGE + "v1hjkmn0.f1/full/full/0/default.jpg",
        "@type": "dctypes:Image",
        "format": "image/jpeg",
        "width": 3600,
        "height": 5000,
        "service": {
            "@context": "http://iiif.io/api/image/2/context.json",
            "@id": IMAGE + "v1hjkmn0.f1",
            "profile": "http://iiif.io/api/image/2/level2.json",
        },
    }
    assert first["thumbnail"]["@id"] == IMAGE + "v1hjkmn0.f1/full/288,400/0/default.jpg"
    assert first["thumbnail"]["service"]["sizes"][0] == {"width": 225, "height": 313}
    assert "otherContent" not in sequence["canvases"][1]


def test_a_plate_that_folds_out_and_a_roll() -> None:
    book = replace(make_newspaper(), paged=True)
    plate = make_view("v1hjkmn0", 5, (9000, 5000), kind=ViewKind.PLATE)
    canvases = convert(replace(book, views=(*book.views[:4], plate)))["sequences"][0]["canvases"]
    assert [canvas.get("viewingHint") for canvas in canvases] == [None] * 4 + ["non-paged"]
    roll = replace(book.description, genre="Rouleau")
    assert convert(replace(book, description=roll))["viewingHint"] == "continuous"


def test_a_missing_page_has_no_image() -> None:
    item = make_newspaper()
    views = (replace(item.views[0], notes=replace(item.views[0].notes, missing_after=("2",))), *item.views[1:])
    canvas = convert(replace(item, views=views))["sequences"][0]["canvases"][1]
    assert (canvas["@id"], canvas["images"]) == (HERE + "v1hjkmn0/canvas/f1-after-1", [])
    assert canvas["label"][1] == {"@value": "2 – missing", "@language": "en"}


def test_ranges_are_a_flat_list_under_one_top() -> None:
    chapters = (
        Range("article", "Nouvelles", "fr", (Target(1, Box(10, 20, 30, 40)), Target(2))),
        Range("section", "", None, (), (Range("article", "Cours", None, (Target(3),)),)),
    )
    root, news, section, prices = convert(replace(make_newspaper(), structure=chapters))["structures"]
    assert root["viewingHint"] == "top"
    assert root["ranges"] == [news["@id"], section["@id"]]
    assert "canvases" not in root
    assert news["canvases"] == [HERE + "v1hjkmn0/canvas/f1#xywh=10,20,30,40", HERE + "v1hjkmn0/canvas/f2"]
    assert section["ranges"] == [prices["@id"]]
    assert section["label"][0] == {"@value": "[Sans titre]", "@language": "fr"}
    assert (prices["label"], prices["canvases"]) == ("Cours", [HERE + "v1hjkmn0/canvas/f3"])
    assert [division.get("viewingHint") for division in (news, section, prices)] == [None] * 3


def test_what_others_add_to_version_3_is_said_here_too() -> None:
    pdf = {"id": "https://x.example.org/d.pdf", "type": "Text", "label": {"fr": ["PDF"]}, "format": "application/pdf"}
    search = "https://vitrine.example.org/iiif/search"
    services = [
        {"id": f"{search}/2/v1", "type": "SearchService2"},
        {
            "@id": f"{search}/1/v1", "@type": "SearchService1", "profile": "http://iiif.io/api/search/1/search",
            "service": [{"@id": f"{search}/1/v1/autocomplete", "@type": "AutoCompleteService1"}],
        },
    ]  # fmt: skip
    manifest = convert(make_newspaper(), rendering=[pdf], service=services)
    assert manifest["rendering"] == {
        "@id": pdf["id"], "label": {"@value": "PDF", "@language": "fr"}, "format": "application/pdf",
    }  # fmt: skip
    assert manifest["service"] == {
        "@context": "http://iiif.io/api/search/1/context.json",
        "@id": f"{search}/1/presentation-2/v1",
        "profile": "http://iiif.io/api/search/1/search",
        "service": {
            "@id": f"{search}/1/presentation-2/v1/autocomplete",
            "profile": "http://iiif.io/api/search/1/autocomplete",
        },
    }


def test_a_region_of_a_range_may_be_a_specific_resource() -> None:
    manifest = build_manifest(make_newspaper(), ADDRESSES)
    canvas = manifest["items"][0]["id"]
    selector = {"type": "FragmentSelector", "value": "xywh=1,2,3,4"}
    manifest["structures"][0]["items"] = [
        {"type": "SpecificResource", "source": canvas, "selector": selector},
        {"type": "SpecificResource", "source": {"id": canvas, "type": "Canvas"}},
    ]
    second = convert_manifest(manifest, ADDRESSES)
    validate_manifest_2(second)
    address = canvas.replace("/3/", "/2/")
    assert second["structures"][0]["canvases"] == [f"{address}#xywh=1,2,3,4", address]


def test_only_our_own_addresses_change_their_version() -> None:
    item = make_postcard()
    elsewhere = "https://x.example.org/iiif/presentation/3/a/manifest"
    people = (Person("X", "", "", elsewhere),)
    manifest = convert(replace(item, description=replace(item.description, people=people)))
    text = json.dumps(manifest)
    assert elsewhere in text
    assert "vitrine.example.org/iiif/presentation/3/" not in text
    assert "vitrine.example.org/iiif/image/3/" not in text


def test_a_label_that_looks_like_html_does_not_pass_for_it() -> None:
    item = make_postcard()
    titled = replace(item, description=replace(item.description, titles=(Title("<Sans titre>", "fr"),)))
    assert convert(titled)["label"] == {"@value": "<Sans titre> ", "@language": "fr"}


@given(st.text(min_size=1, max_size=30), st.sampled_from(["fr", "en", "la", "grc", None]))
@settings(max_examples=50, deadline=None)
def test_no_text_breaks_it(text: str, language: str | None) -> None:
    item = make_newspaper()
    described = replace(
        item.description,
        titles=(Title(text, language), Title(text, "en", TitleKind.PARALLEL)),
        abstracts=(Text(text, language),),
        people=(Person(text, text, "egr", text),),
    )
    convert(replace(item, description=described, structure=(Range("chapter", text, language, (Target(1),)),)))


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda m: m.pop("label"), "it has no label"),
        (lambda m: m.update({"id": "x"}), "id is not allowed in it"),
        (lambda m: m.update(viewingHint="facing-pages"), "viewingHint facing-pages is not of its type"),
        (lambda m: m.update(viewingDirection="up"), "viewingDirection up is unknown"),
        (lambda m: m.update(startCanvas="x"), "startCanvas is not allowed"),
        (lambda m: m["sequences"][0].update(navDate="x"), "navDate is not allowed"),
        (lambda m: m["sequences"][0].update({"@context": "x"}), "has a context inside"),
        (lambda m: m["sequences"][0].update(startCanvas="https://x.example.org/c"), "is no canvas of this manifest"),
        (lambda m: m["sequences"][0]["canvases"].clear(), "it has no canvases"),
        (lambda m: m["sequences"][0]["canvases"][0].update(width="9"), "width is no whole number"),
        (lambda m: m["sequences"][0]["canvases"].append(m["sequences"][0]["canvases"][0]), "is the id of 2 things"),
        (lambda m: m["sequences"][0]["canvases"][0]["images"][0].update(on="x"), "does not paint its canvas"),
        (lambda m: m["structures"][0].update(ranges=["https://x.example.org/r"]), "is no range of this manifest"),
        (lambda m: m["structures"][0].update(canvases=["https://x.example.org/c#xywh=1,1,1,1"]), "is no canvas"),
        (lambda m: m["structures"][0].update({"@type": "Range"}), "its @type is Range"),
        (lambda m: (m.update(viewingHint="continuous"), m.pop("viewingDirection")), "needs a viewingDirection"),
        (lambda m: m.update({"@context": ["http://iiif.io/api/presentation/2/context.json"]}), "it comes first"),
    ],
)
def test_what_is_not_a_manifest_of_2_1_is_refused_with_its_fault(change: Any, problem: str) -> None:
    manifest = convert(make_newspaper())
    change(manifest)
    with pytest.raises(PublicationRefused, match=r"is not a valid IIIF manifest of 2\.1") as caught:
        validate_manifest_2(manifest)
    assert problem in str(caught.value)
