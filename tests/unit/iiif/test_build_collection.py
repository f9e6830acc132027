import json
import re
from dataclasses import replace

from server.iiif.build.bytes import to_bytes
from server.iiif.build.collection import (
    build_child,
    build_member,
    collection_head,
    collection_name,
    holds_directly,
    join_collection,
    memberships,
)
from server.iiif.build.validate import validate_collection
from server.model.addresses import Addresses
from server.model.description import Date, Whole, WholeKind
from server.model.item import Item
from server.oai.formats.sets import sets_of
from tests.support.publications import make_newspaper, make_postcard

ADDRESSES = Addresses("https://vitrine.example.org", "99999", "vitrine.example.org")


def test_the_collections_of_an_item() -> None:
    found = memberships(replace(make_postcard(), collections=("tramways",)))
    assert [(membership.name, membership.kind) for membership in found] == [
        ("institution-bm-lille", "institution"),
        ("type-cartes-postales", "typology"),
        ("campagne-2025-villes", "campaign"),
        ("collection-tramways", "curated"),
    ]
    assert found[2].label == {"fr": "Villes et faubourgs (2025)", "en": "Towns and suburbs (2025)"}
    assert not found[3].label


def test_a_name_needs_no_escaping() -> None:
    assert collection_name("curated", "été/à la mer,2") == "collection--t-la-mer-2"


def test_an_entry_shows_what_a_list_needs() -> None:
    entry = build_member(make_postcard(), ADDRESSES)
    assert entry["id"] == "https://vitrine.example.org/iiif/presentation/3/v1bcdfg0/manifest"
    assert entry["navDate"] == "1908-05-01T00:00:00Z"
    assert entry["thumbnail"][0]["width"] == 400


def test_a_collection_is_joined_and_valid() -> None:
    head = collection_head("type-presse", {"fr": "Presse", "en": "Press"}, ADDRESSES, {"fr": "Les journaux"})
    fragments = [to_bytes(build_member(item, ADDRESSES)) for item in (make_postcard(), make_newspaper())]
    collection = json.loads(join_collection(head, fragments))
    validate_collection(collection)
    assert next(iter(collection)) == "@context"
    assert collection["summary"] == {"fr": ["Les journaux"]}
    assert collection["partOf"][0]["id"].endswith("/collection/top")
    assert [member["id"].split("/")[-2] for member in collection["items"]] == ["v1bcdfg0", "v1hjkmn0"]


def test_an_empty_collection_and_the_root() -> None:
    root = json.loads(join_collection(collection_head("top", {"fr": "Vitrine"}, ADDRESSES, part_of=None), []))
    assert root["items"] == []
    assert "partOf" not in root
    child = build_child("type-presse", {"fr": "Presse"}, ADDRESSES)
    assert child["type"] == "Collection"


def part(kind: WholeKind, label: str = "L’Écho du Nord", identifier: str = "", number: str = "", day: str = "") -> Item:
    item = make_newspaper()
    whole = Whole(label, identifier, number, kind)
    dates = (Date(day, ""),) if day else ()
    return replace(item, description=replace(item.description, part_of=whole, dates=dates))


def test_an_issue_is_in_its_title_and_its_year() -> None:
    *_, title, year = memberships(
        part(WholeKind.PERIODICAL, identifier="ISSN 1234-567X", number="12", day="1848-03-01")
    )
    assert (title.name, title.kind, title.parent) == ("titre-1234-567x", "title", "titres")
    assert (year.name, year.kind, year.parent) == ("titre-1234-567x-1848", "year", title.name)
    assert year.label == {"": "L’Écho du Nord, 1848"}
    assert title.order == year.order == "1848-03-01 00000012"
    assert [holds_directly(kind) for kind in ("title", "year", "work", "curated")] == [False, True, True, True]


def test_an_issue_without_a_date_is_in_the_year_of_those() -> None:
    *_, year = memberships(part(WholeKind.PERIODICAL, identifier="1234-5678"))
    assert year.name == "titre-1234-5678-sd"
    assert year.label == {"fr": "L’Écho du Nord, sans date", "en": "L’Écho du Nord, undated"}


def test_two_wholes_never_share_a_name_and_the_parts_of_one_always_do() -> None:
    lille = replace(part(WholeKind.MULTIVOLUME), institution=make_postcard().institution)
    names = [
        memberships(item)[-1].name
        for item in (
            part(WholeKind.MULTIVOLUME),
            part(WholeKind.MULTIVOLUME, label="L’ÉCHO du Nord"),
            part(WholeKind.MULTIVOLUME, identifier="12"),
            part(WholeKind.MULTIVOLUME, identifier="ark:/12148/cb1"),
            lille,
        )
    ]
    assert names[0] == names[1]
    assert len(set(names)) == 4
    shared = [
        memberships(
            replace(
                item,
                description=replace(item.description, part_of=Whole(item.description.title.value, "ark:/12148/cb1")),
            )
        )[-2].name
        for item in (part(WholeKind.PERIODICAL), lille)
    ]
    assert shared[0] == shared[1], "an ARK is the same title in every library"
    assert re.fullmatch(r"ouvrage-l-echo-du-nord-[0-9a-f]{8}", names[0])
    assert re.fullmatch(r"ouvrage-ark-12148-cb1-[0-9a-f]{8}", names[3])
    said = part(WholeKind.MULTIVOLUME, label="Écho du Nord (L’)", identifier="ark:/12148/cb1")
    assert memberships(said)[-1].name == names[3], "an identifier counts, however the title is written"


def test_a_title_in_letters_that_have_no_ascii_has_a_name_too() -> None:
    name = memberships(part(WholeKind.MULTIVOLUME, label="Ἰλιάς"))[-1].name
    assert re.fullmatch(r"ouvrage-[0-9a-f]{8}", name)
    assert len(memberships(part(WholeKind.MULTIVOLUME, label=" "))) == 2


def test_numbers_sort_as_they_count() -> None:
    said = ["1", "2", "2 bis", "10", "Tome I", "Tome IV", "Tome IX", "Tome X", "Tome 11"]
    orders = [memberships(part(WholeKind.MULTIVOLUME, number=number))[-1].order for number in said]
    assert orders == sorted(orders)


def test_titles_and_works_are_no_sets_of_oai_pmh() -> None:
    for kind in WholeKind:
        sets = sets_of(part(kind, identifier="1234-5678", day="1848-03-01"))
        assert {each.spec.partition(":")[0] for each in sets} == {"type", "institution"}
