"""Picture, continued: what is cut off. A margin that is missing is told by itself, or beside the other views.

A cut may run between two lines of text, or through a mount: then no print reaches the edge, but it is nearer to it than on
the other pages, what lies beneath the sheet shows at three sides only, or the view is shorter than the others and as wide.
"""

from collections.abc import Iterable, Iterator
from statistics import median

from server.delivery.values import Finding, Severity
from server.quality.examine import Examined
from server.quality.looks import FEW, SIDES, Look, documents, middle, peers
from server.quality.registry import Limit, Rule, rule
from server.told import Told, told

_BARE = 0.002
"""Share of a view within which a picture that is cut off begins."""

_MOST = 0.8
"""Share of the views that show what they lie on at a side, from which one that does not may be cut off there."""

_NEARER = 1 / 3
"""Share of the margin that others keep, below which one is not theirs."""

_AS_LONG = 0.98
_Z = 5
"""Distance from the median, in normalised median absolute deviations, from which a length is not that of the others."""


@rule(
    "picture-margin", "picture", Severity.WARNING, of_views=True,
    fr="La page est coupée ou sa marge manque.", en="The page is cut off, or its margin is missing.",
    limits=(
        Limit("share", 0.5, "marge, en pour cent de la vue, en dessous de laquelle l’imprimé est coupé",
              "margin, in per cent of the view, below which what is printed is cut off", most=50),
        Limit("near", 2, "marge, en pour cent de la vue, en dessous de laquelle elle est comparée à celles du document",
              "margin, in per cent of the view, below which it is compared with those of the document", most=50),
        Limit("shorter", 5, "de combien, en pour cent, une vue est au moins plus courte que les autres, à largeur égale, ou plus étroite, à hauteur égale, pour être coupée",
              "by how much, in per cent, a view is at least shorter than the others and as wide, or narrower and as high, to be cut off", most=50),
    ),
)  # fmt: skip
def picture_margin(examined: Examined, this: Rule) -> Iterable[Finding]:
    """What is printed keeps away from the edges of the view. Photographs may fill theirs: they are compared with the others."""
    told_of = set()
    for view, message in _cut(examined, this):
        if (view.item, view.view) not in told_of:
            told_of.add((view.item, view.view))
            yield view.found(this, message)


def _cut(examined: Examined, this: Rule) -> Iterator[tuple[Look, Told]]:
    """Yield the views that are cut off and what shows it, what is surest first."""
    least = this.number("share") / 100
    for views in documents(examined):
        for view in views:
            margin = min(view.looks.margins)
            if not view.looks.is_tonal and margin < least:
                side = SIDES[view.looks.margins.index(margin)]
                message = told(
                    "what is printed reaches its {side} edge; look whether the page is cut off there", side=side
                )
                yield view, message
    for views, is_document in peers(examined):
        yield from _pictures([view for view in views if view.looks.is_tonal], least)
        if is_document:
            yield from _pages([view for view in views if not view.looks.is_tonal], this.number("near") / 100)
            yield from _short(views, this.number("shorter") / 100)


def _pictures(pictures: list[Look], least: float) -> Iterator[tuple[Look, Told]]:
    """Yield the pictures that end at a side without what the others show there."""
    if len(pictures) < FEW:
        return
    for side, name in enumerate(SIDES):
        usual = median(view.looks.frames[side] for view in pictures)
        near = _nearer([view.looks.frames[side] for view in pictures])
        is_backed = sum(view.looks.frames[side] == 1 for view in pictures) >= _MOST * len(pictures)
        message = told(
            "at its {side} edge the picture ends without the mount or backing of the others; look whether it is cut off "
            "there",
            side=name,
        )
        for view in pictures:
            frame = view.looks.frames[side]
            is_bare = (frame < _BARE and usual > least) or frame < near
            if frame < 1 if is_backed else is_bare:
                yield view, message


def _pages(pages: list[Look], near: float) -> Iterator[tuple[Look, Told]]:
    """Yield the pages on which print is nearer to an edge than on the others."""
    if len(pages) < FEW:
        return
    for side, name in enumerate(SIDES):
        bare = [view for view in pages if view.looks.borders[side] == 0]
        is_backed = len(pages) - len(bare) >= _MOST * len(pages)
        nearer = _nearer([view.looks.margins[side] for view in bare])
        message = told(
            "what is printed is nearer to its {side} edge than on the other pages; look whether the page is cut off there",
            side=name,
        )
        for view in bare:
            margin = view.looks.margins[side]
            if margin < near and (is_backed or margin < nearer):
                yield view, message


def _nearer(lengths: list[float]) -> float:
    """Return the length below which something begins much nearer to an edge than on all others but one, which may be cut off too."""
    return _NEARER * sorted(lengths)[2] if len(lengths) >= FEW else 0.0


def _short(views: list[Look], shorter: float) -> Iterator[tuple[Look, Told]]:
    """Yield the views that are as long as the others in one direction and shorter in the other: of those a side is missing."""
    height, least_height = _length([view.looks.height for view in views], shorter)
    width, least_width = _length([view.looks.width for view in views], shorter)
    for view in views:
        looks = view.looks
        if looks.width >= _AS_LONG * width and looks.height < least_height:
            yield (
                view,
                told(
                    "is as wide as the others and {share:.0%} shorter; look whether its top or its foot is cut off",
                    share=1 - looks.height / height,
                ),
            )
        if looks.height >= _AS_LONG * height and looks.width < least_width:
            yield (
                view,
                told(
                    "is as high as the others and {share:.0%} narrower; look whether one of its sides is cut off",
                    share=1 - looks.width / width,
                ),
            )


def _length(lengths: list[int], shorter: float) -> tuple[float, float]:
    """Return the usual length, and that below which one is not usual any more."""
    usual, spread = middle(lengths)
    return usual, usual - max(shorter * usual, _Z * spread)
