"""What reading a delivery may find, each with its weight and its definition in both languages.

`server/quality/` adds the rules that look at the files themselves; `docs/reference/quality-rules.md` lists all.
"""

from dataclasses import dataclass

from server.delivery.values import Finding, Severity
from server.told import Told, told


@dataclass(frozen=True, slots=True)
class RuleDefinition:
    """A rule: its name in reports, its family, how much it weighs, what it means in French and English."""

    name: str
    family: str
    severity: Severity
    fr: str
    en: str


_E, _W, _I = Severity.ERROR, Severity.WARNING, Severity.INFO

READING_RULES: dict[str, RuleDefinition] = {
    rule.name: rule
    for rule in (
        RuleDefinition("document-unreadable", "reading", _E, "Un document ne peut pas être lu ; les autres continuent.",
                       "A document cannot be read; the others go on."),
        RuleDefinition("identifier-duplicate", "reading", _E, "Deux documents portent le même identifiant.",
                       "Two documents have the same identifier."),
        RuleDefinition("identifier-missing", "reading", _E, "Une ligne du tableau n’a pas d’identifiant.",
                       "A row of the table has no identifier."),
        RuleDefinition("row-width", "reading", _E, "Une ligne compte plus de cellules que l’en-tête.",
                       "A row has more cells than the header."),
        RuleDefinition("title-missing", "description", _E, "Le document n’a ni titre ni identifiant qui en tienne lieu.",
                       "The document has neither a title nor an identifier that can stand for it."),
        RuleDefinition("title-supplied", "description", _W, "Titre forgé, entre crochets, à partir de l’identifiant.",
                       "Title supplied in square brackets from the identifier."),
        RuleDefinition("typology-unknown", "description", _E, "La typologie manque ou n’est pas l’une des neuf catégories.",
                       "The typology is missing or is not one of the nine categories."),
        RuleDefinition("rights-undetermined", "description", _W, "Droits non déterminés : le document ne sera pas publié.",
                       "Rights are not determined: the document will not be published."),
        RuleDefinition("rights-not-understood", "description", _W, "La mention de droits n’est pas reconnue.",
                       "What is said about rights is not recognised."),
        RuleDefinition("date-not-understood", "description", _W, "Une date n’est pas comprise ; elle est gardée telle quelle.",
                       "A date is not understood; it is kept as written."),
        RuleDefinition("date-typed-by-spreadsheet", "description", _W, "Une date semble déformée par un tableur.",
                       "A date looks as if a spreadsheet had rewritten it."),
        RuleDefinition("language-unknown", "description", _W, "Une langue n’est pas reconnue.", "A language is not known."),
        RuleDefinition("role-unknown", "description", _I, "Une fonction n’est pas reconnue.", "A role is not known."),
        RuleDefinition("value-not-understood", "description", _W, "Une valeur n’est pas comprise et n’est pas reprise.",
                       "A value is not understood and is not taken over."),
        RuleDefinition("column-unknown", "description", _W, "Une colonne Dublin Core n’est pas connue (autres : information).",
                       "A Dublin Core column is not known (any other column: information)."),
        RuleDefinition("record-kind-unknown", "description", _W, "Une notice n’est ni en MODS ni en Dublin Core.",
                       "A record is neither MODS nor Dublin Core."),
        RuleDefinition("encoding-contradicted", "description", _I, "Le jeu de caractères n’est pas celui que la notice annonce.",
                       "The character set is not the one that the record states."),
        RuleDefinition("views-none", "files", _E, "Le document n’a aucune vue.", "The document has no view."),
        RuleDefinition("master-missing", "files", _E, "L’image d’une vue n’est pas dans la livraison.",
                       "The image of a view is not in the delivery."),
        RuleDefinition("text-missing", "files", _E, "Le texte (ALTO) d’une vue n’est pas dans la livraison.",
                       "The text (ALTO) of a view is not in the delivery."),
        RuleDefinition("derivative-missing", "files", _W, "Un fichier secondaire annoncé n’est pas dans la livraison.",
                       "A secondary file that is announced is not in the delivery."),
        RuleDefinition("path-unsafe", "files", _E, "Un chemin sort de la livraison.", "A path leaves the delivery."),
        RuleDefinition("path-inexact", "files", _I, "Un chemin inexact a été retrouvé par sa fin ou sans tenir compte de la casse.",
                       "A path that is not exact was found by its tail or without regard to case."),
        RuleDefinition("order-missing", "files", _W, "L’ordre des vues n’est pas donné ; celui des fichiers est pris.",
                       "The order of the views is not given; that of the files is taken."),
        RuleDefinition("views-row-unknown", "files", _W, "Le tableau des vues nomme une image qu’aucun document ne montre.",
                       "The views table names an image that no document shows."),
        RuleDefinition("range-target-unknown", "structure", _W, "La structure renvoie à une vue ou un bloc qui n’existe pas.",
                       "The structure points to a view or a block that does not exist."),
        RuleDefinition("control-points-wrong", "structure", _E, "Des points de contrôle d’un plan sont faux ou trop peu nombreux.",
                       "Control points of a plan are wrong or too few."),
        RuleDefinition("control-points-unplaced", "structure", _W, "Des points de contrôle nomment une image qu’aucun document ne montre.",
                       "Control points name an image that no document shows."),
        RuleDefinition("file-unreadable", "integrity", _E, "Un fichier ne se lit pas jusqu’au bout ; les autres continuent.",
                       "A file cannot be read to its end; the others go on."),
        RuleDefinition("bag-invalid", "integrity", _E, "Le paquet BagIt n’est pas conforme ou pas complet.",
                       "The BagIt package is not valid or not complete."),
        RuleDefinition("checksum-list-unreadable", "integrity", _E, "Une liste d’empreintes ne peut pas être lue.",
                       "A list of checksums cannot be read."),
        RuleDefinition("case-duplicate", "naming", _W, "Deux noms ne diffèrent que par la casse ou la forme Unicode.",
                       "Two names differ only in case or Unicode form."),
        RuleDefinition("junk-ignored", "naming", _I, "Un fichier laissé par un gestionnaire de fichiers est ignoré.",
                       "A file that a file manager left behind is ignored."),
    )
}  # fmt: skip


def finding(
    rule: str, message: Told, path: str = "", item: str = "", view: int | None = None, severity: Severity | None = None
) -> Finding:
    """Return a finding of one of the rules above, with the weight that the rule has unless another is given."""
    return Finding(rule, severity or READING_RULES[rule].severity, message, path, item, view)


class Notes:
    """Findings about one document, gathered while it is read."""

    def __init__(self, path: str, item: str, line: int | None) -> None:
        self.path, self.item = path, item
        self.where: str = told("{path}, line {line}", path=path, line=line) if line else path
        self.found: list[Finding] = []

    def add(self, rule: str, message: Told, severity: Severity | None = None) -> None:
        """Note a finding; the message is told where it is."""
        self.found.append(
            finding(
                rule,
                told("{where}: {message}", where=self.where, message=message),
                self.path,
                self.item,
                severity=severity,
            )
        )
