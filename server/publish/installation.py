"""What the first publication fixes for good: base URL, repository id, NAAN (decision 6)."""

from sqlalchemy.orm import Session

from server.catalogue.models import InstallationRow
from server.errors import CatalogueError
from server.model.addresses import Addresses
from server.told import told

BASE_URL, REPOSITORY_ID, NAAN = "base_url", "repository_id", "naan"
REBASING_TO = "rebasing_to"
"""Set while `vitrine rebase` is on its way; its presence means that addresses of two bases are published."""

_VARIABLES = {BASE_URL: "VITRINE_BASE_URL", REPOSITORY_ID: "VITRINE_REPOSITORY_ID", NAAN: "VITRINE_NAAN"}
_REMEDIES = {
    REPOSITORY_ID: told("set it back: OAI identifiers never change"),
    NAAN: told("set it back: ARKs never change"),
}


def must_keep_names(session: Session, addresses: Addresses) -> None:
    """Raise CatalogueError when repository id or NAAN are not those of the first publication: names never change."""
    for key, value in {REPOSITORY_ID: addresses.repository_id, NAAN: addresses.naan}.items():
        _must_equal(session.get(InstallationRow, key), key, value)


def must_fit_installation(session: Session, addresses: Addresses) -> None:
    """Record the addresses at the first publication; raise CatalogueError when later ones differ, with the remedy."""
    must_keep_names(session, addresses)
    target = session.get(InstallationRow, REBASING_TO)
    if target is None:
        _must_equal(session.get(InstallationRow, BASE_URL), BASE_URL, addresses.base)
    elif target.value != addresses.base:
        raise CatalogueError(
            told(
                "everything is being published anew under {value}, and that was interrupted; run `vitrine rebase "
                "{value}` to its end",
                value=target.value,
            )
        )
    fixed = {BASE_URL: addresses.base, REPOSITORY_ID: addresses.repository_id, NAAN: addresses.naan}
    for key, value in fixed.items():
        if session.get(InstallationRow, key) is None:
            session.add(InstallationRow(key=key, value=value))
    session.flush()


def _must_equal(row: InstallationRow | None, key: str, value: str) -> None:
    if row is not None and row.value != value:
        rebase = told(
            "set it back, or run `vitrine rebase {url}` to publish everything under the new address", url=value
        )
        raise CatalogueError(
            told(
                "{variable} is {value}, but what is published says {published}; {remedy}",
                variable=_VARIABLES[key],
                value=value,
                published=row.value,
                remedy=_REMEDIES.get(key, rebase),
            )
        )
