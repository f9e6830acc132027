from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from server.model.description import Date, DateKind, Person, Place, Subject, SubjectKind, Text, Title, Typology, Whole
from server.model.item import Item
from server.model.rights import Rights, RightsStatus
from server.oai.formats.dates import literal_note, w3cdtf
from server.oai.formats.document import document_of
from server.oai.formats.header import write_header
from server.oai.formats.oai_dc import write_oai_dc
from server.oai.formats.render import render_record
from server.oai.formats.sets import PARENTS, most_specific, set_spec, sets_of
from server.oai.formats.types import document_types
from server.oai.formats.xml import clean, element
from tests.support.publications import CAMPAIGN, make_newspaper, make_postcard
from tests.support.published_records import ADDRESSES

LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def written(item: Item) -> Any:
    return etree.fromstring(write_oai_dc(document_of(item, ADDRESSES)))[0]


def said(item: Item, name: str) -> list[tuple[str | None, str]]:
    return [(found.get(LANG), found.text) for found in written(item).iterchildren(f"{{*}}{name}")]


def described(item: Item, **changes: Any) -> Item:
    return replace(item, description=replace(item.description, **changes))


def test_a_postcard_as_harvesters_want_it() -> None:
    item = make_postcard()
    assert said(item, "identifier") == [
        (None, "http://127.0.0.1:8000/ark:/99999/v1bcdfg0"),
        (None, "ark:/99999/v1bcdfg0"),
    ]
    assert said(item, "title") == [("fr", "Lille. – La Grand’Place")]
    assert said(item, "type") == [(None, "image"), ("fr", "image fixe"), ("en", "still image")]
    assert said(item, "contributor") == [(None, "Cayez, Edmond (1861-1931). Éditeur commercial")]
    assert said(item, "source") == [(None, "Bibliothèque municipale de Lille, CP 1204")]
    assert said(item, "relation") == [
        (None, "vignette : http://127.0.0.1:8000/iiif/image/3/v1bcdfg0.f1/full/400,250/0/default.jpg")
    ]
    assert said(item, "format")[-1] == ("fr", "Nombre total de vues : 2")
    assert said(item, "rights") == [
        ("fr", "Domaine public"),
        ("en", "Public domain"),
        (None, "http://creativecommons.org/publicdomain/mark/1.0/"),
    ]
    assert next(iter(written(item))).tag.endswith("identifier")


def test_views_that_are_not_public_are_not_counted() -> None:
    assert said(make_newspaper(), "format")[-1] == ("fr", "Nombre total de vues : 4")


def test_parallel_titles_and_languages() -> None:
    item = described(make_newspaper(), languages=("fre", "lat"))
    assert [language for language, _ in said(item, "title")] == ["fr", "la"]
    assert said(item, "language") == [(None, "fre"), (None, "lat")]


def test_licence_ouverte_is_stated_with_its_address() -> None:
    assert said(make_newspaper(), "rights")[-1] == (None, "https://www.etalab.gouv.fr/licence-ouverte-open-licence/")


def test_persons_by_their_part() -> None:
    people = (
        Person("Hugo, Victor", "1802-1885", "aut"),
        Person("Callot, Jacques", "", "egr"),
        Person("Tante Jeanne", "", "rcp"),
        Person("Louis XIV", "1638-1715", "dpc"),
        Person("Anonyme"),
    )
    item = described(make_postcard(), people=people, subjects=())
    assert [text for _, text in said(item, "creator")] == [
        "Hugo, Victor (1802-1885). Auteur", "Callot, Jacques. Graveur", "Anonyme",
    ]  # fmt: skip
    assert said(item, "contributor") == [(None, "Tante Jeanne. Destinataire")]
    assert said(item, "subject") == [(None, "Louis XIV (1638-1715)")]


@pytest.mark.parametrize(
    ("publisher", "place", "shown"),
    [("Danel", "Lille", ["Danel (Lille)"]), ("Danel", "", ["Danel"]), ("", "Lille", []), ("", "", [])],
)
def test_publisher(publisher: str, place: str, shown: list[str]) -> None:
    found = said(described(make_postcard(), publisher=publisher, publication_place=place), "publisher")
    assert [value for _language, value in found] == shown


def test_a_place_without_a_publisher_is_said_in_words() -> None:
    item = described(make_postcard(), publisher="", publication_place="Armentières")
    assert ("fr", "Lieu de publication : Armentières") in said(item, "description")
    written_there = described(item, dates=(Date("1768/1771", "", DateKind.CREATED),))
    assert ("fr", "Lieu de création : Armentières") in said(written_there, "description")


def test_a_vague_date_keeps_its_literal_in_a_description() -> None:
    item = described(make_postcard(), dates=(Date("1905~", "[vers 1905]", DateKind.CREATED),))
    assert said(item, "date") == [(None, "1905")]
    assert said(item, "description") == [("fr", "Date de création : [vers 1905]")]


@pytest.mark.parametrize(
    ("edtf", "clean_date"),
    [
        ("1905", "1905"), ("1905-04", "1905-04"), ("1905-04-12", "1905-04-12"), ("1905~", "1905"), ("1905?", "1905"),
        ("18XX", "1800/1899"), ("190X", "1900/1909"), ("1900/1910", "1900/1910"), ("1905~/1910?", "1905/1910"),
        ("/1905", "1905"), ("1905/", "1905"), ("1905-21", "1905"), ("17XX/18XX", "1700/1899"), ("", ""), ("XXXX", ""),
        ("not a date", ""),
    ],
)  # fmt: skip
def test_dates_for_machines(edtf: str, clean_date: str) -> None:
    assert w3cdtf(edtf) == clean_date


def test_a_literal_that_says_no_more_is_not_repeated() -> None:
    assert literal_note(Date("1905", "1905")) == ""
    assert literal_note(Date("1905", "")) == ""
    assert literal_note(Date("", "sans date")) == "Date de publication : sans date"


def test_coverage_and_the_whole() -> None:
    item = described(
        make_postcard(),
        places=(Place("Lille (Nord)", 50.6, 3.0),),
        subjects=(Subject("Tramways -- Lille"), Subject("1870-1914", "", SubjectKind.PERIOD)),
        part_of=Whole("L’Écho du Nord", number="nº 12"),
    )
    assert [text for _, text in said(item, "coverage")] == ["1870-1914", "Lille (Nord)"]
    assert said(item, "subject") == [(None, "Tramways -- Lille")]
    assert said(item, "relation")[-1] == (None, "Titre d’ensemble : L’Écho du Nord, nº 12")


@pytest.mark.parametrize(
    ("typology", "genre", "types"),
    [
        (Typology.PRESS, "", [("text", "publication en série imprimée")]),
        (Typology.POSTCARDS, "photographie", [("image", "image fixe"), ("image", "photographie")]),
        (Typology.ICONOGRAPHY, "Affiche", [("image", "estampe")]),
        (Typology.MAPS, "Plan de ville", [("image", "plan")]),
        (Typology.MAPS, "", [("image", "document cartographique")]),
        (Typology.LETTERS, "lettre", [("text", "manuscrit")]),
    ],
)
def test_types(typology: Typology, genre: str, types: list[tuple[str, str]]) -> None:
    found = document_types(described(make_postcard(), typology=typology, genre=genre).description)
    assert [(kind.main, kind.french) for kind in found] == types


def test_every_typology_and_right_has_a_record() -> None:
    for typology in Typology:
        for status in RightsStatus:
            item = described(make_postcard(), typology=typology, rights=Rights(status))
            assert said(item, "type")
            assert said(item, "rights")


@given(st.text(max_size=40))
def test_no_text_breaks_a_record(text: str) -> None:
    item = described(
        make_postcard(), titles=(Title(text or "x", "fr"),), abstracts=(Text(text, text[:8] or None),), shelfmark=text
    )
    assert written(item).tag.endswith("dc")


@given(st.text())
def test_cleaning_loses_nothing_that_can_be_seen(text: str) -> None:
    root = etree.fromstring(element("x", clean(text), "fr"))
    assert (root.text or "") == clean(text)
    assert clean(clean(text)) == clean(text)


def test_the_same_item_gives_the_same_bytes() -> None:
    assert write_oai_dc(document_of(make_postcard(), ADDRESSES)) == write_oai_dc(
        document_of(make_postcard(), ADDRESSES)
    )


def test_a_record_is_valid_against_the_schema(shared: Path) -> None:
    schema = etree.XMLSchema(etree.parse(shared / "schemas" / "oai-pmh" / "oai_dc.xsd"))
    for item in (make_postcard(), make_newspaper()):
        schema.assertValid(written(item))


def test_sets_and_their_parents() -> None:
    item = replace(make_postcard(), collections=("tramways",))
    rendered = render_record(item, ADDRESSES)
    labels = {membership.spec: membership.label for membership in rendered.sets}
    assert list(labels) == [
        "campagne", "campagne:2025-villes", "collection", "collection:tramways", "institution", "institution:bm-lille",
        "type", "type:cartes-postales",
    ]  # fmt: skip
    assert labels["type"] == PARENTS["type"]
    assert {membership.collection for membership in rendered.sets} == {"", "tramways"}
    assert labels["campagne:2025-villes"] == {"fr": "Villes et faubourgs (2025)", "en": "Towns and suburbs (2025)"}
    assert CAMPAIGN.theme == {"fr": "Villes et faubourgs", "en": "Towns and suburbs"}
    assert most_specific(labels) == (
        "campagne:2025-villes", "collection:tramways", "institution:bm-lille", "type:cartes-postales",
    )  # fmt: skip


def test_a_set_spec_is_always_lawful() -> None:
    assert set_spec("collection", "L’été à la mer: 1/2") == "collection:L-t-la-mer-1-2"
    assert all(":" not in membership.spec.partition(":")[2] for membership in sets_of(make_postcard()))


def test_the_header_names_the_most_specific_sets() -> None:
    paris = timezone(timedelta(hours=2))
    header = write_header("oai:x:y", datetime(2026, 7, 1, 12, 0, 0, tzinfo=paris), ["type", "type:presse"])
    assert header == (
        b"<header><identifier>oai:x:y</identifier><datestamp>2026-07-01T10:00:00Z</datestamp>"
        b"<setSpec>type:presse</setSpec></header>"
    )
    assert write_header("oai:x:y", datetime(2026, 1, 1, tzinfo=UTC), deleted=True).startswith(
        b'<header status="deleted">'
    )
