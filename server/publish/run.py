"""Publish items: render outside the lock, make live under it, change nothing where nothing changed."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.catalogue.events import record_event
from server.catalogue.items import find_item, load_item, load_texts
from server.catalogue.models import DeliveryRow, ItemRow, ViewRow
from server.catalogue.publication_models import PublicationRow
from server.errors import Busy, PublicationRefused
from server.model.addresses import Addresses, image_name
from server.model.clock import local_day
from server.model.item import Item
from server.publish.installation import must_fit_installation
from server.publish.render import PublicImage, render
from server.publish.rules import NotYet, must_be_publishable
from server.publish.transaction import LIVE, WITHDRAWN, make_live, next_stamp
from server.workshop import Workshop

_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one item: `state` is published, updated, unchanged, waiting, withdrawn or refused."""

    name: str
    title: str
    state: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class _Held:
    """What the catalogue holds of an item: everything that its rendering is made from, but for the texts."""

    item: Item
    images: tuple[PublicImage, ...]
    published: str
    """Fingerprint of the live publication, or the word for why there is none: withdrawn, never."""


def publish_item(
    workshop: Workshop, name: str, addresses: Addresses | None = None, *, restore: bool = False
) -> Outcome:
    """Publish one item, or leave it as it is where nothing changed.

    A withdrawn item stays withdrawn unless `restore` says that a person asked for it by name. Raises Unknown.
    """
    addresses = addresses or workshop.addresses
    for _ in range(_ATTEMPTS):
        with workshop.catalogue.read() as session:
            held = _load(session, workshop, name)
            title = held.item.description.title.value
            if held.published == WITHDRAWN and not restore:
                return Outcome(name, title, "withdrawn")
            try:
                _must_be_publishable(session, workshop, held.item)
            except NotYet as reason:
                return _wait(workshop, name, title, str(reason))
            except PublicationRefused as reason:
                return Outcome(name, title, "refused", str(reason))
            texts = load_texts(session, name)
        try:
            rendering = render(held.item, texts, held.images, addresses)
        except PublicationRefused as reason:
            return Outcome(name, title, "refused", str(reason))
        if rendering.fingerprint == held.published:
            _forget_wish(workshop, name)
            return Outcome(name, title, "unchanged")
        with workshop.catalogue.publication_lock(), workshop.catalogue.write() as session:
            must_fit_installation(session, addresses)
            if _load(session, workshop, name) != held:
                continue  # somebody changed it meanwhile: what is made live is what is held now
            stamp = next_stamp(session, workshop.clock())
            activity = make_live(session, rendering, stamp, addresses.oai_identifier(name))
            find_item(session, name).publish_wanted = False
            record_event(
                session, workshop.clock(), workshop.actor, "published", name, digest=rendering.fingerprint,
                detail={"sequence": stamp.sequence, "activity": activity},
            )  # fmt: skip
        return Outcome(name, title, "published" if activity == "Create" else "updated")
    raise Busy(f"{name} was changed {_ATTEMPTS} times while it was being published; try again")


def waive_acceptance(workshop: Workshop, names: Sequence[str], reason: str) -> None:
    """Record that items may be published though nobody accepted their delivery, and why."""
    with workshop.catalogue.write() as session:
        for name in names:
            row = find_item(session, name)
            if row.acceptance_waived != reason:
                row.acceptance_waived = reason
                record_event(
                    session, workshop.clock(), workshop.actor, "acceptance waived", name, detail={"reason": reason}
                )


def list_items(
    session: Session, *, delivery: str | None = None, campaign: str | None = None, wanted: bool = False
) -> list[str]:
    """Return the names of items, in the order of their making: all, or those of a delivery, a campaign, the waiting."""
    query = select(ItemRow.name).order_by(ItemRow.created_at, ItemRow.name)
    if delivery is not None:
        query = query.where(ItemRow.delivery == delivery)
    if campaign is not None:
        query = query.where(ItemRow.campaign == campaign)
    if wanted:
        query = query.where(ItemRow.publish_wanted)
    return list(session.scalars(query))


def _load(session: Session, workshop: Workshop, name: str) -> _Held:
    item = load_item(session, name, workshop.settings.naan)
    rows = session.scalars(select(ViewRow).where(ViewRow.item == name).order_by(ViewRow.number))
    images = tuple(
        PublicImage(
            image=image_name(name, row.number),
            number=row.number,
            width=row.width,
            height=row.height,
            pyramid_key=row.pyramid_key,
            index_key=row.index_key,
            version=f"{row.master_digest[:16]}-{row.recipe}",
        )
        for row in rows
    )
    publication = session.get(PublicationRow, name)
    published = "never" if publication is None else publication.state
    if publication is not None and publication.state == LIVE:
        published = publication.fingerprint
    return _Held(item, images, published)


def _must_be_publishable(session: Session, workshop: Workshop, item: Item) -> None:
    row = find_item(session, item.name)
    delivery = session.get_one(DeliveryRow, row.delivery)
    must_be_publishable(row, delivery, item, local_day(workshop.clock()))


def _forget_wish(workshop: Workshop, name: str) -> None:
    with workshop.catalogue.read() as session:
        if not find_item(session, name).publish_wanted:
            return
    with workshop.catalogue.write() as session:
        find_item(session, name).publish_wanted = False


def _wait(workshop: Workshop, name: str, title: str, reason: str) -> Outcome:
    """Remember that somebody asked: the sweep publishes it when the day has come."""
    with workshop.catalogue.write() as session:
        row = find_item(session, name)
        if not row.publish_wanted:
            row.publish_wanted = True
            record_event(session, workshop.clock(), workshop.actor, "publication wanted", name)
    return Outcome(name, title, "waiting", reason)
