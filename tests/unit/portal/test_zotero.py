"""What Zotero takes from the page of a document: its translators `Embedded Metadata` and `RDF` of June 2026, rule by rule; RIS.

The translators themselves, run by Zotero's translation server, read pages, RIS and BibTeX of every kind of document in November 2026;
what they took is what is expected here.

Modelled from what these translators do: prefixes are declared by `link rel=schema.*`; the item type is that of DC.type,
but anything with a `citation_journal_title` is an article of a journal; of several values of a Highwire tag the first
counts, and it wins over Dublin Core; creators are those of `citation_author` alone, or else, for each part that the item
type knows, those of RDF; a single author with words on both sides of a comma is read as two; a title that ends with the
name of its newspaper loses it; tags are left out; fields under `z` are taken as they are named. Where nobody made a document
whatever looks like a byline is an author, and where it has no date the first `time` of the page is one. schema.org is not
read from JSON-LD: no translator for all sites does.
"""

import json
import re
from dataclasses import replace

import lxml.html
import pytest
from flask.testing import FlaskClient
from lxml import etree

from server.model.description import Date, Person, Subject, Text, Title, Typology, Whole
from server.model.item import Item
from tests.support.finding import describe
from tests.support.publications import Shelf, make_newspaper, renamed

SPACES = {
    "http://purl.org/dc/elements/1.1/": "dc", "http://prismstandard.org/namespaces/1.2/basic/": "prism",
    "http://purl.org/net/biblio#": "bib", "http://www.zotero.org/namespaces/export#": "z", "http://ogp.me/ns#": "og",
    "http://purl.org/dc/terms/": "dcterms",
}  # fmt: skip
CREATORS = {
    "artwork": ("artist", "contributor"), "book": ("author", "contributor", "editor", "seriesEditor", "translator"),
    "letter": ("author", "contributor", "recipient"), "manuscript": ("author", "contributor", "translator"),
    "map": ("cartographer", "contributor", "seriesEditor"), "newspaperArticle": ("author", "contributor", "translator"),
    "journalArticle": ("author", "contributor", "editor", "translator"),
}  # fmt: skip
"""Zotero's item types that documents of ours are, and the parts that creators have in each."""

HIGHWIRE = {
    "citation_title": "title", "citation_publication_date": "date", "citation_journal_title": "publicationTitle",
    "citation_issue": "issue", "citation_publisher": "publisher", "citation_public_url": "url", "citation_language": "language",
}  # fmt: skip
OF_RDF = {
    "title": ("dc.title", "og.title"), "publisher": ("dc.publisher",), "date": ("dc.date",), "language": ("dc.language",),
    "publicationTitle": ("prism.publicationName", "dc.source"), "issue": ("prism.number",), "rights": ("dc.rights",),
    "abstractNote": ("dc.description",), "archiveLocation": ("dc.coverage",),
}  # fmt: skip
PARTS = {
    "author": ("bib.authors", "dc.creator", "dc.contributor"), "contributor": ("bib.contributors",),
    "editor": ("bib.editors",),
}  # fmt: skip

OWN = ("archive", "archiveLocation", "place", "artworkMedium", "letterType", "mapType", "manuscriptType")
BYLINES = (
    "//*[contains(translate(@class, 'BYLINE', 'byline'), 'byline') or contains(@class, 'vcard')] | //a[@rel='author']"
)

Zotero = dict[str, object]


def _clean(name: str, kind: str) -> tuple[str, str, str]:
    if "," in name:
        last, _, first = name.partition(",")
    else:
        first, _, last = name.rpartition(" ")
    return kind, last.strip(), first.strip()


def _of_authors(values: list[str]) -> list[tuple[str, str, str]]:
    found = []
    for value in values:
        names = re.split(r"\s*;\s*", value)
        by_comma = re.split(r"\s*,\s*", value)
        if len(names) == len(values) == 1 and len(by_comma) > 1 and " " in by_comma[0] and " " in by_comma[1]:
            names = by_comma
        found += [_clean(name, "author") for name in names if name]
    return found


def _of_rdf(kind: str, core: dict[str, list[str]]) -> list[tuple[str, str, str]]:
    found = []
    for part in CREATORS[kind]:
        told = next((core[each] for each in PARTS.get(part, (f"z.{part}s",)) if each in core), [])
        found += [_clean(name, part) for name in told]
    return found


def read_as_zotero(page: lxml.html.HtmlElement) -> Zotero:
    prefixes = {"og": "og"} | {
        link.get("rel").removeprefix("schema.").lower(): SPACES[link.get("href")]
        for link in page.xpath("//link[starts-with(@rel, 'schema.')]")
    }
    core: dict[str, list[str]] = {}
    highwire: dict[str, list[str]] = {}
    for meta in page.xpath("//meta[@content]"):
        tag, value = meta.get("name") or meta.get("property") or "", meta.get("content")
        prefix, _, rest = re.sub("[.:_]", ".", tag, count=1).partition(".")
        if prefix.lower() in prefixes and value:
            core.setdefault(f"{prefixes[prefix.lower()]}.{rest[:1].lower() + rest[1:]}", []).append(value)
        elif tag.startswith("citation_") and value:
            highwire.setdefault(tag, []).append(value)
    kind = "journalArticle" if "citation_journal_title" in highwire else core["dc.type"][0]
    item: Zotero = {
        "itemType": kind,
        "creators": _of_authors(highwire.get("citation_author", [])) or _of_rdf(kind, core),
    }
    for key, names in OF_RDF.items():
        item[key] = next((core[name][0] for name in names if name in core), "")
    for name, key in HIGHWIRE.items():
        if name in highwire:
            item[key] = " ".join(highwire[name][0].split())
    item |= {field: core[f"z.{field}"][0] for field in OWN if f"z.{field}" in core}
    if not item["creators"]:
        item["creators"] = [("author", " ".join(each.text_content().split()), "") for each in page.xpath(BYLINES)]
    if not item["date"]:
        item["date"] = next(iter(page.xpath("//time/@datetime")), "")
    if kind == "newspaperArticle" and not item["publicationTitle"]:
        item["publicationTitle"] = core["og.site_name"][0]
    if whole := item["publicationTitle"]:
        item["title"] = re.sub(
            rf"\s*[-–—=_:|~#]\s*{re.escape(str(whole))}\s*$", "", str(item["title"]), flags=re.IGNORECASE
        )
    return item


def take(client: FlaskClient, shelf: Shelf, item: Item, language: str = "fr") -> Zotero:
    shelf.put(item, texts={1: "LES NOUVELLES"})
    return read_as_zotero(lxml.html.document_fromstring(client.get(f"/{language}/ark:/99999/{item.name}").text))


def make_document(**described: object) -> Item:
    item = renamed(make_newspaper(), "v1zotero", "Choix de fables")
    return describe(replace(item), **{"part_of": None, "dates": (Date("1842"),), "people": (), **described})


@pytest.mark.parametrize(
    ("names", "creators"),
    [
        (["Hugo, Victor"], [("author", "Hugo", "Victor")]),
        (["La Fontaine, Jean de"], [("author", "La Fontaine", "Jean de")]),
        (
            ["La Fontaine, Jean de", "Hugo, Victor"],
            [("author", "La Fontaine", "Jean de"), ("author", "Hugo", "Victor")],
        ),
        (["Le Brun ; Fils"], [("author", "Fils", "Le Brun ;")]),
    ],
)
def test_every_author_is_one_author(
    client: FlaskClient, shelf: Shelf, names: list[str], creators: list[tuple[str, str, str]]
) -> None:
    people = tuple(Person(name, "", "aut") for name in names)
    assert take(client, shelf, make_document(people=people))["creators"] == creators


def test_a_book_is_taken_whole(client: FlaskClient, shelf: Shelf) -> None:
    item = make_document(
        typology=Typology.BOOKS, people=(Person("La Fontaine, Jean de", "1621-1695", "aut"), Person("Grandville", "", "oth")),
        publisher="Lefort", subjects=(Subject("Fables"), Subject("Animaux -- Poésie")), languages=("fre", "lat"),
        abstracts=(Text("Des fables choisies.", "fr"),),
    )  # fmt: skip
    found = take(client, shelf, item)
    assert found["itemType"] == "book"
    assert found["title"] == "Choix de fables"
    assert found["date"] == "1842"
    assert found["publisher"] == "Lefort"
    assert found["language"] == "fr"
    assert found["abstractNote"] == "Des fables choisies."
    assert str(found["archive"]).endswith(", Douai"), "a place that it is about is none where it is kept"
    assert found["archiveLocation"] == "J 12"
    assert found["rights"]
    assert str(found["url"]).endswith("/ark:/99999/v1zotero")
    assert found["creators"] == [("author", "La Fontaine", "Jean de"), ("contributor", "Grandville", "")]


@pytest.mark.parametrize(
    ("typology", "kind", "part"),
    [
        (Typology.POSTCARDS, "artwork", "artist"),
        (Typology.PHOTOGRAPHS, "artwork", "artist"),
        (Typology.MAPS, "map", "cartographer"),
        (Typology.LETTERS, "letter", "author"),
        (Typology.MANUSCRIPTS, "manuscript", "author"),
    ],
)
def test_makers_have_the_part_that_their_kind_knows(
    client: FlaskClient, shelf: Shelf, typology: Typology, kind: str, part: str
) -> None:
    people = (Person("Cayez, Edmond", "", "aut"), Person("Danel, Léonard", "", "prt"))
    found = take(client, shelf, make_document(typology=typology, people=people))
    assert found["itemType"] == kind
    assert found["creators"] == [(part, "Cayez", "Edmond"), ("contributor", "Danel", "Léonard")]


def test_who_helped_is_no_author_where_nobody_made_a_document(client: FlaskClient, shelf: Shelf) -> None:
    found = take(client, shelf, make_document(people=(Person("Danel, Léonard", "", "prt"),)))
    assert found["creators"] == [("contributor", "Danel", "Léonard")]


def test_what_nobody_made_on_no_day_has_neither_author_nor_date(client: FlaskClient, shelf: Shelf) -> None:
    """The date of a map that nobody signed is no author, and the day on which a reader consults it no date."""
    found = take(client, shelf, make_document(typology=Typology.MAPS))
    assert (found["creators"], found["date"]) == ([], "1842")
    found = take(client, shelf, describe(renamed(make_document(), "v1undated", "Sans date"), dates=()))
    assert (found["creators"], found["date"]) == ([], "")


@pytest.mark.parametrize(
    ("date", "language", "shown"),
    [
        (Date("1908~"), "fr", "vers 1908"),
        (Date("1908~"), "en", "about 1908"),
        (Date("1768/1771"), "fr", "1768 – 1771"),
        (Date("", "sans date"), "fr", "sans date"),
        (Date("1908-05"), "fr", "1908/05"),
    ],
)
def test_a_date_that_is_not_exact_is_told_in_words(
    client: FlaskClient, shelf: Shelf, date: Date, language: str, shown: str
) -> None:
    assert take(client, shelf, make_document(dates=(date,)), language)["date"] == shown


@pytest.mark.parametrize(
    ("typology", "genre", "field", "shown"),
    [
        (Typology.LETTERS, "lettre", "letterType", "lettre"),
        (Typology.MAPS, "", "mapType", "Cartes et plans"),
        (Typology.ARCHIVES, "registre", "manuscriptType", "registre"),
        (Typology.POSTCARDS, "carte postale", "artworkMedium", "carte postale"),
    ],
)
def test_what_kind_of_thing_it_is_is_said_in_words(
    client: FlaskClient, shelf: Shelf, typology: Typology, genre: str, field: str, shown: str
) -> None:
    found = take(client, shelf, make_document(typology=typology, genre=genre, publication_place="Lille"))
    assert (found[field], found["place"]) == (shown, "Lille")


def test_an_issue_of_no_known_newspaper_is_called_neither_by_its_library_nor_by_the_site(
    client: FlaskClient, shelf: Shelf
) -> None:
    found = take(client, shelf, make_document())
    assert (found["title"], found["publicationTitle"]) == ("Choix de fables", "Choix de fables")


def test_an_issue_keeps_title_newspaper_and_number(client: FlaskClient, shelf: Shelf) -> None:
    item = make_document(
        titles=(Title("L’Écho du Nord", "fr"),), part_of=Whole("L’Écho du Nord", "1234-5678", "12"), dates=(Date("1909-03-07"),)
    )  # fmt: skip
    found = take(client, shelf, item, "en")
    assert found["itemType"] == "newspaperArticle"
    assert found["title"] == "L’Écho du Nord", "the whole title is not what is cut from its end"
    assert (found["publicationTitle"], found["issue"], found["date"]) == ("L’Écho du Nord", "12", "1909/03/07")


def test_what_zotero_offers_to_import_is_there(client: FlaskClient, shelf: Shelf) -> None:
    """RIS beside the page: Zotero's RIS translator reads a type first, then tags, then the end."""
    shelf.put(make_document(people=(Person("La Fontaine, Jean de", "", "aut"),)), texts={1: "LES NOUVELLES"})
    page = lxml.html.document_fromstring(client.get("/fr/ark:/99999/v1zotero").text)
    (address,) = page.xpath("//head/link[@type='application/x-research-info-systems']/@href")
    lines = client.get(address).text.strip().splitlines()
    assert lines[0].startswith("TY  - ")
    assert lines[-1].startswith("ER  -")
    assert all(re.match(r"[A-Z][A-Z0-9]  - ?", line) for line in lines)
    assert "AU  - La Fontaine, Jean de" in lines


RDF = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#", "foaf": "http://xmlns.com/foaf/0.1/", "bib": "http://purl.org/net/biblio#",
    "z": "http://www.zotero.org/namespaces/export#", "dc": "http://purl.org/dc/elements/1.1/", "dcterms": "http://purl.org/dc/terms/",
    "prism": "http://prismstandard.org/namespaces/1.2/basic/",
}  # fmt: skip


def read_by_unapi(client: FlaskClient, page: lxml.html.HtmlElement) -> Zotero | None:
    """Return what Zotero's translator `unAPI` takes, which comes before that of embedded metadata; None where it has nothing.

    It asks the server that the page names which formats there are, then for each document of the page in the best one; its
    RDF translator gives who has no given name one field.
    """
    servers = page.xpath("//link[@rel='unapi-server']/@href")
    names = page.xpath("//abbr[@class='unapi-id']/@title")
    if not servers or not names:
        return None
    (name,) = names
    formats = etree.fromstring(client.get(servers[0]).get_data()).xpath("//format/@name")
    assert formats == ["rdf_zotero"]
    answer = client.get(f"{servers[0]}?id={name}&format={formats[0]}")
    assert answer.mimetype == "application/rdf+xml"
    (node,) = etree.fromstring(answer.get_data()).xpath("/rdf:RDF/rdf:Description", namespaces=RDF)
    kind = node.findtext("z:itemType", namespaces=RDF)
    creators = []
    for part in CREATORS[kind]:
        relation = f"bib:{part}s" if part in PARTS else f"z:{part}s"
        for person in node.xpath(f"{relation}/rdf:Seq/rdf:li/foaf:Person", namespaces=RDF):
            found = [person.findtext(f"foaf:{each}", "", namespaces=RDF) for each in ("surname", "givenName")]
            creators.append((part, *found))
    return {
        "itemType": kind,
        "creators": creators,
        "title": node.findtext("dc:title", namespaces=RDF),
        "publicationTitle": node.findtext("prism:publicationName", "", namespaces=RDF),
        "issue": node.findtext("prism:number", "", namespaces=RDF),
        "date": node.findtext("dc:date", "", namespaces=RDF),
        "url": node.findtext("dc:identifier/dcterms:URI/rdf:value", namespaces=RDF),
        "archive": node.findtext("z:archive", namespaces=RDF),
        "archiveLocation": node.findtext("z:archiveLocation", namespaces=RDF),
    }


def open_page(client: FlaskClient, shelf: Shelf, item: Item) -> lxml.html.HtmlElement:
    shelf.put(item, texts={1: "LES NOUVELLES"})
    return lxml.html.document_fromstring(client.get(f"/fr/ark:/99999/{item.name}").text)


def test_a_corporate_body_is_one_name(client: FlaskClient, shelf: Shelf) -> None:
    people = (
        Person("Communauté des tisserands (Armentières, Nord)", "", "aut", is_body=True),
        Person("La Fontaine, Jean de", "", "aut"), Person("Danel & <Fils>", "", "prt", is_body=True),
    )  # fmt: skip
    page = open_page(client, shelf, make_document(typology=Typology.ARCHIVES, people=people))
    found = read_by_unapi(client, page)
    assert found is not None
    assert found["itemType"] == "manuscript"
    assert found["creators"] == [
        ("author", "Communauté des tisserands (Armentières, Nord)", ""),
        ("author", "La Fontaine", "Jean de"),
        ("contributor", "Danel & <Fils>", ""),
    ]
    assert found["title"] == "Choix de fables"
    assert str(found["url"]).endswith("/ark:/99999/v1zotero")
    assert (found["archive"], found["archiveLocation"]) == ("Bibliothèque Marceline Desbordes-Valmore, Douai", "J 12")
    schema = json.loads(page.xpath("//script[@type='application/ld+json']/text()")[0])
    assert [each["@type"] for each in schema["creator"]] == ["Organization", "Person"]


def test_what_a_body_made_has_its_date_in_words_and_its_makers_once(client: FlaskClient, shelf: Shelf) -> None:
    people = tuple(Person("Danel frères", "", role, is_body=True) for role in ("pht", "edt", "prt"))
    item = make_document(typology=Typology.POSTCARDS, people=people, dates=(Date("1908~"),))
    found = read_by_unapi(client, open_page(client, shelf, item))
    assert found is not None
    assert (found["creators"], found["date"]) == ([("artist", "Danel frères", "")], "vers 1908")


@pytest.mark.parametrize(
    ("typology", "part"),
    [(Typology.MAPS, "cartographer"), (Typology.PHOTOGRAPHS, "artist"), (Typology.PRESS, "author")],
)
def test_a_body_has_the_part_that_its_kind_of_document_knows(
    client: FlaskClient, shelf: Shelf, typology: Typology, part: str
) -> None:
    people = (Person("Ponts et Chaussées, Nord", "", "aut", is_body=True),)
    whole = Whole("L’Écho du Nord", "1234-5678", "12")
    found = read_by_unapi(
        client, open_page(client, shelf, make_document(typology=typology, people=people, part_of=whole))
    )
    assert found is not None
    assert found["creators"] == [(part, "Ponts et Chaussées, Nord", "")]
    assert (found["publicationTitle"], found["issue"]) == (
        ("L’Écho du Nord", "12") if typology is Typology.PRESS else ("", "")
    )


def test_what_persons_made_is_taken_from_the_page(client: FlaskClient, shelf: Shelf) -> None:
    page = open_page(client, shelf, make_document(people=(Person("La Fontaine, Jean de", "", "aut"),)))
    assert read_by_unapi(client, page) is None


def test_unapi_says_what_there_is_and_what_there_is_not(client: FlaskClient, shelf: Shelf) -> None:
    shelf.put(make_document(), texts={1: "LES NOUVELLES"})
    choices = client.get("/unapi?id=v1zotero")
    assert choices.status_code == 300
    assert etree.fromstring(choices.get_data()).get("id") == "v1zotero"
    assert client.get("/unapi?id=v1nobody").status_code == 404
    assert client.get("/unapi?id=v1gone00&format=rdf_zotero").status_code == 410
    refused = client.get("/unapi?id=v1zotero&format=marc")
    assert (refused.status_code, refused.mimetype) == (406, "text/plain")
    assert "ask for rdf_zotero" in refused.text
