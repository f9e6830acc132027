"""Rights of an item: what is known, on what basis, and what may be published.

URIs are the `http://` forms of Creative Commons and RightsStatements.org (Presentation API 3.0, `rights`). A status
without such a URI is stated in words (`requiredStatement`), Licence Ouverte among them.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from server.told import Told, told


class RightsStatus(StrEnum):
    """What is known of an item's rights."""

    UNDETERMINED = "undetermined"
    PUBLIC_DOMAIN = "public-domain"
    LICENCE_OUVERTE = "licence-ouverte"
    CC_BY = "cc-by"
    CC_BY_SA = "cc-by-sa"
    CC_BY_NC = "cc-by-nc"
    CC_BY_NC_ND = "cc-by-nc-nd"
    CC0 = "cc0"
    ORPHAN = "orphan"
    IN_COPYRIGHT = "in-copyright"
    RESTRICTED = "restricted"


RIGHTS_URIS: dict[RightsStatus, str] = {
    RightsStatus.PUBLIC_DOMAIN: "http://creativecommons.org/publicdomain/mark/1.0/",
    RightsStatus.CC_BY: "http://creativecommons.org/licenses/by/4.0/",
    RightsStatus.CC_BY_SA: "http://creativecommons.org/licenses/by-sa/4.0/",
    RightsStatus.CC_BY_NC: "http://creativecommons.org/licenses/by-nc/4.0/",
    RightsStatus.CC_BY_NC_ND: "http://creativecommons.org/licenses/by-nc-nd/4.0/",
    RightsStatus.CC0: "http://creativecommons.org/publicdomain/zero/1.0/",
    RightsStatus.ORPHAN: "http://rightsstatements.org/vocab/InC-OW-EU/1.0/",
    RightsStatus.IN_COPYRIGHT: "http://rightsstatements.org/vocab/InC/1.0/",
}

RIGHTS_LABELS: dict[RightsStatus, dict[str, str]] = {
    RightsStatus.UNDETERMINED: {"fr": "Droits non déterminés", "en": "Rights not determined"},
    RightsStatus.PUBLIC_DOMAIN: {"fr": "Domaine public", "en": "Public domain"},
    RightsStatus.LICENCE_OUVERTE: {"fr": "Licence Ouverte 2.0 (Etalab)", "en": "Licence Ouverte 2.0 (Etalab)"},
    RightsStatus.CC_BY: {"fr": "Creative Commons Attribution 4.0", "en": "Creative Commons Attribution 4.0"},
    RightsStatus.CC_BY_SA: {
        "fr": "Creative Commons Attribution – Partage dans les mêmes conditions 4.0",
        "en": "Creative Commons Attribution-ShareAlike 4.0",
    },
    RightsStatus.CC_BY_NC: {
        "fr": "Creative Commons Attribution – Pas d’utilisation commerciale 4.0",
        "en": "Creative Commons Attribution-NonCommercial 4.0",
    },
    RightsStatus.CC_BY_NC_ND: {
        "fr": "Creative Commons Attribution – Pas d’utilisation commerciale – Pas de modification 4.0",
        "en": "Creative Commons Attribution-NonCommercial-NoDerivatives 4.0",
    },
    RightsStatus.CC0: {"fr": "Creative Commons Zéro 1.0", "en": "Creative Commons Zero 1.0"},
    RightsStatus.ORPHAN: {"fr": "Œuvre orpheline", "en": "Orphan work"},
    RightsStatus.IN_COPYRIGHT: {"fr": "Protégé par le droit d’auteur", "en": "In copyright"},
    RightsStatus.RESTRICTED: {"fr": "Consultation restreinte", "en": "Restricted access"},
}

LICENCE_OUVERTE_URI = "https://www.etalab.gouv.fr/licence-ouverte-open-licence/"

UNPUBLISHABLE: dict[RightsStatus, Told] = {
    RightsStatus.UNDETERMINED: told(
        "its rights are not determined; have them cleared and record status, basis and who cleared them"
    ),
    RightsStatus.RESTRICTED: told(
        "its rights restrict access, and access control does not exist yet; it stays unpublished"
    ),
}

NOT_TO_BE_TAKEN = frozenset(
    {RightsStatus.UNDETERMINED, RightsStatus.RESTRICTED, RightsStatus.IN_COPYRIGHT, RightsStatus.ORPHAN}
)
"""May be looked at where it may be public at all, but is given to nobody as a file: an agreement with a rights holder
is about showing, and an orphan work may be shown by the institution alone (Directive 2012/28/EU, article 6)."""


@dataclass(frozen=True, slots=True)
class Rights:
    """Rights of one item; `not_before` is the first day on which it may be public."""

    status: RightsStatus = RightsStatus.UNDETERMINED
    basis: str = ""
    cleared_by: str = ""
    not_before: date | None = None
    holder: str = ""

    @property
    def uri(self) -> str:
        """The `http://` URI for the IIIF property `rights`, or empty where there is none."""
        return RIGHTS_URIS.get(self.status, "")

    @property
    def allow_taking(self) -> bool:
        """Whether readers may take the document away as a file: its text, its PDF."""
        return self.status not in NOT_TO_BE_TAKEN

    @property
    def label(self) -> dict[str, str]:
        """The status in words, fr and en."""
        return RIGHTS_LABELS[self.status]
