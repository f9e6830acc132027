"""Image API 3.0 and 2.1, §4 to §4.6 as far as they agree: region, rotation, quality, format and their order."""

from tests.conformance.image.judging import check_alike, colourfulness, opened, wanted
from tests.conformance.image.serving import GRAY, ODD, SQUARES, Server
from tests.conformance.image.table import proves

WHOLE = (0, 0, 1000, 1000)


@proves("3.0", "4.1")
@proves("2.1", "4.1")
def test_4_parameters_in_another_order_are_refused(server: Server) -> None:
    server.check(SQUARES, "0,0,300,200/150,100/90/default.png", (0, 0, 300, 200), (150, 100), turned=90)
    for rest in (
        "150,100/0,0,300,200/90/default.png", "0,0,300,200/90/150,100/default.png", "90/0,0,300,200/150,100/default.png",
        "default.png/0,0,300,200/150,100/90", "0,0,300,200/150,100/90/png.default",
    ):  # fmt: skip
        server.check_status(SQUARES, rest, 400, 404)


@proves("3.0", "4.2")
@proves("2.1", "4.2")
def test_4_operations_follow_the_order_of_the_parameters(server: Server) -> None:
    region = (150, 50, 360, 220)
    for mirrored, turned in ((False, 90), (True, 90), (True, 270)):
        rest = f"150,50,360,220/180,110/{'!' * mirrored}{turned}/default.png"
        server.check(SQUARES, rest, region, (180, 110), mirrored=mirrored, turned=turned)


@proves("3.0", "4.1.1")
@proves("2.1", "4.1.1")
def test_4_1_full_is_the_whole_image(server: Server) -> None:
    server.check(SQUARES, f"full/{server.whole}/0/default.jpg", WHOLE, (1000, 1000))
    server.check(ODD, "full/619,406/0/default.jpg", (0, 0, 1237, 811), (619, 406))
    server.check(GRAY, f"full/{server.whole}/0/default.jpg", (0, 0, 300, 200), (300, 200))


@proves("3.0", "4.1.2")
@proves("2.1", "4.1.2")
def test_4_1_region_over_the_edge_is_cropped(server: Server) -> None:
    whole = server.whole
    server.check(SQUARES, f"850,920,400,300/{whole}/0/default.png", (850, 920, 150, 80), (150, 80))
    server.check(ODD, f"1024,768,256,256/{whole}/0/default.jpg", (1024, 768, 213, 43), (213, 43))
    server.check(ODD, f"pct:75,75,50,50/{whole}/0/default.png", (928, 608, 309, 203), (309, 203))
    server.check(SQUARES, "0,0,2000,2000/500,500/0/default.jpg", WHOLE, (500, 500))


@proves("3.0", "4.1.3")
@proves("2.1", "4.1.3")
def test_4_1_region_that_is_empty_or_outside_is_refused(server: Server) -> None:
    for region in (
        "0,0,0,100",
        "0,0,100,0",
        "1000,0,10,10",
        "0,1000,10,10",
        "5000,5000,10,10",
        "pct:0,0,0,50",
        "pct:0,0,50,0",
        "pct:100,0,10,10",
        "pct:0,101,10,10",
    ):
        server.check_status(SQUARES, f"{region}/{server.whole}/0/default.jpg", 400)


@proves("3.0", "4.3.1")
@proves("2.1", "4.3.1")
def test_4_3_exclamation_mark_mirrors_left_and_right(server: Server) -> None:
    server.check(SQUARES, "50,50,300,200/300,200/!0/default.jpg", (50, 50, 300, 200), (300, 200), mirrored=True)
    server.check(ODD, "full/619,406/!0/default.jpg", (0, 0, 1237, 811), (619, 406), mirrored=True)


@proves("3.0", "4.3.2")
@proves("2.1", "4.3.2")
def test_4_3_mirrored_first_then_turned(server: Server) -> None:
    for turned in (90, 180, 270):
        server.check(
            SQUARES,
            f"50,50,310,210/310,210/!{turned}/default.png",
            (50, 50, 310, 210),
            (310, 210),
            mirrored=True,
            turned=turned,
        )


@proves("3.0", "4.3.3")
@proves("2.1", "4.3.3")
def test_4_3_rotation_out_of_range_is_refused(server: Server) -> None:
    for rotation in ("-90", "361", "360.5", "720", "!-1", "!361", "left", "", "!", "90,", "90d"):
        server.check_status(SQUARES, f"0,0,100,100/100,100/{rotation}/default.jpg", 400)


@proves("3.0", "4.3.4")
@proves("2.1", "4.3.4")
def test_4_3_turning_keeps_all_of_the_picture(server: Server) -> None:
    for turned in (90, 180, 270):
        server.check(ODD, f"full/300,197/{turned}/default.png", (0, 0, 1237, 811), (300, 197), turned=turned)
    image = server.shown(SQUARES, "0,0,300,200/300,200/30/default.png").convert("RGBA")
    back = image.rotate(30, expand=True).convert("RGB")
    left, top = (back.width - 300) // 2, (back.height - 200) // 2
    kept = back.crop((left + 8, top + 8, left + 292, top + 192))
    check_alike(
        kept.resize((71, 46)), wanted(SQUARES.picture, (8, 8, 284, 184), (71, 46)), "turned by 30 degrees and back"
    )


@proves("3.0", "4.3.5")
@proves("2.1", "4.3.5")
def test_4_3_turning_neither_scales_nor_adds_space(server: Server) -> None:
    for rotation, size in (
        ("30", (360, 323)),
        ("45", (354, 354)),
        ("22.5", (354, 300)),
        ("90", (200, 300)),
        ("359.9", (300, 201)),
    ):
        found = server.shown(SQUARES, f"0,0,300,200/300,200/{rotation}/default.png").size
        assert all(abs(a - b) <= 1 for a, b in zip(found, size, strict=True)), f"{rotation}: {found}, not {size}"


@proves("3.0", "4.3.6")
@proves("2.1", "4.3.6")
def test_4_3_what_turning_uncovers_is_transparent(server: Server) -> None:
    image = server.shown(SQUARES, "0,0,300,200/300,200/45/default.png")
    assert image.mode in ("RGBA", "LA")
    alpha = image.getchannel("A")
    for corner in ((0, 0), (alpha.width - 1, 0), (0, alpha.height - 1), (alpha.width - 1, alpha.height - 1)):
        assert alpha.getpixel(corner) == 0
    assert alpha.getpixel((alpha.width // 2, alpha.height // 2)) == 255


@proves("3.0", "4.4.2")
@proves("2.1", "4.4.1")
def test_4_4_unknown_quality_is_refused(server: Server) -> None:
    for quality in ("grey", "native", "Color", "sepia", "gray2", ""):
        server.check_status(SQUARES, f"0,0,100,100/100,100/0/{quality}.jpg", 400)


@proves("3.0", "4.5.1")
@proves("2.1", "4.5.1")
def test_4_5_unknown_format_is_refused(server: Server) -> None:
    for form in ("bmp", "jpeg", "JPG", "tiff", "svg", "exe", ""):
        server.check_status(SQUARES, f"0,0,100,100/100,100/0/default.{form}", 400)


@proves("3.0", "4.6.1")
@proves("2.1", "4.6.1")
def test_4_6_region_then_size_then_rotation_then_quality_then_format(server: Server) -> None:
    answer = server.ask(f"{SQUARES.name}/125,15,320,140/160,/!270/gray.png")
    assert (answer.status, answer.header("content-type")) == (200, "image/png")
    image = opened(answer.body)
    expected = wanted(SQUARES.picture, (125, 15, 320, 140), (160, 70), mirrored=True, turned=270).convert("L")
    check_alike(image, expected, "all parameters at once")
    assert (image.format, round(colourfulness(image))) == ("PNG", 0)
