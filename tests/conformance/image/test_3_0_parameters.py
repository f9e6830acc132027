"""Image API 3.0, §4 to §4.9 where it has rules of its own: pixels and percentages, sizes and ^, qualities, numbers."""

import math
import re

import numpy as np
from PIL import Image

from tests.conformance.image.judging import colourfulness
from tests.conformance.image.serving import GRAY, KNOWN, MAX_AREA, MAX_HEIGHT, MAX_WIDTH, ODD, SQUARES, Server
from tests.conformance.image.table import proves

PART = (130, 240, 330, 270)
AT = "130,240,330,270"


def canonical_of(server: Server, rest: str) -> str:
    """Return the canonical address that an image on SQUARES names, without the base URI."""
    answer = server.ask(f"{SQUARES.name}/{rest}")
    assert answer.status == 200, f"{rest}: {answer.status}"
    found = re.findall(r'<([^>]*)>;\s*rel="canonical"', ", ".join(answer.headers.get("link", [])))
    assert len(found) == 1, f"{rest}: {found}"
    assert found[0].startswith(server.base(SQUARES) + "/")
    return str(found[0].removeprefix(server.base(SQUARES) + "/"))


@proves("3.0", "4.3")
def test_4_pixels_are_whole_and_not_negative(server: Server) -> None:
    for rest in (
        "-1,0,10,10/max/0/default.jpg", "0,-1,10,10/max/0/default.jpg", "0,0,-10,10/max/0/default.jpg", "0.5,0,10,10/max/0/default.jpg",
        "0,0,10.5,10/max/0/default.jpg", "full/-10,/0/default.jpg", "full/,-10/0/default.jpg", "full/10.5,/0/default.jpg",
        "full/10.5,10/0/default.jpg", "full/+10,/0/default.jpg",
    ):  # fmt: skip
        server.check_status(SQUARES, rest, 400)
    server.check(SQUARES, "0,0,10,10/10,10/0/default.png", (0, 0, 10, 10), (10, 10))


@proves("3.0", "4.4")
def test_4_percentages_and_degrees_are_positive_numbers(server: Server) -> None:
    for rest in (
        "pct:-1,0,10,10/max/0/default.jpg", "pct:0,0,-5,10/max/0/default.jpg", "full/pct:-50/0/default.jpg", "full/pct:0/0/default.jpg",
        "full/max/-90/default.jpg", "pct:a,0,10,10/max/0/default.jpg", "full/pct:50%25/0/default.jpg", "full/pct:/0/default.jpg",
    ):  # fmt: skip
        server.check_status(SQUARES, rest, 400)
    server.check(SQUARES, "pct:12.5,0,50,10.5/max/0/default.png", (125, 0, 500, 105), (500, 105))


@proves("3.0", "4.5")
def test_4_images_can_be_read_across_sites(server: Server) -> None:
    for rest in (f"{AT}/110,90/0/default.jpg", "256,256,256,256/256,256/0/default.jpg", f"{AT}/110,90/45/gray.png"):
        assert server.ask(f"{SQUARES.name}/{rest}").headers.get("access-control-allow-origin") == ["*"]


@proves("3.0", "4.2.1")
def test_4_2_w_comma_keeps_ratio(server: Server) -> None:
    for width, height in ((330, 270), (110, 90), (165, 135), (11, 9)):
        server.check(SQUARES, f"{AT}/{width},/0/default.png", PART, (width, height))
    for width in (1200, 1000, 619, 100, 7):
        found = server.shown(ODD, f"full/{width},/0/default.png").size
        assert found[0] == width
        assert abs(found[1] - width * 811 / 1237) < 1


@proves("3.0", "4.2.2")
def test_4_2_w_comma_is_not_above_the_region(server: Server) -> None:
    server.check(SQUARES, f"{AT}/330,/0/default.png", PART, (330, 270))
    for width in (331, 332, 400, 1000):
        server.check_status(SQUARES, f"{AT}/{width},/0/default.png", 400)
    server.check_status(SQUARES, "full/1001,/0/default.jpg", 400)


@proves("3.0", "4.2.3")
def test_4_2_caret_w_comma_enlarges(server: Server) -> None:
    for width, height in ((660, 540), (110, 90), (363, 297)):
        server.check(SQUARES, f"{AT}/^{width},/0/default.png", PART, (width, height))


@proves("3.0", "4.2.4")
def test_4_2_comma_h_keeps_ratio(server: Server) -> None:
    for width, height in ((330, 270), (110, 90), (165, 135), (11, 9)):
        server.check(SQUARES, f"{AT}/,{height}/0/default.png", PART, (width, height))
    for height in (780, 500, 100, 7):
        found = server.shown(ODD, f"full/,{height}/0/default.png").size
        assert found[1] == height
        assert abs(found[0] - height * 1237 / 811) < 1


@proves("3.0", "4.2.5")
def test_4_2_comma_h_is_not_above_the_region(server: Server) -> None:
    server.check(SQUARES, f"{AT}/,270/0/default.png", PART, (330, 270))
    for height in (271, 272, 400, 1000):
        server.check_status(SQUARES, f"{AT}/,{height}/0/default.png", 400)


@proves("3.0", "4.2.6")
def test_4_2_caret_comma_h_enlarges(server: Server) -> None:
    for width, height in ((660, 540), (110, 90), (363, 297)):
        server.check(SQUARES, f"{AT}/^,{height}/0/default.png", PART, (width, height))


@proves("3.0", "4.2.7")
def test_4_2_percent_is_at_most_100(server: Server) -> None:
    server.check(SQUARES, f"{AT}/pct:100/0/default.png", PART, (330, 270))
    for percent in ("100.1", "101", "200"):
        server.check_status(SQUARES, f"{AT}/pct:{percent}/0/default.png", 400)
    server.check(SQUARES, f"{AT}/^pct:200/0/default.png", PART, (660, 540))


@proves("3.0", "4.2.8")
def test_4_2_w_comma_h_is_exact_and_not_above_the_region(server: Server) -> None:
    server.check(SQUARES, f"{AT}/330,270/0/default.png", PART, (330, 270))
    server.check(SQUARES, f"{AT}/200,50/0/default.png", PART, (200, 50))
    for size in ("332,270", "330,272", "400,100", "100,400", "660,540"):
        server.check_status(SQUARES, f"{AT}/{size}/0/default.png", 400)
    server.check(SQUARES, f"{AT}/^400,100/0/default.png", PART, (400, 100))


@proves("3.0", "4.2.9")
def test_4_2_box_is_filled_but_the_region_not_enlarged(server: Server) -> None:
    for box, size in (
        ("110,500", (110, 90)),
        ("300,90", (110, 90)),
        ("165,135", (165, 135)),
        ("900,900", (330, 270)),
        ("330,1", None),
    ):
        found = server.shown(SQUARES, f"{AT}/!{box}/0/default.png").size
        if size is not None:
            server.check(SQUARES, f"{AT}/!{box}/0/default.png", PART, size)
        else:
            assert found == (1, 1)
    found = server.shown(ODD, "full/!1300,1300/0/default.png").size
    assert_greatest(found, (1237, 811), (1237, 811))


@proves("3.0", "4.2.10")
def test_4_2_caret_box_is_filled_and_the_region_enlarged(server: Server) -> None:
    server.check(SQUARES, f"{AT}/^!660,900/0/default.png", PART, (660, 540))
    server.check(SQUARES, f"{AT}/^!990,540/0/default.png", PART, (660, 540))
    for region in ((0, 0, 100, 50), (0, 0, 50, 100), (0, 0, 120, 100)):
        rest = f"{','.join(map(str, region))}/^!5000,5000/0/default.jpg"
        assert_greatest(server.shown(SQUARES, rest).size, region[2:], (5000, 5000))


def assert_greatest(found: tuple[int, int], ratio: tuple[int, int], box: tuple[int, int]) -> None:
    """Fail unless a size is the largest of its ratio within a box and the server's limits."""
    width, height = ratio
    scale = min(
        min(box[0], MAX_WIDTH) / width, min(box[1], MAX_HEIGHT) / height, math.sqrt(MAX_AREA / (width * height))
    )
    best = (width * scale, height * scale)
    assert all(abs(a - b) <= 1 for a, b in zip(found, best, strict=True)), f"{found}, not {best}"
    assert found[0] <= MAX_WIDTH
    assert found[1] <= MAX_HEIGHT
    assert found[0] * found[1] <= MAX_AREA


@proves("3.0", "4.2.11")
def test_4_2_size_above_the_region_without_caret_is_400(server: Server) -> None:
    for size in ("660,", ",540", "660,540", "pct:200"):
        server.check_status(SQUARES, f"{AT}/{size}/0/default.jpg", 400)
        server.check(SQUARES, f"{AT}/^{size}/0/default.jpg", PART, (660, 540))


@proves("3.0", "4.2.12")
def test_4_2_other_errors_of_syntax_are_400(server: Server) -> None:
    for size in (
        "^",
        "^0,",
        "^,",
        "^full",
        "full",
        "maximum",
        "!max",
        "!100,",
        "!,100",
        "100",
        "^^100,",
        "1e2,",
        "pct:",
        "^!pct:50",
        "100,100,100",
    ):
        server.check_status(SQUARES, f"{AT}/{size}/0/default.jpg", 400)


@proves("3.0", "4.2.13")
def test_4_2_enlarging_by_percent_is_offered_or_501(server: Server) -> None:
    features = server.info(SQUARES).get("extraFeatures", [])
    if "sizeUpscaling" in features:
        server.check(SQUARES, f"{AT}/^pct:120/0/default.png", PART, (396, 324))
    else:
        server.check_status(SQUARES, f"{AT}/^pct:120/0/default.png", 501)


@proves("3.0", "4.2.14")
def test_4_2_nothing_below_a_pixel_or_above_the_limits_is_made(server: Server) -> None:
    beyond = (
        "full/0,/0", "full/,0/0", "full/0,0/0", "full/pct:0.01/0", "0,0,1000,1/10,/0", f"{AT}/^{MAX_WIDTH + 1},100/0", f"{AT}/^100,{MAX_HEIGHT + 1}/0",
        f"{AT}/^1200,1000/0", f"{AT}/^pct:400/0",
    )  # fmt: skip
    for rest in beyond:
        answer = server.ask(f"{SQUARES.name}/{rest}/default.jpg")
        assert answer.status >= 400, rest
    server.check(SQUARES, f"{AT}/^{MAX_WIDTH},100/0/default.jpg", PART, (MAX_WIDTH, 100))
    server.check(SQUARES, f"{AT}/^100,{MAX_HEIGHT}/0/default.jpg", PART, (100, MAX_HEIGHT))


@proves("3.0", "4.2.15")
def test_4_2_below_a_pixel_or_above_the_limits_is_400(server: Server) -> None:
    for rest in (
        "full/0,/0",
        "full/,0/0",
        "full/pct:0.01/0",
        f"{AT}/^{MAX_WIDTH + 1},100/0",
        f"{AT}/^100,{MAX_HEIGHT + 1}/0",
        f"{AT}/^1200,1000/0",
    ):
        server.check_status(SQUARES, f"{rest}/default.jpg", 400)


@proves("3.0", "4.4.1")
def test_4_4_every_quality_that_is_served_is_listed(server: Server) -> None:
    for known in KNOWN:
        listed = server.info(known).get("extraQualities", [])
        for quality in ("color", "gray", "bitonal"):
            if server.ask(f"{known.name}/0,0,100,100/100,100/0/{quality}.png").status == 200:
                # the next sentences but one: color is served of what has none, and not listed there
                assert quality in listed or (quality == "color" and known is GRAY)


@proves("3.0", "4.4.3")
def test_4_4_color_is_always_an_image(server: Server) -> None:
    for known in KNOWN:
        image = server.shown(known, "0,0,100,100/100,100/0/color.png")
        assert image.size == (100, 100)
        assert (colourfulness(image) < 1) == (known is GRAY)


@proves("3.0", "4.4.4")
def test_4_4_color_is_not_listed_where_there_is_none(server: Server) -> None:
    assert "color" in server.info(SQUARES)["extraQualities"]
    assert "color" not in server.info(GRAY).get("extraQualities", [])
    assert server.ask(f"{GRAY.name}/full/max/0/color.jpg").status == 200


@proves("3.0", "4.7.1")
def test_4_7_whole_numbers_are_written_whole(server: Server) -> None:
    assert canonical_of(server, "pct:13.0,24.0,33.0,27.0/110,90/90.0/default.png") == f"{AT}/110,90/90/default.png"


@proves("3.0", "4.7.2")
def test_4_7_numbers_are_digits_and_one_point(server: Server) -> None:
    for rest in (
        "full/50,50/+90/default.jpg", "full/50,50/1e1/default.jpg", "full/50,50/90,5/default.jpg", "full/50,50/1.2.3/default.jpg",
        "full/pct:+50/0/default.jpg", "full/pct:5e1/0/default.jpg", "pct:+1,1,10,10/50,50/0/default.jpg", "full/50,50/0x10/default.jpg",
    ):  # fmt: skip
        server.check_status(SQUARES, rest, 400)
    for written, rotation in (("22.50", "22.5"), (".5", "0.5"), ("0.250", "0.25"), ("!45.10", "!45.1")):
        assert canonical_of(server, f"{AT}/110,90/{written}/default.png") == f"{AT}/110,90/{rotation}/default.png"


@proves("3.0", "4.9.1")
def test_4_9_nothing_is_served_that_info_does_not_tell(server: Server) -> None:
    info = server.info(SQUARES)
    formats = {"jpg", "png", *info.get("extraFormats", [])}
    for form in ("jpg", "png", "webp", "gif", "tif", "jp2", "pdf", "avif", "jxl", "heic", "svg"):
        status = server.ask(f"{SQUARES.name}/0,0,64,64/64,64/0/default.{form}").status
        assert status == (200 if form in formats else 400), form
    features = info.get("extraFeatures", [])
    for rest, feature in (
        ("full/50,50/12.5", "rotationArbitrary"),
        ("full/50,50/!0", "mirroring"),
        ("0,0,10,10/^20,20/0", "sizeUpscaling"),
    ):
        assert (server.ask(f"{SQUARES.name}/{rest}/default.jpg").status == 200) == (feature in features), feature


@proves("3.0", "compliance 3.1.4")
def test_compliance_3_1_region_square(server: Server) -> None:
    server.check(SQUARES, "square/250,250/0/default.png", (0, 0, 1000, 1000), (250, 250))
    image = server.shown(ODD, "square/max/0/default.png")
    assert image.size == (811, 811)
    server.check(ODD, "square/max/0/default.png", (square_begin(image), 0, 811, 811), (811, 811))


def square_begin(image: Image.Image) -> int:
    """Return where on ODD a square begins: the server may choose."""
    strip = np.asarray(image.convert("L")).astype(int)[50]
    picture = np.asarray(ODD.picture.convert("L")).astype(int)[50]
    return min(range(1237 - 811 + 1), key=lambda x: int(np.abs(strip - picture[x : x + 811]).sum()))


@proves("3.0", "compliance 3.2.1")
def test_compliance_3_2_size_max(server: Server) -> None:
    server.check(SQUARES, "full/max/0/default.jpg", (0, 0, 1000, 1000), (1000, 1000))
    server.check(SQUARES, f"{AT}/max/0/default.png", PART, (330, 270))
    server.check(ODD, "full/max/0/default.jpg", (0, 0, 1237, 811), (1200, 787))
