"""Image: what a file says of its format, resolution and colours, against the contract, the text, and itself."""

from collections.abc import Iterable, Iterator

from server.delivery.values import Finding, Severity
from server.imaging.source import MasterFacts
from server.quality.examine import Examined, ImageSeen
from server.quality.registry import Limit, Rule, rule
from server.told import either, told

_FORMATS = ("tiff", "jpeg", "png", "jp2", "j2k")
_COLOURS = ("bilevel", "gray", "rgb", "palette", "cmyk", "lab")
_PER_INCH = {"mm10": 254.0, "inch1200": 1200.0}


def _seen(examined: Examined) -> Iterator[tuple[str, int, ImageSeen, MasterFacts]]:
    for path, seen in examined.images.items():
        if seen.facts:
            for item, view in examined.shown.get(path, ()):
                yield item, view, seen, seen.facts


@rule(
    "image-malformed", "image", Severity.WARNING, of_views=True,
    fr="Un fichier image ne respecte pas son format (JP2 : jpylyzer).", en="An image file breaks its format (JP2: jpylyzer).",
)  # fmt: skip
def image_malformed(examined: Examined, this: Rule) -> Iterable[Finding]:
    """TIFF, JPEG, PNG and JP2 are well-formed, whatever decoders forgive."""
    for item, view, seen, _ in _seen(examined):
        if seen.statements.malformed:
            yield this.finding(
                told(
                    "view f{view}: {path}: {malformed}; ask the supplier to write the file anew",
                    view=view,
                    path=seen.path,
                    malformed=seen.statements.malformed,
                ),
                seen.path,
                item,
                view,
            )


@rule(
    "image-format", "image", Severity.ERROR, of_views=True,
    fr="Le format d’une image n’est pas celui du contrat.", en="The format of an image is not that of the contract.",
    limits=(Limit("formats", (), "formats acceptés ; aucun : tous", "formats accepted; none: any", choices=_FORMATS),),
)  # fmt: skip
def image_format(examined: Examined, this: Rule) -> Iterable[Finding]:
    """Files have the format that was ordered."""
    wanted = this.words("formats")
    for item, view, seen, facts in _seen(examined):
        if wanted and facts.format not in wanted:
            yield this.finding(
                told(
                    "view f{view}: {path} is a {format}; ask for {wanted}",
                    view=view,
                    path=seen.path,
                    format=facts.format,
                    wanted=either(wanted),
                ),
                seen.path,
                item,
                view,
            )


@rule(
    "image-compression", "image", Severity.WARNING, of_views=True,
    fr="La compression d’une image n’est pas celle du contrat.", en="The compression of an image is not that of the contract.",
    limits=(
        Limit("compressions", (), "compressions acceptées, telles que none, lzw, jpeg ; aucune : toutes",
              "compressions accepted, such as none, lzw, jpeg; none named: any"),
        Limit("ratio", 0, "combien de fois, au plus, le fichier est plus petit que ses pixels ; 0 : sans limite",
              "how many times, at most, the file is smaller than its pixels; 0: no limit"),
    ),
)  # fmt: skip
def image_compression(examined: Examined, this: Rule) -> Iterable[Finding]:
    """Files are compressed as was agreed, and no further."""
    wanted, most = this.words("compressions"), this.number("ratio")
    for item, view, seen, facts in _seen(examined):
        if wanted and facts.compression not in wanted:
            yield this.finding(
                told(
                    "view f{view}: {path} is compressed by {compression}; ask for {wanted}",
                    view=view,
                    path=seen.path,
                    compression=facts.compression,
                    wanted=either(wanted),
                ),
                seen.path,
                item,
                view,
            )
        ratio = facts.width * facts.height * facts.bands * facts.bits / 8 / seen.size if seen.size else 0.0
        if most and ratio > most:
            yield this.finding(
                told("view f{view}: {path} is {ratio:.0f} times smaller than its pixels, {most:g} were agreed; "
"ask for less compression", view=view, path=seen.path, ratio=ratio, most=most),
                seen.path, item, view,
            )  # fmt: skip


@rule(
    "image-resolution", "image", Severity.ERROR, of_views=True,
    fr="La résolution d’une image n’est pas celle du contrat.", en="The resolution of an image is not that of the contract.",
    limits=(
        Limit("dpi", 0, "points par pouce ; 0 : rien n’est demandé", "dots an inch; 0: nothing is asked"),
        Limit("tolerance", 2, "écart toléré, en pour cent", "deviation that is accepted, in per cent", most=100),
    ),
)  # fmt: skip
def image_resolution(examined: Examined, this: Rule) -> Iterable[Finding]:
    """The resolution is said, and is the one that was agreed."""
    wanted, tolerance = this.number("dpi"), this.number("tolerance")
    for item, view, seen, _ in _seen(examined):
        if wanted and not seen.dpi:
            yield this.finding(
                told(
                    "view f{view}: {path} does not say its resolution; ask for {wanted:g} dpi",
                    view=view,
                    path=seen.path,
                    wanted=wanted,
                ),
                seen.path,
                item,
                view,
            )
        elif wanted and abs(seen.dpi / wanted - 1) * 100 > tolerance:
            yield this.finding(
                told(
                    "view f{view}: {path} has {dpi:g} dpi; ask for {wanted:g}",
                    view=view,
                    path=seen.path,
                    dpi=seen.dpi,
                    wanted=wanted,
                ),
                seen.path,
                item,
                view,
            )


@rule(
    "image-resolution-disagrees", "image", Severity.WARNING, of_views=True,
    fr="Les en-têtes d’une image indiquent des résolutions différentes.", en="The headers of an image state different resolutions.",
    limits=(Limit("tolerance", 1, "écart toléré, en pour cent", "deviation that is accepted, in per cent", most=100),),
)  # fmt: skip
def image_resolution_disagrees(examined: Examined, this: Rule) -> Iterable[Finding]:
    """JFIF, EXIF and the rest say the same, across and down."""
    for item, view, seen, _ in _seen(examined):
        values = [value for _, across, down in seen.statements.resolutions for value in (across, down)]
        if values and (max(values) / min(values) - 1) * 100 > this.number("tolerance"):
            stated = tuple(
                told("{place} says {across:g}", place=place, across=across)
                if across == down
                else told("{place} says {across:g} × {down:g}", place=place, across=across, down=down)
                for place, across, down in seen.statements.resolutions
            )
            yield this.finding(
                told(
                    "view f{view}: {path}: {stated} dpi; ask which is true, and for one figure",
                    view=view,
                    path=seen.path,
                    stated=stated,
                ),
                seen.path,
                item,
                view,
            )


@rule(
    "image-size-disagrees", "image", Severity.WARNING, of_views=True,
    fr="L’image n’a pas le nombre de pixels qu’indique EXIF : elle a été réduite, agrandie ou recadrée après la prise de vue.",
    en="An image has not as many pixels as EXIF states: it was reduced, enlarged or cropped after it was taken.",
    limits=(Limit("tolerance", 12, "écart toléré de chaque côté, en pour cent : un recadrage au bord de la page n’est pas un défaut",
                  "deviation accepted on each side, in per cent: to crop to the page's edge is no fault", most=100),),
)  # fmt: skip
def image_size_disagrees(examined: Examined, this: Rule) -> Iterable[Finding]:
    """What EXIF says of the picture as taken is what was delivered, but for a crop to the page."""
    for item, view, seen, facts in _seen(examined):
        said = seen.statements.exif_size
        if said is None:
            continue
        real = sorted((facts.width, facts.height))
        if any(
            abs(one / other - 1) * 100 > this.number("tolerance") for one, other in zip(real, sorted(said), strict=True)
        ):
            yield this.finding(
                told(
                    "view f{view}: {path} has {width} × {height} pixels, EXIF says {across} × {down}; ask for the image as "
                    "it was taken",
                    view=view,
                    path=seen.path,
                    width=facts.width,
                    height=facts.height,
                    across=said[0],
                    down=said[1],
                ),
                seen.path,
                item,
                view,
            )


@rule(
    "image-depth", "image", Severity.ERROR, of_views=True,
    fr="Une image a moins de bits par canal que le contrat n’en demande.",
    en="An image has fewer bits a channel than the contract asks for.",
    limits=(Limit("bits", 0, "bits par canal, au moins ; 0 : rien n’est demandé", "bits a channel, at least; 0: nothing is asked", most=64),),
)  # fmt: skip
def image_depth(examined: Examined, this: Rule) -> Iterable[Finding]:
    """Channels have the depth that was agreed."""
    for item, view, seen, facts in _seen(examined):
        if facts.bits < this.number("bits"):
            yield this.finding(
                told(
                    "view f{view}: {path} has {bits} bits a channel; ask for {wanted:g}",
                    view=view,
                    path=seen.path,
                    bits=facts.bits,
                    wanted=this.number("bits"),
                ),
                seen.path,
                item,
                view,
            )


@rule(
    "image-colour", "image", Severity.ERROR, of_views=True,
    fr="L’espace colorimétrique d’une image n’est pas celui du contrat.",
    en="The colour space of an image is not that of the contract.",
    limits=(Limit("colours", (), "espaces acceptés ; aucun : tous", "spaces accepted; none: any", choices=_COLOURS),),
)  # fmt: skip
def image_colour(examined: Examined, this: Rule) -> Iterable[Finding]:
    """Images are in the colours that were agreed."""
    wanted = this.words("colours")
    for item, view, seen, _ in _seen(examined):
        colour = seen.statements.colour
        if wanted and colour not in wanted:
            yield this.finding(
                told(
                    "view f{view}: {path} is in {colour}; ask for {wanted}",
                    view=view,
                    path=seen.path,
                    colour=colour or told("a space that it does not say"),
                    wanted=either(wanted),
                ),
                seen.path,
                item,
                view,
            )


@rule(
    "image-profile", "image", Severity.WARNING, of_views=True,
    fr="Le profil ICC manque, ou n’est pas l’un de ceux du contrat.",
    en="The ICC profile is missing, or is none of those of the contract.",
    limits=(
        Limit("profiles", (), 'noms acceptés, ou une partie d’eux ; "any" : n’importe quel profil nommé ; aucun : rien n’est demandé',
              'names accepted, or a part of them; "any": whatever has a name; none: nothing is asked'),
    ),
)  # fmt: skip
def image_profile(examined: Examined, this: Rule) -> Iterable[Finding]:
    """A profile is there and has a name that was agreed. Masters of one bit and pages of a PDF need none."""
    wanted = this.words("profiles")
    for item, view, seen, facts in _seen(examined):
        if not wanted or facts.bits == 1 or facts.format == "pdf":
            continue
        named = facts.icc_name if facts.icc_name != "unnamed" else ""
        if not any((one == "any" and named) or (named and one.casefold() in named.casefold()) for one in wanted):
            has = (
                told("has the profile {icc_name!r}", icc_name=facts.icc_name)
                if facts.icc_name
                else told("has no ICC profile")
            )
            asked = told("one that has a name") if wanted == ("any",) else either(wanted)
            yield this.finding(
                told("view f{view}: {path} {has}; ask for {asked}", view=view, path=seen.path, has=has, asked=asked),
                seen.path,
                item,
                view,
            )


@rule(
    "image-orientation", "image", Severity.WARNING, of_views=True,
    fr="Une image n’est pas droite en elle-même, mais par une consigne (EXIF).",
    en="An image is upright by an instruction only (EXIF), not by its pixels.",
)  # fmt: skip
def image_orientation(examined: Examined, this: Rule) -> Iterable[Finding]:
    """Masters are upright by themselves: not every program heeds the orientation tag."""
    for item, view, seen, facts in _seen(examined):
        if facts.orientation != 1:
            yield this.finding(
                told(
                    "view f{view}: {path} has the orientation {orientation}; ask for it turned and saved upright",
                    view=view,
                    path=seen.path,
                    orientation=facts.orientation,
                ),
                seen.path,
                item,
                view,
            )


@rule(
    "image-definition", "image", Severity.WARNING, of_views=True,
    fr="La définition d’une image ne correspond pas à la taille de la page (ALTO) ou à celle du contrat.",
    en="The definition of an image does not fit the size of the page (ALTO), or that of the contract.",
    limits=(
        Limit("tolerance", 8, "écart toléré, en pour cent, entre la résolution dite et celle que donne la taille de la page",
              "deviation accepted, in per cent, between the resolution said and that which follows from the page's size", most=100),
        Limit("pixels", 0, "pixels du grand côté, au moins ; 0 : rien n’est demandé", "pixels of the longer side, at least; 0: nothing is asked"),
    ),
)  # fmt: skip
def image_definition(examined: Examined, this: Rule) -> Iterable[Finding]:
    """An image has as many pixels as its page has size: an ALTO in tenths of millimetres or in 1/1200 inch says how large."""
    texts = {text.image: text for text in examined.texts.values()}
    for item, view, seen, facts in _seen(examined):
        long = max(facts.width, facts.height)
        if long < this.number("pixels"):
            yield this.finding(
                told(
                    "view f{view}: {path} has {long} pixels on its longer side; ask for {pixels:g}",
                    view=view,
                    path=seen.path,
                    long=long,
                    pixels=this.number("pixels"),
                ),
                seen.path,
                item,
                view,
            )
        text = texts.get(seen.source)
        if not text or text.unit not in _PER_INCH or not text.width or not seen.dpi:
            continue
        real = facts.width / text.width * _PER_INCH[text.unit]
        if abs(real / seen.dpi - 1) * 100 > this.number("tolerance"):
            yield this.finding(
                told("view f{view}: {path} says {dpi:g} dpi, but by the page of {text} it has {real:.0f}; ask "
"which is true", view=view, path=seen.path, dpi=seen.dpi, text=text.path, real=real),
                seen.path, item, view,
            )  # fmt: skip
