"""The versions of manifests that stay to be seen, and the bytes that nobody names any more (decision 17).

All in the transaction of a publication or a withdrawal, under `Catalogue.publication_lock()`: no other names a payload
meanwhile. Who reads at that moment keeps the snapshot that they have.
"""

from collections.abc import Iterable

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from server.catalogue.publication_models import DocumentRow, MementoRow, PayloadRow

MANIFESTS = {"manifest/3": 3, "manifest/2": 2}
"""The kinds of documents whose versions keep an address, and the version of the Presentation API of each."""
_AT_ONCE = 500
"""Digests named in one statement."""


def keep_memento(
    session: Session, name: str, version: int, sequence: int, datestamp: int, digest: str, views: list[int]
) -> None:
    """Keep a manifest that was just made live, under its sequence."""
    session.add(
        MementoRow(
            name=name, version=version, sequence=sequence, datestamp=datestamp, payload=digest, views=views, closed=""
        )
    )
    session.flush()


def close_mementos(session: Session, name: str, reason: str) -> set[str]:
    """Close all versions of a document that is withdrawn; return the digests that they named."""
    return _close(session, name, None, f"the document was withdrawn: {reason}")


def close_those_that_show(session: Session, name: str, numbers: Iterable[int], reason: str = "") -> set[str]:
    """Close the versions that show any of some views; return the digests that they named."""
    named: set[str] = set()
    for number in sorted(numbers):
        why = f"view f{number}, which it shows, was withdrawn"
        named |= _close(session, name, number, f"{why}: {reason}" if reason else why)
    return named


def forget_payloads(session: Session, digests: Iterable[str]) -> None:
    """Delete those of some payloads that no document and no version names any more, of whatever item and kind."""
    session.flush()
    is_named = (
        exists().where(DocumentRow.payload == PayloadRow.digest),
        exists().where(MementoRow.payload == PayloadRow.digest),
    )
    left = sorted(digests)
    for start in range(0, len(left), _AT_ONCE):
        some = left[start : start + _AT_ONCE]
        session.execute(
            delete(PayloadRow)
            .where(PayloadRow.digest.in_(some), *(~named for named in is_named))
            .execution_options(synchronize_session=False)
        )


def _close(session: Session, name: str, number: int | None, why: str) -> set[str]:
    named: set[str] = set()
    for row in session.scalars(select(MementoRow).where(MementoRow.name == name, MementoRow.payload.is_not(None))):
        if row.payload is not None and (number is None or number in row.views):
            named.add(row.payload)
            row.payload, row.closed = None, why
    session.flush()
    return named
