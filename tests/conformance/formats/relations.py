"""What a grammar cannot say: how the parts of a record belong together. Each rule with its source, and a way to break it.

The rules of `edm` are those of Europeana's Schematron, beside what its IIIF pattern asks; those of `mets` are what xsd:ID and
xsd:IDREF mean, and what Kitodo.Presentation and the harvesters of Omeka look for.
"""

import copy
import re

from lxml import etree

from tests.conformance.formats.xpaths import (
    NAMES,
    Record,
    Relation,
    adding,
    each,
    find,
    none,
    points,
    removing,
    setting,
    unique,
    values,
    writing,
)

TYPES = {
    "DEFAULT": "image/jpeg",
    "THUMBS": "image/jpeg",
    "IIIF": "application/ld+json",
    "FULLTEXT": "application/alto+xml",
}


def _dates_are_pairs(record: Record) -> bool:
    starts, ends = (len(find(record, f"//mods:originInfo/*[@point='{point}']")) for point in ("start", "end"))
    return starts == ends


def _dates_keep_their_encoding(record: Record) -> bool:
    told = values(record, "//mods:originInfo/*[@encoding='w3cdtf']/text()")
    return all(re.fullmatch(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?", one) for one in told)


def _pages_are_counted(record: Record) -> bool:
    orders = values(record, "mets:structMap[@TYPE='PHYSICAL']/mets:div/mets:div/@ORDER")
    return orders == [str(number) for number in range(1, len(orders) + 1)]


def _pages_have_their_files(record: Record) -> bool:
    pages = find(record, "mets:structMap[@TYPE='PHYSICAL']/mets:div/mets:div")
    groups = {use: set(values(record, f"//mets:fileGrp[@USE='{use}']/mets:file/@ID")) for use in TYPES}
    return all(
        len(set(values(page, "mets:fptr/@FILEID")) & groups[use]) == 1
        for page in pages
        for use in ("DEFAULT", "THUMBS", "IIIF")
    )


def _every_file_is_on_a_page(record: Record) -> bool:
    return set(values(record, "//mets:file/@ID")) == set(values(record, "//mets:fptr/@FILEID"))


def _files_are_of_their_group(record: Record) -> bool:
    return all(
        set(values(group, "mets:file/@MIMETYPE")) == {TYPES.get(group.get("USE", ""))}
        for group in find(record, "//mets:fileGrp")
    )


def _own_division_names_mods(record: Record) -> bool:
    return (
        all(
            bool(find(record, f"mets:dmdSec[@ID='{name}']/mets:mdWrap[@MDTYPE='MODS']"))
            for name in values(record, "//mets:structMap[@TYPE='LOGICAL']//@DMDID")
        )
        and len(values(record, "//mets:div/@DMDID")) == 1
    )


def _omeka_finds_dublin_core(record: Record) -> bool:
    sections = find(record, "mets:dmdSec")
    direct = find(sections[-1], "mets:mdWrap/mets:xmlData/dc:*") if sections else []
    first = find(record, "mets:structMap[1]/mets:div[@DMDID]")
    return len(direct) > 1 and not first


def _omeka_finds_no_prefix(record: Record) -> bool:
    return all(element.prefix is None for element in record.iter(f"{{{NAMES['mets']}}}*"))


def _prefixed(record: Record) -> Record:
    told = re.sub(r"<(/?)(?=\w+[\s>/])", r"<\1m:", etree.tostring(record, encoding="unicode"))
    return etree.fromstring(told.replace(f'xmlns="{NAMES["mets"]}"', f'xmlns:m="{NAMES["mets"]}"'))


def _shown_is_described(record: Record) -> bool:
    shown = {*values(record, "//edm:isShownBy/@rdf:resource"), *values(record, "//edm:hasView/@rdf:resource")}
    return shown == set(values(record, "edm:WebResource/@rdf:about"))


def _points_to_what_is_told(record: Record) -> bool:
    kinds = "edm:Agent|edm:Place|edm:TimeSpan|skos:Concept"
    told = {value for kind in kinds.split("|") for value in values(record, f"{kind}/@rdf:about")}
    return told <= set(values(record, "edm:ProvidedCHO/*/@rdf:resource"))


def _rights_agree(record: Record) -> bool:
    return len(set(values(record, "//edm:rights/@rdf:resource"))) == 1


def _text_or_reference(record: Record) -> bool:
    return not [one for one in find(record, "//*[@rdf:resource]") if (one.text or "").strip() or len(one)]


def _renamed_alike(record: Record) -> None:
    for element in record:
        element.set(f"{{{NAMES['rdf']}}}about", "http://example.org/")


def _text_without_language(record: Record) -> None:
    writing("//edm:type", "TEXT")(record)
    removing("//dc:language")(record)


def _nothing_is_said_twice(record: Record) -> bool:
    said = [etree.tostring(element, method="c14n", exclusive=True) for element in record]
    return len(said) == len(set(said))


def _said_twice(record: Record) -> None:
    record.append(copy.deepcopy(record[0]))


_SCHEMATRON = "Europeana's Schematron in EDM-EXTERNAL-MAIN.xsd and EDM-COMMON-MAIN.xsd"
_IIIF = "EDM Mapping Guidelines 2.4, IIIF to EDM profile"
_KITODO = "DFG METS application profile 2.4; Kitodo.Presentation, MetsDocument"
_OMEKA = "Omeka S module OaiPmhHarvester and Omeka Classic's harvester, map of METS"
_ID = "METS 1.12: xsd:ID, xsd:IDREF"
_GUIDE = "MODS user guidelines"
_CHO = "edm:ProvidedCHO"

RELATIONS = (
    Relation(
        "mods",
        "a title of its own",
        _GUIDE + ", titleInfo",
        each("mods:titleInfo[not(@type)]/mods:title"),
        removing("mods:titleInfo[not(@type)]"),
    ),
    Relation(
        "mods",
        "points of dates come in pairs",
        _GUIDE + ", date: point",
        _dates_are_pairs,
        removing("//*[@point='end']"),
    ),
    Relation(
        "mods",
        "dates are what their encoding says",
        "W3CDTF",
        _dates_keep_their_encoding,
        writing("//*[@encoding='w3cdtf']", "vers 1905"),
    ),
    Relation(
        "mods",
        "one key date at most",
        _GUIDE + ", date: keyDate",
        none("(//*[@keyDate])[2]"),
        adding("mods:originInfo", '<mods:dateIssued keyDate="yes">1905</mods:dateIssued>'),
    ),
    Relation(
        "mods",
        "one primary display",
        _GUIDE + ", url: usage",
        each("self::*[count(mods:location/mods:url[@usage]) = 1]"),
        removing("//mods:url[@usage]"),
    ),
    Relation(
        "mods",
        "an identifier that is an address",
        "OAI-PMH guidelines: a link to the document",
        each("mods:identifier[@type='uri'][starts-with(., 'http')]"),
        removing("mods:identifier[@type='uri']"),
    ),
    Relation("mets", "identifiers are unique", _ID, unique("//mets:*/@ID"), setting("//mets:file", "ID", "D1")),
    Relation(
        "mets",
        "files that pages name are there",
        _ID + " FILEID",
        points("//@FILEID", "//mets:file/@ID"),
        setting("//mets:fptr", "FILEID", "D999"),
    ),
    Relation(
        "mets",
        "descriptions that divisions name are there",
        _ID + "S DMDID",
        points("//mets:div/@DMDID", "mets:dmdSec/@ID"),
        setting("//mets:div[@DMDID]", "DMDID", "NONE"),
    ),
    Relation(
        "mets",
        "administrative data that divisions name are there",
        _ID + "S ADMID",
        points("//mets:div/@ADMID", "mets:amdSec/@ID"),
        setting("//mets:div[@ADMID]", "ADMID", "NONE"),
    ),
    Relation(
        "mets",
        "links begin at logical divisions",
        _KITODO,
        points("//mets:smLink/@xlink:from", "mets:structMap[@TYPE='LOGICAL']//@ID"),
        setting("//mets:smLink", "xlink:from", "PHYS"),
    ),
    Relation(
        "mets",
        "links end at physical divisions",
        _KITODO,
        points("//mets:smLink/@xlink:to", "mets:structMap[@TYPE='PHYSICAL']//@ID"),
        setting("//mets:smLink", "xlink:to", "LOG0"),
    ),
    Relation(
        "mets",
        "pages are counted from one",
        _KITODO,
        _pages_are_counted,
        setting("mets:structMap/mets:div/mets:div[@ORDER]", "ORDER", "77"),
    ),
    Relation(
        "mets",
        "each page has its image, thumbnail and service",
        _KITODO,
        _pages_have_their_files,
        removing("//mets:fptr[1]"),
    ),
    Relation("mets", "each file is on a page", _KITODO, _every_file_is_on_a_page, removing("(//mets:fptr)[last()]")),
    Relation(
        "mets",
        "files are what their group says",
        _KITODO + ": USE",
        _files_are_of_their_group,
        setting("//mets:file", "MIMETYPE", "image/tiff"),
    ),
    Relation(
        "mets",
        "the document's division names MODS",
        _KITODO,
        _own_division_names_mods,
        setting("mets:dmdSec/mets:mdWrap[@MDTYPE='MODS']", "MDTYPE", "DC"),
    ),
    Relation(
        "mets",
        "Dublin Core comes last and no first division names another",
        _OMEKA,
        _omeka_finds_dublin_core,
        setting("mets:structMap[1]/mets:div", "DMDID", "DMD"),
    ),
    Relation("mets", "no element of METS has a prefix", _OMEKA, _omeka_finds_no_prefix, _prefixed),
    Relation(
        "edm",
        "a title or a description",
        _SCHEMATRON,
        each(f"{_CHO}/*[self::dc:title or self::dc:description][normalize-space(.) or @rdf:resource]"),
        removing(f"{_CHO}/*[self::dc:title or self::dc:description]"),
    ),
    Relation(
        "edm",
        "a subject, a type, a place or a time",
        _SCHEMATRON,
        each(
            f"{_CHO}/*[self::dc:subject or self::dc:type or self::dcterms:spatial or self::dcterms:temporal][normalize-space(.) or @rdf:resource]"
        ),
        removing(f"{_CHO}/*[self::dc:subject or self::dc:type or self::dcterms:spatial or self::dcterms:temporal]"),
    ),
    Relation(
        "edm",
        "a text says its language",
        _SCHEMATRON,
        none(f"{_CHO}[edm:type='TEXT'][not(dc:language[normalize-space(.)])]"),
        _text_without_language,
    ),
    Relation(
        "edm",
        "data provider and provider are named",
        _SCHEMATRON,
        each("ore:Aggregation[normalize-space(edm:dataProvider)][normalize-space(edm:provider)]"),
        writing("//edm:provider", " "),
    ),
    Relation(
        "edm",
        "text or reference, never both",
        _SCHEMATRON,
        _text_or_reference,
        writing("//*[@rdf:resource]", "Cayez, Edmond"),
    ),
    Relation(
        "edm",
        "no reference is empty",
        _SCHEMATRON,
        none("//@rdf:resource[.='']"),
        setting("//*[@rdf:resource]", "rdf:resource", ""),
    ),
    Relation(
        "edm",
        "the aggregation is of the object",
        "EDM Mapping Guidelines 2.4: edm:aggregatedCHO",
        points("//edm:aggregatedCHO/@rdf:resource", f"{_CHO}/@rdf:about"),
        setting("//edm:aggregatedCHO", "rdf:resource", "http://example.org/"),
    ),
    Relation("edm", "nothing is told of twice", "RDF/XML: rdf:about", unique("*/@rdf:about"), _renamed_alike),
    Relation("edm", "what is shown is described", _IIIF, _shown_is_described, removing("edm:WebResource[1]")),
    Relation(
        "edm",
        "services are described",
        _IIIF,
        points("//svcs:has_service/@rdf:resource", "svcs:Service/@rdf:about"),
        removing("svcs:Service"),
    ),
    Relation(
        "edm",
        "the image shown is whole",
        _IIIF,
        each("//edm:isShownBy[contains(@rdf:resource, '/full/max/0/default.jpg')]"),
        setting("//edm:isShownBy", "rdf:resource", "http://example.org/small.jpg"),
    ),
    Relation(
        "edm",
        "whatever is told of is pointed to",
        "EDM Mapping Guidelines 2.4: contextual classes",
        _points_to_what_is_told,
        adding(".", '<edm:Agent rdf:about="http://example.org/nobody"/>'),
    ),
    Relation(
        "edm",
        "image and object have the same rights",
        "Europeana's rights guidelines",
        _rights_agree,
        setting("//edm:rights", "rdf:resource", "http://rightsstatements.org/vocab/InC/1.0/x"),
    ),
    Relation(
        "oai_dcterms",
        "the first identifier is an address",
        "requirements of Omeka and Gallica",
        each("dcterms:identifier[1][starts-with(., 'http')]"),
        writing("dcterms:identifier[1]", "ark:/99999/x"),
    ),
    Relation(
        "oai_dcterms",
        "the main type comes first",
        "requirements of Gallica",
        each("dcterms:type[1][not(@xml:lang)][.='text' or .='image' or .='sound' or .='video']"),
        writing("dcterms:type[1]", "carte"),
    ),
    Relation(
        "oai_dcterms", "nothing is said twice", "DCMI: one statement, one element", _nothing_is_said_twice, _said_twice
    ),
    Relation(
        "marc21",
        "a title",
        "MARC 21: 245",
        each("marc21:datafield[@tag='245']"),
        removing("marc21:datafield[@tag='245']"),
    ),
    Relation(
        "unimarc",
        "a title",
        "UNIMARC: 200",
        each("unimarc:datafield[@tag='200']"),
        removing("unimarc:datafield[@tag='200']"),
    ),
)
"""Every rule."""


def broken(record: Record, format_: str) -> list[str]:
    """Return the names of the rules that a record breaks."""
    return [rule.name for rule in RELATIONS if rule.format == format_ and not rule.holds(record)]
