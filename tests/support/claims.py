"""What a link claims, compared with what its address answers: status, type, format, size, the document's own id, CORS."""

import io
from collections.abc import Iterator
from urllib.parse import urljoin

from lxml import etree
from PIL import Image

from tests.support.crawling import Answer, Crawl, Link, own_type

_OAI_ERROR = "{http://www.openarchives.org/OAI/2.0/}error"
_IMAGES = {"Image", "dctypes:Image"}
_FILES = {"Text", "Dataset", ""}
"""Types of what is no JSON of ours: their format says what they are."""


def find_faults(crawl: Crawl) -> list[str]:
    """Return a sentence for everything that is not as it was claimed, with the places where it is linked."""
    found = []
    for asked, links in sorted(crawl.links.items()):
        answer = crawl.arrive(asked)
        faults = list(dict.fromkeys([*_faults(asked[0], answer), *_broken_claims(answer, links)]))
        if faults:
            places = sorted({link.where for link in links})
            shown = ", ".join(places[:3]) + (f" and {len(places) - 3} more" if len(places) > 3 else "")
            found.append(f"{asked[0]}: {'; '.join(faults)} (linked from {shown})")
    return found


def _faults(asked: str, answer: Answer) -> Iterator[str]:
    """Yield what is wrong whoever links there."""
    if answer.status != 200:
        yield f"status {answer.status}"
        return
    if not answer.body:
        yield "an empty body"
    if answer.media_type != "text/html" and "/static/" not in answer.address:
        allowed = answer.header("access-control-allow-origin")
        if allowed != "*":
            yield f"Access-Control-Allow-Origin is {allowed!r}"
    if answer.is_json:
        document = answer.document
        own = document.get("id") or document.get("@id")
        neutral = urljoin(answer.address, answer.header("content-location"))
        if answer.header("memento-datetime"):  # what was published stands under the address of what it is a version of
            neutral = own if f'<{own}>; rel="original"' in answer.header("link") else neutral
        if own not in {asked, answer.address, neutral, answer.address.removesuffix("/info.json")}:
            yield f"its own id is {own}"
        if not own_type(document) and "/api/" not in answer.address:
            yield "it does not say what it is"
    elif answer.media_type in ("text/xml", "application/xml"):
        error = etree.fromstring(answer.body).find(_OAI_ERROR)
        if error is not None and "?" in asked:
            yield f"OAI-PMH error {error.get('code')}: {error.text}"


def _broken_claims(answer: Answer, links: list[Link]) -> Iterator[str]:
    """Yield which claims of those who link there are not true."""
    if answer.status != 200:
        return
    for link in links:
        if link.type in _IMAGES:
            yield from _not_the_image(answer, link)
        elif link.type not in _FILES:
            own = own_type(answer.document) if answer.is_json else answer.media_type
            if own != link.type and not _says_it_otherwise(link, own):
                yield f"it is said to be a {link.type} and is a {own}"
        if link.format and not _is_of_format(answer, link.format):
            yield f"it is said to be {link.format} and is {answer.header('content-type')}"


def _says_it_otherwise(link: Link, own: str) -> bool:
    """Whether a document has other words than the Presentation API of its target.

    Change Discovery says `Manifest` of all versions (§3.4), Content Search 1.0 `sc:Manifest`, also of what it finds in 3.0.
    """
    is_one_of_them = "/iiif/discovery/" in link.where or "/iiif/search/1/" in link.where
    return is_one_of_them and own.removeprefix("sc:") == link.type.removeprefix("sc:")


def _not_the_image(answer: Answer, link: Link) -> Iterator[str]:
    if answer.media_type == "image/svg+xml":
        if etree.fromstring(answer.body).tag != "{http://www.w3.org/2000/svg}svg":
            yield "it is no SVG"
        return
    try:
        with Image.open(io.BytesIO(answer.body)) as image:
            size = image.size
    except OSError:
        yield f"it is said to be an image and is {answer.media_type}"
        return
    if link.size and size != link.size:
        yield f"it is said to be {link.size} pixels large and is {size}"


def _is_of_format(answer: Answer, claimed: str) -> bool:
    """Whether the content type is the claimed one; parameters that were not claimed may be there."""
    if "profile=" in claimed:
        return answer.header("content-type").replace(" ", "") == claimed.replace(" ", "")
    return answer.media_type == claimed
