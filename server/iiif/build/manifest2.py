"""A manifest of Presentation API 2.1 (iiif.io/api/presentation/2.1), from the finished one of 3.0.

One builder decides what a document says; this only says it in the words of 2.1, so that the two never differ (decision
12). Whatever the builder adds to 3.0 and 2.1 has a word for is here without further doing. Addresses are those of 3.0 with
`/2/` in place of `/3/`. Pure.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from server.iiif.build.properties2 import CONTEXT, hint, picture, second, shared_properties
from server.model.addresses import Addresses

SEQUENCE = "sequence/normal"
"""Path of the one sequence below a manifest: §5.2 names it so."""


def convert_manifest(manifest: Mapping[str, Any], addresses: Addresses, terms: str = "") -> dict[str, Any]:
    """Return the manifest of 2.1. `manifest` is one of 3.0 as `build_manifest` makes it, under the same addresses.

    `terms` is the address of terms of use that `rights` of 3.0 may not hold and `license` of 2.1 may (Licence Ouverte).
    """
    found: dict[str, Any] = {
        "@context": CONTEXT,
        "@id": second(manifest["id"], addresses),
        "@type": "sc:Manifest",
        **shared_properties(manifest, addresses),
    }
    if terms and "license" not in found:
        found["license"] = terms
    if "navDate" in manifest:
        found["navDate"] = manifest["navDate"]
    told = {name: manifest[name] for name in ("viewingDirection",) if name in manifest} | hint(manifest)
    found |= told
    found["sequences"] = [_sequence(manifest, told, addresses)]
    if structures := list(_ranges(manifest.get("structures", []), addresses)):
        found["structures"] = structures
    return found


def _sequence(manifest: Mapping[str, Any], told: Mapping[str, str], addresses: Addresses) -> dict[str, Any]:
    sequence: dict[str, Any] = {
        "@id": second(manifest["id"], addresses).removesuffix("manifest") + SEQUENCE,
        "@type": "sc:Sequence",
        **told,
    }
    if "start" in manifest:
        sequence["startCanvas"] = second(manifest["start"]["id"], addresses)
    sequence["canvases"] = [_canvas(canvas, addresses) for canvas in manifest["items"]]
    return sequence


def _canvas(canvas: Mapping[str, Any], addresses: Addresses) -> dict[str, Any]:
    address = second(canvas["id"], addresses)
    found: dict[str, Any] = {
        "@id": address,
        "@type": "sc:Canvas",
        **shared_properties(canvas, addresses),
        "width": canvas["width"],
        "height": canvas["height"],
        **hint(canvas),
        "images": [
            {
                "@id": second(annotation["id"], addresses),
                "@type": "oa:Annotation",
                "motivation": "sc:painting",
                "resource": picture(annotation["body"], addresses),
                "on": address,
            }
            for page in canvas.get("items", [])
            for annotation in page["items"]
        ],
    }
    if lists := [_list(page, addresses) for page in canvas.get("annotations", []) if _is_text(page)]:
        found["otherContent"] = lists
    return found


def _is_text(page: Mapping[str, Any]) -> bool:
    """Whether an annotation page has a list of 2.1: the text by lines has, other annotations of 3.0 have none."""
    return str(page["id"]).endswith("/text")


def _list(page: Mapping[str, Any], addresses: Addresses) -> dict[str, Any]:
    return {
        "@id": second(page["id"], addresses),
        "@type": "sc:AnnotationList",
        **{name: value for name, value in shared_properties(page, addresses).items() if name == "label"},
    }


def _ranges(structures: list[Mapping[str, Any]], addresses: Addresses) -> Iterator[dict[str, Any]]:
    """Yield every range of the trees in one flat list (§5.6): each names the ranges and the canvases right below it."""
    pending = [(tree, True) for tree in reversed(structures)]
    while pending:
        division, is_top = pending.pop()
        members = division.get("items", [])
        found: dict[str, Any] = {
            "@id": second(division["id"], addresses),
            "@type": "sc:Range",
            **shared_properties(division, addresses),
            **({"viewingHint": "top"} if is_top else {}),
        }
        below = [member for member in members if member["type"] == "Range"]
        if below:
            found["ranges"] = [second(member["id"], addresses) for member in below]
        if canvases := [_place(member, addresses) for member in members if member["type"] != "Range"]:
            found["canvases"] = canvases
        yield found
        pending.extend((member, False) for member in reversed(below))


def _place(member: Mapping[str, Any], addresses: Addresses) -> str:
    """Return a canvas or a region of one, with its `#xywh=` fragment; 3.0 may also write it as a specific resource."""
    if member["type"] != "SpecificResource":
        return second(member["id"], addresses)
    source, selector = member["source"], member.get("selector", {})
    address = second(source if isinstance(source, str) else source["id"], addresses)
    is_fragment = selector.get("type") == "FragmentSelector"
    return f"{address}#{selector['value']}" if is_fragment else address
