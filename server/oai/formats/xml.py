"""XML as bytes for records: escaped, and free of characters that XML 1.0 §2.2 cannot hold.

One control character in one title would make a whole page of records unreadable: what was cleaned when it came in is
cleaned again here. Pure; must not import from the rooms above.
"""

import re

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(text: str) -> str:
    """Return a text without control characters, lone surrogates and non-characters, on one line, without outer spaces."""
    return " ".join(_NOT_XML.sub(" ", text).split())


def without_controls(text: str) -> str:
    """Return a text as it is, but without what XML cannot hold."""
    return _NOT_XML.sub("", text)


def escape(text: str) -> str:
    """Return a text as character data or attribute value, cleaned of what XML cannot hold."""
    return without_controls(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def element(name: str, text: str, language: str | None = None) -> str:
    """Return an element with character data, and `xml:lang` where the language is known."""
    attribute = f' xml:lang="{escape(language)}"' if language else ""
    return f"<{name}{attribute}>{escape(text)}</{name}>"


def resource(name: str, address: str) -> str:
    """Return an element that points to something (`rdf:resource`)."""
    return f'<{name} rdf:resource="{escape(address)}"/>'


def about(name: str, address: str, content: str) -> str:
    """Return an element that tells of something (`rdf:about`)."""
    return f'<{name} rdf:about="{escape(address)}">{content}</{name}>'


def tag(name: str, content: str, **attributes: str) -> str:
    """Return an element with ready-made content; attributes that are empty are left out, `a__b` is `a:b`."""
    told = "".join(f' {key.replace("__", ":")}="{escape(value)}"' for key, value in attributes.items() if value)
    return f"<{name}{told}>{content}</{name}>" if content else f"<{name}{told}/>"
