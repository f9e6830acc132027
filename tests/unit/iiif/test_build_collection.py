import json
from dataclasses import replace

from server.iiif.build.bytes import to_bytes
from server.iiif.build.collection import (
    build_child,
    build_member,
    collection_head,
    collection_name,
    join_collection,
    memberships,
)
from server.iiif.build.validate import validate_collection
from server.model.addresses import Addresses
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
