"""A view: one page or side of an item, as it was scanned."""

from dataclasses import dataclass
from enum import StrEnum

from server.model.description import Text
from server.model.georeference import Georeference


class ViewKind(StrEnum):
    """What a view shows."""

    PAGE = "page"
    BINDING = "binding"
    BLANK = "blank"
    TITLE_PAGE = "title-page"
    TEXT = "text"
    PLATE = "plate"
    RECTO = "recto"
    VERSO = "verso"
    FOLD_OUT = "fold-out"
    TARGET = "target"


NEVER_PUBLISHED = frozenset({ViewKind.TARGET})
"""Targets are checked but not published; view numbers never shift."""

NOT_A_THUMBNAIL = frozenset({ViewKind.BINDING, ViewKind.BLANK, ViewKind.TARGET})


class Author(StrEnum):
    """Who wrote a view's description."""

    HUMAN = "human"
    MACHINE = "machine"


@dataclass(frozen=True, slots=True)
class ViewDescription:
    """A description for those who cannot see the view."""

    text: Text
    author: Author = Author.HUMAN


@dataclass(frozen=True, slots=True)
class ViewNotes:
    """What is said of a view beside its image: label (folio or page as printed), descriptions, transcriptions.

    `missing_before` and `missing_after` are the labels, empty where there are none, of pages that are known to be
    lacking right before or behind it: there is no image of them, so they are no views and have no number.
    `georeference` says where a plan lies on the earth, in pixels of the view.
    """

    kind: ViewKind = ViewKind.PAGE
    public: bool = True
    label: str = ""
    descriptions: tuple[ViewDescription, ...] = ()
    transcriptions: tuple[Text, ...] = ()
    missing_before: tuple[str, ...] = ()
    missing_after: tuple[str, ...] = ()
    georeference: Georeference | None = None
