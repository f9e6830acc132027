"""MODS, to the pieces of a description."""

import pytest

from server.formats.mods import ModsRecord, read_coordinates, read_mods
from server.formats.xml import parse_xml
from server.model.description import (
    Date,
    DateKind,
    Person,
    Place,
    Subject,
    SubjectKind,
    Text,
    Title,
    TitleKind,
    Whole,
    WholeKind,
)


def mods(
    inside: str, namespace: str = ' xmlns="http://www.loc.gov/mods/v3" xmlns:xlink="http://www.w3.org/1999/xlink"'
) -> ModsRecord:
    return read_mods(parse_xml(f"<mods{namespace}>{inside}</mods>".encode(), "m.xml"))


def test_titles_have_articles_subtitles_parts_languages_and_kinds() -> None:
    record = mods(
        '<titleInfo xml:lang="fre"><nonSort>L’</nonSort><title>Écho</title><subTitle>journal</subTitle><partNumber>n° 5</partNumber></titleInfo>'
        '<titleInfo type="translated" lang="eng"><title>The Echo</title></titleInfo>'
        '<titleInfo type="alternative"><title>Écho du Nord</title></titleInfo><titleInfo xml:lang="nl"><title>De Echo</title></titleInfo>'
        "<titleInfo><title/></titleInfo>"
    )
    assert record.titles == (
        Title("L’Écho : journal. n° 5", "fr"), Title("The Echo", "en", TitleKind.PARALLEL),
        Title("Écho du Nord", None, TitleKind.ALTERNATIVE), Title("De Echo", "nl", TitleKind.PARALLEL),
    )  # fmt: skip


def test_who_is_a_body_is_told_by_the_type_of_the_name() -> None:
    record = mods(
        '<name type="corporate"><namePart>Communauté des tisserands (Armentières, Nord)</namePart></name>'
        '<name type="personal"><namePart>Danel, L.</namePart></name><name><namePart>Ville de Lille</namePart></name>'
    )
    assert [(person.name, person.is_body) for person in record.people] == [
        ("Communauté des tisserands (Armentières, Nord)", True), ("Danel, L.", False), ("Ville de Lille", False),
    ]  # fmt: skip


def test_people_have_roles_dates_and_authorities() -> None:
    record = mods(
        '<name valueURI="https://www.idref.fr/1"><namePart type="family">Hugo</namePart><namePart type="given">Victor</namePart>'
        '<namePart type="date">1802-1885</namePart><role><roleTerm type="text">jardinier</roleTerm>'
        '<roleTerm type="code" authority="marcrelator">aut</roleTerm></role></name><name><namePart>Danel</namePart>'
        "<role><roleTerm>Imprimeur</roleTerm></role></name><name/>"
    )
    assert record.people == (
        Person("Hugo, Victor", "1802-1885", "aut", "https://www.idref.fr/1"),
        Person("Danel", "", "prt"),
    )


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        ('<dateIssued encoding="w3cdtf">1905-10-05</dateIssued><dateIssued>5 octobre 1905</dateIssued>', Date("1905-10-05", "5 octobre 1905")),
        ('<dateIssued qualifier="approximate">02.04.1814</dateIssued>', Date("1814-04-02~", "02.04.1814")),
        ('<dateCreated point="start">1900</dateCreated><dateCreated point="end" qualifier="questionable">1910</dateCreated>', Date("1900/1910?", "1900-1910", DateKind.CREATED)),
        ("<dateIssued>an II</dateIssued>", Date("", "an II")),
        ("<dateIssued>1905</dateIssued><copyrightDate>1904</copyrightDate>", Date("1905", "1905")),
    ],
)  # fmt: skip
def test_dates_keep_what_is_printed_beside_what_it_means(inside: str, expected: Date) -> None:
    assert mods(f"<originInfo>{inside}</originInfo>").dates == (expected,)


def test_places_have_coordinates_and_subjects_their_parts() -> None:
    record = mods(
        '<subject valueURI="http://www.geonames.org/2998324"><geographic>Lille</geographic><cartographics><coordinates>50.6372, 3.0633</coordinates></cartographics></subject>'
        '<subject authority="rameau"><topic valueURI="http://data.bnf.fr/1">Tramways</topic><geographic>Lille</geographic><temporal>1900-1945</temporal></subject>'
        "<subject><name><namePart>Faidherbe, Louis</namePart></name></subject>"
        "<subject><hierarchicalGeographic><country>France</country><city>Roubaix</city></hierarchicalGeographic></subject><subject/>"
    )
    assert record.places == (
        Place("Lille", 50.6372, 3.0633, "http://www.geonames.org/2998324"),
        Place("Roubaix, France"),
    )
    assert record.subjects == (
        Subject("Tramways -- Lille -- 1900-1945", "http://data.bnf.fr/1"), Subject("Faidherbe, Louis", "", SubjectKind.PERSON),
    )  # fmt: skip


def test_the_rest_is_taken_over_as_written() -> None:
    record = mods(
        '<genre>map</genre><typeOfResource>cartographic</typeOfResource><language><languageTerm type="code">fre</languageTerm></language>'
        "<language><languageTerm>klingonais</languageTerm></language><physicalDescription><extent>1 f.</extent></physicalDescription>"
        '<originInfo><place><placeTerm type="code">fr</placeTerm><placeTerm type="text">Lille</placeTerm></place><publisher>Danel</publisher></originInfo>'
        "<location><holdingSimple><copyInformation><shelfLocator>Carton 1</shelfLocator></copyInformation></holdingSimple></location>"
        '<abstract xml:lang="fr">Un plan.</abstract><note>Taché</note><identifier type="ark">ark:/12345/x</identifier>'
        '<accessCondition type="use" xlink:href="http://creativecommons.org/publicdomain/mark/1.0/">libre</accessCondition>'
        '<relatedItem type="host"><titleInfo><title>Atlas</title></titleInfo><identifier>A1</identifier><part><detail><number>3</number></detail></part></relatedItem>'
        "<recordInfo><recordIdentifier>R1</recordIdentifier></recordInfo>"
    )
    assert (record.genre, record.resource_type, record.languages, record.unknown_languages) == (
        "map",
        "cartographic",
        ("fre",),
        ("klingonais",),
    )
    assert (record.extent, record.publisher, record.publication_place, record.shelfmark) == (
        "1 f.",
        "Danel",
        "Lille",
        "Carton 1",
    )
    assert (record.abstracts, record.notes) == ((Text("Un plan.", "fr"),), (Text("Taché"),))
    assert record.conditions == (("use", "http://creativecommons.org/publicdomain/mark/1.0/"), ("use", "libre"))
    assert record.part_of == Whole("Atlas", "A1", "3", WholeKind.MULTIVOLUME)
    assert (record.identifier("ark"), record.identifier("record"), record.identifier("issn")) == (
        "ark:/12345/x",
        "R1",
        "",
    )


def test_mods_without_a_namespace_is_read_as_docworks_writes_it() -> None:
    assert mods("<titleInfo><title>T</title></titleInfo>", "").titles == (Title("T"),)


@pytest.mark.parametrize(
    ("said", "point"),
    [
        ("50.6372,3.0633", (50.6372, 3.0633)), ("50.5 ; 3", (50.5, 3.0)), ("-91,0", None), ("Lille", None), ("50,6", (50.0, 6.0)),
        ("E 3°00' / N 50°30'", (50.5, 3.0)), ("W 3°00'--E 5°00'/N 50°00'--N 51°00'", (50.5, 1.0)), ("N 91°00' E 3°00'", None),
    ],
)  # fmt: skip
def test_coordinates_are_read_in_degrees_or_in_parts(said: str, point: tuple[float, float] | None) -> None:
    assert read_coordinates(said) == point
