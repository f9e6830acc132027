"""Masters that carry more than pictures are refused before that is read into memory."""

import io
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from PIL import Image, ImageCms

from server.errors import ImageError, ImageTooLarge
from server.imaging import metadata
from server.imaging.metadata import check_metadata
from server.imaging.overview import look_through
from server.imaging.source import open_master, probe
from server.imaging.tiff import read_directories
from tests.support.pictures import picture

MANY = 10**9
HUGE = 500 * 2**20
PICTURE = picture(60, 40)
ALLOWED = 64 * 2**20
"""Bytes of memory that refusing a file may take: a fraction of what the files would."""


def png(*chunks: bytes) -> bytes:
    out = io.BytesIO()
    Image.fromarray(PICTURE).save(out, "PNG")
    whole = out.getvalue()
    return whole[:33] + b"".join(chunks) + whole[33:]


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def zeros(length: int) -> bytes:
    """Return so many zeros, compressed to a thousandth, without holding them."""
    packer = zlib.compressobj()
    return b"".join([*(packer.compress(bytes(2**20)) for _ in range(length // 2**20)), packer.flush()])


def long_chunk(path: Path, kind: bytes) -> None:
    """Write a PNG with a chunk of 500 MB, of which the disk holds nothing."""
    whole = png()
    with path.open("wb") as file:
        file.write(whole[:33] + struct.pack(">I", HUGE) + kind)
        file.seek(HUGE, 1)
        file.write(bytes(4) + whole[33:])


def jpeg_with(path: Path, segment: bytes, count: int) -> None:
    out = io.BytesIO()
    Image.fromarray(PICTURE).save(out, "JPEG")
    with path.open("wb") as file:
        file.write(out.getvalue()[:2])
        for _ in range(count):
            file.write(segment)
        file.write(out.getvalue()[2:])


def tiff_with(path: Path, tag: int, length: int = HUGE) -> None:
    """Write a TIFF one of whose tags has 500 MB, of which the disk holds nothing."""
    Image.fromarray(PICTURE).save(path, "TIFF", tiffinfo={tag: b"x" * 300})
    data = bytearray(path.read_bytes())
    entry = read_directories(io.BytesIO(data))[0].entries[tag]
    struct.pack_into("<II", data, entry.position + 4, length, len(data))
    with path.open("wb") as file:
        file.write(data)
        file.truncate(len(data) + length)


EXIF = b"\xff\xe1\xff\xffExif\0\0" + bytes(65_527)
BOMB: dict[str, Callable[[Path], object]] = {
    "png, profile that grows": lambda path: path.write_bytes(png(chunk(b"iCCP", b"icc\0\0" + zeros(HUGE)))),
    "png, text that grows": lambda path: path.write_bytes(png(chunk(b"zTXt", b"Comment\0\0" + zeros(HUGE)))),
    "png, other text that grows": lambda path: path.write_bytes(
        png(chunk(b"iTXt", b"Comment\0\1\0fr\0Note\0" + zeros(HUGE)))
    ),
    "png, many texts that grow": lambda path: path.write_bytes(
        png(*[chunk(b"zTXt", b"Comment\0\0" + zeros(2**20))] * 40)
    ),
    "png, long profile": lambda path: long_chunk(path, b"iCCP"),
    "png, long text": lambda path: long_chunk(path, b"tEXt"),
    "png, long exif": lambda path: long_chunk(path, b"eXIf"),
    "png, many chunks": lambda path: path.write_bytes(png(chunk(b"tEXt", b"a\0b") * 20_000)),
    "png, many chunks of no pixels": lambda path: path.write_bytes(png(chunk(b"IDAT", b"") * 20_000)),
    "jpeg, long": lambda path: jpeg_with(path, EXIF, 300),
    "jpeg, many": lambda path: jpeg_with(path, b"\xff\xfe\0\3x", 20_000),
    "tiff, profile": lambda path: tiff_with(path, 34675),
    "tiff, xmp": lambda path: tiff_with(path, 700),
    "tiff, description": lambda path: tiff_with(path, 270),
}


def memory_of_refusing(path: Path) -> tuple[int, str]:
    """Return by how many bytes a process grows that tries every way to read a file, and what it is told."""
    script = (
        "import resource, sys; from pathlib import Path\n"
        "from server.imaging.source import probe, open_master; from server.imaging.overview import look_through; from server.errors import ImageError\n"
        "most = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024\n"
        "before, path, told = most(), Path(sys.argv[1]), ''\n"
        "for read in (probe, lambda p: open_master(p, 10**9), lambda p: look_through(p, 10**9)):\n"
        "    try: read(path); print('read'); sys.exit(1)\n"
        "    except ImageError as error: told = str(error)\n"
        "print(most() - before); print(told)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True, timeout=60
    )
    grown, _, told = done.stdout.partition("\n")
    return int(grown), told


@pytest.mark.parametrize("name", BOMB)
def test_what_carries_too_much_is_refused_in_little_memory(tmp_path: Path, name: str) -> None:
    path = tmp_path / "f0001.img"
    BOMB[name](path)
    grown, told = memory_of_refusing(path)
    assert told.startswith("f0001.img: carries more than ")
    assert "beside its pixels" in told
    assert "ask the supplier for it without" in told
    assert grown < ALLOWED


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF"])
def test_usual_metadata_passes(tmp_path: Path, kind: str) -> None:
    exif = Image.Exif()
    exif[0x010E] = "page 12" * 1000
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Image.fromarray(PICTURE).save(tmp_path / "a", kind, exif=exif, icc_profile=profile + bytes(2**20), dpi=(300, 300))
    look_through(tmp_path / "a", MANY)
    assert probe(tmp_path / "a").icc_name


def test_limit_holds_to_the_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a"
    path.write_bytes(png(chunk(b"tEXt", b"a\0" + bytes(998)), chunk(b"zTXt", b"b\0\0" + zlib.compress(b"x" * 500))))
    pixels = 1  # IHDR, small as it is, counts as one
    length = 1000 + 500 + len(b"b\0\0" + zlib.compress(b"x" * 500)) + pixels
    monkeypatch.setattr(metadata, "MOST_METADATA", length)
    check_metadata(path, "png")
    monkeypatch.setattr(metadata, "MOST_METADATA", length - 1)
    with pytest.raises(ImageError, match="carries more than"):
        check_metadata(path, "png")


@pytest.mark.parametrize("cut", [8, 20, 33, 60])
@pytest.mark.parametrize("kind", ["png", "jpeg", "tiff"])
def test_what_is_cut_short_is_left_to_the_decoders(tmp_path: Path, kind: str, cut: int) -> None:
    path = tmp_path / "a"
    Image.fromarray(PICTURE).save(path, kind.upper())
    path.write_bytes(path.read_bytes()[:cut])
    check_metadata(path, kind)


def shaped(width: int, height: int) -> bytes:
    ihdr = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + ihdr + struct.pack(">I", zlib.crc32(ihdr))


@pytest.mark.parametrize("size", [(65_501, 7), (7, 65_501), (60_000, 5), (3, 30_001), (0, 10), (10, 0)])
@pytest.mark.parametrize("read", [open_master, look_through])
def test_absurd_shapes_are_refused(tmp_path: Path, size: tuple[int, int], read: Callable[[Path, int], object]) -> None:
    path = tmp_path / "f0001.png"
    path.write_bytes(shaped(*size))
    with pytest.raises(
        ImageTooLarge, match=rf"f0001\.png: .*{size[0]} × {size[1]} pixels; .*ask for the picture in several"
    ):
        read(path, MANY)


@pytest.mark.parametrize(("width", "height"), [(10_000, 1), (1, 10_000)])
def test_narrow_pictures_are_taken(tmp_path: Path, width: int, height: int) -> None:
    Image.fromarray(np.zeros((height, width), np.uint8)).save(tmp_path / "a.png")
    look_through(tmp_path / "a.png", MANY)


def test_jpeg2000_with_far_more_bytes_than_pixels_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "f0001.jp2"
    path.write_bytes(bytes(imagecodecs.jpeg2k_encode(PICTURE, codecformat="j2k")))
    with path.open("r+b") as file:
        file.truncate(HUGE)
    with pytest.raises(ImageError, match=r"f0001\.jp2: its codestream of \d+ bytes is far larger"):
        look_through(path, MANY)


def test_jpeg2000_of_countless_boxes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "f0001.jp2"
    whole = bytes(imagecodecs.jpeg2k_encode(PICTURE, codecformat="jp2"))
    path.write_bytes(whole[:12] + b"\0\0\0\x08free" * 9_000 + whole[12:])
    probe(path)
    path.write_bytes(whole[:12] + b"\0\0\0\x08free" * 11_000 + whole[12:])
    with pytest.raises(ImageError, match="has no codestream"):
        probe(path)


def test_jpeg_of_countless_scans_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "f0001.jpg"
    out = io.BytesIO()
    Image.fromarray(PICTURE).save(out, "JPEG", progressive=True)
    whole = out.getvalue()
    last = whole.rindex(b"\xff\xda")
    path.write_bytes(whole[:-2] + whole[last:-2] * 2000 + whole[-2:])
    with pytest.raises(ImageError, match=r"f0001\.jpg: .*"):
        look_through(path, MANY)
