"""Requests that a seeded generator writes: valid, nearly valid and hostile. Targets as bytes, as they go over the wire."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote, quote_from_bytes

from benchmarks.addresses import regions, thumbnails, tiles
from benchmarks.scans import SCANS, Scan

METHODS = ("GET",) * 94 + ("HEAD",) * 3 + ("OPTIONS",) * 2 + ("POST",)
FORMATS = ("jpg", "png", "webp", "gif", "tif", "avif")
QUALITIES = ("default", "color", "gray", "bitonal")

NUMBERS = (
    "0", "1", "-1", "+1", "00", "007", "1.0", "1.5", ".5", "5.", "1e3", "1e400", "nan", "inf", "-inf", "NaN", "0x10", "1_0",
    "2147483648", "4294967296", "9999999999", "9" * 40, "9" * 400, "", " ", "%20", "٣", "²", "１", "½", "%00", "1%001", "--1",
)  # fmt: skip
WORDS = (
    "full", "square", "max", "^max", "^", "!", "^!", "pct:", "pct:0", "pct:100", "pct:100.0001", "pct:-5", "pct:1e5", "pct:nan",
    "pct:1,1,1,1", "pct:99.999,99.999,0.0001,0.0001", "pct:0,0,0,0", "Full", "MAX", "default", "default.jpg", "info.json", "[object Object]",
    "undefined", "null", "true", "*", ".", "..", "...", "~", "%", "%%", "%2", "%zz", "\\", "a/b", ";", "'", '"', "<script>", "${7*7}", "{{7*7}}",
)  # fmt: skip
LEVELS_UP = ("..", "%2e%2e", "%2E%2e", "%252e%252e", "..%00", "..;", "....", ".%2e", "%c0%ae%c0%ae", "..%5c", "\\..")
SEPARATORS = ("/", "%2f", "%2F", "%252f", "//", "\\", "%5c", "/./", "%c0%af")


@dataclass(frozen=True, slots=True)
class Hostile:
    """One request: its kind, for the count; its method; its target, without spaces and line ends."""

    kind: str
    method: str
    target: bytes


class Generator:
    """Writes requests about published images. `secrets` are paths that no answer may give away."""

    def __init__(self, images: Mapping[str, str], tile_size: int, secrets: tuple[str, ...], seed: int) -> None:
        self._chance = random.Random(seed)
        self._images = images
        self._secrets = secrets
        self._tiles = tiles(tile_size)
        self._others = [*regions(600, seed=seed), *thumbnails(200), *thumbnails(400)]

    def requests(self, count: int) -> Iterator[Hostile]:
        """Yield so many requests."""
        kinds = {
            "valid": self._valid,
            "nearly valid": self._nearly_valid,
            "hostile": self._hostile,
            "elsewhere": self._elsewhere,
        }
        for kind in self._chance.choices(list(kinds), (25, 35, 32, 8), k=count):
            text = kinds[kind]()
            raw = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
            yield Hostile(kind, self._chance.choice(METHODS), _one_line(raw))

    def _base(self) -> str:
        return f"/iiif/image/{self._chance.choice('3332')}"

    def _image(self) -> tuple[Scan, str]:
        scan = self._chance.choice(SCANS)
        return scan, self._images[scan.name]

    def _valid(self) -> str:
        drawn = self._chance.random()
        if drawn < 0.75:
            want = self._chance.choice(self._tiles)
        elif drawn < 0.9:
            return f"{self._base()}/{self._image()[1]}/info.json"
        else:
            want = self._chance.choice(self._others)
        image = self._images[want.scan]
        if drawn < 0.97:
            return f"{self._base()}/{image}/{want.tail}"
        region, size = want.tail.split("/")[:2]
        turn = self._chance.choice(("0", "!0", "90", "180", "270", "!90", "45", "359.9"))
        last = f"{self._chance.choice(QUALITIES)}.{self._chance.choice(FORMATS)}"
        return f"{self._base()}/{image}/{region}/{size}/{turn}/{last}"

    def _nearly_valid(self) -> str:
        """One or two parts of a request put wrong, or at the edge of what is right."""
        parts = self._valid().split("/")
        for _ in range(self._chance.choice((1, 1, 1, 2))):
            place = self._chance.randrange(4, len(parts)) if len(parts) > 5 else len(parts) - 1
            parts[place] = self._altered(parts[place])
        if self._chance.random() < 0.1:
            parts.insert(self._chance.randrange(1, len(parts)), self._chance.choice(("", ".", "..", "x", "0")))
        if self._chance.random() < 0.1:
            del parts[self._chance.randrange(1, len(parts))]
        return "/".join(parts)

    def _altered(self, part: str) -> str:
        chance = self._chance
        way = chance.randrange(7)
        if way == 0:
            return chance.choice(WORDS)
        if way == 1:
            return ",".join(chance.choice(NUMBERS) for _ in range(chance.choice((1, 2, 4, 4, 5))))
        if way == 2 and part:
            at = chance.randrange(len(part))
            return part[:at] + chance.choice((*NUMBERS, *WORDS)) + part[at + chance.randrange(2) :]
        if way == 3:
            return quote(part, safe="") if chance.random() < 0.5 else "".join(f"%{byte:02X}" for byte in part.encode())
        if way == 4:
            return chance.choice(("^", "!", "^!", "pct:", "-", "+")) + part
        if way == 5:
            numbers = part.split(",")
            numbers[chance.randrange(len(numbers))] = str(
                chance.choice((0, 1, 2, 5024, 6976, 6000, 6001, 10**6, 10**9))
            )
            return ",".join(numbers)
        return part.swapcase() if chance.random() < 0.5 else part * chance.randint(2, 5)

    def _hostile(self) -> str | bytes:
        chance = self._chance
        way = chance.randrange(6)
        image = self._image()[1]
        if way == 0:
            return self._traversal(image)
        if way == 1:  # long: more than a line may have, and less
            letter = chance.choice(("a", "9", "../", "%2e", ",", "é", "/"))
            return f"{self._base()}/{chance.choice((image, ''))}{letter * chance.choice((300, 2000, 7000))}/full/max/0/default.jpg"
        if way == 2:  # bytes of no encoding
            rubbish = chance.randbytes(chance.randint(1, 60))
            raw = rubbish if chance.random() < 0.5 else quote_from_bytes(rubbish, safe="").encode()
            return f"{self._base()}/{image}/".encode() + raw + b"/max/0/default.jpg"
        if way == 3:
            odd = "".join(
                chr(chance.choice((0x202E, 0xFEFF, 0x1F4A9, 0x0301, 0xFF0F, 0x2215, 0x0660, 0x212A, 0x130)))
                for _ in range(4)
            )
            return f"{self._base()}/{image}{chance.choice((odd, quote(odd)))}/full/max/0/default.jpg{chance.choice(('', odd))}"
        if way == 4:
            at = chance.choice(("%00", "%0d%0aX-A:%20b", "%0a", "\t", "%7f", "%ff%fe"))
            return f"{self._base()}/{image}{at}/{chance.choice(('full', at))}/max/0/default{at}.jpg"
        return f"{self._base()}/{image}/full/max/0/default.jpg{chance.choice('?#;&')}{chance.choice(WORDS) * chance.randint(1, 90)}"

    def _traversal(self, image: str) -> str:
        chance = self._chance
        up, between = chance.choice(LEVELS_UP), chance.choice(SEPARATORS)
        climb = between.join([up] * chance.randint(1, 14))
        target = chance.choice((*self._secrets, "/etc/passwd", "/proc/self/environ")).lstrip("/").replace("/", between)
        start = chance.choice(
            (self._base(), f"{self._base()}/{image}", "/static", "/iiif/presentation/3", "/static/vendor")
        )
        end = chance.choice(("", "/info.json", "/full/max/0/default.jpg", "%00.jpg"))
        return f"{start}/{climb}{between}{target}{end}"

    def _elsewhere(self) -> str:
        chance = self._chance
        place = chance.choice(
            ("/", "/fr/", "/en/", "/iiif/presentation/3/", "/iiif/presentation/2/", "/iiif/presentation/3/collection/", "/static/", "/oai?verb=",
             "/ark:/99999/", "/ark:", "/healthz", "/iiif/", "/iiif/image/", "/iiif/image/1/", "/iiif/image/4/x/info.json")
        )  # fmt: skip
        return place + "".join(chance.choice((*WORDS, *NUMBERS, "/", "")) for _ in range(chance.randint(0, 3)))


def _one_line(raw: bytes) -> bytes:
    """Return a target that is one word of one line: anything else would be another request."""
    return b"".join(bytes([byte]) if byte not in b" \r\n" else b"%%%02X" % byte for byte in raw)
