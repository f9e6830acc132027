import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import lxml.html
import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete

from server.app import create_app
from server.catalogue.harvest_models import HarvestRow
from server.catalogue.publication_models import (
    DocumentRow,
    OaiFormerRecordRow,
    OaiRecordRow,
    OaiRepositoryRow,
    OaiStandingRow,
    PublishedImageRow,
)
from server.catalogue.session import Catalogue
from server.model.description import Person, Place, Subject, Text, Whole
from server.model.structure import Range, Target
from server.model.traits import list_traits
from server.portal.statement import read_statement
from server.settings import load_settings
from server.storage.local import LocalStorage
from tests.support.publications import Shelf, make_newspaper, make_postcard, renamed
from tests.support.published_records import register
from tests.unit.portal.conftest import BASE


def page(client: FlaskClient, path: str) -> lxml.html.HtmlElement:
    response = client.get(path)
    assert response.status_code == 200, response.text
    return lxml.html.document_fromstring(response.text)


@pytest.mark.parametrize(
    ("asked", "expected"), [("fr", "/fr/"), ("en-GB,en", "/en/"), ("de", "/fr/"), ("de,en;q=0.3", "/en/"), ("", "/fr/")]
)
def test_the_start_negotiates_the_language(client: FlaskClient, asked: str, expected: str) -> None:
    response = client.get("/", headers={"Accept-Language": asked})
    assert (response.status_code, response.headers["Location"]) == (302, expected)
    assert "Accept-Language" in response.headers["Vary"]


def test_home_shows_the_newest_and_the_collections(client: FlaskClient) -> None:
    tree = page(client, "/fr/")
    assert tree.get("lang") == "fr"
    links = {link.get("href") for link in tree.iter("a")}
    assert {"/fr/ark:/99999/v1bcdfg0", "/fr/ark:/99999/v1hjkmn0", "/fr/collections/type-presse"} <= links
    assert "/fr/ark:/99999/v1gone00" not in links
    assert tree.xpath("//link[@hreflang='en']/@href") == [f"{BASE}/en/"]


@pytest.mark.parametrize(
    "path",
    [
        "/fr/",
        "/en/",
        "/fr/collections/type-presse",
        "/ark:/99999/v1hjkmn0",
        "/en/ark:/99999/v1bcdfg0/f2",
        "/viewer",
        "/fr/nothing",
        "/fr/collections",
        "/en/places",
        "/fr/places/lille-nord",
        "/en/time",
        "/fr/time/1900-1909",
        "/en/institutions",
        "/fr/about",
        "/en/help",
        "/fr/help/iiif",
        "/en/help/harvest",
        "/fr/legal",
        "/en/accessibility",
        "/fr/mosaic/ark:/99999/v1hjkmn0",
        "/en/embed/ark:/99999/v1hjkmn0/f1",
        "/en/ark:/99999/v1gone00",
        "/fr/collections/institution-bm-lille/offers",
    ],
)
def test_every_page_is_sound(client: FlaskClient, path: str) -> None:
    response = client.get(path)
    tree = lxml.html.document_fromstring(response.text)
    assert tree.get("lang") in ("fr", "en")
    assert len(tree.xpath("//h1")) == 1
    assert tree.xpath("//a[@href='#content']") or "/embed/" in path, "a link leads past the navigation"
    identifiers = tree.xpath("//@id")
    assert len(identifiers) == len(set(identifiers))
    assert all(image.get("alt") is not None for image in tree.iter("img"))
    assert not tree.xpath("//*[@style]"), "the security policy allows no inline style"
    assert not tree.xpath("//style")
    inline = [script for script in tree.iter("script") if not script.get("src")]
    assert {script.get("type") for script in inline} <= {"application/ld+json"}, "data is there, and nothing that runs"
    own = [*tree.xpath("//@src"), *tree.xpath("//link[@rel='stylesheet' or @rel='icon' or @rel='preload']/@href")]
    assert all(address.startswith("/") for address in own), "nothing is asked of a third party"
    assert "Set-Cookie" not in response.headers


def test_a_permalink_serves_the_page_in_the_reader_s_language(client: FlaskClient) -> None:
    response = client.get("/ark:/99999/v1bcdfg0", headers={"Accept-Language": "en"})
    assert response.status_code == 200
    assert response.headers["Content-Location"] == "/en/ark:/99999/v1bcdfg0"
    assert response.headers["Content-Language"] == "en"
    assert "Accept-Language" in response.headers["Vary"]
    tree = lxml.html.document_fromstring(response.text)
    assert tree.get("lang") == "en"
    assert tree.xpath("//link[@rel='canonical']/@href") == [f"{BASE}/ark:/99999/v1bcdfg0"]
    assert set(tree.xpath("//link[@rel='alternate']/@hreflang")) == {"fr", "en", "x-default"}
    fixed = client.get("/fr/ark:/99999/v1bcdfg0", headers={"Accept-Language": "en"})
    assert fixed.headers["Content-Language"] == "fr"


@pytest.mark.parametrize(
    ("asked", "canonical"),
    [
        ("/ark:99999/v1bcdfg0", "/ark:/99999/v1bcdfg0"),
        ("/ark:99999/v1bcdfg0/f2", "/ark:/99999/v1bcdfg0/f2"),
        ("/ark:/99999/v1bcd-fg0", "/ark:/99999/v1bcdfg0"),
        ("/ark:/99999/v1bcdfg0/", "/ark:/99999/v1bcdfg0"),
        ("/en/ark:99999/v1bcdfg0", "/en/ark:/99999/v1bcdfg0"),
        ("/ark:/12345/old7", f"{BASE}/ark:/99999/v1bcdfg0"),
    ],
)
def test_other_forms_and_former_arks_lead_to_the_permalink(client: FlaskClient, asked: str, canonical: str) -> None:
    response = client.get(asked)
    assert (response.status_code, response.headers["Location"]) == (301, canonical)
    assert response.headers.getlist("Access-Control-Allow-Origin") == ["*"]


def test_a_former_address_leads_to_the_permalink(client: FlaskClient) -> None:
    response = client.get("/notice.php?id=12", base_url="https://old.test")
    assert (response.status_code, response.headers["Location"]) == (301, f"{BASE}/ark:/99999/v1bcdfg0")
    assert response.headers.getlist("Access-Control-Allow-Origin") == ["*"]
    behind_a_proxy = client.get("/notice.php?id=12", base_url="http://old.test")
    assert behind_a_proxy.status_code == 301
    assert client.get("/notice.php?id=13", base_url="https://old.test").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/ark:/99999/nothing", "/ark:/99999/v1bcdfg0/f3", "/ark:/99999/v1bcdfg0/f0", "/ark:/99999/v1bcdfg0/f01",
        "/ark:/99999/v1bcdfg0/x", "/ark:/99999/v1hjkmn0/f5", "/ark:/55555/x", "/ark:/x", "/fr/collections/none",
        "/fr/collections/type-presse?page=2", "/de/", "/fr/places/arras", "/fr/time/1500-1599", "/fr/time/1900",
        "/fr/time/1909-1900", "/fr/mosaic/ark:/99999/nothing", "/fr/mosaic/ark:/12345/v1bcdfg0",
        "/fr/mosaic/ark:/99999/v1bcdfg0?page=2", "/fr/embed/ark:/99999/v1bcdfg0/f3", "/en/embed/ark:/12345/v1bcdfg0", "/fr/ark:/99999/v1bcdfg0/f9999999999",
    ],
)  # fmt: skip
def test_the_unknown_is_404_with_ways_on(client: FlaskClient, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 404
    tree = lxml.html.document_fromstring(response.text)
    assert tree.xpath("//main//a[@href='/fr/' or @href='/en/']")


def test_a_technical_sentence_is_for_who_reads_english(client: FlaskClient) -> None:
    french, english = client.get("/fr/ark:/99999/v1bcdfg0/f3").text, client.get("/en/ark:/99999/v1bcdfg0/f3").text
    assert "There is no image" in english
    assert "There is no image" not in french
    assert "Rien ne se trouve à cette adresse." in french
    assert 'lang="en"' not in french.split("<main")[1]
    plain = client.get("/fr/ark:/99999/v1bcdfg0/f3", headers={"Accept": "application/json"})
    assert "There is no image" in plain.get_json()["message"]


def test_the_withdrawn_is_410_with_the_reason(client: FlaskClient) -> None:
    response = client.get("/ark:/99999/v1gone00")
    assert response.status_code == 410
    assert "Motif\u00a0: à la demande des ayants droit" in response.text
    assert "Reason: " in client.get("/en/ark:/99999/v1gone00").text
    plain = client.get("/ark:/99999/v1gone00", headers={"Accept": "text/plain"})
    assert "ayants droit" in plain.text
    assert "<" not in plain.text


@pytest.mark.parametrize("value", ["x", "0x", "-1", "²", "9999999"])
def test_a_malformed_page_number_is_400(client: FlaskClient, value: str) -> None:
    assert client.get("/fr/collections/type-presse", query_string={"page": value}).status_code == 400


def test_the_item_page_is_whole_without_scripts(client: FlaskClient) -> None:
    tree = page(client, "/fr/ark:/99999/v1bcdfg0")
    (image,) = tree.xpath("//div[@id='stage']//img")
    assert image.get("alt") == "Une place bordée de maisons à pignons, un tramway au centre."
    assert image.get("src").startswith("/iiif/image/3/v1bcdfg0.f1/full/")
    assert tree.xpath("//a[@rel='next']/@href") == ["/fr/ark:/99999/v1bcdfg0/f2"]
    assert not tree.xpath("//a[@rel='prev']")
    text = tree.text_content()
    for expected in ("Bibliothèque municipale de Lille", "CP 1204", "mai 1908", "Domaine public", "Tramways — Lille"):
        assert expected in text
    links = set(tree.xpath("//aside//a/@href"))
    assert f"{BASE}/iiif/presentation/3/v1bcdfg0/manifest" in links
    assert f"{BASE}/ark:/99999/v1bcdfg0" in links
    assert any(link.startswith("/fr/viewer?iiif-content=http%3A%2F%2Fvitrine.test%2F") for link in links)
    assert any("verb=GetRecord" in link and "oai_dc" in link for link in links)
    assert tree.xpath("//aside//a[@rel='license']/@href") == ["http://creativecommons.org/publicdomain/mark/1.0/"]


def test_a_page_says_what_its_view_is_called_and_when_it_changed(client: FlaskClient) -> None:
    tree = page(client, "/en/ark:/99999/v1hjkmn0/f2")
    assert tree.xpath("//div[@id='stage']//img/@alt")[0].startswith("page 2 of “")
    assert re.search(r"Updated on \d{1,2} [A-Z][a-z]+ \d{4}", tree.text_content())


def test_a_view_shows_its_words(client: FlaskClient) -> None:
    verso = page(client, "/fr/ark:/99999/v1bcdfg0/f2")
    assert "Chère tante,\nnous sommes bien arrivés." in verso.text_content()
    newspaper = client.get("/en/ark:/99999/v1hjkmn0").text
    assert "LES NOUVELLES de &lt;Paris&gt; &amp; d’ailleurs" in newspaper
    described = page(client, "/en/ark:/99999/v1bcdfg0")
    assert "Description written by a machine." in described.text_content()
    assert described.xpath("//h1/span/@lang") == ["fr"], "the title is in its own language"


def test_an_ark_answers_to_the_inflection_for_its_metadata(client: FlaskClient) -> None:
    for inflection in ("?info", "??"):
        response = client.get(f"/ark:/99999/v1bcdfg0{inflection}")
        assert response.mimetype == "text/plain"
        assert re.match(r"erc:\nwho: .+\nwhat: Lille. – La Grand’Place\nwhen: May 1908\nwhere: ", response.text)


def test_the_viewer_opens_what_is_asked(client: FlaskClient) -> None:
    manifest = f"{BASE}/iiif/presentation/3/v1bcdfg0/manifest"
    response = client.get("/viewer", query_string={"iiif-content": manifest})
    tree = lxml.html.document_fromstring(response.text)
    (place,) = tree.xpath("//div[@id='mirador']")
    assert json.loads(place.get("data-windows")) == [{"document": manifest, "canvas": "", "region": ""}]
    assert place.get("data-language") == "fr"
    own = response.headers["Content-Security-Policy"]
    assert "'unsafe-inline'" not in own.split("style-src")[0]
    assert " https:" not in own
    foreign = client.get("/en/viewer", query_string={"iiif-content": "https://a.test/manifest"})
    assert "connect-src 'self' http://vitrine.test https: http:" in foreign.headers["Content-Security-Policy"]
    assert client.get("/viewer?iiif-content=javascript:alert(1)").status_code == 400
    (empty,) = page(client, "/viewer").xpath("//div[@id='mirador']")
    assert empty.get("data-windows") == "[]"
    assert empty.get("data-collection") == f"{BASE}/iiif/presentation/3/collection/top"


@pytest.mark.parametrize(
    ("language", "words"), [("fr", "Titre de presse ou de revue"), ("en", "Newspaper or periodical")]
)
def test_a_newspaper_title_has_a_page_to_which_its_issues_lead(
    client: FlaskClient, shelf: Shelf, language: str, words: str
) -> None:
    item = renamed(make_newspaper(), "v1bcdfg1", "L’Écho du Nord. Nº 12")
    issue = replace(item.description, part_of=Whole("L’Écho du Nord", "1234-5678", "12"))
    shelf.put(replace(item, description=issue), texts={1: "LES NOUVELLES"})
    path = f"/{language}/collections/titre-1234-5678"
    assert f'href="{path}"' in client.get(f"/{language}/ark:/99999/v1bcdfg1").text
    shown = client.get(path)
    assert shown.status_code == 200
    assert words in shown.text
    [year] = lxml.html.document_fromstring(shown.text).xpath("//section//nav//a")
    assert (year.text, year.get("href")) == ("1848", f"{path}-1848")
    [back] = lxml.html.document_fromstring(client.get(f"{path}-1848").text).xpath("//header//p/a")
    assert back.get("href") == path
    assert "v1bcdfg1" in shown.text
    assert "titre-1234-5678" not in client.get(f"/{language}/").text, "thousands of titles do not fit on the home page"


def test_a_view_that_was_just_withdrawn_is_410_and_the_document_stays(client: FlaskClient, shelf: Shelf) -> None:
    """Its image is withdrawn at once, the document is published without it a moment later."""
    name = "v1hjkmn0"
    with shelf.catalogue.write() as session:
        session.get_one(PublishedImageRow, f"{name}.f1").state = "withdrawn"
        session.execute(delete(DocumentRow).where(DocumentRow.name == name, DocumentRow.kind == "text/f1"))
    assert client.get(f"/ark:/99999/{name}/f1").status_code == 410
    page = client.get(f"/ark:/99999/{name}")
    assert page.status_code == 200, "the view was its face"
    assert f"{name}.f2/" in page.text
    assert f"{name}.f1/" not in page.text
    assert client.get(f"/ark:/99999/{name}/f2").status_code == 200


def test_only_what_is_made_for_it_may_be_framed(client: FlaskClient) -> None:
    framed = client.get("/fr/embed/ark:/99999/v1hjkmn0/f1").headers["Content-Security-Policy"]
    assert framed.endswith("frame-ancestors *")
    for path in ("/fr/", "/ark:/99999/v1hjkmn0", "/fr/places", "/fr/nothing", "/fr/accessibility"):
        policy = client.get(path).headers["Content-Security-Policy"]
        assert policy.endswith("frame-ancestors 'none'")
        assert "unsafe" not in policy
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")


def test_what_is_embedded_leads_to_its_page(client: FlaskClient) -> None:
    tree = page(client, "/en/embed/ark:/99999/v1hjkmn0")
    assert tree.xpath("//h1/a/@href") == [f"{BASE}/ark:/99999/v1hjkmn0/f1"]
    assert tree.xpath("//a[@rel='next']/@href") == ["/en/embed/ark:/99999/v1hjkmn0/f2"]
    assert tree.xpath("//div[@id='stage']//img/@alt")
    shared = page(client, "/en/ark:/99999/v1hjkmn0/f1").xpath("//input[@id='share-embed']/@value")[0]
    assert shared.startswith(f'<iframe src="{BASE}/en/embed/ark:/99999/v1hjkmn0/f1"')


def test_a_page_that_is_asked_for_is_turned_to(client: FlaskClient) -> None:
    answer = client.get("/fr/ark:/99999/v1hjkmn0/f1?goto=vue+2&q=nouvelles")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/fr/ark:/99999/v1hjkmn0/f2?q=nouvelles")
    missing = client.get("/en/ark:/99999/v1hjkmn0/f1?goto=%3Cb%3E99")
    assert missing.status_code == 404
    tree = lxml.html.document_fromstring(missing.text)
    (said,) = tree.xpath("//*[@id='turn-to-said']")
    assert "“<b>99”" in said.text_content()
    assert tree.xpath("//input[@id='goto']/@value") == ["<b>99"]
    assert tree.xpath("//meta[@name='robots' and @content='noindex']")


def test_places_and_years_lead_to_documents(client: FlaskClient) -> None:
    places = page(client, "/fr/places")
    assert "/fr/places/lille-nord" in places.xpath("//main//ul//a/@href")
    assert places.xpath("//main//*[local-name()='svg']//a/@href") == ["/fr/places/lille-nord"] * 2
    assert "/fr/ark:/99999/v1bcdfg0" in page(client, "/fr/places/lille-nord").xpath("//main//a/@href")
    time = page(client, "/en/time")
    assert "/en/time/1900-1909" in time.xpath("//main//ul//a/@href")
    years = page(client, "/en/time/1840-1909")
    assert "/en/time/1848-1848" in years.xpath("//nav//a/@href")
    assert "/en/ark:/99999/v1hjkmn0" in years.xpath("//main//a/@href")


def test_institutions_say_what_they_hold(client: FlaskClient) -> None:
    tree = page(client, "/en/institutions")
    assert tree.xpath("//h2/a/@href") == [
        "/en/collections/institution-bm-douai",
        "/en/collections/institution-bm-lille",
    ]
    assert "Lille Municipal Library" in tree.text_content()


def test_the_mosaic_has_every_public_view(client: FlaskClient) -> None:
    links = page(client, "/fr/mosaic/ark:/99999/v1hjkmn0").xpath("//ol//a/@href")
    assert links == [f"/fr/ark:/99999/v1hjkmn0/f{number}" for number in (1, 2, 3, 4)]


def test_a_view_without_words_says_so_and_offers_to_ask(client: FlaskClient) -> None:
    silent = page(client, "/fr/ark:/99999/v1hjkmn0/f2")
    (ask,) = silent.xpath("//section[@id='view-text']//a[starts-with(@href, 'mailto:')]/@href")
    assert "v1hjkmn0/f2" in ask
    assert not page(client, "/fr/ark:/99999/v1bcdfg0/f2").xpath(
        "//section[@id='view-text']//a[starts-with(@href, 'mailto:')]"
    )


def test_a_browser_chooses_among_stored_sizes(client: FlaskClient) -> None:
    (image,) = page(client, "/fr/ark:/99999/v1hjkmn0/f1").xpath("//div[@id='stage']//img")
    assert image.get("srcset") == (
        "/iiif/image/3/v1hjkmn0.f1/full/450,625/0/default.jpg 450w, /iiif/image/3/v1hjkmn0.f1/full/900,1250/0/default.jpg 900w, "
        "/iiif/image/3/v1hjkmn0.f1/full/1800,2500/0/default.jpg 1800w"
    )


def test_metadata_with_scripts_in_it_is_only_read(client: FlaskClient, shelf: Shelf) -> None:
    nasty = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
    item = renamed(make_newspaper(), "v1nasty0", nasty)
    described = replace(
        item.description,
        people=(Person(nasty, "", "aut", "javascript:alert(1)"),),
        places=(Place(nasty, 50.6, 3.0),), subjects=(Subject(nasty, "javascript:alert(1)"),), shelfmark=nasty,
        abstracts=(Text(nasty, "fr"),), publisher=nasty, part_of=Whole(nasty, "1234-5678", nasty),
    )  # fmt: skip
    institution = replace(item.institution, homepage="javascript:alert(1)")
    structure = (Range("article", nasty, "fr", (Target(1),)),)
    shelf.put(replace(item, description=described, institution=institution, structure=structure), texts={1: nasty})
    (slug,) = [trait.value for trait in list_traits(replace(item, description=described)) if trait.kind == "place"]
    for path in (
        "/fr/ark:/99999/v1nasty0/f1", "/fr/", "/fr/places", f"/fr/places/{slug}", "/fr/collections/titres",
        "/fr/collections/titre-1234-5678", "/fr/collections/titre-1234-5678-1848", "/fr/mosaic/ark:/99999/v1nasty0",
        "/fr/embed/ark:/99999/v1nasty0/f1", f"/fr/ark:/99999/v1nasty0/f1?q={quote(nasty)}", f"/fr/{quote(nasty)}",
    ):  # fmt: skip
        response = client.get(path)
        assert response.status_code in (200, 404), path
        tree = lxml.html.document_fromstring(response.text)
        inside = [script for script in tree.iter("script") if not script.get("src")]
        assert {script.get("type") for script in inside} <= {"application/ld+json"}, (
            f"{path}: data, and nothing that runs"
        )
        assert [json.loads(script.text or "")["name"] for script in inside] == [nasty] * len(inside), path
        assert bool(inside) == path.startswith("/fr/ark:"), path
        assert not tree.xpath("//@onerror"), path
        assert not [link for link in tree.xpath("//@href") if link.startswith("javascript:")], path


@pytest.mark.parametrize(
    "path", ["/fr/places?page=0", "/fr/places/lille-nord?page=x", "/fr/ark:/99999/v1bcdfg0?q=a&start=x"]
)
def test_a_request_that_is_none_is_400_or_ignored(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == (200 if path == "/fr/places?page=0" else 400)


def test_the_statement_claims_no_more_than_is_known(client: FlaskClient) -> None:
    tree = page(client, "/fr/accessibility")
    assert "non conforme" in tree.text_content()
    assert len(tree.xpath("//table/tbody/tr")) == 106
    assert len(tree.xpath("//td[.='attend une personne']")) == read_statement().count("person")
    assert "/fr/accessibility" in page(client, "/fr/").xpath("//footer//a/@href"), "the home page names it"


def test_the_viewer_leads_to_the_page_that_is_more_accessible(client: FlaskClient) -> None:
    canvas = f"{BASE}/iiif/presentation/3/v1hjkmn0/canvas/f2"
    tree = lxml.html.document_fromstring(client.get(f"/en/viewer?iiif-content={quote(canvas, safe='')}").text)
    assert tree.xpath("//p[@class='plainly']/a/@href") == ["/en/ark:/99999/v1hjkmn0/f2"]


def test_an_installation_without_documents_has_pages_worth_reading(tmp_path: Path) -> None:
    catalogue = Catalogue(f"sqlite:///{tmp_path / 'empty.sqlite'}")
    Shelf(catalogue).prepare(BASE)
    app = create_app(load_settings(base_url=BASE, home_dir=tmp_path), catalogue, LocalStorage(tmp_path / "storage"))
    app.testing = True
    empty = app.test_client()
    for path in (
        "/fr/",
        "/fr/collections",
        "/fr/places",
        "/fr/time",
        "/fr/institutions",
        "/fr/help/iiif",
        "/fr/help/harvest",
    ):
        response = empty.get(path, headers={"Accept": "text/html"})
        assert response.status_code == 200, path
        tree = lxml.html.document_fromstring(response.text)
        assert tree.xpath("//main//p[contains(@class, 'lead')]"), path
    catalogue.close()


def test_a_document_says_to_which_portals_it_is_offered(client: FlaskClient, shelf: Shelf) -> None:
    """Offered and harvested is what is known; that a portal shows it is not said."""
    name, came = make_postcard().name, datetime(2026, 3, 12, 22, 30, tzinfo=UTC)
    assert "Proposé à" not in client.get(f"/fr/ark:/99999/{name}").text
    with shelf.catalogue.write() as session:
        for repository, label in (("gallica", "Documents pour <Gallica>"), ("armarium", "Partenaires d’Armarium")):
            session.add(register(repository))
            session.flush()
            session.get_one(OaiRepositoryRow, repository).label = {"fr": label}
            session.add(OaiStandingRow(repository=repository, name=name, state="listed", problems=[]))
            session.add(
                OaiRecordRow(
                    repository=repository, prefix="oai_dc", name=name, sequence=7, datestamp=7, deleted=False,
                    fingerprint="", header=b"", body=b"",
                )
            )  # fmt: skip
        session.add(
            HarvestRow(
                number="1", repository="gallica", verb="ListRecords", prefix="oai_dc", began=came, ended=came, records=1,
                first=0, upto=9, reached=9,
            )
        )  # fmt: skip
    listed = "/collections/institution-bm-lille/offers"
    french, english = (page(client, f"/{language}/ark:/99999/{name}") for language in ("fr", "en"))
    shown = [" ".join(each.text_content().split()) for each in french.xpath("//ul[contains(@class, 'offers')]/li")]
    assert shown == [
        "Partenaires d’Armarium pas encore moissonné dans son état actuel",
        "Documents pour <Gallica> moissonné le 12 mars 2026",
    ]
    (gallica,) = english.xpath("//ul[contains(@class, 'offers')]/li[2]")
    assert " ".join(gallica.text_content().split()) == "Documents pour <Gallica> harvested on 12 March 2026"
    assert gallica.xpath(".//@lang") == ["fr"]
    (address,) = gallica.xpath("a/@href")
    assert address == (
        f"/en/oai/gallica?verb=GetRecord&metadataPrefix=oai_dc&identifier=oai%3Avitrine.example.org%3A{name}"
    )
    assert page(client, "/fr/collections/institution-bm-lille").xpath(f"//a[@href='/fr{listed}']")
    for language, nobody in (("fr", "proposé à aucun autre portail"), ("en", "offered to no other portal")):
        shelf.put(renamed(make_postcard(), f"v1none{language}", f"Autre carte {language}"))
        rows = {
            row.xpath("string(dt/a/@href)"): [" ".join(each.text_content().split()) for each in row.xpath("dd")]
            for row in page(client, f"/{language}{listed}").xpath("//dl[contains(@class, 'offers')]/div")
        }
        assert rows[f"/{language}/ark:/99999/v1none{language}"] == [nobody]
        offered = rows[f"/{language}/ark:/99999/{name}"]
        assert [each.startswith(("Partenaires", "Documents")) for each in offered] == [True, True]
        assert offered[1].endswith(("moissonné le 12 mars 2026", "harvested on 12 March 2026"))
    assert client.get("/fr/collections/type-cartes-postales/offers").status_code == 404
    assert client.get(f"/fr{listed}?page=2").status_code == 404


def test_each_number_of_a_portal_leads_to_just_those_documents(client: FlaskClient, shelf: Shelf) -> None:
    """Twenty-six postcards: one taken as it is, one in an earlier state, the others not yet; one is not offered."""
    came = datetime(2026, 3, 12, 22, 30, tzinfo=UTC)
    names = [f"v1lot{number:02d}" for number in range(26)]
    for name in names:
        shelf.put(renamed(make_postcard(), name, f"Carte {name}"))
    moved = int((came + timedelta(days=1)).timestamp())
    with shelf.catalogue.write() as session:
        session.add(register("gallica"))
        session.flush()
        for number, name in enumerate(names[:-1], start=1):
            session.add(OaiStandingRow(repository="gallica", name=name, state="listed", problems=[]))
            session.add(
                OaiRecordRow(
                    repository="gallica", prefix="oai_dc", name=name, sequence=100 + number, datestamp=7, deleted=False,
                    fingerprint="", header=b"", body=b"",
                )
            )  # fmt: skip
        session.add(
            OaiFormerRecordRow(
                repository="gallica", prefix="oai_dc", name=names[1], sequence=9, moved=moved, deleted=False, specs=[]
            )
        )
        for key, first, reached in (("1", 0, 20), ("2", 100, 101)):
            session.add(
                HarvestRow(
                    number=key, repository="gallica", verb="ListRecords", prefix="oai_dc", began=came, ended=came, records=9,
                    first=first, upto=reached, reached=reached,
                )
            )  # fmt: skip
    listed = "/fr/collections/institution-bm-lille/offers"
    shown = {}
    for link in page(client, "/fr/collections/institution-bm-lille").xpath("//ul[@class='shares']//a"):
        count, _, words = " ".join(link.text_content().split()).partition(" ")
        shown[words] = int(count)
        documents = [
            title
            for number in (1, 2)
            if (there := client.get(f"{link.get('href')}&page={number}")).status_code == 200
            for title in lxml.html.document_fromstring(there.text).xpath(
                "//dl[contains(@class, 'titled')]//dt/a/text()"
            )
        ]
        assert len(set(documents)) == len(documents) == int(count)
    assert shown == {
        "proposés": 25, "moissonné tel qu’il est": 1, "moissonné dans un état antérieur": 1, "pas encore moissonnés": 23,
        "non proposés": shown["non proposés"],
    }  # fmt: skip
    assert shown["non proposés"] > 1
    earlier = page(client, f"{listed}?portal=gallica&state=earlier")
    (row,) = earlier.xpath("//dl[contains(@class, 'titled')]//dd")
    assert " ".join(row.text_content().split()).startswith("moissonné dans un état antérieur, dès le 12 mars 2026")
    assert earlier.xpath("//a[@aria-current='page']/@href") == [f"{listed}?portal=gallica&state=earlier"]
    assert "/oai/gallica" in earlier.xpath("string(//dd[@class='address'])")
    second = page(client, f"{listed}?portal=gallica&page=2")
    assert second.xpath("//a[@rel='prev']/@href") == [f"{listed}?portal=gallica"]
    assert second.xpath("//link[@hreflang='en']/@href")[0].endswith(
        "/en/collections/institution-bm-lille/offers?portal=gallica&page=2"
    )
    for asked, status, words in (
        ("portal=nobody", 404, "Aucun portail n’a le nom « nobody »"),
        ("portal=gallica&state=lost", 400, "current, earlier, pending, unoffered"),
        ("state=current", 400, "current, earlier, pending, unoffered"),
    ):
        answer = client.get(f"{listed}?{asked}", headers={"Accept": "text/html"})
        assert (answer.status_code, words in answer.text.replace("\xa0", " ")) == (status, True)
