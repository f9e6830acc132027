"""Content State API 1.0: §2.2 forms of an annotation, §6 its encoding."""

import base64
import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.errors import BadRequest
from server.portal.content_state import (
    ContentState,
    read_content_state,
    read_content_states,
    write_content_state,
)

MANIFEST = "https://a.test/manifest"
CANVAS = "https://a.test/canvas/f2"


def encode(state: Any) -> str:
    """Encode as §6 says: encodeURIComponent, UTF-8, base64url without padding."""
    return base64.urlsafe_b64encode(quote(json.dumps(state), safe="").encode()).decode().rstrip("=")


def canvas(identifier: str = CANVAS) -> dict[str, Any]:
    return {"id": identifier, "type": "Canvas", "partOf": [{"id": MANIFEST, "type": "Manifest"}]}


def annotation(target: Any) -> dict[str, Any]:
    return {
        "@context": "http://iiif.io/api/presentation/3/context.json",
        "id": "https://a.test/state",
        "type": "Annotation",
        "motivation": ["contentState"],
        "target": target,
    }


def test_the_address_of_a_manifest_is_a_content_state() -> None:
    assert read_content_state(f" {MANIFEST} ") == ContentState(MANIFEST)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ({"id": MANIFEST, "type": "Manifest"}, ContentState(MANIFEST)),
        (annotation(MANIFEST), ContentState(MANIFEST)),
        (annotation({"id": MANIFEST, "type": "Manifest"}), ContentState(MANIFEST)),
        (canvas(), ContentState(MANIFEST, CANVAS)),
        (annotation(canvas()), ContentState(MANIFEST, CANVAS)),
        (annotation([canvas(), canvas("https://a.test/other")]), ContentState(MANIFEST, CANVAS)),
        (canvas(f"{CANVAS}#xywh=1,2,30,40"), ContentState(MANIFEST, CANVAS, "1,2,30,40")),
        ({"id": CANVAS, "type": "Canvas", "partOf": MANIFEST}, ContentState(MANIFEST, CANVAS)),
        (
            annotation(
                {
                    "type": "SpecificResource",
                    "source": canvas(),
                    "selector": {"type": "FragmentSelector", "value": "xywh=1,2,30,40"},
                }
            ),
            ContentState(MANIFEST, CANVAS, "1,2,30,40"),
        ),
    ],
)
def test_a_manifest_a_canvas_or_a_region_is_opened(state: Any, expected: ContentState) -> None:
    assert read_content_state(encode(state)) == expected
    assert read_content_state(json.dumps(state)) == expected


@pytest.mark.parametrize(
    "bad",
    [
        "ftp://a.test/manifest",
        "javascript:alert(1)",
        "https://",
        "https://a.test:99999/x",
        'https://a.test/"><script>',
        "not base64 !",
        "é",
        "{",
        encode(None),
        encode([]),
        encode("file:///etc/passwd"),
        encode({"id": "javascript:alert(1)", "type": "Manifest"}),
        encode({"id": CANVAS, "type": "Canvas"}),
        encode(annotation({"type": "SpecificResource", "source": CANVAS})),
        encode(annotation([])),
        "A" * 20_000,
    ],
)
def test_anything_else_is_refused_with_a_sentence(bad: str) -> None:
    with pytest.raises(BadRequest, match=r"[a-z]"):
        read_content_state(bad)


@given(st.text() | st.binary().map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_nothing_a_stranger_sends_does_harm(value: str) -> None:
    try:
        state = read_content_state(value)
    except BadRequest:
        return
    assert state.document.startswith(("http://", "https://"))


@pytest.mark.parametrize(
    "address",
    [f"https://a.test/{bad}x" for bad in ("\ud800", "x\udfff", "\0", "\x07", "\x7f", "\x85", "\u2028", "\u202e")],
    ids=ascii,
)
def test_an_address_that_cannot_be_written_is_refused(address: str) -> None:
    for state in (address, annotation(address), annotation(canvas(address)), canvas(address)):
        value = state if isinstance(state, str) else json.dumps(state)
        with pytest.raises(BadRequest):
            read_content_state(value)


@given(st.text(st.characters(exclude_categories=())), st.text(st.characters(exclude_categories=())))
def test_whatever_is_taken_can_be_written_in_a_page(one: str, other: str) -> None:
    target = {"id": f"https://a.test/{one}", "type": "Canvas", "partOf": f"https://a.test/{other}"}
    for value in (f"https://a.test/{one}", json.dumps(target), json.dumps(annotation(target)), encode(target)):
        try:
            state = read_content_state(value)
        except BadRequest:
            continue
        for address in (state.document, state.canvas, state.region):
            address.encode()
            assert address.isprintable()


def test_several_targets_are_shown_side_by_side() -> None:
    other = "https://a.test/canvas/f3"
    states = (ContentState(MANIFEST, CANVAS), ContentState(MANIFEST, other, "1,2,30,40"))
    targets = [canvas(), canvas(f"{other}#xywh=1,2,30,40")]
    assert read_content_states(json.dumps(annotation(targets))) == states
    assert read_content_states(encode(targets)) == states
    with pytest.raises(BadRequest, match="7 targets; 6 can be shown side by side"):
        read_content_states(encode([canvas()] * 7))
    with pytest.raises(BadRequest, match="no target"):
        read_content_states(encode([]))


def test_a_plain_address_may_end_with_a_region() -> None:
    assert read_content_state(f"{CANVAS}#xywh=1,2,30,40") == ContentState(CANVAS, region="1,2,30,40")
    assert read_content_state(f"{CANVAS}#t=30") == ContentState(CANVAS)


def test_what_we_write_is_the_example_of_the_specification() -> None:
    written = write_content_state(
        "https://example.org/object1/manifest", "https://example.org/object1/canvas7", "1000,2000,1000,2000"
    )
    # the value at the end of section 6.3
    assert written == (
        "JTdCJTIyaWQlMjIlM0ElMjJodHRwcyUzQSUyRiUyRmV4YW1wbGUub3JnJTJGb2JqZWN0MSUyRmNhbnZhczclMjN4eXdoJTNEMTAwMCUyQzIwMDAl"
        "MkMxMDAwJTJDMjAwMCUyMiUyQyUyMnR5cGUlMjIlM0ElMjJDYW52YXMlMjIlMkMlMjJwYXJ0T2YlMjIlM0ElNUIlN0IlMjJpZCUyMiUzQSUyMmh0"
        "dHBzJTNBJTJGJTJGZXhhbXBsZS5vcmclMkZvYmplY3QxJTJGbWFuaWZlc3QlMjIlMkMlMjJ0eXBlJTIyJTNBJTIyTWFuaWZlc3QlMjIlN0QlNUQl"
        "N0Q"
    )


@settings(deadline=None)
@given(
    st.text(st.characters(categories=("L", "N")), min_size=1),
    st.from_regex(r"[1-9][0-9]{0,4}(,[1-9][0-9]{0,4}){3}", fullmatch=True),
)
def test_what_we_write_we_read(name: str, region: str) -> None:
    manifest, view = f"https://a.test/{name}/manifest", f"https://a.test/{name}/canvas/f1"
    assert read_content_state(write_content_state(manifest, view)) == ContentState(manifest, view)
    assert read_content_state(write_content_state(manifest, view, region)) == ContentState(manifest, view, region)
