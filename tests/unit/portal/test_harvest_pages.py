"""The repositories as pages: what a harvester would get, in words, in both languages, safe whatever is asked."""

from collections.abc import Iterator
from datetime import date
from urllib.parse import parse_qsl, quote, urlsplit

import lxml.html
import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.app import create_app
from server.catalogue.repositories import HARVESTER
from server.catalogue.session import Catalogue
from server.model.harvester import Granularity, Harvester, Prefix, Selection
from server.oai.formats.about import write_about
from server.storage.local import LocalStorage
from tests.support.oai import make_settings
from tests.support.published_records import Records, register

BASE = "http://127.0.0.1:8000"
LIST = "verb=ListRecords&metadataPrefix=oai_dc"
CARD = "oai:vitrine.example.org:v1000000"
LICENCE = "https://creativecommons.org/publicdomain/zero/1.0/"
GONE = "oai:vitrine.example.org:v1000001"


def read(client: FlaskClient, path: str) -> lxml.html.HtmlElement:
    response = client.get(path)
    assert (response.status_code, response.content_type) == (200, "text/html; charset=utf-8"), response.text
    tree = lxml.html.document_fromstring(response.text)
    assert len(tree.xpath("//h1")) == 1
    scripts = [script.get("src") for script in tree.xpath("//script")]
    assert scripts == ["/static/display.js"], "a page of a repository needs no script: this one is of the background"
    return tree


def heading(tree: lxml.html.HtmlElement) -> str:
    return " ".join(tree.xpath("//h1")[0].text_content().split())


def links(tree: lxml.html.HtmlElement) -> set[str]:
    return set(tree.xpath("//main//a/@href"))


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Pages of a repository with sixty records, the last one a tombstone, and of a harvester's in which nothing is yet."""
    home = tmp_path_factory.mktemp("pages")
    url = f"sqlite:///{home / 'catalogue.sqlite'}"
    catalogue = Catalogue(url)
    made = Records(catalogue, about=write_about(LICENCE)).prepare()
    made.add(60, title="La <Grand’Place> & la")
    made.change("v1000001", deleted=True)
    told = Harvester(
        "gallica", {"fr": "Pour Gallica", "en": "For Gallica"}, "gallica", "g@example.org", (Prefix.OAI_DC,),
        press=Granularity.BOTH, selection=Selection("gallica", typologies=("cartes-postales",)),
    )  # fmt: skip
    row = register("gallica")
    row.label, row.definition, row.day = told.label, HARVESTER.dump_python(told, mode="json"), date(2026, 1, 1)
    with catalogue.write() as session:
        session.add(row)
    app = create_app(make_settings(url), catalogue, LocalStorage(home / "storage"))
    app.testing = True
    yield app
    catalogue.close()


@pytest.fixture
def client(application: Flask) -> FlaskClient:
    """A client that asks as a French browser does."""
    client = application.test_client()
    client.environ_base.update({"HTTP_ACCEPT": "text/html", "HTTP_ACCEPT_LANGUAGE": "fr-FR,fr;q=0.9,en;q=0.5"})
    return client


@pytest.mark.parametrize("path", ["/oai", "/oai/", "/fr/oai", "/oai?verb=Identify"])
def test_the_front_page_says_what_the_repository_is_for(client: FlaskClient, path: str) -> None:
    tree = read(client, path)
    assert heading(tree) == "Tout ce qui est public"
    text = tree.text_content()
    assert f"{BASE}/oai" in text
    assert "Dublin Core simple" in text
    assert {
        f"/fr/oai?{LIST}", "/fr/oai?verb=ListSets", f"/fr/oai?{LIST}&set=type%3Acartes-postales",
        "/oai/response.xml?verb=Identify", "/oai/inventory.tsv.gz",
    } <= links(tree)  # fmt: skip
    assert tree.xpath("//meta[@name='robots']/@content") == ["noindex, nofollow"]


def test_the_front_page_of_a_harvester_tells_its_rule(client: FlaskClient) -> None:
    tree = read(client, "/en/oai/gallica")
    assert heading(tree) == "For Gallica"
    text = " ".join(tree.text_content().split())
    assert "partners of the programme “gallica”, and of no others" in text
    assert "Types of documents: Postcards" in text
    assert "one record for each title and one for each issue" in text
    assert "Sets appear with the first documents." in text
    assert "/en/oai" in links(tree), "the other repositories are named"
    assert f"{BASE}/oai/gallica?verb=Identify" in text


def test_languages_are_negotiated_and_said(client: FlaskClient) -> None:
    english = client.get("/oai?verb=ListSets", headers={"Accept-Language": "en"})
    assert english.headers["Content-Language"] == "en"
    assert english.headers["Content-Location"] == "/en/oai?verb=ListSets"
    assert {"Accept", "Accept-Language"} <= {each.strip() for each in english.headers["Vary"].split(",")}
    tree = lxml.html.document_fromstring(english.text)
    assert tree.xpath("//link[@hreflang='fr']/@href") == [f"{BASE}/fr/oai?verb=ListSets"]
    assert "default-src 'none'" in english.headers["Content-Security-Policy"]


def test_records_are_listed_with_their_titles_and_lead_on(client: FlaskClient) -> None:
    tree = read(client, f"/fr/oai?{LIST}")
    titles = [" ".join(each.text_content().split()) for each in tree.xpath("//p[@class='record-title']")]
    assert titles[:2] == ["La <Grand’Place> & la v1000000", "La <Grand’Place> & la v1000002"], "text, never markup"
    assert len(titles) == 25
    assert f"/fr/oai?verb=GetRecord&metadataPrefix=oai_dc&identifier={quote(CARD, safe='')}" in links(tree)
    assert f"{BASE}/ark:/99999/v1000000" in links(tree)


def test_pages_follow_one_another_to_the_end(client: FlaskClient) -> None:
    tree, seen, pages = read(client, f"/en/oai?{LIST}"), [], 0
    while True:
        pages += 1
        seen += tree.xpath("//ol[@class='records']//code[starts-with(., 'oai:')]/text()")
        following = tree.xpath("//a[@rel='next']/@href")
        if not following:
            break
        tree = read(client, following[0])
    assert pages == 3
    assert len(seen) == len(set(seen)) == 60
    assert "The list ends here." in tree.text_content()
    assert tree.xpath("//p[@class='record-title']")[-1].text_content().split() == ["Deleted", "record", GONE]
    assert dict(parse_qsl(urlsplit(tree.xpath("//link[@type='text/xml']/@href")[0]).query)).keys() == {
        "verb",
        "resumptionToken",
    }


def test_a_record_is_shown_whole(client: FlaskClient) -> None:
    tree = read(client, f"/fr/oai?verb=GetRecord&metadataPrefix=oai_dc&identifier={CARD}")
    assert heading(tree) == "La <Grand’Place> & la v1000000"
    rows = {
        (" ".join(row.find("dt").text_content().split()), " ".join(row.find("dd").text_content().split()))
        for row in tree.xpath("//dl[contains(@class, 'tree')]/div")
    }
    assert ("Identifiant dc:identifier", f"{BASE}/ark:/99999/v1000000") in rows
    assert ("Type dc:type", "image") in rows
    assert ("rightsReference", LICENCE) in rows, "what stands beside the metadata is shown, too"
    assert LICENCE in links(tree)
    assert f"{BASE}/ark:/99999/v1000000" in links(tree)
    assert "/fr/oai?verb=ListRecords&metadataPrefix=oai_dc&set=type%3Acartes-postales" in links(tree)


def test_a_deleted_record_says_so(client: FlaskClient) -> None:
    tree = read(client, f"/en/oai?verb=GetRecord&metadataPrefix=oai_dc&identifier={GONE}")
    assert heading(tree) == "Deleted record"
    assert GONE in tree.text_content()


@pytest.mark.parametrize(
    ("query", "code", "said"),
    [
        ("verb=Foo", "badVerb", "does not say what it wants"),
        ("metadataPrefix=oai_dc", "badVerb", "does not say what it wants"),
        ("verb=ListRecords", "badArgument", "incomplete or malformed"),
        ("verb=ListRecords&metadataPrefix=marcx", "cannotDisseminateFormat", "not offered"),
        ("verb=ListRecords&resumptionToken=abc", "badResumptionToken", "cannot be taken up again"),
        (f"{LIST}&from=2099-01-01", "noRecordsMatch", "No record matches"),
        ("verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:x:y", "idDoesNotExist", "not known here"),
    ],
)
def test_errors_are_explained(client: FlaskClient, query: str, code: str, said: str) -> None:
    tree = read(client, f"/en/oai?{query}")
    assert said in heading(tree)
    assert code in tree.xpath("//section[@aria-label='Errors']//code/text()")
    assert "/en/oai?verb=ListSets" in links(tree), "examples lead on"


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("verb=Foo", "'Foo' n’est pas un verbe ; employer l’un de ceux-ci"),
        ("verb=ListRecords&from=2026-13-01", "from '2026-13-01' n’est pas une date"),
        ("verb=ListRecords&resumptionToken=abc", "ce jeton de reprise n’a pas été donné par cet entrepôt"),
        (f"{LIST}&from=2099-01-01", "aucune notice ne répond à la fois à from, until, set et metadataPrefix"),
        ("verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:x:y", "oai:x:y n’est l’identifiant d’aucune notice ici"),
        ("verb=GetRecord&metadataPrefix=x&identifier=oai:x:%01", "identifier 'oai:x:\\x01' n’est pas un URI"),
    ],
)
def test_a_french_page_tells_an_error_in_french_alone(client: FlaskClient, query: str, told: str) -> None:
    [section] = read(client, f"/fr/oai?{query}").xpath("//section[@aria-label='Erreurs']")
    assert told in " ".join(section.text_content().split())
    assert not section.xpath(".//*[@lang='en']")
    [english] = read(client, f"/en/oai?{query}").xpath("//section[@aria-label='Errors']")
    assert told not in english.text_content()
    assert "is not" in english.text_content() or "no record" in english.text_content()


@pytest.mark.parametrize("path", ["/oai/nobody", "/fr/oai/nobody", "/en/oai/NO", "/oai/a/b"])
def test_a_repository_that_there_is_not_is_not_found(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_what_is_asked_is_never_markup(client: FlaskClient) -> None:
    evil = quote('"><script>alert(1)</script>', safe="")
    for query in (f"verb={evil}", f"{LIST}&set={evil}", f"verb=GetRecord&metadataPrefix={evil}&identifier={evil}"):
        read(client, f"/fr/oai?{query}")


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["verb", "identifier", "metadataPrefix", "set", "from", "resumptionToken"])
            | st.text(max_size=4),
            st.sampled_from(["GetRecord", "ListRecords", "ListSets", "oai_dc", CARD]) | st.text(max_size=9),
        ),
        max_size=4,
    )
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_asked_there_is_a_page(client: FlaskClient, pairs: list[tuple[str, str]]) -> None:
    query = "&".join(
        f"{quote(name, safe='', errors='surrogatepass')}={quote(value, safe='', errors='surrogatepass')}"
        for name, value in pairs
    )
    read(client, f"/fr/oai?{query}")


def test_bytes_that_are_no_text_get_a_page_too(client: FlaskClient) -> None:
    assert "badArgument" in read(client, "/fr/oai?verb=ListRecords&set=%FF&metadataPrefix=oai_dc").text_content()
