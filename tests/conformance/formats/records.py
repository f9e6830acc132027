"""Documents of which records are written to be judged: realistic ones with everything that a writer can say, hostile ones."""

from collections.abc import Iterator
from dataclasses import replace

from hypothesis import strategies as st

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
    Typology,
    Whole,
    WholeKind,
)
from server.model.item import Item
from server.model.rights import Rights, RightsStatus
from server.model.structure import Range, Target
from server.oai.formats.document import Document, Link, Telling, document_of
from server.oai.formats.profile import profile_names, read_profile
from tests.support.golden import documents, make_issue
from tests.support.publications import make_newspaper, make_postcard
from tests.support.published_records import ADDRESSES

PAGE = f"{ADDRESSES.base}/fr/collections/titre-echo-du-nord-0123abcd"

MARC = """<record xmlns="{namespace}"><controlfield tag="001">FRBNF12345</controlfield>
<datafield tag="{title}" ind1="1" ind2=" "><subfield code="a">Fables &amp; contes</subfield><subfield code="f"/></datafield>
<leader>{leader}</leader><controlfield tag="009">late</controlfield><datafield tag="1" ind1="1" ind2=" ">
<subfield code="a">no tag</subfield></datafield><datafield tag="700" ind1="##" ind2=" "><subfield code="a">no indicator
</subfield></datafield><datafield tag="701" ind1=" "><subfield code="é">no code</subfield><subfield code="4">070</subfield>
</datafield></record>"""
LEADERS = {"unimarc": "00000nam  2200000   450 ", "marc21": "00000nam a2200000   4500"}


def marc_source(prefix: str, leader: str | None = None) -> bytes:
    """Return a delivered record with a leader, and with fields that no schema knows, out of their order."""
    title = {"unimarc": "200", "marc21": "245"}[prefix]
    told = LEADERS[prefix] if leader is None else leader
    return MARC.format(namespace="http://www.loc.gov/MARC21/slim", title=title, leader=told).encode()


def make_full() -> Item:
    """Return a manuscript of which everything is said that a description can hold."""
    described = replace(
        make_issue().description,
        typology=Typology.MANUSCRIPTS,
        titles=(
            Title("Livre de raison", "fr"), Title("Liber rationum", "la", TitleKind.PARALLEL),
            Title("Journal", "fr", TitleKind.ALTERNATIVE),
        ),
        people=(
            Person("Hugo, Victor", "1802-1885", "aut"), Person("Tante Jeanne", "", "rcp", "https://data.bnf.fr/x"),
            Person("Louis XIV", "1638-1715", "dpc"), Person("Anonyme"), Person("Ville de Lille", "", "fnd", is_body=True),
        ),
        dates=(
            Date("1768~/1771", "[entre 1768 et 1771]", DateKind.CREATED), Date("1850?", "", DateKind.ISSUED),
            Date("1851-02", "", DateKind.CREATED),
        ),
        subjects=(
            Subject("Tramways"), Subject("Jeanne", "", SubjectKind.PERSON), Subject("Lille", "", SubjectKind.PLACE),
            Subject("1870-1914", "https://data.bnf.fr/y", SubjectKind.PERIOD), Subject("1914", "", SubjectKind.PERIOD),
        ),
        places=(Place("Lille", 50.6365, 3.0635), Place("Douai")),
        abstracts=(Text("Un livre de raison.", "fr"),),
        notes=(Text("Reliure <usée> & tachée.", "fr"),),
        publisher="Danel",
        publication_place="Lille",
        extent="2 vol.",
        languages=("fre", "lat"),
        part_of=Whole("Œuvres", "12345", "t. 1", WholeKind.MULTIVOLUME),
    )  # fmt: skip
    structure = (Range("chapter", "Chapitre I", "fr", (Target(1), Target(2)), (Range("", "", None, (Target(3),)),)),)
    return replace(make_issue(), description=described, structure=structure)


def realistic() -> Iterator[tuple[Document, Telling]]:
    """Yield documents as libraries describe them, as each harvester is told of them."""
    full = make_full()
    held = [
        *documents().values(),
        document_of(full, ADDRESSES, (Link("Œuvres", PAGE),)),
        document_of(make_newspaper(), ADDRESSES),
        *(document_of(make_postcard(), ADDRESSES, source=marc_source(prefix)) for prefix in LEADERS),
    ]
    for document in held:
        for name in profile_names():
            yield document, Telling(read_profile(name), manifest=True, provider="Vitrine")


_words = st.text(max_size=12) | st.sampled_from(["", "  ", "L’Été", "a & b <c> ]]>", "\x03", "http://x/y z", "1905"])
_uris = st.sampled_from(
    ["", "http://data.bnf.fr/ark:/12148/cb1", "https://x.org/é<&", "ftp://x", "no uri", "http://a b", "http://x/%zz",
     "http://[", "http://x/#a#b", "urn:x:y", "http://", "https://x\n"]
)  # fmt: skip
_languages = st.sampled_from([None, "fr", "en", "fre", "x-y", "la", "fr-FR", "é!", "", "toolonglanguage", "fr_FR"])
_edtf = st.sampled_from(
    ["1905", "1905-04", "1905-04-12", "1905~", "1905%", "18XX", "190X", "1900/1910", "1900~/1910?", "", "XXXX", "not a date",
     "/1905", "1905/..", "-0044", "1905-04-12T10:00:00Z", "Y17000", "1905-21", "1905-02-30", "1905-2-3"]
)  # fmt: skip
_texts = st.lists(st.builds(Text, _words, _languages), max_size=2).map(tuple)
_ranges: st.SearchStrategy[Range] = st.deferred(
    lambda: st.builds(
        Range, _words, _words, _languages,
        st.lists(st.builds(Target, st.integers(1, 6)), max_size=2).map(tuple), st.lists(_ranges, max_size=2).map(tuple),
    )
)  # fmt: skip
_described = st.fixed_dictionaries(
    {
        "titles": st.lists(st.builds(Title, _words, _languages, st.sampled_from(TitleKind)), max_size=3).map(
            lambda more: (Title("Titre", "fr"), *more)
        ),
        "people": st.lists(
            st.builds(Person, _words, _words, st.sampled_from(["aut", "dpc", "egr", "", "rcp", "zzz"]), _uris),
            max_size=3,
        ).map(tuple),
        "subjects": st.lists(st.builds(Subject, _words, _uris, st.sampled_from(SubjectKind)), max_size=3).map(tuple),
        "places": st.lists(
            st.builds(Place, _words, st.none() | st.floats(-90, 90), st.none() | st.floats(-180, 180), _uris),
            max_size=3,
        ).map(tuple),
        "dates": st.lists(st.builds(Date, _edtf, _words, st.sampled_from(DateKind)), max_size=3).map(tuple),
        "abstracts": _texts,
        "notes": _texts,
        "publisher": _words,
        "publication_place": _words,
        "extent": _words,
        "shelfmark": _words,
        "genre": _words,
        "languages": st.lists(st.sampled_from(["fre", "lat", "zzz", "", "fr", "eng"]), max_size=3).map(
            lambda more: ("fre", *more)
        ),
        "typology": st.sampled_from(Typology),
        "rights": st.builds(Rights, st.sampled_from(RightsStatus)),
        "part_of": st.none() | st.builds(Whole, _words, _words, _words, st.sampled_from(WholeKind)),
    }
)
_links = st.lists(st.builds(Link, _words, st.sampled_from([PAGE, f"{PAGE}/x"])), max_size=2).map(tuple)


@st.composite
def hostile(draw: st.DrawFn) -> tuple[Document, Telling]:
    """Draw a document of which anything is said that a delivery may say."""
    made = draw(st.sampled_from([make_newspaper, make_postcard]))()
    item = replace(
        made,
        description=replace(made.description, **draw(_described)),
        structure=draw(st.lists(_ranges, max_size=2).map(tuple)),
    )
    leader = draw(st.sampled_from([*LEADERS.values(), "", "x", "00000cam 2200000 450 ", "     nam a22 4500", "\x03"]))
    source = marc_source(draw(st.sampled_from(sorted(LEADERS))), leader)
    document = document_of(item, ADDRESSES, draw(_links), source)
    if draw(st.booleans()):
        document = replace(document, is_whole=True, parts=draw(_links), ark="", known_as=draw(_words), source=b"")
    telling = Telling(
        read_profile(draw(st.sampled_from(profile_names()))), manifest=draw(st.booleans()), provider="Vitrine"
    )
    return document, telling
