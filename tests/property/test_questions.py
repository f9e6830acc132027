"""Whatever a stranger writes into an address of the search: never trouble, a page worth reading, and one answer in both forms."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from lxml import html

from server.model.description import Title
from server.search.library.asked import WORDS
from server.search.library.entry import FACETS
from tests.support.finding import describe
from tests.support.publications import make_postcard, renamed
from tests.support.searching import BASE, ask_pages, make_item, open_library, set_page

PIECES = (
    "incendie", "hôtel", "l’hôtel", "l'", "œuvre", "ŒUVRE", "ﬁn", "ſ", "ville", "de", "impr*", "*", "**", "in*cendie", "-",
    "c'est-à-dire", '"', "“", "„", "«", "»", "« de la »", '"de la', 'ville"', "'", "’", "\\", "%", "_", "(", ")", "NEAR", "AND",
    "OR", "NOT", "^", ":", "terms:", "&", "|", "!", "<->", "<b>", "{", "}", "$1", ":q", "?", "#", ";", "--", "/*", "\x00", "\x01",
    "\t", "\n", "\r", "\x1b", "\x7f", "\u200b", "\u202e", "\ufeff", "\ufffe", "\U0001f600", "مدينة", "город", "東京都", "ก็", "é",
    "e\u0301", "\u0301", "İ", "ß", "ǆ", "²", "٣", "Ⅳ", "ー", "a" * 70, "é" * 200, "9" * 30, "",
)  # fmt: skip
WORDY = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=8)), max_size=7).flatmap(
    lambda words: st.sampled_from(("", " ")).map(lambda between: between.join(words))
)
NUMBERS = st.sampled_from(
    ("0", "1", "2", "9", "1909", "9999", "99999", "-1", "+1", "1.5", " 2 ", "²", "٣", "1" * 12, "x", "", "\x00")
)
VALUES = st.one_of(
    st.sampled_from(
        ("presse", "19", "20", "1", "fre", "Lille (Nord)", "bm-lille", "titre-rien", "institution-bm-lille", "")
    ),
    WORDY,
)
PARAMETERS = st.one_of(
    st.tuples(st.sampled_from(WORDS), WORDY),
    st.tuples(st.sampled_from([f"f.{facet}" for facet in (*FACETS, "couleur", "", "\x00")]), VALUES),
    st.tuples(st.sampled_from(("from", "to", "page")), NUMBERS),
    st.tuples(st.just("sort"), st.sampled_from(("relevance", "date", "-date", "new", "title", "x", "", "\x00"))),
    st.tuples(st.just("all"), st.sampled_from((*FACETS, "x", ""))),
    st.tuples(st.sampled_from(("utm_source", "lang", "", "q[]", "\x00", "é")), WORDY),
)
LIKELY = st.lists(PARAMETERS, max_size=4).map(lambda pairs: urlencode(pairs, errors="surrogatepass"))
BROKEN = st.lists(
    st.one_of(
        st.sampled_from(("%", "%f", "%FF", "%C3", "%00", "%ED%A0%80", "+", "&", "=", "q=", "f.in=", "f.", ";", "%26")),
        st.sampled_from(PIECES).map(quote),
    ),
    max_size=8,
).map("".join)


@pytest.fixture
def client(database_url: str, tmp_path: Path) -> Iterator[FlaskClient]:
    library = open_library(database_url)
    library.put(
        make_item("v1echo", 2, "L’Écho"),
        {1: set_page("Incendie à l’hôtel de ville", "de la place"), 2: set_page("œuvre ﬁn")},
    )
    library.put(make_postcard("v1carte"), {})
    library.put(
        describe(renamed(make_postcard("v1ville"), "v1ville", "x"), titles=(Title("город 東京都 مدينة", "ru"),)), {}
    )
    yield ask_pages(library, tmp_path)
    library.service.close()
    library.catalogue.close()


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.one_of(LIKELY, LIKELY, BROKEN))
@example(query="q=%22" + "a+" * 31 + "&q=%22")
@example(query="page=1000000")
@example(query="f.century=presse&f.century=1")
@example(query="f.in=%00&f.in=titre-a&f.in=titre-a")
def test_any_question_has_a_page_worth_reading_and_one_answer(client: FlaskClient, query: str) -> None:
    pages = {
        language: client.get(
            f"/{language}/{place}?{query}", headers={"Accept": "text/html", "Accept-Language": language}
        )
        for language, place in (("fr", "recherche"), ("en", "search"))
    }
    told = client.get(f"/api/1/search?{query}")
    statuses = {each.status_code for each in (*pages.values(), told)}
    assert len(statuses) == 1
    (status,) = statuses
    assert status in (200, 400, 404)
    for answer in pages.values():
        page = html.document_fromstring(answer.get_data(as_text=True))
        (heading, *_) = page.xpath("//main//h2")
        assert len(heading.text_content().strip()) > 5
        assert page.xpath("//main//form[@role='search']")
        assert len(page.xpath("//main//a[@href]")) > 0
        assert not page.xpath("//script[not(@src)]")
        if status == 200:
            total = told.get_json()["total"]
            said = "".join(sign for sign in heading.text_content() if sign.isdigit())
            assert int(said or 0) == total
            assert len(page.xpath("//li[@class='find-result']")) == len(told.get_json()["documents"]) == total
    if status == 200:
        again = client.get(told.get_json()["id"].removeprefix(BASE)).get_json()
        assert again == told.get_json(), "the address that it is known by asks the same"
    else:
        assert len(told.get_json()["message"]) > 10
