"""A METS beside each document of an export: description in MODS, its files with their digests, views, table of contents.

METS 1.12. It is for other programs than this one, which reads `item.json`; files are named relative to it. Pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from server.model.structure import Range
from server.oai.formats.document import Document, Telling
from server.oai.formats.mods import mods_element
from server.oai.formats.xml import clean, tag

NAMESPACE = "http://www.loc.gov/METS/"


@dataclass(frozen=True, slots=True)
class Page:
    """A view: its number and label; paths relative to the METS and SHA-256, empty where there is no such file."""

    number: int
    label: str
    master: str
    master_digest: str
    text: str = ""
    text_digest: str = ""


def export_mets(document: Document, telling: Telling, pages: Sequence[Page]) -> bytes:
    """Return the METS of a document."""
    wrapped = tag(
        "mets:mdWrap", tag("mets:xmlData", mods_element(document, telling)), MDTYPE="MODS", MIMETYPE="text/xml"
    )
    groups = (
        ("MASTER", "I", "application/octet-stream", [(page.number, page.master, page.master_digest) for page in pages]),
        ("FULLTEXT", "A", "application/alto+xml", [(page.number, page.text, page.text_digest) for page in pages]),
    )
    files = "".join(
        tag(
            "mets:fileGrp",
            "".join(_file(f"{letter}{number}", kind, path, digest) for number, path, digest in listed if path),
            USE=use,
        )
        for use, letter, kind, listed in groups
        if any(path for _, path, _ in listed)
    )
    physical = "".join(_page(page) for page in pages)
    logical = "".join(_range(part) for part in document.item.structure)
    title = clean(document.item.description.title.value)
    content = (
        tag("mets:dmdSec", wrapped, ID="DMD")
        + tag("mets:fileSec", files)
        + tag("mets:structMap", tag("mets:div", physical, TYPE="physSequence", DMDID="DMD"), TYPE="PHYSICAL")
        + tag("mets:structMap", tag("mets:div", logical, LABEL=title, DMDID="DMD"), TYPE="LOGICAL")
    )
    whole = tag(
        "mets:mets", content, xmlns__mets=NAMESPACE, xmlns__xlink="http://www.w3.org/1999/xlink",
        OBJID=document.ark, LABEL=title,
    )  # fmt: skip
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{whole}\n'.encode()


def _file(identifier: str, media_type: str, path: str, digest: str) -> str:
    place = tag("mets:FLocat", "", LOCTYPE="URL", xlink__href=quote(path))
    return tag("mets:file", place, ID=identifier, MIMETYPE=media_type, CHECKSUM=digest, CHECKSUMTYPE="SHA-256")


def _page(page: Page) -> str:
    pointers = "".join(
        tag("mets:fptr", "", FILEID=f"{letter}{page.number}")
        for letter, path in (("I", page.master), ("A", page.text))
        if path
    )
    return tag(
        "mets:div", pointers, ID=f"P{page.number}", TYPE="page", ORDER=str(page.number), ORDERLABEL=clean(page.label)
    )


def _range(part: Range) -> str:
    first = next((target.view for target in part.targets), None)
    pointer = tag("mets:fptr", "", FILEID=f"I{first}") if first is not None else ""
    return tag(
        "mets:div",
        pointer + "".join(_range(child) for child in part.children),
        TYPE=clean(part.kind),
        LABEL=clean(part.label),
    )
