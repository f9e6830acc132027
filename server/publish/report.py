"""What a harvester's profile says of documents, told before anything is published: nothing is changed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from server.catalogue.items import load_item
from server.catalogue.publication_models import PublicationRow
from server.model.clock import local_day
from server.model.harvester import Prefix
from server.model.item import Item
from server.oai.formats.rules import content_tier
from server.publish.apply import load_published, must_know, read_source, state_of
from server.publish.repositories import Place, place_item
from server.publish.transaction import LIVE
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
    """Check named items as they are held, else everything live as it is published. Raises CatalogueError, Unknown."""
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
