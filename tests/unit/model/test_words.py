"""What suppliers write, to the words that we use: roles, rights, comparison without accents."""

import pytest

from server.model.clearance import rights_status
from server.model.rights import LICENCE_OUVERTE_URI, RIGHTS_LABELS, RIGHTS_URIS, RightsStatus
from server.model.roles import relator_code
from server.model.words import fold


def test_folding_drops_accents_ligatures_case_and_punctuation() -> None:
    assert fold("Œuvre  orpheline – L’Été") == "oeuvre orpheline l ete"


@pytest.mark.parametrize("status", list(RightsStatus))
def test_a_status_is_known_by_value_labels_and_uri(status: RightsStatus) -> None:
    for said in (status.value, *RIGHTS_LABELS[status].values(), *filter(None, [RIGHTS_URIS.get(status)])):
        assert rights_status(said) is status


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (LICENCE_OUVERTE_URI, RightsStatus.LICENCE_OUVERTE), ("Licence Ouverte 2.0", RightsStatus.LICENCE_OUVERTE),
        ("https://creativecommons.org/licenses/by-nc/4.0/deed.fr", RightsStatus.CC_BY_NC), ("CC BY-SA 4.0", RightsStatus.CC_BY_SA),
        ("creativecommons.org/licenses/by", RightsStatus.CC_BY), ("https://rightsstatements.org/page/InC/1.0/?language=fr", RightsStatus.IN_COPYRIGHT),
        ("https://creativecommons.org/licenses/by/4.0", RightsStatus.CC_BY), ("tous droits réservés", RightsStatus.IN_COPYRIGHT),
        ("6 - Snippet view (image server)", None), ("", None), ("https://example.org/by/4.0/", None),
    ],
)  # fmt: skip
def test_rights_are_understood_or_not_guessed(said: str, status: RightsStatus | None) -> None:
    assert rights_status(said) is status


@pytest.mark.parametrize(
    "said",
    [
        "http://rightsstatements.org/vocab/NoC-NC/1.0/", "http://rightsstatements.org/vocab/NoC-CR/1.0/",
        "http://rightsstatements.org/vocab/NoC-US/1.0/", "http://rightsstatements.org/vocab/NoC-OKLR/1.0/",
        "http://rightsstatements.org/vocab/InC-EDU/1.0/", "http://rightsstatements.org/vocab/InC-OW-EU/2.0/",
        "https://creativecommons.org/licenses/by/3.0/", "https://creativecommons.org/licenses/by-nc/3.0/fr/",
        "https://creativecommons.org/licenses/by-nd/4.0/", "https://creativecommons.org/publicdomain/zero/2.0/",
        "CC BY 3.0", "CC BY-SA 2.5",
    ],
)  # fmt: skip
def test_another_statement_or_another_version_is_not_taken_for_ours(said: str) -> None:
    assert rights_status(said) is None


@pytest.mark.parametrize(
    ("said", "code"),
    [("Photographe", "pht"), ("Éditeur scientifique", "edt"), ("graveur.", "egr"), ("aut", "aut"),
     ("http://id.loc.gov/vocabulary/relators/ltg", "ltg"), ("jardinier", ""), ("", "")],
)  # fmt: skip
def test_roles_become_relator_codes(said: str, code: str) -> None:
    assert relator_code(said) == code
