"""A redelivery beside what it replaces: asked and redone, asked and not redone, changed without being asked.

Views are paired by the names of their files, then by their bytes, then by their numbers: a page that was forgotten and
is now there moves the numbers of all that follow.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from server.catalogue.reviews import Before, CheckedView
from server.delivery.values import Delivery, Finding, Severity
from server.quality.checking import Report
from server.quality.html import Line

SAME, REPACKED, FIXED, NOT_FIXED, UNASKED, ADDED = "same", "repacked", "fixed", "not-fixed", "unasked", "added"

Place = tuple[str, int]
"""A document's identifier and a view's number."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What became of each view of a redelivery, and which views of before are not there any more.

    `was` holds the view of before for each whose picture is another one now.
    """

    replaced: tuple[str, ...]
    changes: Mapping[Place, str]
    gone: tuple[CheckedView, ...]
    was: Mapping[Place, CheckedView] = field(default_factory=dict)

    @property
    def counts(self) -> dict[str, int]:
        """How many views became what."""
        counted = Counter(self.changes.values())
        return {change: counted[change] for change in (FIXED, NOT_FIXED, UNASKED, REPACKED, ADDED, SAME)}


def checked_views(delivery: Delivery, report: Report) -> list[CheckedView]:
    """Return the views of a delivery as the catalogue keeps them."""
    return [
        CheckedView(
            item.identifier,
            view.number,
            view.master,
            delivery.files.get(view.master, ""),
            report.pictures.get(view.source, ""),
        )
        for item in delivery.items
        for view in item.views
    ]


def compare(views: Iterable[CheckedView], findings: Iterable[Finding], before: Iterable[Before]) -> Comparison | None:
    """Compare the views of a redelivery with those of the deliveries before; None where it replaces nothing."""
    before = tuple(before)
    if not before:
        return None
    now: dict[str, list[CheckedView]] = {}
    for view in views:
        now.setdefault(view.item, []).append(view)
    found: dict[Place, set[str]] = {}
    for finding in findings:
        if finding.view and finding.severity is not Severity.INFO:
            found.setdefault((finding.item, finding.view), set()).add(finding.rule)
    changes: dict[Place, str] = {}
    gone: list[CheckedView] = []
    changed: dict[Place, CheckedView] = {}
    for earlier in before:
        held: dict[str, list[CheckedView]] = {}
        for view in earlier.views:
            held.setdefault(view.item, []).append(view)
        for item, old in held.items():
            pairs, lost = _pair(old, now.get(item, []))
            gone += lost
            for new, was in pairs:
                place = (item, new.number)
                changes[place] = _judge(new, was, earlier, found.get(place, set())) if was else ADDED
                if was and not _is_same_picture(new, was):
                    changed[place] = was
    return Comparison(tuple(one.delivery for one in before), changes, tuple(gone), changed)


def describe(comparison: Comparison) -> tuple[Line, ...]:
    """Return what the comparison says, line by line, in French and English."""
    counts = comparison.counts
    names = ", ".join(comparison.replaced)
    lines = [Line("info", f"Remplace {names}.", f"Replaces {names}.")]
    for change, kind, fr, en in (
        (FIXED, "info", "{} demandées et refaites", "{} asked for and redone"),
        (NOT_FIXED, "error", "{} demandées et non refaites", "{} asked for and not redone"),
        (UNASKED, "error", "{} changées sans que personne ne l’ait demandé", "{} changed without being asked"),
        (REPACKED, "warning", "{} dont le fichier a changé, mais pas l’image", "{} whose file changed and whose picture did not"),
        (ADDED, "warning", "{} ajoutées", "{} added"),
        (SAME, "info", "{} inchangées", "{} unchanged"),
    ):  # fmt: skip
        if counts[change]:
            lines.append(Line(kind, f"Vues : {fr.format(counts[change])}", f"Views: {en.format(counts[change])}"))
    for view in comparison.gone[:50]:
        place = f"{view.item} · f{view.number} ({view.path})"
        lines.append(
            Line("error", f"Vue qui n’est plus livrée : {place}", f"View that is not delivered any more: {place}")
        )
    if len(comparison.gone) > 50:
        more = len(comparison.gone) - 50
        lines.append(
            Line("error", f"… et {more} autres vues qui ne sont plus livrées", f"… and {more} more such views")
        )
    return tuple(lines)


def _pair(
    old: list[CheckedView], new: list[CheckedView]
) -> tuple[list[tuple[CheckedView, CheckedView | None]], list[CheckedView]]:
    """Return each new view with the old one that it stands for, and the old ones that nothing stands for."""
    left, pairs = list(old), dict[int, CheckedView]()
    for key in (_name, lambda view: view.digest or None, lambda view: view.number):
        by_key: dict[object, list[CheckedView]] = {}
        for view in left:
            if key(view) is not None:
                by_key.setdefault(key(view), []).append(view)
        for view in new:
            if view.number not in pairs and by_key.get(key(view)):
                was = by_key[key(view)].pop(0)
                pairs[view.number] = was
                left.remove(was)
    return [(view, pairs.get(view.number)) for view in new], left


def _name(view: CheckedView) -> object:
    return PurePosixPath(view.path).stem.casefold() or None


def _is_same_picture(new: CheckedView, was: CheckedView) -> bool:
    return bool(new.digest and new.digest == was.digest) or bool(new.pixels and new.pixels == was.pixels)


def _judge(new: CheckedView, was: CheckedView, earlier: Before, found: set[str]) -> str:
    same_file = bool(new.digest) and new.digest == was.digest
    same_picture = _is_same_picture(new, was)
    place = (was.item, was.number)
    if place in earlier.asked:
        rules = earlier.asked[place]
        mended = not rules & found if rules else not same_picture
        if place in earlier.marked:
            mended = mended and not same_picture
        return FIXED if mended else NOT_FIXED
    if same_file:
        return SAME
    return REPACKED if same_picture else UNASKED
