"""The transactions of ingest: claim an item, complete it, fail it. Each is one step that a kill cannot split."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import delete, select
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from server.catalogue.arks import adopt, forget_aliases, keep_aliases, keep_brought_ark, mint
from server.catalogue.events import record_event
from server.catalogue.items import ALTO_OF_SEVERAL_ROLE, ALTO_ROLE, PACKED_ROLE
from server.catalogue.locks import serialise
from server.catalogue.models import (
    CollectionRow,
    DeliveryRow,
    DeliveryState,
    EventRow,
    FileRow,
    ItemCollectionRow,
    ItemRow,
    ItemState,
    ViewRow,
    ViewTextRow,
)
from server.catalogue.values import DESCRIPTION, NOTES, STRUCTURE
from server.delivery.structure import fit_structure
from server.delivery.values import DeliveredItem, DeliveredView
from server.errors import CatalogueError
from server.ingest.changes import find_changes
from server.ingest.views import FinishedView
from server.model.ark import split_ark
from server.model.description import Typology
from server.model.georeference import fit_georeference
from server.storage.keys import source_key
from server.told import NOTHING, Told, told
from server.workshop import Workshop

MAX_IDENTIFIER = 300
"""Characters that the identifier of a document may have."""
MAX_PATH = 1000
"""Characters that the path of a file in a delivery may have."""

_DELIVERED: TypeAdapter[DeliveredItem] = TypeAdapter(DeliveredItem)


@dataclass(frozen=True, slots=True)
class Claim:
    """An item's place in the catalogue: its name, and the delivery and input for which it was claimed.

    `is_held` says that it is there whole, with the same input; `is_again` that an earlier attempt was not finished;
    `note` what is unusual about it and worth telling. `replaces` is the input that a ready item was made from, where this
    is an update of it: then its row stays what it is until the update is complete.
    """

    name: str
    delivery: str
    digest: str
    is_held: bool = False
    is_again: bool = False
    note: Told = NOTHING
    replaces: str = ""


@dataclass(frozen=True, slots=True)
class KeptSource:
    """The source record of an item as it is kept."""

    path: str
    digest: str
    size: int
    key: str


def input_digest(item: DeliveredItem, files: Mapping[str, str], institution: str, campaign: str | None) -> str:
    """Return the SHA-256 of everything that shapes an item: description, structure, files with their digests."""
    whole = replace(item, source=replace(item.source, body=b"", file=None))
    parts = [institution, campaign or "", item.source.digest()]
    # what an older version of the software did not know of must not change the digest of what it took in
    nothing: dict[str, Any] = {
        "views": {
            position: {"notes": {"georeference"}}
            | ({"georeference": True} if view.georeference is None else {})
            | ({"page": True} if view.page is None else {})
            for position, view in enumerate(item.views)
        },
        "source": {"file"},
    }
    if not item.former_arks:
        nothing["former_arks"] = True
    parts += [f"{files.get(view.master, '')} {files.get(view.text or '', '')}" for view in item.views]
    return hashlib.sha256("\n".join(parts).encode() + _DELIVERED.dump_json(whole, exclude=nothing)).hexdigest()


@contextmanager
def entering(workshop: Workshop, item: DeliveredItem) -> Iterator[Session]:
    """A transaction about one document. Raises CatalogueError when the database will not have what it says."""
    try:
        with workshop.catalogue.write() as session:
            yield session
    except (DataError, IntegrityError, UnicodeError) as error:
        said = str(error.orig if isinstance(error, DataError | IntegrityError) else error).partition("\n")[0]
        raise CatalogueError(
            told(
                "document {identifier}: the catalogue cannot hold what is said of it ({said}); correct its description",
                identifier=item.identifier,
                said=said,
            )
        ) from error


def claim(session: Session, workshop: Workshop, delivery: DeliveryRow, item: DeliveredItem, digest: str) -> Claim:
    """Find or make an item's row, with its ARK and its former names.

    Raises CatalogueError when the item is held with other content, or brings a name that belongs to another.
    """
    if delivery.institution is None:
        raise CatalogueError(
            told("nobody said whose documents {name} holds; name the institution: --institution", name=delivery.name)
        )
    _must_fit(item)
    serialise(session, "claim")
    row = session.scalar(
        select(ItemRow).where(ItemRow.institution == delivery.institution, ItemRow.identifier == item.identifier)
    )
    if row is not None and row.state == ItemState.READY:
        if row.input_digest == digest:
            return Claim(row.name, row.delivery, digest, is_held=True)
        if delivery.state != DeliveryState.ACCEPTED:
            raise CatalogueError(
                told(
                    "document {identifier} of {institution} is already held as {held}, from delivery {before}, with other "
                    "content; accept {name} first if it is to replace it, or give it another identifier if it is another "
                    "document",
                    identifier=item.identifier,
                    institution=delivery.institution,
                    held=row.name,
                    before=row.delivery,
                    name=delivery.name,
                )
            )
        return Claim(row.name, delivery.identifier, digest, replaces=row.input_digest)
    now = workshop.clock()
    settings = workshop.settings
    is_again = row is not None
    if row is None:
        name = adopt(session, settings.naan, item.ark, now) if item.ark else None
        name = name or mint(session, settings.naan, settings.ark_shoulder, workshop.blades, now)
        row = ItemRow(name=name, institution=delivery.institution, identifier=item.identifier, created_at=now)
        session.add(row)
    if (row.delivery, row.input_digest) != (delivery.identifier, digest):
        row.acceptance_waived = None  # it was waived for what was there then
    row.campaign = delivery.campaign
    row.state, row.failure, row.failure_said = ItemState.INGESTING, "", None
    _describe(row, item, delivery.identifier, digest)
    session.flush()
    # Not READY, so never published: the former names of an attempt that came to nothing are no promise to anybody.
    forget_aliases(session, row.name)
    note = NOTHING
    if item.ark and keep_brought_ark(session, settings.naan, row.name, item.ark):
        note = told(
            "{ark} leads to {name}, the name it was given when it first came without that ARK",
            ark=item.ark,
            name=row.name,
        )
    keep_aliases(session, row.name, _former_names(item, settings.naan))
    _place(session, row.name, item.collections)
    return Claim(row.name, delivery.identifier, digest, is_again=is_again, note=note)


def _describe(row: ItemRow, item: DeliveredItem, delivery: str, digest: str) -> None:
    """Enter what is said of an item as a whole."""
    row.delivery, row.input_digest = delivery, digest
    row.typology = Typology(item.description.typology).value
    row.rights_status = item.description.rights.status.value
    row.not_before = item.description.rights.not_before
    row.description = DESCRIPTION.dump_python(item.description, mode="json")
    row.structure = STRUCTURE.dump_python(item.structure, mode="json")
    row.viewing_direction, row.paged, row.thumbnail_view = item.viewing_direction, item.paged, item.thumbnail_view


def still_ours(session: Session, claim: Claim, *, to_write: bool = False) -> ItemRow:
    """Return the row of a claimed item. Raises CatalogueError when it was finished or claimed by another meanwhile."""
    row = session.get_one(ItemRow, claim.name, with_for_update=to_write, populate_existing=True)
    if claim.replaces:
        is_ours = (row.state, row.input_digest) == (ItemState.READY, claim.replaces)
    else:
        is_ours = (row.state, row.delivery, row.input_digest) == (ItemState.INGESTING, claim.delivery, claim.digest)
    if not is_ours:
        raise CatalogueError(
            told(
                "document {identifier} was taken over meanwhile by the ingest of {delivery}; nothing of it was changed, look "
                "at `vitrine status`",
                identifier=row.identifier,
                delivery=row.delivery,
            )
        )
    return row


def complete(
    session: Session,
    workshop: Workshop,
    claim: Claim,
    item: DeliveredItem,
    views: Iterable[FinishedView],
    files: Mapping[str, str],
    place: str,
    source: KeptSource,
) -> Told:
    """Enter the views, files and texts of an item; from here on it can be published. `place` is the delivery's folder.

    An update replaces them, keeps what was withdrawn withdrawn, records what changed and returns it as a sentence. Raises
    CatalogueError when the item is another's meanwhile.
    """
    row, name = still_ours(session, claim, to_write=True), claim.name
    changes = find_changes(session, row, item, files) if claim.replaces else None
    withdrawn = {
        number: reason
        for number, reason in session.execute(
            select(ViewRow.number, ViewRow.withdrawn_reason).where(ViewRow.item == name)
        )
        if reason is not None
    }
    for rows in (ViewTextRow, FileRow, ViewRow):
        session.execute(delete(rows).where(rows.item == name))
    made_views = sorted(views, key=lambda view: view.number)
    recipe = ""
    for delivered, made in zip(item.views, made_views, strict=True):
        recipe = made.recipe
        session.add(_view_row(name, made, files[delivered.master], delivered, withdrawn.get(made.number)))
        session.add(
            FileRow(
                item=name,
                role="master",
                path=delivered.master,
                view=made.number,
                digest=files[delivered.master],
                size=made.master_size,
                key=made.master_key,
                place=None if made.master_key else made.master_place or f"{place}/{delivered.master}",
            )
        )
        session.flush()
        if made.layout is not None:
            session.add(
                ViewTextRow(
                    item=name,
                    number=made.number,
                    language=made.text_language,
                    plain=made.plain or "",
                    layout=made.layout,
                )
            )
        if delivered.text and made.layout is not None:
            digest = files[delivered.text]
            session.add(
                FileRow(
                    item=name,
                    role=ALTO_ROLE if made.text_pages <= 1 else ALTO_OF_SEVERAL_ROLE,
                    path=delivered.text,
                    view=made.number,
                    digest=digest,
                    size=made.text_size,
                    key=made.text_key,
                    place=None,
                )
            )
            if made.packed_key:
                session.add(
                    FileRow(
                        item=name,
                        role=PACKED_ROLE,
                        path=delivered.text,
                        view=made.number,
                        digest=digest,
                        size=made.packed_size,
                        key=made.packed_key,
                        place=None,
                    )
                )
    session.add(
        FileRow(
            item=name,
            role="source",
            path=source.path,
            digest=source.digest,
            size=source.size,
            key=source.key,
            place=None,
            view=0,
        )
    )
    sizes = {view.number: (view.width, view.height) for view in made_views}
    if changes is not None:
        _update(session, workshop, claim, row, item)
    row.structure = STRUCTURE.dump_python(fit_structure(item, sizes), mode="json")
    row.state = ItemState.READY
    detail: dict[str, Any] = {"note": claim.note} if claim.note else {}
    if changes is not None:
        detail = {"changes": changes.as_json(), "replaces": claim.replaces, "delivery": claim.delivery}
    record_event(
        session, workshop.clock(), workshop.actor, "ingested" if changes is None else "updated", name,
        digest=row.input_digest, recipe=recipe, detail=detail,
    )  # fmt: skip
    return NOTHING if changes is None else changes.told


def _update(session: Session, workshop: Workshop, claim: Claim, row: ItemRow, item: DeliveredItem) -> None:
    """Enter what a second delivery says of an item as a whole; its ARK and the names that lead to it stay."""
    delivery = session.get_one(DeliveryRow, claim.delivery)
    if delivery.state != DeliveryState.ACCEPTED:
        raise CatalogueError(
            told(
                "delivery {delivery} is not accepted any more; {name} stays as it was",
                delivery=delivery.identifier,
                name=row.name,
            )
        )
    row.campaign, row.acceptance_waived = delivery.campaign, None
    _describe(row, item, delivery.identifier, claim.digest)
    session.flush()
    if item.ark:
        keep_brought_ark(session, workshop.settings.naan, row.name, item.ark)
    keep_aliases(session, row.name, _former_names(item, workshop.settings.naan))
    _place(session, row.name, item.collections)


def fail(session: Session, workshop: Workshop, claim: Claim, failure: Told, attempt: str = "") -> None:
    """Mark an item as failed, saying why; it holds no views then. Failing twice in the same way is one event.

    `attempt` is what another attempt is known by that would fail in the same way (`server.ingest.attempts`).

    An item of which an update fails stays what it was. Raises CatalogueError when the item is another's meanwhile.
    """
    row, name = still_ours(session, claim, to_write=True), claim.name
    said: dict[str, Any] = {"failure": str(failure), "said": failure.parts()} | (
        {"attempt": attempt} if attempt else {}
    )
    action, digest, detail = "failed", row.input_digest, said
    if claim.replaces:
        action, digest, detail = "update failed", claim.digest, said | {"delivery": claim.delivery}
    else:
        for rows in (ViewTextRow, FileRow, ViewRow):
            session.execute(delete(rows).where(rows.item == name))
        row.state, row.failure, row.failure_said = ItemState.FAILED, str(failure), failure.parts()
    last = session.scalar(
        select(EventRow).where(EventRow.subject == name).order_by(EventRow.identifier.desc()).limit(1)
    )
    if last is None or (last.action, last.digest, last.detail) != (action, digest, detail):
        record_event(session, workshop.clock(), workshop.actor, action, name, digest=digest, detail=detail)


def delivered_source(name: str, item: DeliveredItem) -> KeptSource:
    """Return how the source record of a delivered item will be kept."""
    digest = item.source.digest()
    return KeptSource(item.source.path, digest, item.source.size, source_key(name, digest, item.source.suffix))


def _must_fit(item: DeliveredItem) -> None:
    """Raise CatalogueError when an identifier or a path is longer than the tables allow."""
    if len(item.identifier) > MAX_IDENTIFIER:
        raise CatalogueError(
            told(
                "document {identifier}…: its identifier has {length} characters; at most {most} are possible, give it a "
                "shorter one",
                identifier=item.identifier[:60],
                length=len(item.identifier),
                most=MAX_IDENTIFIER,
            )
        )
    for path in (item.source.path, *(path for view in item.views for path in (view.master, view.text or ""))):
        if len(path) > MAX_PATH:
            raise CatalogueError(
                told(
                    "{path}…: the path has {length} characters; at most {most} are possible, shorten the names",
                    path=path[:60],
                    length=len(path),
                    most=MAX_PATH,
                )
            )


def _former_names(item: DeliveredItem, naan: str) -> list[tuple[str, str]]:
    names = [("url", url) for url in item.former_urls]
    names += [("oai", identifier) for identifier in item.former_oai_identifiers]
    names += [("ark", ark) for ark in item.former_arks]
    parts = split_ark(item.ark) if item.ark else None
    if parts and parts[0] != naan:
        names.append(("ark", f"ark:/{parts[0]}/{parts[1]}"))
    return names


def _place(session: Session, name: str, collections: Iterable[str]) -> None:
    session.execute(delete(ItemCollectionRow).where(ItemCollectionRow.item == name))
    for collection in sorted(set(collections)):
        if session.get(CollectionRow, collection) is None:
            raise CatalogueError(
                told(
                    "collection {collection!r} has no file in manifests/collections; add it and run `vitrine init`, or "
                    "correct it",
                    collection=collection,
                )
            )
        session.add(ItemCollectionRow(item=name, collection=collection))
    session.flush()


def _view_row(
    name: str, made: FinishedView, master_digest: str, delivered: DeliveredView, withdrawn: str | None
) -> ViewRow:
    notes = delivered.notes
    if delivered.georeference is not None:
        fitted = fit_georeference(delivered.georeference.value, made.width, made.height)
        notes = replace(notes, georeference=fitted)
    return ViewRow(
        item=name,
        number=made.number,
        kind=delivered.notes.kind.value,
        public=delivered.notes.public,
        label=delivered.notes.label,
        notes=NOTES.dump_python(notes, mode="json"),
        width=made.width,
        height=made.height,
        master_digest=master_digest,
        recipe=made.recipe,
        tile_size=made.tile_size,
        pyramid_key=made.pyramid_key,
        index_key=made.index_key,
        withdrawn_reason=withdrawn,
    )
