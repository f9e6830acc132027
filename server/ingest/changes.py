"""What a second delivery of a document changes: said in the event that records it, and to whoever ingests it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.catalogue.models import FileRow, ItemRow
from server.catalogue.values import DESCRIPTION, STRUCTURE
from server.delivery.values import DeliveredItem
from server.model.description import Description
from server.told import Told, counted, listed, told

Digests = Mapping[int, str]
"""SHA-256 of a file by the number of its view."""


@dataclass(frozen=True, slots=True)
class Changes:
    """The fields of the description that differ, and the numbers of the views whose image or text does."""

    description: tuple[str, ...] = ()
    replaced: tuple[int, ...] = ()
    added: tuple[int, ...] = ()
    removed: tuple[int, ...] = ()
    texts: tuple[int, ...] = ()
    structure: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return what changed, for the event."""
        said = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in said.items() if value}

    @property
    def told(self) -> Told:
        """What changed, in a sentence."""
        said = [told("description ({names})", names=self.description)] if self.description else []
        for numbers, count in (
            (self.replaced, counted(len(self.replaced), "{n:,} view replaced", "{n:,} views replaced")),
            (self.added, counted(len(self.added), "{n:,} view added", "{n:,} views added")),
            (self.removed, counted(len(self.removed), "{n:,} view removed", "{n:,} views removed")),
        ):
            said += [told("{count} ({views})", count=count, views=_shown(numbers))] if numbers else []
        said += [told("text of {views}", views=_shown(self.texts))] if self.texts else []
        said += [told("table of contents")] if self.structure else []
        if not said:
            return told("what is said of its views, or where it belongs")
        return told("{changes}", changes=tuple(said))


def find_changes(session: Session, row: ItemRow, item: DeliveredItem, files: Mapping[str, str]) -> Changes:
    """Return what of an item that is held differs in a delivered one; `files` gives digests by path."""
    masters, texts = (_held(session, row.name, roles) for roles in (("master",), ("text", "text-of-several")))
    new_masters = {view.number: files[view.master] for view in item.views}
    new_texts = {view.number: files[view.text] for view in item.views if view.text}
    both = masters.keys() & new_masters.keys()
    structure = STRUCTURE.dump_python(item.structure, mode="json")
    return Changes(
        description=_differing(DESCRIPTION.validate_python(row.description), item.description),
        replaced=tuple(sorted(number for number in both if masters[number] != new_masters[number])),
        added=tuple(sorted(new_masters.keys() - masters.keys())),
        removed=tuple(sorted(masters.keys() - new_masters.keys())),
        texts=tuple(
            sorted(number for number in texts.keys() | new_texts.keys() if texts.get(number) != new_texts.get(number))
        ),
        structure=_labels(row.structure) != _labels(structure),
    )


def _held(session: Session, name: str, roles: Iterable[str]) -> Digests:
    rows = session.execute(
        select(FileRow.view, FileRow.digest).where(FileRow.item == name, FileRow.role.in_(list(roles)))
    )
    return {row.view: row.digest for row in rows}


def _differing(old: Description, new: Description) -> tuple[str, ...]:
    return tuple(field.name for field in fields(Description) if getattr(old, field.name) != getattr(new, field.name))


def _labels(structure: Any) -> list[Any]:
    """Return labels and views of a structure: its boxes were fitted to the images, and are compared by their texts."""
    return [
        (part["kind"], part["label"], [target["view"] for target in part["targets"]], _labels(part["children"]))
        for part in structure
    ]


def _shown(numbers: tuple[int, ...]) -> Told:
    return listed((f"f{number}" for number in numbers), 12)
