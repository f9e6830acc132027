"""Writing what is searched, in the transaction of the publication that makes it public or takes it away.

What has not changed is not written. Under the publication lock, which keeps the counts of terms right: publishers of the
catalogue call it, nobody else.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Connection, delete, func, insert, select, text
from sqlalchemy.orm import Session

from server.catalogue.search_models import SearchDocumentRow, SearchTermRow, SearchViewRow
from server.search.choose import index_of
from server.search.index import bounds_of, identify, view_of
from server.search.layout import unpack_layout
from server.search.terms import Counts, IndexedView, Row

RECIPE = 2
"""Part of every publication's fingerprint: to be raised when the same text is folded, joined or stored otherwise."""

_Each = TypeVar("_Each")

_TOGETHER = 500
"""Views that are read or written at once."""

_COUNT = """
insert into search_term (term, views, hits) values (?, ?, ?)
on conflict (term) do update set views = search_term.views + excluded.views, hits = search_term.hits + excluded.hits
"""
_COUNT_ALL = """
insert into search_term (term, views, hits)
select * from unnest(cast(:term as text[]), cast(:views as bigint[]), cast(:hits as bigint[]))
on conflict (term) do update set views = search_term.views + excluded.views, hits = search_term.hits + excluded.hits
"""


def fingerprint(views: Iterable[IndexedView]) -> str:
    """Return what the text of a document is known by: another text, or another way to store it, gives another one."""
    digest = hashlib.sha256(str(RECIPE).encode())
    for view in views:
        digest.update(view.digest)
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Plan:
    """What has to be written for the text of a document to be found: made before the publication lock is taken.

    `held` are the identifiers of its views as they were then: where they are others now, it is made anew.
    """

    held: tuple[int, ...]
    gone: tuple[int, ...]
    put: tuple[IndexedView, ...]
    counted: tuple[Row, ...]


def plan_document(connection: Connection, name: str, views: Sequence[IndexedView]) -> Plan:
    """Compare the text of a document with what is stored of it. Views that are stored as they are stay."""
    number = connection.scalar(select(SearchDocumentRow.number).where(SearchDocumentRow.name == name))
    held = _list_views(connection, number) if number is not None else []
    counts = Counts()
    wanted = {view.number: view for view in views}
    gone: list[int] = []
    kept: set[int] = set()
    for some in _portions(held):
        for identifier, (words, layout, terms) in _read(connection, some).items():
            view = wanted.get(view_of(identifier))
            if (
                view is not None
                and (words, layout) == (view.words, view.layout)
                and terms == frozenset(view.terms.split())
            ):
                kept.add(view.number)
                continue
            gone.append(identifier)
            counts.subtract(words, terms)
    put = tuple(view for view in views if view.number not in kept)
    for view in put:
        counts.add(view.words, view.terms.split())
    return Plan(tuple(held), tuple(gone), put, counts.rows())


def write_document(
    session: Session, name: str, label: Mapping[str, list[str]], views: Sequence[IndexedView], plan: Plan | None = None
) -> None:
    """Make the text of a document searchable in the place of what was there, as it was planned or is planned now."""
    if not views:
        remove_document(session, name)
        return
    row = session.get(SearchDocumentRow, name)
    if row is None:
        row = SearchDocumentRow(name=name, number=(session.scalar(select(func.max(SearchDocumentRow.number))) or 0) + 1)
        session.add(row)
    row.label = dict(label)
    session.flush()
    connection = session.connection()
    if plan is None or plan.held != tuple(_list_views(connection, row.number)):
        plan = plan_document(connection, name, views)
    index = index_of(connection)
    _delete(connection, plan.gone)
    if plan.put:
        rows = [
            {"identifier": identify(row.number, view.number), "words": view.words, "layout": view.layout}
            for view in plan.put
        ]
        connection.execute(insert(SearchViewRow), rows)
        index.write(connection, ((identify(row.number, view.number), view.terms) for view in plan.put))
    _count(connection, plan.counted)


def remove_document(session: Session, name: str) -> None:
    """Take a document out of every search."""
    row = session.get(SearchDocumentRow, name)
    if row is None:
        return
    _remove(session.connection(), _list_views(session.connection(), row.number))
    session.delete(row)
    session.flush()


def remove_view(session: Session, name: str, number: int) -> None:
    """Take a view out of every search, and the one before it if a word goes on from there to this one."""
    row = session.get(SearchDocumentRow, name)
    if row is None:
        return
    connection = session.connection()
    gone = [identify(row.number, number)]
    before = identify(row.number, number - 1)
    layout = connection.scalar(select(SearchViewRow.layout).where(SearchViewRow.identifier == before))
    if layout is not None and unpack_layout(layout).next_view == number:
        gone.append(before)
    _remove(connection, gone)


def _list_views(connection: Connection, document: int) -> list[int]:
    bounds = SearchViewRow.identifier.between(*bounds_of(document))
    return list(connection.scalars(select(SearchViewRow.identifier).where(bounds).order_by(SearchViewRow.identifier)))


def _remove(connection: Connection, identifiers: Sequence[int]) -> None:
    """Remove views that are there, and what they count; others are none."""
    counts = Counts()
    for some in _portions(identifiers):
        for words, _, terms in _read(connection, some).values():
            counts.subtract(words, terms)
    _delete(connection, identifiers)
    _count(connection, counts.rows())


def _delete(connection: Connection, identifiers: Sequence[int]) -> None:
    index = index_of(connection)
    for some in _portions(identifiers):
        index.remove(connection, some)
        connection.execute(delete(SearchViewRow).where(SearchViewRow.identifier.in_(some)))


def _count(connection: Connection, rows: Sequence[Row]) -> None:
    """Bring the counts of terms up to date."""
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(
            _COUNT, list(rows)
        )  # by name it takes three times as long: a document has 50 000 terms
    else:
        columns = zip(("term", "views", "hits"), zip(*rows, strict=True), strict=True)
        connection.execute(text(_COUNT_ALL), {key: list(column) for key, column in columns})
    fallen = [term for term, views, _ in rows if views < 0]
    for some in _portions(fallen):
        connection.execute(delete(SearchTermRow).where(SearchTermRow.term.in_(some), SearchTermRow.views <= 0))


def _read(connection: Connection, identifiers: Sequence[int]) -> dict[int, tuple[str, bytes, frozenset[str]]]:
    rows = connection.execute(
        select(SearchViewRow.identifier, SearchViewRow.words, SearchViewRow.layout).where(
            SearchViewRow.identifier.in_(identifiers)
        )
    ).all()
    terms = index_of(connection).read(connection, [row.identifier for row in rows]) if rows else {}
    return {row.identifier: (row.words, row.layout, terms[row.identifier]) for row in rows}


def _portions(values: Sequence[_Each]) -> Iterable[Sequence[_Each]]:
    return (values[start : start + _TOGETHER] for start in range(0, len(values), _TOGETHER))
