"""Pyramids: exact levels, exact tiles, the same bytes every time."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from server.errors import ImageError, ImageTooLarge, StorageFull
from server.imaging.index import TileIndex
from server.imaging.pyramid import Pyramid, make_pyramid, recipe_name
from server.imaging.render import render
from server.imaging.request import ImageRequest
from server.imaging.size import Limits
from server.imaging.tiff import Tag, TiledJpeg, make_directories, read_directories
from server.imaging.tiles import PyramidReader
from server.imaging.vips import pyvips
from server.model.levels import ready_made_sizes
from tests.support.soundness import verify

Writer = Callable[..., Path]
MANY = 10**9
WIDE = Limits(10_000, 10_000, 10**8)


def make(master: Path, tile_size: int = 64, quality: int = 85, max_pixels: int = MANY) -> Pyramid:
    folder = master.parent / f"out-{tile_size}-{quality}"
    folder.mkdir(exist_ok=True)
    return make_pyramid(master, folder, tile_size=tile_size, quality=quality, max_pixels=max_pixels)


def reader_of(pyramid: Pyramid) -> PyramidReader:
    data = pyramid.tif.read_bytes()
    index = TileIndex.load(pyramid.index.read_bytes())
    return PyramidReader("f0001", index, lambda offset, length: data[offset : offset + length])


def stream(pyramid: Pyramid, level: int, column: int, row: int) -> bytes:
    return reader_of(pyramid).tile(level, column, row)


def level_of(pixels: NDArray[np.uint8], k: int) -> NDArray[np.uint8]:
    """Return a level as it ought to be: the mean of 2 × 2 pixels k times, the last column and row continued."""
    level = pixels.astype(np.uint16)
    for _ in range(k):
        level = np.pad(level, ((0, level.shape[0] % 2), (0, level.shape[1] % 2), (0, 0)), mode="edge")
        level = (level[0::2, 0::2] + level[0::2, 1::2] + level[1::2, 0::2] + level[1::2, 1::2] + 2) // 4
    return level.astype(np.uint8)


def decoded(data: bytes) -> NDArray[np.uint8]:
    return np.asarray(Image.open(io.BytesIO(data)))


def jpeg_loss(pixels: NDArray[np.uint8], quality: int = 85) -> float:
    """Return how much another JPEG writer, at the same quality, changes a picture on average."""
    written = io.BytesIO()
    Image.fromarray(pixels.squeeze(-1) if pixels.shape[-1] == 1 else pixels).save(
        written, "JPEG", quality=quality, subsampling="4:2:0"
    )
    return float(np.abs(decoded(written.getvalue()).reshape(pixels.shape).astype(int) - pixels.astype(int)).mean())


SIZES = [(1, 1), (64, 64), (65, 64), (63, 200), (128, 128), (300, 200), (517, 389), (1000, 17), (16, 1025), (257, 511)]


@pytest.mark.parametrize("bands", [1, 3])
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_tiles_of_every_level_cover_it_exactly(tiff: Writer, width: int, height: int, bands: int) -> None:
    master = tiff(width, height, bands)
    pixels = np.asarray(Image.open(master)).reshape(height, width, bands)
    pyramid = make(master)
    index = TileIndex.load(pyramid.index.read_bytes())
    assert (index.width, index.height, index.bands) == (width, height, bands)
    assert (pyramid.width, pyramid.height, pyramid.bands) == (width, height, bands)
    assert max(index.levels[-1].width, index.levels[-1].height) <= 64
    for k, level in enumerate(index.levels):
        assert (level.width, level.height) == (-(-width // 2**k), -(-height // 2**k))
        exact = level_of(pixels, k)
        whole = pyvips.Image.tiffload(str(pyramid.tif), page=k, fail_on="warning").numpy()
        assert whole.reshape(-1).shape == exact.reshape(-1).shape
        assert np.abs(whole.reshape(exact.shape).astype(int) - exact).mean() <= jpeg_loss(exact) + 0.5
        for row in range(level.rows):
            for column in range(level.columns):
                tile = decoded(stream(pyramid, k, column, row))
                tile = tile.reshape(*tile.shape[:2], bands)
                expected = exact[row * 64 : row * 64 + 64, column * 64 : column * 64 + 64]
                assert tile.shape == expected.shape
                # once through another encoder of the same quality: a second generation would be more than that
                assert np.abs(tile.astype(int) - expected).mean() <= jpeg_loss(expected) * 1.05 + 0.1


@pytest.mark.parametrize(("width", "height"), [(517, 389), (640, 333)])
def test_levels_equal_the_master_reduced(tiff: Writer, width: int, height: int) -> None:
    master = tiff(width, height)
    pyramid = make(master)
    pixels = np.asarray(Image.open(master)).astype(float)
    for k in range(5):
        padded = np.pad(pixels, ((0, -height % 2**k), (0, -width % 2**k), (0, 0)), mode="edge")
        reduced = padded.reshape(padded.shape[0] // 2**k, 2**k, padded.shape[1] // 2**k, 2**k, 3).mean(axis=(1, 3))
        level = pyvips.Image.tiffload(str(pyramid.tif), page=k).numpy().astype(float)
        assert level.shape == reduced.shape
        assert np.abs(level - reduced).mean() < jpeg_loss(reduced.round().astype(np.uint8)) + 1
        shifted = np.roll(reduced, 1, axis=1)
        assert np.abs(level - reduced).mean() < np.abs(level - shifted).mean()


def test_other_tools_open_the_file(tiff: Writer) -> None:
    pyramid = make(tiff(517, 389))
    with Image.open(pyramid.tif) as opened:
        assert opened.size == (517, 389)
        assert getattr(opened, "n_frames", 0) == 5
        assert np.asarray(opened).shape == (389, 517, 3)
        opened.seek(3)
        assert opened.size == (65, 49)


def test_same_master_and_recipe_give_the_same_bytes(tiff: Writer, tmp_path: Path) -> None:
    master = tiff(700, 500)
    first, second = make(master), make(master)
    assert first.tif != second.tif
    assert first.tif.read_bytes() == second.tif.read_bytes()
    assert first.index.read_bytes() == second.index.read_bytes()
    assert make(master, quality=60).tif.stat().st_size < first.tif.stat().st_size


def test_recipe_names_what_shapes_the_pyramid(tiff: Writer) -> None:
    assert make(tiff(10, 10), tile_size=128, quality=70).recipe == "jpeg70b50-128-v2" == recipe_name(128, 70)


@pytest.mark.parametrize(("tile_size", "quality"), [(100, 85), (64, 90), (64, 49)])
def test_recipes_that_would_break_the_tiles_are_refused(tiff: Writer, tile_size: int, quality: int) -> None:
    with pytest.raises(ValueError, match="multiple of 16"):
        make(tiff(10, 10), tile_size=tile_size, quality=quality)


def test_colour_tiles_are_subsampled_ycbcr_and_gray_ones_have_one_band(tiff: Writer) -> None:
    for bands, mode in ((3, "RGB"), (1, "L")):
        pyramid = make(tiff(300, 200, bands))
        for place in ((0, 0, 0), (0, 4, 3), (3, 0, 0)):
            with Image.open(io.BytesIO(stream(pyramid, *place))) as tile:
                assert tile.mode == mode
                assert tile.info["jfif"]
                sampling = [layer[1:3] for layer in tile.layer]
                assert sampling == ([(2, 2), (1, 1), (1, 1)] if bands == 3 else [(1, 1)])


def test_refused_master_leaves_no_file(tiff: Writer, tmp_path: Path) -> None:
    master = tiff(700, 500)
    folder = tmp_path / "empty"
    folder.mkdir()
    with pytest.raises(ImageTooLarge, match="700 × 500"):
        make_pyramid(master, folder, tile_size=64, quality=85, max_pixels=349_999)
    whole = master.read_bytes()
    at = int.from_bytes(whole[4:8], "little")
    if at > len(whole) // 2:
        pytest.fail("the test needs a TIFF whose directory comes first")
    master.write_bytes(whole[: len(whole) * 6 // 10])
    with pytest.raises(
        ImageError, match=r"master-700x500-3\.tif: ends after (5[5-9]|60) % of its rows .*ask the supplier"
    ):
        make_pyramid(master, folder, tile_size=64, quality=85, max_pixels=MANY)
    assert list(folder.iterdir()) == []


def test_full_disk_is_told_and_leaves_no_file(tiff: Writer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(StorageFull, match="No space left"):
        make_pyramid(tiff(100, 100), folder, tile_size=64, quality=85, max_pixels=MANY)
    assert list(folder.iterdir()) == []


def newspaper() -> Image.Image:
    """Return columns of small print, in black and white."""
    page = Image.new("L", (1500, 1100), 255)
    draw = ImageDraw.Draw(page)
    random = np.random.default_rng(5)
    font = ImageFont.load_default(26)
    for top in range(20, 1060, 34):
        for left in (20, 390, 760, 1130):
            words = (
                "".join(chr(97 + int(n)) for n in random.integers(0, 26, int(random.integers(2, 9)))) for _ in range(5)
            )
            draw.text((left, top), " ".join(words)[:27], fill=0, font=font)
    return page.point(lambda value: 255 * (value > 127)).convert("1")


@pytest.mark.parametrize("suffix", [".tif", ".png"])
def test_bilevel_newspapers_stay_small_and_sharp(tmp_path: Path, suffix: str) -> None:
    page = newspaper()
    page.save(tmp_path / "faxed.tif", compression="group4")
    page.save(tmp_path / f"master{suffix}", **({"compression": "group4"} if suffix == ".tif" else {}))
    page.convert("L").save(tmp_path / "gray.png")
    bilevel, gray = make(tmp_path / f"master{suffix}", 256), make(tmp_path / "gray.png", 256)
    assert bilevel.bands == 1
    assert bilevel.tif.stat().st_size < 0.72 * gray.tif.stat().st_size
    assert bilevel.tif.stat().st_size < 30 * (tmp_path / "faxed.tif").stat().st_size
    reader = reader_of(bilevel)
    for form in ("png", "tif"):
        geometry = ImageRequest.parse("full", "max", "0", "bitonal", form).resolve(1500, 1100, WIDE, gray=True)
        with Image.open(io.BytesIO(render(reader, geometry))) as again:
            assert again.mode == "1"
            assert (np.asarray(again) == np.asarray(page)).all()


@pytest.mark.parametrize(("width", "height"), [(1000, 700), (150, 900), (1, 5000), (5000, 1), (64, 64), (3000, 20)])
def test_pictures_of_the_whole_image_are_ready(tiff: Writer, width: int, height: int) -> None:
    master = tiff(width, height)
    pixels = np.asarray(Image.open(master))
    reader = reader_of(make(master))
    assert reader.index.pictures == ready_made_sizes(width, height, 64)
    for size in reader.index.pictures:
        number = reader.index.ready_made(*size)
        assert number is not None
        got = decoded(reader.stream(number))
        assert got.shape == (size[1], size[0], 3)
        k = max(k for k, level in enumerate(reader.index.levels) if level.width >= size[0] and level.height >= size[1])
        level, found = level_of(pixels, k), reader.index.levels[k]
        if size == (found.width, found.height):
            assert np.abs(got.astype(int) - level).mean() <= jpeg_loss(level) * 1.05 + 0.1
        else:
            box = (0, 0, width / 2**k, height / 2**k)
            other = np.asarray(Image.fromarray(level).resize(size, Image.Resampling.LANCZOS, box))
            assert np.abs(got.astype(int) - other).mean() <= jpeg_loss(other) + 1


def test_any_damage_of_the_file_is_found(tiff: Writer) -> None:
    pyramid = make(tiff(300, 200))
    data = pyramid.tif.read_bytes()
    reader = reader_of(pyramid)
    verify(reader)
    hits = np.random.default_rng(7).integers(0, len(data), 300)
    told = set()
    for at in [*range(20), *hits, *range(len(data) - 200, len(data), 7)]:
        broken = bytearray(data)
        broken[at] ^= 0x20
        bad = PyramidReader("f0001", reader.index, lambda offset, length, b=broken: bytes(b[offset : offset + length]))  # type: ignore[misc]
        with pytest.raises(ImageError, match=r"f0001: its .* (is|are) damaged") as error:
            verify(bad)
        told.add(str(error.value).split()[2])
    assert told == {"tile", "ready-made", "TIFF"}


def test_files_above_four_gigabytes_are_big_tiffs() -> None:
    for at, magic, offset in ((1 << 20, 42, 5), ((1 << 32) - 100, 43, 5), (1 << 33, 43, 5 << 32)):
        image = TiledJpeg(100, 70, 64, 3, b"\xff\xd8tables\xff\xd9", [offset, 6, 7, 8], [9, 10, 11, 12])
        header, directories = make_directories([image, image], at)
        file = _Sparse(at, header, directories)
        first, second = read_directories(file)
        assert int.from_bytes(header[2:4], "little") == magic
        for directory in (first, second):
            assert directory.values(file, Tag.IMAGE_WIDTH) == (100,)
            assert directory.values(file, Tag.TILE_BYTE_COUNTS) == (9, 10, 11, 12)
            assert directory.values(file, Tag.TILE_OFFSETS) == (offset, 6, 7, 8)


class _Sparse(io.BytesIO):
    """A file of which only the header and the end are there."""

    def __init__(self, at: int, header: bytes, end: bytes) -> None:
        super().__init__()
        self._at, self._header, self._end, self._position = at, header, end, 0

    def seek(self, offset: int, whence: int = 0, /) -> int:
        self._position = offset if whence == 0 else self._at + len(self._end)
        return self._position

    def tell(self) -> int:
        return self._position

    def read(self, size: int | None = -1, /) -> bytes:
        length = size or 0
        start = self._position
        return self._header[start : start + length] if start < 16 else self._end[start - self._at :][:length]
