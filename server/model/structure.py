"""The structure of an item: a tree of ranges over its views (table of contents, newspaper articles)."""

from dataclasses import dataclass

from server.model.text import Box


@dataclass(frozen=True, slots=True)
class Target:
    """A view (1-based number) or a region of it."""

    view: int
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class Range:
    """A division of the document: `kind` is the source's word in lower case (`article`, `chapter`, `issue`)."""

    kind: str
    label: str
    language: str | None = None
    targets: tuple[Target, ...] = ()
    children: tuple["Range", ...] = ()
