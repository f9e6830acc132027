"""Image API 3.0, §7, and what is offered beyond what §4 obliges to: formats, qualities, canonical addresses, validators."""

from pathlib import Path

from tests.conformance.image import checks
from tests.conformance.image.judging import check_alike
from tests.conformance.image.serving import ODD, SQUARES, Server
from tests.conformance.image.table import proves

AT = checks.AT


@proves("3.0", "7.1")
def test_7_get_is_supported(server: Server) -> None:
    for rest in (checks.INFO, checks.STORED, checks.MADE):
        assert server.ask(f"{SQUARES.name}/{rest}", "GET").status == 200


@proves("3.0", "7.2")
def test_7_options_and_head_are_supported(server: Server) -> None:
    checks.check_options(server)
    checks.check_head(server)


@proves("3.0", "7.1.1")
def test_7_1_cors_exactly_once_on_every_response(server: Server) -> None:
    checks.check_cors_once(server)
    checks.check_options(server)


@proves("3.0", "7.2.1")
def test_7_2_success_has_what_was_asked_for(server: Server) -> None:
    checks.check_successes_are_whole(server)


@proves("3.0", "7.2.2")
def test_7_2_redirects_are_empty(server: Server) -> None:
    checks.check_redirects_are_empty(server)


@proves("3.0", "7.2.3")
def test_7_2_redirects_tell_where(server: Server) -> None:
    checks.check_redirects_tell_where(server)


@proves("3.0", "7.3.1")
def test_7_3_errors_are_told_in_words(server: Server) -> None:
    checks.check_errors_speak(server)


@proves("3.0", "7.4.1")
def test_7_4_front_server_speaks_http_2(server: Server, repository: Path) -> None:
    configuration = (repository / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    assert any(line.strip() == "http2 on;" for line in configuration.splitlines())


# offered beyond


@proves("3.0", "states")
def test_7_3_each_error_has_its_status(server: Server) -> None:
    checks.check_known_states(server)


@proves("3.0", "withdrawn")
def test_7_3_what_was_withdrawn_is_gone(server: Server) -> None:
    checks.check_withdrawn(server)


@proves("3.0", "etag")
def test_7_2_good_copies_are_not_sent_again(server: Server) -> None:
    checks.check_good_copies(server)


@proves("3.0", "etags differ")
def test_7_2_no_two_things_share_an_etag(server: Server) -> None:
    checks.check_etags_differ(server)


@proves("3.0", "last-modified")
def test_7_2_dates_are_compared(server: Server) -> None:
    checks.check_dates(server)


@proves("3.0", "^max")
def test_4_2_caret_max_is_the_greatest_within_the_limits(server: Server) -> None:
    for rest, region, size in (
        ("100,150,100,50/^max/0/default.jpg", (100, 150, 100, 50), (1200, 600)),
        ("100,150,50,100/^max/0/default.jpg", (100, 150, 50, 100), (500, 1000)),
        ("100,150,60,50/^max/0/default.jpg", (100, 150, 60, 50), (1148, 957)),
        ("full/^max/0/default.jpg", (0, 0, 1000, 1000), (1000, 1000)),
    ):
        found = server.shown(SQUARES, rest).size
        assert all(abs(a - b) <= 1 for a, b in zip(found, size, strict=True)), f"{rest}: {found}, not {size}"
        assert found[0] * found[1] <= 1_100_000
        server.check(SQUARES, rest, region, found)


@proves("3.0", "rounding")
def test_4_2_a_pixel_that_viewers_round_up_is_forgiven(server: Server) -> None:
    checks.check_rounding_of_viewers(server)


@proves("3.0", "rotationArbitrary")
def test_4_3_any_angle_turns_clockwise(server: Server) -> None:
    for written, turned in (("360", 0), ("0.0", 0), ("90.0", 90)):
        server.check(SQUARES, f"{AT}/330,270/{written}/default.png", checks.PART, (330, 270), turned=turned)
    near = server.shown(SQUARES, f"{AT}/330,270/89.9/default.png").convert("RGB")
    right = server.shown(SQUARES, f"{AT}/330,270/90/default.png")
    check_alike(
        near.crop((20, 20, 250, 310)).resize((46, 58)), right.crop((20, 20, 250, 310)).resize((46, 58)), "89.9 degrees"
    )


@proves("3.0", "bitonal")
def test_4_4_bitonal_is_black_and_white(server: Server) -> None:
    checks.check_bitonal(server)


@proves("3.0", "formats")
def test_4_5_every_announced_format_is_what_it_says(server: Server) -> None:
    announced = server.info(SQUARES)["extraFormats"]
    assert announced
    checks.check_formats(server, ["jpg", "png", *announced])


@proves("3.0", "canonical")
def test_4_8_canonical_address_is_linked(server: Server) -> None:
    assert "canonicalLinkHeader" in server.info(SQUARES)["extraFeatures"]
    forms = {
        "pct:13,24,33,27/110,/0/default.jpg": f"{AT}/110,90/0/default.jpg",
        "0,0,1000,1000/pct:50/0/color.jpg": "full/500,500/0/default.jpg",
        "square/max/0/default.jpg": "full/max/0/default.jpg",
        "full/^max/360/default.jpg": "full/max/0/default.jpg",
        f"{AT}/^,540/!90.0/gray.png": f"{AT}/^660,540/!90/gray.png",
        f"{AT}/!110,500/22.50/default.png": f"{AT}/110,90/22.5/default.png",
        f"{AT}/330,270/0/bitonal.png": f"{AT}/max/0/bitonal.png",
        "900,900,500,500/max/0/default.jpg": "900,900,100,100/max/0/default.jpg",
        "0,0,100,50/^1200,/0/default.jpg": "0,0,100,50/^max/0/default.jpg",
    }
    checks.check_canonical(server, SQUARES, forms)
    checks.check_canonical(
        server,
        ODD,
        {
            "full/1200,/0/default.jpg": "full/max/0/default.jpg",
            "1024,768,256,256/213,43/0/default.jpg": "1024,768,213,43/max/0/default.jpg",
        },
    )
