"""The search page, its JSON, citations, and what machines that look for documents are told."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import urlencode
from urllib.robotparser import RobotFileParser

import pytest
from flask.testing import FlaskClient
from lxml import etree, html
from requests.utils import parse_header_links

from server.iiif.build.collection import memberships
from server.model.addresses import Addresses
from server.model.description import Date, Person, Subject, Text, Title, Typology, Whole, WholeKind
from server.model.item import Item
from server.portal import feeds
from server.portal.citations import write_citation
from server.portal.metadata import write_schema
from tests.support.finding import describe
from tests.support.publications import make_newspaper, make_postcard, renamed
from tests.support.searching import BASE, Library, ask_pages, make_item, open_library, read_page, set_page

HOSTILE = "Plan </script><script>alert(1)</script> & « é »"
ATOM = "{http://www.w3.org/2005/Atom}"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def make_issue() -> Item:
    """Return an issue of a newspaper with authors, subjects and a whole."""
    item = make_item("v1echo", 2, "L’Écho du Nord, 7 mars 1909")
    return describe(
        item, people=(Person("Leleux, Vincent", "1788-1868", "aut"), Person("Danel, Imprimerie", "", "prt")),
        part_of=Whole("L’Écho du Nord", "issn 1234-5678", "no 66"), dates=(Date("1909-03-07"),),
        publisher="Danel & Cie", publication_place="Lille", subjects=(Subject("Presse_locale 100 %"),),
        abstracts=(Text("Incendie à l’hôtel de ville.", "fr"),),
    )  # fmt: skip


def _without_text(item: Item) -> Item:
    return replace(item, views=tuple(replace(view, has_text=False) for view in item.views))


@pytest.fixture
def library(sqlite_url: str) -> Iterator[Library]:
    """An issue with text, a postcard, a plan with a hostile title, and a document that was withdrawn."""
    library = open_library(sqlite_url)
    library.put(
        make_issue(),
        {1: set_page("Incendie à l’hôtel de ville", "la <b>place</b> noire"), 2: set_page("Cours des grains")},
    )
    library.put(make_postcard("v1carte"), {})
    library.put(
        describe(
            _without_text(make_newspaper("v1plan")), titles=(Title(HOSTILE, "fr"),), typology=Typology.MAPS, dates=()
        ),
        {},
    )
    library.put(renamed(make_postcard("v1gone"), "v1gone", "Une carte retirée"), {})
    library.withdraw("v1gone")
    yield library
    library.service.close()
    library.catalogue.close()


@pytest.fixture
def client(library: Library, tmp_path: Path) -> FlaskClient:
    return ask_pages(library, tmp_path)


def texts(page: html.HtmlElement, path: str) -> list[str]:
    return [" ".join("".join(each.itertext()).split()) for each in page.xpath(path)]


def test_the_page_shows_what_is_found_where_and_what_narrows_it(client: FlaskClient) -> None:
    page = read_page(client, "/fr/recherche?q=h%C3%B4tel+place")
    assert texts(page, "//h2[@id='find-count']") == ["1 document"]
    assert texts(page, "//ol//h3") == ["L’Écho du Nord, 7 mars 1909"]
    (hit,) = page.xpath("//p[@class='find-hit']/a")
    address = hit.get("href")
    assert address.startswith("/fr/ark:/99999/v1echo/f1?q=h%C3%B4tel+place&passage=1#xywh=")
    assert texts(page, "//*[@class='find-view']") == ["page 1"], "as the reader calls it"
    assert page.xpath("//ol//h3/a/@href") == ["/fr/ark:/99999/v1echo?q=h%C3%B4tel+place"]
    there = read_page(client, address.partition("#")[0])
    assert texts(there, "//*[@id='view-label']")[0].startswith("page 1, ")
    assert there.xpath("//rect"), "marked without scripts too"
    assert texts(page, "//mark") == ["l’hôtel"], "as it is printed"
    assert "<b>" in texts(page, "//p[@class='find-hit']")[0], "text of a page is text"
    assert page.xpath("//input[@name='q']/@value") == ["hôtel place"]
    assert "Presse 1" in texts(page, "//aside//li")
    assert page.get("lang") == "fr"
    assert read_page(client, "/en/search?q=grains").xpath("//link[@hreflang='fr']/@href") == [
        f"{BASE}/fr/recherche?q=grains"
    ]
    other = client.get("/fr/search?q=grains&f.type=presse")
    assert (other.status_code, other.headers["Location"]) == (301, "/fr/recherche?q=grains&f.type=presse")
    assert client.get("/de/search").status_code == 404


def test_facets_lead_to_what_they_count(client: FlaskClient) -> None:
    page = read_page(client, "/fr/recherche")
    assert texts(page, "//h2[@id='find-count']") == ["3 documents"]
    counted = [
        (link.get("href"), int(texts(link, ".//span[@class='find-number']")[0])) for link in page.xpath("//aside//li/a")
    ]
    assert len(counted) > 8
    for address, documents in counted:
        shown = read_page(client, address)
        assert len(shown.xpath("//li[@class='find-result']")) == documents, address
        assert texts(shown, "//aside//a[@aria-current]"), address
        (remove,) = shown.xpath("//aside//a[@aria-current]/@href")
        assert len(read_page(client, remove).xpath("//li[@class='find-result']")) == 3
    assert "Une carte retirée" not in etree.tostring(page, encoding="unicode")


def test_nothing_that_is_written_in_a_record_or_a_question_becomes_markup(client: FlaskClient) -> None:
    for path in (
        "/fr/recherche?q=plan",
        "/fr/recherche?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
        "/fr/recherche?f.place=%3Cimg+src=x+onerror=alert(1)%3E",
    ):
        page = read_page(client, path)
        assert page.xpath("//script[not(@src)]") == []
        assert page.xpath("//*[@onerror]") == []
    assert texts(read_page(client, "/fr/recherche?q=plan"), "//ol//h3") == [HOSTILE]
    page = read_page(client, "/fr/ark:/99999/v1plan")
    assert [each for each in page.xpath("//script[not(@src)]") if each.get("type") != "application/ld+json"] == []
    (told,) = page.xpath("//script[@type='application/ld+json']/text()")
    assert json.loads(told)["name"] == HOSTILE


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("q=" + "a" * 10_000, 400, "n’est pas claire"),
        ("f.couleur=bleu", 400, "n’est pas claire"),
        ("page=x", 400, "n’est pas claire"),
        ("sort=hasard", 400, "n’est pas claire"),
        ("page=7", 404, "n’existe pas"),
        ("q=incendei", 200, "« incendie »"),
        ("q=incendie&f.type=cartes-postales", 200, "Sans le filtre « Type de document »"),
        ("q=incendei+introuvable", 200, "« incendie »"),
        ("q=incendie+introuvable", 200, "Sans « introuvable »"),
        ("q=incendie&from=1950", 200, "Sans limite d’années"),
        ("f.century=abc", 200, "Aucun document trouvé"),
        ("f.century=%C2%B2&f.century=0&f.century=999999999", 200, "Aucun document trouvé"),
        ("f.language=%00&f.rights=%00&f.type=%00&f.institution=..%2F&f.campaign=%00", 200, "Aucun document trouvé"),
        ("from=2000&to=1000", 200, "Sans limite d’années"),
        ("q=%00", 200, "Aucun document trouvé"),
        ("q=%F0%9F%98%80", 200, "Aucun document trouvé"),
    ],
)
def test_what_cannot_be_answered_has_a_page_worth_reading(
    client: FlaskClient, path: str, status: int, said: str
) -> None:
    page = read_page(client, f"/fr/recherche?{path}", status)
    assert said in texts(page, "//main")[0]
    assert page.xpath("//main//form[@role='search']")
    for link in page.xpath("//div[@class='find-nothing']/ul/li/a/@href"):
        assert read_page(client, link).xpath("//li[@class='find-result']"), link


def test_the_json_search_says_what_the_page_says(client: FlaskClient) -> None:
    told = client.get("/api/1/search?q=grains&size=1").get_json()
    assert (told["total"], told["page"], told["pages"], told["exact"]) == (1, 1, 1, True)
    (document,) = told["documents"]
    assert document["id"] == f"{BASE}/ark:/99999/v1echo"
    assert document["unimarc_856"] == f"4#$u{BASE}/ark:/99999/v1echo$qtext/html$zDocument numérisé"
    assert document["hit"]["match"] == "grains"
    assert document["hit"]["id"].startswith(f"{BASE}/ark:/99999/v1echo/f2#xywh=")
    assert told["facets"]["type"]["values"] == [{"value": "presse", "documents": 1, "chosen": False}]
    first = client.get("/api/1/search?size=2").get_json()
    assert first["next"] == f"{BASE}/api/1/search?page=2&size=2"
    second = client.get(first["next"].removeprefix(BASE)).get_json()
    assert [len(each["documents"]) for each in (first, second)] == [2, 1]
    assert second["previous"] == f"{BASE}/api/1/search?size=2"
    for path, status in (
        ("f.x=1", 400),
        ("size=0", 400),
        ("size=1000", 400),
        ("page=9", 404),
        ("q=" + "a" * 5000, 400),
    ):
        answer = client.get(f"/api/1/search?{path}")
        assert answer.status_code == status
        assert len(answer.get_json()["message"]) > 10


@pytest.mark.parametrize("path", ["/fr/", "/en/", "/fr/ark:/99999/v1echo", "/fr/nowhere"])
def test_who_searches_from_a_page_is_not_sent_on(client: FlaskClient, path: str) -> None:
    page = read_page(client, path, 404 if path == "/fr/nowhere" else 200)
    actions = set(page.xpath("//form[@role='search' and not(ancestor::*[@id='within'])]/@action"))
    assert actions == {"/en/search" if path.startswith("/en") else "/fr/recherche"}
    assert client.get(f"{actions.pop()}?q=grains").status_code == 200


def test_a_result_shows_three_places_and_says_how_many_pages_there_are(library: Library, client: FlaskClient) -> None:
    library.put(make_item("v1long", 5, "Le Long"), {n: set_page("une baleine échouée") for n in range(1, 6)})
    page = read_page(client, "/fr/recherche?q=baleine")
    links = page.xpath("//p[@class='find-hit']/a/@href")
    assert [each.partition("#")[0] for each in links] == [
        f"/fr/ark:/99999/v1long/f{n}?q=baleine&passage=1" for n in (1, 2, 3)
    ]
    assert all("#xywh=" in each for each in links)
    assert texts(page, "//*[@class='find-view']") == ["page 1", "page 2", "page 3"]
    (more,) = page.xpath("//p[@class='find-rest']/a")
    assert (more.text_content(), more.get("href")) == ("sur 5 pages de ce document", "/fr/ark:/99999/v1long?q=baleine")
    (document,) = client.get("/api/1/search?q=baleine").get_json()["documents"]
    assert [(each["view"], each["match"]) for each in document["hits"]] == [
        (1, "baleine"),
        (2, "baleine"),
        (3, "baleine"),
    ]
    assert document["hit"] == document["hits"][0]
    assert (document["views_with_hits"], document["more_hits"]) == (5, True)
    library.put(make_item("v1late", 1, "Le Tard"), {1: set_page("phoque", "x " * 60, "un morse et un phoque")})
    (late,) = read_page(client, "/fr/recherche?q=morse+phoque").xpath("//p[@class='find-hit']/a/@href")
    assert "&passage=2#" in late, "the second of three on its view, around which both stand"
    english = read_page(client, "/en/search?q=%22une+baleine%22")
    assert texts(english, "//p[@class='find-rest']/a") == ["and on other pages of this document"]


def test_words_that_no_view_has_together_lead_to_those_that_one_has(client: FlaskClient) -> None:
    """The notice has the one, the text the other: the document is asked for what its text has."""
    (hit,) = read_page(client, "/fr/recherche?q=Leleux+%22hotel+de+ville%22").xpath("//p[@class='find-hit']/a")
    assert hit.get("href").startswith("/fr/ark:/99999/v1echo/f1?q=%22hotel+de+ville%22&passage=1#xywh=")
    assert read_page(client, hit.get("href").partition("#")[0]).xpath("//*[@class='hits']//mark")


def test_a_citation_is_read_by_who_reads_ris(client: FlaskClient) -> None:
    answer = client.get("/citations/v1echo.ris")
    assert answer.headers["Content-Type"] == "application/x-research-info-systems; charset=utf-8"
    lines = answer.get_data(as_text=True).split("\r\n")
    assert lines[-1] == ""
    assert all(re.fullmatch(r"[A-Z][A-Z0-9]  - .*", line) for line in lines[:-1])
    fields = [(line[:2], line[6:]) for line in lines[:-1]]
    assert fields[0] == ("TY", "NEWS")
    assert fields[-1] == ("ER", "")
    for field in (
        ("AU", "Leleux, Vincent"),
        ("T2", "L’Écho du Nord"),
        ("IS", "no 66"),
        ("PY", "1909"),
        ("DA", "1909/03/07/"),
        ("PB", "Danel & Cie"),
        ("UR", f"{BASE}/ark:/99999/v1echo"),
    ):
        assert field in fields
    assert [value for tag, value in fields if tag == "AU"] == ["Leleux, Vincent"], "a printer is no author"


def test_a_citation_in_bibtex_is_balanced_and_escaped(client: FlaskClient) -> None:
    entry = client.get("/citations/v1echo.bib").get_data(as_text=True)
    assert entry.startswith("@article{v1echo,\n")
    assert "author = {Leleux, Vincent}" in entry
    assert r"publisher = {Danel \& Cie}" in entry
    assert "journal = {L’Écho du Nord}" in entry
    depth = 0
    for sign in re.sub(r"\\.", "", entry):
        depth += {"{": 1, "}": -1}.get(sign, 0)
        assert depth >= 0
    assert depth == 0
    assert client.get("/citations/v1echo.txt").get_data(as_text=True).endswith(f"{BASE}/ark:/99999/v1echo\n")
    assert client.get("/citations/v1gone.bib").status_code == 410
    assert client.get("/citations/v1none.bib").status_code == 404
    assert client.get("/citations/v1echo.doc").status_code == 404


def test_who_made_a_document_in_several_ways_is_named_once() -> None:
    people = tuple(Person("Robida, Albert", "1848-1926", role) for role in ("aut", "ill", "prt"))
    item, addresses = describe(make_issue(), people=people), Addresses(BASE, "99999")
    cited = {form: write_citation(item, form, "fr", addresses, date(2026, 11, 28)) for form in ("txt", "bib", "ris")}
    assert [each.count("Robida, Albert") for each in cited.values()] == [1, 1, 1]
    assert json.dumps(write_schema(item, addresses, "fr")).count("Robida, Albert") == 1


def test_bibtex_tells_the_parts_of_a_name_and_keeps_a_body_whole() -> None:
    names = (
        Person("La Fontaine, Jean de", "", "aut"), Person("Chambre, Lille", "", "aut", is_body=True),
        Person("Lecœuvre frères", "", "pht"), Person("Dupont, Jean, abbé", "", "aut"), Person("Smith and Sons, Ltd", "", "aut"),
    )  # fmt: skip
    item = describe(make_issue(), people=names, languages=("fre", "zxx", "dut"))
    entry = write_citation(item, "bib", "fr", Addresses(BASE, "99999"), date(2026, 11, 28))
    assert (
        "  author = {La Fontaine, Jean de and {Chambre, Lille} and {Lecœuvre frères} and Dupont, {Jean, abbé} and "
        "{Smith and Sons, Ltd}},\n" in entry
    )
    assert "  language = {fr, nl}," in entry
    assert "LA  - fr, nl\r\n" in write_citation(item, "ris", "fr", Addresses(BASE, "99999"), date(2026, 11, 28))


def test_a_citation_says_when_the_document_was_consulted(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """The day is that of the libraries, and a citation that is asked for again on another day is another one."""
    late = datetime(2026, 11, 27, 23, 30, tzinfo=UTC)  # in Lille the next day has begun
    monkeypatch.setattr("server.portal.citations.utc_now", lambda: late)
    permalink = f"{BASE}/ark:/99999/v1echo"
    told = {each: client.get(f"/citations/v1echo.txt?lang={each}").text for each in ("fr", "en")}
    assert told["fr"].endswith(f". [consulté le 28 novembre 2026]. Disponible à l’adresse : {permalink}\n")
    assert told["en"].endswith(f". [viewed 28 November 2026]. Available from: {permalink}\n")
    assert "  urldate = {2026-11-28}" in client.get("/citations/v1echo.bib").text
    assert "Y2  - 2026/11/28/" in client.get("/citations/v1echo.ris").text.split("\r\n")
    page = client.get("/fr/ark:/99999/v1echo")
    (cited,) = html.document_fromstring(page.text).xpath("//p[@id='cited']")
    assert cited.text_content() + "\n" == told["fr"]
    assert cited.xpath("span/@data-day") == ["2026-11-28"]

    monkeypatch.setattr("server.portal.citations.utc_now", lambda: late + timedelta(days=3))
    again = client.get("/fr/ark:/99999/v1echo", headers={"If-None-Match": page.headers["ETag"]})
    assert again.status_code == 200
    assert '[consulté le <span id="cited-day" data-day="2026-12-01">1er décembre 2026</span>]' in again.text
    dated = {"If-Modified-Since": format_datetime(late + timedelta(days=365), usegmt=True)}
    assert client.get("/fr/ark:/99999/v1echo", headers=dated).status_code == 200, "the page is not the document alone"
    same = client.get("/fr/ark:/99999/v1echo", headers={"If-None-Match": again.headers["ETag"], **dated})
    assert (same.status_code, same.data) == (304, b"")
    assert [each.headers.get("Last-Modified") for each in (page, again, same)] == [None, None, None]


@pytest.mark.parametrize(
    ("edtf", "told"),
    [("1908-05", "1908-05"), ("1908~", "1908"), ("1908-05-03?", "1908-05-03"), ("190X", None), ("1768/1771", None)],
)
def test_search_engines_are_told_dates_that_they_can_read(edtf: str, told: str | None) -> None:
    item = make_postcard()
    item = replace(item, description=replace(item.description, dates=(Date(edtf),)))
    schema = json.loads(write_schema(item, Addresses(BASE, "99999", "x"), "fr"))
    assert schema.get("dateCreated") == told
    assert "numberOfPages" not in schema, "views are not pages: covers and targets are among them"


@pytest.mark.parametrize(
    ("typology", "schema", "zotero"),
    [
        (Typology.PRESS, "PublicationIssue", "newspaperArticle"),
        (Typology.BOOKS, "Book", "book"),
        (Typology.MAPS, "Map", "map"),
        (Typology.PHOTOGRAPHS, "Photograph", "artwork"),
        (Typology.POSTCARDS, "VisualArtwork", "artwork"),
        (Typology.ICONOGRAPHY, "VisualArtwork", "artwork"),
        (Typology.MANUSCRIPTS, "Manuscript", "manuscript"),
        (Typology.LETTERS, ["Message", "ArchiveComponent"], "letter"),
        (Typology.ARCHIVES, "ArchiveComponent", "manuscript"),
    ],
)
def test_each_kind_of_document_is_what_schema_and_zotero_call_it(
    library: Library, client: FlaskClient, typology: Typology, schema: object, zotero: str
) -> None:
    library.put(describe(make_issue(), typology=typology), {1: set_page("un"), 2: set_page("deux")})
    page = read_page(client, "/fr/ark:/99999/v1echo")
    told = json.loads(page.xpath("//script[@type='application/ld+json']/text()")[0])
    assert told["@context"] == "https://schema.org"
    assert told["@type"] == schema
    assert told["@id"] == f"{BASE}/ark:/99999/v1echo"
    assert [each["name"] for each in told["creator"]] == ["Leleux, Vincent"]
    assert told["inLanguage"] == ["fr"]
    assert "1909-03-07" in (told.get("datePublished"), told.get("dateCreated"))
    whole = told["isPartOf"][0]
    assert (whole["name"], whole["issn"]) == ("L’Écho du Nord", "1234-5678")
    assert whole["@id"].startswith(f"{BASE}/fr/collections/titre-")
    zotero_item = read_as_zotero(page)
    assert zotero_item["itemType"] == zotero
    assert zotero_item["title"] == "L’Écho du Nord, 7 mars 1909"
    assert zotero_item["creators"] == ["Leleux, Vincent"]
    assert zotero_item["date"] == "1909-03-07"
    assert zotero_item["language"] == "fr"
    assert zotero_item["url"] == f"{BASE}/ark:/99999/v1echo"
    assert zotero_item["tags"] == ["Presse_locale 100 %"]
    assert zotero_item["rights"]


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "ftp://old.test/", ""])
def test_only_addresses_of_the_web_are_told_to_machines(library: Library, client: FlaskClient, address: str) -> None:
    issue = make_issue()
    person = replace(issue.description.people[0], uri=address)
    subject = Subject("Presse", address)
    library.put(
        replace(
            describe(issue, people=(person,), subjects=(subject,)),
            institution=replace(issue.institution, homepage=address),
        ),
        {1: set_page("un"), 2: set_page("deux")},
    )
    page = read_page(client, "/fr/ark:/99999/v1echo")
    (told,) = page.xpath("//script[@type='application/ld+json']/text()")
    schema = json.loads(told)
    assert "url" not in schema["provider"]
    assert "sameAs" not in schema["creator"][0]
    assert "sameAs" not in schema["about"][0]
    if address:
        assert address not in html.tostring(page, encoding="unicode")


ZOTERO_TYPES = {
    "newspaperarticle": "newspaperArticle", "book": "book", "map": "map", "artwork": "artwork", "letter": "letter",
    "manuscript": "manuscript",
}  # fmt: skip


def read_as_zotero(page: html.HtmlElement) -> dict[str, object]:
    """Read embedded metadata as Zotero's translator of that name does: Dublin Core under its declared prefix, Highwire."""
    (prefix,) = (
        link.get("rel").partition(".")[2]
        for link in page.xpath("//link[starts-with(@rel, 'schema.')]")
        if link.get("href") == "http://purl.org/dc/elements/1.1/"
    )
    found: dict[str, list[str]] = {}
    for meta in page.xpath("//head/meta[@name and @content]"):
        found.setdefault(meta.get("name").lower(), []).append(meta.get("content").strip())
    core = {
        key.removeprefix(f"{prefix.lower()}."): values
        for key, values in found.items()
        if key.startswith(f"{prefix.lower()}.")
    }
    kinds = [ZOTERO_TYPES[value.lower()] for value in core["type"] if value.lower() in ZOTERO_TYPES]
    return {
        "itemType": kinds[0],
        "title": found["citation_title"][0],
        "creators": found.get("citation_author", []) or core.get("creator", []),
        "date": found["citation_publication_date"][0].replace("/", "-"),
        "language": found["citation_language"][0],
        "url": found["citation_public_url"][0],
        "tags": found["citation_keywords"],
        "rights": core["rights"][0],
    }


def test_the_page_of_a_document_says_what_it_leads_to(client: FlaskClient) -> None:
    answer = client.get("/fr/ark:/99999/v1echo")
    links = parse_header_links(answer.headers["Link"])
    by_relation: dict[str, list[dict[str, str]]] = {}
    for link in links:
        by_relation.setdefault(link["rel"], []).append(link)
    assert [link["url"] for link in by_relation["cite-as"]] == [f"{BASE}/ark:/99999/v1echo"]
    assert {link["url"] for link in by_relation["type"]} == {
        "https://schema.org/AboutPage",
        "https://schema.org/PublicationIssue",
    }
    assert by_relation["license"][0]["url"].startswith("http")
    described = {link["type"]: link["url"] for link in by_relation["describedby"]}
    assert described["application/x-bibtex"] == f"{BASE}/citations/v1echo.bib"
    assert client.get(described["application/x-research-info-systems"].removeprefix(BASE)).status_code == 200
    assert by_relation["item"][0]["type"] == "image/jpeg"
    page = html.document_fromstring(answer.get_data(as_text=True))
    assert page.xpath("//link[@rel='canonical']/@href") == [f"{BASE}/ark:/99999/v1echo"]
    shared = {meta.get("property"): meta.get("content") for meta in page.xpath("//meta[@property]")}
    assert shared["og:title"] == "L’Écho du Nord, 7 mars 1909"
    assert shared["og:description"] == "Incendie à l’hôtel de ville."
    assert shared["og:image"].startswith(BASE)
    assert page.xpath("//a[contains(@href, '/citations/v1echo.ris')]")


def test_site_maps_name_every_live_document_once(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "MOST_ADDRESSES", 2)
    index = etree.fromstring(client.get("/sitemap.xml").get_data())
    parts = [each.text or "" for each in index.iter(f"{SITEMAP}loc")]
    assert parts == [f"{BASE}/sitemap-pages.xml", f"{BASE}/sitemap-1.xml", f"{BASE}/sitemap-2.xml"]
    named = []
    for part in parts[1:]:
        listed = etree.fromstring(client.get(part.removeprefix(BASE)).get_data())
        named += [each.text for each in listed.iter(f"{SITEMAP}loc")]
        assert all(
            re.fullmatch(r"2026-03-14T\d\d:\d\d:\d\dZ", each.text or "") for each in listed.iter(f"{SITEMAP}lastmod")
        )
    assert named == [f"{BASE}/ark:/99999/{name}" for name in ("v1echo", "v1carte", "v1plan")]
    monkeypatch.undo()
    pages = etree.fromstring(client.get("/sitemap-pages.xml").get_data())
    assert f"{BASE}/en/places" in [each.text for each in pages.iter(f"{SITEMAP}loc")]
    for address in pages.iter(f"{SITEMAP}loc"):
        assert client.get((address.text or "").removeprefix(BASE)).status_code == 200
    for wrong in ("0", "9", "x", "01"):
        assert client.get(f"/sitemap-{wrong}.xml").status_code == 404


def test_robots_may_read_documents_and_not_ask_endless_questions(client: FlaskClient) -> None:
    text = client.get("/robots.txt").get_data(as_text=True)
    robots = RobotFileParser()
    robots.parse(text.splitlines())
    assert robots.can_fetch("any", f"{BASE}/ark:/99999/v1echo")
    assert robots.can_fetch("any", f"{BASE}/fr/collections/type-presse")
    assert not robots.can_fetch("any", f"{BASE}/api/1/search?q=x")
    assert robots.site_maps() == [f"{BASE}/sitemap.xml"]


def test_feeds_tell_the_newest_documents(client: FlaskClient) -> None:
    feed = etree.fromstring(client.get("/fr/nouveautes.atom").get_data())
    assert [each.findtext(f"{ATOM}title") for each in feed.iter(f"{ATOM}entry")] == [
        HOSTILE, "Lille. – La Grand’Place", "L’Écho du Nord, 7 mars 1909",
    ]  # fmt: skip
    for entry in feed.iter(f"{ATOM}entry"):
        assert entry.find(f"{ATOM}author/{ATOM}name") is not None
        assert (entry.findtext(f"{ATOM}id") or "").startswith(f"{BASE}/ark:/99999/")
    one = etree.fromstring(client.get("/en/collections/institution-bm-lille/nouveautes.atom").get_data())
    assert [each.findtext(f"{ATOM}id") for each in one.iter(f"{ATOM}entry")] == [f"{BASE}/ark:/99999/v1carte"]
    campaign = client.get("/fr/collections/campagne-2025-villes/nouveautes.atom")
    assert len(list(etree.fromstring(campaign.get_data()).iter(f"{ATOM}entry"))) == 1
    assert client.get("/fr/collections/nulle/nouveautes.atom").status_code == 404


def test_a_browser_can_add_the_search_to_its_own(client: FlaskClient) -> None:
    page = read_page(client, "/fr/")
    (address,) = page.xpath("//link[@rel='search']/@href")
    answer = client.get(address)
    assert answer.mimetype == "application/opensearchdescription+xml"
    described = etree.fromstring(answer.get_data())
    space = "{http://a9.com/-/spec/opensearch/1.1/}"
    assert len(described.findtext(f"{space}ShortName") or "") <= 16
    (icon,) = described.iterfind(f"{space}Image")
    assert [(icon.text or "").removeprefix(BASE)] == page.xpath("//link[@rel='icon']/@href")
    assert icon.get("type") == "image/svg+xml"
    assert [each.get("template") for each in described.iterfind(f"{space}Url[@rel='self']")] == [f"{BASE}{address}"]
    template = described.find(f"{space}Url").get("template") or ""  # type: ignore[union-attr]
    asked = template.replace("{searchTerms}", "grains").replace("{startPage?}", "1").removeprefix(BASE)
    assert read_page(client, asked).xpath("//li[@class='find-result']")
    for template in (each.get("template") or "" for each in described.findall(f"{space}Url")):
        left = re.sub(r"\{vitrine:\w+\?\}", "", template.replace("{searchTerms}", "grains"))
        assert client.get(left.replace("{startPage?}", "1").removeprefix(BASE)).status_code == 200
    assert described.nsmap["vitrine"] == f"{BASE}/api/1/search"
    assert any((each.get("template") or "").endswith("&f.in={vitrine:in?}") for each in described)


def test_lists_say_their_address_and_their_feed(client: FlaskClient) -> None:
    page = read_page(client, "/en/collections/institution-bm-lille")
    assert page.xpath("//link[@rel='canonical']/@href") == [f"{BASE}/en/collections/institution-bm-lille"]
    assert page.xpath("//link[@rel='alternate'][@hreflang='fr']/@href") == [
        f"{BASE}/fr/collections/institution-bm-lille"
    ]
    feeds_named = page.xpath("//link[@type='application/atom+xml']/@href")
    assert feeds_named == ["/en/nouveautes.atom", "/en/collections/institution-bm-lille/nouveautes.atom"]
    assert all(client.get(path).status_code == 200 for path in feeds_named)
    assert read_page(client, "/fr/").xpath("//link[@rel='canonical']/@href") == [f"{BASE}/fr/"]


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_page_says_its_address_and_its_name_once(client: FlaskClient, language: str) -> None:
    for path in (
        "/", "/collections", "/collections/titres", "/collections/institution-bm-lille", "/places", "/time",
        "/institutions", "/about", "/help", "/help/iiif", "/help/harvest", "/legal", "/accessibility", "/oai",
    ):  # fmt: skip
        page = read_page(client, f"/{language}{path}")
        address = f"{BASE}/{language}{path}"
        assert page.xpath("//link[@rel='canonical']/@href") == [address], path
        assert page.xpath("//meta[@property='og:url']/@content") == [address], path
        (name,) = page.xpath("//meta[@property='og:title']/@content")
        assert name in (page.findtext(".//title") or ""), path
    for path in (
        "/ark:/99999/v1echo",
        "/mosaic/ark:/99999/v1echo",
        f"/{'recherche' if language == 'fr' else 'search'}",
    ):
        assert len(read_page(client, f"/{language}{path}").xpath("//link[@rel='canonical']")) == 1, path


def test_an_unchanged_question_is_answered_by_304(client: FlaskClient) -> None:
    answer = client.get("/fr/recherche?q=grains")
    again = client.get("/fr/recherche?q=grains", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    assert not {name for name, _value in answer.headers if name.lower() == "set-cookie"}


def test_a_document_without_dates_people_or_text_is_shown(client: FlaskClient, library: Library) -> None:
    bare = describe(
        replace(make_postcard("v1nu"), campaign=None),
        dates=(),
        people=(),
        places=(),
        subjects=(),
        shelfmark="",
        titles=(Title("Sans rien"),),
    )
    library.put(bare, {})
    assert texts(read_page(client, "/en/search?q=sans+rien"), "//ol//h3") == ["Sans rien"]
    for form in ("txt", "bib", "ris"):
        assert "Sans rien" in client.get(f"/citations/v1nu.{form}").get_data(as_text=True)
    assert read_page(client, "/en/ark:/99999/v1nu").xpath("//script[@type='application/ld+json']")


@pytest.mark.parametrize("day", ["1909-03-07", ""])
@pytest.mark.parametrize(
    "label", ["L’Écho", "L’Écho du Nord", 'Le « petit » Écho, journal "politique" *', "Écho " * 80]
)
def test_what_a_newspaper_s_pages_search_is_that_newspaper(
    library: Library, client: FlaskClient, label: str, day: str
) -> None:
    """By its name, so that another whose title is within its own, or the other way about, is not among it."""
    for name, title, number in (("v1issue", label, "9999-9999"), ("v1other", f"{label} du soir", "8888-8888")):
        issue = describe(
            _without_text(make_item(name, 2, "Numéro")), part_of=Whole(title, f"issn {number}", "no 66"),
            dates=(Date(day),) if day else (),
        )  # fmt: skip
        library.put(issue, {})
    title, year = "titre-9999-9999", f"titre-9999-9999-{day[:4] or 'sd'}"
    for name, chosen in ((title, [title]), (year, [title, year])):
        shown = html.document_fromstring(client.get(f"/fr/collections/{name}").text)
        (form,) = shown.xpath("//main//form[@role='search']")
        found = client.get(form.get("action"), query_string=dict(form.form_values()) | {"q": "numero"})
        assert found.status_code == 200
        page = html.document_fromstring(found.text)
        assert page.xpath("//*[@class='find-result']//h3/a/@href") == ["/fr/ark:/99999/v1issue"]
        assert page.xpath("//*[@class='eyebrow']/a/@href") == [f"/fr/collections/{name}"]
        assert f"/fr/collections/{name}/nouveautes.atom" in page.xpath("//link[@type='application/atom+xml']/@href")
        assert page.xpath("//form[@class='find-form']//input[@type='hidden']/@value") == chosen
        called = " ".join(label.split())
        removable = texts(page, "//ul[@class='find-choices']//a")
        assert len(removable) == 1 + len(chosen)
        assert removable[1].startswith(f"Retirer Dans : {called}"[:60])
        wider = read_page(client, page.xpath("//ul[@class='find-choices']//a/@href")[-1])
        links = wider.xpath("//*[@class='find-result']//h3/a/@href")
        assert ("/fr/ark:/99999/v1other" in links) == (name == title), "without the year it is still in its newspaper"


def test_a_work_and_a_selection_are_searched_from_their_pages(library: Library, client: FlaskClient) -> None:
    library.select("choix", {"fr": "Nos choix", "en": "Our choice"})
    whole = Whole("Œuvres", "ark:/1/w", "1", WholeKind.MULTIVOLUME)
    library.put(replace(describe(make_postcard("v1tome"), part_of=whole), collections=("choix",)), {})
    (work,) = (each.name for each in memberships(describe(make_postcard(), part_of=whole)) if each.kind == "work")
    for name, said in ((work, "In: Œuvres"), ("collection-choix", "In: Our choice")):
        (form,) = read_page(client, f"/en/collections/{name}").xpath("//main//form[@role='search']")
        page = read_page(client, f"{form.get('action')}?{urlencode(dict(form.form_values()))}")
        assert page.xpath("//*[@class='find-result']//h3/a/@href") == ["/en/ark:/99999/v1tome"]
        assert texts(page, "//ul[@class='find-choices']//a") == [f"Remove {said} ×"]
        for link in page.xpath("//*[@class='find-orders']/a/@href"):
            assert f"f.in={name}" in link
    told = client.get(f"/api/1/search?f.in={work}").get_json()
    assert told["total"] == 1
    values = told["facets"]["in"]["values"]
    assert {"value": work, "documents": 1, "chosen": True, "label": {"": "Œuvres"}} in values
    choice = {"fr": "Nos choix", "en": "Our choice"}
    assert {"value": "collection-choix", "documents": 1, "chosen": False, "label": choice} in values
    assert "label" not in told["facets"]["type"]["values"][0]


@pytest.mark.parametrize("value", ["titre-nul", "titre%00", "%27%22%3Cb%3E", "%FF%FE", "institution-rien", "a" * 400])
@pytest.mark.parametrize("facet", ["in", "year"])
def test_a_whole_that_there_is_not_is_named(client: FlaskClient, facet: str, value: str) -> None:
    page = read_page(client, f"/fr/recherche?q=grains&f.{facet}={value}&sort=date", 404)
    assert "n’existe pas" in texts(page, "//main//h2")[0]
    if value == "titre-nul":
        assert "aucune sélection n’a le nom « titre-nul »" in texts(page, "//main")[0]
    (link,) = page.xpath("//*[@class='find-problem']//a[contains(@href, '?')]/@href")
    assert link == "/fr/recherche?q=grains&sort=date"
    assert page.xpath("//input[@name='q']/@value") == ["grains"]
    assert page.xpath("//input[starts-with(@name, 'f.')]") == []
    answer = client.get(f"/api/1/search?q=grains&f.{facet}={value}")
    assert answer.status_code == 404
    assert "there is no newspaper, work or selection called" in answer.get_json()["message"]
