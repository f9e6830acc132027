"""What a reader takes away of a document and of a view, as its manifest announces it. No queries."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from server.iiif.build.downloads import document_downloads, source_record, view_downloads
from server.model.addresses import Addresses
from server.model.item import Item, PublishedView


@dataclass(frozen=True, slots=True)
class Download:
    """A file to take away: its address, its label by language."""

    address: str
    label: Mapping[str, str]


def list_downloads(
    item: Item, view: PublishedView, addresses: Addresses
) -> tuple[tuple[Download, ...], tuple[Download, ...]]:
    """Return the files of a document and those of a view; only its source record where it may be looked at only."""
    whole = {**document_downloads(item, addresses), "seeAlso": source_record(item, addresses)}
    return _entries(whole), _entries(view_downloads(item, view, addresses))


def _entries(announced: Mapping[str, list[dict[str, Any]]]) -> tuple[Download, ...]:
    return tuple(
        Download(entry["id"], {language: values[0] for language, values in entry["label"].items()})
        for entries in announced.values()
        for entry in entries
    )
