"""Where on our pages a content state leads: an item, a view of it, a collection; whichever of our addresses it names.

Manifests and canvases of both versions of the Presentation API and under the neutral address, ARKs with and without a
language. What is not ours leads nowhere here: the viewer shows it. Pure.
"""

import re
from dataclasses import dataclass, replace

from server.iiif.build.collection import TOP
from server.model.addresses import Addresses
from server.portal.content_state import ContentState

_NAME = r"(?P<name>[A-Za-z0-9._~*+@=$-]+)"
_VIEW = r"f(?P<view>[1-9][0-9]{0,5})"
_MANIFEST = re.compile(rf"/iiif/presentation/(?:[23]/)?{_NAME}/manifest")
_CANVAS = re.compile(rf"/iiif/presentation/[23]/{_NAME}/canvas/{_VIEW}(?:/.*)?")
_COLLECTION = re.compile(rf"/iiif/presentation/(?:[23]/)?collection/{_NAME}(?:,[0-9]+)?")
_ARK = re.compile(rf"(?:/(?:fr|en))?/ark:/?(?P<naan>[0-9a-z]+)/{_NAME}(?:/{_VIEW})?/?")


@dataclass(frozen=True, slots=True)
class ViewPlace:
    """An item, or a view of it where `view` is not 0; `region` is `x,y,w,h` in pixels of the view."""

    name: str
    view: int = 0
    region: str = ""


def find_view(state: ContentState, addresses: Addresses) -> ViewPlace | None:
    """Return the item or view of ours that a content state names; None where it names none."""
    document = _read(state.document, addresses)
    if document is None:
        return None
    canvas = _read(state.canvas, addresses) if state.canvas else None
    if canvas is not None and canvas.name == document.name:
        document = canvas
    # a region is one of a view: of a document it would be that of whichever view stands for it
    return replace(document, region=state.region if document.view else "")


def find_path(state: ContentState, addresses: Addresses) -> str | None:
    """Return the path, without its language, of the page of ours that shows a content state; None where there is none."""
    place = find_view(state, addresses)
    if place is not None:
        relative = replace(addresses, base="")
        path = relative.view(place.name, place.view) if place.view else relative.ark(place.name)
        return f"{path}#xywh={place.region}" if place.region else path
    collection = _COLLECTION.fullmatch(_below(state.document, addresses))
    if collection is None:
        return None
    return "/" if collection["name"] == TOP else f"/collections/{collection['name']}"


def for_viewer(state: ContentState, addresses: Addresses) -> ContentState:
    """Return a content state as a IIIF viewer can open it: an ARK or a canvas of ours by its manifest."""
    place = find_view(state, addresses)
    if place is None or _MANIFEST.fullmatch(_below(state.document, addresses)):
        return state
    canvas = addresses.canvas(place.name, place.view) if place.view else ""
    return ContentState(addresses.manifest(place.name), canvas, place.region)


def _read(address: str, addresses: Addresses) -> ViewPlace | None:
    path = _below(address, addresses)
    if found := _MANIFEST.fullmatch(path):
        return ViewPlace(found["name"])
    if found := _CANVAS.fullmatch(path):
        return ViewPlace(found["name"], int(found["view"]))
    found = _ARK.fullmatch(path)
    if found and found["naan"] == addresses.naan:
        return ViewPlace(found["name"], int(found["view"] or 0))
    return None


def _below(address: str, addresses: Addresses) -> str:
    """Return the path of an address below our base; empty for another's."""
    return address.removeprefix(addresses.base) if address.startswith(addresses.base + "/") else ""
