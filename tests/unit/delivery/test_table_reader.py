"""Table deliveries: descriptions, images, views tables, sidecar ALTO, structure."""

import shutil
import time
from pathlib import Path

import pytest

from server.delivery.dublin_core import KNOWN, read_date, read_person
from server.delivery.opening import open_delivery
from server.delivery.rules import Notes
from server.delivery.table_reader import _OWN
from server.delivery.values import Context, DeliveredItem, Delivery, Severity
from server.delivery.views_table import COLUMNS
from server.model.description import Date, DateKind, Person, Place, Subject, Text, Title, TitleKind, Typology
from server.model.rights import RightsStatus
from server.model.structure import Range, Target
from server.model.view import Author, ViewDescription, ViewKind, ViewNotes
from tests.support.supplied import ALTO, ITEMS, VIEWS, pack, write_image, write_table

CONTEXT = Context(rights="public-domain")


def opened(folder: Path, items: str | bytes = ITEMS, views: str | None = None, context: Context = CONTEXT) -> Delivery:
    return open_delivery(write_table(folder, items, views), context)


def one(folder: Path, **cells: str) -> Delivery:
    """Open a table of one row with these columns besides the necessary ones."""
    every = {"dc:identifier": "A", "dc:title": "Titre", "dc:type": "Presse", "images": "cp_001_r.png", **cells}
    return opened(folder, ";".join(every) + "\n" + ";".join(every.values()) + "\n")


def rules(delivery: Delivery) -> list[str]:
    return [finding.rule for finding in delivery.findings]


def only_item(delivery: Delivery) -> DeliveredItem:
    assert len(delivery.items) == 1, delivery.findings
    return delivery.items[0]


def test_a_row_becomes_a_document_with_everything_that_it_says(tmp_path: Path) -> None:
    delivery = opened(tmp_path)
    assert (delivery.kind, delivery.findings) == ("table", ())
    item = delivery.items[0]
    about = item.description
    assert about.titles == (
        Title("Lille – La Grand’Place", "fr"),
        Title("Lille: the main square", "en", TitleKind.PARALLEL),
    )
    assert about.people == (Person("Delsart, Jean", "1852-1930", "pht", "https://www.idref.fr/1"),)
    assert about.dates == (Date("1905~", "[vers 1905]"),)
    assert about.places == (Place("Lille (Nord)", 50.6372, 3.0633, "https://www.geonames.org/2998324"),)
    assert about.subjects == (Subject("Places", "https://data.bnf.fr/ark:/12148/cb119441127"), Subject("Tramways"))
    assert (about.typology, about.languages, about.shelfmark) == (Typology.POSTCARDS, ("fre",), "CP 12")
    assert (about.publisher, about.publication_place) == ("Éditions Lévy", "Paris")
    assert about.rights.status is RightsStatus.PUBLIC_DOMAIN
    assert [view.master for view in item.views] == ["images/cp_001_r.png", "images/cp_001_v.png"]
    assert item.structure == (
        Range("section", "Recto", None, (Target(1),)),
        Range("section", "Verso", None, (Target(2),)),
    )
    assert item.ark == "ark:/99999/v1bcdfghj2"
    assert item.former_urls == ("https://old.example.org/1", "https://old.example.org/2")
    assert item.paged is False
    header, row = item.source.read().decode().splitlines()
    assert header.startswith("dc:identifier,dc:title@fr")
    assert "Lille – La Grand’Place" in row


def test_a_folder_gives_all_its_images_in_natural_order(tmp_path: Path) -> None:
    assert [view.master for view in opened(tmp_path).items[1].views] == ["images/plan/g_2.png", "images/plan/g_10.png"]


@pytest.mark.parametrize(
    "said", ["cp_001_*.png", "images/cp_001_*", "CP_001_*.PNG", "cp_00?_*.png", "images\\cp_001_*"]
)
def test_a_pattern_gives_the_images_that_fit(tmp_path: Path, said: str) -> None:
    assert [view.master for view in only_item(one(tmp_path, images=said)).views] == [
        "images/cp_001_r.png",
        "images/cp_001_v.png",
    ]


def test_a_views_table_says_what_images_are_and_show(tmp_path: Path) -> None:
    views = opened(tmp_path, views=VIEWS).items[0].views
    assert [(view.notes.kind, view.notes.label, view.notes.public) for view in views] == [
        (ViewKind.RECTO, "recto", True),
        (ViewKind.VERSO, "verso", True),
    ]
    assert (views[0].notes.descriptions[0].text, views[0].notes.descriptions[0].author) == (
        Text("Une place animée", "fr"),
        Author.MACHINE,
    )
    assert views[1].notes.transcriptions == (Text("Bons baisers de Lille", "fr"),)


def test_a_views_row_that_is_wrong_is_told_and_hides_rather_than_shows(tmp_path: Path) -> None:
    views = "image,kind,public,description_by\nimages/cp_001_r.png,zzz,peut-être,qui\nabsent.png,recto,,\nimages/cp_001_r.png,recto,,\n../../x.png,recto,,\n"
    delivery = opened(tmp_path, views=views)
    assert rules(delivery) == ["value-not-understood"] * 3 + [
        "views-row-unknown",
        "value-not-understood",
        "path-unsafe",
    ]
    assert delivery.items[0].views[0].notes.public is False


def test_a_views_table_says_which_pages_are_missing_beside_an_image(tmp_path: Path) -> None:
    views = "image;kind;missing_before;missing_after\ncp_001_r.png;dépliant;1 | ? | 2;\ncp_001_r.png;;;4\n"
    delivery = opened(tmp_path, views=views)
    assert rules(delivery) == []
    notes = delivery.items[0].views[0].notes
    assert (notes.kind, notes.missing_before, notes.missing_after) == (ViewKind.FOLD_OUT, ("1", "", "2"), ("4",))


def test_an_image_that_no_document_shows_is_told(tmp_path: Path) -> None:
    delivery = opened(tmp_path, ITEMS.rpartition("CP-002")[0], "image,label\nimages/plan/g_2.png,1\n")
    assert "views-row-unknown" in rules(delivery)


def test_alto_beside_an_image_is_found_by_the_image_that_it_names_then_by_its_own_name(tmp_path: Path) -> None:
    write_table(tmp_path)
    (tmp_path / "alto").mkdir()
    (tmp_path / "alto/any.xml").write_text(ALTO.replace("p_000{n}.png", "//NAS/x/CP_001_R.png"))
    (tmp_path / "images/cp_001_v.xml").write_text(ALTO.replace("<fileName>p_000{n}.png</fileName>", ""))
    (tmp_path / "images/g_2.xml").write_text("<TEI/>")
    delivery = open_delivery(tmp_path, CONTEXT)
    assert [view.text for item in delivery.items for view in item.views] == [
        "alto/any.xml",
        "images/cp_001_v.xml",
        None,
        None,
    ]
    assert delivery.files.keys() - delivery.used == {"images/g_2.xml"}


def test_alto_named_in_the_views_table_wins_and_must_be_there(tmp_path: Path) -> None:
    write_table(tmp_path, views="image,alto\nimages/cp_001_r.png,alto/x.xml\nimages/cp_001_v.png,alto/gone.xml\n")
    (tmp_path / "alto").mkdir()
    (tmp_path / "alto/x.xml").write_text(ALTO)
    delivery = open_delivery(tmp_path, CONTEXT)
    assert [view.text for view in delivery.items[0].views] == ["alto/x.xml", None]
    assert [(f.rule, f.item, f.view) for f in delivery.findings] == [("text-missing", "CP-001", 2)]


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        ("dc:foo", "x", "column-unknown"), ("remarque", "x", "column-unknown"), ("dc:type@fr", "zzz", "typology-unknown"),
        ("dc:date", "42000", "date-typed-by-spreadsheet"), ("dc:date", "janv-05", "date-typed-by-spreadsheet"),
        ("dc:date", "01/01/1905 00:00", "date-typed-by-spreadsheet"), ("dc:date", "an II", "date-not-understood"),
        ("dc:language", "klingonais", "language-unknown"), ("dc:creator", "Hugo (1802-1885). Jardinier", "role-unknown"),
        ("dc:rights", "gratuit", "rights-not-understood"), ("paged", "peut-être", "value-not-understood"), ("ark", "x", "value-not-understood"),
        ("viewing_direction", "en rond", "value-not-understood"), ("thumbnail", "9", "value-not-understood"),
        ("structure", "Début @ 9", "range-target-unknown"), ("not_before", "bientôt", "value-not-understood"),
        ("dcterms:spatial", "Lille @ 95, 3", "value-not-understood"), ("images", "absent.png", "master-missing"),
        ("images", "", "views-none"), ("images", "*.gif", "master-missing"), ("images", "cp_001_r.png | cp_001_r.png", "value-not-understood"),
        ("images", "CP_001_R.png", "path-inexact"), ("dc:identifier", "", "identifier-missing"), ("dc:title", "", "title-missing"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_cell_is_told_with_its_line(tmp_path: Path, column: str, value: str, rule: str) -> None:
    cells = {column: value} if column != "dc:type@fr" else {"dc:type": value}
    delivery = one(tmp_path, **cells)
    told = [finding for finding in delivery.findings if finding.rule == rule]
    assert told, rules(delivery)
    assert told[0].message.startswith(("items.csv, line 2: ", "items.csv, line 1: the column"))


def test_an_embargo_that_cannot_be_read_holds_the_document_back(tmp_path: Path) -> None:
    item = only_item(one(tmp_path, **{"not_before": "31/12/2030", "dc:rights": "Domaine public"}))
    assert item.description.rights.status is RightsStatus.UNDETERMINED


def test_rights_that_are_not_understood_do_not_become_those_of_the_delivery(tmp_path: Path) -> None:
    item = only_item(one(tmp_path, **{"dc:rights": "voir la convention"}))
    assert item.description.rights.status is RightsStatus.UNDETERMINED


def test_a_row_wider_than_the_header_is_refused_and_the_others_go_on(tmp_path: Path) -> None:
    delivery = opened(tmp_path, ITEMS.replace("paged\n", "paged\nCP-000;Titre" + ";x" * 20 + "\n"))
    assert [item.identifier for item in delivery.items] == ["CP-001", "CP-002"]
    assert [(f.rule, f.item) for f in delivery.findings] == [("row-width", "CP-000")]


def test_columns_may_be_repeated_and_in_any_case(tmp_path: Path) -> None:
    items = "DC:Identifier,DC:Title,dc:subject,DC:Subject,dc:type,IMAGES\nA,T,a | b,c,presse,cp_001_r.png\n"
    assert [subject.label for subject in only_item(opened(tmp_path, items)).description.subjects] == ["a", "b", "c"]


def test_the_context_fills_what_a_row_leaves_open(tmp_path: Path) -> None:
    context = Context(typology="Photographies", rights="licence-ouverte", language="français", collections=("c",))
    item = only_item(opened(tmp_path, "dc:identifier;dc:title;images\nA;T;cp_001_r.png\n", context=context))
    about = item.description
    assert (about.typology, about.languages, about.rights.status) == (
        Typology.PHOTOGRAPHS,
        ("fre",),
        RightsStatus.LICENCE_OUVERTE,
    )
    assert (about.title, item.collections) == (Title("T", "fr"), ("c",))


def test_entries_of_a_structure_are_nested_and_run_to_the_next(tmp_path: Path) -> None:
    write_table(tmp_path)
    for number in range(1, 8):
        write_image(tmp_path / f"images/b/p{number}.png", number)
    items = "dc:identifier;dc:title;dc:type;images;structure\nA;T;presse;b/;I @ 1 | - a @ 2 | - b @ 3 | II @ 5\n"
    (tmp_path / "items.csv").write_text(items)
    first, second = only_item(open_delivery(tmp_path, CONTEXT)).structure
    assert ([t.view for t in first.targets], [t.view for t in second.targets]) == ([1, 2, 3, 4], [5, 6, 7])
    assert [(child.label, [t.view for t in child.targets]) for child in first.children] == [("a", [2]), ("b", [3, 4])]


@pytest.mark.parametrize(
    ("said", "person"),
    [
        ("Hugo, Victor (1802-1885). Auteur <https://www.idref.fr/1>", Person("Hugo, Victor", "1802-1885", "aut", "https://www.idref.fr/1")),
        ("Imprimerie L. Danel. Imprimeur", Person("Imprimerie L. Danel", "", "prt")), ("L. Danel. Lille", Person("L. Danel. Lille")),
        ("Delsart", Person("Delsart")), ("Hugo (18..-1885)", Person("Hugo", "18..-1885")), ("Ville (Nord)", Person("Ville (Nord)")),
        ("Lecœuvre frères [collectivité]. Photographe", Person("Lecœuvre frères", "", "pht", is_body=True)),
        ("L. Danel (1698-1975) [Collectivite]. Imprimeur <https://www.idref.fr/2>", Person("L. Danel", "1698-1975", "prt", "https://www.idref.fr/2", is_body=True)),
        ("Tisserands (Armentières, Nord) [ORGANISME]", Person("Tisserands (Armentières, Nord)", is_body=True)),
        ("Tisserands (Armentières, Nord). Auteur [corporate body]", Person("Tisserands (Armentières, Nord)", "", "aut", is_body=True)),
        ("Société, Jean [personne]. Auteur", Person("Société, Jean", "", "aut")),
        ("[Dupont, Jean]", Person("[Dupont, Jean]")), ("Dupont [attribué à]. Auteur", Person("Dupont [attribué à]", "", "aut")),
        ("Dupont, Jean [organiste]", Person("Dupont, Jean [organiste]")),
    ],
)  # fmt: skip
def test_persons_are_read_in_their_parts(said: str, person: Person) -> None:
    notes = Notes("t.csv", "A", 2)
    assert read_person(said, notes) == person
    assert notes.found == []


def test_a_mark_with_a_mistake_in_it_is_told(tmp_path: Path) -> None:
    delivery = one(tmp_path, **{"dc:creator": "L. Danel [colectivité]. Imprimeur | Ville de Lille [collectivité]"})
    assert only_item(delivery).description.people == (
        Person("L. Danel [colectivité]", "", "prt"), Person("Ville de Lille", is_body=True),
    )  # fmt: skip
    (found,) = delivery.findings
    assert (found.rule, found.severity) == ("value-not-understood", Severity.WARNING)
    assert "'[colectivité]' in 'L. Danel [colectivité]. Imprimeur'" in found.message
    assert "write [collectivité]" in found.message


@pytest.mark.parametrize(
    ("said", "name"), [("[collectivité]. Auteur", "[collectivité]"), ("[personne] Danel. Auteur", "[personne] Danel")]
)
def test_a_mark_that_stands_behind_no_name_is_told(said: str, name: str) -> None:
    notes = Notes("t.csv", "A", 2)
    assert read_person(said, notes) == Person(name, "", "aut")
    assert [finding.rule for finding in notes.found] == ["value-not-understood"]


@pytest.mark.parametrize("many", [" " * 100_000, "[" * 100_000, "[x" * 100_000])
def test_a_long_name_is_read_at_once(many: str) -> None:
    began = time.process_time()
    assert read_person(f"a{many}b", Notes("t.csv", "A", 2)).name == f"a{many}b"
    assert time.process_time() - began < 1


def test_a_year_is_no_spreadsheet_s_number() -> None:
    notes = Notes("t.csv", "A", 2)
    assert read_date("1905", DateKind.ISSUED, notes) == Date("1905")
    assert read_date("s.d.", DateKind.ISSUED, notes) == Date("", "s.d.")
    assert notes.found == []


def test_a_bag_around_a_table_is_the_same_documents(tmp_path: Path) -> None:
    delivery = open_delivery(pack(write_table(tmp_path), "md5"), CONTEXT)
    assert (delivery.kind, delivery.findings) == ("bagit/table", ())
    assert delivery.items[0].views[0].master == "data/images/cp_001_r.png"


def test_every_column_is_documented(repository: Path) -> None:
    page = (repository / "docs/reference/delivery-table.md").read_text().lower()
    items, views = page.split("## items table")[1].split("## views table")
    for column in KNOWN | _OWN:
        assert f"`{column}`" in items, column
    for column in COLUMNS:
        assert f"| `{column}` |" in views, column


def test_the_example_of_the_documentation_is_a_delivery(repository: Path, tmp_path: Path) -> None:
    page = (repository / "docs/reference/delivery-table.md").read_text()
    example = page.split("## An example")[1].split("```text\n")[1].split("```")[0]
    for name in ("CP-0001_r", "CP-0001_v", "CP-0002_1"):
        write_image(tmp_path / f"images/{name}.tif")
    (tmp_path / "items.csv").write_text(example)
    toml = page.split("## `delivery.toml`")[1].split("```toml\n")[1].split("```")[0]
    (tmp_path / "delivery.toml").write_text(toml)
    delivery = open_delivery(tmp_path)
    assert delivery.findings == ()
    assert [len(item.views) for item in delivery.items] == [2, 1]
    assert (delivery.context.institution, delivery.context.collections) == ("bm-exemple", ("cartes-postales-du-nord",))


def test_a_real_book_is_delivered_as_a_table(shared: Path, tmp_path: Path) -> None:
    for file in (shared / "samples/gallicorpora-bpt6k6495917k-alto4-jpeg").iterdir():
        shutil.copy(file, tmp_path)
    items = "dc:identifier;dc:title;dc:type;dc:rights;images\nbpt6k6495917k;Arsace et Isménie;Livres imprimés;Domaine public;*.jpeg\n"
    (tmp_path / "items.csv").write_text(items)
    delivery = open_delivery(tmp_path)
    assert delivery.findings == ()
    pages = [f"bpt6k6495917k_f{number}" for number in (21, 24, 26)]
    assert [(view.master, view.text) for view in only_item(delivery).views] == [
        (f"{p}.tif.jpeg", f"{p}.xml") for p in pages
    ]


FIRST = "images/cp_001_r.png,recto,1r,oui,,Une place,fr,human,Lille,fr\n"


def with_rows(folder: Path, *further: str) -> tuple[list[str], ViewNotes]:
    """Return the rules and the first view's notes of a table with these rows."""
    head = VIEWS.splitlines(keepends=True)[0]
    delivery = opened(folder, views=head + FIRST + "".join(f"images/cp_001_r.png,{row}\n" for row in further))
    return rules(delivery), delivery.items[0].views[0].notes


def test_a_further_row_adds_texts_in_another_language(tmp_path: Path) -> None:
    found, notes = with_rows(
        tmp_path, ",,,,A square,en,machine,,", "recto,1r,oui,,Une place,fr,,,", ",,,,,,,Bonjour de Lille,en"
    )
    assert found == []
    assert (notes.kind, notes.label, notes.public) == (ViewKind.RECTO, "1r", True)
    assert notes.descriptions == (
        ViewDescription(Text("Une place", "fr"), Author.HUMAN),
        ViewDescription(Text("A square", "en"), Author.MACHINE),
    )
    assert notes.transcriptions == (Text("Lille", "fr"), Text("Bonjour de Lille", "en"))


@pytest.mark.parametrize(
    ("further", "column"),
    [
        ("verso,,,,A square,en,,,", "kind"), (",2r,,,A square,en,,,", "label"), (",,non,,A square,en,,,", "public"),
        (",,,,Une gare,fr,,,", "description"), (",,,,,,,Roubaix,fr", "transcription"),
    ],
)  # fmt: skip
def test_a_further_row_that_contradicts_the_first_is_told_and_left_out(
    tmp_path: Path, further: str, column: str
) -> None:
    head = VIEWS.splitlines(keepends=True)[0]
    delivery = opened(tmp_path, views=f"{head}{FIRST}images/cp_001_r.png,{further}\n")
    [told] = delivery.findings
    assert told.rule == "value-not-understood"
    assert f"line 3: images/cp_001_r.png has another {column} on line 2" in told.message
    notes = delivery.items[0].views[0].notes
    assert notes == ViewNotes(
        ViewKind.RECTO, column != "public", "1r",
        (ViewDescription(Text("Une place", "fr"), Author.HUMAN),), (Text("Lille", "fr"),),
    )  # fmt: skip
