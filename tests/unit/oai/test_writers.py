"""Each format against its rules, its schema where it is at hand, and readers that are not its writer."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from server.formats.mets import read_mets
from server.formats.mods import read_mods
from server.model.description import Date, DateKind, Person, Subject, Text, Title, Typology, WholeKind
from server.model.harvester import DELIVERED
from server.model.item import Item
from server.model.rights import Rights, RightsStatus
from server.oai.formats import edm
from server.oai.formats.document import Document, Telling, document_of
from server.oai.formats.profile import Level, Profile, profile_names, read_profile
from server.oai.formats.render import WRITERS
from server.oai.formats.rules import content_tier, find_faults
from server.oai.formats.types import TYPES, document_types
from tests.support.golden import (
    FOLDER,
    TITLE,
    documents,
    make_issue,
    make_postcard_with_authorities,
    read,
    records,
)
from tests.support.publications import make_newspaper, make_postcard
from tests.support.published_records import ADDRESSES

EUROPEANA = Telling(read_profile("europeana"), 400, manifest=True, provider="Documents pour Europeana")
GALLICA = Telling(read_profile("gallica"))
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
RECORDS = dict(records())


def write(prefix: str, document: Document, telling: Telling = EUROPEANA) -> Any:
    body = WRITERS[prefix].write(document, telling)
    assert body is not None
    return etree.fromstring(body)[0]


def said(prefix: str, item: Item, name: str, telling: Telling) -> list[tuple[str | None, str]]:
    root = write(prefix, document_of(item, ADDRESSES), telling)
    return [(found.get(LANG), found.text) for found in root.iterchildren(f"{{*}}{name}")]


def described(item: Item, **changes: Any) -> Item:
    return replace(item, description=replace(item.description, **changes))


def broken(item: Item, telling: Telling, level: Level = Level.REQUIRED) -> list[str]:
    return [fault.rule for fault in find_faults(document_of(item, ADDRESSES), telling) if fault.level is level]


@pytest.mark.parametrize("name", sorted(RECORDS))
def test_a_record_is_the_one_that_was_read(name: str) -> None:
    assert RECORDS[name] == read(name), "if it is as it should be: python -m tests.support.golden, and read the diff"


def test_no_golden_record_is_left_over() -> None:
    assert {path.name for path in FOLDER.glob("*.xml")} == set(RECORDS)


def test_gallica_as_its_table_says() -> None:
    item = make_issue()
    assert said("oai_dc", item, "title", GALLICA)[0] == ("fre", "L’Écho du Nord (Lille), 1er mars 1848")
    assert said("oai_dc", item, "identifier", GALLICA) == [
        (None, "http://127.0.0.1:8000/ark:/99999/v1hjkmn0"), (None, "ark:/99999/v1hjkmn0"),
    ]  # fmt: skip
    assert said("oai_dc", item, "type", GALLICA) == [
        (None, "text"), ("fre", "publication en série imprimée"), ("eng", "printed serial"),
    ]  # fmt: skip
    assert said("oai_dc", item, "rights", GALLICA) == [
        ("fre", "domaine public"), ("eng", "public domain"), (None, "http://creativecommons.org/publicdomain/mark/1.0/"),
    ]  # fmt: skip
    assert said("oai_dc", item, "source", GALLICA) == [(None, "Bibliothèque municipale (Douai), J 12")]
    assert said("oai_dc", item, "format", GALLICA)[-1] == ("fre", "Nombre total de vues :  4")
    assert said("oai_dc", item, "relation", GALLICA)[0] == (
        None, "vignette : http://127.0.0.1:8000/iiif/image/3/v1hjkmn0.f1/full/288,400/0/default.jpg",
    )  # fmt: skip
    assert not any("manifeste" in text for _, text in said("oai_dc", item, "relation", GALLICA))
    chosen = replace(GALLICA, manifest=True, thumbnail=128)
    assert [text for _, text in said("oai_dc", item, "relation", chosen)][:2] == [
        "vignette : http://127.0.0.1:8000/iiif/image/3/v1hjkmn0.f1/full/92,128/0/default.jpg",
        "manifeste IIIF : http://127.0.0.1:8000/iiif/presentation/3/v1hjkmn0/manifest",
    ]
    assert broken(item, GALLICA) == []


def test_gallicas_record_has_no_attribute_but_the_language() -> None:
    root = write("oai_dc", document_of(make_postcard_with_authorities(), ADDRESSES), GALLICA)
    for found in root:
        assert set(found.attrib) <= {LANG}
        assert not (found.attrib and found.text.startswith("http"))


TABLE = """image fixe = still image = image; texte imprimé = text = text; monographie imprimée = printed monograph = text;
manuscrit = manuscript = text; publication en série imprimée = printed serial = text; document sonore = sound = sound;
images animées = moving image = video; objet = physical object = image; monnaie = physical object = image;
musique imprimée = printed music = text; musique imprimée et manuscrite = printed and manuscript music = text;
musique manuscrite = manuscript music = text; estampe = engraving = image; dessin = drawing = image;
photographie = photograph = image; document d'archives = archival material = text;
document cartographique = cartographic resource = image; carte = map = image; atlas = atlas = image;
diagramme = diagram = image; globe céleste = globe = image; globe terrestre = globe = image; globe en fuseaux = globe = image;
maquette = model = image; image de télédétection = remote sensing image = image; coupe = section = image; vue = view = image;
plan = plan = image"""
"""dc:type as Gallica's guide gives it: French, English, main value."""


def test_the_table_of_types_is_gallicas_whole() -> None:
    rows = [tuple(part.strip() for part in row.split(" = ")) for row in TABLE.replace("\n", " ").split(";")]
    assert {(kind.french, kind.english, kind.main) for kind in TYPES.values()} == set(rows)
    assert len(rows) == len(TYPES) == 28


def test_the_table_is_that_of_the_requirements(shared: Path) -> None:
    [line] = [
        line
        for line in (shared / "requirements" / "gallica.md").read_text("utf-8").splitlines()
        if "dc:type table" in line
    ]
    told = set()
    for row in line.partition("): ")[2].rstrip(".").split(" · "):
        names, english, main = row.split(" → ")
        told |= {(french, english, main) for french in names.split(", ")}
    assert {(kind.french, kind.english, kind.main) for kind in TYPES.values()} == told


@pytest.mark.parametrize(
    ("typology", "genre", "french"),
    [
        (Typology.PRESS, "", ["publication en série imprimée"]),
        (Typology.POSTCARDS, "", ["image fixe"]),
        (Typology.POSTCARDS, "estampe", ["image fixe", "estampe"]),
        (Typology.MAPS, "carte", ["carte"]),
        (Typology.MAPS, "Plan", ["plan"]),
        (Typology.ARCHIVES, "", ["document d'archives"]),
        (Typology.PHOTOGRAPHS, "", ["photographie"]),
        (Typology.MANUSCRIPTS, "", ["manuscrit"]),
        (Typology.BOOKS, "", ["monographie imprimée"]),
        (Typology.BOOKS, "partition", ["musique imprimée"]),
        (Typology.BOOKS, "Musique imprimée et manuscrite", ["musique imprimée et manuscrite"]),
        (Typology.ICONOGRAPHY, "affiche", ["estampe"]),
        (Typology.ICONOGRAPHY, "dessin", ["dessin"]),
        (Typology.MAPS, "Image de télédétection", ["image de télédétection"]),
    ],
)
def test_the_documents_of_this_project_have_their_type(typology: Typology, genre: str, french: list[str]) -> None:
    item = described(make_postcard(), typology=typology, genre=genre)
    assert [kind.french for kind in document_types(item.description)] == french


@pytest.mark.parametrize(
    ("changes", "rules"),
    [
        ({"titles": (Title(" ", "fr"),)}, ["title"]),
        ({"rights": Rights(RightsStatus.IN_COPYRIGHT)}, ["rights"]),
        ({"rights": Rights(RightsStatus.ORPHAN)}, ["rights"]),
        ({"rights": Rights(RightsStatus.CC_BY_NC_ND)}, []),
        ({"rights": Rights(RightsStatus.LICENCE_OUVERTE)}, []),
    ],
)
def test_what_gallica_refuses(changes: dict[str, Any], rules: list[str]) -> None:
    assert broken(described(make_postcard(), **changes), GALLICA) == rules


def test_what_gallica_advises() -> None:
    assert broken(make_issue(), GALLICA, Level.ADVISED) == ["creator", "publisher"]
    bare = described(make_postcard(), languages=(), dates=(Date("", "s.d."),), shelfmark="", people=())
    assert broken(bare, GALLICA, Level.ADVISED) == [
        "source", "source-label", "language", "date", "creator", "publisher",
    ]  # fmt: skip
    small = replace(make_postcard(), views=tuple(replace(view, width=90, height=60) for view in make_postcard().views))
    assert "thumbnail-size" in broken(small, GALLICA, Level.ADVISED)


def test_every_profile_takes_a_sound_document_and_says_something_of_every_right_it_knows() -> None:
    for name in profile_names():
        profile = read_profile(name)
        telling = Telling(profile)
        for status in RightsStatus:
            item = described(make_postcard_with_authorities(), rights=Rights(status))
            is_known = profile.rights_words(item.description.rights) is not None
            assert ("rights" in broken(item, telling)) == (not is_known), (name, status)


def test_europeana_takes_its_own_statements_alone() -> None:
    profile = EUROPEANA.profile
    assert profile.rights is not None
    assert RightsStatus.LICENCE_OUVERTE not in profile.rights
    assert all(edm.RIGHTS.fullmatch(words.uri) for words in profile.rights.values())
    item = described(make_postcard(), rights=Rights(RightsStatus.LICENCE_OUVERTE))
    assert WRITERS["edm"].write(document_of(item, ADDRESSES), EUROPEANA) is None
    assert broken(item, EUROPEANA) == ["rights"]
    assert broken(described(make_issue(), languages=()), EUROPEANA) == ["language-of-text"]


def test_edm_has_what_europeana_requires() -> None:
    for item in (make_postcard_with_authorities(), make_issue()):
        root = write("edm", document_of(item, ADDRESSES))
        [cho] = root.findall("{*}ProvidedCHO")
        names = [etree.QName(found).localname for found in cho]
        assert "title" in names or "description" in names
        assert {"type", "subject", "spatial", "temporal"} & set(names)
        kinds = [found.text for found in cho.findall("{http://www.europeana.eu/schemas/edm/}type")]
        assert kinds in (["TEXT"], ["IMAGE"])
        assert kinds == ["IMAGE"] or "language" in names
        [aggregation] = root.findall("{*}Aggregation")
        assert [etree.QName(found).localname for found in aggregation if "hasView" not in found.tag] == [
            "aggregatedCHO", "dataProvider", "isShownAt", "isShownBy", "object", "provider", "rights",
        ]  # fmt: skip
        address = ADDRESSES.image_file(item.face.image)
        assert aggregation.find("{*}isShownBy").get(f"{RDF}resource") == address
        assert address.endswith("/full/max/0/default.jpg")
        resource = next(found for found in root.findall("{*}WebResource") if found.get(f"{RDF}about") == address)
        assert resource.find("{*}isReferencedBy").get(f"{RDF}resource") == ADDRESSES.manifest(item.name)
        service = resource.find("{*}has_service").get(f"{RDF}resource")
        assert service == ADDRESSES.image(item.face.image)
        [told] = [found for found in root.findall("{*}Service") if found.get(f"{RDF}about") == service]
        assert told.find("{*}conformsTo").get(f"{RDF}resource") == "http://iiif.io/api/image"
        assert told.find("{*}implements").get(f"{RDF}resource") == "http://iiif.io/api/image/3/level2.json"


def test_edm_tells_of_what_has_an_address_once() -> None:
    twice = Subject("Tramways", "https://data.bnf.fr/ark:/12148/cb11933650k")
    item = described(make_postcard_with_authorities(), subjects=(twice, twice))
    root = write("edm", document_of(item, ADDRESSES))
    told = [(etree.QName(found).localname, found.get(f"{RDF}about")) for found in root]
    assert len(told) == len(set(told))
    assert [kind for kind, _ in told if kind in ("Agent", "Concept", "Place", "TimeSpan")] == [
        "Agent", "Concept", "Place", "Place", "TimeSpan",
    ]  # fmt: skip
    pointed = {found.get(f"{RDF}resource") for found in root.find("{*}ProvidedCHO") if found.get(f"{RDF}resource")}
    assert pointed <= {address for _, address in told}


@given(st.lists(st.sampled_from(["title", "person", "subject", "date", "abstract"]), max_size=12))
def test_the_order_of_edm_holds_whatever_there_is(parts: list[str]) -> None:
    item = described(
        make_postcard(),
        titles=tuple(Title(f"Titre {n}", "fr") for n in range(1 + parts.count("title"))),
        people=tuple(Person(f"Nom {n}", role=("aut", "rcp", "dpc")[n % 3]) for n in range(parts.count("person"))),
        subjects=tuple(Subject(f"Sujet {n}", f"http://x/{n}" * (n % 2)) for n in range(parts.count("subject"))),
        dates=tuple(Date("1905", kind=list(DateKind)[n % 2]) for n in range(parts.count("date"))),
        abstracts=tuple(Text(f"Résumé {n}") for n in range(parts.count("abstract"))),
    )
    [cho] = write("edm", document_of(item, ADDRESSES)).findall("{*}ProvidedCHO")
    prefixes = {namespace: prefix for prefix, namespace in cho.nsmap.items()}
    names = [f"{prefixes[etree.QName(found).namespace]}:{etree.QName(found).localname}" for found in cho]
    assert [edm._ORDER.index(name) for name in names] == sorted(edm._ORDER.index(name) for name in names)


@pytest.mark.parametrize(
    ("size", "status", "tier"),
    [
        ((300, 300), RightsStatus.PUBLIC_DOMAIN, 0),
        ((400, 300), RightsStatus.PUBLIC_DOMAIN, 1),
        ((800, 600), RightsStatus.PUBLIC_DOMAIN, 2),
        ((1000, 950), RightsStatus.PUBLIC_DOMAIN, 4),
        ((1000, 949), RightsStatus.PUBLIC_DOMAIN, 2),
        ((2000, 2000), RightsStatus.CC_BY_NC, 3),
        ((2000, 2000), RightsStatus.IN_COPYRIGHT, 2),
    ],
)
def test_content_tiers(size: tuple[int, int], status: RightsStatus, tier: int) -> None:
    card = described(make_postcard(), rights=Rights(status))
    views = tuple(replace(view, width=size[0], height=size[1]) for view in card.views)
    assert content_tier(replace(card, views=views)) == tier
    assert content_tier(replace(card, views=())) == 0


def test_our_own_reader_understands_the_mods() -> None:
    item = make_postcard_with_authorities()
    found = read_mods(write("mods", document_of(item, ADDRESSES)))
    assert found.titles == item.description.titles
    assert found.people == item.description.people
    assert found.shelfmark == item.description.shelfmark
    assert found.languages == ("fre",)
    assert [(place.label, place.uri) for place in found.places] == [
        (place.label, place.uri) for place in item.description.places
    ]
    assert found.identifier("ark") == item.ark
    issue = read_mods(write("mods", document_of(make_issue(), ADDRESSES, (TITLE,))))
    assert issue.part_of is not None
    assert (issue.part_of.label, issue.part_of.number, issue.part_of.kind) == (
        "L’Écho du Nord", "nº 12", WholeKind.PERIODICAL,
    )  # fmt: skip


def test_mods_says_who_is_a_body_and_of_nobody_else_that_they_are_persons() -> None:
    people = (
        Person("Communauté des tisserands", "", "aut", is_body=True), Person("Lecœuvre frères", "", "pht"),
        Person("Ville de Lille", "", "dpc", is_body=True),
    )  # fmt: skip
    record = write("mods", document_of(described(make_postcard(), people=people), ADDRESSES))
    names = {name.findtext("{*}namePart"): name.get("type") for name in record.iter("{*}name")}
    assert names == {"Communauté des tisserands": "corporate", "Lecœuvre frères": None, "Ville de Lille": "corporate"}
    assert read_mods(record).people[:2] == people[:2]


def test_our_own_reader_understands_the_mets() -> None:
    body = etree.tostring(write("mets", document_of(make_issue(), ADDRESSES, (TITLE,))))
    mets = read_mets(body, "mets.xml")
    assert mets.objid == "ark:/99999/v1hjkmn0"
    assert mets.physical is not None
    assert mets.logical is not None
    assert len(list(mets.physical.walk())) == 5
    labels = {division.identifier: division.label for division in mets.logical.walk()}
    assert labels["LOG0"] == "L’Écho du Nord. Nº 12"
    assert mets.label == "L’Écho du Nord (Lille), 1er mars 1848"
    assert {labels[division]: views for division, views in mets.links.items()} == {
        "L’Écho du Nord. Nº 12": ("PHYS",), "Nº 12": ("P1",), "Élections": ("P2",),
    }  # fmt: skip
    assert {file.href for file in mets.files.values() if "/full/max/" in file.href} == {
        ADDRESSES.image_file(f"v1hjkmn0.f{number}") for number in (1, 2, 3, 4)
    }
    record, dublin_core = mets.records.values()
    assert (record.kind, dublin_core.kind) == ("MODS", "DC")
    assert read_mods(record.element).titles[0].value == mets.label


def test_the_mets_shows_nothing_of_a_view_that_is_not_public() -> None:
    body = etree.tostring(write("mets", document_of(make_newspaper(), ADDRESSES), Telling()))
    assert b"v1hjkmn0.f5" not in body
    assert b"Mire de couleur" not in body


@pytest.mark.parametrize("prefix", sorted(WRITERS))
def test_every_typology_and_right_can_be_written(prefix: str) -> None:
    for typology in Typology:
        for status in RightsStatus:
            item = described(make_postcard_with_authorities(), typology=typology, rights=Rights(status))
            body = WRITERS[prefix].write(document_of(item, ADDRESSES), Telling(Profile("x")))
            assert body is None or etree.fromstring(body).tag == "metadata"
            assert body is not None or prefix in ("edm", *DELIVERED)


@pytest.mark.parametrize("prefix", sorted(WRITERS))
@settings(max_examples=40)
@given(text=st.text(max_size=30))
def test_no_text_breaks_a_record(prefix: str, text: str) -> None:
    item = described(
        make_issue(), titles=(Title(text or "x", text[:3] or None),), abstracts=(Text(text, "fr"),), shelfmark=text,
        people=(Person(text, text, "aut", text),), subjects=(Subject(text, text),), publisher=text, extent=text,
        publication_place=text, dates=(Date("1905", text),), genre=text,
    )  # fmt: skip
    document = document_of(item, ADDRESSES, (TITLE,), source=UNIMARC.encode())
    body = WRITERS[prefix].write(document, EUROPEANA)
    if body is None:
        assert prefix == "marc21"
        return
    assert body == WRITERS[prefix].write(document, EUROPEANA)
    etree.fromstring(body)


UNIMARC = """<mets xmlns="http://www.loc.gov/METS/"><dmdSec><mdWrap MDTYPE="MARC"><xmlData>
<record xmlns="info:lc/xmlns/marcxchange-v2" format="UNIMARC"><leader>00000nam  2200000   450 </leader>
<controlfield tag="001">FRBNF12345</controlfield><!-- a note -->
<datafield tag="200" ind1="1" ind2=" "><subfield code="a">Fables &amp; contes</subfield><subfield code="f"/></datafield>
<datafield tag="700"/></record></xmlData></mdWrap></dmdSec></mets>"""


def test_a_librarys_own_record_is_passed_on() -> None:
    document = document_of(make_postcard(), ADDRESSES, source=UNIMARC.encode())
    root = write("unimarc", document)
    assert root.tag == "{info:lc/xmlns/marcxchange-v2}record"
    assert root.get("format") == "UNIMARC"
    assert [(etree.QName(field).localname, field.get("tag")) for field in root] == [
        ("leader", None), ("controlfield", "001"), ("datafield", "200"),
    ]  # fmt: skip
    assert [part.text for part in root[2]] == ["Fables & contes"]
    assert WRITERS["marc21"].write(document, EUROPEANA) is None
    american = replace(document, source=UNIMARC.replace('"200"', '"245"').encode())
    assert write("marc21", american).tag == "{http://www.loc.gov/MARC21/slim}record"
    assert WRITERS["unimarc"].write(american, EUROPEANA) is None


@pytest.mark.parametrize(
    "source",
    [
        "",
        "<mets/>",
        "dc:title;images",
        "<record><datafield tag='200'>",
        f"<two>{UNIMARC}{UNIMARC}</two>",
        "<!DOCTYPE x [<!ENTITY e 'x'>]><record><datafield tag='200'/></record>",
    ],
)
def test_where_there_is_no_one_record_there_is_none(source: str) -> None:
    assert WRITERS["unimarc"].write(document_of(make_postcard(), ADDRESSES, source=source.encode()), EUROPEANA) is None


def test_records_of_the_profiles_are_valid_dublin_core(shared: Path) -> None:
    schema = etree.XMLSchema(etree.parse(shared / "schemas" / "oai-pmh" / "oai_dc.xsd"))
    for name in profile_names():
        for document in documents().values():
            schema.assertValid(write("oai_dc", document, Telling(read_profile(name), manifest=True)))
