"""Publish items: render outside the lock, make live under it, change nothing where nothing changed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.catalogue.base import bytewise
from server.catalogue.events import record_event
from server.catalogue.items import (
    HeldFile,
    find_item,
    load_altos,
    load_given_source,
    load_item,
    load_packed_texts,
)
from server.catalogue.models import DeliveryRow, DeliveryState, ItemRow, ItemState, ViewRow
from server.catalogue.publication_models import PublicationRow
from server.catalogue.repositories import load_harvesters
from server.catalogue.values import ITEM
from server.errors import Busy, PublicationRefused
from server.model.addresses import Addresses, image_name
from server.model.clock import local_day
from server.model.harvester import Harvester
from server.model.item import Item
from server.publish.activities import announce_publication
from server.publish.apply import apply_repositories, read_source
from server.publish.documents import list_kept
from server.publish.installation import must_fit_installation
from server.publish.outdated import RENDERING
from server.publish.packing import pack
from server.publish.pages import make_packed_pages
from server.publish.render import PublicImage, render
from server.publish.repositories import everything, place_item
from server.publish.rules import Verdict, judge
from server.publish.stamp import next_stamp
from server.publish.traits import keep_traits
from server.publish.transaction import LIVE, WITHDRAWN, file_rendering, make_live
from server.search.write import plan_document
from server.told import NOTHING, Told, told
from server.workshop import Workshop

_ATTEMPTS = 5
_NEVER = "never"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one item: `state` is published, updated, unchanged, waiting, withdrawn, not public or refused."""

    name: str
    title: str
    state: str
    problem: Told = NOTHING


@dataclass(frozen=True, slots=True)
class _Held:
    """What the catalogue holds of an item: everything that its rendering is made from, but for the texts."""

    item: Item
    images: tuple[PublicImage, ...]
    altos: dict[int, HeldFile]
    record: HeldFile | None
    """The description as it was delivered, where readers may have it."""
    published: str
    """Fingerprint of the live publication, or the word for why there is none: withdrawn, never."""
    harvesters: tuple[Harvester, ...]
    """Those whose repositories it may be in, the one of everything public among them."""
    verdict: Verdict
    """Whether the rules allow to publish it now, and if not why."""

    @property
    def is_live(self) -> bool:
        """Whether it is public now."""
        return self.published not in (WITHDRAWN, _NEVER)


def publish_item(workshop: Workshop, name: str, *, restore: bool = False) -> Outcome:
    """Publish one item if the rules allow it, or leave it as it is where nothing changed.

    A withdrawn item stays withdrawn unless `restore` says that a person asked for it by name. Raises Unknown, Busy.
    """

    def obstacle(held: _Held) -> Outcome | None:
        title = held.item.description.title.value
        if held.published == WITHDRAWN and not restore:
            return Outcome(name, title, "withdrawn")
        if held.verdict.state == "waiting":
            return _wait(workshop, name, title, held.verdict.problem)
        return None if held.verdict.state == "may" else Outcome(name, title, "refused", held.verdict.problem)

    return _publish(workshop, name, workshop.addresses, obstacle)


def republish_item(workshop: Workshop, name: str, addresses: Addresses | None = None) -> Outcome:
    """Render a live item anew, under other addresses or without a view that was withdrawn; nothing else is asked of it.

    Whether it may be public was decided when it became so: withdrawing is what ends that. Raises Unknown, Busy.
    """

    def obstacle(held: _Held) -> Outcome | None:
        return None if held.is_live else Outcome(name, held.item.description.title.value, "not public")

    return _publish(workshop, name, addresses or workshop.addresses, obstacle)


def _publish(
    workshop: Workshop, name: str, addresses: Addresses, obstacle: Callable[[_Held], Outcome | None]
) -> Outcome:
    for _ in range(_ATTEMPTS):
        with workshop.catalogue.read() as session:
            held = _load(session, workshop, name)
            title = held.item.description.title.value
            hindered = obstacle(held)
            if hindered is not None:
                return hindered
            source = read_source(workshop, session, name, held.harvesters)
            kept = list_kept(session, name)
            texts = partial(load_packed_texts, session, name)
            pages = make_packed_pages(held.item, texts, addresses, kept, workshop.settings.processes)
            try:
                rendering = render(held.item, pages, held.images, addresses, held.altos, held.record)
            except PublicationRefused as reason:
                return Outcome(name, title, "refused", reason.told)
            if rendering.fingerprint != held.published:
                plan = plan_document(session.connection(), name, rendering.texts)
        if rendering.fingerprint == held.published:
            _note_unchanged(workshop, name)
            changed = apply_repositories(workshop, held.item, held.harvesters, addresses, rendering.fingerprint)
            return Outcome(name, title, "updated" if changed else "unchanged")
        day = local_day(workshop.clock())
        rights = workshop.settings.metadata_rights
        standings = {each.name: place_item(held.item, each, addresses, day, source, rights) for each in held.harvesters}
        packed = pack(rendering.documents, kept)
        entry = file_rendering(rendering)
        with workshop.catalogue.publication_lock(), workshop.catalogue.write() as session:
            must_fit_installation(session, addresses)
            if _load(session, workshop, name) != held:
                continue  # somebody changed or refused it meanwhile: what is made live is what is held and allowed now
            stamp = next_stamp(session, workshop.clock())
            with announce_publication(session, rendering, addresses, stamp):
                oai_identifier = addresses.oai_identifier(name)
                activity = make_live(session, rendering, packed, stamp, oai_identifier, standings, plan, entry)
            find_item(session, name).publish_wanted = False
            record_event(
                session, workshop.clock(), workshop.actor, "published", name, digest=rendering.fingerprint,
                detail={"sequence": stamp.sequence, "activity": activity},
            )  # fmt: skip
        return Outcome(name, title, "published" if activity == "Create" else "updated")
    raise Busy(
        told(
            "{name} was changed {attempts} times while it was being published; try again", name=name, attempts=_ATTEMPTS
        )
    )


def waive_acceptance(workshop: Workshop, names: Sequence[str], reason: str) -> None:
    """Record that items may be published though nobody decided on their delivery, and why.

    Items of an accepted delivery need no waiver, and a refusal is not waived: both are left as they are.
    """
    undecided = (DeliveryState.RECEIVED, DeliveryState.CHECKED)
    with workshop.catalogue.write() as session:
        for name in names:
            row = find_item(session, name)
            delivery = session.get_one(DeliveryRow, row.delivery)
            if row.state != ItemState.READY or delivery.state not in undecided or row.acceptance_waived == reason:
                continue
            row.acceptance_waived = reason
            record_event(
                session, workshop.clock(), workshop.actor, "acceptance waived", name, digest=row.input_digest,
                detail={"reason": reason},
            )  # fmt: skip


def list_items(
    session: Session, *, delivery: str | None = None, campaign: str | None = None, wanted: bool = False
) -> list[str]:
    """Return the names of items, in the order of their making: all, or those of a delivery, a campaign, the waiting."""
    query = select(ItemRow.name).order_by(ItemRow.created_at, bytewise(ItemRow.name))
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
    published = _NEVER if publication is None else publication.state
    if publication is not None and publication.state == LIVE:
        published = publication.fingerprint
    return _Held(
        item=item,
        images=images,
        altos=load_altos(session, item),
        record=load_given_source(session, item),
        published=published,
        harvesters=(everything(workshop.settings), *load_harvesters(session)),
        verdict=_judge(session, workshop, item),
    )


def _judge(session: Session, workshop: Workshop, item: Item) -> Verdict:
    row = find_item(session, item.name)
    delivery = session.get_one(DeliveryRow, row.delivery)
    return judge(row, delivery, item, local_day(workshop.clock()))


def _note_unchanged(workshop: Workshop, name: str) -> None:
    """Forget that somebody asked for it, and note that this version of the software renders it as it stands.

    What it is browsed by is no document, and an earlier version did not keep it.
    """
    with workshop.catalogue.read() as session:
        is_noted = session.get_one(PublicationRow, name).rendering == RENDERING
        if is_noted and not find_item(session, name).publish_wanted:
            return
    with workshop.catalogue.write() as session:
        find_item(session, name).publish_wanted = False
        row = session.get_one(PublicationRow, name)
        row.rendering = RENDERING
        if row.state == LIVE:
            keep_traits(session, ITEM.validate_python(row.item))


def _wait(workshop: Workshop, name: str, title: str, reason: Told) -> Outcome:
    """Remember that somebody asked: the sweep publishes it when the day has come."""
    with workshop.catalogue.write() as session:
        row = find_item(session, name)
        if not row.publish_wanted:
            row.publish_wanted = True
            record_event(session, workshop.clock(), workshop.actor, "publication wanted", name)
    return Outcome(name, title, "waiting", reason)
