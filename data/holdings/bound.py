"""The book and the archive register as delivered: METS with MODS; ALTO for the book, a bag for the register."""

from collections.abc import Callable

from PIL import Image

from data.holdings import book, register
from data.holdings.alto import alto
from data.holdings.folders import Folder
from data.holdings.mets import Division, Leaf, Name, Record, mets

DEMONSTRATION = "Document de démonstration"


def write_book(folder: Folder, scale: float, quality: int) -> None:
    """Write the book: target, binding, 48 pages with ALTO, binding."""
    made = book.compose(scale)
    leaves: list[Leaf] = []

    def names() -> tuple[str, str]:
        number = len(leaves) + 1
        return f"images/fables_{number:04d}.jpg", f"alto/fables_{number:04d}.xml"

    def plain(kind: str, label: str, draw: Callable[[float], Image.Image]) -> None:
        image, _ = names()
        leaves.append(
            Leaf(image, "image/jpeg", folder.picture(image, draw(scale), round(300 * scale), quality), kind, label)
        )

    for kind, label, draw in book.COVERS:
        plain(kind, label, draw)
    before = len(leaves)
    for number, page in enumerate(made.pages, 1):
        image, text = names()
        digest = folder.picture(image, book.scanned(made, number), round(300 * scale), quality)
        written = ""
        if page.sheet.blocks:
            body = alto(image.rpartition("/")[2], page.sheet.width, page.sheet.height, page.sheet.blocks, number)
            written = folder.write(text, body)
        label = page.label.replace("\u00a0", " ")
        leaves.append(Leaf(image, "image/jpeg", digest, page.kind, label, page.folio, text if written else "", written))
    for kind, label, draw in book.BACK:
        plain(kind, label, draw)
    chapters = []
    fables = [entry for entry in made.contents if not entry[0].startswith("Planche")]
    for index, (label, number, block) in enumerate(fables):
        end = fables[index + 1][1] if index + 1 < len(fables) else number + 1
        targets = tuple(
            (
                before + at,
                block
                if at == number
                else made.pages[at - 1].sheet.blocks[0].identifier
                if made.pages[at - 1].sheet.blocks
                else "",
            )
            for at in range(number, max(end, number + 1))
            if made.pages[at - 1].kind != "blank" and (at == number or made.pages[at - 1].kind == "page")
        )
        kind = (
            "title_page"
            if label == "Page de titre"
            else "frontispiece"
            if label == "Frontispice"
            else "contents"
            if label == "Table"
            else "chapter"
        )
        chapters.append(Division(kind, label, targets))
    plates = tuple(
        Division("plate", label, ((before + number, block),))
        for label, number, block in made.contents
        if label.startswith("Planche")
    )
    structure = Division("monograph", book.TITLE, (), (*chapters, Division("section", "Planches", (), plates)))
    record = Record(
        identifier="tourcoing-xix-1842",
        title={"fr": book.TITLE, "en": "Selected fables of La Fontaine"},
        genre="recueil de fables",
        date="1842",
        date_words="1842",
        abstract={
            "fr": f"Choix de vingt et une fables à l’usage des écoles, orné de gravures sur bois. {DEMONSTRATION} : édition imaginaire, "
            "composée pour Vitrine ; le texte de Jean de La Fontaine est dans le domaine public.",
            "en": "Twenty-one fables chosen for schools, with wood engravings. Demonstration document: an imaginary edition; "
            "the text of Jean de La Fontaine is in the public domain.",
        },
        shelfmark="XIX-1842",
        repository="Bibliothèque de Tourcoing (démonstration)",
        extent="48 pages : illustrations ; 18 cm",
        names=(Name("La Fontaine, Jean de", "aut", "1621-1695"), Name("Dubrulle, Victor", "prt")),
        place="Lille",
        publisher="V. Dubrulle",
        subjects=(
            ("Fables françaises -- 17e siècle", "", "topic"),
            ("Livres de lecture -- 19e siècle", "", "topic"),
            ("Lille (Nord)", "https://sws.geonames.org/2998324/", "geographic"),
        ),
        coordinates="50.6372, 3.0633",
    )
    folder.write(
        "METS.xml", mets(record, leaves, structure, "Atelier du Beffroi (démonstration)", "2026-03-02T14:05:00Z")
    )


def write_register(folder: Folder, scale: float, quality: int) -> None:
    """Write the register: pages of mixed sizes, the fold-out as TIFF."""
    leaves, parts = [], []
    for number, (kind, label, folio, draw) in enumerate(register.VIEWS, 1):
        ending, media_type = ("tif", "image/tiff") if kind == "plate" else ("jpg", "image/jpeg")
        image = f"images/hh_12_{number:04d}.{ending}"
        leaves.append(
            Leaf(image, media_type, folder.picture(image, draw(scale), round(300 * scale), quality), kind, label, folio)
        )
    for kind, label, views in (
        ("section", "Comptes de l’année 1768", (2, 3, 4)),
        ("section", "Comptes de l’année 1769", (5, 7)),
        ("section", "Comptes de l’année 1770", (8,)),
        ("annex", "Quittance volante de la veuve Herbaux", (6,)),
        ("annex", "État général des métiers battants", (9,)),
    ):
        parts.append(Division(kind, label, tuple((view, "") for view in views)))
    record = Record(
        identifier="armentieres-hh-12",
        title={
            "fr": "Registre de la communauté des tisserands d’Armentières",
            "en": "Account book of the weavers’ guild of Armentières",
        },
        genre="registre de comptes",
        date="1768/1771",
        date_words="1768-1771",
        created=True,
        abstract={
            "fr": f"Recettes de la communauté, visites des ouvroirs et état des métiers battants, avec une quittance volante et un tableau dépliant. {DEMONSTRATION}, dessiné pour Vitrine.",
            "en": "Receipts of the guild, inspections of workshops and a table of working looms, with a loose receipt and a fold-out. Demonstration document, drawn for Vitrine.",
        },
        shelfmark="HH 12",
        repository="Archives municipales d’Armentières (démonstration)",
        extent="1 registre (3 feuillets, 1 pièce volante, 1 dépliant) ; 32 × 22 cm",
        names=(Name("Communauté des tisserands (Armentières, Nord)", "aut", corporate=True),),
        place="Armentières",
        subjects=(
            ("Tisserands -- Corporations -- France -- 18e siècle", "", "topic"),
            ("Armentières (Nord)", "", "geographic"),
        ),
        coordinates="50.6867, 2.8811",
    )
    structure = Division("register", "Registre HH 12", (), tuple(parts))
    folder.write(
        "METS.xml", mets(record, leaves, structure, "Atelier du Beffroi (démonstration)", "2025-10-20T08:15:00Z")
    )
