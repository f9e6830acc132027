"""Servers whose info.json says something wrong; and some whose info.json says more than ours, and nothing wrong."""

from collections.abc import Callable
from typing import Any

from tests.conformance.image.breaking import Asked, Info, Make, Sent, infos, sending

Change = Callable[[Info], None]


def saying(*changes: Change) -> Make:
    """Return what makes a server whose info.json is changed."""

    def change(info: Info) -> None:
        for one in changes:
            one(info)

    return sending(infos(change))


def without(name: str) -> Change:
    """Return what leaves a property out."""
    return lambda info: info.pop(name, None)


def having(name: str, value: Any) -> Change:
    """Return what says something else under a property, or something new."""
    return lambda info: info.update({name: value})


def more(name: str, *values: Any) -> Change:
    """Return what adds to a list, which may be new."""
    return lambda info: info.update({name: [*info.get(name, []), *values]})


def fewer(name: str, value: Any) -> Change:
    """Return what takes a value out of a list."""
    return lambda info: info.update({name: [found for found in info.get(name, []) if found != value]})


def turned(name: str, change: Callable[[Any], Any]) -> Change:
    """Return what makes another value out of the one that is there."""
    return lambda info: info.update({name: change(info[name])})


def each(name: str, change: Change) -> Change:
    """Return what changes every object of a list."""

    def change_all(info: Info) -> None:
        for item in info[name]:
            change(item)

    return change_all


def embedded(change: Change) -> Change:
    """Return what changes the profile that stands in an info.json of 2.1."""

    def change_profile(info: Info) -> None:
        for entry in info["profile"]:
            if isinstance(entry, dict):
                change(entry)

    return change_profile


def one_form_only(asked: Asked, sent: Sent) -> Sent:
    """Say in plain JSON alone that the image is 1 pixel wide."""
    changed = infos(having("width", 1))(asked, sent)
    return changed if sent.media_type == "application/json" else sent


def drop_size(info: Info) -> None:
    """Forget the middle one of the sizes."""
    del info["sizes"][len(info["sizes"]) // 2]


def other_factor(info: Info) -> None:
    """Announce a scale factor that has no level."""
    info["tiles"][0]["scaleFactors"][-1] += 1


def factor_twice(info: Info) -> None:
    """Announce a scale factor twice."""
    info["tiles"][0]["scaleFactors"] *= 2


def tiles_twice(info: Info) -> None:
    """Announce tiles of the same shape twice, each with half of the scale factors."""
    (tile,) = info["tiles"]
    factors = tile["scaleFactors"]
    info["tiles"] = [tile | {"scaleFactors": factors[:1]}, tile | {"scaleFactors": factors[1:]}]


def last_context(info: Info) -> None:
    """Put the context behind everything else."""
    info["@context"] = info.pop("@context") + "#"


def no_limits(info: Info) -> None:
    """Keep the width's limit secret."""
    for place in (info, *(entry for entry in info["profile"] if isinstance(entry, dict))):
        place.pop("maxWidth", None)


def colour_of_gray(info: Info) -> None:
    """Announce colour of what has none."""
    if "color" not in info["extraQualities"]:
        info["extraQualities"].append("color")


def larger(number: int) -> int:
    """Return one more."""
    return number + 1


REQUIRED_OF_BOTH = ("@context", "protocol", "width", "height", "profile")
OF_BOTH: dict[str, Make] = {
    **{f"no {name}": saying(without(name)) for name in (*REQUIRED_OF_BOTH, "sizes", "tiles")},
    **{f"{name} is a number of another kind": saying(turned(name, float)) for name in ("width", "height")},
    **{f"{name} as text": saying(turned(name, str)) for name in ("width", "height")},
    **{f"{name} one too large": saying(turned(name, larger)) for name in ("width", "height")},
    **{f"{name} is an object": saying(having(name, {})) for name in ("@context", "protocol", "profile")},
    "context last and another": saying(last_context),
    "context of another API": saying(having("@context", "http://iiif.io/api/presentation/3/context.json")),
    "protocol of another API": saying(having("protocol", "http://iiif.io/api/presentation")),
    "limits not told": saying(no_limits),
    "a size missing": saying(drop_size),
    "a size too large": saying(more("sizes", {"width": 1201, "height": 10})),
    "a size that cannot be": saying(more("sizes", {"width": 0, "height": 10})),
    "sizes without width": saying(each("sizes", without("width"))),
    "sizes without height": saying(each("sizes", without("height"))),
    "widths of sizes as text": saying(each("sizes", turned("width", str))),
    "heights of sizes as text": saying(each("sizes", turned("height", str))),
    "tiles without width": saying(each("tiles", without("width"))),
    "tile width as text": saying(each("tiles", turned("width", str))),
    "tiles too large": saying(each("tiles", having("width", 1300)), each("tiles", having("height", 1300))),
    "tiles without scale factors": saying(each("tiles", without("scaleFactors"))),
    "tiles with no scale factor": saying(each("tiles", having("scaleFactors", []))),
    "scale factors as text": saying(each("tiles", having("scaleFactors", ["1", "2"]))),
    "another scale factor": saying(other_factor),
    "a scale factor twice": saying(factor_twice),
    "a shape of tiles twice": saying(tiles_twice),
    "two forms that say different things": sending(one_form_only),
}

SEE_ALSO: Info = {
    "id": "https://example.org/catalogue/1.xml",
    "type": "Dataset",
    "label": {"en": ["Record"]},
    "format": "application/xml",
    "profile": "https://example.org/profiles/record",
}
SERVICE: Info = {
    "id": "https://example.org/search/1",
    "type": "SearchService2",
    "label": {"en": ["Search"]},
    "profile": "https://example.org/profiles/search",
}


def item_without(name: str, item: Info, *properties: str) -> Make:
    """Return what adds a link that lacks something."""
    return saying(more(name, {key: value for key, value in item.items() if key not in properties}))


def item_with(name: str, item: Info, **properties: Any) -> Make:
    """Return what adds a link that says something else."""
    return saying(more(name, item | properties))


OF_3: dict[str, Make] = {
    **{f"no {name}": saying(without(name)) for name in ("id", "type", "rights", "partOf")},
    **{f"{name} is a list": saying(turned(name, lambda value: [value])) for name in ("type", "profile")},
    "id with a final slash": saying(turned("id", "{}/".format)),
    "id to be encoded": saying(turned("id", lambda value: value.replace("v1b.", "v1b:"))),
    "id of version 2": saying(turned("id", lambda value: value.replace("/3/", "/2/"))),
    "type of version 2": saying(having("type", "ImageService2")),
    "properties of version 2": saying(having("@id", "https://example.org"), having("@type", "iiif:Image")),
    "unknown level": saying(having("profile", "level3")),
    "a lower level": saying(having("profile", "level1")),
    "level as in version 2": saying(having("profile", "http://iiif.io/api/image/3/level2.json")),
    "a property without a context": saying(having("scanner", "A4")),
    "a context that is not used": saying(turned("@context", lambda value: ["https://example.org/context.json", value])),
    "contexts in the wrong order": saying(
        turned("@context", lambda value: [value, "https://example.org/context.json"])
    ),
    "sizes of another type": saying(each("sizes", having("type", "iiif:Size"))),
    "tiles of another type": saying(each("tiles", having("type", "iiif:Tile"))),
    "prefers what is not offered": saying(having("preferredFormats", ["pdf"])),
    "rights of nobody's": saying(having("rights", "https://example.org/ask-us")),
    "says here what a manifest should": saying(having("requiredStatement", {"label": {}, "value": {}})),
    "colour of what has none": saying(colour_of_gray),
    "gray not told": saying(fewer("extraQualities", "gray")),
    "AVIF not told": saying(fewer("extraFormats", "avif")),
    "a format that is not offered": saying(more("extraFormats", "pdf")),
    "a format of nobody's": saying(more("extraFormats", "jxl")),
    "a quality of nobody's": saying(more("extraQualities", "sepia")),
    "a feature of nobody's": saying(more("extraFeatures", "magic")),
    "canonical links not told": saying(fewer("extraFeatures", "canonicalLinkHeader")),
    "enlarging not told": saying(fewer("extraFeatures", "sizeUpscaling")),
    "mirroring not told": saying(fewer("extraFeatures", "mirroring")),
    "links to the level not told": saying(fewer("extraFeatures", "profileLinkHeader")),
    "partOf is an object": saying(turned("partOf", lambda value: value[0])),
    "partOf is a list of addresses": saying(turned("partOf", lambda value: [item["id"] for item in value])),
    **{f"partOf without {name}": saying(each("partOf", without(name))) for name in ("id", "type", "label")},
    "partOf with a bare label": saying(each("partOf", having("label", {"en": "Squares"}))),
    "partOf of another type": saying(each("partOf", having("type", "sc:Manifest"))),
    "partOf at no address": saying(each("partOf", having("id", "v1b"))),
    "seeAlso is an object": saying(having("seeAlso", SEE_ALSO)),
    "seeAlso is an address": saying(having("seeAlso", [SEE_ALSO["id"]])),
    **{f"seeAlso without {name}": item_without("seeAlso", SEE_ALSO, name) for name in SEE_ALSO},
    "seeAlso says nothing to choose by": item_without("seeAlso", SEE_ALSO, "label", "format"),
    "seeAlso twice": saying(more("seeAlso", SEE_ALSO, SEE_ALSO)),
    "seeAlso with a format of its own": item_with("seeAlso", SEE_ALSO, format="xml"),
    "seeAlso with a list of profiles": item_with("seeAlso", SEE_ALSO, profile=[SEE_ALSO["profile"]]),
    "seeAlso at no address": item_with("seeAlso", SEE_ALSO, id="1.xml"),
    "service is an object": saying(having("service", SERVICE)),
    **{f"service without {name}": item_without("service", SERVICE, name) for name in SERVICE},
    "service with a list of profiles": item_with("service", SERVICE, profile=[SERVICE["profile"]]),
}

OF_LEVEL_2 = (("formats", "jpg"), ("qualities", "default"), ("supports", "cors"))
LOGO = "https://example.org/logo.png"
LOGO_SERVICE: Info = {
    "@context": "http://iiif.io/api/image/2/context.json",
    "@id": "https://example.org/logo",
    "profile": "http://iiif.io/api/image/2/level2.json",
}
OF_2: dict[str, Make] = {
    "no @id": saying(without("@id")),
    "@id with a final slash": saying(turned("@id", "{}/".format)),
    "@id to be encoded": saying(turned("@id", lambda value: value.replace("v1b.", "v1b:"))),
    "@id of version 3": saying(turned("@id", lambda value: value.replace("/2/", "/3/"))),
    "@type of version 3": saying(having("@type", "ImageService3")),
    "properties of version 3": saying(having("type", "ImageService2"), having("rights", "https://example.org")),
    "profile is its level": saying(turned("profile", lambda value: value[0])),
    "profile has its level last": saying(turned("profile", lambda value: value[::-1])),
    "unknown level": saying(having("profile", ["http://iiif.io/api/image/2/level3.json"])),
    "a lower level": saying(turned("profile", lambda value: [value[0].replace("level2", "level1"), *value[1:]])),
    "profile has a list in it": saying(more("profile", ["cors"])),
    "profile with a context": saying(embedded(having("@context", "http://iiif.io/api/image/2/context.json"))),
    "profile with an address": saying(embedded(having("@id", "https://example.org/profile.json"))),
    "profile of another type": saying(embedded(having("@type", "iiif:Profile"))),
    "sizes of another type": saying(each("sizes", having("@type", "Size"))),
    "tiles of another type": saying(each("tiles", having("@type", "Tile"))),
    **{f"{name} tell what the level has": saying(embedded(more(name, value))) for name, value in OF_LEVEL_2},
    **{f"{name} are told and empty": saying(embedded(having(name, []))) for name, _ in OF_LEVEL_2},
    "WebP not told": saying(embedded(fewer("formats", "webp"))),
    "a format that is not offered": saying(embedded(more("formats", "pdf"))),
    "canonical links not told": saying(embedded(fewer("supports", "canonicalLinkHeader"))),
    "enlarging not told": saying(embedded(fewer("supports", "sizeAboveFull"))),
    "square not told": saying(embedded(fewer("supports", "regionSquare"))),
    "links to the level not told": saying(embedded(fewer("supports", "profileLinkHeader"))),
    "a logo with a logo": saying(having("logo", {"@id": LOGO, "service": LOGO_SERVICE | {"logo": LOGO}})),
    "a logo with a logo among others": saying(having("logo", [LOGO, {"@id": LOGO, "service": {"logo": LOGO}}])),
}

HARMLESS_OF_3: dict[str, Make] = {
    "seeAlso": saying(having("seeAlso", [SEE_ALSO])),
    "seeAlso, the same in two formats": saying(
        having("seeAlso", [SEE_ALSO, SEE_ALSO | {"id": "https://example.org/1.json", "format": "application/json"}])
    ),
    "service": saying(having("service", [SERVICE])),
    "service as older ones are written": saying(
        having("service", [{"@id": SERVICE["id"], "@type": "SearchService1", "label": "Search", "profile": "search"}])
    ),
    "partOf a collection too": saying(
        more("partOf", {"id": "https://example.org/all", "type": "Collection", "label": {"none": ["All"]}})
    ),
    "types of sizes and tiles": saying(each("sizes", having("type", "Size")), each("tiles", having("type", "Tile"))),
    "rights of another vocabulary": saying(having("rights", "http://rightsstatements.org/vocab/InC/1.0/")),
    "prefers two formats": saying(having("preferredFormats", ["webp", "png"])),
    "prefers none": saying(without("preferredFormats")),
}

HARMLESS_OF_2: dict[str, Make] = {
    "logo as an address": saying(having("logo", LOGO)),
    "logo as a service": saying(having("logo", {"@id": LOGO, "service": LOGO_SERVICE})),
    "two logos": saying(having("logo", [LOGO, {"@id": LOGO, "service": LOGO_SERVICE}])),
    "service": saying(having("service", {"@context": "http://iiif.io/api/annex/services/physdim/1/context.json"})),
    "attribution": saying(having("attribution", [{"@value": "Carrés", "@language": "fr"}, "Squares"])),
    "types": saying(
        having("@type", "iiif:Image"),
        each("sizes", having("@type", "iiif:Size")),
        each("tiles", having("@type", "iiif:Tile")),
    ),
    "no license": saying(without("license")),
}
