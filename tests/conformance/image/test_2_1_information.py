"""Image API 2.1, §5 and §6: what info.json says, how it is sent, and that what it lists is served."""

from typing import Any

from tests.conformance.image import checks
from tests.conformance.image.judging import check_alike, wanted
from tests.conformance.image.serving import GRAY, KNOWN, ODD, SQUARES, Server
from tests.conformance.image.table import proves

CONTEXT = "http://iiif.io/api/image/2/context.json"
LEVELS = tuple(f"http://iiif.io/api/image/2/level{number}.json" for number in range(3))
OF_LEVEL_2 = {
    "formats": {"jpg", "png"},
    "qualities": {"default", "bitonal"},
    "supports": {
        "baseUriRedirect", "cors", "jsonldMediaType", "regionByPct", "regionByPx", "rotationBy90s", "sizeByWhListed", "sizeByConfinedWh",
        "sizeByDistortedWh", "sizeByForcedWh", "sizeByH", "sizeByPct", "sizeByW", "sizeByWh",
    },
}  # fmt: skip
OF_VERSION_3 = {
    "id",
    "type",
    "maxWidth",
    "maxHeight",
    "maxArea",
    "rights",
    "partOf",
    "extraFormats",
    "extraQualities",
    "extraFeatures",
    "preferredFormats",
}


def infos(server: Server) -> list[dict[str, Any]]:
    """Return info.json of every known image."""
    return [server.info(known) for known in KNOWN]


def items(server: Server, name: str) -> list[dict[str, Any]]:
    """Return what all of them have under a property, in one list."""
    return [item for info in infos(server) for item in info.get(name, [])]


def embedded(info: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the profiles that stand in an info.json itself."""
    return [entry for entry in info["profile"] if isinstance(entry, dict)]


def told(info: dict[str, Any]) -> dict[str, Any]:
    """Return what all embedded profiles say together."""
    return {name: value for entry in embedded(info) for name, value in entry.items()}


def media_type(server: Server, accept: str | None) -> str:
    """Return the Content-Type of info.json for an Accept header, None for none; without what is behind a semicolon."""
    answer = server.ask(f"{SQUARES.name}/info.json", headers={} if accept is None else {"Accept": accept})
    assert answer.status == 200
    return answer.header("content-type").partition(";")[0]


@proves("2.1", "5.1")
def test_5_info_is_served_in_2(server: Server) -> None:
    for known, info in zip(KNOWN, infos(server), strict=True):
        assert (info["width"], info["height"]) == (known.width, known.height)


@proves("2.1", "5.1.1")
def test_5_1_info_is_at_info_json_in_2(server: Server) -> None:
    for known in KNOWN:
        assert server.ask(f"{known.name}/info.json").status == 200
    for rest in ("info", "info.jsonld", "info.json/", "info%2Ejson2"):
        server.check_status(SQUARES, rest, 400, 404)


@proves("2.1", "5.1.2")
def test_5_1_media_type_is_one_of_two(server: Server) -> None:
    for accept in (None, "*/*", "application/json", "application/ld+json", "text/html", "image/png", "application/xml"):
        assert media_type(server, accept) in ("application/json", "application/ld+json")


@proves("2.1", "5.1.3")
def test_5_1_json_ld_only_where_it_is_asked_for(server: Server) -> None:
    for accept in (
        "application/ld+json",
        "application/json;q=0.5, application/ld+json",
        "text/html, application/ld+json;q=0.9",
    ):
        assert media_type(server, accept) == "application/ld+json", accept
    for other in (
        None,
        "*/*",
        "application/json",
        "text/html,*/*;q=0.8",
        "application/*",
        "application/ld+json;q=0",
        "application/ld+json;q=0.1, application/json",
    ):
        assert media_type(server, other) == "application/json", other


@proves("2.1", "5.1.4")
def test_5_1_info_can_be_read_across_sites_in_2(server: Server) -> None:
    for headers in ({}, {"Accept": "application/ld+json"}, {"Accept-Encoding": "gzip"}):
        assert server.ask(f"{SQUARES.name}/info.json", headers=headers).headers.get("access-control-allow-origin") == [
            "*"
        ]


@proves("2.1", "5.2.1")
def test_5_2_context_is_there_in_2(server: Server) -> None:
    assert all(info.get("@context") for info in infos(server))


@proves("2.1", "5.2.2")
def test_5_2_context_is_that_of_version_2(server: Server) -> None:
    assert {info["@context"] for info in infos(server)} == {CONTEXT}


@proves("2.1", "5.2.3")
def test_5_2_at_id_is_the_base_uri(server: Server) -> None:
    assert [info["@id"] for info in infos(server)] == [server.base(known) for known in KNOWN]


@proves("2.1", "5.2.4")
def test_5_2_at_type_is_iiif_image(server: Server) -> None:
    checks.check_type_if_present(infos(server), "@type", "iiif:Image")


@proves("2.1", "5.2.5")
def test_5_2_protocol_is_the_image_api_in_2(server: Server) -> None:
    assert {info["protocol"] for info in infos(server)} == {"http://iiif.io/api/image"}


@proves("2.1", "5.2.6")
def test_5_2_width_is_that_of_the_image_in_2(server: Server) -> None:
    checks.check_pixels(infos(server), "width")
    assert [info["width"] for info in infos(server)] == [known.width for known in KNOWN]


@proves("2.1", "5.2.7")
def test_5_2_height_is_that_of_the_image_in_2(server: Server) -> None:
    checks.check_pixels(infos(server), "height")
    assert [info["height"] for info in infos(server)] == [known.height for known in KNOWN]


@proves("2.1", "5.2.8")
def test_5_2_profile_is_a_list(server: Server) -> None:
    for info in infos(server):
        assert isinstance(info["profile"], list)
        assert all(isinstance(entry, (str, dict)) for entry in info["profile"])


@proves("2.1", "5.2.9")
def test_5_2_profile_begins_with_a_level(server: Server) -> None:
    assert {info["profile"][0] for info in infos(server)} <= set(LEVELS)


@proves("2.1", "5.2.11")
def test_5_2_every_listed_size_is_served(server: Server) -> None:
    checks.check_sizes(server)


@proves("2.1", "5.2.15")
def test_5_2_listed_sizes_are_served_by_width_too(server: Server) -> None:
    for known in KNOWN:
        for size in server.info(known)["sizes"]:
            found = server.shown(known, f"full/{size['width']},/0/default.jpg").size
            assert found == (size["width"], size["height"])


@proves("2.1", "5.2.16")
def test_5_2_type_of_a_size(server: Server) -> None:
    checks.check_type_if_present(items(server, "sizes"), "@type", "iiif:Size")


@proves("2.1", "5.2.17")
def test_5_2_width_of_a_size(server: Server) -> None:
    checks.check_pixels(items(server, "sizes"), "width")


@proves("2.1", "5.2.18")
def test_5_2_height_of_a_size(server: Server) -> None:
    checks.check_pixels(items(server, "sizes"), "height")


@proves("2.1", "5.2.20")
def test_5_2_shapes_of_tiles_are_unique(server: Server) -> None:
    for info in infos(server):
        checks.check_unique_tiles(info)


@proves("2.1", "5.2.21")
def test_5_2_type_of_a_tile(server: Server) -> None:
    checks.check_type_if_present(items(server, "tiles"), "@type", "iiif:Tile")


@proves("2.1", "5.2.22")
def test_5_2_scale_factors_are_there(server: Server) -> None:
    for info in infos(server):
        checks.check_factors(info)


@proves("2.1", "5.2.23")
def test_5_2_scale_factors_stand_once(server: Server) -> None:
    for info in infos(server):
        checks.check_factors_once(info)


@proves("2.1", "5.2.24")
def test_5_2_width_of_a_tile(server: Server) -> None:
    checks.check_pixels(items(server, "tiles"), "width")


@proves("2.1", "5.2.25")
def test_5_2_sizes_and_tiles_in_every_quality_and_format(server: Server) -> None:
    beyond = told(server.info(SQUARES))
    formats, qualities = {"jpg", "png", *beyond["formats"]}, {"default", "bitonal", *beyond["qualities"]}
    for form in sorted(formats):
        for quality in sorted(qualities):
            for rest, size in (("full/250,250", (250, 250)), ("768,768,232,232/232,", (232, 232))):
                assert server.shown(SQUARES, f"{rest}/0/{quality}.{form}").size == size


@proves("2.1", "5.3.1")
def test_5_3_embedded_profile_is_bare(server: Server) -> None:
    for info in infos(server):
        assert embedded(info)
        assert not {"@context", "@id", "@type"} & set(told(info))


@proves("2.1", "5.3.2")
def test_5_3_embedded_profile_has_no_context(server: Server) -> None:
    for info in infos(server):
        assert all("@context" not in entry for entry in embedded(info))


@proves("2.1", "5.3.3")
def test_5_3_type_of_a_profile(server: Server) -> None:
    for info in infos(server):
        checks.check_type_if_present(embedded(info), "@type", "iiif:ImageProfile")


@proves("2.1", "5.3.6")
def test_5_3_maxheight_never_without_maxwidth(server: Server) -> None:
    for info in infos(server):
        assert "maxWidth" in told(info) or "maxHeight" not in told(info)


@proves("2.1", "5.3.11")
def test_5_3_sizes_and_tiles_are_within_the_limits(server: Server) -> None:
    for info in infos(server):
        checks.check_within_limits(server, told(info), info)


@proves("2.1", "5.3.14")
def test_5_3_nothing_is_told_that_the_level_has(server: Server) -> None:
    for info in infos(server):
        for name, of_level in OF_LEVEL_2.items():
            for entry in embedded(info):
                assert entry.get(name, ["one"]), f"{name} is empty"
                assert not of_level & set(entry.get(name, []))


@proves("2.1", "5.4.10")
def test_5_4_no_logo_of_a_logo(server: Server) -> None:
    for info in infos(server):
        logos = info.get("logo", [])
        for logo in logos if isinstance(logos, list) else [logos]:
            assert isinstance(logo, str) or "logo" not in logo.get("service", {})


@proves("2.1", "6.1")
def test_6_level_comes_first_in_the_profile(server: Server) -> None:
    assert {info["profile"][0] for info in infos(server)} == {LEVELS[2]}


@proves("2.1", "6.2")
def test_6_level_is_one_of_three_uris(server: Server) -> None:
    for info in infos(server):
        assert next(entry for entry in info["profile"] if isinstance(entry, str)) in LEVELS


# offered beyond


@proves("2.1", "same info")
def test_5_1_both_forms_say_the_same_in_2(server: Server) -> None:
    assert server.info(SQUARES, {"Accept": "application/json"}) == server.info(
        SQUARES, {"Accept": "application/ld+json"}
    )


@proves("2.1", "limits")
def test_5_3_limits_are_told_and_hold(server: Server) -> None:
    for known in (SQUARES, ODD, GRAY):
        checks.check_limits_hold(server, told(server.info(known)))


@proves("2.1", "own version")
def test_5_2_version_3_is_elsewhere(server: Server) -> None:
    for info in infos(server):
        assert not OF_VERSION_3 & set(info)
        assert info["@id"].startswith(f"{server.origin}/iiif/image/2/")


@proves("2.1", "sizes")
def test_5_2_one_size_for_each_scale_factor(server: Server) -> None:
    checks.check_one_size_for_each_factor(server)


@proves("2.1", "tiles")
def test_5_2_tiles_cover_the_image(server: Server) -> None:
    checks.check_tiles_cover(server)
    rest = "1024,768,213,43/213,/0/default.jpg"  # as viewers of 2 ask for tiles
    check_alike(server.shown(ODD, rest), wanted(ODD.picture, (1024, 768, 213, 43)), rest)


@proves("2.1", "profile link")
def test_6_level_is_linked_in_2(server: Server) -> None:
    checks.check_profile_link(server, LEVELS[2])
    assert "profileLinkHeader" in told(server.info(SQUARES))["supports"]
