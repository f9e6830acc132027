"""The JSON search (`/api/1/search`): what the search page shows, for other portals and catalogues. Pure.

Documented in docs/reference/search-json.md: what stands there stays as long as the address has a 1.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from server.model.addresses import Addresses
from server.model.hits import Hit
from server.portal.finding import collection_of, place_of
from server.portal.pictures import found_picture
from server.search.library.find import PAGE_SIZE, Document, Found
from server.search.shown import region_of


def write_answer(found: Found, addresses: Addresses, names: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """Return a page of results as JSON: addresses are absolute, documents are named by their ARK.

    `names` are the labels of the collections that facets name.
    """
    asked, pages = found.asked, found.pages
    answer: dict[str, Any] = {
        "id": _address(found, asked.page, addresses),
        "query": dict(asked.words),
        "sort": asked.sort,
        "total": found.total,
        "exact": not found.is_loose,
        "page": asked.page,
        "pages": pages,
        "documents": [_document(each, addresses) for each in found.documents],
        "facets": {
            facet.name: {
                "more": facet.has_more,
                "values": [
                    {"value": count.value, "documents": count.documents, "chosen": count.is_chosen}
                    | _label(names.get(collection_of(facet.name, count.value)))
                    for count in facet.counts
                ],
            }
            for facet in found.facets
        },
    }
    if asked.page > 1:
        answer["previous"] = _address(found, asked.page - 1, addresses)
    if asked.page < pages:
        answer["next"] = _address(found, asked.page + 1, addresses)
    return answer


def _label(labels: Mapping[str, str] | None) -> dict[str, Any]:
    return {"label": dict(labels)} if labels else {}


def _address(found: Found, page: int, addresses: Addresses) -> str:
    parameters = found.asked.at(page).parameters
    if found.size != PAGE_SIZE:
        parameters.append(("size", str(found.size)))
    return f"{addresses.base}/api/1/search" + (f"?{urlencode(parameters)}" if parameters else "")


def _document(document: Document, addresses: Addresses) -> dict[str, Any]:
    shown, name = document.shown, document.name
    picture = found_picture(shown, addresses)
    link = addresses.ark(name)
    told: dict[str, Any] = {
        "id": link,
        "ark": f"ark:/{addresses.naan}/{name}",
        "title": shown["title"],
        "language": shown["language"],
        "creators": shown["makers"],
        "date": {"edtf": shown["date"][0], "as_written": shown["date"][1]} if shown["date"] else None,
        "type": shown["type"],
        "institution": {"name": shown["institution"], "label": shown["holder"]},
        "views": shown["views"],
        "thumbnail": picture.address if picture else None,
        "manifest": addresses.manifest(name),
        "citations": {form: f"{addresses.base}/citations/{name}.{form}" for form in ("txt", "bib", "ris")},
        "unimarc_856": f"4#$u{link}$qtext/html$zDocument numérisé",
    }
    if document.hits:
        told["hits"] = [_hit(name, hit, addresses) for hit in document.hits]
        told["hit"] = told["hits"][0]
        told["views_with_hits"] = document.met_views
        told["more_hits"] = document.has_more
    return told


def _hit(name: str, hit: Hit, addresses: Addresses) -> dict[str, Any]:
    return {
        "before": hit.before,
        "match": hit.match,
        "after": hit.after,
        "view": hit.marks[0].number,
        "region": region_of(hit.marks) or None,
        "id": addresses.base + place_of(name, hit, Addresses("", addresses.naan, addresses.repository_id)),
    }
