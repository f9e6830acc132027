"""The compliance documents of Image API 3.0 and 2.1: what level 2 requires of both."""

from tests.conformance.image.judging import check_alike, colourfulness, wanted
from tests.conformance.image.serving import GRAY, KNOWN, ODD, SQUARES, Server
from tests.conformance.image.table import proves
from tests.conformance.image.tiling import tiles_of

WHOLE = (0, 0, 1000, 1000)
PART = (130, 240, 330, 270)


@proves("3.0", "compliance 2.1")
@proves("2.1", "compliance 2.1")
def test_compliance_2_level_0_is_served(server: Server) -> None:
    for known in KNOWN:
        for size in server.info(known)["sizes"]:
            rest = f"full/{size['width']},{size['height']}/0/default.jpg"
            assert server.shown(known, rest).size == (size["width"], size["height"])


@proves("3.0", "compliance 2.2")
@proves("2.1", "compliance 2.2")
def test_compliance_2_level_1_is_served(server: Server) -> None:
    for rest, size in (
        ("130,240,330,270/330,/0/default.jpg", (330, 270)),
        ("130,240,330,270/,135/0/default.jpg", (165, 135)),
    ):
        server.check(SQUARES, rest, PART, size)
    assert server.ask(SQUARES.name).status in (200, 303)


@proves("3.0", "compliance 3.1.1")
@proves("2.1", "compliance 3.1.1")
def test_compliance_3_1_region_full(server: Server) -> None:
    server.check(SQUARES, "full/400,400/0/default.jpg", WHOLE, (400, 400))


@proves("3.0", "compliance 3.1.2")
@proves("2.1", "compliance 3.1.2")
def test_compliance_3_1_region_by_pixels(server: Server) -> None:
    for x, y, w, h in (
        (95, 195, 20, 30),
        (0, 0, 256, 256),
        (256, 512, 256, 256),
        (301, 203, 407, 511),
        (999, 999, 1, 1),
        (50, 0, 1, 1000),
    ):
        server.check(SQUARES, f"{x},{y},{w},{h}/{server.whole}/0/default.png", (x, y, w, h), (w, h))
    server.check(ODD, f"911,601,301,199/{server.whole}/0/default.png", (911, 601, 301, 199), (301, 199))


@proves("3.0", "compliance 3.1.3")
@proves("2.1", "compliance 3.1.3")
def test_compliance_3_1_region_by_percent(server: Server) -> None:
    server.check(SQUARES, f"pct:13,24,33,27/{server.whole}/0/default.png", PART, PART[2:])
    server.check(SQUARES, f"pct:0.5,12.5,50.5,33.3/{server.whole}/0/default.png", (5, 125, 505, 333), (505, 333))
    server.check(ODD, "pct:50,50,50,50/309,203/0/default.png", (619, 406, 618, 405), (309, 203))


@proves("3.0", "compliance 3.2.2")
@proves("2.1", "compliance 3.2.2")
def test_compliance_3_2_size_by_width(server: Server) -> None:
    server.check(SQUARES, "130,240,330,270/110,/0/default.png", PART, (110, 90))
    # 811 × 620 / 1237 is 406.5, and a little less
    server.check(ODD, "full/620,/0/default.jpg", (0, 0, 1237, 811), (620, 406))


@proves("3.0", "compliance 3.2.3")
@proves("2.1", "compliance 3.2.3")
def test_compliance_3_2_size_by_height(server: Server) -> None:
    server.check(SQUARES, "130,240,330,270/,90/0/default.png", PART, (110, 90))
    server.check(SQUARES, "full/,333/0/default.jpg", WHOLE, (333, 333))


@proves("3.0", "compliance 3.2.4")
@proves("2.1", "compliance 3.2.4")
def test_compliance_3_2_size_by_percent(server: Server) -> None:
    server.check(SQUARES, "130,240,330,270/pct:100/0/default.png", PART, (330, 270))
    server.check(SQUARES, "full/pct:33.3/0/default.png", WHOLE, (333, 333))
    server.check(SQUARES, "full/pct:50/0/default.jpg", WHOLE, (500, 500))


@proves("3.0", "compliance 3.2.5")
@proves("2.1", "compliance 3.2.5")
def test_compliance_3_2_size_within_a_box(server: Server) -> None:
    server.check(SQUARES, "130,240,330,270/!110,500/0/default.png", PART, (110, 90))
    server.check(SQUARES, "130,240,330,270/!320,90/0/default.png", PART, (110, 90))
    server.check(SQUARES, "130,240,330,270/!300,90/0/default.png", PART, (110, 90))


@proves("3.0", "compliance 3.2.6")
@proves("2.1", "compliance 3.2.6")
def test_compliance_3_2_size_by_width_and_height_distorted(server: Server) -> None:
    server.check(SQUARES, "130,240,330,270/200,50/0/default.png", PART, (200, 50))
    server.check(SQUARES, "full/50,700/0/default.png", WHOLE, (50, 700))


@proves("3.0", "compliance 3.2.7")
@proves("2.1", "compliance 3.2.8")
def test_compliance_3_2_what_sizes_and_tiles_announce_is_served(server: Server) -> None:
    for known in KNOWN:
        info = server.info(known)
        assert info["tiles"]
        assert info["sizes"]
        for tile in tiles_of(info):
            server.check(known, tile.rest, tile.region, tile.size)


@proves("3.0", "compliance 3.3.1")
@proves("2.1", "compliance 3.3.1")
def test_compliance_3_3_rotation_0(server: Server) -> None:
    server.check(SQUARES, "130,240,330,270/330,270/0/default.jpg", PART, PART[2:])


@proves("3.0", "compliance 3.3.2")
@proves("2.1", "compliance 3.3.2")
def test_compliance_3_3_rotation_by_quarters(server: Server) -> None:
    for turned in (90, 180, 270):
        for form in ("jpg", "png"):
            server.check(SQUARES, f"130,240,330,270/330,270/{turned}/default.{form}", PART, PART[2:], turned=turned)


@proves("3.0", "compliance 3.4.1")
@proves("2.1", "compliance 3.4.1")
def test_compliance_3_4_quality_default(server: Server) -> None:
    server.check(SQUARES, "130,240,330,270/330,270/0/default.png", PART, PART[2:])
    server.check(GRAY, "full/300,200/0/default.png", (0, 0, 300, 200), (300, 200))


@proves("3.0", "compliance 3.4.2")
@proves("2.1", "compliance 3.4.2")
def test_compliance_3_4_quality_color(server: Server) -> None:
    image = server.shown(SQUARES, "130,240,330,270/330,270/0/color.png")
    check_alike(image, wanted(SQUARES.picture, PART), "color")
    assert colourfulness(image) > 20


@proves("3.0", "compliance 3.4.3")
@proves("2.1", "compliance 3.4.3")
def test_compliance_3_4_quality_gray(server: Server) -> None:
    for form in ("png", "jpg"):
        image = server.shown(SQUARES, f"130,240,330,270/330,270/0/gray.{form}")
        check_alike(image, wanted(SQUARES.picture, PART).convert("L"), "gray")
        assert colourfulness(image) < 1


@proves("3.0", "compliance 3.5.1")
@proves("2.1", "compliance 3.5.1")
def test_compliance_3_5_format_jpg(server: Server) -> None:
    check_format(server, "jpg", "JPEG", "image/jpeg")


@proves("3.0", "compliance 3.5.2")
@proves("2.1", "compliance 3.5.2")
def test_compliance_3_5_format_png(server: Server) -> None:
    check_format(server, "png", "PNG", "image/png")


def check_format(server: Server, form: str, name: str, media_type: str) -> None:
    """Fail unless a format is what it says: the file, its media type, its picture."""
    for rest in (f"130,240,330,270/330,270/0/default.{form}", f"256,256,256,256/256,256/0/default.{form}"):
        assert server.ask(f"{SQUARES.name}/{rest}").header("content-type") == media_type
        assert server.shown(SQUARES, rest).format == name
    server.check(SQUARES, f"130,240,330,270/330,270/0/default.{form}", PART, PART[2:])


@proves("3.0", "compliance 4.1")
@proves("2.1", "compliance 4.1")
def test_compliance_4_base_uri_redirects(server: Server) -> None:
    for known in KNOWN:
        answer = server.ask(known.name)
        assert 300 < answer.status < 304
        assert answer.header("location") == f"{server.base(known)}/info.json"


@proves("3.0", "compliance 4.2")
@proves("2.1", "compliance 4.2")
def test_compliance_4_cors_on_all_responses(server: Server) -> None:
    for path in (
        SQUARES.name,
        f"{SQUARES.name}/info.json",
        f"{SQUARES.name}/full/50,50/0/default.jpg",
        f"{ODD.name}/256,256,256,256/256,256/0/default.jpg",
    ):
        assert server.ask(path).headers.get("access-control-allow-origin") == ["*"], path


@proves("3.0", "compliance 4.3")
@proves("2.1", "compliance 4.3")
def test_compliance_4_json_ld_when_asked_for(server: Server) -> None:
    answer = server.ask(f"{SQUARES.name}/info.json", headers={"Accept": "application/ld+json"})
    assert answer.status == 200
    assert answer.header("content-type").startswith("application/ld+json")
