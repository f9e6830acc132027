"""Whether a dict is a manifest: the shape by iiif_prezi3, the references by ourselves.

The only module that imports iiif_prezi3: its models check 1 000 canvases in a fraction of a second, while building
through its helpers takes seconds. Used when an item is published, never in a request. Loading it takes longer than all
that many a command does, so it is loaded when the first document is checked.
"""

import gc
from collections import Counter
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ValidationError

from server.errors import PublicationRefused
from server.iiif.build.collection import TOP, collection_head
from server.iiif.build.collection2 import MANIFESTS, convert_head, convert_member
from server.iiif.build.validate2 import validate_collection_2
from server.model.addresses import Addresses

_SHOWN = 5
_RIGHTS = ("http://creativecommons.org/", "http://rightsstatements.org/")


def validate_manifest(document: dict[str, Any]) -> None:
    """Raise PublicationRefused, saying what is wrong, unless the document is a sound Presentation 3.0 manifest."""
    from iiif_prezi3 import Manifest  # type: ignore[import-untyped]  # it ships no types

    _validate(Manifest, document)
    faults = list(_faults(document))
    if faults:
        raise PublicationRefused(_sentence(document, faults))


def validate_collection(document: dict[str, Any]) -> None:
    """Raise PublicationRefused unless the document is a Presentation 3.0 collection."""
    from iiif_prezi3 import Collection

    _validate(Collection, document)


def validate_entry(entry: dict[str, Any], addresses: Addresses) -> None:
    """Raise PublicationRefused unless the entry makes a valid collection in both versions."""
    head = collection_head(TOP, {"fr": TOP}, addresses, part_of=None)
    validate_collection({**head, "items": [entry]})
    validate_collection_2({**convert_head(head, addresses), MANIFESTS: [convert_member(entry, addresses)]})


def validate_text_page(document: dict[str, Any]) -> None:
    """Raise PublicationRefused unless the document is a Presentation 3.0 annotation page."""
    from iiif_prezi3 import AnnotationPage

    _validate(AnnotationPage, document)


def _validate(model: type[BaseModel], document: dict[str, Any]) -> None:
    collecting = gc.isenabled()
    # a third of the time would go into looking for cycles among the thousands of values that are made, and there are none
    gc.disable()
    try:
        model.model_validate(document)
    except ValidationError as error:
        faults = [f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}" for fault in error.errors()]
        raise PublicationRefused(_sentence(document, faults)) from None
    finally:
        if collecting:
            gc.enable()


def _faults(document: dict[str, Any]) -> Iterator[str]:
    """What the models let pass: identifiers given twice, references that lead nowhere, rights outside the registry."""
    canvases = [canvas["id"] for canvas in document["items"]]
    if not canvases:
        yield "items: a manifest needs a canvas"
    minted = Counter([document["id"], *canvases, *_ranges(document.get("structures", []))])
    yield from (f"{address} is the id of {times} things" for address, times in minted.items() if times > 1)
    known = set(canvases)
    for address in _canvases_of_ranges(document.get("structures", [])):
        if address.partition("#")[0] not in known:
            yield f"structures: {address} is no canvas of this manifest"
    start = document.get("start")
    if start and start["id"] not in known:
        yield f"start: {start['id']} is no canvas of this manifest"
    rights = document.get("rights", _RIGHTS[0])
    if not rights.startswith(_RIGHTS):
        yield f"rights: {rights} is not the http:// address of a Creative Commons or RightsStatements.org statement"
    for canvas in document["items"]:
        for page in canvas.get("items", []):
            for annotation in page["items"]:
                if annotation["target"] != canvas["id"]:
                    yield f"{annotation['id']}: it paints {annotation['target']}, not its canvas"


def _ranges(structures: list[dict[str, Any]]) -> Iterator[str]:
    for member in structures:
        if member.get("type") == "Range":
            yield member["id"]
            yield from _ranges(member.get("items", []))


def _canvases_of_ranges(structures: list[dict[str, Any]]) -> Iterator[str]:
    for member in structures:
        if member.get("type") == "Canvas":
            yield member["id"]
        yield from _canvases_of_ranges(member.get("items", []))


def _sentence(document: dict[str, Any], faults: list[str]) -> str:
    more = f"; and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
    kind = str(document.get("type", "document")).lower()
    return f"{document.get('id', 'a document')} is not a valid IIIF {kind}: {'; '.join(faults[:_SHOWN])}{more}"
