"""What a search found: hits, and the marks that show them on the views.

A hit may run over several lines, and a word broken at the foot of a page over two views: then it has several marks.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from server.model.text import Box


@dataclass(frozen=True, slots=True)
class Mark:
    """The part of a hit that lies on one line of one view.

    `box` is in pixels of the served view, None where nothing is known but the view; `first` and `last` number the words
    of the view as its text is stored, from 0, so that they name the place for as long as the text does not change.
    """

    number: int
    text: str
    box: Box | None
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Hit:
    """One place where a query is met. `before` and `after` are what is printed around it; `label` is its document's.

    `number` counts the hits on its view, from 1.
    """

    name: str
    marks: tuple[Mark, ...]
    match: str
    before: str
    after: str
    label: Mapping[str, list[str]] = field(default_factory=dict)
    number: int = 1


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of results begins: the number of its first hit from 0, and where that lies if it is known.

    `view` and `within` are the stored number of a view and the number of a hit in it. Without them the hits are counted
    from the first one on.
    """

    start: int = 0
    view: int | None = None
    within: int = 0


@dataclass(frozen=True, slots=True)
class Results:
    """A page of hits. `hits_total` and `marks_total` are None where there is more than is counted.

    `mark_start` counts the marks of the hits before this page; None where they were not counted.
    """

    hits: tuple[Hit, ...]
    place: Place
    hits_total: int | None
    marks_total: int | None
    mark_start: int | None
    previous: Place | None = None
    following: Place | None = None
    last: Place | None = None


@dataclass(frozen=True, slots=True)
class Term:
    """A word that begins as was asked. `hits` is how often it occurs in what is searched, None where it was not counted."""

    word: str
    hits: int | None
