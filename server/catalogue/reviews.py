"""Looking at deliveries: the views that a check saw, what a person marked on them, and what is asked of a redelivery.

A review is bound to digests: that of the delivery and that of each view. It counts for what was looked at alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from server.catalogue.base import bytewise
from server.catalogue.deliveries import Decision, decide
from server.catalogue.events import record_event
from server.catalogue.locks import serialise
from server.catalogue.models import DeliveryRow, DeliveryState, EventRow, FindingRow, ViewRow
from server.catalogue.review_models import CheckedViewRow, ViewMarkRow
from server.errors import CatalogueError
from server.told import Told, together, told

REDO = "redo"
MARKS = ("fine", REDO, "known", "none")
"""What a person says of a view; `none` says nothing, beside a comment."""
_TOLD = 5
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class CheckedView:
    """A view as it was checked: paths relative to the delivery, digests empty where nothing could be read."""

    item: str
    number: int
    path: str
    digest: str = ""
    pixels: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A person's word on a view, with the digest of the file that they saw."""

    item: str
    number: int
    digest: str
    mark: str
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Review:
    """A person's review of a delivery: `digest` is that of the delivery, `source` that of the file it came in."""

    digest: str
    name: str
    decision: Decision
    marks: tuple[Mark, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Before:
    """An earlier delivery of the same documents: its views, and by view the rules that were to be mended.

    `asked` maps to the rules with an error, empty where a person asked only by marking the view.
    """

    delivery: str
    views: tuple[CheckedView, ...]
    asked: Mapping[tuple[str, int], frozenset[str]]
    marked: frozenset[tuple[str, int]]


def keep_checked_views(session: Session, row: DeliveryRow, views: Iterable[CheckedView]) -> None:
    """Replace what is known of the views of a delivery by what a new check saw."""
    session.execute(delete(CheckedViewRow).where(CheckedViewRow.delivery == row.identifier))
    rows = [
        {
            "delivery": row.identifier,
            "item": view.item,
            "number": view.number,
            "path": view.path,
            "digest": view.digest,
            "pixels": view.pixels,
        }
        for view in views
    ]
    if rows:
        session.execute(insert(CheckedViewRow), rows)


def take_review(session: Session, review: Review, now: datetime, actor: str) -> tuple[DeliveryRow, bool]:
    """Enter a review: the marks, and the decision on the delivery. Returns the delivery, and whether anything changed.

    Raises CatalogueError where it is about other files than those that were checked, or was overtaken by a later decision.
    """
    serialise(session, "receive")
    row = session.scalar(select(DeliveryRow).where(DeliveryRow.digest == review.digest))
    if row is None:
        raise CatalogueError(_unknown(session, review))
    if _is_taken(session, row, review):
        return row, False
    _must_be_seen(session, row, review.marks)
    decide(session, row, review.decision, now, actor)
    session.execute(delete(ViewMarkRow).where(ViewMarkRow.delivery == row.identifier))
    if review.marks:
        session.execute(
            insert(ViewMarkRow),
            [
                {
                    "delivery": row.identifier,
                    "item": mark.item,
                    "number": mark.number,
                    "mark": mark.mark,
                    "comment": mark.comment,
                    "by": review.decision.by,
                    "at": now,
                }
                for mark in review.marks
            ],
        )
    counts = {mark: sum(each.mark == mark for each in review.marks) for mark in MARKS}
    record_event(
        session, now, actor, "reviewed", row.identifier, digest=row.digest,
        detail={"by": review.decision.by, "marks": counts, "source": review.source},
    )  # fmt: skip
    return row, True


def list_marks(session: Session, delivery: str) -> list[Mark]:
    """Return the marks on a delivery, in the order of its documents' names and views."""
    rows = session.execute(
        select(ViewMarkRow, CheckedViewRow.digest)
        .outerjoin(
            CheckedViewRow,
            (CheckedViewRow.delivery == ViewMarkRow.delivery)
            & (CheckedViewRow.item == ViewMarkRow.item)
            & (CheckedViewRow.number == ViewMarkRow.number),
        )
        .where(ViewMarkRow.delivery == delivery)
        .order_by(bytewise(ViewMarkRow.item), ViewMarkRow.number)
    )
    return [
        Mark(
            row.ViewMarkRow.item,
            row.ViewMarkRow.number,
            row.digest or "",
            row.ViewMarkRow.mark,
            row.ViewMarkRow.comment,
        )
        for row in rows
    ]


def find_replaced(session: Session, row: DeliveryRow, items: Sequence[str]) -> list[Before]:
    """Return the earlier deliveries of the same institution that hold these documents: for each document the latest."""
    if row.institution is None:
        return []
    chosen: dict[str, tuple[datetime, str]] = {}
    for start in range(0, len(items), _AT_ONCE):
        found = session.execute(
            select(CheckedViewRow.item, DeliveryRow.identifier, DeliveryRow.received_at)
            .join(DeliveryRow, DeliveryRow.identifier == CheckedViewRow.delivery)
            .where(
                CheckedViewRow.item.in_(items[start : start + _AT_ONCE]),
                DeliveryRow.institution == row.institution,
                DeliveryRow.identifier != row.identifier,
                DeliveryRow.received_at <= row.received_at,
            )
            .distinct()
        )
        for item, identifier, received_at in found:
            chosen[item] = max(chosen.get(item, (received_at, identifier)), (received_at, identifier))
    by_delivery: dict[str, set[str]] = {}
    for item, (_, identifier) in chosen.items():
        by_delivery.setdefault(identifier, set()).add(item)
    return [_before(session, identifier, held) for identifier, held in sorted(by_delivery.items())]


def find_pyramids(session: Session, views: Iterable[CheckedView]) -> dict[CheckedView, tuple[str, str]]:
    """Return where the pyramid and its index are of the views that were ingested: the same file, the same number."""
    wanted = {(view.digest, view.number): view for view in views if view.digest}
    digests = sorted({digest for digest, _ in wanted})
    found: dict[CheckedView, tuple[str, str]] = {}
    for start in range(0, len(digests), _AT_ONCE):
        rows = session.execute(
            select(ViewRow.master_digest, ViewRow.number, ViewRow.pyramid_key, ViewRow.index_key).where(
                ViewRow.master_digest.in_(digests[start : start + _AT_ONCE])
            )
        )
        for digest, number, pyramid, index in rows:
            if (digest, number) in wanted:
                found[wanted[digest, number]] = (pyramid, index)
    return found


def _before(session: Session, identifier: str, items: set[str]) -> Before:
    row = session.get_one(DeliveryRow, identifier)
    views = [
        CheckedView(view.item, view.number, view.path, view.digest, view.pixels)
        for view in session.scalars(
            select(CheckedViewRow)
            .where(CheckedViewRow.delivery == identifier)
            .order_by(bytewise(CheckedViewRow.item), CheckedViewRow.number)
        )
        if view.item in items
    ]
    marks = {(mark.item, mark.number): mark.mark for mark in list_marks(session, identifier) if mark.item in items}
    asked: dict[tuple[str, int], set[str]] = {place: set() for place, mark in marks.items() if mark == REDO}
    if row.state != DeliveryState.ACCEPTED:
        # what was accepted with its errors was not asked for again, and a fault that a person calls none is none
        for finding in session.scalars(
            select(FindingRow).where(FindingRow.delivery == identifier, FindingRow.severity == "error")
        ):
            place = (finding.item, finding.view or 0)
            if finding.item in items and finding.view and marks.get(place, REDO) in (REDO, "none"):
                asked.setdefault(place, set()).add(finding.rule)
    redo = frozenset(place for place, mark in marks.items() if mark == REDO)
    return Before(identifier, tuple(views), {place: frozenset(rules) for place, rules in asked.items()}, redo)


def _is_taken(session: Session, row: DeliveryRow, review: Review) -> bool:
    """Tell whether this very file was taken before and still holds. Raises CatalogueError where it was overtaken."""
    events = session.scalars(
        select(EventRow)
        .where(EventRow.subject == row.identifier, EventRow.action.in_(("reviewed", "accepted", "refused")))
        .order_by(EventRow.identifier)
    ).all()
    taken = [event for event in events if event.action == "reviewed" and event.detail.get("source") == review.source]
    if not taken:
        return False
    later = [event for event in events if event.identifier > taken[-1].identifier]
    if later:
        raise CatalogueError(
            told(
                "these decisions on {identifier} were taken over on {day}, and {person} decided anew on {later}; nothing was changed: for another decision, save decisions.json anew, or use "
                "`vitrine accept` or `vitrine refuse`",
                identifier=row.identifier,
                day=f"{taken[-1].at:%Y-%m-%d}",
                person=later[-1].detail.get("by") or told("somebody"),
                later=f"{later[-1].at:%Y-%m-%d}",
            )
        )
    return True


def _unknown(session: Session, review: Review) -> Told:
    same = session.scalars(
        select(DeliveryRow.identifier)
        .where(DeliveryRow.name == review.name)
        .order_by(DeliveryRow.received_at, bytewise(DeliveryRow.identifier))
    ).all()
    if same:
        return told(
            "these decisions are about the delivery {name} with the digest {digest}…, and the files that were checked here "
            "under that name are others ({others}); send the report of these, and import what is decided on them",
            name=review.name,
            digest=review.digest[:16],
            others=tuple(same),
        )
    return told(
        "these decisions are about a delivery {name} with the digest {digest}…, which was never checked here; run `vitrine "
        "check` on it first",
        name=review.name,
        digest=review.digest[:16],
    )


def _must_be_seen(session: Session, row: DeliveryRow, marks: Iterable[Mark]) -> None:
    """Raise CatalogueError unless every marked view was checked, and was then the file that the person saw."""
    seen = {
        (view.item, view.number): view.digest
        for view in session.scalars(select(CheckedViewRow).where(CheckedViewRow.delivery == row.identifier))
    }
    if not seen:
        raise CatalogueError(
            told(
                "the views of {identifier} were not recorded when it was checked; run `vitrine check` on it again, "
                "then import the decisions",
                identifier=row.identifier,
            )
        )
    wrong = [
        told("view f{number} of {item} was not in the check", number=mark.number, item=mark.item)
        if (mark.item, mark.number) not in seen
        else told("view f{number} of {item} was another file when it was checked", number=mark.number, item=mark.item)
        for mark in marks
        if seen.get((mark.item, mark.number)) != mark.digest
    ]
    if wrong:
        faults = [*wrong[:_TOLD], told("… and {more:,} more", more=len(wrong) - _TOLD)] if len(wrong) > _TOLD else wrong
        raise CatalogueError(
            told(
                "{faults}: these decisions are about other files; make the report of {identifier} again, and "
                "import what is decided on it",
                faults=together(faults),
                identifier=row.identifier,
            )
        )
