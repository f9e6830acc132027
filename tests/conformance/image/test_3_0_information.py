"""Image API 3.0, §5 and §6: what info.json says, how it is sent, and that what it lists is served."""

from typing import Any
from urllib.parse import urlsplit

from tests.conformance.image import checks
from tests.conformance.image.serving import GRAY, KNOWN, ODD, ORIGIN, SQUARES, Server
from tests.conformance.image.table import proves

CONTEXT = "http://iiif.io/api/image/3/context.json"
LD_JSON = f'application/ld+json;profile="{CONTEXT}"'
PROPERTIES = frozenset({
    "@context", "id", "type", "protocol", "profile", "width", "height", "maxWidth", "maxHeight", "maxArea", "sizes", "tiles",
    "preferredFormats", "rights", "extraQualities", "extraFormats", "extraFeatures", "partOf", "seeAlso", "service",
})  # fmt: skip
FORMATS = frozenset({"jpg", "tif", "png", "gif", "jp2", "pdf", "webp"})
QUALITIES = frozenset({"color", "gray", "bitonal", "default"})
FEATURES = frozenset({
    "baseUriRedirect", "canonicalLinkHeader", "cors", "jsonldMediaType", "mirroring", "profileLinkHeader", "regionByPct", "regionByPx",
    "regionSquare", "rotationArbitrary", "rotationBy90s", "sizeByConfinedWh", "sizeByH", "sizeByPct", "sizeByW", "sizeByWh",
    "sizeUpscaling",
})  # fmt: skip
OF_LEVEL_2 = frozenset({"jpg", "png"})
RIGHTS = (
    "http://creativecommons.org/licenses/",
    "http://creativecommons.org/publicdomain/",
    "http://rightsstatements.org/vocab/",
)


def infos(server: Server) -> list[dict[str, Any]]:
    """Return info.json of every known image."""
    return [server.info(known) for known in KNOWN]


def items(server: Server, name: str) -> list[dict[str, Any]]:
    """Return what all of them have under a property, in one list."""
    return [item for info in infos(server) for item in info.get(name, [])]


def media_type(server: Server, accept: str | None) -> str:
    """Return the Content-Type of info.json for an Accept header, None for none."""
    answer = server.ask(f"{SQUARES.name}/info.json", headers={} if accept is None else {"Accept": accept})
    assert answer.status == 200
    return answer.header("content-type")


@proves("3.0", "5.1")
def test_5_info_is_served(server: Server) -> None:
    for known, info in zip(KNOWN, infos(server), strict=True):
        assert (info["width"], info["height"]) == (known.width, known.height)


@proves("3.0", "5.1.1")
def test_5_1_info_is_at_info_json(server: Server) -> None:
    for known in KNOWN:
        assert server.ask(f"{known.name}/info.json").status == 200
    for rest in ("info", "info.jsonld", "info.json/", "info%2Ejson2"):
        server.check_status(SQUARES, rest, 400, 404)


@proves("3.0", "5.1.2")
def test_5_1_accept_is_followed(server: Server) -> None:
    for accept in (
        "application/ld+json",
        LD_JSON,
        "application/json;q=0.5, application/ld+json",
        "text/html, application/ld+json;q=0.9",
    ):
        assert media_type(server, accept) == LD_JSON, accept
    for accept in (
        "application/json",
        "application/json;charset=utf-8",
        "application/ld+json;q=0.1, application/json",
        "application/ld+json;q=0, application/json",
    ):
        assert media_type(server, accept) == "application/json", accept
    answer = server.ask(f"{SQUARES.name}/info.json")
    assert "accept" in answer.header("vary").lower()


@proves("3.0", "5.1.3")
def test_5_1_json_ld_with_its_profile_where_nothing_is_asked_for(server: Server) -> None:
    assert media_type(server, None) == LD_JSON


@proves("3.0", "5.1.4")
def test_5_1_plain_json_has_no_profile(server: Server) -> None:
    assert media_type(server, "application/json") == "application/json"


@proves("3.0", "5.1.5")
def test_5_1_info_can_be_read_across_sites(server: Server) -> None:
    for headers in ({}, {"Accept": "application/ld+json"}, {"Accept-Encoding": "gzip"}):
        assert server.ask(f"{SQUARES.name}/info.json", headers=headers).headers.get("access-control-allow-origin") == [
            "*"
        ]


@proves("3.0", "5.2.1")
def test_5_2_context_is_there(server: Server) -> None:
    assert all(info.get("@context") for info in infos(server))


@proves("3.0", "5.2.2")
def test_5_2_context_comes_first(server: Server) -> None:
    assert {next(iter(info)) for info in infos(server)} == {"@context"}


@proves("3.0", "5.2.3")
def test_5_2_context_is_that_of_version_3(server: Server) -> None:
    for info in infos(server):
        context = info["@context"]
        assert (context[-1] if isinstance(context, list) else context) == CONTEXT


@proves("3.0", "5.2.4")
def test_5_2_contexts_of_extensions_are_named(server: Server) -> None:
    for info in infos(server):
        if not set(info) <= PROPERTIES:
            assert isinstance(info["@context"], list), f"{set(info) - PROPERTIES} without a context"
            assert len(info["@context"]) > 1


@proves("3.0", "5.2.5")
def test_5_2_id_is_the_base_uri(server: Server) -> None:
    assert [info["id"] for info in infos(server)] == [server.base(known) for known in KNOWN]


@proves("3.0", "5.2.6")
def test_5_2_type_is_there(server: Server) -> None:
    assert all(isinstance(info.get("type"), str) for info in infos(server))


@proves("3.0", "5.2.7")
def test_5_2_type_is_imageservice3(server: Server) -> None:
    assert {info["type"] for info in infos(server)} == {"ImageService3"}


@proves("3.0", "5.2.8")
def test_5_2_protocol_is_the_image_api(server: Server) -> None:
    assert {info["protocol"] for info in infos(server)} == {"http://iiif.io/api/image"}


@proves("3.0", "5.2.9")
def test_5_2_profile_is_there(server: Server) -> None:
    assert all(isinstance(info.get("profile"), str) for info in infos(server))


@proves("3.0", "5.2.10")
def test_5_2_profile_is_a_level(server: Server) -> None:
    assert {info["profile"] for info in infos(server)} <= {"level0", "level1", "level2"}


@proves("3.0", "5.2.11")
def test_5_2_width_is_that_of_the_image(server: Server) -> None:
    checks.check_pixels(infos(server), "width")
    assert [info["width"] for info in infos(server)] == [known.width for known in KNOWN]


@proves("3.0", "5.2.12")
def test_5_2_height_is_that_of_the_image(server: Server) -> None:
    checks.check_pixels(infos(server), "height")
    assert [info["height"] for info in infos(server)] == [known.height for known in KNOWN]


@proves("3.0", "5.2.14")
def test_5_2_maxheight_never_without_maxwidth(server: Server) -> None:
    for info in infos(server):
        assert "maxWidth" in info or "maxHeight" not in info


@proves("3.0", "5.2.20")
def test_5_2_sizes_and_tiles_are_within_the_limits(server: Server) -> None:
    for info in infos(server):
        checks.check_within_limits(server, info, info)


@proves("3.0", "5.3.1")
def test_5_3_every_listed_size_is_served(server: Server) -> None:
    checks.check_sizes(server)


@proves("3.0", "5.3.3")
def test_5_3_type_of_a_size(server: Server) -> None:
    checks.check_type_if_present(items(server, "sizes"), "type", "Size")


@proves("3.0", "5.3.4")
def test_5_3_width_of_a_size(server: Server) -> None:
    checks.check_pixels(items(server, "sizes"), "width")


@proves("3.0", "5.3.5")
def test_5_3_height_of_a_size(server: Server) -> None:
    checks.check_pixels(items(server, "sizes"), "height")


@proves("3.0", "5.4.2")
def test_5_4_type_of_a_tile(server: Server) -> None:
    checks.check_type_if_present(items(server, "tiles"), "type", "Tile")


@proves("3.0", "5.4.3")
def test_5_4_scale_factors_are_there(server: Server) -> None:
    for info in infos(server):
        checks.check_factors(info)


@proves("3.0", "5.4.4")
def test_5_4_scale_factors_stand_once(server: Server) -> None:
    for info in infos(server):
        checks.check_factors_once(info)


@proves("3.0", "5.4.5")
def test_5_4_width_of_a_tile(server: Server) -> None:
    checks.check_pixels(items(server, "tiles"), "width")


@proves("3.0", "5.4.6")
def test_5_4_shapes_of_tiles_are_unique(server: Server) -> None:
    for info in infos(server):
        checks.check_unique_tiles(info)


@proves("3.0", "5.5.1")
def test_5_5_preferred_formats_are_offered(server: Server) -> None:
    for known, info in zip(KNOWN, infos(server), strict=True):
        for form in info.get("preferredFormats", []):
            assert form in OF_LEVEL_2 | set(info.get("extraFormats", []))
            assert server.ask(f"{known.name}/0,0,64,64/64,64/0/default.{form}").status == 200


@proves("3.0", "5.6.1")
def test_5_6_rights_are_of_a_known_vocabulary(server: Server) -> None:
    for info in infos(server):
        assert info["rights"].startswith(RIGHTS)


@proves("3.0", "5.6.2")
def test_5_6_more_is_said_in_a_manifest(server: Server) -> None:
    for info in infos(server):
        assert not {"attribution", "license", "logo", "requiredStatement", "provider"} & set(info)
        assert any(item["type"] == "Manifest" for item in info["partOf"])


@proves("3.0", "5.7.1")
def test_5_7_who_enlarges_has_limits(server: Server) -> None:
    for info in infos(server):
        if "sizeUpscaling" in info.get("extraFeatures", []):
            assert "maxWidth" in info or "maxArea" in info
            checks.check_limits_hold(server, info)


@proves("3.0", "5.7.3")
def test_5_7_only_avif_is_beyond_the_specification(server: Server) -> None:
    for info in infos(server):
        assert set(info) <= PROPERTIES
        assert set(info.get("extraFeatures", [])) <= FEATURES
        assert set(info.get("extraQualities", [])) <= QUALITIES - {"default"}
        assert set(info.get("extraFormats", [])) <= FORMATS | {"avif"}


@proves("3.0", "5.7.4")
def test_5_7_no_context_is_named_that_is_not_used(server: Server) -> None:
    assert [info["@context"] for info in infos(server)] == [CONTEXT] * len(KNOWN)


@proves("3.0", "5.7.5")
def test_5_7_no_context_collides(server: Server) -> None:
    for info in infos(server):
        contexts = info["@context"] if isinstance(info["@context"], list) else [info["@context"]]
        assert all(context == CONTEXT for context in contexts)


@proves("3.0", "5.7.6")
def test_5_7_extensions_are_kept_to_one_format(server: Server) -> None:
    known = FORMATS | QUALITIES | FEATURES
    for info in infos(server):
        strings = {text for name in ("extraFormats", "extraQualities", "extraFeatures") for text in info.get(name, [])}
        assert strings - known <= {"avif"}


@proves("3.0", "5.8.1")
def test_5_8_part_of_is_a_list(server: Server) -> None:
    check_list_of_objects(server, "partOf")


@proves("3.0", "5.8.2")
def test_5_8_part_of_says_id_type_and_label(server: Server) -> None:
    for item in items(server, "partOf"):
        assert item["id"]
        assert item["type"]
        assert all(isinstance(texts, list) and texts for texts in item["label"].values())


@proves("3.0", "5.8.3")
def test_5_8_see_also_tells_enough_to_choose(server: Server) -> None:
    assert all({"label", "format"} & set(item) for item in items(server, "seeAlso"))


@proves("3.0", "5.8.4")
def test_5_8_see_also_is_one_document_each(server: Server) -> None:
    for info in infos(server):  # two images may well see the same
        addresses = [item["id"] for item in info.get("seeAlso", [])]
        assert len(addresses) == len({(item["id"], item.get("format")) for item in info.get("seeAlso", [])})


@proves("3.0", "5.8.5")
def test_5_8_see_also_is_a_list(server: Server) -> None:
    check_list_of_objects(server, "seeAlso")


@proves("3.0", "5.8.6")
def test_5_8_see_also_says_what_it_is(server: Server) -> None:
    assert all({"id", "type", "label", "format", "profile"} <= set(item) for item in items(server, "seeAlso"))


@proves("3.0", "5.8.7")
def test_5_8_service_is_a_list(server: Server) -> None:
    check_list_of_objects(server, "service")


@proves("3.0", "5.8.8")
def test_5_8_service_has_id_and_type(server: Server) -> None:
    assert all({"id", "type"} <= set(item) or {"@id", "@type"} <= set(item) for item in items(server, "service"))


@proves("3.0", "5.8.9")
def test_5_8_service_has_a_profile(server: Server) -> None:
    assert all("profile" in item for item in items(server, "service"))


@proves("3.0", "5.8.10")
def test_5_8_links_have_an_id(server: Server) -> None:
    for item in links(server):
        assert urlsplit(item.get("id") or item["@id"]).scheme in ("http", "https")


@proves("3.0", "5.8.11")
def test_5_8_links_have_a_type(server: Server) -> None:
    assert all(item.get("type") or item["@type"] for item in links(server))
    assert {item["type"] for item in items(server, "partOf")} <= {"Manifest", "Canvas", "Collection"}


@proves("3.0", "5.8.12")
def test_5_8_links_have_a_label(server: Server) -> None:
    for item in links(server):
        assert "label" in item, item


@proves("3.0", "5.8.13")
def test_5_8_see_also_has_a_format(server: Server) -> None:
    assert all("format" in item for item in items(server, "seeAlso"))


@proves("3.0", "5.8.14")
def test_5_8_format_is_a_media_type(server: Server) -> None:
    assert all("/" in item["format"] for item in links(server) if "format" in item)


@proves("3.0", "5.8.15")
def test_5_8_see_also_and_service_have_a_profile(server: Server) -> None:
    assert all("profile" in item for name in ("seeAlso", "service") for item in items(server, name))


@proves("3.0", "5.8.16")
def test_5_8_profile_is_a_string(server: Server) -> None:
    assert all(isinstance(item["profile"], str) for item in links(server) if "profile" in item)


def links(server: Server) -> list[dict[str, Any]]:
    """Return all objects in the linking properties."""
    found = [item for name in ("partOf", "seeAlso", "service") for item in items(server, name)]
    assert found
    return found


def check_list_of_objects(server: Server, name: str) -> None:
    """Fail where a linking property is there and no list of objects."""
    for info in infos(server):
        value = info.get(name, [])
        assert isinstance(value, list)
        assert all(isinstance(item, dict) for item in value)


@proves("3.0", "6.1")
def test_6_level_is_told(server: Server) -> None:
    assert all("profile" in info for info in infos(server))


@proves("3.0", "6.2")
def test_6_level_is_one_of_three(server: Server) -> None:
    assert {info["profile"] for info in infos(server)} <= {"level0", "level1", "level2"}


@proves("3.0", "6.3")
def test_6_level_is_the_highest_that_is_reached(server: Server) -> None:
    reached = all(
        server.ask(f"{SQUARES.name}/{rest}").status == 200
        for rest in (
            "full/max/0/default.jpg", "square/50,50/0/default.jpg", "1,2,30,40/max/0/default.jpg", "pct:1,2,30,40/max/0/default.jpg",
            "full/50,/0/default.jpg", "full/,50/0/default.jpg", "full/pct:5/0/default.jpg", "full/!50,60/0/default.jpg",
            "full/50,60/0/default.jpg", "full/50,50/90/default.jpg", "full/50,50/0/color.jpg", "full/50,50/0/gray.jpg",
            "full/50,50/0/default.png",
        )
    )  # fmt: skip
    assert reached
    assert {info["profile"] for info in infos(server)} == {"level2"}


# offered beyond


@proves("3.0", "sizes")
def test_5_3_one_size_for_each_scale_factor(server: Server) -> None:
    checks.check_one_size_for_each_factor(server)


@proves("3.0", "tiles")
def test_5_4_tiles_cover_the_image(server: Server) -> None:
    checks.check_tiles_cover(server)


@proves("3.0", "profile link")
def test_6_level_is_linked(server: Server) -> None:
    checks.check_profile_link(server, "http://iiif.io/api/image/3/level2.json")
    assert "profileLinkHeader" in server.info(SQUARES)["extraFeatures"]


@proves("3.0", "limits")
def test_5_2_limits_are_told_and_hold(server: Server) -> None:
    for known in (SQUARES, ODD, GRAY):
        checks.check_limits_hold(server, server.info(known))


@proves("3.0", "same info")
def test_5_1_both_forms_say_the_same(server: Server) -> None:
    assert server.info(SQUARES, {"Accept": "application/json"}) == server.info(
        SQUARES, {"Accept": "application/ld+json"}
    )


@proves("3.0", "own version")
def test_5_2_version_2_is_elsewhere(server: Server) -> None:
    for info in infos(server):
        assert not {"@id", "@type", "attribution", "license", "logo"} & set(info)
        assert info["id"].startswith(f"{ORIGIN}/iiif/image/3/")
