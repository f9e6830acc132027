"""Records of wholes: a newspaper's title, a work in several volumes, where a repository's file asks for them.

A whole has no publication of its own. Its record is made from its parts that count in the repository, after they were
published: what changed in a part is remembered in its own transaction (`oai_whole`), and made good here, by the command that
published it or by the next sweep. So a thousand issues cost one record of their title, not a thousand.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.catalogue.base import bytewise
from server.catalogue.models import ItemRow
from server.catalogue.publication_models import RECORDS, MemberRow, OaiStandingRow, OaiWholeRow
from server.catalogue.repositories import load_harvesters
from server.model.addresses import Addresses
from server.model.description import Date, DateKind, Title, WholeKind
from server.model.harvester import Granularity, Harvester
from server.model.item import Item
from server.model.rights import Rights, RightsStatus
from server.model.spoken_dates import format_edtf
from server.oai.formats.document import Document, Link
from server.oai.formats.profile import Level
from server.oai.formats.render import RenderedRecord, render_records
from server.oai.formats.rules import find_faults
from server.publish.apply import load_published
from server.publish.installation import must_fit_installation
from server.publish.records import IN_A_WHOLE, are_kept, keep_records
from server.publish.repositories import granularity_of, own_set_of, telling_of
from server.publish.stamp import next_stamp
from server.publish.transaction import write_journal
from server.workshop import Workshop

STRICTNESS = (
    RightsStatus.CC0, RightsStatus.PUBLIC_DOMAIN, RightsStatus.LICENCE_OUVERTE, RightsStatus.CC_BY, RightsStatus.CC_BY_SA,
    RightsStatus.CC_BY_NC, RightsStatus.CC_BY_NC_ND, RightsStatus.ORPHAN, RightsStatus.IN_COPYRIGHT,
    RightsStatus.RESTRICTED, RightsStatus.UNDETERMINED,
)  # fmt: skip
"""Statuses from the freest on: a whole has the strictest of its parts."""

_log = logging.getLogger("vitrine.publish")


@dataclass(frozen=True, slots=True)
class _Part:
    name: str
    order: str
    rights: RightsStatus


def refresh_wholes(workshop: Workshop, addresses: Addresses | None = None) -> int:
    """Bring the records of every whole to what its parts are now; return how many changed. One transaction each.

    Raises CatalogueError while everything is being published under another base URL: the end of that does it.
    """
    with workshop.catalogue.read() as session:
        wanted = session.execute(
            select(OaiWholeRow.repository, OaiWholeRow.name).order_by(
                bytewise(OaiWholeRow.repository), bytewise(OaiWholeRow.name)
            )
        ).all()
    used = addresses or workshop.addresses
    return sum(_refresh(workshop, repository, name, used) for repository, name in wanted)


def _refresh(workshop: Workshop, repository: str, name: str, addresses: Addresses) -> bool:
    with workshop.catalogue.publication_lock(), workshop.catalogue.write() as session:
        row = session.get(OaiWholeRow, (repository, name))
        if row is None:
            return False  # another process did it meanwhile
        must_fit_installation(session, addresses)
        because = row.because
        session.delete(row)
        harvester = next((each for each in load_harvesters(session) if each.name == repository), None)
        if harvester is None:
            return False
        records = _render(session, harvester, name, addresses, workshop.settings.metadata_rights)
        if records is None or are_kept(session, repository, name, records):
            return False
        stamp = next_stamp(session, workshop.clock())
        write_journal(session, because, RECORDS, stamp, None)
        keep_records(session, repository, name, records, stamp, addresses.oai_identifier(name))
    return True


def _render(
    session: Session, harvester: Harvester, name: str, addresses: Addresses, metadata_rights: str
) -> tuple[RenderedRecord, ...] | None:
    """Return the records of a whole: none where no part of it counts, None where it must stay as it is."""
    document = tell_whole(session, harvester, name, addresses)
    if not isinstance(document, Document):
        return document
    telling = telling_of(harvester, metadata_rights)
    broken = [fault.texts["en"] for fault in find_faults(document, telling) if fault.level is Level.REQUIRED]
    if broken:
        _log.warning("%s: the record of %s stays as it is: %s", harvester.name, name, "; ".join(broken))
        return None
    return render_records(document, telling, harvester.formats, harvester.sets, own_set_of(harvester))


def list_wholes(session: Session, repository: str) -> list[str]:
    """Return the names of the wholes of which parts count in a repository."""
    rows = select(OaiStandingRow.whole).where(OaiStandingRow.repository == repository, OaiStandingRow.whole != "")
    counting = rows.where(OaiStandingRow.state.in_(sorted(IN_A_WHOLE))).group_by(OaiStandingRow.whole)
    return list(session.scalars(counting.order_by(bytewise(OaiStandingRow.whole))))


def tell_whole(
    session: Session, harvester: Harvester, name: str, addresses: Addresses
) -> Document | tuple[RenderedRecord, ...] | None:
    """Return a whole as what a record is about; no records where it has none there, None where it must stay as it is."""
    parts = _parts(session, harvester.name, name)
    if not parts:
        return ()
    first, last = (load_published(session, part.name) for part in (parts[0], parts[-1]))
    if first is None or last is None or first.description.part_of is None:
        return None
    granularity = granularity_of(first, harvester)
    if granularity is Granularity.ISSUE:
        return ()
    links = _links(session, parts, addresses) if granularity is Granularity.BOTH else ()
    return Document(
        _describe(first, last, parts), addresses, addresses.collection_page(name), "", addresses.collection(name),
        parts=links, is_whole=True, known_as=first.description.part_of.identifier,
    )  # fmt: skip


def _parts(session: Session, repository: str, whole: str) -> list[_Part]:
    """Return the parts that count in a repository, in the order of the whole."""
    rows = session.execute(
        select(MemberRow.name, MemberRow.sort_key, ItemRow.rights_status)
        .join(OaiStandingRow, OaiStandingRow.name == MemberRow.name)
        .join(ItemRow, ItemRow.name == MemberRow.name)
        .where(
            MemberRow.collection == whole,
            OaiStandingRow.repository == repository,
            OaiStandingRow.whole == whole,
            OaiStandingRow.state.in_(sorted(IN_A_WHOLE)),
        )
        .order_by(MemberRow.sort_key, bytewise(MemberRow.name))
    )
    return [_Part(row.name, row.sort_key, RightsStatus(row.rights_status)) for row in rows]


def _links(session: Session, parts: Sequence[_Part], addresses: Addresses) -> tuple[Link, ...]:
    """Return links to the parts. An issue is called by its date: to open a thousand documents for their titles takes long."""
    return tuple(Link(_label(session, part), addresses.ark(part.name)) for part in parts)


def _label(session: Session, part: _Part) -> str:
    day = part.order.partition(" ")[0]
    if len(day) == len("1909-03-07") and day[4] == "-":
        return format_edtf(day, "fr")
    item = load_published(session, part.name)
    return item.description.title.value if item is not None else ""


def _describe(first: Item, last: Item, parts: Sequence[_Part]) -> Item:
    """Return the whole as an item: what its first part says of all of it, from the first date to the last."""
    described = first.description
    whole = described.part_of
    assert whole is not None
    years = sorted({part.order[:4] for part in parts if part.order[:4].isdigit() and part.order[:4] != "9999"})
    span = "/".join(dict.fromkeys((years[0], years[-1]))) if years and whole.kind is WholeKind.PERIODICAL else ""
    dates: tuple[Date, ...] = (Date(span, "", DateKind.ISSUED),) if span else ()
    if whole.kind is WholeKind.MULTIVOLUME:
        dates = tuple(dict.fromkeys((*described.dates, *last.description.dates)))
    strictest = max((part.rights for part in parts), key=STRICTNESS.index)
    is_kept_together = described.shelfmark == last.description.shelfmark
    about = replace(
        described,
        titles=(Title(whole.label, described.title.language),),
        rights=Rights(strictest),
        dates=dates,
        people=described.people if whole.kind is WholeKind.MULTIVOLUME else (),
        shelfmark=described.shelfmark if is_kept_together else "",
        extent="",
        abstracts=(),
        notes=(),
        part_of=None,
    )
    return replace(first, description=about, campaign=None, collections=(), structure=())
