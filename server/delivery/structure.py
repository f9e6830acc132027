"""From the logical structure of a METS file to ranges, and from the boxes of an ALTO page to those of its image."""

from collections.abc import Mapping
from dataclasses import replace

from server.delivery.values import DeliveredItem
from server.model.structure import Range, Target
from server.model.text import Box


def fit_structure(item: DeliveredItem, sizes: Mapping[int, tuple[int, int]]) -> tuple[Range, ...]:
    """Return the item's structure with boxes in pixels of the images; `sizes` gives width and height by view number.

    Boxes are cut at the edge of the image; a box that lies wholly outside leaves a target without a box.
    """
    pages = {view.number: view.text_size for view in item.views if view.text_size}

    def fit_target(target: Target) -> Target:
        page, size = pages.get(target.view), sizes.get(target.view)
        if target.box is None or page is None or size is None:
            return target
        return Target(target.view, fit_box(target.box, page, size))

    def fit_range(division: Range) -> Range:
        return replace(
            division,
            targets=tuple(fit_target(target) for target in division.targets),
            children=tuple(fit_range(child) for child in division.children),
        )

    return tuple(fit_range(division) for division in item.structure)


def fit_box(box: Box, page: tuple[int, int], size: tuple[int, int]) -> Box | None:
    """Return a box of a page as a box of its image, inside it; None where nothing of it is inside."""
    left, right = (min(size[0], max(0, round(edge * size[0] / page[0]))) for edge in (box.x, box.x + box.width))
    top, bottom = (min(size[1], max(0, round(edge * size[1] / page[1]))) for edge in (box.y, box.y + box.height))
    return Box(left, top, right - left, bottom - top) if right > left and bottom > top else None


def merge_targets(targets: list[Target]) -> tuple[Target, ...]:
    """Return the targets with neighbours in the same column of the same view joined, and repeats dropped.

    Two boxes are in one column when they overlap sideways by more than half of the narrower one.
    """
    merged: list[Target] = []
    seen: set[Target] = set()
    for target in targets:
        last = merged[-1] if merged else None
        if last and last.view == target.view:
            if last.box is None or target == last:
                continue
            if target.box is None:
                merged[-1] = target
                continue
            if _same_column(last.box, target.box):
                merged[-1] = Target(target.view, _union(last.box, target.box))
                continue
        if target not in seen:
            merged.append(target)
            seen.add(target)
    return tuple(merged)


def _same_column(a: Box, b: Box) -> bool:
    shared = min(a.x + a.width, b.x + b.width) - max(a.x, b.x)
    return shared * 2 > min(a.width, b.width) and b.y >= a.y


def _union(a: Box, b: Box) -> Box:
    left, top = min(a.x, b.x), min(a.y, b.y)
    right, bottom = max(a.x + a.width, b.x + b.width), max(a.y + a.height, b.y + b.height)
    return Box(left, top, right - left, bottom - top)
