"""The words of the repositories' pages: what an error, a format and an element of Dublin Core are, in the page's language."""

from server.portal.language import _


def words_of_error(code: str) -> tuple[str, str]:
    """Return what a code of the protocol (OAI-PMH 2.0 §3.6) means, and what to do."""
    return {
        "badVerb": (
            _("La demande ne dit pas ce qu’elle veut"),
            _("Une demande comporte un verbe, et un seul : Identify, ListMetadataFormats, ListSets, ListIdentifiers, ListRecords ou GetRecord."),
        ),
        "badArgument": (
            _("La demande est incomplète ou mal formée"),
            _("Un argument manque, est de trop, est répété ou n’a pas la forme voulue. Les exemples de cette page sont des demandes complètes."),
        ),
        "badResumptionToken": (
            _("Cette liste ne peut pas être reprise ici"),
            _("Le jeton de reprise a été modifié, a expiré, ou appartient à une autre liste. Recommencez la liste depuis le début."),
        ),
        "cannotDisseminateFormat": (
            _("Ce format n’est pas proposé"),
            _("Les formats de cet entrepôt sont donnés par ListMetadataFormats ; un document n’existe pas toujours dans tous."),
        ),
        "idDoesNotExist": (
            _("Cet identifiant n’est pas connu ici"),
            _("L’entrepôt ne contient pas de notice, même supprimée, sous cet identifiant."),
        ),
        "noRecordsMatch": (
            _("Aucune notice ne correspond"),
            _("Rien n’a été publié, modifié ou retiré dans cet ensemble et entre ces dates. Ce n’est pas une erreur : un moissonneur à jour reçoit cette réponse."),
        ),
        "noSetHierarchy": (
            _("Il n’y a pas encore d’ensembles"),
            _("Les ensembles paraissent avec les premiers documents."),
        ),
        "noMetadataFormats": (_("Ce document n’a aucun format"), _("Aucune notice n’est proposée pour cet identifiant.")),
    }.get(code, (code, ""))  # fmt: skip


def words_of_format(prefix: str) -> str:
    """Return what a metadata format is."""
    return {
        "oai_dc": _("Dublin Core simple, que tout moissonneur lit"),
        "oai_dcterms": _("Dublin Core qualifié"),
        "mods": _("MODS, notice bibliographique détaillée"),
        "mets": _("METS : notice, vues, structure et services IIIF"),
        "edm": _("EDM, le modèle d’Europeana"),
        "unimarc": _("UNIMARC, tel que livré"),
        "marc21": _("MARC 21, tel que livré"),
    }.get(prefix, prefix)


def words_of_element(name: str) -> str:
    """Return the name of an element of Dublin Core, simple or qualified by the same word; empty for any other."""
    return {
        "dc:title": _("Titre"),
        "dc:creator": _("Créateur"),
        "dc:subject": _("Sujet"),
        "dc:description": _("Description"),
        "dc:publisher": _("Éditeur"),
        "dc:contributor": _("Contributeur"),
        "dc:date": _("Date"),
        "dc:type": _("Type"),
        "dc:format": _("Format"),
        "dc:identifier": _("Identifiant"),
        "dc:source": _("Source"),
        "dc:language": _("Langue"),
        "dc:relation": _("Relation"),
        "dc:coverage": _("Couverture"),
        "dc:rights": _("Droits"),
    }.get(name.replace("dcterms:", "dc:"), "")
