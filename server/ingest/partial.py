"""A delivery of parts: only the description of documents that are held, only some of their views, only their texts.

It says so itself (`brings` in delivery.toml, or the command line), and what it leaves out stays as it is held. A view that
it names is the held one whose file has the same name; others may be added at the end. Here it becomes a whole delivery of the document again, in which what
stays is taken from the catalogue; from there on it is an update like any other.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.catalogue.items import ALTO_OF_SEVERAL_ROLE, ALTO_ROLE, PACKED_ROLE
from server.catalogue.locks import serialise
from server.catalogue.models import (
    DeliveryRow,
    DeliveryState,
    FileRow,
    ItemCollectionRow,
    ItemRow,
    ItemState,
    ViewRow,
    ViewTextRow,
)
from server.catalogue.values import DESCRIPTION, NOTES, STRUCTURE
from server.delivery.folder import fold_path
from server.delivery.values import DeliveredItem, DeliveredView, Parts
from server.errors import CatalogueError
from server.ingest.record import Claim, KeptSource
from server.ingest.views import FinishedView
from server.model.structure import Range, Target
from server.model.view import ViewNotes
from server.told import NOTHING, Told, listed, told

_SHOWN = 5
_NOT_EACH = "application/ead+xml"
"""A finding aid may name a folder, or the first and the last of a row: not every view."""


@dataclass(frozen=True, slots=True)
class HeldView:
    """A view that is held: what is said of it, the paths and digests of its files, and what was made of them."""

    notes: ViewNotes
    master: str
    master_digest: str
    text: str | None
    text_digest: str
    made: FinishedView


@dataclass(frozen=True, slots=True)
class Part:
    """A delivery of parts made whole: the document, the digests of its files, and what of it is already made.

    `made` has the views that stay, by number, `texts` those of them that get another text. `stands` are views that are
    replaced while their text is not. `source` is the source record where it stays; `note` says what was left alone.
    """

    item: DeliveredItem
    files: Mapping[str, str]
    made: Mapping[int, FinishedView]
    texts: frozenset[int]
    stands: Mapping[int, HeldView]
    source: KeptSource | None
    note: Told

    @property
    def work(self) -> tuple[DeliveredView, ...]:
        """The views of which something is to be made."""
        return tuple(view for view in self.item.views if view.number not in self.made or view.number in self.texts)

    def finished(self, views: Sequence[FinishedView]) -> list[FinishedView]:
        """Return all views with those just made. Raises CatalogueError where a text that stays does not fit a new image."""
        fresh = {view.number: view for view in views}
        for number, held in self.stands.items():
            old, new = held.made, fresh.get(number)
            if new is None:
                continue  # it failed, and that is told
            if (new.width, new.height) != (old.width, old.height):
                raise CatalogueError(
                    told(
                        "view f{number}: the new image has {size} pixels, the old one {before}, on which its text was "
                        'recognised; deliver the text (ALTO) of the new one with it, and say brings = ["views", "texts"]',
                        number=number,
                        size=f"{new.width} × {new.height}",
                        before=f"{old.width} × {old.height}",
                    )
                )
            fresh[number] = replace(
                new, text_language=old.text_language, plain=old.plain, layout=old.layout, text_key=old.text_key,
                text_size=old.text_size, text_pages=old.text_pages, packed_key=old.packed_key, packed_size=old.packed_size,
            )  # fmt: skip
        return list({**self.made, **fresh}.values())


def part_digest(digest: str, brings: Sequence[str]) -> str:
    """Return the digest of the input of an item of which only parts are delivered."""
    return hashlib.sha256("\n".join(("part", *sorted(brings), digest)).encode()).hexdigest()


def claim_part(
    session: Session, delivery: DeliveryRow, item: DeliveredItem, digest: str, brings: Sequence[str]
) -> Claim:
    """Find the row of the document that parts are delivered of.

    Raises CatalogueError where it is not held whole, or where nobody accepted the delivery.
    """
    serialise(session, "claim")
    row = session.scalar(
        select(ItemRow).where(ItemRow.institution == delivery.institution, ItemRow.identifier == item.identifier)
    )
    parts = _name_parts(brings)
    if row is None or row.state != ItemState.READY:
        raise CatalogueError(
            told(
                "document {identifier} of {institution} is {state}, and {name} says that it brings only {parts}; "
                "give it the identifier under which it is held (`vitrine status`), or deliver it whole, without brings",
                identifier=item.identifier,
                institution=delivery.institution or told("nobody"),
                state=told("not held whole") if row else told("not held"),
                name=delivery.name,
                parts=parts,
            )
        )
    if row.input_digest == digest:
        return Claim(row.name, row.delivery, digest, is_held=True)
    if delivery.state != DeliveryState.ACCEPTED:
        raise CatalogueError(
            told(
                "document {identifier} is held as {held}, and {name} would replace {parts}; accept {name} first",
                identifier=item.identifier,
                held=row.name,
                name=delivery.name,
                parts=parts,
            )
        )
    return Claim(row.name, delivery.identifier, digest, replaces=row.input_digest)


def complete_part(
    session: Session, name: str, item: DeliveredItem, files: Mapping[str, str], brings: Sequence[str]
) -> Part:
    """Return delivered parts of a document as a whole of it. Raises CatalogueError where they do not fit what is held."""
    row = session.get_one(ItemRow, name)
    held = _load(session, name)
    paired, added = _pair(held, item, files, brings)
    views: list[DeliveredView] = []
    made: dict[int, FinishedView] = {}
    texts: set[int] = set()
    stands: dict[int, HeldView] = {}
    left: list[str] = []
    digests: dict[str, set[str]] = {}
    for number, old in held.items():
        new = paired.get(number)
        view = DeliveredView(number, old.master, old.notes, old.text)
        digest, text_digest = old.master_digest, old.text_digest
        if new and Parts.DESCRIPTION in brings:
            view = replace(view, notes=_merged(old.notes, new.notes), georeference=new.georeference)
        if new and new.master in files and Parts.VIEWS in brings:
            view, digest = replace(view, master=new.master, page=new.page), files[new.master]
            if old.made.layout is not None:
                stands[number] = old
        else:
            made[number] = old.made
            left += [new.master] if new and new.master in files else []
        if new and new.text and new.text in files and Parts.TEXTS in brings:
            view, text_digest = replace(view, text=new.text, text_size=new.text_size), files[new.text]
            stands.pop(number, None)
            if number in made:
                texts.add(number)
        elif new and new.text and new.text in files:
            left.append(new.text)
        views.append(view)
        digests.setdefault(view.master, set()).add(digest)
        if view.text:
            digests.setdefault(view.text, set()).add(text_digest)
    for number, new in enumerate(added, start=max(held) + 1):
        view = replace(new, number=number, text=new.text if new.text in files else None)
        views.append(view)
        paired[number] = new
        for path in filter(None, (view.master, view.text)):
            digests.setdefault(path, set()).add(files[path])
    if (
        not {Parts.DESCRIPTION, Parts.MORE_VIEWS} & set(brings)
        and len(made) == len(held)
        and not any(new.text and new.text in files for new in paired.values() if Parts.TEXTS in brings)
    ):
        raise CatalogueError(
            told(
                "document {identifier}: nothing of {parts} that are said to come is in the delivery; ask the supplier for them",
                identifier=item.identifier,
                parts=_announced(brings),
            )
        )
    _must_not_clash(item, digests)
    whole = replace(item, views=tuple(views))
    described = Parts.DESCRIPTION in brings
    whole = _described(session, row, whole, item, paired) if described else _as_held(session, row, whole)
    return Part(
        item=whole,
        files={path: next(iter(found)) for path, found in digests.items()},
        made=made,
        texts=frozenset(texts),
        stands=stands,
        source=None if described else _held_source(session, name),
        note=_left_alone(left),
    )


def _load(session: Session, name: str) -> dict[int, HeldView]:
    files: dict[tuple[int, str], FileRow] = {
        (file.view, file.role): file for file in session.scalars(select(FileRow).where(FileRow.item == name))
    }
    texts = {text.number: text for text in session.scalars(select(ViewTextRow).where(ViewTextRow.item == name))}
    held = {}
    for view in session.scalars(select(ViewRow).where(ViewRow.item == name).order_by(ViewRow.number)):
        master = files[view.number, "master"]
        several = files.get((view.number, ALTO_OF_SEVERAL_ROLE))
        alto = files.get((view.number, ALTO_ROLE)) or several
        packed = files.get((view.number, PACKED_ROLE))
        text = texts.get(view.number)
        made = FinishedView(
            number=view.number,
            width=view.width,
            height=view.height,
            recipe=view.recipe,
            tile_size=view.tile_size,
            pyramid_key=view.pyramid_key,
            index_key=view.index_key,
            master_key=master.key,
            master_size=master.size,
            master_place=master.place,
            text_language=text.language if text else None,
            plain=text.plain if text else None,
            layout=text.layout if text else None,
            text_key=alto.key if alto else None,
            text_size=alto.size if alto else 0,
            text_pages=2 if several else 1,
            packed_key=packed.key if packed else None,
            packed_size=packed.size if packed else 0,
        )
        held[view.number] = HeldView(
            NOTES.validate_python(view.notes), master.path, master.digest,
            alto.path if alto else None, alto.digest if alto else "", made,
        )  # fmt: skip
    return held


def _pair(
    held: Mapping[int, HeldView], item: DeliveredItem, files: Mapping[str, str], brings: Sequence[str]
) -> tuple[dict[int, DeliveredView], list[DeliveredView]]:
    """Return the delivered views by the numbers under which they are held, and those that come to be added at the end.

    A view is the held one whose file has the same name.
    """
    by_name: dict[str, list[int]] = {}
    for number, view in held.items():
        by_name.setdefault(_plain(view.master), []).append(number)
    paired: dict[int, DeliveredView] = {}
    unknown: list[DeliveredView] = []
    for new in item.views:
        found = by_name.get(_plain(new.master), [])
        if len(found) > 1:
            same = [number for number in found if fold_path(held[number].master) == fold_path(new.master)]
            found = same if len(same) == 1 else found
        if len(found) > 1:
            raise CatalogueError(
                told(
                    "document {identifier}: {master} has the name of {count} views that are held of it ({views}), and which is "
                    "meant nobody can say; deliver the document whole, without brings",
                    identifier=item.identifier,
                    master=new.master,
                    count=len(found),
                    views=listed((f"f{number}" for number in found), _SHOWN),
                )
            )
        if not found or found[0] in paired:
            unknown.append(new)
        else:
            paired[found[0]] = new
    is_doubled = any(_plain(new.master) in by_name for new in unknown)
    if Parts.MORE_VIEWS in brings and not is_doubled:
        _must_come_after(paired, unknown, item, files)
        return paired, unknown
    only_described = set(brings) == {Parts.DESCRIPTION}
    is_another = bool(unknown) or (only_described and item.views and len(paired) != len(held))
    if not is_another:
        return paired, []
    if only_described and item.source.media_type == _NOT_EACH:
        return {}, []
    raise CatalogueError(
        told(
            "document {identifier}: {count} views are held ({names}), and {fault}; a delivery of parts adds no view and takes "
            'none away: correct the names, say brings = ["more-views"] where they are to be added at its end, or deliver the '
            "document whole, without brings (`vitrine withdraw` hides a single view)",
            identifier=item.identifier,
            count=len(held),
            names=listed((PurePosixPath(view.master).name for view in held.values()), _SHOWN),
            fault=told("{names} is no view that is held of it", names=listed(map(_called, unknown), _SHOWN))
            if unknown
            else told("it names {count} of them", count=len(paired)),
        )
    )


def _must_come_after(
    paired: Mapping[int, DeliveredView],
    added: Sequence[DeliveredView],
    item: DeliveredItem,
    files: Mapping[str, str],
) -> None:
    """Raise CatalogueError unless there are views to add, with their images, and none stands before one that is held.

    What was published under a number keeps it: a view in between would move all that follow.
    """
    if not added:
        raise CatalogueError(
            told(
                "document {identifier}: the delivery says that it brings more views, and every view that it names is held "
                'already; say brings = ["views"] where it replaces them',
                identifier=item.identifier,
            )
        )
    lacking = [view for view in added if view.master not in files]
    if lacking:
        raise CatalogueError(
            told(
                "document {identifier}: the image of a view that is to be added is not in the delivery: {names}; ask the "
                "supplier for it",
                identifier=item.identifier,
                names=listed(map(_called, lacking), _SHOWN),
            )
        )
    numbers = {view.number: number for number, view in paired.items()}
    later = [numbers[view.number] for view in item.views if view.number in numbers and view.number > added[0].number]
    if later:
        raise CatalogueError(
            told(
                "document {identifier}: {name} stands before f{number}, which is held; views are added at the end alone, for "
                "those that follow would get other numbers: name it after them, or deliver the document whole, without brings",
                identifier=item.identifier,
                name=_called(added[0]),
                number=later[0],
            )
        )


def _called(view: DeliveredView) -> str:
    return view.master or told("f{number} without an image", number=view.number)


def _must_not_clash(item: DeliveredItem, digests: Mapping[str, set[str]]) -> None:
    for path, found in digests.items():
        if len(found) > 1:
            raise CatalogueError(
                told(
                    "document {identifier}: {path} stands for several of its views, and only some of them would be replaced; "
                    "deliver the document whole, without brings",
                    identifier=item.identifier,
                    path=path,
                )
            )


def _merged(old: ViewNotes, new: ViewNotes) -> ViewNotes:
    """Return what is said of a view anew, completed by what was said before; what was hidden stays hidden."""
    if new == ViewNotes():
        return old
    return replace(
        new,
        public=old.public and new.public,
        descriptions=new.descriptions or old.descriptions,
        transcriptions=new.transcriptions or old.transcriptions,
        georeference=new.georeference or old.georeference,
    )


def _described(
    session: Session, row: ItemRow, whole: DeliveredItem, new: DeliveredItem, paired: Mapping[int, DeliveredView]
) -> DeliveredItem:
    """Return the document with its new description; what that does not speak of is as it is held."""
    held = STRUCTURE.validate_python(row.structure)
    numbers = {view.number: number for number, view in paired.items()}
    structure = renumber(new.structure, numbers) if paired else ()
    has_boxes = any(target.box for part in structure for target in _targets(part))
    if not has_boxes:
        structure = relabel(held, structure) if structure else held
        whole = replace(whole, views=tuple(replace(view, text_size=None) for view in whole.views))
    else:
        sizes = {number: view.text_size for number, view in paired.items()}
        whole = replace(whole, views=tuple(replace(view, text_size=sizes.get(view.number)) for view in whole.views))
    whole = replace(whole, structure=structure, collections=new.collections or _collections(session, row.name))
    if not paired:
        return replace(
            whole, viewing_direction=row.viewing_direction, paged=row.paged, thumbnail_view=row.thumbnail_view
        )
    thumbnail = numbers.get(new.thumbnail_view) if new.thumbnail_view else row.thumbnail_view
    return replace(whole, thumbnail_view=thumbnail)


def _as_held(session: Session, row: ItemRow, whole: DeliveredItem) -> DeliveredItem:
    """Return the document as it is held, with the views given."""
    return replace(
        whole,
        description=DESCRIPTION.validate_python(row.description),
        views=tuple(replace(view, text_size=None) for view in whole.views),
        structure=STRUCTURE.validate_python(row.structure),
        ark="",
        former_urls=(),
        former_oai_identifiers=(),
        former_arks=(),
        collections=_collections(session, row.name),
        viewing_direction=row.viewing_direction,
        paged=row.paged,
        thumbnail_view=row.thumbnail_view,
    )


def renumber(structure: tuple[Range, ...], numbers: Mapping[int, int]) -> tuple[Range, ...]:
    """Return a structure with other view numbers; a target that has none is left out."""
    return tuple(
        replace(
            part,
            targets=tuple(Target(numbers[one.view], one.box) for one in part.targets if one.view in numbers),
            children=renumber(part.children, numbers),
        )
        for part in structure
    )


def relabel(held: tuple[Range, ...], new: tuple[Range, ...]) -> tuple[Range, ...]:
    """Return a new structure without boxes, with the boxes of the held one where both have the same parts."""
    if len(held) != len(new):
        return new
    return tuple(
        replace(
            after,
            label=after.label or (before.label if _views(before) == _views(after) else ""),
            targets=before.targets if _views(before) == _views(after) else after.targets,
            children=relabel(before.children, after.children),
        )
        for before, after in zip(held, new, strict=True)
    )


def _views(part: Range) -> list[int]:
    return list(dict.fromkeys(target.view for target in part.targets))


def _targets(part: Range) -> list[Target]:
    return [*part.targets, *(target for child in part.children for target in _targets(child))]


def _collections(session: Session, name: str) -> tuple[str, ...]:
    found = session.scalars(select(ItemCollectionRow.collection).where(ItemCollectionRow.item == name))
    return tuple(sorted(found))


def _held_source(session: Session, name: str) -> KeptSource:
    row = session.scalars(select(FileRow).where(FileRow.item == name, FileRow.role == "source")).one()
    return KeptSource(row.path, row.digest, row.size, row.key or "")


def _plain(path: str) -> str:
    name = PurePosixPath(fold_path(path)).name
    return name[: -len(suffix)] if (suffix := PurePosixPath(name).suffix) else name


def _name_parts(brings: Iterable[str]) -> Told:
    """Return the parts that a delivery brings as a person reads them."""
    names = {
        Parts.DESCRIPTION: told("its description"), Parts.VIEWS: told("its views"), Parts.TEXTS: told("its texts"),
        Parts.MORE_VIEWS: told("more views of it"),
    }  # fmt: skip
    first, *others = (names[Parts(part)] for part in brings)
    return told("{some} and {last}", some=(first, *others[:-1]), last=others[-1]) if others else first


def _announced(brings: Sequence[str]) -> Told:
    """Return the files that are said to come."""
    if Parts.VIEWS not in brings:
        return told("the texts")
    return told("the views and texts") if Parts.TEXTS in brings else told("the views")


def _left_alone(paths: list[str]) -> Told:
    if not paths:
        return NOTHING
    return told(
        "{paths} left alone: the delivery does not say that it brings such",
        paths=listed(dict.fromkeys(paths), _SHOWN),
    )
