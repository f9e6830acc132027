"""What is rendered shows the right pixels, in the right size, quality and format; and bounded memory does the same."""

import io
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
from server.imaging.render import render, source_pixels
from server.imaging.request import FORMATS, ImageRequest, Limits
from server.imaging.tiles import PyramidReader
from tests.support.pictures import picture

WIDE = Limits(10_000, 10_000, 10**8)
WIDTH, HEIGHT = 700, 500


def reader_of(folder: Path, bands: int = 3, *, local: bool = True) -> PyramidReader:
    master = folder / "master.png"
    Image.fromarray(picture(WIDTH, HEIGHT, bands)).save(master)
    made = make_pyramid(master, folder, tile_size=128, quality=85, max_pixels=10**6)
    data = made.tif.read_bytes()
    index = TileIndex.load(made.index.read_bytes())
    return PyramidReader(
        "f0001", index, lambda offset, length: data[offset : offset + length], made.tif if local else None
    )


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


def test_weight_is_that_of_the_best_level(reader: PyramidReader) -> None:
    def weigh(path: str) -> int:
        region, size, rotation, _ = path.split("/")
        return source_pixels(
            reader, ImageRequest.parse(region, size, rotation, "default", "jpg").resolve(WIDTH, HEIGHT, WIDE)
        )

    assert weigh("full/max/0/") == 700 * 500
    assert weigh("full/351,/0/") == 700 * 500
    assert weigh("full/350,/0/") == 350 * 250
    assert weigh("full/88,63/0/") == 88 * 63
    assert weigh("0,0,256,256/128,/0/") == 128 * 128


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


def test_large_gifs_have_an_even_palette(reader: PyramidReader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "EVEN_PALETTE", 1000)
    got = pixels(rendered(reader, "full/350,250/0/default.gif").convert("RGB"))
    assert np.abs(got - (got + 25) // 51 * 51).max() <= 2
    assert np.abs(got - pixels(rendered(reader, "full/350,250/0/default.png"))).mean() < 20
    assert rendered(reader, "full/350,250/20/default.gif").info["transparency"] >= 0


@pytest.mark.parametrize("local", [True, False])
def test_large_requests_are_streamed_and_show_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, local: bool
) -> None:
    reader = reader_of(tmp_path, local=local)
    asked: list[int] = []
    whole = reader.read

    def noted(offset: int, length: int) -> bytes:
        asked.append(length)
        return whole(offset, length)

    reader = replace(reader, read=noted)
    paths = ["full/max/0/default.png", "100,50,500,333/400,266/!90/gray.png", "full/340,/0/default.png"]
    before = [pixels(rendered(reader, path)) for path in paths]
    monkeypatch.setattr(rendering, "IN_MEMORY", 0)
    monkeypatch.setattr(PyramidReader, "pixels", None)
    for path, expected in zip(paths, before, strict=True):
        got = pixels(rendered(reader, path))
        assert got.shape == expected.shape
        assert np.abs(got - expected).mean() < 1
    if not local:
        asked.clear()
        rendered(reader, "full/350,250/0/default.jpg")
        assert 0 < sum(asked) < reader.index.tif_size * 0.8


@pytest.mark.parametrize("limit", [0, 10**9])
@pytest.mark.parametrize("local", [True, False])
def test_damaged_tiles_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int, local: bool) -> None:
    reader = reader_of(tmp_path, local=local)
    monkeypatch.setattr(rendering, "IN_MEMORY", limit)
    offset, length, _ = reader.index.locate(0, 1, 1)
    (tif,) = tmp_path.glob("*.tif")
    data = bytearray(tif.read_bytes())
    data[offset : offset + length] = bytes(length)
    tif.write_bytes(data)
    broken = PyramidReader("f0001", reader.index, lambda at, count: bytes(data[at : at + count]), reader.path)
    with pytest.raises(ImageError, match=r"f0001: .*(damaged|cannot be rendered)"):
        rendered(broken, "full/max/0/default.png")


def test_tiles_are_whole_jpegs(reader: PyramidReader) -> None:
    for place, size in (((0, 0, 0), (128, 128)), ((0, 5, 3), (60, 116)), ((3, 0, 0), (88, 63))):
        with Image.open(io.BytesIO(reader.tile(*place))) as tile:
            assert (tile.format, tile.size) == ("JPEG", size)
