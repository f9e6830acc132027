"""Image API 2.1, §4 and its compliance document where they have rules of their own: sizes, numbers, canonical form."""

from tests.conformance.image import checks
from tests.conformance.image.serving import MAX_HEIGHT, MAX_WIDTH, ODD, SQUARES, Server
from tests.conformance.image.table import proves

PART, AT = checks.PART, checks.AT
WHOLE = (0, 0, 1000, 1000)


def supports(server: Server, feature: str) -> bool:
    """Tell whether info.json names a feature beyond the level."""
    return any(feature in entry.get("supports", []) for entry in server.info(SQUARES)["profile"][1:])


@proves("2.1", "4.3")
def test_4_decimals_are_digits_and_a_point(server: Server) -> None:
    server.check(SQUARES, "pct:12.5000000000,0,50,10.5/full/0/default.png", (125, 0, 500, 105), (500, 105))
    server.check(SQUARES, "full/pct:33.3333333333/0/default.png", WHOLE, (333, 333))
    for rest in (
        "pct:+1,0,10,10/full/0/default.jpg", "pct:1e1,0,10,10/full/0/default.jpg", "pct:-1,0,10,10/full/0/default.jpg", "full/pct:1,5/0/default.jpg",
        "full/50,50/+90/default.jpg", "full/50,50/1e1/default.jpg", "full/pct:5.0.0/0/default.jpg", "0.5,0,10,10/full/0/default.jpg",
        "full/10.5,/0/default.jpg", "full/-10,/0/default.jpg",
    ):  # fmt: skip
        server.check_status(SQUARES, rest, 400)


@proves("2.1", "4.2.1")
def test_4_2_w_comma_keeps_ratio_in_2(server: Server) -> None:
    for width, height in ((330, 270), (110, 90), (165, 135), (11, 9)):
        server.check(SQUARES, f"{AT}/{width},/0/default.png", PART, (width, height))
    for width in (1200, 1000, 619, 100, 7):
        found = server.shown(ODD, f"full/{width},/0/default.png").size
        assert found[0] == width
        assert abs(found[1] - width * 811 / 1237) < 1


@proves("2.1", "4.2.2")
def test_4_2_comma_h_keeps_ratio_in_2(server: Server) -> None:
    for width, height in ((330, 270), (110, 90), (165, 135), (11, 9)):
        server.check(SQUARES, f"{AT}/,{height}/0/default.png", PART, (width, height))
    for height in (780, 500, 100, 7):
        found = server.shown(ODD, f"full/,{height}/0/default.png").size
        assert found[1] == height
        assert abs(found[0] - height * 1237 / 811) < 1


@proves("2.1", "4.2.3")
def test_4_2_nothing_left_is_400(server: Server) -> None:
    for size in ("0,", ",0", "0,0", "10,0", "0,10", "pct:0", "pct:0.01", "!0,10"):
        server.check_status(SQUARES, f"full/{size}/0/default.jpg", 400)


@proves("2.1", "4.2.4")
def test_4_2_max_is_written_as_width(server: Server) -> None:
    checks.check_canonical(server, ODD, {"full/max/0/default.jpg": f"full/{MAX_WIDTH},/0/default.jpg"})
    checks.check_canonical(server, SQUARES, {"full/max/0/default.jpg": "full/full/0/default.jpg"})


# the compliance document


@proves("2.1", "compliance 3.2.1")
def test_compliance_3_2_size_full(server: Server) -> None:
    server.check(SQUARES, "full/full/0/default.jpg", WHOLE, (1000, 1000))
    server.check(SQUARES, f"{AT}/full/0/default.png", PART, PART[2:])


@proves("2.1", "compliance 3.2.7")
def test_compliance_3_2_size_by_width_and_height(server: Server) -> None:
    server.check(SQUARES, f"{AT}/110,90/0/default.png", PART, (110, 90))
    server.check(SQUARES, "full/250,250/0/default.jpg", WHOLE, (250, 250))


@proves("2.1", "compliance 3.4.4")
def test_compliance_3_4_quality_bitonal(server: Server) -> None:
    checks.check_bitonal(server)


# offered beyond


@proves("2.1", "max")
def test_4_2_max_is_the_greatest_within_the_limits(server: Server) -> None:
    server.check(SQUARES, "full/max/0/default.jpg", WHOLE, (1000, 1000))
    server.check(SQUARES, f"{AT}/max/0/default.png", PART, PART[2:])
    server.check(ODD, "full/max/0/default.jpg", (0, 0, 1237, 811), (1200, 787))


@proves("2.1", "sizeAboveFull")
def test_4_2_above_the_region_as_announced(server: Server) -> None:
    for size in ("660,", ",540", "660,540", "pct:200"):
        if supports(server, "sizeAboveFull"):
            server.check(SQUARES, f"{AT}/{size}/0/default.png", PART, (660, 540))
        else:
            server.check_status(SQUARES, f"{AT}/{size}/0/default.png", 400)
    for size in (f"{MAX_WIDTH + 1},100", f"100,{MAX_HEIGHT + 1}", "1200,1000", "pct:400"):
        server.check_status(SQUARES, f"{AT}/{size}/0/default.jpg", 400)


@proves("2.1", "rounding")
def test_4_2_a_pixel_that_viewers_round_up_is_forgiven_in_2(server: Server) -> None:
    checks.check_rounding_of_viewers(server)


@proves("2.1", "caret")
def test_4_2_no_caret_in_2(server: Server) -> None:
    for size in ("^max", "^full", "^660,", "^,540", "^!660,660", "^pct:120", "^100,100"):
        server.check_status(SQUARES, f"{AT}/{size}/0/default.jpg", 400)


@proves("2.1", "regionSquare")
def test_4_1_square_in_2(server: Server) -> None:
    if supports(server, "regionSquare"):
        server.check(SQUARES, "square/250,/0/default.png", WHOLE, (250, 250))
        assert server.shown(ODD, "square/full/0/default.png").size == (811, 811)
    else:
        server.check_status(SQUARES, "square/250,/0/default.png", 400)


@proves("2.1", "formats")
def test_4_5_every_announced_format_is_what_it_says_in_2(server: Server) -> None:
    announced = [form for entry in server.info(SQUARES)["profile"][1:] for form in entry.get("formats", [])]
    assert announced
    checks.check_formats(server, ["jpg", "png", *announced])
    for form in {"webp", "gif", "tif", "jp2", "pdf", "avif"} - set(announced):
        server.check_status(SQUARES, f"{AT}/330,270/0/default.{form}", 400)


@proves("2.1", "canonical")
def test_4_7_canonical_address_is_linked(server: Server) -> None:
    assert supports(server, "canonicalLinkHeader")
    forms = {
        "pct:13,24,33,27/110,90/0/default.jpg": f"{AT}/110,/0/default.jpg",
        "0,0,1000,1000/pct:50/0/color.jpg": "full/500,/0/default.jpg",
        "square/full/0/default.jpg": "full/full/0/default.jpg",
        "full/1000,/360/default.jpg": "full/full/0/default.jpg",
        f"{AT}/200,50/!90.0/gray.png": f"{AT}/200,50/!90/gray.png",
        f"{AT}/!110,500/22.50/default.png": f"{AT}/110,/22.5/default.png",
        f"{AT}/330,270/0/bitonal.png": f"{AT}/full/0/bitonal.png",
        "900,900,500,500/full/0/default.jpg": "900,900,100,100/full/0/default.jpg",
    }
    checks.check_canonical(server, SQUARES, forms)
