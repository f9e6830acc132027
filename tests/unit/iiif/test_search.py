"""The answers of Content Search, section by section: 2.0 (§3 to §5) and 1.0 (§3 and §4), and how they are sent."""

import gzip
import json
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from server.iiif import search as surface
from server.iiif.build.search import build_services
from server.iiif.presentation import PresentationService
from server.search import find, index, sqlite
from server.search.choose import index_of
from server.settings import load_settings
from tests.support.asking import ask_now
from tests.support.searching import ADDRESSES, BASE, Library, make_item, open_library, set_page

NAME = "v1hjkmn0"
CONTEXT_2 = "http://iiif.io/api/search/2/context.json"
CONTEXT_1 = "http://iiif.io/api/search/1/context.json"
PAGE = set_page("Le marché aux fleurs de la Grand’Place", "ouvre demain. Les fleurs")


@pytest.fixture
def library(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    monkeypatch.setattr(find, "SIZE", 50)
    opened = open_library(sqlite_url)
    opened.put(make_item(title="Le Courrier"), {1: PAGE, 2: set_page(*["fleurs fleurs fleurs fleurs"] * 20)})
    yield opened
    opened.service.close()
    opened.catalogue.close()


def must_be_annotation_page(page: dict[str, Any]) -> None:
    """Check what 2.0 §4.2 and §4.3 demand of every answer."""
    assert next(iter(page)) == "@context"
    assert page["@context"] == CONTEXT_2
    assert page["type"] == "AnnotationPage"
    assert page["id"].startswith(f"{BASE}/iiif/search/2/")
    for mark in page["items"]:
        assert mark["type"] == "Annotation"
        assert mark["motivation"] == "supplementing"
        assert mark["body"]["type"] == "TextualBody"
        assert mark["body"]["format"] == "text/plain"
        assert mark["body"]["value"]
        assert not str(mark["target"]).endswith("xywh=0,0,0,0")
    ids = [mark["id"] for mark in page["items"]]
    assert len(ids) == len(set(ids))
    collection = page["partOf"]
    assert collection["type"] == "AnnotationCollection"
    assert collection["first"]["type"] == "AnnotationPage"
    others = [collection["id"], *(around["id"] for around in page.get("annotations", []))]
    assert len({page["id"], *others}) == len(others) + 1
    assert {other.partition("#")[0] for other in others} <= {page["id"], collection["first"]["id"]}
    for key in ("next", "prev"):
        assert page.get(key, {"type": "AnnotationPage"})["type"] == "AnnotationPage"
    for around in page.get("annotations", []):
        assert around["type"] == "AnnotationPage"
        sources = []
        for one in around["items"]:
            is_of_several = isinstance(one["target"], list)  # §4.3.4, else §4.3.1
            motivation = "highlighting" if is_of_several else "contextualizing"
            assert (one["type"], one["motivation"]) == ("Annotation", motivation)
            targets = one["target"] if is_of_several else [one["target"]]
            assert len(targets) > is_of_several
            for target in targets:
                assert target["type"] == "SpecificResource"
                assert target["selector"][0]["type"] == "TextQuoteSelector"
                sources.append(target["source"])
        assert sources == ids


def must_be_annotation_list(page: dict[str, Any]) -> None:
    """Check what 1.0 §3.3 and §3.4 demand of every answer."""
    assert page["@context"] == ["http://iiif.io/api/presentation/2/context.json", CONTEXT_1]
    assert page["@type"] == "sc:AnnotationList"
    assert page["within"]["@type"] == "sc:Layer"
    assert page["within"]["@id"].partition("#")[0] == page["within"]["first"]
    assert page["within"]["@id"] != page["@id"]
    assert isinstance(page["startIndex"], int)
    ids = [mark["@id"] for mark in page["resources"]]
    assert len(ids) == len(set(ids))
    for mark in page["resources"]:
        assert mark["@type"] == "oa:Annotation"
        assert mark["motivation"] == "sc:painting"
        assert mark["resource"]["@type"] == "cnt:ContentAsText"
    named = []
    for hit in page["hits"]:
        assert hit["@type"] == "search:Hit"
        assert all(isinstance(hit[key], str) for key in ("match", "before", "after"))
        named += hit["annotations"]
    assert named == ids


def test_2_0_section_3_and_1_0_section_3_1_services_are_named_by_manifest_and_collections(library: Library) -> None:
    service = PresentationService(load_settings(base_url=BASE, secret_key="k" * 32), library.catalogue)
    manifest = json.loads(ask_now(service, f"/iiif/presentation/3/{NAME}/manifest").body)
    assert manifest["service"] == build_services(ADDRESSES, NAME)
    second, first = manifest["service"]
    assert second["type"] == "SearchService2"
    assert [each["type"] for each in second["service"]] == ["AutoCompleteService2"]
    assert first["@context"] == CONTEXT_1
    assert first["profile"] == "http://iiif.io/api/search/1/search"
    assert first["service"]["profile"] == "http://iiif.io/api/search/1/autocomplete"
    for scope in ("top", "type-presse"):
        head = json.loads(ask_now(service, f"/iiif/presentation/3/collection/{scope}").body)
        assert head["service"] == build_services(ADDRESSES, f"collection/{scope}")
        assert library.ask(head["service"][0]["id"], q="fleurs").status == 200
        assert library.ask(head["service"][1]["service"]["@id"], q="fle").status == 200
    library.withdraw(NAME)
    service = PresentationService(
        load_settings(base_url=BASE, secret_key="k" * 32), library.catalogue
    )  # keeps nothing yet
    assert "service" not in json.loads(ask_now(service, "/iiif/presentation/3/collection/top").body)


def test_a_document_without_text_names_no_service(library: Library) -> None:
    item = make_item("v1hjkmn7", pages=1)
    library.put(replace(item, views=(replace(item.views[0], has_text=False),)), {})
    service = PresentationService(load_settings(base_url=BASE, secret_key="k" * 32), library.catalogue)
    assert "service" not in json.loads(ask_now(service, "/iiif/presentation/3/v1hjkmn7/manifest").body)


def test_2_0_section_4_2_1_a_simple_list(library: Library) -> None:
    page = library.get(f"2/{NAME}", q="demain")
    must_be_annotation_page(page)
    [mark] = page["items"]
    assert mark["body"]["value"] == "demain."
    assert mark["target"] == ADDRESSES.canvas(NAME, 1) + "#xywh=220,140,140,30"
    assert mark["id"].startswith(ADDRESSES.text(NAME, 1) + "#")
    assert "next" not in page
    assert page["partOf"]["total"] == 1


def test_2_0_section_4_2_2_paging(library: Library) -> None:
    page = library.get(f"2/{NAME}", q="fleurs")
    must_be_annotation_page(page)
    assert (page["startIndex"], page["partOf"]["total"], len(page["items"])) == (0, 82, 50)
    following = library.get(page["next"]["id"])
    must_be_annotation_page(following)
    assert (following["startIndex"], following["id"], len(following["items"])) == (50, page["next"]["id"], 32)
    assert following["prev"] == page["partOf"]["first"]
    assert following["partOf"] == page["partOf"]
    assert page["partOf"]["last"]["id"] == following["id"]
    beyond = library.get(f"2/{NAME}", q="fleurs", start="100")
    must_be_annotation_page(beyond)
    assert beyond["items"] == []
    assert library.get(beyond["prev"]["id"])["items"]


def test_2_0_section_4_2_3_hits_in_a_collection_name_their_manifest(library: Library) -> None:
    page = library.get("2/collection/top", q="demain")
    must_be_annotation_page(page)
    assert page["items"][0]["target"]["partOf"] == {
        "id": ADDRESSES.manifest(NAME),
        "type": "Manifest",
        "label": {"fr": ["Le Courrier"]},
    }


def test_2_0_section_4_2_4_and_1_0_section_3_4_1_ignored_parameters(library: Library) -> None:
    given = {"q": "demain", "user": "https://example.org/me", "date": "2020-01-01T00:00:00Z/2021-01-01T00:00:00Z"}
    assert library.get(f"2/{NAME}", **given)["ignored"] == ["date", "user"]
    assert library.get(f"1/{NAME}", **given)["within"]["ignored"] == ["date", "user"]
    assert library.get(f"2/{NAME}/autocomplete", **given)["ignored"] == ["date", "user"]
    assert "ignored" not in library.get(f"2/{NAME}", q="demain", user="", colour="red")


def test_motivation_is_heard(library: Library) -> None:
    for version, motivation, count in (
        ("2", "supplementing", 1), ("2", "tagging supplementing", 1), ("2", "tagging", 0), ("2", "painting", 0),
        ("1", "painting", 1), ("1", "non-painting", 0),
    ):  # fmt: skip
        page = library.get(f"{version}/{NAME}", q="demain", motivation=motivation)
        assert len(page["items" if version == "2" else "resources"]) == count, (version, motivation)
        terms = library.get(f"{version}/{NAME}/autocomplete", q="dem", motivation=motivation)
        assert len(terms["items" if version == "2" else "terms"]) == count


def test_2_0_section_4_3_1_context(library: Library) -> None:
    page = library.get(f"2/{NAME}", q="Grand-Place")
    [around] = page["annotations"][0]["items"]
    assert around["motivation"] == "contextualizing"
    assert around["target"]["selector"] == [
        {
            "type": "TextQuoteSelector",
            "prefix": "Le marché aux fleurs de la ",
            "exact": "Grand’Place",
            "suffix": " ouvre demain. Les fleurs",
        }
    ]
    assert page["annotations"][0]["partOf"]["total"] == 1


def test_2_0_section_4_3_4_a_hit_of_several_annotations(library: Library) -> None:
    page = library.get(f"2/{NAME}", q='"la grand place ouvre"')
    must_be_annotation_page(page)
    assert [mark["body"]["value"] for mark in page["items"]] == ["la Grand’Place", "ouvre"]
    [around] = page["annotations"][0]["items"]
    assert around["motivation"] == "highlighting"
    assert [target["selector"][0] for target in around["target"]] == [
        {"type": "TextQuoteSelector", "prefix": "Le marché aux fleurs de ", "exact": "la Grand’Place"},
        {"type": "TextQuoteSelector", "exact": "ouvre", "suffix": " demain. Les fleurs"},
    ]
    assert (page["partOf"]["total"], page["annotations"][0]["partOf"]["total"]) == (2, 1)


def test_2_0_section_5_2_terms(library: Library) -> None:
    page = library.get(f"2/{NAME}/autocomplete", q="FL")
    assert page == {
        "@context": CONTEXT_2,
        "id": f"{BASE}/iiif/search/2/{NAME}/autocomplete?q=FL",
        "type": "TermPage",
        "items": [
            {
                "type": "Term",
                "value": "fleurs",
                "total": 82,
                "service": [{"id": f"{BASE}/iiif/search/2/{NAME}?q=fleurs", "type": "SearchService2"}],
            }
        ],
    }


def test_1_0_section_3_3_and_3_4_hits(library: Library) -> None:
    for scope in (NAME, "collection/top"):
        page = library.get(f"1/{scope}", q="fleurs")
        must_be_annotation_list(page)
        assert (page["within"]["total"], page["startIndex"], len(page["hits"])) == (82, 0, 50)
        following = library.get(page["next"])
        must_be_annotation_list(following)
        assert (following["startIndex"], following["@id"], len(following["hits"])) == (50, page["next"], 32)
        assert following["prev"] == page["within"]["first"]
        assert following["@id"] == page["within"]["last"]
    assert page["resources"][0]["on"]["within"] == {
        "@id": ADDRESSES.manifest(NAME),
        "@type": "sc:Manifest",
        "label": "Le Courrier",
    }


def test_1_0_section_4_3_terms(library: Library) -> None:
    page = library.get(f"1/{NAME}/autocomplete", q="fl")
    assert (page["@context"], page["@type"]) == (CONTEXT_1, "search:TermList")
    assert page["terms"] == [
        {"@type": "search:Term", "match": "fleurs", "url": f"{BASE}/iiif/search/1/{NAME}?q=fleurs", "count": 82}
    ]


def test_1_0_on_the_canvases_of_presentation_2(library: Library) -> None:
    page = library.get(f"1/presentation-2/{NAME}", q="fleurs")
    must_be_annotation_list(page)
    assert page["resources"][0]["on"].startswith(ADDRESSES.canvas(NAME, 1, 2) + "#xywh=")
    assert page["@id"].startswith(f"{BASE}/iiif/search/1/presentation-2/{NAME}?")
    assert library.get(page["next"])["resources"][0]["on"].startswith(ADDRESSES.canvas(NAME, 2, 2))
    found = library.get("1/presentation-2/collection/top", q="demain")["resources"][0]["on"]
    assert found["within"]["@id"] == ADDRESSES.manifest(NAME, 2)
    assert library.ask(f"2/presentation-2/{NAME}", q="fleurs").status == 404


def test_how_it_is_sent(library: Library) -> None:
    path = f"2/{NAME}"
    answer = library.ask(path, {"Accept-Encoding": "gzip", "Accept": "*/*"}, q="fleurs")
    assert json.loads(gzip.decompress(answer.body))["type"] == "AnnotationPage"
    assert answer.header("content-type") == "application/json"
    assert answer.header("cache-control") == "public, max-age=29, s-maxage=29"
    assert answer.header("access-control-allow-origin") == "*"
    assert library.ask(path, q="fleurs").header("content-type") == f'application/ld+json;profile="{CONTEXT_2}"'
    linked = {"Accept": "application/ld+json"}
    assert library.ask(f"1/{NAME}", linked, q="fleurs").header("content-type") == "application/ld+json"
    assert library.ask(f"1/{NAME}", q="fleurs").header("content-type") == "application/json"
    for method, status in (("HEAD", 200), ("OPTIONS", 204), ("POST", 405)):
        assert ask_now(library.service, f"/iiif/search/{path}?q=fleurs", method=method).status == status
    missing = library.ask(path)
    assert (missing.status, missing.text) == (400, "Q is missing; say what to look for, for example ?q=beffroi.\n")


def test_too_many_searches_are_asked_to_come_back(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surface, "MOST_WAITING", -surface.THREADS)
    answer = library.ask(f"2/{NAME}", q="fleurs")
    assert (answer.status, answer.header("retry-after")) == (503, "5")


def test_the_time_of_a_search_is_for_all_its_portions(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    found = index_of_library(library).find

    def slow(self: Any, *arguments: Any, **named: Any) -> Any:
        now[0] += 0.6 * index.SECONDS  # each is within the limit, as a database counts it
        return found(self, *arguments, **named)

    monkeypatch.setattr(index_of_library(library), "find", slow)
    monkeypatch.setattr(find, "SIZE", 500)
    monkeypatch.setitem(find.find_matches.__kwdefaults__ or {}, "portion", 1)
    monkeypatch.setattr(find, "_MOST_PORTION", 1)
    monkeypatch.setattr(index, "time", SimpleNamespace(monotonic=lambda: now[0]), raising=False)
    path = f"2/{NAME}?q=fleurs&start=25&from={1 << 20}.0"
    answer = library.ask(path)
    assert (answer.status, answer.header("retry-after")) == (503, "5")


def test_before_a_made_up_place_on_the_first_pages_nothing_is_looked_for(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[bool] = []
    found = index_of_library(library).find

    def watched(self: Any, *arguments: Any, **named: Any) -> Any:
        looked.append(named.get("backwards", False))
        return found(self, *arguments, **named)

    monkeypatch.setattr(index_of_library(library), "find", watched)
    answer = library.ask(f"2/{NAME}?q=fleurs&start=25&from={(1 << 40)}.0")
    assert answer.status == 200
    assert looked == [False]


def index_of_library(library: Library) -> type[Any]:
    with library.catalogue.snapshot() as connection:
        return type(index_of(connection))


def test_a_search_that_takes_too_long_is_given_up(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "SECONDS", -1.0)
    monkeypatch.setattr(sqlite, "_STEPS", 1)
    answer = library.ask(f"2/{NAME}", q="fleurs")
    assert answer.status == 503
    assert "ask for rarer words" in answer.text
    monkeypatch.undo()
    assert library.ask(f"2/{NAME}", q="fleurs").status == 200, "the connection is not spoilt"
