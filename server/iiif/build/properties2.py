"""The properties that everything of Presentation API 2.1 (§3) may have, from those of 3.0.

Language maps become values with `@language` (2.1 §4.3), links become objects with `@id`, image services are those of our
Image API 2.1. What 2.1 has no word for is left out: `navPlace`, Content Search 2.0, a provider's name (metadata and
attribution have it). Pure.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from server.iiif.build import info2
from server.iiif.build.words import NO_LANGUAGE
from server.model.addresses import Addresses

CONTEXT = "http://iiif.io/api/presentation/2/context.json"
IMAGE_TYPE = "dctypes:Image"

_WHOLE = "/full/max/0/default.jpg"
_WHOLE_2 = "/full/full/0/default.jpg"
"""The whole image at its own size: 2.0 has no `max`, and some viewers of that time know no other word."""

_SEARCH = "http://iiif.io/api/search/1/"
_HINTS = frozenset({"paged", "individuals", "continuous", "multi-part", "non-paged", "facing-pages"})
"""The behaviors of 3.0 that are hints of 2.1 (§3.3, `viewingHint`); the others mean nothing to a viewer of 2.1."""


def second(address: str, addresses: Addresses) -> str:
    """Return the address in version 2 of what has one in version 3: below our presentation and image APIs alone.

    Our Content Search 1.0 serves both: below `presentation-2/` its hits lie on the canvases of 2.1.
    """
    search = f"{addresses.base}/iiif/search/1/"
    if address.startswith(search):
        return f"{search}presentation-2/{address[len(search) :]}"
    for api in ("presentation", "image"):
        base = f"{addresses.base}/iiif/{api}/"
        if address.startswith(f"{base}3/"):
            moved = f"{base}2/{address[len(base) + 2 :]}"
            is_whole = api == "image" and moved.endswith(_WHOLE)
            return moved.removesuffix(_WHOLE) + _WHOLE_2 if is_whole else moved
    return address


def values(language_map: Mapping[str, Iterable[str]], *, is_markup: bool = True) -> Any:
    """Return the values of a language map: one alone, or a list. `is_markup` is false where no HTML is read (labels).

    A text that only looks like HTML gets a space behind it, as §4.4 says.
    """
    found: list[Any] = []
    for language, texts in language_map.items():
        for text in texts:
            shown = f"{text} " if not is_markup and text.startswith("<") and text.endswith(">") else text
            found.append(shown if language == NO_LANGUAGE else {"@value": shown, "@language": language})
    return one_or_all(found)


def one_or_all(found: list[Any]) -> Any:
    """Return a value alone without its list: many viewers of 2.1 take nothing else."""
    return found[0] if len(found) == 1 else found


def shared_properties(node: Mapping[str, Any], addresses: Addresses) -> dict[str, Any]:
    """Return what a resource of 3.0 says of itself, in the words of 2.1 and in the order of §3."""
    found: dict[str, Any] = {}
    if "label" in node:
        found["label"] = values(node["label"], is_markup=False)
    if node.get("metadata"):
        found["metadata"] = [
            {"label": values(pair["label"], is_markup=False), "value": values(pair["value"])}
            for pair in node["metadata"]
        ]
    if "summary" in node:
        found["description"] = values(node["summary"])
    if node.get("thumbnail"):
        found["thumbnail"] = one_or_all([picture(image, addresses) for image in node["thumbnail"]])
    if "requiredStatement" in node:
        found["attribution"] = values(node["requiredStatement"]["value"])
    if "rights" in node:
        found["license"] = node["rights"]
    logos = [logo["id"] for agent in node.get("provider", []) for logo in agent.get("logo", [])]
    if logos:
        found["logo"] = one_or_all(logos)
    related = [
        *node.get("homepage", []),
        *(page for agent in node.get("provider", []) for page in agent.get("homepage", [])),
    ]
    links = {"related": related, "rendering": node.get("rendering", []), "seeAlso": node.get("seeAlso", [])}
    found |= {name: one_or_all([_link(each) for each in linked]) for name, linked in links.items() if linked}
    if services := list(_services(node.get("service", []), addresses)):
        found["service"] = one_or_all(services)
    if within := [second(whole["id"], addresses) for whole in node.get("partOf", [])]:
        found["within"] = one_or_all(within)
    return found


def hint(node: Mapping[str, Any]) -> dict[str, str]:
    """Return the `viewingHint` of a resource of 3.0: the first of its behaviors that 2.1 knows."""
    known = [behavior for behavior in node.get("behavior", []) if behavior in _HINTS]
    return {"viewingHint": known[0]} if known else {}


def picture(image: Mapping[str, Any], addresses: Addresses) -> dict[str, Any]:
    """Return an image (2.1 §5.4) with its Image API 2.1 service; sizes in pixels, as they were."""
    found: dict[str, Any] = {"@id": second(image["id"], addresses), "@type": IMAGE_TYPE}
    found |= {name: image[name] for name in ("format", "width", "height") if name in image}
    if services := [_image_service(service, addresses) for service in image.get("service", [])]:
        found["service"] = one_or_all(services)
    return found


def _image_service(service: Mapping[str, Any], addresses: Addresses) -> dict[str, Any]:
    found: dict[str, Any] = {
        "@context": info2.CONTEXT,
        "@id": second(service["id"], addresses),
        "profile": info2.PROFILE_URI,
    }
    return found | ({"sizes": service["sizes"]} if "sizes" in service else {})


def _link(link: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"@id": link["id"]}
    if "label" in link:
        found["label"] = values(link["label"], is_markup=False)
    return found | {name: link[name] for name in ("format", "profile") if name in link}


def _services(services: Iterable[Mapping[str, Any]], addresses: Addresses) -> Iterator[dict[str, Any]]:
    """Yield the services that 2.1 can call: Content Search 1.0 (its §3.1 and §4.1), and those with a context of their own."""
    for service in services:
        address = str(service.get("@id") or service.get("id"))
        kind = service.get("@type") or service.get("type")
        if kind == "SearchService1":
            found: dict[str, Any] = {
                "@context": f"{_SEARCH}context.json",
                "@id": second(address, addresses),
                "profile": f"{_SEARCH}search",
            }
            if "label" in service:
                label = service["label"]
                found["label"] = values(label, is_markup=False) if isinstance(label, Mapping) else label
            completing = service.get("service", [])
            for inner in completing if isinstance(completing, list) else [completing]:
                completer = inner.get("@id") or inner.get("id")
                found["service"] = {"@id": second(completer, addresses), "profile": f"{_SEARCH}autocomplete"}
            yield found
        elif kind in ("ImageService2", "ImageService3"):
            yield _image_service({"id": address}, addresses)
