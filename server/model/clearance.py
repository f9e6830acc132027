"""What suppliers write about rights, to a `RightsStatus`: a status, its label in French or English, a known licence URI."""

import re

from server.model.rights import RIGHTS_LABELS, RightsStatus
from server.model.words import fold

_URIS: tuple[tuple[str, RightsStatus], ...] = (
    (r"creativecommons\.org/publicdomain/mark(?:/1\.0(?:/.*)?)?", RightsStatus.PUBLIC_DOMAIN),
    (r"creativecommons\.org/publicdomain/zero(?:/1\.0(?:/.*)?)?", RightsStatus.CC0),
    (r"creativecommons\.org/licenses/by(?:/4\.0(?:/.*)?)?", RightsStatus.CC_BY),
    (r"creativecommons\.org/licenses/by-sa(?:/4\.0(?:/.*)?)?", RightsStatus.CC_BY_SA),
    (r"creativecommons\.org/licenses/by-nc(?:/4\.0(?:/.*)?)?", RightsStatus.CC_BY_NC),
    (r"creativecommons\.org/licenses/by-nc-nd(?:/4\.0(?:/.*)?)?", RightsStatus.CC_BY_NC_ND),
    (r"rightsstatements\.org/(?:vocab|page)/inc-ow-eu(?:/1\.0(?:/.*)?)?", RightsStatus.ORPHAN),
    (r"rightsstatements\.org/(?:vocab|page)/inc(?:/1\.0(?:/.*)?)?", RightsStatus.IN_COPYRIGHT),
    (r"rightsstatements\.org/(?:vocab|page)/(?:cne|und)(?:/1\.0(?:/.*)?)?", RightsStatus.UNDETERMINED),
    (r"(?:etalab\.gouv\.fr|github\.com/etalab)/licence-ouverte.*", RightsStatus.LICENCE_OUVERTE),
)
"""Whole addresses, without scheme, `www.` and final slash.

Only what comes out as it went in: another version or port of a licence (`by/3.0/fr`) is another licence, and the NoC
statements of RightsStatements.org (`NoC-NC`, `NoC-CR`, `NoC-OKLR`) restrict use, which the public domain does not.
"""

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
    address = re.sub(r"^https?://(www\.)?", "", said.strip().lower()).rstrip("/")
    for pattern, status in _URIS:
        if re.fullmatch(pattern, address):
            return status
    folded = fold(said)
    return _VALUES.get(folded) or _LABELS.get(folded) or _WORDS.get(folded)
