"""EAD finding aids with images: each component that links to images is a document.

It says what it says itself, and is completed from the levels around it by the rules that `crosswalks/ead.toml` marks as
inherited. A link is an image, a folder of images, a pattern, or the first and the last of a row (`image:first`, `image:last`).
"""

from collections.abc import Iterable
from copy import deepcopy
from pathlib import PurePosixPath

from lxml import etree

from server.delivery.dublin_core import describe, hint_typology
from server.delivery.folder import Folder, fold_path, is_image
from server.delivery.image_views import ViewMaker, in_order
from server.delivery.paths import How, resolve
from server.delivery.registry import Reader, Reading
from server.delivery.rules import Notes, finding
from server.delivery.values import Context, DeliveredItem, DeliveredView, Finding, SourceRecord
from server.errors import DeliveryError, UnsafePath
from server.formats.crosswalk import Element, Statement, apply_rules, read_crosswalk
from server.formats.ead import Component, FindingAid, Link, is_component, is_ead, read_ead
from server.formats.xml import children, local
from server.model.description import Typology
from server.told import told, verbatim


def _find(folder: Folder) -> tuple[str, ...]:
    return tuple(
        path for path in folder.delivered if (name := folder.root_name(path)) and is_ead(name.namespace, name.local)
    )


def _read(folder: Folder, paths: tuple[str, ...], context: Context) -> Reading:
    items: list[DeliveredItem] = []
    findings: list[Finding] = []
    maker = ViewMaker(folder)
    for path in paths:
        try:
            aid = read_ead(folder.read(path), path, max_bytes=folder.limits.max_xml_bytes)
        except DeliveryError as error:
            findings.append(finding("document-unreadable", error.told, path))
            continue
        if not aid.components:
            message = told(
                "{path}: no component of it links to images (dao); ask for the finding aid with its links", path=path
            )
            findings.append(finding("views-none", message, path))
        for component in aid.components:
            notes = Notes(path, _identifier(aid, component), component.line)
            try:
                item = _item(folder, aid, component, context, maker, notes)
            except UnsafePath as error:
                notes.found.append(finding("path-unsafe", error.told, path, notes.item))
                item = None
            findings += notes.found
            items += [item] if item else []
    return Reading(tuple(items), (*findings, *maker.findings, *maker.leftover()), frozenset({*paths, *maker.used}))


def _identifier(aid: FindingAid, component: Component) -> str:
    if component.identifier:
        return component.identifier
    return f"{aid.identifier or PurePosixPath(aid.path).stem}-{component.line}"


def _item(
    folder: Folder, aid: FindingAid, component: Component, context: Context, maker: ViewMaker, notes: Notes
) -> DeliveredItem | None:
    images = list(_images(folder, aid.path, component.links, notes))
    views = _views(images, maker, notes)
    if not views:
        notes.add("views-none", told("its links lead to no image of the delivery; ask the supplier for them"))
    statements = apply_rules(
        read_crosswalk("ead"), Element(component.element), [Element(level) for level in component.around]
    )
    described = describe(_completed(statements, component, notes), context, notes)
    if described is None:
        return None
    return DeliveredItem(
        identifier=notes.item,
        description=described,
        views=views,
        source=SourceRecord(aid.path, "application/ead+xml", _alone(component)),
        collections=context.collections,
        paged=described.typology in (Typology.BOOKS, Typology.MANUSCRIPTS) and len(views) > 2,
    )


def _completed(statements: list[Statement], component: Component, notes: Notes) -> list[Statement]:
    """Return the statements with a title and a typology in any case, and with the level around as the whole."""
    titles = component.titles_around
    if not any(said.name == "dc:title" for said in statements):
        title = titles[0] if titles else f"[{notes.item}]"
        if not titles:
            notes.add("title-supplied", told("has no title; {title} stands for it, from its identifier", title=title))
        statements = [*statements, Statement("dc:title", title)]
        titles = titles[1:]
    if titles:
        statements = [*statements, Statement("dcterms:ispartof", titles[0], None, {"kind": "multivolume"})]
    # a finding aid describes archives where nothing says otherwise
    return [*statements, Statement("typology.hint", Typology.ARCHIVES.value)] if not _hints(statements) else statements


def _hints(statements: Iterable[Statement]) -> bool:
    return hint_typology(said.value for said in statements if said.name == "typology.hint") is not None


def _views(images: list[tuple[str, bool]], maker: ViewMaker, notes: Notes) -> tuple[DeliveredView, ...]:
    views = maker.make([path for path, _ in images], notes)
    for view, (path, found) in zip(views, images, strict=True):
        if not found:
            message = told(
                "{where}: view f{number} needs image {path}, which is not in the delivery; ask the supplier for it",
                where=notes.where,
                number=view.number,
                path=path,
            )
            notes.found.append(finding("master-missing", message, notes.path, notes.item, view.number))
    return views


def _images(folder: Folder, source: str, links: tuple[Link, ...], notes: Notes) -> Iterable[tuple[str, bool]]:
    """Yield the images that the links lead to, each once and in order, with whether it is there."""
    seen: set[str] = set()
    waiting: Link | None = None
    for link in links:
        if link.role in {"first", "debut", "premiere"}:
            waiting = link
            continue
        if waiting and link.role in {"last", "fin", "derniere"}:
            found = _between(folder, source, waiting, link)
            waiting = None
        else:
            found = _one(folder, source, link, notes)
        for path, is_there in found:
            if path not in seen:
                seen.add(path)
                yield path, is_there
    if waiting:
        yield from (one for one in _one(folder, source, waiting, notes) if one[0] not in seen)


def _one(folder: Folder, source: str, link: Link, notes: Notes) -> list[tuple[str, bool]]:
    target = resolve(folder, link.href.rstrip("/\\"), source=source, line=link.line, beside=("images",))
    if target.found:
        if not is_image(target.path):
            return []
        if target.how is How.INEXACT:
            notes.add("path-inexact", told("{href!r} was found as {path}", href=link.href, path=target.path))
        return [(target.path, True)]
    inside = folder.images_by_folder.get(fold_path(target.path), []) or _called(folder, target.path)
    if inside:
        return [(path, True) for path in in_order(path for _, path in inside)]
    if target.how is How.REMOTE:
        notes.add(
            "derivative-missing", told("links to {href}, which is elsewhere and not fetched", href=link.href[:200])
        )
        return []
    return [(target.path, False)] if target.path else []


def _called(folder: Folder, path: str) -> list[tuple[str, str]]:
    """Return the images of the one folder that ends like this path: finding aids are written where the images are not."""
    tail = f"/{fold_path(path).rpartition('/')[2]}"
    places = [place for place in folder.images_by_folder if f"/{place}".endswith(tail)]
    return folder.images_by_folder[places[0]] if len(places) == 1 else []


def _between(folder: Folder, source: str, start: Link, end: Link) -> list[tuple[str, bool]]:
    one, other = (
        resolve(folder, link.href, source=source, line=link.line, beside=("images",)) for link in (start, end)
    )
    if not one.found or not other.found:
        return [(target.path, target.found) for target in (one, other)]
    place = fold_path(one.path).rpartition("/")[0]
    row = in_order(path for _, path in folder.images_by_folder.get(place, []))
    if other.path not in row or row.index(other.path) < row.index(one.path):
        return [(one.path, True), (other.path, True)]
    return [(path, True) for path in row[row.index(one.path) : row.index(other.path) + 1]]


def _alone(component: Component) -> bytes:
    """Return the component as XML inside the levels around it, each with what it says of itself alone."""
    whole = _shallow(component.element)
    for level in component.around:
        outer = _shallow(level)
        outer.append(whole)
        whole = outer
    return etree.tostring(whole, encoding="utf-8", xml_declaration=True)


def _shallow(element: etree._Element) -> etree._Element:
    copy = etree.Element(element.tag, dict(element.attrib), element.nsmap)
    copy.text = element.text
    for child in children(element):
        if local(child) != "dsc" and not is_component(child):
            copy.append(deepcopy(child))
    return copy


READER = Reader(
    kind="ead",
    title=verbatim("EAD"),
    expected=told("EAD finding aids (XML with the root element ead) whose components link to images (dao)"),
    find=_find,
    read=_read,
)
