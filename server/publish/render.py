"""From an item to everything that the world sees of it: a pure function, no database, no clock.

The fingerprint is the digest of all of it: where it has not changed, nothing has, and nothing is published again.
"""

import gzip
import hashlib
import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from server.catalogue.items import HeldFile
from server.catalogue.values import ITEM
from server.iiif.build.bytes import to_bytes
from server.iiif.build.collection import Membership, build_member, memberships
from server.iiif.build.collection2 import convert_member
from server.iiif.build.georeference import build_georeference_page
from server.iiif.build.manifest import build_manifest, document_label, terms_address
from server.iiif.build.manifest2 import convert_manifest
from server.iiif.build.validate import validate_entry, validate_manifest, validate_text_page
from server.iiif.build.validate2 import validate_manifest_2
from server.iiif.build.words import LanguageMap
from server.model.addresses import Addresses
from server.model.dates import bounds
from server.model.item import Item
from server.oai.formats.render import RenderedRecord, render_record
from server.publish.files import PublicFile, list_files
from server.publish.packing import Packed
from server.publish.pages import Pages
from server.search import write as search
from server.search.terms import IndexedView


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

    `documents` maps kinds (`manifest/3`, `manifest/2`, `plain`) to their bytes, `pages` those of the text of views
    (`text/f12`) to what is kept of them, `records` the repository of everything public, whose name is empty, to the record
    that the fingerprint covers: it has others, and repositories of harvesters have theirs, which move alone; `texts` is what is searched. `fragment` and `fragment_2` are the item's entries in
    collections of 3.0 and 2.1. Rights and label are what each image says of its
    document; both follow from the item, so that the fingerprint covers them.
    """

    item: Item
    documents: dict[str, bytes]
    pages: Mapping[str, Packed]
    collections: tuple[Membership, ...]
    fragment: bytes
    fragment_2: bytes
    sort_key: str
    records: dict[str, tuple[RenderedRecord, ...]]
    images: tuple[PublicImage, ...]
    files: tuple[PublicFile, ...]
    texts: tuple[IndexedView, ...]
    rights: str
    label: LanguageMap
    fingerprint: str


def render(
    item: Item,
    pages: Pages,
    images: tuple[PublicImage, ...],
    addresses: Addresses,
    altos: Mapping[int, HeldFile] = MappingProxyType({}),
    record: HeldFile | None = None,
) -> Rendering:
    """Render an item; `pages` are those of its text, `altos` and the source `record` the files that readers may have.

    Raises PublicationRefused when its manifest would not be valid, saying why.
    """
    manifest = build_manifest(item, addresses)
    validate_manifest(manifest)
    second = convert_manifest(manifest, addresses, terms_address(item.description.rights))
    validate_manifest_2(second)
    documents = {"manifest/3": to_bytes(manifest), "manifest/2": to_bytes(second)}
    if pages.whole:
        documents["plain"] = pages.whole
    for view in item.public_views:
        if georeference := build_georeference_page(item, view, addresses):
            documents[f"georeference/f{view.number}"] = to_bytes(georeference)
    collections = memberships(item)
    entry = build_member(item, addresses)
    validate_entry(entry, addresses)
    fragment, fragment_2 = to_bytes(entry), to_bytes(convert_member(entry, addresses))
    records: dict[str, tuple[RenderedRecord, ...]] = {"": (render_record(item, addresses),)}
    numbers = {view.number for view in item.public_views}
    shown = tuple(image for image in images if image.number in numbers)
    _must_have_sound_texts(pages.documents)
    digests = {kind: each.digest for kind, each in pages.documents.items()}
    files = list_files(item, altos, {image.number: image.version for image in shown}, digests, addresses, record)
    digests |= {kind: hashlib.sha256(body).hexdigest() for kind, body in documents.items()}
    digest = hashlib.sha256(search.fingerprint(pages.views).encode() if pages.views else b"")
    for kind, each in sorted(digests.items()):
        digest.update(kind.encode() + b"\0" + bytes.fromhex(each))
    digest.update(fragment)
    digest.update(fragment_2)
    digest.update(ITEM.dump_json(item))
    digest.update(repr(collections).encode())
    digest.update(repr(records).encode())
    digest.update(repr(shown).encode())
    digest.update(repr(files).encode())
    return Rendering(
        item=item,
        documents=documents,
        pages=pages.documents,
        collections=collections,
        fragment=fragment,
        fragment_2=fragment_2,
        sort_key=_sort_key(item),
        records=records,
        images=shown,
        files=files,
        texts=pages.views,
        rights=item.description.rights.uri,
        label=document_label(item),
        fingerprint=digest.hexdigest(),
    )


def _must_have_sound_texts(documents: Mapping[str, Packed]) -> None:
    """Check the first new text page alone: all are made in the same way, and checking a thousand takes half a minute."""
    first = next((each for kind, each in documents.items() if kind.startswith("text/") and not each.is_kept), None)
    if first is not None:
        validate_text_page(json.loads(gzip.decompress(first.gzip)))


def _sort_key(item: Item) -> str:
    """Title folded, then date: the issues of a newspaper follow one another. Folded here, the same on every database."""
    title = unicodedata.normalize("NFKD", item.description.title.value.casefold().replace("œ", "oe").replace("æ", "ae"))
    folded = "".join(character for character in title if character.isalnum() or character == " ").strip()
    earliest = next((day for date in item.description.dates if (day := bounds(date.edtf).earliest)), None)
    return f"{folded[:150]} {earliest.isoformat() if earliest else '9999'}"
