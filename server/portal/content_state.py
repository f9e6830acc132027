"""Content states (Content State API 1.0): what `?iiif-content=` asks to show, and what our share control gives away.

The value is the address of a manifest, canvas or collection, or an annotation or its target as JSON, base64url-encoded as
§6 says. Several targets (§5.3) are several states. Pure.
"""

import base64
import binascii
import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from server.errors import BadRequest

_LONGEST = 16_384
_MOST = 6
"""Most documents that are opened side by side."""
_XYWH = re.compile(r"xywh=(?:pixel:)?(\d+(?:\.\d+)?(?:,\d+(?:\.\d+)?){3})$", re.ASCII)
_DOCUMENTS = ("Manifest", "Collection")


@dataclass(frozen=True, slots=True)
class ContentState:
    """What to open. `canvas` is empty for the whole document; `region` is `x,y,w,h` in pixels of the canvas."""

    document: str
    canvas: str = ""
    region: str = ""


def read_content_state(value: str) -> ContentState:
    """Return what a value of `iiif-content` asks for, the first of several. Raises BadRequest with a sentence."""
    return read_content_states(value)[0]


def read_content_states(value: str) -> tuple[ContentState, ...]:
    """Return all that a value of `iiif-content` asks for side by side. Raises BadRequest with a sentence."""
    if len(value) > _LONGEST:
        raise BadRequest("iiif-content is too long; give the address of a manifest")
    plain = value.strip()
    if plain.startswith(("http://", "https://")):
        return (_plain(plain),)
    state = _parse(plain if plain.startswith(("{", "[")) else _decode(plain))
    target = state.get("target") if isinstance(state, dict) and state.get("type") == "Annotation" else state
    targets = target if isinstance(target, list) else [target]
    if len(targets) > _MOST:
        raise BadRequest(f"the content state has {len(targets)} targets; {_MOST} can be shown side by side")
    return tuple(_read_target(each) for each in targets or [None])


def write_content_state(manifest: str, canvas: str, region: str = "") -> str:
    """Return the encoded content state of a view or a region of it: the compact form of §2.2.3, encoded as §6 says."""
    target = {
        "id": f"{canvas}#xywh={region}" if region else canvas,
        "type": "Canvas",
        "partOf": [{"id": manifest, "type": "Manifest"}],
    }
    # the characters that JavaScript's encodeURIComponent leaves alone, so that script and server write the same
    encoded = quote(json.dumps(target, ensure_ascii=False, separators=(",", ":")), safe="!'()*")
    return base64.urlsafe_b64encode(encoded.encode()).decode().rstrip("=")


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


def _plain(address: str) -> ContentState:
    """Return what a plain address names (§2.2.4); its fragment may be a region."""
    document, _, fragment = address.partition("#")
    found = _XYWH.search(fragment)
    return ContentState(_web_address(document), region=found[1] if found else "")


def _read_target(target: Any) -> ContentState:
    if isinstance(target, str):
        return _plain(target)
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
