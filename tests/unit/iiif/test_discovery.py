import gzip
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import update

from server.catalogue import migrations
from server.catalogue.publication_models import MemberRow
from server.catalogue.session import Catalogue
from server.model.description import Date, Whole
from server.model.item import Item
from tests.support.chronicle import HERE, Chronicle
from tests.support.publications import make_newspaper, make_postcard, renamed

CHANGES = f"{HERE}/iiif/discovery/1/all-changes"
CONTEXT = "http://iiif.io/api/discovery/1/context.json"
LD_JSON = f'application/ld+json;profile="{CONTEXT}"'


@pytest.fixture
def chronicle(database_url: str) -> Iterator[Chronicle]:
    catalogue = Catalogue(database_url)
    migrations.upgrade(catalogue)
    opened = Chronicle(catalogue)
    opened.begin()
    yield opened
    catalogue.close()


def told(chronicle: Chronicle) -> list[tuple[str, str]]:
    """Return every activity and the end of its address, oldest first."""
    address = chronicle.read(CHANGES)["first"]["id"]
    found = []
    while address:
        page = chronicle.read(address)
        found += [
            (each["type"], each["object"]["id"].removeprefix(f"{HERE}/iiif/presentation/"))
            for each in page["orderedItems"]
        ]
        address = page.get("next", {}).get("id")
    return found


def both(activity: str, path: str) -> list[tuple[str, str]]:
    return [(activity, f"{version}/{path}") for version in (3, 2)]


def test_before_the_first_publication_there_is_nothing_to_tell(chronicle: Chronicle) -> None:
    answered = chronicle.ask(CHANGES)
    assert answered.status == 404
    assert b"nothing has been published here yet" in answered.body.lower()


def test_the_collection_and_its_pages_are_as_the_specification_has_them(chronicle: Chronicle) -> None:
    for number in range(3):
        chronicle.put(renamed(make_postcard(), f"v1bcdfg{number}", f"Carte {number}"))
    changes = chronicle.read(CHANGES)
    total = changes["totalItems"]
    last = (total - 1) // 3
    assert next(iter(changes)) == "@context"
    assert changes == {
        "@context": CONTEXT,
        "id": CHANGES,
        "type": "OrderedCollection",
        "totalItems": total,
        "seeAlso": changes["seeAlso"],
        "first": {"id": f"{HERE}/iiif/discovery/1/page/0", "type": "OrderedCollectionPage"},
        "last": {"id": f"{HERE}/iiif/discovery/1/page/{last}", "type": "OrderedCollectionPage"},
    }
    moments = []
    for number in range(last + 1):
        page = chronicle.read(f"{HERE}/iiif/discovery/1/page/{number}")
        assert page["@context"] == CONTEXT
        assert page["type"] == "OrderedCollectionPage"
        assert page["startIndex"] == 3 * number
        assert page["partOf"] == {"id": CHANGES, "type": "OrderedCollection"}
        assert ("prev" in page, "next" in page) == (number > 0, number < last)
        assert 1 <= len(page["orderedItems"]) <= 3
        moments += [activity["endTime"] for activity in page["orderedItems"]]
    assert len(moments) == total
    assert moments == sorted(moments)


def test_an_activity_says_what_it_is_about_and_where_it_is_described(chronicle: Chronicle) -> None:
    chronicle.put(make_postcard())
    first, second = chronicle.read(f"{HERE}/iiif/discovery/1/page/0")["orderedItems"][:2]
    assert first["type"] == "Create"
    assert first["endTime"] == "2026-03-14T09:26:53Z"
    about: dict[str, Any] = first["object"]
    assert about["id"] == f"{HERE}/iiif/presentation/3/v1bcdfg0/manifest"
    assert about["type"] == "Manifest"
    assert about["canonical"] == "ark:/99999/v1bcdfg0"
    assert about["format"] == 'application/ld+json;profile="http://iiif.io/api/presentation/3/context.json"'
    record = "oai?verb=GetRecord&metadataPrefix=oai_dc&identifier=oai%3Avitrine.example.org%3Av1bcdfg0"
    assert [each["id"] for each in about["seeAlso"]] == [f"{HERE}/{record}"]
    assert about["provider"][0]["label"]["en"] == ["Lille Municipal Library"]
    other = second["object"]
    assert other["id"] == f"{HERE}/iiif/presentation/2/v1bcdfg0/manifest"
    assert (other["canonical"], other["seeAlso"]) == (about["canonical"], about["seeAlso"])


def test_collections_come_change_and_go_with_their_documents(chronicle: Chronicle) -> None:
    chronicle.put(make_newspaper())
    top, kept = both("Update", "collection/top"), both("Update", "v1hjkmn0/manifest")
    shelves = ("institution-bm-douai", "type-presse")
    begun = both("Create", "v1hjkmn0/manifest")
    for name in shelves:
        begun += both("Create", f"collection/{name}")
    begun += both("Create", "collection/top")
    assert told(chronicle) == begun
    chronicle.put(make_newspaper())
    assert told(chronicle) == begun + kept, "a list that did not change is not told of"
    chronicle.withdraw("v1hjkmn0")
    gone = both("Delete", "v1hjkmn0/manifest")
    for name in shelves:
        gone += both("Delete", f"collection/{name}")
    assert told(chronicle) == begun + kept + gone + top
    chronicle.put(make_newspaper())
    assert told(chronicle)[len(begun + kept + gone + top) :] == begun[:-2] + top


@pytest.mark.parametrize("entry", ["fragment", "fragment_2"])
@pytest.mark.parametrize("before", [b'{"label":"written otherwise by an earlier version"}', None])
def test_what_changes_in_the_collections_of_either_version_is_told(
    chronicle: Chronicle, entry: str, before: bytes | None
) -> None:
    chronicle.put(make_newspaper())
    with chronicle.catalogue.write() as session:
        session.execute(update(MemberRow).values({entry: before or b""}))
        if before is None and entry == "fragment_2":
            session.execute(update(MemberRow).values(fragment_2=None))  # there were none in version 2 once
    count = len(told(chronicle))
    chronicle.put(make_newspaper())
    shelves = [both("Update", f"collection/{name}") for name in ("institution-bm-douai", "type-presse")]
    assert told(chronicle)[count:] == [*both("Update", "v1hjkmn0/manifest"), *shelves[0], *shelves[1]]


def test_groups_are_told_of_with_the_titles_in_them(chronicle: Chronicle) -> None:
    def issue(name: str, day: str, title: str, issn: str) -> Item:
        item = renamed(make_newspaper(), name, title)
        part = Whole(title, issn)
        return replace(item, description=replace(item.description, part_of=part, dates=(Date(day, ""),)))

    def heard(*, since: int) -> dict[str, str]:
        return {path.removeprefix("3/collection/"): kind for kind, path in told(chronicle)[since:] if path[:3] == "3/c"}

    chronicle.put(issue("v1bcdfg0", "1848-03-01", "L’Écho", "0000-0001"))
    first = heard(since=0)
    assert [first[name] for name in ("titres", "titre-0000-0001", "titre-0000-0001-1848", "top")] == ["Create"] * 4
    count = len(told(chronicle))
    chronicle.put(issue("v1bcdfg1", "1850-03-01", "L’Écho", "0000-0001"))
    second = heard(since=count)
    assert second["titre-0000-0001-1850"] == "Create"
    assert not {"titres", "top"} & second.keys(), "a year is nothing new to the list of titles"
    count = len(told(chronicle))
    chronicle.put(issue("v1bcdfg2", "1850-03-01", "Gazette", "0000-0002"))
    third = heard(since=count)
    assert third["titres"] == "Update"
    assert "top" not in third
    for name in ("v1bcdfg0", "v1bcdfg1", "v1bcdfg2"):
        count = len(told(chronicle))
        chronicle.withdraw(name)
    last = heard(since=count)
    assert (last["titres"], last["top"]) == ("Delete", "Update")


def test_a_withdrawal_says_no_more_than_what_is_gone(chronicle: Chronicle) -> None:
    chronicle.put(make_postcard())
    chronicle.withdraw("v1bcdfg0")
    last = chronicle.read(CHANGES)["last"]["id"]
    number = int(last.rpartition("/")[2])
    items = [
        activity
        for page in range(number + 1)
        for activity in chronicle.read(f"{HERE}/iiif/discovery/1/page/{page}")["orderedItems"]
    ]
    deleted = [each["object"] for each in items if each["type"] == "Delete" and each["object"]["type"] == "Manifest"]
    assert [set(each) for each in deleted] == [{"id", "type", "canonical", "format"}] * 2
    assert "demande" not in json.dumps(items)


def test_what_can_change_is_asked_for_anew_and_what_cannot_is_kept_for_long(chronicle: Chronicle) -> None:
    chronicle.put(make_postcard())
    last = chronicle.read(CHANGES)["last"]["id"]
    for address in (CHANGES, last):
        answer = chronicle.ask(address)
        assert answer.header("cache-control") == "no-cache", "a stale answer would hide a document for ever"
        again = chronicle.ask(address, if_none_match=answer.header("etag"))
        assert (again.status, again.header("cache-control")) == (304, "no-cache")
    full = chronicle.ask(f"{HERE}/iiif/discovery/1/page/0")
    assert full.header("cache-control") == "public, max-age=2591999"
    assert "immutable" not in full.header("cache-control"), "only what has a version in its address is"
    assert full.header("last-modified") == "Sat, 14 Mar 2026 09:26:53 GMT"


def test_pages_are_compressed_and_not_sent_twice(chronicle: Chronicle) -> None:
    chronicle.put(make_postcard())
    plain = chronicle.ask(CHANGES)
    packed = chronicle.ask(CHANGES, accept_encoding="gzip")
    assert gzip.decompress(packed.body) == plain.body
    assert (packed.header("content-encoding"), packed.header("vary")) == ("gzip", "Accept, Accept-Encoding")
    assert packed.header("etag") != plain.header("etag")
    again = chronicle.ask(CHANGES, if_none_match=plain.header("etag"))
    assert (again.status, again.body) == (304, b"")
    assert plain.lines("access-control-allow-origin") == ["*"]
    head = chronicle.ask(CHANGES, "HEAD")
    assert (head.status, head.body, head.header("content-length")) == (200, b"", str(len(plain.body)))
    assert chronicle.ask(CHANGES, "POST").status == 405
    assert chronicle.ask(CHANGES, "OPTIONS").status == 204


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("", LD_JSON),
        ("application/ld+json", LD_JSON),
        ("application/json", "application/json"),
        ("*/*", "application/json"),
    ],
)
def test_media_types(chronicle: Chronicle, accept: str, media_type: str) -> None:
    chronicle.put(make_postcard())
    headers = {"accept": accept} if accept else {}
    assert chronicle.ask(CHANGES, **headers).header("content-type") == media_type


@pytest.mark.parametrize(
    "path",
    ["", "1", "1/page/", "1/page/00", "1/page/-1", "1/page/99", "1/page/9" + "9" * 30, "2/all-changes", "1/page/\xe9"],
)
def test_what_is_not_there_is_not_found_and_says_so(chronicle: Chronicle, path: str) -> None:
    chronicle.put(make_postcard())
    answered = chronicle.ask(f"{HERE}/iiif/discovery/{path}")
    assert answered.status == 404
    assert answered.body.decode().endswith(".\n")
    assert answered.lines("access-control-allow-origin") == ["*"]
