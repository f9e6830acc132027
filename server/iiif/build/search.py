"""Search results as the two Content Search APIs write them (iiif.io/api/search/2.0 and 1.0), and their services.

A hit has one annotation for each line that it runs over. In 2.0 (§4.2) these are the `items` of an annotation page, and
what stands before and after each hit is in `annotations` (§4.3), one annotation for each hit; in 1.0 (§3.3, §3.4) they
are `resources` of an annotation list, and `hits` say which belong together. Totals are told where they were counted, and
left out where they were not: both versions allow that. What all pages make together is a fragment of the first page's
address: two things never have the same identifier. Pure.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from server.model.addresses import Addresses
from server.model.hits import Hit, Mark, Place, Results, Term

SEARCH_2 = "http://iiif.io/api/search/2/context.json"
SEARCH_1 = "http://iiif.io/api/search/1/context.json"
PRESENTATION_2 = "http://iiif.io/api/presentation/2/context.json"

_PROFILE_1 = "http://iiif.io/api/search/1"


def build_services(addresses: Addresses, scope: str) -> list[dict[str, Any]]:
    """Return the search services of a manifest or collection: 2.0 (§3), then 1.0 (§3.1), each with its autocomplete."""
    return [
        {
            "id": addresses.search(scope, 2),
            "type": "SearchService2",
            "service": [{"id": addresses.autocomplete(scope, 2), "type": "AutoCompleteService2"}],
        },
        {
            "@context": SEARCH_1,
            "@id": addresses.search(scope, 1),
            "@type": "SearchService1",
            "profile": f"{_PROFILE_1}/search",
            "service": {
                "@id": addresses.autocomplete(scope, 1),
                "@type": "AutoCompleteService1",
                "profile": f"{_PROFILE_1}/autocomplete",
            },
        },
    ]


def build_page_2(
    results: Results,
    address: str,
    asked: Mapping[str, str],
    ignored: Sequence[str],
    addresses: Addresses,
    *,
    names_manifests: bool,
) -> dict[str, Any]:
    """Return an annotation page of 2.0. `asked` are the parameters that count; `names_manifests` for hits of many items."""
    whole = _link(address, asked)
    page: dict[str, Any] = {
        "@context": SEARCH_2,
        "id": _page_link(address, asked, results.place),
        "type": "AnnotationPage",
    }
    marks = sum(len(hit.marks) for hit in results.hits)
    if _is_paged(results):
        collection: dict[str, Any] = {"id": f"{whole}#annotations", "type": "AnnotationCollection"}
        if results.marks_total is not None:
            collection["total"] = results.marks_total
        collection["first"] = {"id": _page_link(address, asked, Place()), "type": "AnnotationPage"}
        if results.last is not None:
            collection["last"] = {"id": _page_link(address, asked, results.last), "type": "AnnotationPage"}
        page["partOf"] = collection
        for key, place in (("next", results.following), ("prev", results.previous)):
            if place is not None:
                page[key] = {"id": _page_link(address, asked, place), "type": "AnnotationPage"}
        if results.mark_start is not None:
            page["startIndex"] = results.mark_start
    else:
        total = {"id": f"{whole}#annotations", "type": "AnnotationCollection", "total": marks}
        page["partOf"] = total | {"first": {"id": page["id"], "type": "AnnotationPage"}}
        page["startIndex"] = 0
    if ignored:
        page["ignored"] = list(ignored)
    page["items"] = [
        {
            "id": _mark_id(hit, mark, addresses, 3),
            "type": "Annotation",
            "motivation": "supplementing",
            "body": {"type": "TextualBody", "value": mark.text, "format": "text/plain"},
            "target": _target_2(hit, mark, addresses, names_manifests=names_manifests),
        }
        for hit in results.hits
        for mark in hit.marks
    ]
    if results.hits:
        around: dict[str, Any] = {"id": f"{page['id']}#around", "type": "AnnotationPage"}
        if results.hits_total is not None:
            around["partOf"] = {"id": f"{whole}#hits", "type": "AnnotationCollection", "total": results.hits_total}
        around["items"] = [_context_2(hit, addresses) for hit in results.hits]
        page["annotations"] = [around]
    return page


def build_page_1(
    results: Results,
    address: str,
    asked: Mapping[str, str],
    ignored: Sequence[str],
    addresses: Addresses,
    *,
    names_manifests: bool,
    presentation: int = 3,
) -> dict[str, Any]:
    """Return an annotation list of 1.0; its canvases are those of the manifest in the version `presentation`."""
    layer: dict[str, Any] = {"@id": f"{_link(address, asked)}#annotations", "@type": "sc:Layer"}
    if results.hits_total is not None:
        layer["total"] = results.hits_total
    if ignored:
        layer["ignored"] = list(ignored)
    layer["first"] = _page_link(address, asked, Place())
    if results.last is not None:
        layer["last"] = _page_link(address, asked, results.last)
    page: dict[str, Any] = {
        "@context": [PRESENTATION_2, SEARCH_1],
        "@id": _page_link(address, asked, results.place),
        "@type": "sc:AnnotationList",
        "within": layer,
    }
    for key, place in (("next", results.following), ("prev", results.previous)):
        if place is not None:
            page[key] = _page_link(address, asked, place)
    page["startIndex"] = results.place.start
    page["resources"] = [
        {
            "@id": _mark_id(hit, mark, addresses, presentation),
            "@type": "oa:Annotation",
            "motivation": "sc:painting",
            "resource": {"@type": "cnt:ContentAsText", "format": "text/plain", "chars": mark.text},
            "on": _target_1(hit, mark, addresses, presentation, names_manifests=names_manifests),
        }
        for hit in results.hits
        for mark in hit.marks
    ]
    page["hits"] = [
        {
            "@type": "search:Hit",
            "annotations": [_mark_id(hit, mark, addresses, presentation) for mark in hit.marks],
            "match": hit.match,
            "before": hit.before,
            "after": hit.after,
        }
        for hit in results.hits
    ]
    return page


def build_terms_2(
    terms: Sequence[Term], address: str, search: str, asked: Mapping[str, str], ignored: Sequence[str]
) -> dict[str, Any]:
    """Return a term page of 2.0 (§5.2). `search` is the address of the search service."""
    page: dict[str, Any] = {"@context": SEARCH_2, "id": _link(address, asked), "type": "TermPage"}
    if ignored:
        page["ignored"] = list(ignored)
    page["items"] = [
        {
            "type": "Term",
            "value": term.word,
            **({"total": term.hits} if term.hits is not None else {}),
            "service": [{"id": _link(search, {"q": _query_of(term)}), "type": "SearchService2"}],
        }
        for term in terms
    ]
    return page


def build_terms_1(
    terms: Sequence[Term], address: str, search: str, asked: Mapping[str, str], ignored: Sequence[str]
) -> dict[str, Any]:
    """Return a term list of 1.0 (§4.3)."""
    page: dict[str, Any] = {"@context": SEARCH_1, "@id": _link(address, asked), "@type": "search:TermList"}
    if ignored:
        page["ignored"] = list(ignored)
    page["terms"] = [
        {
            "@type": "search:Term",
            "match": _query_of(term),
            "url": _link(search, {"q": _query_of(term)}),
            **({"count": term.hits} if term.hits is not None else {}),
        }
        for term in terms
    ]
    return page


def _is_paged(results: Results) -> bool:
    return results.place.start > 0 or results.following is not None or results.hits_total is None


def _query_of(term: Term) -> str:
    return f'"{term.word}"' if " " in term.word else term.word


def _link(address: str, asked: Mapping[str, str]) -> str:
    return f"{address}?{urlencode(asked)}"


def _page_link(address: str, asked: Mapping[str, str], place: Place) -> str:
    where: dict[str, str] = {}
    if place.start or place.view is not None:
        where["start"] = str(place.start)
    if place.view is not None:
        where["from"] = f"{place.view}.{place.within}"
    return _link(address, {**asked, **where})


def _mark_id(hit: Hit, mark: Mark, addresses: Addresses, version: int) -> str:
    """Return the address of an annotation: a fragment of the view's text page, so that it answers."""
    # a mark on the view that follows is known by the words of the view where its hit begins
    place = addresses.part(hit.name, f"f{mark.number}/text", version)
    begin = hit.marks[0]
    which = f"words-{begin.number}-{begin.first}-{mark.first}-{mark.last}"
    return f"{place}#{which}"


def _fragment(mark: Mark) -> str:
    return f"#xywh={mark.box.xywh}" if mark.box is not None else ""


def _target_2(hit: Hit, mark: Mark, addresses: Addresses, *, names_manifests: bool) -> Any:
    canvas = addresses.canvas(hit.name, mark.number) + _fragment(mark)
    if not names_manifests:
        return canvas
    manifest = {"id": addresses.manifest(hit.name), "type": "Manifest", "label": dict(hit.label)}
    return {"id": canvas, "type": "Canvas", "partOf": manifest}


def _target_1(hit: Hit, mark: Mark, addresses: Addresses, presentation: int, *, names_manifests: bool) -> Any:
    canvas = addresses.canvas(hit.name, mark.number, presentation) + _fragment(mark)
    if not names_manifests:
        return canvas
    label = next((values[0] for values in hit.label.values() if values), hit.name)
    return {
        "@id": canvas,
        "@type": "sc:Canvas",
        "within": {"@id": addresses.manifest(hit.name, presentation), "@type": "sc:Manifest", "label": label},
    }


def _context_2(hit: Hit, addresses: Addresses) -> dict[str, Any]:
    """Return what stands around a hit: `contextualizing` where it is one annotation (§4.3.1).

    One that runs over lines is `highlighting`, with a target for each of its annotations (§4.3.4).
    """
    targets = []
    for number, mark in enumerate(hit.marks):
        selector: dict[str, str] = {"type": "TextQuoteSelector"}
        if number == 0:
            selector["prefix"] = hit.before
        selector["exact"] = mark.text
        if number == len(hit.marks) - 1:
            selector["suffix"] = hit.after
        source = _mark_id(hit, mark, addresses, 3)
        targets.append({"type": "SpecificResource", "source": source, "selector": [selector]})
    return {
        "id": _mark_id(hit, hit.marks[0], addresses, 3) + "-around",
        "type": "Annotation",
        "motivation": "highlighting" if len(targets) > 1 else "contextualizing",
        "target": targets if len(targets) > 1 else targets[0],
    }
