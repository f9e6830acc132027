"""How one document stands in the repository of one harvester: left out, listed, covered by its whole, refused. Pure.

A document is refused where a required rule of the profile is broken or the profile has nothing that may be said of its
rights. What that does to a record that is there already is decided where records are kept (`server/publish/records.py`).
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from server.iiif.build.collection import memberships
from server.model.addresses import Addresses
from server.model.description import WholeKind
from server.model.harvester import Granularity, Harvester
from server.model.item import Item
from server.oai.formats.document import Link, Telling, document_of
from server.oai.formats.profile import Level, read_profile
from server.oai.formats.render import FORMATS, RenderedRecord, render_records
from server.oai.formats.rules import find_faults
from server.oai.formats.sets import SetMembership
from server.publish.selection import why_left_out
from server.settings import Settings


class Place(StrEnum):
    """Where a document stands in a repository."""

    OUT = "out"
    LISTED = "listed"
    COVERED = "covered"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Standing:
    """A document in a repository. `texts` says why it is out or refused, by language; `advice` what would be better.

    `loses_rights` says that nothing may be said of its rights there: then a record that is there goes too. `whole` names
    the title or work that it is a part of, where the repository has records of such.
    """

    place: Place
    records: tuple[RenderedRecord, ...] = ()
    texts: tuple[dict[str, str], ...] = ()
    advice: tuple[dict[str, str], ...] = ()
    whole: str = ""
    loses_rights: bool = False


EVERYTHING = ""
"""The name of the repository of everything public."""


def everything(settings: Settings) -> Harvester:
    """Return the repository of everything public, which no file describes."""
    return Harvester(EVERYTHING, {"fr": settings.repository_name}, "public", settings.admin_email, FORMATS)


def place_item(
    item: Item, harvester: Harvester, addresses: Addresses, day: date, source: bytes = b"", metadata_rights: str = ""
) -> Standing:
    """Return how a live item stands in a repository, with the records that it should have there."""
    reason = why_left_out(item, harvester, day)
    if reason is not None:
        return Standing(Place.OUT, texts=(reason,))
    link = whole_of(item, addresses)
    granularity = granularity_of(item, harvester)
    whole = link[0] if link and granularity is not Granularity.ISSUE else ""
    links = (link[1],) if link and granularity is Granularity.BOTH else ()
    telling = telling_of(harvester, metadata_rights)
    document = document_of(item, addresses, links, source)
    faults = find_faults(document, telling)
    advice = tuple(fault.texts for fault in faults if fault.level is Level.ADVISED)
    broken = tuple(fault.texts for fault in faults if fault.level is Level.REQUIRED)
    if telling.profile.rights_words(item.description.rights) is None:
        return Standing(Place.REFUSED, texts=broken, advice=advice, whole=whole, loses_rights=True)
    if broken:
        return Standing(Place.REFUSED, texts=broken, advice=advice, whole=whole)
    if whole and granularity is Granularity.TITLE:
        return Standing(Place.COVERED, advice=advice, whole=whole)
    records = render_records(document, telling, harvester.formats, harvester.sets, own_set_of(harvester))
    return Standing(Place.LISTED, records, advice=advice, whole=whole)


def telling_of(harvester: Harvester, metadata_rights: str = "") -> Telling:
    """Return how a harvester's records are told, and under which licence."""
    provider = harvester.label.get("fr", "")
    return Telling(read_profile(harvester.profile), harvester.thumbnail, harvester.manifest, provider, metadata_rights)


def own_set_of(harvester: Harvester) -> SetMembership | None:
    """Return the set that holds the whole repository, or None."""
    return SetMembership(harvester.own_set, harvester.label) if harvester.own_set else None


def whole_of(item: Item, addresses: Addresses) -> tuple[str, Link] | None:
    """Return the title or work that an item is a part of: the name of its collection, and a link to its page."""
    for membership in memberships(item):
        if membership.kind in ("title", "work"):
            label = next(iter(membership.label.values()), "")
            return membership.name, Link(label, addresses.collection_page(membership.name))
    return None


def granularity_of(item: Item, harvester: Harvester) -> Granularity:
    """Return what a record is in a repository for an item that is a part of something."""
    whole = item.description.part_of
    if whole is None:
        return Granularity.ISSUE
    return harvester.press if whole.kind is WholeKind.PERIODICAL else harvester.volumes
