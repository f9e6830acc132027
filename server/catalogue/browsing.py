"""Reading what published documents are browsed by: places, years, the issues of a year, institutions. Hot reads: Core."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select

from server.catalogue.base import bytewise
from server.catalogue.find_models import FindDocumentRow
from server.catalogue.models import InstitutionRow
from server.catalogue.publication_models import MemberRow, PublicationRow, PublishedCollectionRow, TraitRow
from server.catalogue.published import Published, moment
from server.catalogue.values import DESCRIPTION, ITEM
from server.errors import Unknown
from server.model.description import Description
from server.model.traits import PLACE, YEAR


@dataclass(frozen=True, slots=True)
class PlaceCount:
    """A place with the number of its live documents; degrees WGS 84, None where no record says them."""

    slug: str
    label: str
    latitude: float | None
    longitude: float | None
    documents: int


@dataclass(frozen=True, slots=True)
class Glimpse:
    """A document by what the search keeps to show of it."""

    name: str
    shown: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue of a newspaper: its day is None where its date is not known to the day."""

    name: str
    day: date | None


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A document that stands beside another one."""

    name: str
    description: Description


@dataclass(frozen=True, slots=True)
class Holder:
    """An institution as readers see it. `logo` is as its record has it."""

    name: str
    label: Mapping[str, str]
    commune: str
    homepage: str
    logo: str


def list_places(connection: Connection) -> list[PlaceCount]:
    """Return every place that a live document shows, by name."""
    rows = connection.execute(
        select(
            TraitRow.value,
            func.min(TraitRow.label).label("label"),
            func.avg(TraitRow.latitude).label("latitude"),
            func.avg(TraitRow.longitude).label("longitude"),
            func.count().label("documents"),
        )
        .where(TraitRow.kind == PLACE)
        .group_by(TraitRow.value)
        .order_by(bytewise(TraitRow.value))
    )
    return [PlaceCount(row.value, row.label, row.latitude, row.longitude, row.documents) for row in rows]


def find_place(connection: Connection, slug: str) -> PlaceCount:
    """Return a place with its documents. Raises Unknown where no live document shows it."""
    row = connection.execute(
        select(
            func.min(TraitRow.label).label("label"),
            func.avg(TraitRow.latitude).label("latitude"),
            func.avg(TraitRow.longitude).label("longitude"),
            func.count().label("documents"),
        ).where(TraitRow.kind == PLACE, TraitRow.value == slug)
    ).one()
    if not row.documents:
        raise Unknown(f"no published document shows a place called {slug[:80]}")
    return PlaceCount(slug, row.label, row.latitude, row.longitude, row.documents)


def count_years(connection: Connection) -> dict[int, int]:
    """Return how many live documents are from each year, in order."""
    rows = connection.execute(
        select(TraitRow.value, func.count().label("documents"))
        .where(TraitRow.kind == YEAR)
        .group_by(TraitRow.value)
        .order_by(bytewise(TraitRow.value))
    )
    return {int(row.value): row.documents for row in rows}


def count_between(connection: Connection, kind: str, low: str, high: str) -> int:
    """Return how many live documents have a trait of a kind between two values, both included."""
    return (
        connection.scalar(
            select(func.count()).where(TraitRow.kind == kind, TraitRow.value >= low, TraitRow.value <= high)
        )
        or 0
    )


def list_between(
    connection: Connection, kind: str, low: str, high: str, offset: int = 0, limit: int = 24
) -> list[Published]:
    """Return the live documents that have a trait of a kind between two values, the oldest first, the undated last."""
    # The names first: what is sorted has no descriptions in it.
    names = connection.scalars(
        select(TraitRow.name)
        .outerjoin(FindDocumentRow, FindDocumentRow.name == TraitRow.name)
        .where(TraitRow.kind == kind, TraitRow.value >= low, TraitRow.value <= high)
        .order_by(
            FindDocumentRow.earliest.is_(None), FindDocumentRow.earliest, bytewise(TraitRow.value), bytewise(TraitRow.name)
        )
        .offset(offset)
        .limit(limit)
    ).all()  # fmt: skip
    rows = connection.execute(
        select(
            PublicationRow.name,
            PublicationRow.item,
            PublicationRow.sequence,
            PublicationRow.datestamp,
            PublicationRow.first_datestamp,
        ).where(PublicationRow.name.in_(names), PublicationRow.state == "live")
    )
    found = {
        row.name: Published(
            ITEM.validate_python(row.item), row.sequence, moment(row.datestamp), moment(row.first_datestamp)
        )
        for row in rows
    }
    return [found[name] for name in names if name in found]


def list_glimpses(connection: Connection, kind: str, low: str, high: str, limit: int) -> list[Glimpse]:
    """Return some live documents that have a trait of a kind between two values, in no order that means anything."""
    rows = connection.execute(
        select(FindDocumentRow.name, FindDocumentRow.shown)
        .join(TraitRow, TraitRow.name == FindDocumentRow.name)
        .where(TraitRow.kind == kind, TraitRow.value >= low, TraitRow.value <= high, FindDocumentRow.live)
        .order_by(bytewise(TraitRow.value), bytewise(TraitRow.name))
        .limit(limit)
    )
    return [Glimpse(row.name, row.shown) for row in rows]


def list_issues(connection: Connection, year: str) -> list[Issue]:
    """Return the issues of a year of a newspaper, `year` being its collection, in order."""
    rows = connection.execute(
        select(MemberRow.name, MemberRow.sort_key)
        .where(MemberRow.collection == year)
        .order_by(MemberRow.sort_key, bytewise(MemberRow.name))
    )
    return [Issue(row.name, _day(row.sort_key)) for row in rows]


def list_beside(connection: Connection, collection: str, name: str) -> tuple[Neighbour | None, Neighbour | None]:
    """Return the live members before and behind one in a collection's order, None where there is none."""
    here = connection.execute(
        select(MemberRow.sort_key, MemberRow.name).where(MemberRow.collection == collection, MemberRow.name == name)
    ).one_or_none()
    if here is None:
        return None, None
    key, own = MemberRow.sort_key, bytewise(MemberRow.name)
    # the description alone: a page of a document does not read the views of the documents beside it
    columns = select(PublicationRow.name, PublicationRow.item["description"].label("description"))
    found = [
        connection.execute(
            columns.join(MemberRow, MemberRow.name == PublicationRow.name)
            .where(MemberRow.collection == collection, PublicationRow.state == "live", beyond)
            .order_by(*order)
            .limit(1)
        ).one_or_none()
        for beyond, order in (
            (or_(key < here.sort_key, and_(key == here.sort_key, own < name)), (key.desc(), own.desc())),
            (or_(key > here.sort_key, and_(key == here.sort_key, own > name)), (key, own)),
        )
    ]
    before, behind = (
        Neighbour(row.name, DESCRIPTION.validate_python(row.description)) if row else None for row in found
    )
    return before, behind


def count_members(connection: Connection, parent: str) -> dict[str, int]:
    """Return how many live documents each collection below one holds, by name."""
    rows = connection.execute(
        select(PublishedCollectionRow.name, func.count(MemberRow.name).label("members"))
        .join(MemberRow, MemberRow.collection == PublishedCollectionRow.name)
        .where(PublishedCollectionRow.parent == parent)
        .group_by(PublishedCollectionRow.name)
    )
    return {row.name: row.members for row in rows}


def list_holders(connection: Connection) -> list[Holder]:
    """Return every registered institution, by name."""
    rows = connection.execute(
        select(
            InstitutionRow.name,
            InstitutionRow.label,
            InstitutionRow.commune,
            InstitutionRow.homepage,
            InstitutionRow.logo,
        ).order_by(bytewise(InstitutionRow.name))
    )
    return [Holder(row.name, row.label, row.commune, row.homepage, row.logo) for row in rows]


def _day(sort_key: str) -> date | None:
    try:
        found = datetime.strptime(sort_key[:10], "%Y-%m-%d").date()  # noqa: DTZ007  # a day, no moment
    except ValueError:
        return None
    return found
