"""Collections of Presentation 2.1: heads and entries."""

import json
from typing import Any

import pytest

from server.errors import PublicationRefused
from server.iiif.build.bytes import to_bytes
from server.iiif.build.collection import build_child, build_member, collection_head, join_collection
from server.iiif.build.collection2 import COLLECTIONS, MANIFESTS, convert_head, convert_member
from server.iiif.build.validate2 import validate_collection_2
from server.model.addresses import Addresses
from tests.support.publications import make_newspaper, make_postcard

ADDRESSES = Addresses("https://vitrine.example.org", "99999", "vitrine.example.org")
HERE = "https://vitrine.example.org/iiif/presentation/2/"


def joined(place: str = MANIFESTS) -> dict[str, Any]:
    head = collection_head(
        "titre-1", {"": "L’Écho", "en": "Echo"}, ADDRESSES, {"fr": "Un journal"}, "titres", kind="title"
    )
    entries = [build_member(item, ADDRESSES) for item in (make_postcard(), make_newspaper())]
    if place == COLLECTIONS:
        entries = [build_child("titre-1-1848", {"": "L’Écho, 1848"}, ADDRESSES)]
    fragments = [to_bytes(convert_member(entry, ADDRESSES)) for entry in entries]
    found: dict[str, Any] = json.loads(join_collection(convert_head(head, ADDRESSES), fragments, place))
    return found


def test_a_head() -> None:
    collection = joined()
    validate_collection_2(collection)
    collection.pop("manifests")
    assert collection == {
        "@context": "http://iiif.io/api/presentation/2/context.json",
        "@id": HERE + "collection/titre-1",
        "@type": "sc:Collection",
        "label": ["L’Écho", {"@value": "Echo", "@language": "en"}],
        "description": {"@value": "Un journal", "@language": "fr"},
        "within": HERE + "collection/titres",
        "viewingHint": "multi-part",
    }


def test_members_are_referred_to_with_what_a_list_shows() -> None:
    card, _ = joined()["manifests"]
    assert (card["@id"], card["@type"]) == (HERE + "v1bcdfg0/manifest", "sc:Manifest")
    assert card["navDate"] == "1908-05-01T00:00:00Z"
    assert card["thumbnail"]["@id"].startswith("https://vitrine.example.org/iiif/image/2/v1bcdfg0.f1/")
    assert card["related"]["@id"] == "https://vitrine.example.org/ark:/99999/v1bcdfg0"


def test_children_are_collections() -> None:
    collection = joined(COLLECTIONS)
    validate_collection_2(collection)
    assert collection["collections"] == [
        {"@id": HERE + "collection/titre-1-1848", "@type": "sc:Collection", "label": "L’Écho, 1848"}
    ]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda c: c["manifests"][0].pop("label"), "has no label"),
        (lambda c: c["manifests"][0].update({"@type": "sc:Collection"}), "not sc:Manifest"),
        (lambda c: c["manifests"][0].update(sequences=[]), "a collection only refers"),
        (lambda c: c.update(viewingHint="paged"), "viewingHint paged"),
        (lambda c: c.pop("@context"), "@context: it comes first"),
    ],
)
def test_what_is_no_collection_of_2_1_is_refused(change: Any, problem: str) -> None:
    collection = joined()
    change(collection)
    with pytest.raises(PublicationRefused, match="is not a valid IIIF collection") as caught:
        validate_collection_2(collection)
    assert problem in str(caught.value)
