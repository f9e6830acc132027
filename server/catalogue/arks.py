"""Minting ARK names and keeping former names, inside the transaction that makes the item."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.catalogue.models import AliasRow, ArkRow
from server.errors import CatalogueError
from server.model.ark import Blades, check_character, split_ark

_ATTEMPTS = 1000


def mint(session: Session, naan: str, shoulder: str, blades: Blades, now: datetime) -> str:
    """Add a name that was never given before and return it: shoulder, blade, check character."""
    for _ in range(_ATTEMPTS):
        stem = shoulder + blades()
        name = stem + check_character(naan, stem)
        if session.get(ArkRow, name) is None:
            session.add(ArkRow(name=name, minted_at=now))
            session.flush()
            return name
    raise CatalogueError(f"no free ARK name was found in {_ATTEMPTS} attempts; choose another VITRINE_ARK_SHOULDER")


def adopt(session: Session, naan: str, ark: str, now: datetime) -> str | None:
    """Take over an ARK that a delivery brings: the name if it is under our NAAN, else None (it becomes an alias).

    Raises CatalogueError if it is no ARK, or if the name belongs to another item.
    """
    parts = split_ark(ark)
    if parts is None:
        raise CatalogueError(f"{ark!r} is not an ARK; it is written ark:/NAAN/name")
    if parts[0] != naan:
        return None
    name = parts[1]
    if "/" in name or "." in name:
        raise CatalogueError(
            f"{ark} names a part of a document, not a document; give the ARK without what follows the name"
        )
    if session.get(ArkRow, name) is not None:
        raise CatalogueError(f"{ark} is already the ARK of another document; correct it in the delivery")
    session.add(ArkRow(name=name, minted_at=now))
    session.flush()
    return name


def keep_aliases(session: Session, item: str, former: Iterable[tuple[str, str]]) -> None:
    """Keep former names (kind, value) of an item. Raises CatalogueError if one belongs to another item."""
    for kind, value in former:
        kept = session.scalar(select(AliasRow.item).where(AliasRow.kind == kind, AliasRow.value == value))
        if kept is None:
            session.add(AliasRow(kind=kind, value=value, item=item))
        elif kept != item:
            raise CatalogueError(
                f"the former {kind} {value} already leads to {kept}; a former name leads to one document only"
            )
    session.flush()
