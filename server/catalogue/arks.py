"""Minting ARK names and keeping former names, inside the transaction that makes the item."""

import re
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from server.catalogue.models import AliasRow, ArkRow, ItemRow
from server.errors import CatalogueError
from server.model.ark import Blades, check_character, split_ark
from server.told import told

_ATTEMPTS = 1000
_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}")
"""What may be an item's name: it is part of storage keys and of addresses."""
MAX_ALIAS = 500
"""Characters that a former name may have."""


def mint(session: Session, naan: str, shoulder: str, blades: Blades, now: datetime) -> str:
    """Add a name that was never given before and return it: shoulder, blade, check character."""
    for _ in range(_ATTEMPTS):
        stem = shoulder + blades()
        name = stem + check_character(naan, stem)
        if session.get(ArkRow, name) is None and _leads_to(session, naan, name) is None:
            session.add(ArkRow(name=name, minted_at=now))
            session.flush()
            return name
    raise CatalogueError(
        told(
            "no free ARK name was found in {attempts} attempts; choose another VITRINE_ARK_SHOULDER", attempts=_ATTEMPTS
        )
    )


def adopt(session: Session, naan: str, ark: str, now: datetime) -> str | None:
    """Take over an ARK that a delivery brings: the name if it is under our NAAN, else None (it becomes an alias).

    Raises CatalogueError if it is no ARK, if it cannot be an item's name, or if the name belongs to another item.
    """
    name = own_name(naan, ark)
    if name is None:
        return None
    if session.get(ArkRow, name) is not None or _leads_to(session, naan, name) is not None:
        raise CatalogueError(told("{ark} is already the ARK of another document; correct it in the delivery", ark=ark))
    session.add(ArkRow(name=name, minted_at=now))
    session.flush()
    return name


def own_name(naan: str, ark: str) -> str | None:
    """Return the name of an ARK under our NAAN, None if it is under another.

    Raises CatalogueError if it is no ARK, or if its name cannot be an item's.
    """
    parts = split_ark(ark)
    if parts is None:
        raise CatalogueError(told("{ark!r} is not an ARK; it is written ark:/NAAN/name", ark=ark))
    if parts[0] != naan:
        return None
    name = parts[1]
    if "/" in name or "." in name:
        raise CatalogueError(
            told(
                "{ark} names a part of a document, not a document; give the ARK without what follows the name", ark=ark
            )
        )
    if not _NAME.fullmatch(name):
        raise CatalogueError(
            told(
                "{ark} cannot be taken over: its name must be of at most 80 letters and digits, '_' and '-'; correct "
                "it in the delivery, or leave it out and a name is minted",
                ark=ark,
            )
        )
    return name


def keep_brought_ark(session: Session, naan: str, item: str, ark: str) -> bool:
    """Let an ARK under our NAAN lead to an item that has another name already; return whether it does.

    That is so when a first attempt came without it: the name that was told then stays, and the ARK redirects to it.
    Raises CatalogueError if it is the ARK of another item.
    """
    name = own_name(naan, ark)
    if name is None or name == item:
        return False
    if session.get(ItemRow, name) is not None:
        raise CatalogueError(told("{ark} is already the ARK of another document; correct it in the delivery", ark=ark))
    keep_aliases(session, item, [("ark", _written(naan, name))])
    return True


def keep_aliases(session: Session, item: str, former: Iterable[tuple[str, str]]) -> None:
    """Keep former names (kind, value) of an item. Raises CatalogueError if one is too long or belongs to another item."""
    for kind, value in former:
        if len(value) > MAX_ALIAS:
            raise CatalogueError(
                told(
                    "the former {kind} {value}… has {length} characters; at most {most} can be kept: leave it out",
                    kind=kind,
                    value=value[:60],
                    length=len(value),
                    most=MAX_ALIAS,
                )
            )
        kept = session.scalar(select(AliasRow.item).where(AliasRow.kind == kind, AliasRow.value == value))
        if kept is None:
            session.add(AliasRow(kind=kind, value=value, item=item))
        elif kept != item:
            raise CatalogueError(
                told(
                    "the former {kind} {value} already leads to {kept}; a former name leads to one document only",
                    kind=kind,
                    value=value,
                    kept=kept,
                )
            )
    session.flush()


def forget_aliases(session: Session, item: str) -> None:
    """Forget the former names of an item that was never finished: the next attempt brings its own."""
    session.execute(delete(AliasRow).where(AliasRow.item == item))


def _leads_to(session: Session, naan: str, name: str) -> str | None:
    return session.scalar(select(AliasRow.item).where(AliasRow.kind == "ark", AliasRow.value == _written(naan, name)))


def _written(naan: str, name: str) -> str:
    return f"ark:/{naan}/{name}"
