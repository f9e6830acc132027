"""An item as a Presentation API 3.0 manifest (iiif.io/api/presentation/3.0), once, when it is published.

A plain dict in the order in which it is written; `server.iiif.build.validate` says whether it is a manifest. Views that
readers may not see leave no canvas, and the others keep their numbers. Pure: no flask, no database, no clock.
"""

import html
from collections.abc import Iterator
from statistics import median
from typing import Any

from server.errors import PublicationRefused
from server.iiif.build.annotations import has_text_page
from server.iiif.build.collection import PRESENTATION, Membership, collection_name, holds_directly, memberships
from server.iiif.build.downloads import document_downloads, source_record, view_downloads
from server.iiif.build.georeference import GEOREF, build_embedded_page, build_extent
from server.iiif.build.metadata import build_metadata, credit_line, nav_date
from server.iiif.build.pictures import build_body, build_thumbnail
from server.iiif.build.places import NAV_PLACE, build_places, navigable_places
from server.iiif.build.search import build_services
from server.iiif.build.structures import build_structures
from server.iiif.build.words import (
    ATTRIBUTION,
    DUBLIN_CORE,
    MISSING,
    NO_LANGUAGE,
    NOTICE,
    WHY_MISSING,
    LanguageMap,
    both,
    from_labels,
    from_texts,
    same,
)
from server.model.addresses import Addresses
from server.model.description import TitleKind
from server.model.item import Institution, Item, PublishedView
from server.model.rights import LICENCE_OUVERTE_URI, Rights, RightsStatus
from server.model.view import Author, ViewKind

OAI_DC = "http://www.openarchives.org/OAI/2.0/oai_dc/"

_SCROLLS = frozenset({"rouleau", "rotulus", "scroll", "parchemin roulé"})
_FOLD_OUT = 1.5
"""A plate wider than the median page by this factor folds out: it has no facing page."""

_SIDES: dict[ViewKind, LanguageMap] = {
    ViewKind.RECTO: both("Recto", "Recto"),
    ViewKind.VERSO: both("Verso", "Verso"),
}
"""What the sides of a card or a leaf are called where nothing is printed on them."""

_BY_MACHINE: dict[str, str] = {"fr": "Description automatique : {}", "en": "Automatic description: {}"}


def build_manifest(item: Item, addresses: Addresses) -> dict[str, Any]:
    """Return the manifest of an item. Raises PublicationRefused where no view may be seen."""
    views = item.public_views
    if not views:
        raise PublicationRefused(f"{item.name}: none of its {len(item.views)} views is public; a manifest needs one")
    navigable = navigable_places(item)
    manifest: dict[str, Any] = {
        "@context": _contexts(item, bool(navigable)),
        "id": addresses.manifest(item.name),
        "type": "Manifest",
        "label": document_label(item),
        "metadata": build_metadata(item),
    }
    if summary := from_texts(item.description.abstracts):
        manifest["summary"] = summary
    manifest["thumbnail"] = build_thumbnail(item.face, addresses)
    manifest["viewingDirection"] = item.viewing_direction
    manifest["behavior"] = [_behavior(item)]
    if moment := nav_date(item.description):
        manifest["navDate"] = moment
    if navigable:
        manifest["navPlace"] = build_places(item, navigable, addresses)
    if item.description.rights.uri:
        manifest["rights"] = item.description.rights.uri
    manifest["requiredStatement"] = {"label": ATTRIBUTION, "value": _statement(item)}
    manifest["provider"] = [_provider(item.institution, addresses)]
    manifest["homepage"] = [
        {
            "id": addresses.ark(item.name),
            "type": "Text",
            "label": NOTICE,
            "format": "text/html",
            "language": ["fr", "en"],
        }
    ]
    manifest["seeAlso"] = [
        {
            "id": addresses.oai_record(item.name),
            "type": "Dataset",
            "label": DUBLIN_CORE,
            "format": "text/xml",
            "profile": OAI_DC,
        },
        *source_record(item, addresses),
    ]
    if any(has_text_page(view) for view in views):
        manifest["service"] = build_services(addresses, item.name)
    manifest |= document_downloads(item, addresses)
    belongs = [membership for membership in memberships(item) if holds_directly(membership.kind)]
    manifest["partOf"] = [_part_of(membership, addresses) for membership in belongs]
    manifest["start"] = {"id": addresses.canvas(item.name, item.face.number), "type": "Canvas"}
    typical = median(view.width for view in views)
    manifest["items"] = [canvas for view in views for canvas in _canvases(item, view, typical, addresses)]
    if structures := build_structures(item, addresses):
        manifest["structures"] = structures
    return manifest


def _contexts(item: Item, is_navigable: bool) -> str | list[str]:
    """Return `@context`: those of extensions before that of the Presentation API (§4.6), each where it is needed."""
    georeferenced = [view for view in item.public_views if view.notes.georeference is not None]
    contexts = [GEOREF] if georeferenced else []
    if is_navigable or georeferenced:
        contexts.append(NAV_PLACE)
    return [*contexts, PRESENTATION] if contexts else PRESENTATION


def document_label(item: Item) -> LanguageMap:
    """Return what a document is called: its main title, in other languages its parallel titles."""
    label = from_texts([item.description.title])
    for title in item.description.titles:
        # a parallel title is the same title in another language: it never competes with the main one
        if title.kind is TitleKind.PARALLEL and title.language and title.language not in label:
            label[title.language] = [title.value]
    return label


def canvas_label(view: PublishedView) -> LanguageMap:
    """Return what a view is called: its folio or page as printed, else its side, else its number."""
    label = view.notes.label.strip()
    return same(label) if label else _SIDES.get(view.notes.kind) or both(f"vue {view.number}", f"view {view.number}")


def terms_address(rights: Rights) -> str:
    """Return where the terms of use stand; empty where they are not known by an address."""
    return rights.uri or (LICENCE_OUVERTE_URI if rights.status is RightsStatus.LICENCE_OUVERTE else "")


def _behavior(item: Item) -> str:
    if item.description.genre.strip().lower() in _SCROLLS:
        return "continuous"
    return "paged" if item.paged else "individuals"


def _statement(item: Item) -> LanguageMap:
    rights = item.description.rights
    statement: LanguageMap = {}
    for language, credit in credit_line(item).items():
        words = html.escape(rights.label.get(language) or next(iter(rights.label.values())), quote=False)
        uri = terms_address(rights)
        terms = f'<a href="{html.escape(uri)}">{words}</a>' if uri else words
        statement[language or NO_LANGUAGE] = [f"<span>{html.escape(credit, quote=False)}. {terms}</span>"]
    return statement


def _provider(institution: Institution, addresses: Addresses) -> dict[str, Any]:
    label = from_labels(institution.label)
    homepage = institution.homepage
    provider: dict[str, Any] = {
        "id": homepage or f"{addresses.collection(collection_name('institution', institution.name))}#agent",
        "type": "Agent",
        "label": label,
    }
    if homepage:
        provider["homepage"] = [{"id": homepage, "type": "Text", "label": label, "format": "text/html"}]
    logo = addresses.logo(institution.name, institution.logo)
    if logo:
        provider["logo"] = [{"id": logo, "type": "Image", "format": _image_format(logo)}]
    return provider


def _part_of(membership: Membership, addresses: Addresses) -> dict[str, Any]:
    entry: dict[str, Any] = {"id": addresses.collection(membership.name), "type": "Collection"}
    if membership.label:
        entry["label"] = from_labels(membership.label)
    return entry


def _canvases(item: Item, view: PublishedView, typical: float, addresses: Addresses) -> Iterator[dict[str, Any]]:
    """Yield the canvas of a view, and those of the pages that are known to be missing beside it."""
    yield from _missing(item, view, "before", view.notes.missing_before, addresses)
    yield _canvas(item, view, typical, addresses)
    yield from _missing(item, view, "after", view.notes.missing_after, addresses)


def _missing(
    item: Item, view: PublishedView, side: str, labels: tuple[str, ...], addresses: Addresses
) -> Iterator[dict[str, Any]]:
    # an empty canvas of the neighbour's size keeps rectos to the right (IIIF Cookbook 0283)
    for number, label in enumerate(labels, start=1):
        yield {
            "id": f"{addresses.canvas(item.name, view.number)}-{side}-{number}",
            "type": "Canvas",
            "label": both(f"{label} – lacune", f"{label} – missing") if label.strip() else MISSING,
            "width": view.width,
            "height": view.height,
            "summary": WHY_MISSING,
            "items": [],
        }


def _folds_out(item: Item, view: PublishedView, typical: float) -> bool:
    kind = view.notes.kind
    return item.paged and (kind is ViewKind.FOLD_OUT or (kind is ViewKind.PLATE and view.width > typical * _FOLD_OUT))


def _canvas(item: Item, view: PublishedView, typical: float, addresses: Addresses) -> dict[str, Any]:
    address = addresses.canvas(item.name, view.number)
    canvas: dict[str, Any] = {
        "id": address,
        "type": "Canvas",
        "label": canvas_label(view),
        "width": view.width,
        "height": view.height,
    }
    if summary := _canvas_summary(view):
        canvas["summary"] = summary
    if _folds_out(item, view, typical):
        canvas["behavior"] = ["non-paged"]
    canvas["thumbnail"] = build_thumbnail(view, addresses)
    canvas["items"] = [
        {
            "id": f"{address}/page",
            "type": "AnnotationPage",
            "items": [
                {
                    "id": f"{address}/page/image",
                    "type": "Annotation",
                    "motivation": "painting",
                    "body": build_body(view, addresses),
                    "target": address,
                }
            ],
        }
    ]
    if extent := build_extent(item, view, document_label(item), addresses):
        canvas["navPlace"] = extent
    if has_text_page(view):
        pages = [addresses.text(item.name, view.number)]
        if view.has_text:
            pages.append(addresses.words(item.name, view.number))
        canvas["annotations"] = [{"id": page, "type": "AnnotationPage"} for page in pages]
    if georeference := build_embedded_page(item, view, addresses):
        canvas.setdefault("annotations", []).append(georeference)
    canvas |= view_downloads(item, view, addresses)
    return canvas


def _canvas_summary(view: PublishedView) -> LanguageMap:
    summary: LanguageMap = {}
    for description in view.notes.descriptions:
        language = description.text.language or NO_LANGUAGE
        words = description.text.value
        if words and description.author is Author.MACHINE:
            words = _BY_MACHINE.get(language, _BY_MACHINE["en"]).format(words)
        if words:
            summary.setdefault(language, []).append(words)
    return summary


def _image_format(address: str) -> str:
    ending = address.rpartition(".")[2].lower()
    return {"svg": "image/svg+xml", "jpg": "image/jpeg", "jpeg": "image/jpeg", "webp": "image/webp"}.get(
        ending, "image/png"
    )
