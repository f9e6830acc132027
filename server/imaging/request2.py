"""The request grammar of the IIIF Image API 2.1 (§4), which makes the same values as that of 3.0.

It differs from 3.0 in the size alone (3.0 change log §1.1); what its text leaves open is decided thus:

- `full` is the region unscaled (§4.2). Above the limits it is refused, as any other size is (§5.3): it names a size,
  and `max` is there for the greatest that can be had.
- `max` never enlarges. It is `full` where there are no limits (§4.2), so that limits can but make it smaller; 3.0 §4.2
  says so.
- There is no `^`. We announce `sizeAboveFull` (§5.3), so `w,` — `,h` — `pct:n` — `w,h` may enlarge, within the limits,
  and `!w,h` is the best fit in the box (§4.2) for a smaller region too.
- A side that `w,` or `,h` leaves to us has at least one pixel: how it is rounded is ours (§4), and `w,` is how tiles are
  asked for (appendix A), those of an image one pixel high too.
- `w,` for a tile of ours, or for the whole image in a width that info.json lists, is that tile and that size, though
  another height may follow from a narrow width that was rounded up (`size`).
- A canonical angle below 1 has its leading zero: §4.7 can be read both ways, §4 is plain.
- `w,h` is canonical (§4.7) only where `w,` would not come to the same pixels, `w,` also for `max` within limits.

Pure, as `request` is.
"""

from urllib.parse import unquote

from server.imaging.request import ImageRequest
from server.imaging.size import Size, SizeKind

_FORMS = "full, max, w, — ,h — w,h — !w,h or pct:n"


def parse_2(region: str, size: str, rotation: str, quality: str, format: str) -> ImageRequest:  # noqa: A002  # the API's word
    """Read the parameters of 2.1 as they stand in the path, percent-encoded or not. Raises BadRequest alone."""
    return ImageRequest.read(region, parse_size_2(unquote(size)), rotation, quality, format, 2)


def parse_size_2(text: str) -> Size:
    """Read a size of 2.1. Raises BadRequest."""
    if text in ("full", "max"):
        return Size(SizeKind(text))
    return Size.read_scaling(text, text, _FORMS, upscale=True, least=1)
