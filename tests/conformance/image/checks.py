"""What both versions are asked in the same way, though it stands in other sections of each."""

import re
from datetime import timedelta
from typing import Any

from server.iiif.http import http_date, read_http_date
from tests.conformance.image.judging import check_alike, colours, opened, wanted
from tests.conformance.image.serving import (
    KNOWN,
    MAX_AREA,
    MAX_HEIGHT,
    MAX_WIDTH,
    MODIFIED,
    ODD,
    SQUARES,
    WITHDRAWN,
    Known,
    Server,
)
from tests.conformance.image.tiling import tiles_of

MEDIA_TYPES = {
    "jpg": ("JPEG", "image/jpeg"),
    "png": ("PNG", "image/png"),
    "tif": ("TIFF", "image/tiff"),
    "gif": ("GIF", "image/gif"),
    "webp": ("WEBP", "image/webp"),
    "jp2": ("JPEG2000", "image/jp2"),
    "avif": ("AVIF", "image/avif"),
}
"""What Pillow calls each format, and the media type (§4.5 of either version)."""

PART = (130, 240, 330, 270)
AT = "130,240,330,270"
STORED = "256,256,256,256/256,256/0/default.jpg"
MADE = f"{AT}/110,90/90/gray.png"
INFO = "info.json"
REFUSED = ("0,0,10,10/0,/0/default.jpg", "full/max/0/default.bmp", "x/max/0/default.jpg")


def links_of(server: Server, path: str, relation: str) -> list[str]:
    """Return the addresses that the Link headers of an answer give for a relation."""
    answer = server.ask(path)
    assert answer.status == 200, f"{path}: {answer.status}"
    return re.findall(rf'<([^>]*)>;\s*rel="{relation}"', ", ".join(answer.headers.get("link", [])))


def check_sizes(server: Server) -> None:
    """Every size in info.json is served by w,h, with its picture."""
    for known in KNOWN:
        assert server.info(known)["sizes"]
        for size in server.info(known)["sizes"]:
            width, height = size["width"], size["height"]
            server.check(
                known, f"full/{width},{height}/0/default.jpg", (0, 0, known.width, known.height), (width, height)
            )


def check_one_size_for_each_factor(server: Server) -> None:
    """`sizes` has the whole image divided by each scale factor, rounded up, once: all of them within the limits."""
    for known in KNOWN:
        info = server.info(known)
        factors = sorted({factor for tile in info["tiles"] for factor in tile["scaleFactors"]}, reverse=True)
        sizes = [(-(-known.width // factor), -(-known.height // factor)) for factor in factors]
        within = [(w, h) for w, h in sizes if w <= MAX_WIDTH and h <= MAX_HEIGHT and w * h <= MAX_AREA]
        assert [(size["width"], size["height"]) for size in info["sizes"]] == within


def check_tiles_cover(server: Server) -> None:
    """The tiles of the largest scale cover the image once, and the factors are halves down to one tile."""
    for known in KNOWN:
        info = server.info(known)
        tiles = [tile for tile in tiles_of(info) if tile.factor == 1]
        assert sum(w * h for _, _, w, h in (tile.region for tile in tiles)) == known.width * known.height
        (announced,) = info["tiles"]
        factors = announced["scaleFactors"]
        assert factors == [1 << k for k in range(len(factors))]
        assert max(-(-known.width // factors[-1]), -(-known.height // factors[-1])) <= announced["width"]


def check_within_limits(server: Server, limits: dict[str, Any], info: dict[str, Any]) -> None:
    """Sizes and tiles of an info.json are within the limits that it tells."""
    width = limits.get("maxWidth", 10**9)
    height, area = limits.get("maxHeight", width), limits.get("maxArea", 10**18)
    for w, h in [*((size["width"], size["height"]) for size in info["sizes"]), *(tile.size for tile in tiles_of(info))]:
        assert w <= width, f"{w} × {h} is wider than maxWidth {width}"
        assert h <= height, f"{w} × {h} is higher than maxHeight {height}"
        assert w * h <= area, f"{w} × {h} is more than maxArea {area}"


def check_limits_hold(server: Server, limits: dict[str, Any]) -> None:
    """What info.json tells as limits are those of this server, and nothing above them is made."""
    assert (limits.get("maxWidth"), limits.get("maxHeight"), limits.get("maxArea")) == (MAX_WIDTH, MAX_HEIGHT, MAX_AREA)
    server.check_status(ODD, f"full/{MAX_WIDTH + 1},/0/default.png", 400)
    caret = "^" if server.version == "3.0" else ""
    for size in (f"{MAX_WIDTH + 1},20", f"20,{MAX_HEIGHT + 1}", f"{MAX_WIDTH},{MAX_HEIGHT}"):
        server.check_status(SQUARES, f"full/{caret}{size}/0/default.jpg", 400)
    assert server.shown(ODD, f"full/{MAX_WIDTH},/0/default.png").width == MAX_WIDTH


def check_type_if_present(items: list[dict[str, Any]], key: str, value: str) -> None:
    """Each item has all that it needs and, if it tells its type, this one."""
    assert items
    assert all(item.get(key, value) == value for item in items)


def check_pixels(items: list[dict[str, Any]], name: str) -> None:
    """A property is there in each, a whole number above 0."""
    assert items
    for item in items:
        assert type(item.get(name)) is int, f"{name}: {item.get(name)!r}"
        assert item[name] > 0


def check_unique_tiles(info: dict[str, Any]) -> None:
    """No two entries of `tiles` have the same width and height."""
    shapes = [(tile["width"], tile.get("height", tile["width"])) for tile in info["tiles"]]
    assert shapes
    assert len(shapes) == len(set(shapes))


def check_factors(info: dict[str, Any]) -> None:
    """Every entry of `tiles` has scale factors: whole numbers above 0."""
    for tile in info["tiles"]:
        assert tile["scaleFactors"]
        assert all(type(factor) is int and factor > 0 for factor in tile["scaleFactors"])


def check_factors_once(info: dict[str, Any]) -> None:
    """No scale factor stands twice."""
    factors = [factor for tile in info["tiles"] for factor in tile["scaleFactors"]]
    assert factors
    assert len(factors) == len(set(factors))


def check_formats(server: Server, formats: list[str]) -> None:
    """Every format is served with its media type, and is what it says."""
    for form in formats:
        name, media_type = MEDIA_TYPES[form]
        rest = f"{AT}/330,270/0/default.{form}"
        answer = server.ask(f"{SQUARES.name}/{rest}")
        assert answer.status == 200, form
        assert answer.header("content-type") == media_type
        image = opened(answer.body)
        assert image.format == name
        check_alike(image, wanted(SQUARES.picture, PART), rest)


def check_bitonal(server: Server) -> None:
    """Bitonal has black and white alone, where the picture is dark and light."""
    image = server.shown(SQUARES, f"{AT}/330,270/0/bitonal.png")
    assert colours(image) == {(0, 0, 0), (255, 255, 255)}
    expected = wanted(SQUARES.picture, PART).convert("L").point(lambda value: 255 if value > 127 else 0)
    check_alike(image, expected, "bitonal")


def check_successes_are_whole(server: Server) -> None:
    """With 200 the body is the image or the info.json that was asked for, of the length that is told."""
    for known, rest, size in (
        (SQUARES, STORED, (256, 256)),
        (SQUARES, MADE, (90, 110)),
        (ODD, "full/155,102/0/default.jpg", (155, 102)),
    ):
        answer = server.ask(f"{known.name}/{rest}")
        assert answer.status == 200
        assert answer.header("content-length") == str(len(answer.body))
        assert opened(answer.body).size == size
    for known in KNOWN:
        info = server.info(known)
        assert info.get("id", info.get("@id")) == server.base(known)


def check_redirects_are_empty(server: Server) -> None:
    """Answers with 30x have no body."""
    redirected = server.ask(SQUARES.name)
    assert 300 < redirected.status < 304
    assert redirected.body == b""
    for rest in (STORED, MADE, INFO):
        answer = server.ask(f"{SQUARES.name}/{rest}", headers={"If-None-Match": "*"})
        assert (answer.status, answer.body) == (304, b"")


def check_redirects_tell_where(server: Server) -> None:
    """Answers with 301, 302 and 303 have one Location, and what lies there is served."""
    for known in KNOWN:
        answer = server.ask(known.name)
        assert answer.status in (301, 302, 303)
        location = answer.header("location")
        assert location.startswith(server.origin + server.prefix)
        assert server.ask(location.removeprefix(server.origin + server.prefix)).status == 200


def check_errors_speak(server: Server) -> None:
    """The body of an error is a sentence for people, as plain text or HTML."""
    for path in (*(f"{SQUARES.name}/{rest}" for rest in REFUSED), "nobody/info.json"):
        answer = server.ask(path)
        assert 400 <= answer.status < 500, path
        assert answer.header("content-type").partition(";")[0] in ("text/plain", "text/html")
        assert len(answer.text.split()) > 3


def check_known_states(server: Server) -> None:
    """What is not there is 404, what is malformed 400, another method 405."""
    for path in ("nobody", "nobody/info.json", f"nobody/{STORED}"):
        assert server.ask(path).status == 404, path
    for rest in REFUSED:
        server.check_status(SQUARES, rest, 400)
    for method in ("POST", "PUT", "DELETE"):
        assert server.ask(f"{SQUARES.name}/info.json", method).status == 405


def check_withdrawn(server: Server) -> None:
    """What was withdrawn is gone: 410, in words that can be read across sites, whatever is asked of it."""
    for path in (WITHDRAWN, *(f"{WITHDRAWN}/{rest}" for rest in (INFO, STORED, MADE))):
        for method in ("GET", "HEAD"):
            answer = server.ask(path, method)
            assert answer.status == 410, f"{method} {path}: {answer.status}"
            assert answer.headers.get("access-control-allow-origin") == ["*"], f"{method} {path}"
        assert len(server.ask(path).text.split()) > 3


def check_cors_once(server: Server) -> None:
    """Every answer can be read across sites, and says so exactly once: also errors, redirects, 304, OPTIONS, HEAD."""
    asked = [
        *(
            (path, "GET", {})
            for path in (
                SQUARES.name,
                "nobody/info.json",
                *(f"{SQUARES.name}/{rest}" for rest in (INFO, STORED, MADE, *REFUSED)),
            )
        ),
        *((f"{SQUARES.name}/{rest}", "GET", {"If-None-Match": "*"}) for rest in (INFO, STORED, MADE)),
        *((f"{SQUARES.name}/{INFO}", method, {}) for method in ("HEAD", "OPTIONS", "POST")),
    ]
    for path, method, headers in asked:
        answer = server.ask(path, method, headers)
        assert answer.headers.get("access-control-allow-origin") == ["*"], f"{method} {path}"


def check_head(server: Server) -> None:
    """HEAD is answered as GET, without the body; what only making the body would tell, its length, may be left out."""
    for path in (SQUARES.name, *(f"{SQUARES.name}/{rest}" for rest in (INFO, STORED, MADE)), "nobody/info.json"):
        get, head = server.ask(path), server.ask(path, "HEAD")
        assert head.body == b""
        assert head.status == get.status
        assert head.headers.get("content-length", get.headers["content-length"]) == get.headers["content-length"]
        assert head.headers | {"content-length": get.headers["content-length"]} == get.headers


def check_options(server: Server) -> None:
    """OPTIONS is answered for every address, with the methods that a script may use."""
    for rest in (INFO, STORED, MADE):
        headers = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "GET"}
        answer = server.ask(f"{SQUARES.name}/{rest}", "OPTIONS", headers)
        assert answer.status in (200, 204)
        assert "GET" in answer.header("access-control-allow-methods")
        assert answer.headers.get("access-control-allow-origin") == ["*"]


def check_good_copies(server: Server) -> None:
    """A client whose copy is good gets 304, one whose copy is another gets the whole (RFC 9110 §13)."""
    for rest in (INFO, STORED, MADE):
        path = f"{SQUARES.name}/{rest}"
        first = server.ask(path)
        etag = first.header("etag")
        assert re.fullmatch(r'(W/)?"[^"]+"', etag)
        for value in (etag, f'"other", {etag}', f"W/{etag.removeprefix('W/')}"):
            again = server.ask(path, headers={"If-None-Match": value})
            assert (again.status, again.body, again.header("etag")) == (304, b"", etag)
        for value in ('"other"', f'"{etag[1:-1]}x"'):
            again = server.ask(path, headers={"If-None-Match": value})
            assert (again.status, again.body) == (200, first.body)


def check_etags_differ(server: Server) -> None:
    """Two images, and two forms of one info.json, never share an ETag."""
    tags = [server.ask(f"{known.name}/0,0,100,100/100,100/0/default.png").header("etag") for known in KNOWN]
    infos = [server.ask(f"{known.name}/info.json").header("etag") for known in KNOWN]
    linked = server.ask(f"{SQUARES.name}/info.json", headers={"Accept": "application/ld+json"}).header("etag")
    plain = server.ask(f"{SQUARES.name}/info.json", headers={"Accept": "application/json"}).header("etag")
    assert len({*tags, *infos}) == 2 * len(KNOWN)
    assert linked != plain


def check_dates(server: Server) -> None:
    """Last-Modified is told, and a copy of that date is good, an older one is not.

    Pixels have the date of the image; info.json may be younger, for it tells settings too.
    """
    for rest in (INFO, STORED, MADE):
        path = f"{SQUARES.name}/{rest}"
        told = read_http_date(server.ask(path).header("last-modified"))
        assert told is not None
        assert told == MODIFIED or (rest == INFO and told > MODIFIED)
        assert server.ask(path, headers={"If-Modified-Since": http_date(told)}).status == 304
        assert server.ask(path, headers={"If-Modified-Since": http_date(told - timedelta(seconds=1))}).status == 200


def check_profile_link(server: Server, profile: str) -> None:
    """The compliance level is linked from images and from info.json."""
    for rest in (INFO, STORED, MADE):
        assert links_of(server, f"{SQUARES.name}/{rest}", "profile") == [profile]


def check_canonical(server: Server, known: Known, forms: dict[str, str]) -> None:
    """Each address names its canonical form, and that one is served, names itself and is the same image."""
    for written, canonical in forms.items():
        for rest in (written, canonical):
            assert links_of(server, f"{known.name}/{rest}", "canonical") == [f"{server.base(known)}/{canonical}"], rest
        server.check_same(known, canonical, written)


def check_rounding_of_viewers(server: Server) -> None:
    """A side that a viewer rounded up, one pixel above the region, is served."""
    for size in ("331,270", "330,271"):
        assert server.ask(f"{SQUARES.name}/{AT}/{size}/0/default.jpg").status == 200
    for size in ("620,406", "619,405", "310,203", "309,202"):
        assert server.ask(f"{ODD.name}/full/{size}/0/default.jpg").status == 200
