"""From an item to everything that the world sees of it: a pure function, no database, no clock.

The fingerprint is the digest of all of it: where it has not changed, nothing has, and nothing is published again.
"""

import hashlib
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from server.catalogue.values import ITEM
from server.iiif.build.annotations import build_text_page
from server.iiif.build.bytes import to_bytes
from server.iiif.build.collection import Membership, build_member, memberships
from server.iiif.build.manifest import build_manifest, document_label
from server.iiif.build.validate import validate_manifest
from server.iiif.build.words import LanguageMap
from server.model.addresses import Addresses
from server.model.dates import bounds
from server.model.item import Item
from server.model.text import PageText
from server.oai.formats.render import RenderedRecord, render_record
from server.search import write as search
from server.search.reading import Reading, SearchView


@dataclass(frozen=True, slots=True)
class PublicImage:
    """An image of a rendering with the place of its pyramid; `version` changes with the pyramid."""

    image: str
    number: int
    width: int
    height: int
    pyramid_key: str
    index_key: str
    version: str


@dataclass(frozen=True, slots=True)
class Rendering:
    """What is made live in one transaction.

    `documents` maps kinds (`manifest/3`, `text/f12`) to their bytes, `records` repositories to the records that they
    show; the empty name is the repository of everything public; `texts` is what is searched. Rights and label are what each image says of its
    document; both follow from the item, so that the fingerprint covers them.
    """

    item: Item
    documents: dict[str, bytes]
    collections: tuple[Membership, ...]
    fragment: bytes
    sort_key: str
    records: dict[str, tuple[RenderedRecord, ...]]
    images: tuple[PublicImage, ...]
    texts: tuple[SearchView, ...]
    rights: str
    label: LanguageMap
    fingerprint: str


def render(
    item: Item,
    text_of: Callable[[int], PageText | None],
    images: tuple[PublicImage, ...],
    addresses: Addresses,
) -> Rendering:
    """Render an item; `text_of` gives the text of a view by its number, one at a time. Raises PublicationRefused when its manifest would not be valid, saying why."""
    manifest = build_manifest(item, addresses)
    validate_manifest(manifest)
    documents = {"manifest/3": to_bytes(manifest)}
    reading = Reading()
    for view in item.public_views:
        text = text_of(view.number) if view.has_text else None
        reading.take(view, text)
        if text is not None or view.notes.transcriptions:
            documents[f"text/f{view.number}"] = to_bytes(build_text_page(item, view, text, addresses))
    collections = memberships(item)
    fragment = to_bytes(build_member(item, addresses))
    records: dict[str, tuple[RenderedRecord, ...]] = {"": (render_record(item, addresses),)}
    shown = tuple(image for image in images if image.number in {view.number for view in item.public_views})
    texts = reading.finish()
    digest = hashlib.sha256(search.fingerprint(texts).encode() if texts else b"")
    for kind, body in sorted(documents.items()):
        digest.update(kind.encode() + b"\0" + hashlib.sha256(body).digest())
    digest.update(fragment)
    digest.update(ITEM.dump_json(item))
    digest.update(repr(collections).encode())
    digest.update(repr(records).encode())
    digest.update(repr(shown).encode())
    return Rendering(
        item=item,
        documents=documents,
        collections=collections,
        fragment=fragment,
        sort_key=_sort_key(item),
        records=records,
        images=shown,
        texts=texts,
        rights=item.description.rights.uri,
        label=document_label(item),
        fingerprint=digest.hexdigest(),
    )


def _sort_key(item: Item) -> str:
    """Title folded, then date: the issues of a newspaper follow one another. Folded here, the same on every database."""
    title = unicodedata.normalize("NFKD", item.description.title.value.casefold().replace("œ", "oe").replace("æ", "ae"))
    folded = "".join(character for character in title if character.isalnum() or character == " ").strip()
    earliest = next((day for date in item.description.dates if (day := bounds(date.edtf).earliest)), None)
    return f"{folded[:150]} {earliest.isoformat() if earliest else '9999'}"
