"""The files of a publication that lie in the storage: the ALTO of its views and its source record as delivered, its PDF.

The PDF is made in the background (`server/publish/making.py`), but its key is known when the item is published: it is the
digest of all that it is made from. So the manifest can announce it, what is missing is read from the catalogue, and one
that did not change is not made again. Which files there are is a pure function; the rows are written in the transaction of
the publication.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from server.catalogue.items import HeldFile
from server.catalogue.publication_models import PublishedFileRow
from server.formats.pdf.document import VERSION
from server.iiif.build.downloads import PDF, alto_file, source_file
from server.imaging.page import page_recipe
from server.model.addresses import Addresses
from server.model.item import Item
from server.model.source import CSV
from server.publish.facts import alternative, state_facts
from server.storage.keys import rendering_key

PDF_TYPE, ALTO_TYPE = "application/pdf", "application/xml"

_SERVED_AS = {CSV: f"{CSV}; charset=utf-8"}
"""Rows of tables are kept in UTF-8, whatever the supplier's table was in."""

_NOTHING = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True, slots=True)
class PublicFile:
    """A file: its name, the number of its view (0 for the whole), its place; `size` in bytes, None until it is made."""

    file: str
    number: int
    media_type: str
    key: str
    size: int | None


def list_files(
    item: Item,
    altos: Mapping[int, HeldFile],
    versions: Mapping[int, str],
    digests: Mapping[str, str],
    addresses: Addresses,
    record: HeldFile | None = None,
) -> tuple[PublicFile, ...]:
    """Return the files of an item; `versions` are those of the images by view, `digests` those of its pages of text.

    `record` is the description as it was delivered: it is given though the document itself may only be looked at.
    """
    own = (
        (PublicFile(source_file(item.source), 0, _SERVED_AS.get(item.source, item.source), record.key, record.size),)
        if record
        else ()
    )
    if not item.description.rights.allow_taking:
        return own
    recipe = f"pdf{VERSION}-{page_recipe()}"
    digest = _digest(item, recipe, versions, digests, addresses)
    files = [PublicFile(PDF, 0, PDF_TYPE, rendering_key(item.name, digest, recipe), None)]
    for number, alto in sorted(altos.items()):
        files.append(PublicFile(alto_file(number), number, ALTO_TYPE, alto.key, alto.size))
    return (*files, *own)


def keep_files(session: Session, name: str, files: tuple[PublicFile, ...], datestamp: int) -> None:
    """Keep the rows of an item's files; one that is the same as before keeps its size and its datestamp."""
    held = {row.file: row for row in session.scalars(select(PublishedFileRow).where(PublishedFileRow.name == name))}
    for file in files:
        row = held.pop(file.file, None)
        if row is not None and row.key == file.key:
            continue
        if row is None:
            row = PublishedFileRow(name=name, file=file.file)
            session.add(row)
        row.number, row.media_type = file.number, file.media_type
        row.key, row.size, row.datestamp = file.key, file.size, datestamp
    for row in held.values():
        session.delete(row)


def forget_files(session: Session, name: str, number: int = 0) -> None:
    """Forget an item's files, or only those that show one of its views: its own and those of the whole."""
    rows = delete(PublishedFileRow).where(PublishedFileRow.name == name)
    session.execute(rows.where(PublishedFileRow.number.in_((0, number))) if number else rows)


def _digest(
    item: Item, recipe: str, versions: Mapping[int, str], digests: Mapping[str, str], addresses: Addresses
) -> str:
    """Return the digest of all that a PDF is made from."""
    made_from = hashlib.sha256(repr((recipe, state_facts(item, addresses), item.structure)).encode())
    made_from.update(repr((item.paged, item.viewing_direction)).encode())
    for view in item.public_views:
        said = (view.number, view.width, view.height, view.notes, alternative(item, view), versions.get(view.number))
        made_from.update(repr(said).encode("utf-8", "backslashreplace"))
        for kind in ("text", "words"):
            made_from.update(bytes.fromhex(digests.get(f"{kind}/f{view.number}", _NOTHING)))
    return made_from.hexdigest()
