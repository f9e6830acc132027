"""Ranges (Presentation API 3.0 §5.4): tables of contents, and newspaper articles as regions of their pages.

A region is the canvas with a media fragment (`canvas/f3#xywh=…`), which every viewer of today follows. Pure.
"""

from collections.abc import Iterator
from itertools import count
from typing import Any

from server.iiif.build.words import CONTENTS, NO_LANGUAGE, UNTITLED, LanguageMap
from server.model.addresses import Addresses
from server.model.item import Item
from server.model.structure import Range, Target


def build_structures(item: Item, addresses: Addresses) -> list[dict[str, Any]]:
    """Return the `structures` of an item: one tree with one root, or nothing.

    Ranges without a view that readers may see are left out: a range must lead somewhere.
    """
    visible = {view.number: view for view in item.public_views}
    numbers = count(1)
    root = addresses.part(item.name, "range/r0")

    def targets(division: Range) -> Iterator[dict[str, Any]]:
        for target in division.targets:
            if target.view in visible:
                yield {"id": addresses.canvas(item.name, target.view) + _fragment(target), "type": "Canvas"}

    def build(division: Range) -> dict[str, Any] | None:
        address = addresses.part(item.name, f"range/r{next(numbers)}")
        members = [*targets(division), *(built for child in division.children if (built := build(child)))]
        if not members:
            return None
        return {"id": address, "type": "Range", "label": _label(division), "items": members}

    ranges = [built for division in item.structure if (built := build(division))]
    if len(ranges) <= 1:
        return ranges
    return [{"id": root, "type": "Range", "label": CONTENTS, "items": ranges}]


def _label(division: Range) -> LanguageMap:
    return {division.language or NO_LANGUAGE: [division.label]} if division.label.strip() else UNTITLED


def _fragment(target: Target) -> str:
    box = target.box
    return f"#xywh={box.xywh}" if box is not None and box.width > 0 and box.height > 0 else ""
