"""Servers whose answers are wrong in status, headers, methods or addresses, whatever their bodies are."""

import re
from collections.abc import Callable
from dataclasses import replace

from tests.conformance.image.breaking import BASE, Asked, Broken, Make, Sent, asking, sending


def without_slash(asked: Asked) -> Asked:
    """Take an encoded slash for a slash."""
    return replace(asked, path=asked.path.replace("%2F", "/"))


def without_conditions(asked: Asked) -> Asked:
    """Pay no heed to what the client has already."""
    return replace(asked, headers=tuple(pair for pair in asked.headers if not pair[0].startswith("if-")))


def always_stale(asked: Asked, sent: Sent) -> Sent:
    """Give everything the same ETag."""
    return sent.with_header("etag", '"1"') if "etag" in dict(sent.headers) else sent


def never_changed(asked: Asked, sent: Sent) -> Sent:
    """Say 304 to whoever has anything."""
    conditions = any(name == "if-none-match" for name, _ in asked.headers)
    return replace(sent, status=304, body=b"") if conditions and sent.status == 200 else sent


def swap(name: str, *values: str) -> Callable[[Asked, Sent], Sent]:
    """Return what gives every response these lines of a header."""
    return lambda asked, sent: sent.with_header(name, *values)


def states(change: Callable[[int], int]) -> Callable[[Asked, Sent], Sent]:
    """Return what changes the status."""
    return lambda asked, sent: replace(sent, status=change(sent.status))


def served_base(asked: Asked) -> Asked:
    """Serve info.json at the base URI itself."""
    return replace(asked, path=f"{asked.path}/info.json") if BASE.fullmatch(asked.path) else asked


def uncanonical(asked: Asked, sent: Sent) -> Sent:
    """Leave the canonical address out of Link."""
    kept = [re.sub(r'<[^>]*>;\s*rel="canonical",?\s*', "", value) for name, value in sent.headers if name == "link"]
    return sent.with_header("link", *kept)


def plain_everything(asked: Asked, sent: Sent) -> Sent:
    """Say of every image that it is a JPEG."""
    return sent.with_header("content-type", "image/jpeg") if sent.media_type.startswith("image/") else sent


def one_json(asked: Asked, sent: Sent) -> Sent:
    """Send info.json as text."""
    return sent.with_header("content-type", "text/json") if "json" in sent.media_type else sent


def speechless(asked: Asked, sent: Sent) -> Sent:
    """Say nothing about an error."""
    return sent.with_body(b"") if sent.status >= 400 else sent


def cors_of_errors(asked: Asked, sent: Sent) -> Sent:
    """Keep errors from being read across sites."""
    return sent.with_header("access-control-allow-origin") if sent.status >= 400 else sent


def other_location(change: Callable[[str], str]) -> Callable[[Asked, Sent], Sent]:
    """Return what changes where redirects lead."""

    def send(asked: Asked, sent: Sent) -> Sent:
        found = dict(sent.headers).get("location")
        return sent if found is None else sent.with_header("location", change(found))

    return send


def where(condition: Callable[[Asked, Sent], bool], change: Callable[[Asked, Sent], Sent]) -> Make:
    """Return what changes some of the responses."""
    return sending(lambda asked, sent: change(asked, sent) if condition(asked, sent) else sent)


def refuse(asked: Asked, sent: Sent) -> Sent:
    """Say that the method is not for this address."""
    return replace(sent, status=405).with_body(b"This method is not offered here.")


def is_info(asked: Asked, sent: Sent) -> bool:
    """Tell whether this is info.json."""
    return "json" in sent.media_type


def is_image(asked: Asked, sent: Sent) -> bool:
    """Tell whether this is an image."""
    return sent.media_type.startswith("image/")


def is_error(asked: Asked, sent: Sent) -> bool:
    """Tell whether this is an error."""
    return sent.status >= 400


def is_withdrawn(asked: Asked, sent: Sent) -> bool:
    """Tell whether this says that something is gone."""
    return sent.status == 410


def is_redirect(asked: Asked, sent: Sent) -> bool:
    """Tell whether this leads elsewhere."""
    return 300 < sent.status < 304


def method_as(name: str, other: str) -> Make:
    """Return what answers one method as if it were another."""
    return asking(lambda asked: replace(asked, method=other) if asked.method == name else asked)


def written(pattern: str, other: str) -> Make:
    """Return what reads addresses wrongly."""
    return asking(lambda asked: replace(asked, path=re.sub(pattern, other, asked.path)))


def accepting(accept: str) -> Make:
    """Return what sends everybody the info.json of those who ask like this."""

    def ask(asked: Asked) -> Asked:
        if not asked.path.endswith("/info.json"):
            return asked
        kept = tuple(pair for pair in asked.headers if pair[0] != "accept")
        return replace(asked, headers=(*kept, ("accept", accept)))

    return asking(ask)


def lower_link(asked: Asked, sent: Sent) -> Sent:
    """Link to a lower level than is reached."""
    links = [value.replace("level2.json", "level1.json") for name, value in sent.headers if name == "link"]
    return sent.with_header("link", *links)


def length_of(asked: Asked, sent: Sent) -> Sent:
    """Tell of everything that it is a byte longer."""
    length = dict(sent.headers).get("content-length")
    return sent if length is None else sent.with_header("content-length", str(int(length) + 1))


CORS = "access-control-allow-origin"
OF_BOTH: dict[str, Make] = {
    "encoded slash separates": asking(without_slash),
    "decoded twice": written("%25", "%"),
    "encoded comma not known": written("%2[Cc]", "x"),
    "encoded name not known": written("%76", "x"),
    "encoded ? begins a query": written("%3F", "?"),
    "info.xml too": written(r"info\.xml$", "info.json"),
    "info too": written(r"/info$", "/info.json"),
    "base URI answers 200": asking(served_base),
    "base URI leads elsewhere": sending(other_location(lambda found: found + "ld")),
    "base URI leads to another server": sending(other_location(lambda found: found.replace("//", "//www."))),
    "base URI is not known": where(is_redirect, lambda asked, sent: replace(sent, status=404)),
    "302 for 303": sending(states(lambda status: 302 if status == 303 else status)),
    "redirect without a place": where(is_redirect, swap("location")),
    "redirect with a body": where(is_redirect, lambda asked, sent: sent.with_body(b"It lies elsewhere.")),
    "GET refused": where(lambda asked, sent: asked.method == "GET", refuse),
    "GET refused for what is made": where(lambda asked, sent: is_image(asked, sent) and "/gray." in asked.path, refuse),
    "POST served": method_as("POST", "GET"),
    "HEAD with a body": method_as("HEAD", "GET"),
    "OPTIONS refused": where(lambda asked, sent: asked.method == "OPTIONS", refuse),
    "no methods told": sending(swap("access-control-allow-methods")),
    "no CORS": sending(swap(CORS)),
    "CORS twice": sending(swap(CORS, "*", "*")),
    "CORS for one site": sending(swap(CORS, "https://example.org")),
    "no CORS on errors": sending(cors_of_errors),
    "what was withdrawn is not known": sending(states(lambda status: 404 if status == 410 else status)),
    "what was withdrawn is served": where(is_withdrawn, lambda asked, sent: replace(sent, status=200)),
    "no CORS on what was withdrawn": where(is_withdrawn, swap(CORS)),
    "no CORS on images": where(is_image, swap(CORS)),
    "no CORS on info.json": where(is_info, swap(CORS)),
    "no CORS on redirects": where(is_redirect, swap(CORS)),
    "200 for an error": sending(states(lambda status: 200 if status >= 400 else status)),
    "404 for a bad request": sending(states(lambda status: 404 if status == 400 else status)),
    "400 for what is not there": sending(states(lambda status: 400 if status == 404 else status)),
    "500 for a bad request": sending(states(lambda status: 500 if status == 400 else status)),
    "info.json is gone": where(is_info, lambda asked, sent: replace(sent, status=404)),
    "errors without words": sending(speechless),
    "errors as JSON": where(is_error, swap("content-type", "application/json")),
    "no canonical link": sending(uncanonical),
    "link to a lower level": sending(lower_link),
    "no links": sending(swap("link")),
    "every image a JPEG": sending(plain_everything),
    "images as bytes": where(is_image, swap("content-type", "application/octet-stream")),
    "info.json as text": sending(one_json),
    "JSON-LD for all": accepting("application/ld+json"),
    "plain JSON for all": accepting("application/json"),
    "no length": sending(swap("content-length")),
    "length of another": sending(length_of),
    "no ETag": sending(swap("etag")),
    "one ETag for all": sending(always_stale),
    "no date": sending(swap("last-modified")),
    "never 304": asking(without_conditions),
    "always 304": lambda real: Broken(real, ask=without_conditions, send=never_changed),
}

OF_3: dict[str, Make] = {
    "no Vary": sending(swap("vary")),
    "JSON-LD without its profile": where(is_info, swap("content-type", "application/ld+json")),
}

OF_2: dict[str, Make] = {
    "images to be saved as files": where(is_image, swap("content-disposition", 'attachment; filename="image.jpg"')),
}
