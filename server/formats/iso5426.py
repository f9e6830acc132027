"""ISO 5426, the extended Latin set of UNIMARC in exchange format: bytes to Unicode.

ISO 5426:1983 as G1 beside ISO 646 as G0. A diacritic stands before its letter, and there may be two; 0x88 and 0x89 (ISO
6630) frame what is not sorted by, such as a leading article. What is in no table becomes U+FFFD.
"""

import unicodedata

_LETTERS = dict(
    zip(
        bytes.fromhex("a1a2a3a4a5a6a7a8a9aaabacadaeaf b0b1b2b6b7b8b9babbbcbdbebf e1e2e6e8e9eaec f1f2f3f5f6f8f9fafbfc"),
        "¡„£$¥†§′‘“«♭©℗®ʻʼ‚‡·″’”»♯ʹʺ¿ÆĐĲŁØŒÞæđðıĳłøœßþ",
        strict=True,
    )
)
_DIACRITICS = dict(
    zip(
        bytes.fromhex("c0c1c2c3c4c5c6c7c8c9cacbcccdcecf d0d1d2d3d4d5d6d7d8d9dadbdcddde"),
        "\u0309\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u0308\u030a\u0315\u0312\u030b\u031b\u030c"
        "\u0327\u031c\u0326\u0328\u0325\u032e\u0323\u0324\u0332\u0333\u0329\u032d\ufe20\ufe21\ufe23",
        strict=True,
    )
)
_NOT_SORTED = frozenset({0x88, 0x89, 0x98, 0x9C})


def decode_iso5426(body: bytes) -> str:
    """Return the text in Unicode, composed (NFC); marks of what is not sorted by are left out."""
    found: list[str] = []
    waiting: list[str] = []
    for byte in body:
        if byte in _NOT_SORTED:
            continue
        if byte in _DIACRITICS:
            waiting.append(_DIACRITICS[byte])
            continue
        found.append(chr(byte) if byte < 0x80 else _LETTERS.get(byte, "\N{REPLACEMENT CHARACTER}"))
        found += waiting
        waiting = []
    return unicodedata.normalize("NFC", "".join(found))
