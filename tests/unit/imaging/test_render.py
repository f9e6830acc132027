"""What is rendered shows the right pixels, in the right size, quality and format; and bounded memory does the same."""

import io
import subprocess
import sys
import tempfile
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from server.errors import ImageError
from server.imaging import render as rendering
from server.imaging.index import TileIndex
from server.imaging.pyramid import make_pyramid
from server.imaging.render import ENCODING, NotWanted, render, weigh
from server.imaging.request import FORMATS, QUALITIES, ImageRequest
from server.imaging.size import Limits
from server.imaging.tiles import PyramidReader
from tests.support.pictures import picture

WIDE = Limits(10_000, 10_000, 10**8)
WIDTH, HEIGHT = 700, 500


def reader_of(folder: Path, bands: int = 3) -> PyramidReader:
    master = folder / "master.png"
    Image.fromarray(picture(WIDTH, HEIGHT, bands)).save(master)
    made = make_pyramid(master, folder, tile_size=128, quality=85, max_pixels=10**6)
    data = made.tif.read_bytes()
    index = TileIndex.load(made.index.read_bytes())
    return PyramidReader("f0001", index, lambda offset, length: data[offset : offset + length])


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> PyramidReader:
    return reader_of(tmp_path_factory.mktemp("colour"))


@pytest.fixture(scope="module")
def gray(tmp_path_factory: pytest.TempPathFactory) -> PyramidReader:
    return reader_of(tmp_path_factory.mktemp("gray"), 1)


def rendered(reader: PyramidReader, path: str) -> Image.Image:
    region, size, rotation, last = path.split("/")
    quality, _, form = last.rpartition(".")
    request = ImageRequest.parse(region, size, rotation, quality, form)
    geometry = request.resolve(WIDTH, HEIGHT, WIDE, gray=reader.index.bands == 1)
    image = Image.open(io.BytesIO(render(reader, geometry)))
    image.load()
    return image


def pixels(image: Image.Image) -> NDArray[np.int64]:
    return np.asarray(image).astype(np.int64)


def wanted(box: tuple[int, int, int, int], size: tuple[int, int]) -> NDArray[np.int64]:
    """Return a region of the master, resized by another library."""
    x, y, w, h = box
    part = Image.fromarray(picture(WIDTH, HEIGHT)[y : y + h, x : x + w])
    return np.asarray(part.resize(size, Image.Resampling.LANCZOS)).astype(np.int64)


@pytest.mark.parametrize(
    ("path", "box", "size"),
    [
        ("full/max", (0, 0, 700, 500), (700, 500)),
        ("full/350,250", (0, 0, 700, 500), (350, 250)),
        ("full/!200,200", (0, 0, 700, 500), (200, 143)),
        ("full/90,63", (0, 0, 700, 500), (90, 63)),
        ("square/100,", (100, 0, 500, 500), (100, 100)),
        ("100,50,300,200/max", (100, 50, 300, 200), (300, 200)),
        ("101,53,299,201/150,100", (101, 53, 299, 201), (150, 100)),
        ("600,400,300,300/50,50", (600, 400, 100, 100), (50, 50)),
        ("10,10,40,30/^400,300", (10, 10, 40, 30), (400, 300)),
        ("699,499,1,1/^5,5", (699, 499, 1, 1), (5, 5)),
        ("full/700,10", (0, 0, 700, 500), (700, 10)),
        ("full/1,1", (0, 0, 700, 500), (1, 1)),
    ],
)
def test_regions_and_sizes(
    reader: PyramidReader, path: str, box: tuple[int, int, int, int], size: tuple[int, int]
) -> None:
    got = rendered(reader, f"{path}/0/default.png")
    assert got.mode == "RGB"
    assert got.size == size
    assert np.abs(pixels(got) - wanted(box, size)).mean() < 4.5


def weight(reader: PyramidReader, path: str) -> int:
    region, size, rotation, last = path.split("/")
    request = ImageRequest.parse(region, size, rotation, *last.split("."))
    return weigh(reader, request.resolve(WIDTH, HEIGHT, WIDE))


def test_weight_is_what_is_decoded_of_the_best_level_and_what_is_made(reader: PyramidReader) -> None:
    for path, decoded, made in (
        ("full/max", 700 * 500, 700 * 500),
        ("full/351,", 700 * 500, 351 * 251),
        ("full/350,", 350 * 250, 350 * 250),
        ("full/88,63", 88 * 63, 88 * 63),
        ("0,0,256,256/128,", 128 * 128, 128 * 128),
    ):
        assert weight(reader, f"{path}/0/default.jpg") == decoded + made


@pytest.mark.parametrize("form", FORMATS)
def test_what_takes_longer_to_encode_weighs_more(reader: PyramidReader, form: str) -> None:
    decoded = made = 350 * 250
    assert weight(reader, f"full/350,/0/default.{form}") == decoded + made * ENCODING[form]
    assert weight(reader, f"full/350,/90/default.{form}") == decoded + made * ENCODING[form]
    assert weight(reader, f"full/350,/45/default.{form}") == decoded + 2 * made * ENCODING[form]


@pytest.mark.parametrize("mirror", ["", "!"])
@pytest.mark.parametrize(("degrees", "turns"), [("0", 0), ("90", -1), ("180", -2), ("270", -3)])
def test_quarter_turns_are_clockwise_after_mirroring(
    reader: PyramidReader, mirror: str, degrees: str, turns: int
) -> None:
    upright = pixels(rendered(reader, "0,0,300,200/150,100/0/default.png"))
    turned = pixels(rendered(reader, f"0,0,300,200/150,100/{mirror}{degrees}/default.png"))
    assert (turned == np.rot90(upright[:, ::-1] if mirror else upright, turns)).all()


def test_other_angles_are_filled_white_or_transparent(reader: PyramidReader) -> None:
    for form, mode in (("png", "RGBA"), ("webp", "RGBA"), ("tif", "RGBA"), ("jpg", "RGB")):
        got = rendered(reader, f"full/140,100/30/default.{form}")
        assert got.mode == mode
        assert abs(got.width - 171) <= 2
        assert abs(got.height - 157) <= 2
        corner = got.getpixel((0, 0))
        assert isinstance(corner, tuple)
        assert corner[-1] == 0 if mode == "RGBA" else min(corner) > 250
    clockwise = rendered(reader, "full/140,100/10/default.png")
    lowest = np.asarray(clockwise)[:, :, 3].argmax(axis=0)
    assert lowest[clockwise.width // 6] < lowest[clockwise.width * 5 // 6]


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("quality", ["default", "color", "gray", "bitonal"])
def test_every_format_in_every_quality(reader: PyramidReader, gray: PyramidReader, form: str, quality: str) -> None:
    colour = pixels(rendered(reader, "full/350,250/0/default.png"))
    for source in (reader, gray):
        image = rendered(source, f"full/350,250/0/{quality}.{form}")
        assert image.format == {"jpg": "JPEG", "tif": "TIFF"}.get(form, form.upper())
        assert image.size == (350, 250)
        got = pixels(image.convert("RGB"))
        if quality == "bitonal":
            assert ((got < 70) | (got > 185)).mean() > 0.93
            assert 0.1 < (got > 127).mean() < 0.9
        elif quality == "gray" or source is gray:
            assert np.abs(got[..., 0] - got[..., 1]).max() <= 2
        else:
            assert np.abs(got - colour).mean() < (12 if form == "gif" else 8)
    if quality == "bitonal" and form in ("png", "tif"):
        assert rendered(reader, f"full/350,250/0/bitonal.{form}").mode == "1"


@pytest.mark.parametrize("form", [form for form in FORMATS if form != "jpg"])
@pytest.mark.parametrize("rotation", ["0", "!90", "13", "!45.5"])
def test_black_and_white_has_no_grays_also_when_turned(
    reader: PyramidReader, gray: PyramidReader, form: str, rotation: str
) -> None:
    for source in (reader, gray):
        image = rendered(source, f"full/max/{rotation}/bitonal.{form}")
        assert "A" not in image.getbands()
        assert set(np.unique(pixels(image.convert("RGB")))) == {0, 255}
        if form == "gif":
            assert (image.getpalette() or [])[:6] == [0, 0, 0, 255, 255, 255]
        if rotation in {"13", "!45.5"}:
            assert image.convert("RGB").getpixel((0, 0)) == (255, 255, 255)


def test_large_gifs_have_an_even_palette(reader: PyramidReader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "EVEN_PALETTE", 1000)
    got = pixels(rendered(reader, "full/350,250/0/default.gif").convert("RGB"))
    assert np.abs(got - (got + 25) // 51 * 51).max() <= 2
    assert np.abs(got - pixels(rendered(reader, "full/350,250/0/default.png"))).mean() < 20
    assert rendered(reader, "full/350,250/20/default.gif").info["transparency"] >= 0


def test_large_requests_are_streamed_and_show_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = reader_of(tmp_path)
    asked: list[int] = []
    whole = reader.read

    def noted(offset: int, length: int) -> bytes:
        asked.append(length)
        return whole(offset, length)

    reader = replace(reader, read=noted)
    paths = ["full/max/0/default.png", "100,50,500,333/400,266/!90/gray.png", "full/340,/0/default.png"]
    before = [pixels(rendered(reader, path)) for path in paths]
    monkeypatch.setattr(rendering, "IN_MEMORY", 0)
    for path, expected in zip(paths, before, strict=True):
        got = pixels(rendered(reader, path))
        assert got.shape == expected.shape
        assert np.abs(got - expected).mean() < 1
    asked.clear()
    rendered(reader, "full/350,250/0/default.jpg")
    assert 0 < sum(asked) < reader.index.tif_size * 0.3


@pytest.mark.parametrize("limit", [0, 10**9])
def test_damaged_tiles_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
    reader = reader_of(tmp_path)
    monkeypatch.setattr(rendering, "IN_MEMORY", limit)
    offset, length, _ = reader.index.place(reader.index.number(0, 1, 1))
    (tif,) = tmp_path.glob("*.tif")
    data = bytearray(tif.read_bytes())
    data[offset : offset + length] = bytes(length)
    tif.write_bytes(data)
    broken = PyramidReader("f0001", reader.index, lambda at, count: bytes(data[at : at + count]))
    with pytest.raises(ImageError, match=r"f0001: .*(damaged|cannot be rendered)"):
        rendered(broken, "full/max/0/default.png")


@pytest.mark.parametrize("limit", [0, 10**9])
@pytest.mark.parametrize("path", ["full/max/0/default.png", "full/600,400/45/gray.jpg", "full/max/90/default.avif"])
def test_rendering_ends_when_nobody_waits(
    reader: PyramidReader, monkeypatch: pytest.MonkeyPatch, limit: int, path: str
) -> None:
    monkeypatch.setattr(rendering, "IN_MEMORY", limit)
    region, size, rotation, last = path.split("/")
    quality, _, form = last.rpartition(".")
    geometry = ImageRequest.parse(region, size, rotation, quality, form).resolve(WIDTH, HEIGHT, WIDE)
    reads: list[int] = []

    def read(offset: int, length: int) -> bytes:
        reads.append(length)
        return reader.read(offset, length)

    times = {"asked": 0}

    def wanted_for(count: int) -> bool:
        times["asked"] += 1
        return times["asked"] <= count

    noted = replace(reader, read=read)
    whole = render(noted, geometry, is_wanted=lambda: wanted_for(10**6))
    assert whole == render(noted, geometry)
    often, most_reads = times["asked"], 2  # for each row of tiles
    assert 0 < len(reads) <= 2 * most_reads * reader.index.levels[0].rows
    assert often > 4, "asked for each row of tiles, and while libvips works"
    for count in range(4):
        times["asked"] = 0
        reads.clear()
        with pytest.raises(NotWanted):
            render(noted, geometry, is_wanted=lambda count=count: wanted_for(count))  # type: ignore[misc]
        assert len(reads) <= most_reads * count
    assert not [thread for thread in threading.enumerate() if thread.name == "image-rows"]


EVERY_WAY = """
import faulthandler, sys
from pathlib import Path
from server.imaging import render as rendering
from server.imaging.index import TileIndex
from server.imaging.request import FORMATS, QUALITIES, ImageRequest
from server.imaging.size import Limits
from server.imaging.tiles import PyramidReader

faulthandler.enable()
tif, index = Path(sys.argv[1]), TileIndex.load(Path(sys.argv[2]).read_bytes())
data = tif.read_bytes()
reader = PyramidReader("f0001", index, lambda offset, length: data[offset : offset + length])
rendering.EVEN_PALETTE = 0

def is_wanted() -> bool:
    return True

for form in FORMATS:
    for quality in QUALITIES:
        for rotation in ("0", "!0", "90", "!180", "33"):
            request = ImageRequest.parse("full", "^800,", rotation, quality, form)
            geometry = request.resolve(index.width, index.height, Limits(10_000, 10_000, 10**8))
            print(form, quality, rotation, len(rendering.render(reader, geometry, is_wanted=is_wanted)), flush=True)
"""


def test_whoever_waits_gets_every_format_in_every_quality_and_direction(tmp_path: Path) -> None:
    """In a process of its own: libvips, were it to call what Python has freed, would end it."""
    reader_of(tmp_path)
    (tif,), (index,) = tmp_path.glob("*.tif"), tmp_path.glob("*.idx")
    done = subprocess.run(
        [sys.executable, "-c", EVERY_WAY, str(tif), str(index)],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    lines = done.stdout.splitlines()
    assert done.returncode == 0, f"ended after {lines[-1:]}: {done.stderr[:400]}"
    assert len(lines) == len(FORMATS) * len(QUALITIES) * 5


@pytest.mark.parametrize("last", ["default.png", "bitonal.png", "gray.tif", "default.tif", "bitonal.tif"])
def test_large_files_are_written_through_a_temporary_one(
    reader: PyramidReader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, last: str
) -> None:
    region, size, rotation, (quality, form) = "full", "max", "20", last.split(".")
    geometry = ImageRequest.parse(region, size, rotation, quality, form).resolve(WIDTH, HEIGHT, WIDE)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    small = render(reader, geometry)
    monkeypatch.setattr(rendering, "IN_A_BUFFER", 0)
    large = render(reader, geometry)
    assert (pixels(Image.open(io.BytesIO(large))) == pixels(Image.open(io.BytesIO(small)))).all()
    assert not list(tmp_path.iterdir())
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    with pytest.raises(ImageError, match=r"no temporary file can be used .*TMPDIR"):
        render(reader, geometry)


def test_libvips_stops_when_nobody_waits(reader: PyramidReader) -> None:
    geometry = ImageRequest.parse("full", "^3000,", "0", "default", "png").resolve(WIDTH, HEIGHT, WIDE)
    rows = reader.index.levels[0].rows
    times = {"asked": 0}

    def wanted() -> bool:
        times["asked"] += 1
        return times["asked"] <= rows + 2

    with pytest.raises(NotWanted):
        render(reader, geometry, is_wanted=wanted)
    assert rows + 2 < times["asked"] < rows + 20


@pytest.mark.parametrize("limit", [0, 10**9])
def test_one_flipped_bit_never_gives_wrong_pixels(
    reader: PyramidReader, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    monkeypatch.setattr(rendering, "IN_MEMORY", limit)
    index = reader.index
    geometry = ImageRequest.parse("full", "max", "0", "default", "png").resolve(WIDTH, HEIGHT, WIDE)
    for number in (0, index.number(0, 5, 3), index.number(0, 2, 1)):
        offset, length, _ = index.place(number)

        def read(at: int, count: int, hit: int = offset + length * 2 // 3) -> bytes:
            data = bytearray(reader.read(at, count))
            if at <= hit < at + count:
                data[hit - at] ^= 1  # a JPEG decoder takes it and shows something else
            return bytes(data)

        broken = replace(reader, read=read)
        level, column, row = 0, number % index.levels[0].columns, number // index.levels[0].columns
        named = rf"f0001: its tile in column {column}, row {row} of level 0 is damaged; ingest its view again"
        with pytest.raises(ImageError, match=named):
            render(broken, geometry)
        with pytest.raises(ImageError, match=named):
            broken.tile(level, column, row)
    picture_number = index.ready_made(350, 250)
    assert picture_number is not None
    offset, length, _ = index.place(picture_number)
    cut = replace(reader, read=lambda at, count: reader.read(at, count)[:-1] + b"?")
    with pytest.raises(ImageError, match="ready-made picture of 350 × 250 is damaged"):
        cut.stream(picture_number)


def test_tiles_are_whole_jpegs(reader: PyramidReader) -> None:
    for place, size in (((0, 0, 0), (128, 128)), ((0, 5, 3), (60, 116)), ((3, 0, 0), (88, 63))):
        with Image.open(io.BytesIO(reader.tile(*place))) as tile:
            assert (tile.format, tile.size) == ("JPEG", size)
