"""Whether a dict is a manifest or a collection of Presentation API 2.1: the tables of its Appendix B, and the references.

No library checks 2.1 any more, so its tables stand here. Used when an item is published, never in a request.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from server.errors import PublicationRefused
from server.iiif.build.properties2 import CONTEXT

_SHOWN = 5
_DESCRIPTIVE = frozenset({"label", "metadata", "description", "thumbnail", "attribution", "license", "logo"})
_LINKING = frozenset({"seeAlso", "service", "related", "rendering", "within"})
_COMMON = _DESCRIPTIVE | _LINKING | {"@id", "@type", "viewingHint"}
_DIRECTIONS = frozenset({"left-to-right", "right-to-left", "top-to-bottom", "bottom-to-top"})


@dataclass(frozen=True, slots=True)
class _Rules:
    """What Appendix B says of one type. `parts` are the types of what its structural properties hold, whole."""

    required: frozenset[str]
    allowed: frozenset[str]
    hints: frozenset[str] = frozenset()
    parts: tuple[tuple[str, str], ...] = ()


_RULES: dict[str, _Rules] = {
    "sc:Manifest": _Rules(
        frozenset({"@id", "label", "sequences"}),
        frozenset({"navDate", "viewingDirection", "structures"}),
        frozenset({"individuals", "paged", "continuous"}),
        (("sequences", "sc:Sequence"), ("structures", "sc:Range")),
    ),
    "sc:Sequence": _Rules(
        frozenset({"canvases"}),
        frozenset({"viewingDirection", "startCanvas"}),
        frozenset({"individuals", "paged", "continuous"}),
        (("canvases", "sc:Canvas"),),
    ),
    "sc:Canvas": _Rules(
        frozenset({"@id", "label", "width", "height"}),
        frozenset({"images", "otherContent"}),
        frozenset({"non-paged", "facing-pages"}),
        (("images", "oa:Annotation"), ("otherContent", "sc:AnnotationList")),
    ),
    "oa:Annotation": _Rules(frozenset({"resource", "on", "motivation"}), frozenset()),
    "sc:AnnotationList": _Rules(frozenset({"@id"}), frozenset()),
    "sc:Range": _Rules(
        frozenset({"@id", "label"}),
        frozenset({"viewingDirection", "startCanvas", "ranges", "canvases", "members"}),
        frozenset({"individuals", "paged", "continuous", "top"}),
    ),
    "sc:Collection": _Rules(
        frozenset({"@id", "label"}),
        frozenset({"navDate", "collections", "manifests", "members"}),
        frozenset({"individuals", "multi-part", "top"}),
    ),
}


def validate_manifest_2(document: Mapping[str, Any]) -> None:
    """Raise PublicationRefused, saying what is wrong, unless the document is a sound Presentation 2.1 manifest."""
    _refuse(document, "manifest", [*_context(document), *_shape(document, "sc:Manifest"), *_references(document)])


def validate_collection_2(document: Mapping[str, Any]) -> None:
    """Raise PublicationRefused unless the document is a Presentation 2.1 collection; its members need id, type, label."""
    faults = [*_context(document), *_shape(document, "sc:Collection")]
    for name, kind in (("collections", "sc:Collection"), ("manifests", "sc:Manifest")):
        for member in document.get(name, []):
            missing = [key for key in ("@id", "@type", "label") if not member.get(key)]
            faults += [f"{name}: {member.get('@id')} has no {key}" for key in missing]
            if member.get("@type") not in (None, kind):
                faults.append(f"{name}: {member.get('@id')} is {member['@type']}, not {kind}")
            if "sequences" in member:
                faults.append(f"{name}: {member.get('@id')} is embedded; a collection only refers to manifests (§5.8)")
    _refuse(document, "collection", faults)


def _context(document: Mapping[str, Any]) -> Iterator[str]:
    if next(iter(document), None) != "@context" or document["@context"] != CONTEXT:
        yield f"@context: it comes first and is {CONTEXT} (§4.5)"


def _shape(node: Mapping[str, Any], kind: str) -> Iterator[str]:
    """Yield what Appendix B does not allow in a resource and in those that it holds."""
    rules, where = _RULES[kind], f"{kind} {node.get('@id', '')}".rstrip()
    if node.get("@type") != kind:
        yield f"{where}: its @type is {node.get('@type')}"
    yield from (f"{where}: it has no {name}" for name in sorted(rules.required) if not node.get(name))
    allowed = _COMMON | rules.required | rules.allowed | {"@context"}
    yield from (f"{where}: {name} is not allowed in it" for name in node if name not in allowed)
    if node.get("viewingHint") not in (None, *rules.hints):
        yield f"{where}: viewingHint {node['viewingHint']} is not of its type (§3.3)"
    if node.get("viewingDirection") not in (None, *_DIRECTIONS):
        yield f"{where}: viewingDirection {node['viewingDirection']} is unknown (§3.3)"
    if node.get("viewingHint") == "continuous" and "viewingDirection" not in node:
        yield f"{where}: what is continuous needs a viewingDirection (§3.3)"
    yield from (f"{where}: {name} is no whole number" for name in ("width", "height") if not _is_size(node, name))
    for name, part in rules.parts:
        for inner in node.get(name, []):
            if "@context" in inner:
                yield f"{where}: {name} has a context inside (§4.5)"
            yield from _shape(inner, part)


def _is_size(node: Mapping[str, Any], name: str) -> bool:
    return name not in node or (isinstance(node[name], int) and node[name] > 0)


def _references(manifest: Mapping[str, Any]) -> Iterator[str]:
    """Yield identifiers that are given twice, and references that lead nowhere."""
    sequences = manifest.get("sequences", [])
    canvases = [canvas.get("@id") for sequence in sequences for canvas in sequence.get("canvases", [])]
    ranges = [division.get("@id") for division in manifest.get("structures", [])]
    minted = Counter([manifest.get("@id"), *(sequence.get("@id") for sequence in sequences), *canvases, *ranges])
    yield from (f"{address} is the id of {times} things" for address, times in minted.items() if times > 1)
    known, divisions = set(canvases), set(ranges)
    for sequence in sequences:
        if sequence.get("startCanvas", canvases[0] if canvases else None) not in (*known, None):
            yield f"startCanvas: {sequence['startCanvas']} is no canvas of this manifest"
        for canvas in sequence.get("canvases", []):
            for annotation in canvas.get("images", []):
                if annotation.get("on") != canvas.get("@id") or annotation.get("motivation") != "sc:painting":
                    yield f"{annotation.get('@id')}: it does not paint its canvas (§5.4)"
    for division in manifest.get("structures", []):
        for address in division.get("canvases", []):
            if address.partition("#")[0] not in known:
                yield f"structures: {address} is no canvas of this manifest"
        yield from (
            f"structures: {address} is no range of this manifest"
            for address in division.get("ranges", [])
            if address not in divisions
        )


def _refuse(document: Mapping[str, Any], kind: str, faults: list[str]) -> None:
    if faults:
        more = f"; and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
        shown = "; ".join(faults[:_SHOWN])
        raise PublicationRefused(
            f"{document.get('@id', 'a document')} is not a valid IIIF {kind} of 2.1: {shown}{more}"
        )
