"""What a publication changes, told for Change Discovery, in the transaction of that publication (decision 15).

Compares what stood before with what stands after: the manifest, every collection whose list or words changed, and the
root where the collections below it changed. Called under `Catalogue.publication_lock()`: numbers have no holes, and the
moments of activities never fall.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.catalogue.base import bytewise
from server.catalogue.publication_models import ActivityRow, MemberRow, PublishedCollectionRow
from server.catalogue.published import moment
from server.iiif.build.bytes import to_bytes
from server.iiif.build.collection import GROUPS, TOP
from server.iiif.build.discovery import (
    COLLECTION,
    CREATE,
    DELETE,
    MANIFEST,
    UPDATE,
    VERSIONS,
    build_collection_activity,
    build_manifest_activity,
)
from server.model.addresses import Addresses
from server.publish.render import Rendering
from server.publish.stamp import Stamp


@contextmanager
def announce_publication(session: Session, rendering: Rendering, addresses: Addresses, stamp: Stamp) -> Iterator[None]:
    """Tell what the block publishes. What stood under another base URL is told as gone from there."""
    name = rendering.item.name
    names = {membership.name for membership in rendering.collections}
    before = _look(session, name, names)
    yield
    session.flush()
    teller = _Teller(session, addresses, stamp.datestamp, stamp.sequence, rendering, moves=True)
    teller.tell(MANIFEST, name)
    teller.tell_collections(before, _look(session, name, names | before.members.keys()))


@contextmanager
def announce_withdrawal(session: Session, name: str, addresses: Addresses, stamp: Stamp) -> Iterator[None]:
    """Tell what the block withdraws: gone from the addresses at which it was last told of, whatever the base is now."""
    before = _look(session, name, ())
    yield
    session.flush()
    teller = _Teller(session, addresses, stamp.datestamp, stamp.sequence)
    teller.tell(MANIFEST, name, is_there=False)
    teller.tell_collections(before, _look(session, name, before.members))


def announce_move(session: Session, addresses: Addresses, stamp: Stamp) -> None:
    """Tell of collections that still stand under another base URL, once every item stands under this one."""
    session.flush()
    teller = _Teller(session, addresses, stamp.datestamp, None, moves=True)
    listed = session.scalars(
        select(MemberRow.collection).group_by(MemberRow.collection).order_by(bytewise(MemberRow.collection))
    ).all()
    for name in (*listed, *GROUPS, TOP):
        if teller.last_base(COLLECTION, name) not in (None, addresses.base):
            teller.tell(COLLECTION, name)


def announce_words(session: Session, collections: Iterable[str], addresses: Addresses, datestamp: int) -> None:
    """Tell of collections whose label or summary changed, and of the root that shows their labels."""
    session.flush()
    teller = _Teller(session, addresses, datestamp, None)
    told = [name for name in sorted(collections) if _has_members(session, name)]
    for name in told:
        teller.tell(COLLECTION, name)
    if told:
        teller.tell(COLLECTION, TOP)


@dataclass(frozen=True, slots=True)
class _Shelves:
    """How an item stands in collections: `members` are sort key and entry in both versions by collection.

    `words` are label and summary of each collection, the one above it and its place there.
    """

    members: dict[str, tuple[str, bytes, bytes | None]]
    words: dict[str, tuple[dict[str, str], dict[str, str], str, str]]


def _look(session: Session, name: str, more: Iterable[str]) -> _Shelves:
    rows = session.execute(
        select(MemberRow.collection, MemberRow.sort_key, MemberRow.fragment, MemberRow.fragment_2).where(
            MemberRow.name == name
        )
    )
    members = {row.collection: (row.sort_key, row.fragment, row.fragment_2) for row in rows}
    words = session.execute(
        select(
            PublishedCollectionRow.name,
            PublishedCollectionRow.label,
            PublishedCollectionRow.summary,
            PublishedCollectionRow.parent,
            PublishedCollectionRow.sort_key,
        ).where(PublishedCollectionRow.name.in_(sorted({*members, *more})))
    )
    return _Shelves(members, {row.name: (row.label, row.summary, row.parent, row.sort_key) for row in words})


def _has_children(session: Session, collection: str) -> bool:
    below = select(PublishedCollectionRow.name).join(MemberRow, MemberRow.collection == PublishedCollectionRow.name)
    return session.scalar(below.where(PublishedCollectionRow.parent == collection).limit(1)) is not None


def _has_members(session: Session, collection: str) -> bool:
    return session.scalar(select(MemberRow.name).where(MemberRow.collection == collection).limit(1)) is not None


class _Teller:
    """Writes the activities of one transaction.

    Where it `moves`, what was told of under another base URL is gone from there and new here; else it stays there.
    """

    def __init__(
        self,
        session: Session,
        addresses: Addresses,
        datestamp: int,
        sequence: int | None,
        rendering: Rendering | None = None,
        *,
        moves: bool = False,
    ) -> None:
        self._session, self._addresses, self._sequence = session, addresses, sequence
        self._rendering, self._moves = rendering, moves
        newest = session.execute(
            select(ActivityRow.number, ActivityRow.datestamp).order_by(ActivityRow.number.desc()).limit(1)
        ).one_or_none()
        self._number = newest.number if newest else -1
        self._datestamp = max(datestamp, newest.datestamp if newest else 0)

    def last_base(self, subject: str, name: str) -> str | None:
        """Return the base URL under which something was last told of; None where it was not, or as gone."""
        last = self._session.execute(
            select(ActivityRow.activity, ActivityRow.base)
            .where(ActivityRow.subject == subject, ActivityRow.name == name)
            .order_by(ActivityRow.number.desc())
            .limit(1)
        ).one_or_none()
        return None if last is None or last.activity == DELETE else last.base

    def tell(self, subject: str, name: str, *, is_there: bool = True) -> str:
        """Write that something is there, new or changed, or that it is gone; return the activity, empty for none."""
        told = self.last_base(subject, name)
        if not is_there:
            if told is not None:
                self._write(DELETE, subject, name, told)
            return DELETE if told is not None else ""
        base = self._addresses.base if told is None or self._moves else told
        if told is not None and told != base:
            self._write(DELETE, subject, name, told)
        activity = UPDATE if told == base else CREATE
        self._write(activity, subject, name, base)
        return activity

    def tell_collections(self, before: _Shelves, after: _Shelves) -> None:
        """Write what became of the collections of an item, and of those above them that list them otherwise now.

        A title is told of with its issues, so a year that comes or goes tells nothing more; a group and the root are not.
        """
        above: set[str] = set()
        for name in sorted(before.members.keys() | after.members.keys()):
            is_same = before.members.get(name) == after.members.get(name)
            if is_same and before.words.get(name) == after.words.get(name):
                continue
            activity = self.tell(COLLECTION, name, is_there=_has_members(self._session, name))
            if activity in (CREATE, DELETE) or before.words.get(name) != after.words.get(name):
                above |= {words[name][2] for words in (before.words, after.words) if name in words}
        is_other_root = "" in above
        for group in sorted(above & GROUPS.keys()):
            activity = self.tell(COLLECTION, group, is_there=_has_children(self._session, group))
            is_other_root |= activity in (CREATE, DELETE)
        if is_other_root:
            self.tell(COLLECTION, TOP)

    def _write(self, activity: str, subject: str, name: str, base: str) -> None:
        addresses = replace(self._addresses, base=base)
        when = moment(self._datestamp)
        for version in VERSIONS:
            if subject == COLLECTION:
                told = build_collection_activity(activity, name, version, addresses, when)
            elif activity == DELETE or self._rendering is None:
                told = build_manifest_activity(activity, name, version, addresses, when)
            else:
                prefixes = [record.prefix for record in self._rendering.records[""]]
                item = self._rendering.item
                told = build_manifest_activity(activity, name, version, addresses, when, item, prefixes)
            self._number += 1
            self._session.add(
                ActivityRow(
                    number=self._number, sequence=self._sequence, datestamp=self._datestamp, activity=activity,
                    subject=subject, version=version, name=name, base=base, body=to_bytes(told),
                )
            )  # fmt: skip
        self._session.flush()
