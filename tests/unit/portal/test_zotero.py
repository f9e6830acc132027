"""What Zotero takes from the page of a document: its translators `Embedded Metadata` and `RDF`, rule by rule, and RIS.

Modelled from what these translators do: prefixes are declared by `link rel=schema.*`; Dublin Core becomes creators, tags,
abstract and rights; Highwire tags win where both say something; an author with words on both sides of a comma is read as
two; a title that ends with the name of its newspaper loses it.
"""

import re
from dataclasses import replace

import lxml.html
import pytest
from flask.testing import FlaskClient

from server.model.description import Date, Person, Subject, Text, Title, Typology, Whole
from server.model.item import Item
from tests.support.finding import describe
from tests.support.publications import Shelf, make_newspaper, renamed

DUBLIN_CORE = "http://purl.org/dc/elements/1.1/"
ITEM_TYPES = {
    "artwork", "audioRecording", "blogPost", "book", "bookSection", "document", "journalArticle", "letter", "magazineArticle",
    "manuscript", "map", "newspaperArticle", "report", "thesis", "webpage",
}  # fmt: skip
HIGHWIRE = {
    "citation_title": "title", "citation_publication_date": "date", "citation_journal_title": "publicationTitle",
    "citation_issue": "issue", "citation_publisher": "publisher", "citation_public_url": "url", "citation_language": "language",
}  # fmt: skip

Zotero = dict[str, object]


def _clean(name: str, kind: str) -> tuple[str, str, str]:
    if "," in name:
        last, _, first = name.partition(",")
    else:
        first, _, last = name.rpartition(" ")
    return kind, last.strip(), first.strip()


def read_as_zotero(page: lxml.html.HtmlElement) -> Zotero:
    prefixes = {
        link.get("rel").removeprefix("schema.").lower(): link.get("href")
        for link in page.xpath("//link[starts-with(@rel, 'schema.')]")
    }
    core: dict[str, list[str]] = {}
    highwire: dict[str, list[str]] = {}
    for meta in page.xpath("//head/meta[@content]"):
        tag, value = meta.get("name") or meta.get("property") or "", meta.get("content")
        prefix, _, rest = re.sub("[.:_]", ".", tag, count=1).partition(".")
        if prefixes.get(prefix.lower()) == DUBLIN_CORE and value:
            core.setdefault(rest[:1].lower() + rest[1:], []).append(value)
        elif tag.startswith("citation_") and value:
            highwire.setdefault(tag, []).append(value)
    item: Zotero = {"itemType": core["type"][0] if core["type"][0] in ITEM_TYPES else "webpage"}
    for name, key in (("title", "title"), ("publisher", "publisher"), ("date", "date"), ("language", "language")):
        item[key] = core.get(name, [""])[0]
    for name, key in HIGHWIRE.items():
        if name in highwire:
            item[key] = " ".join(", ".join(highwire[name]).split())  # several values are joined
    creators = []
    for value in highwire.get("citation_author", []):
        names = re.split(r"\s*;\s*", value)
        by_comma = re.split(r"\s*,\s*", value)
        if len(names) == 1 and len(by_comma) > 1 and " " in by_comma[0] and " " in by_comma[1]:
            names = by_comma
        creators += [_clean(name, "author") for name in names if name]
    item["creators"] = creators or [
        *(_clean(name, "author") for name in core.get("creator", [])),
        *(_clean(name, "contributor") for name in core.get("contributor", [])),
    ]
    item["tags"] = core.get("subject", [])
    item["abstractNote"] = core.get("description", [""])[0]
    item["rights"] = core.get("rights", [""])[0]
    if whole := item.get("publicationTitle"):
        item["title"] = re.sub(rf"\s*\W\s*{re.escape(str(whole))}\s*$", "", str(item["title"]), flags=re.IGNORECASE)
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
    assert found["language"] == "fr, la"
    assert found["tags"] == ["Fables", "Animaux -- Poésie"]
    assert found["abstractNote"] == "Des fables choisies."
    assert found["rights"]
    assert str(found["url"]).endswith("/ark:/99999/v1zotero")
    kinds = [kind for kind, _, _ in found["creators"]]  # type: ignore[attr-defined]
    assert kinds == ["author", "contributor"]


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
