"""ICC profiles that are not what their name says."""

import struct

_LINEAR = struct.pack(">5i", *(round(value * 65536) for value in (1.0, 1.0, 0.0, 1.0, 0.0)))


def linear(profile: bytes) -> bytes:
    """Return an sRGB profile with parametric curves, whose light is proportional to its values; its name stays."""
    assert profile.count(b"para\0\0\0\0\0\x03") >= 1
    parts = profile.split(b"para\0\0\0\0\0\x03\0\0")
    return (b"para\0\0\0\0\0\x03\0\0").join([parts[0], *(_LINEAR + part[len(_LINEAR) :] for part in parts[1:])])
