"""Servers that show other images than were asked for: each reads one parameter wrongly, or spoils pixels."""

import re

from PIL import Image

from tests.conformance.image.breaking import (
    IMAGE,
    Asked,
    Make,
    asking,
    numbers,
    parameters,
    pictures,
    sending,
)


def one_less(parts: list[str]) -> list[str]:
    """Make a width one pixel smaller."""
    size = numbers(parts[1], 2)
    width = re.fullmatch(r"(\^?)([0-9]+),", parts[1])
    if size and size[0] > 1:
        parts[1] = f"{size[0] - 1},{size[1]}"
    elif width and int(width[2]) > 1:
        parts[1] = f"{width[1]}{int(width[2]) - 1},"
    return parts


def one_right(parts: list[str]) -> list[str]:
    """Begin a region one pixel further to the right."""
    region = numbers(parts[0], 4)
    if region and region[0] > 0:
        parts[0] = f"{region[0] + 1},{region[1]},{region[2]},{region[3]}"
    return parts


def unturned(parts: list[str]) -> list[str]:
    """Leave out the rotation."""
    parts[2] = "!0" if parts[2].startswith("!") and parts[2][1:2].isdecimal() else re.sub(r"^[0-9.]+$", "0", parts[2])
    return parts


def the_other_way(parts: list[str]) -> list[str]:
    """Turn first and mirror then, which is to mirror and turn the other way."""
    if parts[2] in ("!90", "!270"):
        parts[2] = "!270" if parts[2] == "!90" else "!90"
    return parts


def unmirrored(parts: list[str]) -> list[str]:
    """Leave out the mirror."""
    parts[2] = re.sub(r"^!(?=[0-9])", "", parts[2])
    return parts


def not_all(parts: list[str]) -> list[str]:
    """Leave a strip of the whole image out."""
    parts[0] = "pct:2,0,98,100" if parts[0] == "full" else parts[0]
    return parts


def further_by_percent(parts: list[str]) -> list[str]:
    """Begin a region that is given in percent further to the right."""
    percent = re.fullmatch(r"pct:([0-9]+)(,.*)", parts[0])
    parts[0] = f"pct:{int(percent[1]) + 1}{percent[2]}" if percent else parts[0]
    return parts


def never_over(parts: list[str]) -> list[str]:
    """Refuse a region that reaches far over the edge of all images."""
    region = numbers(parts[0], 4)
    parts[0] = "0,0,0,0" if region and region[0] + region[2] > 1240 else parts[0]
    return parts


def at_least_a_pixel(parts: list[str]) -> list[str]:
    """Serve a pixel where a region has none."""
    parts[0] = re.sub(r"^0,0,0,|^1000,0,10,", "0,0,1,", parts[0])
    return parts


def width_alone(parts: list[str]) -> list[str]:
    """Make a width that stands alone one pixel smaller."""
    return one_less(parts) if parts[1].endswith(",") else parts


def less_percent(parts: list[str]) -> list[str]:
    """Make what is given in percent a tenth smaller."""
    percent = re.fullmatch(r"(\^?pct:)([0-9.]+)", parts[1])
    parts[1] = f"{percent[1]}{float(percent[2]) * 0.9:.3f}" if percent and percent[2].count(".") < 2 else parts[1]
    return parts


def less_than_max(parts: list[str]) -> list[str]:
    """Make the greatest size a tenth smaller."""
    parts[1] = "pct:90" if parts[1] in ("max", "full") else parts[1]
    return parts


def gray_for_color(parts: list[str]) -> list[str]:
    """Take `color` for `gray`."""
    parts[3] = "gray" if parts[3] == "color" else parts[3]
    return parts


def in_colour(parts: list[str]) -> list[str]:
    """Leave gray in colour."""
    parts[3] = "color" if parts[3] == "gray" else parts[3]
    return parts


def shaded(asked: Asked, image: Image.Image) -> Image.Image:
    """Give gray for bitonal."""
    return (
        image.convert("L").resize((image.width // 2 or 1, image.height // 2 or 1)).resize(image.size)
        if "/bitonal." in asked.path
        else image
    )


def padded(asked: Asked, image: Image.Image) -> Image.Image:
    """Fill the tiles at the edges up to whole ones."""
    match = IMAGE.fullmatch(asked.path)
    region = numbers(match[2], 4) if match else None
    if region is None or max(region[2:]) > 255 or region[0] % 256 or region[1] % 256 or max(region[:2]) == 0:
        return image
    whole = Image.new(image.mode, (256, 256))
    whole.paste(image)
    return whole


def enlarging(parts: list[str]) -> list[str]:
    """Enlarge without being told to."""
    if re.fullmatch(r"[0-9]+,[0-9]*|,[0-9]+|pct:[0-9.]+", parts[1]):
        parts[1] = "^" + parts[1]
    return parts


def without_limits(parts: list[str]) -> list[str]:
    """Serve what is above the limits, as large as it goes."""
    size = re.fullmatch(r"\^?([0-9]+),([0-9]*)", parts[1])
    if size and int(size[1]) > 1200:
        parts[1] = "max"
    return parts


def one_lower(parts: list[str]) -> list[str]:
    """Make a height that stands alone one pixel smaller."""
    height = re.fullmatch(r"(\^?),([0-9]+)", parts[1])
    if height and int(height[2]) > 1:
        parts[1] = f"{height[1]},{int(height[2]) - 1}"
    return parts


def box_as_size(parts: list[str]) -> list[str]:
    """Distort into the box what should keep its ratio."""
    parts[1] = parts[1].replace("!", "")
    return parts


def strict(parts: list[str]) -> list[str]:
    """Refuse a width that is one pixel above the region's."""
    region, size = numbers(parts[0], 4), numbers(parts[1], 2)
    if region and size and size[0] == region[2] + 1:
        parts[1] = "0,0"
    return parts


def small_at_most(parts: list[str]) -> list[str]:
    """Take `^max` for `max`."""
    parts[1] = "max" if parts[1] == "^max" else parts[1]
    return parts


def whole_for_square(parts: list[str]) -> list[str]:
    """Take `square` for `full`."""
    parts[0] = "full" if parts[0] == "square" else parts[0]
    return parts


def coloured(parts: list[str]) -> list[str]:
    """Serve a quality that nobody knows."""
    parts[3] = "color" if parts[3] in ("grey", "native", "sepia") else parts[3]
    return parts


def long_names(parts: list[str]) -> list[str]:
    """Serve JPEG and TIFF by their longer names."""
    parts[4] = {"jpeg": "jpg", "tiff": "tif"}.get(parts[4], parts[4])
    return parts


def around(parts: list[str]) -> list[str]:
    """Turn by more than a whole turn."""
    if re.fullmatch(r"!?[0-9]{3}(\.[0-9]+)?", parts[2]) and float(parts[2].lstrip("!")) > 360:
        parts[2] = "0"
    return parts


def opaque(asked: Asked, image: Image.Image) -> Image.Image:
    """Uncover black where the picture was turned."""
    return image.convert("RGB") if image.mode == "RGBA" else image


def smaller(asked: Asked, image: Image.Image) -> Image.Image:
    """Shrink what is turned by an odd angle into the size that it had."""
    return image.resize((image.width * 4 // 5, image.height * 4 // 5)) if image.mode == "RGBA" else image


OF_BOTH: dict[str, Make] = {
    "width one pixel too small": asking(parameters(one_less)),
    "width that stands alone one pixel too small": asking(parameters(width_alone)),
    "a tenth less than the percentage": asking(parameters(less_percent)),
    "a tenth less than the greatest": asking(parameters(less_than_max)),
    "height one pixel too small": asking(parameters(one_lower)),
    "box taken for a size": asking(parameters(box_as_size)),
    "a pixel above the region refused": asking(parameters(strict)),
    "region one pixel too far right": asking(parameters(one_right)),
    "full is not all": asking(parameters(not_all)),
    "percentages too far right": asking(parameters(further_by_percent)),
    "region over the edge refused": asking(parameters(never_over)),
    "region of nothing served": asking(parameters(at_least_a_pixel)),
    "square not square": asking(parameters(whole_for_square)),
    "rotation ignored": asking(parameters(unturned)),
    "rotation above 360 served": asking(parameters(around)),
    "mirrored after the rotation": asking(parameters(the_other_way)),
    "mirror ignored": asking(parameters(unmirrored)),
    "turned without transparency": sending(pictures(opaque)),
    "turned and shrunk": sending(pictures(smaller)),
    "gray ignored": asking(parameters(in_colour)),
    "color as gray": asking(parameters(gray_for_color)),
    "unknown quality served": asking(parameters(coloured)),
    "unknown format served": asking(parameters(long_names)),
    "shades in bitonal": sending(pictures(shaded)),
    "edge tiles padded": sending(pictures(padded)),
    "limits not kept": asking(parameters(without_limits)),
}

OF_3: dict[str, Make] = {
    "enlarges without ^": asking(parameters(enlarging)),
    "^max as max": asking(parameters(small_at_most)),
}
