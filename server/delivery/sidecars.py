"""ALTO files beside images: found by their root element, matched by the image they name or by their own name."""

import re
from functools import cached_property
from pathlib import PurePosixPath

from server.delivery.folder import Folder, fold_path
from server.formats.xml import GZIP, unpack_head

_FILE_NAME = re.compile(rb"<(?:[\w.-]+:)?fileName[^>]*>\s*([^<]{1,1024}?)\s*</")
_LOOKED_AT = 65536


class Sidecars:
    """The ALTO files of a delivery, by the folded name of the image that they are for."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder

    def of(self, image: str) -> str | None:
        """Return the ALTO of an image: the one that names it, else the one of the same name; the nearest of several."""
        name = fold_path(PurePosixPath(image).name)
        stem = _stem(name)
        named, same = self._index
        found = named.get(name) or [path for path in same.get(stem, []) if not self._names_another(path, stem)]
        if not found:
            return None
        here = PurePosixPath(image).parent
        return min(found, key=lambda path: (_distance(PurePosixPath(path).parent, here), path))

    @cached_property
    def _index(self) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
        named: dict[str, list[str]] = {}
        same: dict[str, list[str]] = {}
        for path in self.folder.delivered:
            root = self.folder.root_name(path)
            if root is None or root.local.lower() != "alto":
                continue
            same.setdefault(_stem(fold_path(PurePosixPath(path).name)), []).append(path)
            image = self._named_image(path)
            if image:
                named.setdefault(image, []).append(path)
        return named, same

    @cached_property
    def _images_named(self) -> dict[str, str]:
        return {path: image for image, paths in self._index[0].items() for path in paths}

    def _names_another(self, path: str, stem: str) -> bool:
        # an ALTO for `other.tif` that happens to be called like this image is for the other one, where that one is there
        image = self._images_named.get(path, "")
        return bool(image) and _stem(image) != stem and image in self.folder.by_folded_name

    def _named_image(self, path: str) -> str:
        with (self.folder.root / path).open("rb") as stream:
            head = stream.read(_LOOKED_AT)
        match = _FILE_NAME.search(unpack_head(head) if head.startswith(GZIP) else head)
        if not match:
            return ""
        said = match[1].decode("utf-8", "replace").replace("\\", "/")
        return fold_path(said.rpartition("/")[2])


def _stem(name: str) -> str:
    # `f21.tif.jpeg` and `f21.xml` belong together: an image may carry the suffix of what it was made from
    while (suffix := PurePosixPath(name).suffix) and re.fullmatch(
        r"\.(tiff?|jpe?g|png|jp2|j2k|jpx|jpf|xml|alto|gz)", suffix
    ):
        name = name.removesuffix(suffix)
    return re.sub(r"[-_.]alto$", "", name)


def _distance(a: PurePosixPath, b: PurePosixPath) -> int:
    shared = 0
    for one, other in zip(a.parts, b.parts, strict=False):
        if one != other:
            break
        shared += 1
    return len(a.parts) + len(b.parts) - 2 * shared
