"""What is found in a document, on its page: the way from passage to passage, without scripts."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from server.model.description import Text
from server.portal import within
from server.portal.marking import mark_words
from server.search import find
from server.search.folding import split
from server.search.match import locate, write_words
from server.search.query import Query, parse_query
from tests.support.publications import make_postcard
from tests.support.searching import Library, ask_pages, make_item, open_library, read_page, set_page

HERE = "/fr/ark:/99999/v1echo"


@pytest.fixture
def library(sqlite_url: str) -> Iterator[Library]:
    """An issue of four pages: three passages, none, one, and the rest of a word that is broken over the foot of a page."""
    library = open_library(sqlite_url)
    broken = {"expo-": "exposition", "-sition": "exposition"}
    texts = {
        1: set_page("la ville", "de la ville et la ville"),
        2: set_page("rien"),
        3: set_page("ville et expo-", broken=broken),
        4: set_page("-sition fin", broken=broken),
    }
    library.put(make_item("v1echo", 4, "L’Écho"), texts)
    library.put(make_postcard("v1carte"), {})
    yield library
    library.service.close()
    library.catalogue.close()


@pytest.fixture
def client(library: Library, tmp_path: Path) -> FlaskClient:
    return ask_pages(library, tmp_path)


def label(page: html.HtmlElement) -> str:
    return " ".join(page.xpath("string(//*[@id='passage-label'])").split())


def links(page: html.HtmlElement) -> tuple[str, str]:
    """Return where the steps back and onward lead; empty where they do not."""
    back, onward = (page.xpath(f"//nav[@id='passages']/a[@data-step='{by}']")[0] for by in (-1, 1))
    for each in (back, onward):
        assert (each.get("href") is None) == (each.get("aria-disabled") == "true")
    return back.get("href", ""), onward.get("href", "")


def test_links_lead_over_every_passage_and_back(client: FlaskClient) -> None:
    told, address = [], f"{HERE}/f1?q=ville"
    while address:
        page = read_page(client, address.partition("#")[0])
        told.append(label(page))
        back, onward = links(page)
        if onward:
            parts = urlsplit(onward)
            assert parse_qs(parts.query)["q"] == ["ville"]
            assert parts.fragment.startswith("xywh="), "with scripts the passage fills the stage"
        address = onward
    expected = ["4 passages, dont 3 ici", *(f"Passage {number} sur 4" for number in range(1, 5))]
    assert told == expected
    while back:
        page = read_page(client, back.partition("#")[0])
        told.append(label(page))
        back, _onward = links(page)
    assert told[5:] == expected[3:0:-1]


def test_a_view_without_passages_leads_to_the_nearest(client: FlaskClient) -> None:
    page = read_page(client, f"{HERE}/f2?q=ville")
    assert label(page) == "4 passages, aucun ici"
    back, onward = links(page)
    assert "/f1?q=ville&passage=3#xywh=" in back
    assert "/f3?q=ville&passage=1#xywh=" in onward
    assert label(read_page(client, "/en/ark:/99999/v1echo/f2?q=ville")) == "4 passages, none here"


def test_the_chosen_passage_is_marked_in_the_picture_and_in_the_list(client: FlaskClient) -> None:
    page = read_page(client, f"{HERE}/f1?q=ville&passage=2")
    chosen = page.xpath("//rect[@class='chosen']")
    assert (len(chosen), len(page.xpath("//rect"))) == (1, 3)
    current = page.xpath("//ol[@class='hits']//a[@aria-current='true']/@href")
    region = ",".join(chosen[0].get(name) for name in ("x", "y", "width", "height"))
    assert current == [f"{HERE}/f1?q=ville&passage=2#xywh={region}"]


def test_what_is_found_is_marked_in_the_text_too(library: Library, client: FlaskClient) -> None:
    said = "La ville & l’Hôtel\nde <b>ville."
    library.put(
        make_item("v1echo", 2, transcriptions=(Text(said, "fr"),)),
        {1: set_page("L’HÔTEL, de ville", "et la villette"), 2: set_page("x")},
    )
    page = read_page(client, f"{HERE}/f1?q=%22hotel+de%22+vill*")
    assert page.xpath("//*[@id='view-text']//mark//text()") == ["L’HÔTEL, de", "ville", "villette"]
    assert page.xpath("//*[@class='transcription']//mark//text()") == ["ville", "l’Hôtel\nde", "<b>ville."]
    assert page.xpath("string(//*[@class='transcription'])") == said
    assert not read_page(client, f"{HERE}/f2?q=hotel+xy").xpath("//*[@id='view-text']//mark"), "not all is on this view"
    assert not read_page(client, f"{HERE}/f1").xpath("//mark")


_TEXTS = st.text(st.sampled_from("aàbé'’- \n,."), max_size=40)


@given(_TEXTS, st.text(st.sampled_from('ab* "'), max_size=10))
def test_a_marked_text_is_the_text_and_marks_what_a_search_finds(text: str, asked: str) -> None:
    query = parse_query(asked)
    pieces = mark_words(text, query)
    assert "".join(piece for piece, _found in pieces) == text
    assert all(piece for piece, _found in pieces)
    words = [part for printed in text.split() for part in split(printed)]
    told = write_words([(word, " ") for word in words])
    assert any(found for _piece, found in pieces) == any(locate(told, Query((each,))) for each in query.clauses)


def test_the_strip_says_on_which_views_how_much_is_found(client: FlaskClient) -> None:
    page = read_page(client, f"{HERE}/f2?q=ville")
    views = [" ".join(each.text_content().split()) for each in page.xpath("//nav[@id='strip']//a")]
    assert views == ["3page 1, 3 passages", "page 2", "1page 3, 1 passage", "page 4"]
    assert page.xpath("//nav[@id='strip']//*[@class='tally']/@aria-hidden") == ["true", "true"], "read once"


def test_what_is_found_on_the_facing_page_is_marked_there(library: Library, client: FlaskClient) -> None:
    item = replace(make_item("v1echo", 4), paged=True)
    library.put(item, {1: set_page("ville"), 2: set_page("ville", "ville"), 3: set_page("la ville")})
    marked = {
        number: read_page(client, f"{HERE}/f{number}?q=ville")
        .xpath("string(//*[@id='reader']/@data-beside)")
        .split(";")
        for number in (1, 2, 3)
    }
    assert {number: [each for each in boxes if each] for number, boxes in marked.items()} == {
        1: [], 2: ["160,100,100,30"], 3: ["100,100,100,30", "100,140,100,30"],
    }  # fmt: skip
    assert not read_page(client, f"{HERE}/f2").xpath("//*[@data-beside]")


def test_a_word_over_the_foot_of_a_page_is_marked_on_the_next_one(client: FlaskClient) -> None:
    assert len(read_page(client, f"{HERE}/f4?q=exposition").xpath("//rect")) == 1
    assert label(read_page(client, f"{HERE}/f4?q=exposition")) == "1 passage, aucun ici"
    assert label(read_page(client, f"{HERE}/f3?q=exposition")) == "1 passage"
    assert label(read_page(client, f"{HERE}/f3?q=exposition&passage=1")) == "Passage 1 sur 1"


@pytest.mark.parametrize("path", [f"{HERE}/f1", f"{HERE}/f1?q=zzz", "/fr/ark:/99999/v1carte/f1?q=ville"])
def test_without_passages_there_is_no_way(client: FlaskClient, path: str) -> None:
    assert not read_page(client, path).xpath("//*[@id='passages']")


@pytest.mark.parametrize(
    ("passage", "status"), [("9", 200), ("0", 200), ("x", 400), ("-1", 400), ("1234567", 400), ("%C2%B2", 400)]
)
def test_a_number_that_no_passage_has_chooses_none(client: FlaskClient, passage: str, status: int) -> None:
    page = read_page(client, f"{HERE}/f1?q=ville&passage={passage}", status)
    if status == 200:
        assert label(page) == "4 passages, dont 3 ici"
    else:
        assert "Le numéro du passage doit être un nombre" in page.text_content()


def test_what_is_not_counted_has_no_total(
    library: Library, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.search.scope.COUNTED_IN_A_DOCUMENT", 2)
    monkeypatch.setattr(find, "SIZE", 2)
    library.put(make_item("v1echo", 9), {number: set_page("ville", "ville") for number in range(1, 10)})
    assert label(read_page(client, f"{HERE}/f1?q=ville")) == "De nombreux passages, dont 2 ici"
    assert label(read_page(client, f"{HERE}/f1?q=ville&passage=2")) == "Passage 2"
    far = read_page(client, f"{HERE}/f8?q=ville&passage=2")
    assert label(far) == "Passage 2 sur 2 de cette vue"
    assert [each.partition("#")[0] for each in links(far)] == [
        f"{HERE}/f8?q=ville&passage=1", f"{HERE}/f9?q=ville&passage=1",
    ]  # fmt: skip


def test_of_very_many_passages_those_around_the_chosen_one_are_marked(
    library: Library, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(within, "MOST_MARKED", 4)
    library.put(make_item("v1echo", 1), {1: set_page(*["ville"] * 30)})
    for passage in ("0", "1", "15", "30"):
        page = read_page(client, f"{HERE}/f1?q=ville&passage={passage}")
        assert len(page.xpath("//rect")) == 4
        assert len(page.xpath("//rect[@class='chosen']")) == (passage != "0")
        assert len(page.xpath("string(//nav[@id='passages']/@data-regions)").split(";")) == 30
