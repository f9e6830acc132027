"""What a harvester's profile says of documents, told before anything is published: nothing is changed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from server.catalogue.items import load_item
from server.catalogue.publication_models import PublicationRow
from server.model.clock import local_day
from server.model.harvester import Harvester, Prefix
from server.model.item import Item
from server.oai.formats.document import Document
from server.oai.formats.profile import Level
from server.oai.formats.rules import content_tier, find_faults
from server.publish.apply import load_published, must_know, read_source, state_of
from server.publish.records import has_live_record
from server.publish.repositories import Place, place_item, telling_of
from server.publish.transaction import LIVE
from server.publish.wholes import list_wholes, tell_whole
from server.workshop import Workshop


@dataclass(frozen=True, slots=True)
class Report:
    """One document before one harvester: `state` as in `vitrine status`, or out; texts are by language.

    `tier` is the content tier that Europeana may give it, 0 where the repository is none of Europeana's.
    """

    name: str
    title: str
    state: str
    errors: tuple[dict[str, str], ...]
    advice: tuple[dict[str, str], ...]
    tier: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return it for a program."""
        return {
            "name": self.name, "title": self.title, "state": self.state, "errors": list(self.errors),
            "advice": list(self.advice), **({"tier": self.tier} if self.tier else {}),
        }  # fmt: skip


def check_items(workshop: Workshop, repository: str, names: Sequence[str] = ()) -> Iterator[Report]:
    """Check named items as they are held, else everything live as it is published, titles and works too.

    Raises CatalogueError, Unknown.
    """
    day = local_day(workshop.clock())
    with workshop.catalogue.read() as session:
        harvester = must_know(session, repository)
        live = select(PublicationRow.name).where(PublicationRow.state == LIVE).order_by(PublicationRow.first_sequence)
        chosen = names or session.scalars(live).all()
    has_tiers = Prefix.EDM in harvester.formats
    for name in chosen:
        with workshop.catalogue.read() as session:
            item: Item | None = (
                load_item(session, name, workshop.settings.naan) if names else load_published(session, name)
            )
            if item is None:
                continue  # withdrawn meanwhile
            source = read_source(workshop, session, name, (harvester,))
            standing = place_item(item, harvester, workshop.addresses, day, source)
            is_there = state_of(session, repository, name) in ("listed", "late")
        is_late = standing.place is Place.REFUSED and is_there and not standing.loses_rights
        yield Report(
            name,
            item.description.title.value,
            "late" if is_late else standing.place.value,
            standing.texts,
            standing.advice,
            content_tier(item) if has_tiers and standing.place is not Place.OUT else 0,
        )
    if not names:
        yield from _check_wholes(workshop, harvester)


def _check_wholes(workshop: Workshop, harvester: Harvester) -> Iterator[Report]:
    """Check the titles and works that have a record of their own in a repository."""
    telling = telling_of(harvester)
    with workshop.catalogue.read() as session:
        wholes = list_wholes(session, harvester.name)
    for name in wholes:
        with workshop.catalogue.read() as session:
            document = tell_whole(session, harvester, name, workshop.addresses)
            is_there = has_live_record(session, harvester.name, name)
        if not isinstance(document, Document):
            continue  # its parts left meanwhile, or stand for themselves
        faults = find_faults(document, telling)
        errors = tuple(fault.texts for fault in faults if fault.level is Level.REQUIRED)
        advice = tuple(fault.texts for fault in faults if fault.level is Level.ADVISED)
        is_refused = bool(errors) or telling.profile.rights_words(document.item.description.rights) is None
        state = ("late" if is_there else Place.REFUSED.value) if is_refused else Place.LISTED.value
        tier = content_tier(document.item) if Prefix.EDM in harvester.formats else 0
        yield Report(name, document.item.description.title.value, state, errors, advice, tier)
