"""ICC profiles for tests: one that is not what its name says, and one wider than sRGB."""

import struct

_LINEAR = struct.pack(">5i", *(round(value * 65536) for value in (1.0, 1.0, 0.0, 1.0, 0.0)))


def linear(profile: bytes) -> bytes:
    """Return an sRGB profile with parametric curves, whose light is proportional to its values; its name stays."""
    assert profile.count(b"para\0\0\0\0\0\x03") >= 1
    parts = profile.split(b"para\0\0\0\0\0\x03\0\0")
    return (b"para\0\0\0\0\0\x03\0\0").join([parts[0], *(_LINEAR + part[len(_LINEAR) :] for part in parts[1:])])


def adobe_profile() -> bytes:
    """Return a profile of a display with the primaries (as seen from D50) and the gamma of Adobe RGB (1998)."""

    def xyz(*values: float) -> bytes:
        return b"XYZ \0\0\0\0" + b"".join(round(v * 65536).to_bytes(4, "big", signed=True) for v in values)

    curve = b"curv\0\0\0\0\0\0\0\1" + round(2.19921875 * 256).to_bytes(2, "big") + b"\0\0"
    name = b"Adobe RGB (1998)\0"
    said = b"desc\0\0\0\0" + len(name).to_bytes(4, "big") + name + bytes(78)
    tags = {
        b"desc": said + bytes(-len(said) % 4),
        b"wtpt": xyz(0.9505, 1.0, 1.0891),
        b"rXYZ": xyz(0.60974, 0.31111, 0.01947),
        b"gXYZ": xyz(0.20528, 0.62567, 0.06087),
        b"bXYZ": xyz(0.14919, 0.06322, 0.74457),
        b"rTRC": curve,
        b"gTRC": curve,
        b"bTRC": curve,
    }
    table, body, at = len(tags).to_bytes(4, "big"), b"", 132 + 12 * len(tags)
    for tag, content in tags.items():
        table += tag + (at + len(body)).to_bytes(4, "big") + len(content).to_bytes(4, "big")
        body += content
    head = bytes(4) + bytes(4) + b"\x02\x10\0\0mntrRGB XYZ " + bytes(12) + b"acsp" + bytes(28)
    head += b"".join(round(v * 65536).to_bytes(4, "big") for v in (0.9642, 1.0, 0.8249)) + bytes(48)
    return (at + len(body)).to_bytes(4, "big") + head[4:] + table + body
