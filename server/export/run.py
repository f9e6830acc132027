"""Exporting: the documents of an institution or a campaign as BagIt packages, one for each delivery that brought them.

A package holds what ingest needs to make the same documents again under the same ARKs (`item.json`, masters, texts, the
source record), a METS for other programs, and beside the payload how the delivery was checked and decided on. The
folder gets its name when everything in it is whole.
"""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from server.catalogue.exports import KeptDelivery, KeptFile, KeptItem, list_kept, load_kept, quality_record
from server.catalogue.items import load_item
from server.delivery.folder import is_image
from server.errors import DeliveryError, StorageError, VitrineError
from server.export.bag import BagWriter, plain_name, read_file, read_stored
from server.export.mets import Page, export_mets
from server.model.source import media_type_of, suffix_of
from server.oai.formats.document import Telling, document_of
from server.told import Told, told, verbatim
from server.workshop import Workshop

SCHEMA = "vitrine-export/1"
ITEM_SCHEMA = "vitrine-item/1"
INDEX = "export.json"
PDF_MARK, _LOOKED_AT = b"%PDF-", 1024
"""ISO 32000-1 annex H: the mark is among the first bytes."""


@dataclass
class Exported:
    """What left: packages, documents, views; `elsewhere` counts masters that are only named, `problems` say what lacks, `notes` what is otherwise."""

    packages: list[str] = field(default_factory=list)
    documents: int = 0
    views: int = 0
    elsewhere: int = 0
    problems: list[Told] = field(default_factory=list)
    notes: list[Told] = field(default_factory=list)


def export(workshop: Workshop, to: Path, *, institution: str | None, campaign: str | None, places: bool) -> Exported:
    """Write the export into a folder that is not there yet; with `places`, masters are named and not copied.

    Raises Unknown for an unknown institution or campaign, DeliveryError where the folder cannot be made.
    """
    with workshop.catalogue.read() as session:
        deliveries, broken = list_kept(session, institution, campaign)
    if to.exists():
        raise DeliveryError(told("{to}: is there already; give the name of a new folder with --to", to=str(to)))
    if not deliveries:
        raise DeliveryError(
            told("nothing is held of {name}; ingest a delivery of it first", name=institution or campaign)
        )
    fresh = to.with_name(f".{to.name}.partial")
    done = Exported(
        problems=[told("document {identifier} is not whole and was left out", identifier=one) for one in broken]
    )
    try:
        shutil.rmtree(fresh, ignore_errors=True)  # what a killed run left
        fresh.mkdir(parents=True)
        names = _folder_names(deliveries)
        for delivery in deliveries:
            _package(workshop, fresh / names[delivery.identifier], delivery, done, places=places)
            done.packages.append(names[delivery.identifier])
        index = {"schema": SCHEMA, "of": institution or campaign, "packages": done.packages}
        (fresh / INDEX).write_text(json.dumps(index, ensure_ascii=False, indent=1), encoding="utf-8")
        fresh.rename(to)
    except OSError as error:
        raise DeliveryError(
            told(
                "{to}: cannot be written: {strerror}; make room, or choose another place",
                to=str(to),
                strerror=error.strerror,
            )
        ) from None
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return done


def _folder_names(deliveries: list[KeptDelivery]) -> dict[str, str]:
    """Return the folder of each delivery: its own name, or its identifier where several have the name."""
    counted: dict[str, int] = {}
    for delivery in deliveries:
        counted[plain_name(delivery.name)] = counted.get(plain_name(delivery.name), 0) + 1
    return {
        one.identifier: plain_name(one.name if counted[plain_name(one.name)] == 1 else one.identifier)
        for one in deliveries
    }


def _package(workshop: Workshop, folder: Path, delivery: KeptDelivery, done: Exported, *, places: bool) -> None:
    bag = BagWriter(folder)
    known = {"institution": delivery.institution, "supplier": delivery.supplier, "campaign": delivery.campaign}
    bag.add(
        "delivery.toml", "".join(f"{key} = {json.dumps(value)}\n" for key, value in known.items() if value).encode()
    )
    for name in delivery.items:
        with workshop.catalogue.read() as session:
            kept = load_kept(session, name)
            item = load_item(session, name, workshop.settings.naan)
        said, pages = _files(workshop, bag, kept, done, places=places)
        bag.add(f"{name}/item.json", json.dumps(said, ensure_ascii=False, indent=1).encode())
        document = document_of(item, workshop.addresses)
        bag.add(f"{name}/mets.xml", export_mets(document, Telling(provider=workshop.settings.repository_name), pages))
        done.documents += 1
        done.views += len(kept.views)
    with workshop.catalogue.read() as session:
        bag.tag("metadata/quality.json", quality_record(session, delivery.identifier))
    bag.close(
        {
            "Source-Organization": workshop.settings.repository_name,
            "External-Identifier": delivery.identifier,
            "Bagging-Date": f"{workshop.clock():%Y-%m-%d}",
            "Bag-Software-Agent": "Vitrine",
        }
    )


def _files(
    workshop: Workshop, bag: BagWriter, kept: KeptItem, done: Exported, *, places: bool
) -> tuple[dict[str, Any], list[Page]]:
    """Write a document's files into the bag; return what item.json says, and the pages for the METS."""
    masters = dict(_masters(workshop, bag, kept, done, places=places))
    pages = _pages_of_pdfs(workshop, kept)
    texts = dict(_texts(workshop, bag, kept))
    for number in kept.texts_without_file:
        if number not in pages:  # else its text is in the PDF itself
            done.problems.append(
                told(
                    "{identifier}: the text of view f{number} has no file of its own and was left out",
                    identifier=kept.identifier,
                    number=number,
                )
            )
    if kept.unpacked:
        done.notes.append(
            told(
                "{identifier}: its texts came packed (gzip), and an earlier version of Vitrine kept only what they unpack to: "
                "they leave so, in full and with other digests",
                identifier=kept.identifier,
            )
        )
    source = None
    if kept.source is not None and kept.source.key:
        media_type = media_type_of(kept.source.key)
        suffix = suffix_of(media_type)
        bag.stream(f"{kept.name}/source{suffix}", read_stored(workshop.storage, kept.source.key), kept.source.digest)
        source = {"file": f"source{suffix}", "path": kept.source.path, "media_type": media_type}
    naan = workshop.settings.naan
    said = {
        "schema": ITEM_SCHEMA,
        "ark": f"ark:/{naan}/{kept.name}",
        "identifier": kept.identifier,
        "former": [{"kind": kind, "value": value} for kind, value in kept.former],
        "collections": list(kept.collections),
        "viewing_direction": kept.viewing_direction,
        "paged": kept.paged,
        "thumbnail_view": kept.thumbnail_view,
        "description": kept.description,
        "structure": kept.structure,
        "source": source,
        "views": [
            {
                "number": number,
                "master": masters.get(number, ("", ""))[0],
                "text": texts.get(number, ("", ""))[0],
                "page": pages.get(number),
                "notes": notes,
            }
            for number, notes in kept.views
        ],
    }
    listed_pages = [
        Page(number, str(notes.get("label", "")), *masters.get(number, ("", "")), *texts.get(number, ("", "")))
        for number, notes in kept.views
    ]
    return said, listed_pages


def _texts(workshop: Workshop, bag: BagWriter, kept: KeptItem) -> Iterator[tuple[int, tuple[str, str]]]:
    """Write the texts as they came; yield the path and digest of each view's."""
    written: dict[str, str] = {}
    for file, path in _placed(kept.texts, "texts"):
        is_unpacked = file.view in kept.unpacked
        path = path[: -len(".gz")] if is_unpacked else path  # noqa: PLW2901  # its name says what it is
        if path not in written:
            chunks = read_stored(workshop.storage, file.key or "")
            written[path] = bag.stream(f"{kept.name}/{path}", chunks, None if is_unpacked else file.digest)
        yield file.view, (path, written[path])


def _pages_of_pdfs(workshop: Workshop, kept: KeptItem) -> dict[int, int]:
    """Return which page of its master a view is, for those whose master is a PDF: its pages are all there, in order."""
    counted: dict[tuple[str, str], int] = {}
    is_pdf: dict[str, bool] = {}
    pages = {}
    for file in sorted(kept.masters, key=lambda file: file.view):
        if file.digest not in is_pdf:
            is_pdf[file.digest] = not is_image(file.path) and PDF_MARK in _head(workshop, file)
        if is_pdf[file.digest]:
            place = (file.path, file.digest)
            counted[place] = counted.get(place, 0) + 1
            pages[file.view] = counted[place]
    return pages


def _head(workshop: Workshop, file: KeptFile) -> bytes:
    """Return the beginning of a file; empty where it is gone, which is told elsewhere."""
    try:
        if file.key:
            return workshop.storage.read(file.key, 0, min(_LOOKED_AT, file.size))
        with Path(file.place or "/").open("rb") as stream:
            return stream.read(_LOOKED_AT)
    except (OSError, StorageError):
        return b""


def _masters(
    workshop: Workshop, bag: BagWriter, kept: KeptItem, done: Exported, *, places: bool
) -> Iterator[tuple[int, tuple[str, str]]]:
    """Write the masters, or say where they are; yield the path and digest of each view's."""
    written: set[str] = set()
    for file, path in _placed(kept.masters, "masters"):
        if path not in written:
            written.add(path)
            try:
                _master(workshop, bag, f"{kept.name}/{path}", file, done, places=places)
            except (VitrineError, OSError) as error:
                fault = error.told if isinstance(error, VitrineError) else verbatim(error.strerror or str(error))
                done.problems.append(
                    told(
                        "{identifier}, view f{number}: {fault}",
                        identifier=kept.identifier,
                        number=file.view,
                        fault=fault,
                    )
                )
        yield file.view, (path, file.digest)


def _master(workshop: Workshop, bag: BagWriter, path: str, file: KeptFile, done: Exported, *, places: bool) -> None:
    where = workshop.storage.local_path(file.key) if file.key else Path(file.place or "/")
    if places and where is not None:
        bag.name_elsewhere(path, where.absolute(), file.digest, file.size)
        done.elsewhere += 1
    elif file.key:
        bag.stream(path, read_stored(workshop.storage, file.key), file.digest)
    elif where is not None and where.is_file():
        bag.stream(path, read_file(where), file.digest)
    elif where is not None:
        bag.name_elsewhere(path, where, file.digest, file.size)
        done.elsewhere += 1
        raise StorageError(
            told("its master is not kept and not at {where} any more; put it there and export again", where=str(where))
        )


def _placed(files: tuple[KeptFile, ...], folder: str) -> Iterator[tuple[KeptFile, str]]:
    """Yield each file with its path in the package: its own name, with the view's number where several have the name."""
    by_name: dict[str, set[str]] = {}
    for file in files:
        by_name.setdefault(plain_name(PurePosixPath(file.path).name).casefold(), set()).add(file.digest)
    for file in files:
        name = plain_name(PurePosixPath(file.path).name)
        alone = len(by_name[name.casefold()]) == 1
        yield file, f"{folder}/{name}" if alone else f"{folder}/f{file.view:04}-{name}"
