"""Writing what is searched, in the transaction of the publication that makes it public or takes it away.

What has not changed is not written. Under the publication lock, which keeps the counts of terms right: publishers of the
catalogue call it, nobody else.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from sqlalchemy import Connection, delete, func, insert, select, text
from sqlalchemy.orm import Session

from server.catalogue.search_models import SearchDocumentRow, SearchTermRow, SearchViewRow
from server.search.choose import index_of
from server.search.index import ALL, identify, terms_of
from server.search.layout import unpack_layout
from server.search.reading import SearchView

RECIPE = 1
"""Part of every publication's fingerprint: to be raised when the same text is folded, joined or stored otherwise."""

_Each = TypeVar("_Each")

_TOGETHER = 500
"""Views that are read or written at once."""

_COUNT = """
insert into search_term (term, views, hits) values (:term, :views, :hits)
on conflict (term) do update set views = search_term.views + excluded.views, hits = search_term.hits + excluded.hits
"""
_COUNT_ALL = """
insert into search_term (term, views, hits)
select * from unnest(cast(:term as text[]), cast(:views as bigint[]), cast(:hits as bigint[]))
on conflict (term) do update set views = search_term.views + excluded.views, hits = search_term.hits + excluded.hits
"""


def fingerprint(views: Iterable[SearchView]) -> str:
    """Return what the text of a document is known by: another text, or another way to store it, gives another one."""
    digest = hashlib.sha256(str(RECIPE).encode())
    for view in views:
        digest.update(repr((view.number, view.words, view.layout)).encode())
    return digest.hexdigest()


def write_document(
    session: Session,
    name: str,
    label: Mapping[str, list[str]],
    views: Sequence[SearchView],
    collections: Sequence[str],
) -> None:
    """Make the text of a document searchable in it and in its collections, in the place of what was there."""
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
    held = _list_views(connection, row.number)
    wanted = {identify(row.number, view.number): view for view in views}
    change = _Change(connection)
    change.remove([identifier for identifier in held if identifier not in wanted])
    for some in _portions(list(wanted)):
        change.put({identifier: wanted[identifier] for identifier in some}, collections)
    change.count()


def remove_document(session: Session, name: str) -> None:
    """Take a document out of every search."""
    row = session.get(SearchDocumentRow, name)
    if row is None:
        return
    change = _Change(session.connection())
    change.remove(_list_views(session.connection(), row.number))
    change.count()
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
    change = _Change(connection)
    change.remove(gone)
    change.count()


def _list_views(connection: Connection, document: int) -> list[int]:
    bounds = SearchViewRow.identifier.between(identify(document, 0), identify(document + 1, 0) - 1)
    return list(connection.scalars(select(SearchViewRow.identifier).where(bounds)))


class _Change:
    """Rows of views that come and go, and what that means for the counts of terms, which are changed once at the end."""

    def __init__(self, connection: Connection) -> None:
        self._connection, self._index = connection, index_of(connection)
        self._views: Counter[str] = Counter()
        self._hits: Counter[str] = Counter()

    def put(self, views: Mapping[int, SearchView], collections: Sequence[str]) -> None:
        """Write views, leaving alone those that stand there as they are."""
        held = self._read(list(views))
        terms = {identifier: terms_of(view.words, collections) for identifier, view in views.items()}
        changed = {
            identifier: view
            for identifier, view in views.items()
            if held.get(identifier) != (view.words, view.layout, terms[identifier])
        }
        self.remove([identifier for identifier in changed if identifier in held])
        if not changed:
            return
        self._connection.execute(
            insert(SearchViewRow),
            [
                {"identifier": identifier, "words": view.words, "layout": view.layout}
                for identifier, view in changed.items()
            ],
        )
        self._index.write(self._connection, ((identifier, terms[identifier]) for identifier in changed))
        for identifier, view in changed.items():
            self._views.update(terms[identifier])
            self._hits.update(word for word in view.words.split() if word in terms[identifier])
            self._views[ALL] += 1

    def remove(self, identifiers: Sequence[int]) -> None:
        """Remove views that are there; others are none."""
        for some in _portions(identifiers):
            for words, _, terms in self._read(some).values():
                self._views.subtract(terms)
                self._hits.subtract(word for word in words.split() if word in terms)
                self._views[ALL] -= 1
            self._index.remove(self._connection, some)
            self._connection.execute(delete(SearchViewRow).where(SearchViewRow.identifier.in_(some)))

    def count(self) -> None:
        """Bring the counts of terms up to date."""
        rows = [
            {"term": term, "views": self._views[term], "hits": self._hits[term]}
            for term in sorted({*self._views, *self._hits})
            if self._views[term] or self._hits[term]
        ]
        if not rows:
            return
        if self._connection.dialect.name == "sqlite":
            self._connection.execute(text(_COUNT), rows)
        else:
            columns = {key: [row[key] for row in rows] for key in ("term", "views", "hits")}
            self._connection.execute(text(_COUNT_ALL), columns)
        fallen = [term for term, views in sorted(self._views.items()) if views < 0]
        for some in _portions(fallen):
            self._connection.execute(
                delete(SearchTermRow).where(SearchTermRow.term.in_(some), SearchTermRow.views <= 0)
            )

    def _read(self, identifiers: Sequence[int]) -> dict[int, tuple[str, bytes, frozenset[str]]]:
        rows = self._connection.execute(
            select(SearchViewRow.identifier, SearchViewRow.words, SearchViewRow.layout).where(
                SearchViewRow.identifier.in_(identifiers)
            )
        ).all()
        terms = self._index.read(self._connection, [row.identifier for row in rows]) if rows else {}
        return {row.identifier: (row.words, row.layout, terms[row.identifier]) for row in rows}


def _portions(values: Sequence[_Each]) -> Iterable[Sequence[_Each]]:
    return (values[start : start + _TOGETHER] for start in range(0, len(values), _TOGETHER))
