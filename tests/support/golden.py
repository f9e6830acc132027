"""Records as files that are read as diffs: `python -m tests.support.golden` writes them anew, git shows what changed."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from lxml import etree

from server.model.description import Date, Person, Place, Subject, SubjectKind, Text, Whole
from server.model.item import Institution, Item
from server.model.rights import Rights, RightsStatus
from server.model.structure import Range, Target
from server.oai.formats.document import Document, Link, Telling, document_of
from server.oai.formats.profile import read_profile
from server.oai.formats.render import WRITERS
from tests.support.publications import make_newspaper, make_postcard
from tests.support.published_records import ADDRESSES
from tests.support.skips import REPOSITORY

FOLDER = REPOSITORY / "tests" / "golden" / "oai"
TITLE = Link("L’Écho du Nord", f"{ADDRESSES.base}/fr/collections/titre-echo-du-nord-0123abcd")
PROFILES = {"oai_dc": ("public", "gallica", "armarium", "asuivre")}


def make_postcard_with_authorities() -> Item:
    """Return a postcard whose photographer, place, time and subject have addresses of their own."""
    card = make_postcard()
    described = replace(
        card.description,
        people=(Person("Cayez, Edmond", "1861-1931", "pht", "https://data.bnf.fr/ark:/12148/cb14977555z"),),
        dates=(Date("190X", "[années 1900]"),),
        places=(
            Place("Lille (Nord)", 50.6365, 3.0635, "https://sws.geonames.org/2998324/"), Place("Hellemmes", 50.62, 3.11),
        ),
        subjects=(
            Subject("Tramways -- Lille", "https://data.bnf.fr/ark:/12148/cb11933650k"),
            Subject("1870-1914", "https://data.bnf.fr/ark:/12148/cb11975760z", SubjectKind.PERIOD),
            Subject("Fêtes & braderies"),
        ),
        languages=("fre",),
        abstracts=(Text("Une place <bordée> de maisons & de cafés.", "fr"),),
    )  # fmt: skip
    return replace(card, description=described)


def make_issue() -> Item:
    """Return an issue of a newspaper with an article and a blank page's division."""
    issue = make_newspaper()
    described = replace(
        issue.description,
        rights=Rights(RightsStatus.PUBLIC_DOMAIN),
        part_of=Whole("L’Écho du Nord", "", "nº 12"),
        publication_place="Lille",
    )
    structure = (Range("issue", "Nº 12", "fr", (Target(1),), (Range("article", "Élections", "fr", (Target(2),)),)),)
    return replace(issue, description=described, structure=structure, institution=_DOUAI)


_DOUAI = Institution(
    "bm-douai", {"fr": "Bibliothèque de Douai", "en": "Douai Library"}, gallica_label="Bibliothèque municipale (Douai)"
)


def documents() -> dict[str, Document]:
    """Return what the records are about, by name."""
    issue = document_of(make_issue(), ADDRESSES, (TITLE,))
    described = replace(make_issue().description, part_of=None, titles=(make_issue().description.titles[0],))
    whole = Document(
        replace(make_issue(), description=described), ADDRESSES, TITLE.address, "", ADDRESSES.collection("titre-x"),
        parts=(Link("1er mars 1848", issue.address),), is_whole=True,
    )  # fmt: skip
    return {
        "postcard": document_of(make_postcard_with_authorities(), ADDRESSES),
        "issue": issue,
        "title": whole,
    }


def records() -> Iterator[tuple[str, str]]:
    """Yield the name of each file with the record that belongs in it."""
    for prefix in WRITERS:
        for profile in PROFILES.get(prefix, ("europeana",) if prefix == "edm" else ("armarium",)):
            telling = Telling(read_profile(profile), 400, profile != "gallica", "Documents pour Europeana")
            for name, document in documents().items():
                body = WRITERS[prefix].write(document, telling)
                if body is not None:
                    yield f"{prefix}-{profile}-{name}.xml", pretty(body)


def pretty(body: bytes) -> str:
    """Return a record with one element a line."""
    return str(etree.tostring(etree.fromstring(body), pretty_print=True, encoding="unicode"))


def read(name: str) -> str:
    """Return what a file holds, empty where there is none."""
    path = Path(FOLDER) / name
    return path.read_text(encoding="utf-8") if path.exists() else ""


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path in FOLDER.glob("*.xml"):
        path.unlink()
    for name, text in records():
        (FOLDER / name).write_text(text, encoding="utf-8")
