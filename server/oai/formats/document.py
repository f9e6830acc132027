"""What a record is about: a document or the whole of which documents are parts, with its addresses and its links.

And how it is told: a profile with what the harvester's file chooses of it. Every writer of a format is given both. Pure.
"""

from dataclasses import dataclass

from server.model.addresses import Addresses
from server.model.item import Item
from server.model.thumbnail import THUMBNAIL_SIDE, thumbnail_address, thumbnail_size
from server.oai.formats.profile import PUBLIC, Profile


@dataclass(frozen=True, slots=True)
class Link:
    """Another thing that this one is a part of, or a part of it: what it is called, and the address of its page."""

    label: str
    address: str


@dataclass(frozen=True, slots=True)
class Document:
    """What a record tells of. `address` is its page, `ark` its bare ARK (empty for a whole), `manifest` its IIIF address.

    For a whole, `item` is described as the whole; its views are those of the part that stands for it.
    """

    item: Item
    addresses: Addresses
    address: str
    ark: str
    manifest: str
    wholes: tuple[Link, ...] = ()
    parts: tuple[Link, ...] = ()
    is_whole: bool = False
    known_as: str = ""
    """What a whole is called everywhere: its ISSN, its ARK or its address."""
    source: bytes = b""
    """The record as it was delivered, where it is one that can be passed on."""


@dataclass(frozen=True, slots=True)
class Telling:
    """How a record is told: by which profile, with a thumbnail of which longest side, with the manifest's address or not.

    `provider` is who gathers the documents of the institutions: the name of this repository. `metadata_rights` is the address
    of the licence of the metadata; empty where none is known.
    """

    profile: Profile = PUBLIC
    thumbnail: int = THUMBNAIL_SIDE
    manifest: bool = False
    provider: str = ""
    metadata_rights: str = ""


def document_of(item: Item, addresses: Addresses, wholes: tuple[Link, ...] = (), source: bytes = b"") -> Document:
    """Return an item as what a record is about."""
    return Document(
        item, addresses, addresses.ark(item.name), item.ark, addresses.manifest(item.name), wholes, source=source
    )


def thumbnail_of(document: Document, side: int) -> str:
    """Return the address of a document's thumbnail; empty where it has no view."""
    return thumbnail_address(document.item.face, document.addresses, side) if document.item.public_views else ""


def thumbnail_side(document: Document, side: int) -> int:
    """Return the longest side of a document's thumbnail in pixels; 0 where there is none."""
    return max(thumbnail_size(document.item.face, side)) if document.item.public_views else 0
