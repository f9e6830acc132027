"""What comes out of a pyramid is what is in the master: right to the pixel in place, and in colour as sRGB."""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms

from server.imaging.index import TileIndex
from server.imaging.pyramid import make_pyramid
from server.imaging.render import render
from server.imaging.request import ImageRequest
from server.imaging.size import Limits
from server.imaging.tiles import PyramidReader
from server.imaging.vips import pyvips
from tests.support.pictures import picture
from tests.support.profiles import adobe_profile
from tests.support.soundness import verify

WIDE = Limits(100_000, 100_000, 10**9)
WIDTH, HEIGHT = 601, 437
PATCHES = ((200, 40, 40), (40, 160, 60), (50, 60, 190), (240, 220, 60), (128, 128, 128), (255, 255, 255), (0, 0, 0))


@dataclass(frozen=True)
class Made:
    reader: PyramidReader

    def __call__(self, path: str) -> NDArray[np.int64]:
        region, size, rotation, last = path.split("/")
        quality, _, form = last.rpartition(".")
        index = self.reader.index
        request = ImageRequest.parse(region, size, rotation, quality, form)
        geometry = request.resolve(index.width, index.height, WIDE, gray=index.bands == 1)
        return np.asarray(Image.open(BytesIO(render(self.reader, geometry)))).astype(np.int64)


def made(master: Path, tile_size: int = 128) -> Made:
    pyramid = make_pyramid(master, master.parent, tile_size=tile_size, quality=85, max_pixels=10**9)
    data = pyramid.tif.read_bytes()
    index = TileIndex.load(pyramid.index.read_bytes())
    return Made(PyramidReader("f0001", index, lambda offset, length: data[offset : offset + length]))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Made:
    path = tmp_path_factory.mktemp("exact") / "master.png"
    Image.fromarray(picture(WIDTH, HEIGHT)).save(path)
    return made(path)


def jpeg_loss(pixels: NDArray[np.uint8]) -> float:
    """Return how much libvips, at the same quality, changes a picture on average."""
    image = pyvips.Image.new_from_array(pixels).copy(interpretation="srgb")
    again = pyvips.Image.jpegload_buffer(image.jpegsave_buffer(Q=85)).numpy()
    return float(np.abs(again.astype(int) - pixels).mean())


def test_each_aligned_tile_is_that_of_libvips_but_for_jpeg(whole: Made, tmp_path: Path) -> None:
    Image.fromarray(picture(WIDTH, HEIGHT)).save(tmp_path / "master.png")
    master = pyvips.Image.pngload(str(tmp_path / "master.png"))
    for k, level in enumerate(whole.reader.index.levels):
        if k:
            odd = (master.width + master.width % 2, master.height + master.height % 2)
            master = master.embed(0, 0, *odd, extend="copy").shrink(2, 2)
        exact = master.numpy()
        assert exact.shape == (level.height, level.width, 3)
        for row in range(level.rows):
            for column in range(level.columns):
                part = np.ascontiguousarray(exact[row * 128 : row * 128 + 128, column * 128 : column * 128 + 128])
                tile = np.asarray(Image.open(BytesIO(whole.reader.tile(k, column, row))))
                assert tile.shape == part.shape
                assert np.abs(tile.astype(int) - part).mean() <= jpeg_loss(part) + 0.6


@pytest.mark.parametrize("seed", range(12))
def test_any_region_at_scale_one_is_cut_from_the_decoded_tiles(whole: Made, seed: int) -> None:
    random = np.random.default_rng(seed)
    x, y = int(random.integers(0, WIDTH - 1)), int(random.integers(0, HEIGHT - 1))
    w, h = int(random.integers(1, WIDTH - x + 1)), int(random.integers(1, HEIGHT - y + 1))
    got = whole(f"{x},{y},{w},{h}/max/0/default.png")
    all_of_it = whole("full/max/0/default.png")
    assert (got == all_of_it[y : y + h, x : x + w]).all()
    part = picture(WIDTH, HEIGHT)[y : y + h, x : x + w].astype(int)
    assert np.abs(got - part).mean() <= 6


def test_scaled_regions_that_begin_anywhere_lie_where_they_ought_to(tmp_path: Path) -> None:
    turn = 2 * np.pi / 64
    wave = np.round(128 + 100 * np.cos(turn * np.arange(800))).astype(np.uint8)
    Image.fromarray(np.tile(wave, (600, 1))).save(tmp_path / "across.png")
    Image.fromarray(np.tile(wave[:, None], (1, 600))).save(tmp_path / "down.png")
    across, down = made(tmp_path / "across.png"), made(tmp_path / "down.png")
    for x, w, width in [(101, 301, 75), (103, 402, 100), (102, 400, 100), (97, 640, 80), (50, 333, 111), (77, 201, 55)]:
        step = w / width
        ideal = turn * (x + (np.arange(width) + 0.5) * step - 0.5)
        waves = np.stack([np.cos(ideal), np.sin(ideal), np.ones(width)], axis=-1)
        for got in (
            across(f"{x},0,{w},600/{width},150/0/default.png"),
            down(f"0,{x},600,{w}/150,{width}/0/default.png").T,
        ):
            cosine, sine, _ = np.linalg.lstsq(waves, got.mean(axis=0))[0]
            assert abs(np.arctan2(sine, cosine) / turn) <= step / 12 + 0.02


@pytest.mark.parametrize("end", [1537, 513, 257, 5])
def test_nothing_from_outside_the_region_is_shown(tmp_path: Path, end: int) -> None:
    """Black is asked for, up to where white begins, in sizes that are those of a level rounded up."""
    pixels = np.zeros((64, 2048), np.uint8)
    pixels[:, end:] = 255
    Image.fromarray(pixels).save(tmp_path / "across.png")
    Image.fromarray(pixels.T.copy()).save(tmp_path / "down.png")
    across, down = made(tmp_path / "across.png"), made(tmp_path / "down.png")
    for width in {max(1, -(-end >> k)) for k in range(1, 8)}:
        for got in (across(f"0,0,{end},64/{width},16/0/default.png"), down(f"0,0,64,{end}/16,{width}/0/default.png").T):
            assert got.shape == (16, width)
            assert got.max() <= 80, (width, got[8, -3:])


def test_a_level_is_shown_as_it_is_where_the_image_ends(tmp_path: Path) -> None:
    pixels = picture(1537, 1025)
    Image.fromarray(pixels).save(tmp_path / "master.png")
    shown = made(tmp_path / "master.png")
    for k in (1, 2, 3):
        x, y, width, height = 128 << k, 64 << k, -(-1537 >> k) - 128, -(-1025 >> k) - 64
        whole = shown(f"full/{128 + width},{64 + height}/0/default.png")
        part = shown(f"{x},{y},{1537 - x},{1025 - y}/{width},{height}/0/default.png")
        assert (part == whole[64:, 128:]).all()


Master = Callable[[Path], None]


def patches() -> NDArray[np.uint8]:
    return np.repeat(np.array(PATCHES, np.uint8)[None, :, :], 64, axis=0).repeat(64, axis=1)


def tagged(profile: str, depth: int = 8) -> Master:
    def write(path: Path) -> None:
        image = pyvips.Image.new_from_array(patches()).copy(interpretation="srgb")
        image.icc_transform(profile, input_profile="srgb", intent="relative", depth=depth).tiffsave(str(path))

    return write


def adobe_rgb(path: Path) -> None:
    """Write the colours as Adobe RGB (1998) would hold them: its primaries, its gamma, its profile."""
    linear = patches() / 255
    linear = np.where(linear <= 0.04045, linear / 12.92, ((linear + 0.055) / 1.055) ** 2.4)
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    from_xyz = np.linalg.inv([[0.5767, 0.1856, 0.1882], [0.2973, 0.6274, 0.0753], [0.0270, 0.0707, 0.9911]])
    wide = (linear @ to_xyz.T @ from_xyz.T).clip(0, 1) ** (1 / 2.19921875)
    pixels = np.round(wide * 255).astype(np.uint8)
    assert np.abs(pixels.astype(int) - patches()).max() > 25
    Image.fromarray(pixels).save(path, format="TIFF", icc_profile=adobe_profile())


def palette(path: Path) -> None:
    Image.fromarray(patches()).quantize(16).save(path, format="PNG")


def with_alpha(path: Path) -> None:
    Image.fromarray(np.dstack([patches(), np.full(patches().shape[:2], 255, np.uint8)])).save(path, format="PNG")


def sixteen_bits(path: Path) -> None:
    deep = patches().astype(np.uint16) * 257
    image = pyvips.Image.new_from_memory(deep.tobytes(), deep.shape[1], deep.shape[0], 3, "ushort")
    image.copy(interpretation="rgb16").tiffsave(str(path))


def turned(path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(np.ascontiguousarray(np.rot90(patches(), 1))).save(path, format="TIFF", exif=exif)


def as_printed(folder: Path) -> tuple[tuple[int, ...], ...]:
    """Return what another program makes of the patches in CMYK: print has no such blue."""
    tagged("cmyk")(folder / "eight")
    with Image.open(folder / "eight") as printed:
        own = ImageCms.ImageCmsProfile(BytesIO(printed.info["icc_profile"]))
        back = ImageCms.profileToProfile(
            printed,
            own,
            ImageCms.createProfile("sRGB"),
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGB",
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    assert back is not None
    return tuple(tuple(int(value) for value in np.asarray(back)[32, 64 * n + 32]) for n in range(len(PATCHES)))


@pytest.mark.parametrize(
    ("write", "tolerance"),
    [
        (tagged("p3"), 4),
        (tagged("p3", 16), 4),
        (tagged("cmyk"), 6),
        (tagged("cmyk", 16), 6),
        (adobe_rgb, 5),
        (palette, 3),
        (with_alpha, 3),
        (sixteen_bits, 3),
        (turned, 3),
    ],
    ids=["p3", "p3-16", "cmyk", "cmyk-16", "adobe", "palette", "alpha", "rgb16", "turned"],
)
def test_colours_come_out_as_srgb(tmp_path: Path, write: Master, tolerance: int) -> None:
    write(tmp_path / "master")
    wanted = as_printed(tmp_path) if tolerance == 6 else PATCHES
    shown = made(tmp_path / "master")
    assert (shown.reader.index.width, shown.reader.index.height) == (64 * len(PATCHES), 64)
    for path in ("full/max/0/default.png", "full/224,/0/color.tif", "full/112,16/0/default.webp"):
        got = shown(path)
        side = got.shape[0]
        for number, colour in enumerate(wanted):
            middle = got[side // 3 : side * 2 // 3, number * side + side // 3 : number * side + side * 2 // 3]
            limit = tolerance + (4 if path.endswith("webp") else 0)
            assert np.abs(middle.mean(axis=(0, 1)) - colour).max() <= limit


@pytest.mark.parametrize(
    ("width", "height"), [(1, 5000), (5000, 1), (1, 1), (2, 3), (100, 90), (129, 128), (20_000, 9)]
)
@pytest.mark.parametrize("bands", [1, 3])
def test_masters_of_every_shape(tmp_path: Path, width: int, height: int, bands: int) -> None:
    Image.fromarray(picture(width, height, bands)).save(tmp_path / "master.png")
    shown = made(tmp_path / "master.png")
    whole = shown("full/max/0/default.png")
    assert whole.shape[:2] == (height, width)
    assert np.abs(whole - picture(width, height, bands)).mean() <= 7
    for level in shown.reader.index.levels:
        assert shown(f"full/{level.width},{level.height}/0/default.png").shape[:2] == (level.height, level.width)
    assert shown("square/max/90/gray.png").shape == (min(width, height),) * 2
    assert shown(f"{width - 1},{height - 1},5,5/^3,4/0/default.png").shape[:2] == (4, 3)
    assert shown(f"full/1,{max(1, height // 7)}/0/default.png").shape[:2] == (max(1, height // 7), 1)


def test_masters_of_more_than_a_hundred_million_pixels(tmp_path: Path) -> None:
    tall = pyvips.Image.new_from_array(picture(1000, 1001)).copy(interpretation="srgb").replicate(10, 11)
    tall.jpegsave(str(tmp_path / "master.jpg"), Q=97)
    shown = made(tmp_path / "master.jpg", 512)
    assert shown.reader.index.width * shown.reader.index.height > 110_000_000
    verify(shown.reader)
    got = shown("8888,10500,321,222/max/0/default.png")
    rows, columns = np.arange(10500, 10722) % 1001, np.arange(8888, 9209) % 1000
    wanted = picture(1000, 1001)[rows][:, columns].astype(int)
    assert np.abs(got - wanted).mean() <= 5
    assert shown("full/!400,400/0/default.jpg").shape == (400, 363, 3)


def test_srgb_is_not_converted(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Image.fromarray(patches()).save(tmp_path / "master.tif", icc_profile=profile)
    got = made(tmp_path / "master.tif")("full/max/0/default.png")
    assert np.abs(got[20:40, 20:40] - np.array(PATCHES[0])).max() <= 3
