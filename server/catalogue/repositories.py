"""The repositories of single harvesters: how they are described, and how documents stand in them.

What serving asks of the repositories (`load_published`) and what `vitrine status` tells of it (`list_repositories`).
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from pydantic import TypeAdapter
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.catalogue.base import bytewise
from server.catalogue.models import PartnershipRow
from server.catalogue.publication_models import OaiRecordRow, OaiRepositoryRow, OaiStandingRow, PublicationRow
from server.model.harvester import Harvester

if TYPE_CHECKING:
    from sqlalchemy import Connection

HARVESTER: TypeAdapter[Harvester] = TypeAdapter(Harvester)


@dataclass(frozen=True, slots=True)
class PublishedRepository:
    """What serving needs to know of a repository: its words, whom to write to, the metadataPrefixes that it offers."""

    name: str
    label: dict[str, str]
    contact: str
    formats: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RepositoryStanding:
    """How a repository stands: `records` that are live, in the format that most have; `is_applied`: its file's rule is.

    `deleted` are tombstones, `covered` documents for which the record of their whole stands.
    """

    name: str
    records: int
    deleted: int
    covered: int
    refused: int
    late: int
    is_applied: bool


@dataclass(frozen=True, slots=True)
class Problem:
    """A document that a repository refuses, or whose newer record it refuses: `state` is refused or late."""

    repository: str
    name: str
    state: str
    texts: tuple[dict[str, str], ...]


def load_published(connection: "Connection") -> dict[str, PublishedRepository]:
    """Return the repositories of harvesters by name, in alphabetical order; that of everything public is not among them."""
    columns = (OaiRepositoryRow.name, OaiRepositoryRow.label, OaiRepositoryRow.contact, OaiRepositoryRow.formats)
    rows = connection.execute(select(*columns).order_by(bytewise(OaiRepositoryRow.name)))
    return {row.name: PublishedRepository(row.name, row.label, row.contact, tuple(row.formats)) for row in rows}


def load_harvester(connection: "Connection", name: str) -> Harvester | None:
    """Return a harvester as its file was last read; None for one that is not known."""
    definition = connection.scalar(select(OaiRepositoryRow.definition).where(OaiRepositoryRow.name == name))
    return None if definition is None else HARVESTER.validate_python(definition)


def load_harvesters(session: Session) -> tuple[Harvester, ...]:
    """Return every harvester as its file was last read, by name."""
    rows = session.scalars(select(OaiRepositoryRow.definition).order_by(bytewise(OaiRepositoryRow.name)))
    return tuple(HARVESTER.validate_python(definition) for definition in rows)


def list_repositories(session: Session) -> list[RepositoryStanding]:
    """Return how each repository stands, the one of everything public first under its empty name."""
    counted = session.execute(
        select(OaiRecordRow.repository, OaiRecordRow.prefix, OaiRecordRow.deleted, func.count())
        .group_by(OaiRecordRow.repository, OaiRecordRow.prefix, OaiRecordRow.deleted)
    ).all()  # fmt: skip
    records: Counter[str] = Counter()
    deleted: Counter[str] = Counter()
    for repository, _prefix, is_deleted, number in counted:
        counter = deleted if is_deleted else records
        counter[repository] = max(counter[repository], number)
    states: Counter[tuple[str, str]] = Counter()
    for repository, state, number in session.execute(
        select(OaiStandingRow.repository, OaiStandingRow.state, func.count()).group_by(
            OaiStandingRow.repository, OaiStandingRow.state
        )
    ):
        states[repository, state] = number
    rows = session.execute(
        select(OaiRepositoryRow.name, OaiRepositoryRow.digest, OaiRepositoryRow.applied).order_by(
            bytewise(OaiRepositoryRow.name)
        )
    ).all()
    told = [RepositoryStanding("", records[""], deleted[""], 0, 0, 0, is_applied=True)]
    for name, digest, applied in rows:
        told.append(
            RepositoryStanding(
                name, records[name], deleted[name], states[name, "covered"], states[name, "refused"],
                states[name, "late"], is_applied=digest == applied,
            )
        )  # fmt: skip
    return told


def list_problems(session: Session, *, since: int = 0, limit: int | None = None) -> list[Problem]:
    """Return documents that are refused or late: those published from a place in the sequence on, at most so many."""
    query = (
        select(OaiStandingRow)
        .where(OaiStandingRow.state.in_(["refused", "late"]))
        .order_by(bytewise(OaiStandingRow.repository), bytewise(OaiStandingRow.name))
        .limit(limit)
    )
    if since:
        query = query.join(PublicationRow, PublicationRow.name == OaiStandingRow.name)
        query = query.where(PublicationRow.sequence >= since)
    return [Problem(row.repository, row.name, row.state, tuple(row.problems)) for row in session.scalars(query)]


def has_changed_partners(session: Session, programme: str, since: date, until: date) -> bool:
    """Whether a partnership of a programme began or ended between two days, the first one left out."""
    rows = session.execute(
        select(PartnershipRow.since, PartnershipRow.until).where(PartnershipRow.programme == programme)
    )
    return any(since < began <= until or (ended is not None and since <= ended < until) for began, ended in rows)
