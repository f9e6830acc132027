"""What all responses about one image have in common: limits, validators, headers, info.json in its forms.

Made once for each image and version of the API, and anew when the image's record has changed. Must not import flask.
"""

import gzip
import hashlib
import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property

from server.iiif.http import SHARED, http_date
from server.iiif.pyramids import ImageLocation
from server.iiif.versions import ImageApi
from server.imaging.index import TileIndex
from server.imaging.size import Limits, Ready
from server.model.levels import listed_sizes
from server.settings import Settings

Headers = tuple[tuple[bytes, bytes], ...]

_MOST_REMEMBERED = 32
_RENDERING = 3
"""Part of every ETag: to be raised when the same request makes other pixels of the same pyramid."""


_STARTED = datetime.now(UTC).replace(microsecond=0)


@dataclass(frozen=True, slots=True)
class InfoForm:
    """info.json as it is sent: its headers without validators, its ETag, its body."""

    headers: tuple[tuple[str, str], ...]
    etag: str
    body: bytes
    ready: Headers
    """The headers of a 200 whole, as they go out."""


@dataclass(frozen=True)
class Served:
    """One image in one version of the API. `base` is its base URI, without a final slash; `etag` is of its pixels."""

    api: ImageApi
    location: ImageLocation
    base: str
    cache_control: str
    limits: Limits
    etag: str
    info: bytes
    whole: dict[bytes, tuple[int, str]] = field(default_factory=dict)
    """Sizes of the whole image, as clients write them, that are stored: their number and their canonical path."""
    _forms: dict[tuple[bool, bool], InfoForm] = field(default_factory=dict)

    @classmethod
    def build(
        cls, api: ImageApi, location: ImageLocation, index: TileIndex, base: str, settings: Settings, cache_control: str
    ) -> "Served":
        """Make it from the image's record and its tile index."""
        info = api.build_info(
            base,
            location.width,
            location.height,
            tile_size=index.tile_size,
            max_width=settings.max_width,
            max_height=settings.max_height,
            max_area=settings.max_area,
            rights_uri=location.rights_uri,
            part_of=[(document.address, document.label) for document in location.part_of],
            gray=index.bands == 1,
        )
        limits = Limits(settings.max_width, settings.max_height, settings.max_area)
        ready = {*listed_sizes(location.width, location.height, index.tile_size), *index.pictures}
        return cls(
            api,
            location,
            base,
            cache_control,
            replace(limits, ready=Ready(location.width, location.height, index.tile_size, frozenset(ready))),
            f'"{hashlib.sha256(repr((location.version, _RENDERING, limits)).encode()).hexdigest()[:16]}"',
            json.dumps(info, ensure_ascii=False, separators=(",", ":")).encode("utf-8"),
        )

    def info_form(self, *, linked: bool, packed: bool) -> InfoForm:
        """Return info.json as JSON-LD or as plain JSON, with gzip or without."""
        form = self._forms.get((linked, packed))
        if form is None:
            form = self._forms[linked, packed] = self._make_form(linked=linked, packed=packed)
        return form

    def remember(self, size: bytes, number: int, canonical: str) -> None:
        """Note that a size of the whole image is stored, so that it is found at once next time."""
        while len(self.whole) >= _MOST_REMEMBERED:
            del self.whole[next(iter(self.whole))]
        self.whole[size] = (number, canonical)

    def link(self, canonical: str) -> str:
        """Return the Link header of an image: its canonical address (3.0 §4.8, 2.1 §4.7) and the compliance level."""
        return f'<{self.base}/{canonical}>;rel="canonical", {self.api.profile_link}'

    @cached_property
    def jpeg_headers(self) -> Headers:
        """What every stored JPEG is sent with, but for its length and its canonical address."""
        return (
            (b"content-type", b"image/jpeg"),
            (b"cache-control", self.cache_control.encode("ascii")),
            (b"etag", self.etag.encode("ascii")),
            *_shared(self.location.last_modified),
        )

    @cached_property
    def link_parts(self) -> tuple[bytes, bytes]:
        """What stands before and behind the canonical path in the Link header."""
        before, _, behind = self.link("\n").partition("\n")
        return before.encode("ascii"), behind.encode("ascii")

    @property
    def info_modified(self) -> datetime:
        """When info.json changed last: it also says what the settings are, which this process read at its start."""
        return max(self.location.last_modified, _STARTED)

    def _make_form(self, *, linked: bool, packed: bool) -> InfoForm:
        link = self.api.profile_link if linked else f"{self.api.profile_link}, {self.api.context_link}"
        headers = [
            ("content-type", self.api.json_ld if linked else "application/json"),
            ("cache-control", self.cache_control),
            ("vary", "Accept, Accept-Encoding"),
            ("link", link),
        ]
        body = self.info
        if packed:
            body = gzip.compress(body, 6, mtime=0)
            headers.append(("content-encoding", "gzip"))
        digest = hashlib.sha256(self.info).hexdigest()[:16]
        etag = f'"{digest}{"-ld" if linked else ""}{"-gzip" if packed else ""}"'
        ready = (
            *((name.encode(), value.encode("latin-1")) for name, value in headers),
            (b"etag", etag.encode()),
            *_shared(self.info_modified),
            (b"content-length", str(len(body)).encode()),
        )
        return InfoForm(tuple(headers), etag, body, ready)


def _shared(modified: datetime) -> Headers:
    return (
        (b"last-modified", http_date(modified).encode("ascii")),
        *((name.encode(), value.encode()) for name, value in SHARED),
    )
