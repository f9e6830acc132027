"""Masters of every kind come out upright, in sRGB or gray, 8 bits; broken ones are refused with a sentence."""

import io
import multiprocessing
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms

from server.errors import ImageError, ImageTooLarge
from server.imaging import source
from server.imaging.overview import look_through
from server.imaging.pyramid import make_pyramid
from server.imaging.source import MasterFacts, open_master, probe, profile_name
from server.imaging.vips import pyvips
from tests.support.pictures import picture
from tests.support.profiles import linear

MANY = 10**9
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def shown(path: Path) -> NDArray[np.uint8]:
    """Return the pixels of a master as the project shows them, after checking that it decodes and makes a pyramid."""
    look_through(path, MANY)
    image = open_master(path, MANY)
    assert image.format == "uchar"
    assert (image.bands, image.interpretation) in [(1, "b-w"), (3, "srgb")]
    pyramid = make_pyramid(path, path.parent, tile_size=64, quality=85, max_pixels=MANY)
    assert (pyramid.width, pyramid.height, pyramid.bands) == (image.width, image.height, image.bands)
    facts = probe(path)
    assert (facts.width, facts.height) == (image.width, image.height)
    pixels: NDArray[np.uint8] = open_master(path, MANY).numpy()
    return pixels


def near(got: NDArray[Any], wanted: NDArray[Any], tolerance: float = 1) -> None:
    assert got.shape == wanted.shape
    assert np.abs(got.astype(int) - wanted.astype(int)).max() <= tolerance


COLOUR, GRAY = picture(120, 80), picture(120, 80, 1)


@pytest.mark.parametrize("name", ["a.tif", "a.png", "a.jpg", "lies.txt"])
def test_eight_bits_come_out_as_they_are(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    for pixels in (COLOUR, GRAY):
        Image.fromarray(pixels).save(path, format={"a.tif": "TIFF", "a.jpg": "JPEG"}.get(name, "PNG"), quality=97)
        near(shown(path), pixels, 30 if name == "a.jpg" else 0)


def test_one_bit_becomes_black_and_white(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    bits = GRAY > 120
    for compression in (None, "group4"):
        Image.fromarray(bits).save(path, compression=compression)
        near(shown(path), bits * 255, 0)
        assert probe(path).bits == 1
    assert probe(path).compression == "ccitt-g4"
    Image.fromarray(bits).save(tmp_path / "a.png")
    near(shown(tmp_path / "a.png"), bits * 255, 0)


def test_palettes_become_colours(tmp_path: Path) -> None:
    palette = Image.fromarray(COLOUR).quantize(200)
    for name in ("a.png", "a.tif"):
        palette.save(tmp_path / name)
        near(shown(tmp_path / name), np.asarray(palette.convert("RGB")), 0)


@pytest.mark.parametrize("bands", [1, 3])
def test_sixteen_bits_use_their_whole_range(tmp_path: Path, bands: int) -> None:
    pixels = picture(120, 80, bands).astype(np.uint16) * 257
    path = tmp_path / "a.tif"
    image = pyvips.Image.new_from_memory(pixels.tobytes(), 120, 80, bands, "ushort")
    image.copy(interpretation="rgb16" if bands == 3 else "grey16").tiffsave(str(path))
    near(shown(path), picture(120, 80, bands), 1)
    assert probe(path).bits == 16
    image.copy(interpretation="rgb16" if bands == 3 else "grey16").pngsave(str(tmp_path / "a.png"))
    near(shown(tmp_path / "a.png"), picture(120, 80, bands), 1)


def test_sixteen_bits_with_a_profile(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    wide = (
        pyvips.Image.new_from_array(COLOUR)
        .copy(interpretation="srgb")
        .icc_transform("p3", input_profile="srgb", depth=16)
    )
    wide.tiffsave(str(path))
    near(shown(path), COLOUR, 8)
    assert "P3" in probe(path).icc_name


def test_profiles_of_colour_and_gray_are_applied(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    p3 = pyvips.Image.new_from_array(COLOUR).copy(interpretation="srgb").icc_transform("p3", input_profile="srgb")
    p3.tiffsave(str(path))
    assert np.abs(np.asarray(Image.open(path)).astype(int) - COLOUR.astype(int)).max() > 12
    near(shown(path), COLOUR, 8)


def test_profile_that_does_not_fit_is_left_aside(tmp_path: Path) -> None:
    for profile in (SRGB, b"nonsense" * 40):
        Image.fromarray(GRAY).save(tmp_path / "a.tif", icc_profile=profile)
        near(shown(tmp_path / "a.tif"), GRAY, 0)
    damaged = SRGB[:200] + b"\0" * 300
    Image.fromarray(COLOUR).save(tmp_path / "a.tif", icc_profile=damaged)
    near(shown(tmp_path / "a.tif"), COLOUR, 0)


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
def test_alpha_is_laid_on_white(tmp_path: Path, name: str) -> None:
    alpha = np.full((80, 120, 1), 255, np.uint8)
    alpha[:40] = 0
    Image.fromarray(np.concatenate([COLOUR, alpha], axis=-1)).save(tmp_path / name)
    got = shown(tmp_path / name)
    near(got[40:], COLOUR[40:], 0)
    assert (got[:40] == 255).all()
    Image.fromarray(np.concatenate([GRAY[:, :, None], alpha], axis=-1).squeeze()).save(tmp_path / name)
    gray = shown(tmp_path / name)
    assert gray.shape == (80, 120)
    assert (gray[:40] == 255).all()


def test_sixteen_bit_alpha_is_laid_on_white(tmp_path: Path) -> None:
    alpha = np.full((80, 120, 1), 65535, np.uint16)
    alpha[:40] = 0
    pixels = np.concatenate([COLOUR.astype(np.uint16) * 257, alpha], axis=-1)
    pyvips.Image.new_from_memory(pixels.tobytes(), 120, 80, 4, "ushort").copy(interpretation="rgb16").pngsave(
        str(tmp_path / "a.png")
    )
    got = shown(tmp_path / "a.png")
    near(got[40:], COLOUR[40:], 1)
    assert (got[:40] == 255).all()


def test_an_extra_sample_that_is_no_alpha_is_dropped(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    zeros = np.zeros((80, 120, 1), np.uint8)
    Image.fromarray(np.concatenate([COLOUR, zeros], axis=-1)).save(path)
    data = bytearray(path.read_bytes())
    entry = struct.pack("<HHI", 338, 3, 1)
    at = data.index(entry)
    data[at + 8 : at + 10] = b"\0\0"
    path.write_bytes(data)
    near(shown(path), COLOUR, 0)


@pytest.mark.parametrize("name", ["a.tif", "a.jpg"])
def test_cmyk_becomes_rgb(tmp_path: Path, name: str) -> None:
    inks = np.zeros((64, 128, 4), np.uint8)
    inks[:, :32] = (0, 255, 255, 0)
    inks[:, 32:64] = (0, 0, 0, 255)
    inks[:, 64:96] = (255, 0, 0, 0)
    Image.fromarray(inks, mode="CMYK").save(tmp_path / name, quality=95)
    got = shown(tmp_path / name).astype(int)
    red, black, cyan, paper = (got[32, x] for x in (16, 48, 80, 112))
    assert red[0] > 180
    assert red[1] < 90
    assert red[2] < 90
    assert black.max() < 60
    assert cyan[0] < 100
    assert cyan[2] > 180
    assert paper.min() > 240


def test_cmyk_with_its_profile(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    soft = np.full((80, 120, 3), 128, np.uint8) + (COLOUR // 8)
    source = pyvips.Image.new_from_array(soft).copy(interpretation="srgb")
    source.icc_transform("cmyk", input_profile="srgb", intent="relative").tiffsave(str(path))
    assert probe(path).bands == 4
    assert probe(path).icc_name
    near(shown(path), soft, 16)
    source.icc_transform("cmyk", input_profile="srgb", intent="relative", depth=16).tiffsave(str(path))
    near(shown(path), soft, 18)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["TIFF", "JPEG", "PNG"])
def test_orientation_is_applied_once(tmp_path: Path, orientation: int, kind: str) -> None:
    path = tmp_path / "a"
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(COLOUR).save(path, format=kind, exif=exif, quality=97)
    turns: dict[int, Callable[[NDArray[Any]], NDArray[Any]]] = {
        1: lambda p: p, 2: lambda p: p[:, ::-1], 3: lambda p: p[::-1, ::-1], 4: lambda p: p[::-1],
        5: lambda p: p.transpose(1, 0, 2), 6: lambda p: np.rot90(p, -1),
        7: lambda p: p[::-1, ::-1].transpose(1, 0, 2), 8: lambda p: np.rot90(p, 1),
    }  # fmt: skip
    assert probe(path).orientation == orientation
    near(shown(path), turns[orientation](COLOUR), 30 if kind == "JPEG" else 0)
    if orientation > 1:
        assert not open_master(path, MANY).get_typeof("orientation")


def test_only_the_first_page_is_the_master(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    Image.fromarray(COLOUR).save(path, save_all=True, append_images=[Image.fromarray(GRAY[:20])])
    near(shown(path), COLOUR, 0)


def test_facts_of_a_master(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    Image.fromarray(COLOUR).save(path, dpi=(400, 400), icc_profile=SRGB, compression="tiff_lzw")
    assert probe(path) == MasterFacts("tiff", 120, 80, 3, 8, 400.0, "sRGB built-in", 1, "lzw")
    Image.fromarray(GRAY).save(path, format="JPEG")
    assert probe(path) == MasterFacts("jpeg", 120, 80, 1, 8, 0.0, "", 1, "jpeg")
    Image.fromarray(GRAY).save(path, format="PNG", dpi=(300, 300))
    assert probe(path) == MasterFacts("png", 120, 80, 1, 8, 300.0, "", 1, "deflate")


def test_a_linear_profile_that_calls_itself_srgb_is_converted(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.fromarray(np.full((40, 60, 3), 55, np.uint8)).save(path, icc_profile=linear(SRGB))
    assert "sRGB" in probe(path).icc_name
    near(shown(path), np.full((40, 60, 3), 128, np.uint8), 2)


def test_profile_names_survive_nonsense() -> None:
    assert profile_name(b"") == ""
    assert profile_name(SRGB[:140]) == ""
    assert profile_name(b"\xff" * 5000) == "unnamed"


# JPEG 2000


@pytest.mark.parametrize("codec", ["jp2", "j2k"])
@pytest.mark.parametrize("bands", [1, 3])
@pytest.mark.parametrize("bits", [8, 12, 16])
def test_jpeg2000_comes_out_right(tmp_path: Path, codec: str, bands: int, bits: int) -> None:
    pixels = picture(120, 80, bands)
    scaled = pixels if bits == 8 else (pixels.astype(np.uint32) * ((1 << bits) - 1) // 255).astype(np.uint16)
    path = tmp_path / "named.tif"
    path.write_bytes(imagecodecs.jpeg2k_encode(scaled, codecformat=codec, reversible=True, bitspersample=bits))
    facts = probe(path)
    assert facts == MasterFacts(codec, 120, 80, bands, bits, 0.0, "", 1, "jpeg2000")
    near(shown(path), pixels, 1)


def test_truncated_jpeg2000_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "f0001.jp2"
    whole = imagecodecs.jpeg2k_encode(COLOUR, reversible=True)
    for cut in (len(whole) // 2, len(whole) - 10):
        path.write_bytes(whole[:cut])
        for read in (lambda: look_through(path, MANY), lambda: open_master(path, MANY)):
            with pytest.raises(ImageError, match=r"f0001\.jp2: ends .*ask the supplier for it again"):
                read()
    for cut in (12, 20, 60, 100):
        path.write_bytes(whole[:cut])
        with pytest.raises(ImageError, match=r"f0001\.jp2"):
            probe(path)


def test_jpeg2000_bomb_is_refused_before_decoding(tmp_path: Path) -> None:
    path = tmp_path / "f0001.j2k"
    whole = bytearray(imagecodecs.jpeg2k_encode(GRAY, codecformat="j2k", reversible=True))
    whole[8:16] = struct.pack(">II", 60_000, 60_000)
    path.write_bytes(whole)
    with pytest.raises(ImageTooLarge, match="60000 × 60000"):
        open_master(path, MANY)


def _decode_and_note(path: Path, log: Path) -> None:
    real = imagecodecs.jpeg2k_decode

    def noted(*arguments: Any, **options: Any) -> Any:
        with log.open("a") as out:
            out.write("+")
        result = real(*arguments, **options)
        with log.open("a") as out:
            out.write("-")
        return result

    imagecodecs.jpeg2k_decode = noted  # in this process alone
    for _ in range(5):
        look_through(path, MANY)


def test_one_jpeg2000_decodes_at_a_time_on_a_machine(tmp_path: Path) -> None:
    path, log = tmp_path / "a.jp2", tmp_path / "log"
    path.write_bytes(imagecodecs.jpeg2k_encode(picture(400, 400), reversible=True))
    log.touch()
    spawn = multiprocessing.get_context("spawn")
    both = [spawn.Process(target=_decode_and_note, args=(path, log)) for _ in range(2)]
    for process in both:
        process.start()
    for process in both:
        process.join(60)
        assert process.exitcode == 0
    assert log.read_text() == "+-" * 10


# Hostile and broken


def png_header(width: int, height: int) -> bytes:
    ihdr = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + ihdr + struct.pack(">I", zlib.crc32(ihdr))


@pytest.mark.parametrize("tail", [b"", b"\0\0\0\0IEND\xaeB`\x82"])
def test_header_bomb_is_refused_before_decoding(tmp_path: Path, tail: bytes) -> None:
    path = tmp_path / "f0001.png"
    path.write_bytes(png_header(60_000, 60_000) + tail)
    for read in (open_master, look_through):
        with pytest.raises(ImageTooLarge, match=r"f0001\.png: .*60000 × 60000 .*VITRINE_MAX_MASTER_PIXELS"):
            read(path, MANY)


def test_pictures_that_must_be_decoded_whole_have_a_lower_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "WHOLE_PICTURE_PIXELS", 120 * 80 - 1)
    path = tmp_path / "a"
    for kind in ("JPEG", "PNG", "TIFF"):
        Image.fromarray(COLOUR).save(path, format=kind)
        look_through(path, MANY)
    interlaced = io.BytesIO()
    interlaced.write(pyvips.Image.new_from_array(COLOUR).pngsave_buffer(interlace=True))
    progressive = io.BytesIO()
    Image.fromarray(COLOUR).save(progressive, "JPEG", progressive=True)
    for content in (interlaced.getvalue(), progressive.getvalue(), imagecodecs.jpeg2k_encode(COLOUR)):
        path.write_bytes(content)
        with pytest.raises(ImageTooLarge, match="must be decoded whole"):
            look_through(path, MANY)
        with pytest.raises(ImageTooLarge, match="must be decoded whole"):
            open_master(path, MANY)


def test_the_digest_is_of_the_pixels_whatever_packs_them(tmp_path: Path) -> None:
    packed: dict[str, dict[str, Any]] = {
        "a.tif": {"compression": "raw"},
        "b.tif": {"compression": "tiff_lzw", "dpi": (300, 300)},
        "c.png": {},
    }
    for name, options in packed.items():
        Image.fromarray(COLOUR).save(tmp_path / name, **options)
    assert len({look_through(tmp_path / name, MANY).pixels for name in packed}) == 1
    altered = COLOUR.copy()
    altered[-1, -1] ^= 1
    digests = set()
    for number, pixels in enumerate((COLOUR, altered, COLOUR[:, :, 0], COLOUR.reshape(COLOUR.shape[1], -1, 3))):
        Image.fromarray(np.ascontiguousarray(pixels)).save(tmp_path / f"{number}.png")
        digests.add(look_through(tmp_path / f"{number}.png", MANY).pixels)
    assert len(digests) == 4
    (tmp_path / "d.jp2").write_bytes(imagecodecs.jpeg2k_encode(COLOUR, level=0, reversible=True))
    assert look_through(tmp_path / "d.jp2", MANY).pixels == look_through(tmp_path / "a.tif", MANY).pixels


def test_limit_is_on_pixels_and_holds_exactly(tmp_path: Path) -> None:
    for kind in ("TIFF", "PNG", "JPEG"):
        Image.fromarray(COLOUR).save(tmp_path / "a", format=kind)
        look_through(tmp_path / "a", 120 * 80)
        with pytest.raises(ImageTooLarge):
            look_through(tmp_path / "a", 120 * 80 - 1)


@pytest.mark.parametrize("kind", ["TIFF", "PNG", "JPEG"])
@pytest.mark.parametrize("share", [0.4, 0.9])
def test_truncated_masters_say_how_far_they_got(tmp_path: Path, kind: str, share: float) -> None:
    path = tmp_path / "0012"
    noise = np.random.default_rng(1).integers(0, 255, (600, 500, 3), dtype=np.uint8)
    written = io.BytesIO()
    Image.fromarray(noise).save(written, format=kind)
    path.write_bytes(written.getvalue()[: int(len(written.getvalue()) * share)])
    for read in (
        look_through,
        lambda path, limit: make_pyramid(path, tmp_path, tile_size=64, quality=85, max_pixels=limit),
    ):
        with pytest.raises(
            ImageError, match=r"0012: ends after \d+ % of its rows .*ask the supplier for it again"
        ) as told:
            read(path, MANY)
        percent = int(str(told.value).split("after ")[1].split(" %")[0])
        assert share * 100 - 12 <= percent <= share * 100 + 1


def test_tiff_whose_directory_is_cut_off_says_so(tmp_path: Path) -> None:
    path = tmp_path / "0012.tif"
    Image.fromarray(COLOUR).save(path, compression="tiff_lzw")
    path.write_bytes(path.read_bytes()[:-400])
    with pytest.raises(
        ImageError, match=r"0012\.tif: its TIFF directory points to byte \d+, but the file ends after \d+"
    ):
        probe(path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>",
        b"%PDF-1.7",
        b"GIF89a" + bytes(50),
        b"II*\0",
        b"MM\0*" + b"\xff" * 60,
        b"\xff\xd8\xff\xe0",
        png_header(5, 5)[:20],
    ],
)
def test_what_is_no_image_is_refused_with_its_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "f0003.tif"
    path.write_bytes(content)
    for read in (lambda: look_through(path, MANY), lambda: open_master(path, MANY)):
        with pytest.raises(ImageError, match=r"f0003\.tif: "):
            read()
    with pytest.raises(ImageError, match=r"absent\.tif: cannot be read"):
        probe(tmp_path / "absent.tif")


def test_samples_that_cannot_be_shown_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    pyvips.Image.black(10, 10).cast("float").tiffsave(str(path))
    with pytest.raises(ImageError, match="samples of kind float"):
        open_master(path, MANY)
    pyvips.Image.black(10, 10, bands=6).tiffsave(str(path))
    with pytest.raises(ImageError, match="6 bands"):
        open_master(path, MANY)


@pytest.mark.parametrize("seed", range(20))
def test_damaged_masters_raise_nothing_but_our_errors(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "a"
    random = np.random.default_rng(seed)
    writers: list[Callable[[], bytes]] = [
        lambda: bytes(imagecodecs.jpeg2k_encode(COLOUR)),
        *(lambda kind=kind: _written(kind) for kind in ("TIFF", "PNG", "JPEG")),
    ]
    for write in writers:
        data = bytearray(write())
        for at in random.integers(0, min(len(data), 600), 4):
            data[at] = random.integers(0, 256)
        path.write_bytes(data)
        try:
            look_through(path, 10**6)
            make_pyramid(path, tmp_path, tile_size=64, quality=85, max_pixels=10**6)
        except ImageError as error:
            assert "a: " in str(error)  # noqa: PT017  # not every damage is fatal


def _written(kind: str) -> bytes:
    out = io.BytesIO()
    Image.fromarray(COLOUR).save(out, format=kind)
    return out.getvalue()


def test_libvips_is_quiet_and_single_threaded(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    Image.fromarray(picture(600, 400)).save(path, quality=90)
    path.write_bytes(path.read_bytes()[:9000])
    script = (
        "import sys; from pathlib import Path; from server.imaging.overview import look_through\n"
        "from server.errors import ImageError; from server.imaging.vips import pyvips\n"
        "assert pyvips.voperation.vips_lib.vips_concurrency_get() == 1\n"
        "try: look_through(Path(sys.argv[1]), 10**9)\nexcept ImageError: print('refused')"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True, timeout=60
    )
    assert (done.stdout, done.stderr) == ("refused\n", "")
