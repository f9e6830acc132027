"""XML as bytes for records: escaped, and free of characters that XML 1.0 §2.2 cannot hold.

One control character in one title would make a whole page of records unreadable: what was cleaned when it came in is
cleaned again here. Pure; must not import from the rooms above.
"""

import re

from lxml import etree

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")
_PLAIN_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9:._/~*'()!;@&=+$,-]+")
_URI = etree.XMLSchema(
    etree.fromstring(
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="uri" type="xs:anyURI"/></xs:schema>'
    )
)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
_ADDRESS = re.compile(r"https?://[^/?#\s]\S*")


def clean(text: str) -> str:
    """Return a text without control characters, lone surrogates and non-characters, on one line, without outer spaces."""
    return " ".join(_NOT_XML.sub(" ", text).split())


def without_controls(text: str) -> str:
    """Return a text as it is, but without what XML cannot hold."""
    return _NOT_XML.sub("", text)


def escape(text: str) -> str:
    """Return a text as character data or attribute value, cleaned of what XML cannot hold."""
    return without_controls(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def is_uri(text: str) -> bool:
    """Whether a text may stand in an attribute of type xs:anyURI."""
    if _PLAIN_URI.fullmatch(text):
        return True
    node = etree.Element("uri")
    node.text = without_controls(text)
    return node.text == text and bool(_URI.validate(node))


def lawful_uri(text: str) -> str:
    """Return a text where it is a URI with its scheme, else nothing: a delivery may have anything in its place."""
    return text if _SCHEME.fullmatch(text) and is_uri(text) else ""


def is_address(text: str) -> bool:
    """Whether a text is the whole address of something on the web."""
    return bool(_ADDRESS.fullmatch(text)) and is_uri(text)


def lawful_language(language: str | None) -> str:
    """Return a code of a language where it may stand in xml:lang (xs:language), else nothing."""
    return language if language and _LANGUAGE.fullmatch(language) else ""


def element(name: str, text: str, language: str | None = None) -> str:
    """Return an element with character data, and `xml:lang` where the language is known."""
    attribute = f' xml:lang="{lawful}"' if (lawful := lawful_language(language)) else ""
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
