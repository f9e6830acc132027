"""What `?iiif-content=` asks a viewer to show (Content State API 1.0 §3): a manifest, a canvas in it, a region of that.

The value is the address of a manifest or collection, or an annotation as JSON, base64url-encoded as §6 says. Pure.
"""

import base64
import binascii
import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from server.errors import BadRequest

_LONGEST = 16_384
_XYWH = re.compile(r"xywh=(?:pixel:)?(\d+(?:\.\d+)?(?:,\d+(?:\.\d+)?){3})$", re.ASCII)
_DOCUMENTS = ("Manifest", "Collection")


@dataclass(frozen=True, slots=True)
class ContentState:
    """What to open. `canvas` is empty for the whole document; `region` is `x,y,w,h` in pixels of the canvas."""

    document: str
    canvas: str = ""
    region: str = ""


def read_content_state(value: str) -> ContentState:
    """Return what a value of `iiif-content` asks for. Raises BadRequest with a sentence."""
    if len(value) > _LONGEST:
        raise BadRequest("iiif-content is too long; give the address of a manifest")
    plain = value.strip()
    if plain.startswith(("http://", "https://")):
        return ContentState(_web_address(plain))
    return _read_annotation(_parse(plain if plain.startswith("{") else _decode(plain)))


def _decode(value: str) -> str:
    try:
        raw = base64.b64decode(value + "=" * (-len(value) % 4), altchars=b"-_", validate=True)
        return unquote(raw.decode("utf-8"), errors="strict")
    except (binascii.Error, ValueError):
        raise BadRequest(
            "iiif-content is neither an http address nor a content state; give the address of a manifest"
        ) from None


def _parse(text: str) -> Any:
    try:
        state = json.loads(text)
    except (ValueError, RecursionError):
        raise BadRequest("iiif-content is not a content state: it holds no JSON") from None
    return state


def _read_annotation(state: Any) -> ContentState:
    target = state
    if isinstance(state, dict) and state.get("type") == "Annotation":
        target = state.get("target")
    if isinstance(target, list):
        target = target[0] if target else None
    if isinstance(target, str):
        return ContentState(_web_address(target))
    if not isinstance(target, dict):
        raise BadRequest("the content state has no target; it must name a manifest or a canvas in one")
    region = ""
    if target.get("type") == "SpecificResource":
        selector = target.get("selector")
        selectors = selector if isinstance(selector, list) else [selector]
        values = [_text(each.get("value")) for each in selectors if isinstance(each, dict)]
        region = next((found[1] for each in values if (found := _XYWH.search(each))), "")
        target = target.get("source")
        if isinstance(target, str):
            raise BadRequest("the content state names a canvas without its manifest; add partOf")
        if not isinstance(target, dict):
            raise BadRequest("the content state has no source")
    identifier = _text(target.get("id"))
    if target.get("type") in _DOCUMENTS:
        return ContentState(_web_address(identifier))
    canvas, _, fragment = identifier.partition("#")
    if found := _XYWH.search(fragment):
        region = found[1]
    whole = target.get("partOf")
    wholes = whole if isinstance(whole, list) else [whole]
    for each in wholes:
        manifest = each.get("id") if isinstance(each, dict) else each
        if isinstance(manifest, str):
            return ContentState(_web_address(manifest), _web_address(canvas), region)
    raise BadRequest("the content state names a canvas without its manifest; add partOf")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _web_address(address: str) -> str:
    try:
        parts = urlsplit(address)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    # A lone surrogate, which JSON can write, has no bytes; a control character stands in no address.
    if not sound or any(character in " <>\"'\\" or not character.isprintable() for character in address):
        raise BadRequest("only http and https addresses can be shown")
    return address
