"""Apply the rules of harvesters to what is live: records come, change and go, and nothing else of the documents does.

Each document has a transaction and a place in the sequence of its own, so that an interrupted run is taken up by the
next one, and lists stay in one order. Change Discovery is told nothing: no manifest changed.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from server.catalogue.base import bytewise
from server.catalogue.items import load_institution, load_source
from server.catalogue.models import ItemRow
from server.catalogue.publication_models import (
    RECORDS,
    OaiRecordSetRow,
    OaiRepositoryRow,
    OaiSetRow,
    OaiStandingRow,
    PublicationRow,
)
from server.catalogue.repositories import HARVESTER, has_changed_partners, load_harvesters
from server.catalogue.values import ITEM
from server.errors import Busy, CatalogueError
from server.formats.unimarc import to_marcxchange
from server.model.addresses import Addresses
from server.model.clock import local_day
from server.model.harvester import DELIVERED, Harvester
from server.model.item import Item
from server.publish.harvester_files import find_harvester, keep_harvester
from server.publish.installation import must_fit_installation
from server.publish.records import differs, keep_standing
from server.publish.repositories import EVERYTHING, Place, Standing, everything, place_item
from server.publish.stamp import next_stamp
from server.publish.transaction import LIVE, write_journal
from server.told import told
from server.workshop import Workshop

_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of a live item in one repository: `state` is listed, covered, out, refused or late.

    `changed` says that something did; `texts` are the reasons, by language.
    """

    name: str
    title: str
    state: str
    changed: bool
    texts: tuple[dict[str, str], ...] = ()


def apply_repository(workshop: Workshop, name: str) -> Iterator[Applied]:
    """Read a harvester's file, then bring every live item's records in its repository to what the rule says.

    Raises CatalogueError for a file that is missing or wrong: then nothing was changed.
    """
    with workshop.catalogue.write() as session:
        harvester = find_harvester(session, workshop.settings.manifests_dir, name)
        keep_harvester(session, harvester)
    yield from _apply_all(workshop, name)


def apply_everything(workshop: Workshop) -> Iterator[Applied]:
    """Bring every live item's records in the repository of everything public to what this version makes of them."""
    harvester = everything(workshop.settings)
    yield from _apply_each(workshop, harvester, local_day(workshop.clock()))
    with workshop.catalogue.write() as session:
        _tidy_sets(session, harvester)


def apply_days(workshop: Workshop) -> list[str]:
    """Apply the repositories whose partnerships began or ended since they were last looked at; return their names."""
    today = local_day(workshop.clock())
    due = []
    with workshop.catalogue.read() as session:
        for row in session.scalars(select(OaiRepositoryRow).order_by(bytewise(OaiRepositoryRow.name))):
            programme = HARVESTER.validate_python(row.definition).selection.partners_of
            if programme and row.day is not None and row.day < today:
                due.append((row.name, has_changed_partners(session, programme, row.day, today)))
    for name, has_changed in due:
        if has_changed:
            for _ in _apply_all(workshop, name):
                pass
        else:
            with workshop.catalogue.write() as session:
                session.get_one(OaiRepositoryRow, name).day = today
    return [name for name, has_changed in due if has_changed]


def apply_repositories(
    workshop: Workshop, item: Item, harvesters: Iterable[Harvester], addresses: Addresses, fingerprint: str
) -> bool:
    """Bring the records of one live item in several repositories to what the rules say; return whether any changed.

    `fingerprint` is that of the publication that `item` is. Where another was made live meanwhile, that one did it.
    """
    day = local_day(workshop.clock())
    known = tuple(harvesters)
    with workshop.catalogue.read() as session:
        source = read_source(workshop, session, item.name, known)
        rights = workshop.settings.metadata_rights
        wanted = [(each, place_item(item, each, addresses, day, source, rights)) for each in known]
        if not any(differs(session, each.name, item.name, standing) for each, standing in wanted):
            return False
    return bool(_keep(workshop, item.name, wanted, addresses, fingerprint))


def _apply_all(workshop: Workshop, repository: str) -> Iterator[Applied]:
    day = local_day(workshop.clock())
    with workshop.catalogue.read() as session:
        row = session.get_one(OaiRepositoryRow, repository)
        harvester, digest = HARVESTER.validate_python(row.definition), row.digest
    yield from _apply_each(workshop, harvester, day)
    with workshop.catalogue.write() as session:
        row = session.get_one(OaiRepositoryRow, repository)
        _tidy_sets(session, harvester)
        if row.digest == digest:  # else the file was read anew meanwhile, and is still to be applied
            row.applied, row.day = digest, day


def _apply_each(workshop: Workshop, harvester: Harvester, day: date) -> Iterator[Applied]:
    with workshop.catalogue.read() as session:
        names = session.scalars(
            select(PublicationRow.name).where(PublicationRow.state == LIVE).order_by(PublicationRow.first_sequence)
        ).all()
    for name in names:
        applied = _apply_one(workshop, name, harvester, day)
        if applied is not None:
            yield applied


def _tidy_sets(session: Session, harvester: Harvester) -> None:
    """Give the set of the whole repository its words, and forget sets that no record and no tombstone is in."""
    own = session.get(OaiSetRow, (harvester.name, harvester.own_set))
    if own is not None:
        own.label = harvester.label
    members = select(OaiRecordSetRow.spec).where(OaiRecordSetRow.repository == harvester.name)
    session.execute(
        delete(OaiSetRow).where(OaiSetRow.repository == harvester.name, OaiSetRow.spec.not_in(members.distinct()))
    )


def _apply_one(workshop: Workshop, name: str, harvester: Harvester, day: date) -> Applied | None:
    """Bring the records of one item in one repository to what the rule says; None where it was withdrawn meanwhile."""
    for _ in range(_ATTEMPTS):
        with workshop.catalogue.read() as session:
            item = load_published(session, name)
            if item is None:
                return None
            fingerprint = session.get_one(PublicationRow, name).fingerprint
            source = read_source(workshop, session, name, (harvester,))
            standing = place_item(item, harvester, workshop.addresses, day, source, workshop.settings.metadata_rights)
            state = state_of(session, harvester.name, name)
            is_other = differs(session, harvester.name, name, standing)
        if is_other:
            states = _keep(workshop, name, [(harvester, standing)], workshop.addresses, fingerprint)
            if not states:
                continue  # published or described otherwise meanwhile: look again
            state = states[harvester.name]
        return Applied(name, item.description.title.value, state, is_other, standing.texts)
    raise Busy(
        told(
            "{name} was changed {attempts} times while its records were being made; try again",
            name=name,
            attempts=_ATTEMPTS,
        )
    )


def load_published(session: Session, name: str) -> Item | None:
    """Return a live item as it was published, its institution with the partnerships of today; None where it is not live.

    What is held but not published yet must not show in records.
    """
    row = session.get(PublicationRow, name)
    if row is None or row.state != LIVE:
        return None
    item = ITEM.validate_python(row.item)
    return replace(item, institution=load_institution(session, session.get_one(ItemRow, name).institution))


def read_source(workshop: Workshop, session: Session, name: str, harvesters: Iterable[Harvester]) -> bytes:
    """Return an item's record as it was delivered, in XML, where a harvester takes such; empty where none does or is."""
    if not any(DELIVERED & set(harvester.formats) for harvester in harvesters):
        return b""
    held = load_source(session, name)
    if held is None:
        return b""
    body = workshop.storage.get(held.key)
    return to_marcxchange(body) if held.key.endswith(".mrc") else body


def state_of(session: Session, repository: str, name: str) -> str:
    """Return how a live item stands in a repository."""
    if repository == EVERYTHING:
        return Place.LISTED.value
    row = session.get(OaiStandingRow, (repository, name))
    return "out" if row is None else row.state


def _keep(
    workshop: Workshop, name: str, wanted: Sequence[tuple[Harvester, Standing]], addresses: Addresses, fingerprint: str
) -> dict[str, str]:
    """Make the records of an item live in one transaction; return its states by repository.

    None where something else is live under its name, or a harvester is described otherwise: then nothing is changed.
    """
    with workshop.catalogue.publication_lock(), workshop.catalogue.write() as session:
        must_fit_installation(session, addresses)
        row = session.get(PublicationRow, name)
        if row is None or row.state != LIVE or row.fingerprint != fingerprint:
            return {}
        known = load_harvesters(session)
        if not all(harvester in known for harvester, _ in wanted if harvester.name != EVERYTHING):
            return {}
        stamp = next_stamp(session, workshop.clock())
        write_journal(session, name, RECORDS, stamp, None)
        identifier = addresses.oai_identifier(name)
        return {
            harvester.name: keep_standing(session, harvester.name, name, standing, stamp, identifier)
            for harvester, standing in wanted
        }


def must_know(session: Session, name: str) -> Harvester:
    """Return a harvester as its file was last read. Raises CatalogueError for one that is not known."""
    for harvester in load_harvesters(session):
        if harvester.name == name:
            return harvester
    known = ", ".join(each.name for each in load_harvesters(session)) or "none yet"
    raise CatalogueError(
        told(
            "there is no repository {name}; the repositories are {known}; run `vitrine init` after adding one",
            name=name,
            known=known,
        )
    )
