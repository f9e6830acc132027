"""What suppliers write about rights, to a `RightsStatus`: a status, its label in French or English, a known licence URI."""

import re

from server.model.rights import LICENCE_OUVERTE_URI, RIGHTS_LABELS, RightsStatus
from server.model.words import fold

_URIS: dict[str, RightsStatus] = {
    "creativecommons.org/publicdomain/mark": RightsStatus.PUBLIC_DOMAIN,
    "rightsstatements.org/vocab/noc": RightsStatus.PUBLIC_DOMAIN,
    "creativecommons.org/publicdomain/zero": RightsStatus.CC0,
    "creativecommons.org/licenses/by/": RightsStatus.CC_BY,
    "creativecommons.org/licenses/by-sa/": RightsStatus.CC_BY_SA,
    "creativecommons.org/licenses/by-nc/": RightsStatus.CC_BY_NC,
    "creativecommons.org/licenses/by-nc-nd/": RightsStatus.CC_BY_NC_ND,
    "rightsstatements.org/vocab/inc-ow-eu": RightsStatus.ORPHAN,
    "rightsstatements.org/vocab/inc/": RightsStatus.IN_COPYRIGHT,
    "rightsstatements.org/vocab/cne": RightsStatus.UNDETERMINED,
    "rightsstatements.org/vocab/und": RightsStatus.UNDETERMINED,
    "etalab.gouv.fr/licence-ouverte": RightsStatus.LICENCE_OUVERTE,
    "github.com/etalab/licence-ouverte": RightsStatus.LICENCE_OUVERTE,
}

_WORDS: dict[str, RightsStatus] = {
    "public domain": RightsStatus.PUBLIC_DOMAIN,
    "public domain mark": RightsStatus.PUBLIC_DOMAIN,
    "pdm": RightsStatus.PUBLIC_DOMAIN,
    "licence ouverte": RightsStatus.LICENCE_OUVERTE,
    "licence ouverte 2 0": RightsStatus.LICENCE_OUVERTE,
    "etalab": RightsStatus.LICENCE_OUVERTE,
    "cc by 4 0": RightsStatus.CC_BY,
    "cc by sa 4 0": RightsStatus.CC_BY_SA,
    "cc by nc 4 0": RightsStatus.CC_BY_NC,
    "cc by nc nd 4 0": RightsStatus.CC_BY_NC_ND,
    "cc 0": RightsStatus.CC0,
    "oeuvre orpheline": RightsStatus.ORPHAN,
    "orpheline": RightsStatus.ORPHAN,
    "sous droits": RightsStatus.IN_COPYRIGHT,
    "droits reserves": RightsStatus.IN_COPYRIGHT,
    "tous droits reserves": RightsStatus.IN_COPYRIGHT,
    "protege": RightsStatus.IN_COPYRIGHT,
    "restreint": RightsStatus.RESTRICTED,
    "acces restreint": RightsStatus.RESTRICTED,
    "non determine": RightsStatus.UNDETERMINED,
    "indetermine": RightsStatus.UNDETERMINED,
}


_LABELS = {fold(label): status for status, labels in RIGHTS_LABELS.items() for label in labels.values()}
_VALUES = {fold(status.value): status for status in RightsStatus}


def rights_status(said: str) -> RightsStatus | None:
    """Return the status that a text states, or None where it states none that is known."""
    address = re.sub(r"^https?://(www\.)?", "", said.strip().lower())
    if "/" in address:
        if not address.endswith("/"):
            address += "/"
        if address.startswith(re.sub(r"^https?://(www\.)?", "", LICENCE_OUVERTE_URI)):
            return RightsStatus.LICENCE_OUVERTE
        for start, status in _URIS.items():
            if address.startswith(start):
                return status
    folded = fold(said)
    return _VALUES.get(folded) or _LABELS.get(folded) or _WORDS.get(folded)
