import struct
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ImageCms

from server.imaging.profiles import is_srgb
from tests.support.profiles import linear

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
XYZ = {b"rXYZ": (0.43607, 0.22249, 0.01392), b"gXYZ": (0.38515, 0.71687, 0.09708), b"bXYZ": (0.14307, 0.06061, 0.7141)}
P3 = {b"rXYZ": (0.5151, 0.2412, -0.0011), b"gXYZ": (0.292, 0.6922, 0.0419), b"bXYZ": (0.1571, 0.0666, 0.7841)}


def sampled(power: float = 0.0, points: int = 1024) -> bytes:
    """A curve of points: that of sRGB, or a power."""
    values = [n / (points - 1) for n in range(points)]
    light = [v**power if power else v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in values]
    return b"curv\0\0\0\0" + struct.pack(f">I{points}H", points, *(round(65535 * value) for value in light))


def parametric(form: int, *numbers: float) -> bytes:
    return b"para\0\0\0\0" + struct.pack(f">HH{len(numbers)}i", form, 0, *(round(65536 * n) for n in numbers))


def made(curve: bytes, colorants: Mapping[bytes, Sequence[float]] | None = None, **more: bytes) -> bytes:
    """A profile of these tags alone."""
    tags = {
        name: b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(65536 * n) for n in xyz))
        for name, xyz in (colorants or XYZ).items()
    }
    tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve) | {name.encode(): data for name, data in more.items()}
    table, data = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for name, content in tags.items():
        table += struct.pack(">4sII", name, start + len(data), len(content))
        data += content
    return bytes(128) + table + data


@pytest.mark.parametrize(
    "profile",
    [SRGB, made(sampled()), made(parametric(3, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045))],
    ids=["as made by Little CMS", "of points", "parametric"],
)
def test_srgb_is_known_by_its_numbers(profile: bytes) -> None:
    assert is_srgb(profile)


@pytest.mark.parametrize(
    "profile",
    [
        linear(SRGB),
        made(b"curv\0\0\0\0" + struct.pack(">I", 0)),
        made(b"curv\0\0\0\0" + struct.pack(">IH", 1, round(1.8 * 256))),
        made(parametric(0, 1.8)),
        made(parametric(1, 1.8, 1.0, 0.0)),
        made(parametric(2, 1.8, 1.0, 0.0, 0.1)),
        made(parametric(4, 1.8, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0)),
        made(sampled(1.0)),
        made(sampled(), P3),
        made(sampled(), A2B0=b"mft2"),
        made(b"text\0\0\0\0sRGB"),
        made(parametric(9, 1.0)),
        b"",
        SRGB[:140],
    ],
)
def test_what_has_other_numbers_is_not_srgb(profile: bytes) -> None:
    assert not is_srgb(profile)


@given(st.binary(max_size=400), st.integers(0, 127))
def test_nonsense_is_not_srgb(noise: bytes, at: int) -> None:
    assert not is_srgb(noise)
    assert is_srgb(SRGB[:at] + noise[: 128 - at] + SRGB[at + len(noise[: 128 - at]) :]), "the header says nothing of it"
