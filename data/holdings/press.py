"""The newspaper as delivered: one METS document an issue, with ALTO, article by article."""

from data.holdings import newspaper
from data.holdings.alto import alto
from data.holdings.columns import Placed
from data.holdings.folders import Folder
from data.holdings.mets import Division, Leaf, Name, Record, mets

LILLE = ("Lille (Nord)", "https://sws.geonames.org/2998324/", "geographic")


def _divisions(placed: list[Placed]) -> tuple[Division, ...]:
    return tuple(
        Division(
            entry.article.kind,
            entry.article.title.replace("\u00a0", " "),
            tuple((page, block) for page, block in entry.parts if block),
        )
        for entry in placed
    )


def write_issue(folder: Folder, order: int, scale: float, quality: int, prefix: str = "") -> None:
    """Write one issue below `prefix`: images, ALTO and METS.xml."""
    made = newspaper.issue(order, scale)
    leaves = []
    for number, (picture, sheet) in enumerate(zip(made.pages, made.sheets, strict=True), 1):
        image, text = f"images/{number:04d}.jpg", f"alto/{number:04d}.xml"
        digest = folder.picture(f"{prefix}{image}", picture, round(150 * scale), quality)
        body = alto(f"{number:04d}.jpg", sheet.width, sheet.height, sheet.blocks, number)
        leaves.append(
            Leaf(
                image,
                "image/jpeg",
                digest,
                "page",
                f"Page {number}",
                str(number),
                text,
                folder.write(f"{prefix}{text}", body),
            )
        )
    spelled = newspaper.spelled(made.day)
    record = Record(
        identifier=f"courrier-deule-{made.day.isoformat()}",
        title={
            "fr": f"{newspaper.TITLE} (Lille), {spelled}",
            "en": f"Le Courrier de la Deûle (Lille), {made.day.isoformat()}",
        },
        genre="journal quotidien",
        date=made.day.isoformat(),
        date_words=spelled,
        abstract={
            "fr": f"Numéro {made.number} du quotidien républicain de la région lilloise. Document de démonstration : journal imaginaire, "
            "composé de nouvelles inventées et de textes du domaine public (Hugo, Zola, Verne, Daudet, La Fontaine, Desrousseaux).",
            "en": f"Issue {made.number} of a daily paper of the Lille area. Demonstration document: an imaginary newspaper, "
            "made of invented news and of texts in the public domain.",
        },
        shelfmark=f"Jx 2041, {made.day.year}",
        repository="Bibliothèque municipale de Lille (démonstration)",
        extent="4 pages ; 59 × 43 cm",
        names=(
            Name("Dubrulle, Victor", "prt"),
            Name("Zola, Émile", "aut", "1840-1902", "http://www.wikidata.org/entity/Q504"),
            Name("Hugo, Victor", "aut", "1802-1885", "http://www.wikidata.org/entity/Q535"),
        ),
        place="Lille",
        publisher="Imprimerie V. Dubrulle",
        subjects=(LILLE, ("Presse quotidienne -- Nord (France) -- 1870-1914", "", "topic"), ("1909", "", "temporal")),
        coordinates="50.6372, 3.0633",
        host=(newspaper.TITLE, "courrier-deule", str(made.number)),
    )
    structure = Division(
        "newspaper",
        newspaper.TITLE,
        (),
        (Division("issue", f"N° {made.number}, {spelled}", (), _divisions(list(made.placed))),),
    )
    folder.write(
        f"{prefix}METS.xml", mets(record, leaves, structure, "NumériSud (démonstration)", "2025-05-12T09:30:00Z")
    )
