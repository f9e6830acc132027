"""METS, metadataPrefix `mets` (METS 1.12, www.loc.gov/standards/mets): description, images, structure.

For harvesters that show documents themselves: the description in MODS, and again in Dublin Core (dmdSec), rights (amdSec),
each public view as a whole image, a thumbnail and its IIIF service (fileSec), the views in order and the divisions of the
text (structMap), linked as Kitodo's METS application profile wants it (structLink).

Kitodo.Presentation reads the MODS, which the document's own division names. Omeka's harvesters read Dublin Core, and of
that the last section, where the first division of the first structMap names none: so the physical one comes first, be it
empty. They look for METS without a prefix: it is the default namespace here. Pure.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import count

from server.model.item import PublishedView
from server.model.structure import Range
from server.model.thumbnail import thumbnail_address
from server.oai.formats.document import Document, Telling
from server.oai.formats.mods import mods_element
from server.oai.formats.oai_dc import language_tag, statements, titles
from server.oai.formats.types import document_types
from server.oai.formats.xml import clean, element, escape, tag

PREFIX = "mets"
NAMESPACE = "http://www.loc.gov/METS/"
SCHEMA = "http://www.loc.gov/standards/mets/mets.xsd"

_DC = "http://purl.org/dc/elements/1.1/"
_DFG = "http://dfg-viewer.de/"
_KINDS = {"livres-manuscrits": "manuscript", "livres-imprimes": "monograph", "cartes-et-plans": "map", "presse": "issue",
          "cartes-postales": "picture", "photographies": "picture", "documents-iconographiques": "picture",
          "correspondances": "letter", "archives": "file"}  # fmt: skip
"""The document's own division in Kitodo's words."""


def write_mets(document: Document, telling: Telling) -> bytes:
    """Return the whole `<metadata>` element of a record. A whole has no images of its own: its parts are linked."""
    title = next((title.value for title in titles(document, telling.profile)), "")
    content = (
        tag("dmdSec", _wrap("MODS", mods_element(document, telling)), ID="DMD", GROUPID="DESCRIPTION")
        + tag("dmdSec", _wrap("DC", _dublin_core(document, telling)), ID="DC", GROUPID="DESCRIPTION")
        + _rights(document, telling)
        + ("" if document.is_whole else _files(document, telling))
        + "".join(_structures(document))
    )
    whole = tag(
        "mets",
        content,
        xmlns=NAMESPACE,
        xmlns__dc=_DC,
        xmlns__xlink="http://www.w3.org/1999/xlink",
        xmlns__xsi="http://www.w3.org/2001/XMLSchema-instance",
        OBJID=document.ark or document.address,
        LABEL=clean(title),
        TYPE=document_types(document.item.description)[0].english,
        xsi__schemaLocation=f"{NAMESPACE} {SCHEMA}",
    )
    return f"<metadata>{whole}</metadata>".encode()


def _wrap(kind: str, content: str, other: str = "") -> str:
    return tag("mdWrap", tag("xmlData", content), MDTYPE=kind, OTHERMDTYPE=other, MIMETYPE="text/xml")


def _dublin_core(document: Document, telling: Telling) -> str:
    """Return what simple Dublin Core says; the parts of a whole are linked in the structMap and not named here again."""
    said = statements(replace(document, parts=()), telling)
    return "".join(element(f"dc:{one.name}", one.value, language_tag(one.language, telling.profile)) for one in said)


def _rights(document: Document, telling: Telling) -> str:
    words = telling.profile.rights_words(document.item.description.rights)
    institution = document.item.institution
    owner = institution.label.get("fr") or institution.name
    told = f'<dv:owner xmlns:dv="{_DFG}">{escape(clean(owner))}</dv:owner>'
    if institution.homepage:
        told += f'<dv:ownerSiteURL xmlns:dv="{_DFG}">{escape(institution.homepage)}</dv:ownerSiteURL>'
    if words is not None:
        told += (
            f'<dv:license xmlns:dv="{_DFG}">{escape(words.uri or next(iter(words.texts.values()), ""))}</dv:license>'
        )
    rights = tag("rightsMD", _wrap("OTHER", f'<dv:rights xmlns:dv="{_DFG}">{told}</dv:rights>', "DVRIGHTS"), ID="R")
    links = (
        f'<dv:links xmlns:dv="{_DFG}"><dv:presentation>{escape(document.address)}</dv:presentation>'
        f"<dv:iiif>{escape(document.manifest)}</dv:iiif></dv:links>"
    )
    source = tag("digiprovMD", _wrap("OTHER", links, "DVLINKS"), ID="L")
    return tag("amdSec", rights + source, ID="AMD")


def _files(document: Document, telling: Telling) -> str:
    addresses, views = document.addresses, document.item.public_views
    side = telling.thumbnail
    groups = (
        ("DEFAULT", "D", "image/jpeg", [addresses.image_file(view.image) for view in views]),
        ("THUMBS", "T", "image/jpeg", [thumbnail_address(view, addresses, side) for view in views]),
        ("IIIF", "I", "application/ld+json", [f"{addresses.image(view.image)}/info.json" for view in views]),
    )
    told = "".join(
        tag(
            "fileGrp",
            "".join(
                _file(f"{letter}{view.number}", media_type, place) for view, place in zip(views, places, strict=True)
            ),
            USE=use,
        )
        for use, letter, media_type, places in groups
    )
    texts = [view for view in views if view.has_alto and document.item.description.rights.allow_taking]
    if texts:
        told += tag(
            "fileGrp",
            "".join(
                _file(
                    f"A{view.number}",
                    "application/alto+xml",
                    addresses.rendering(document.item.name, f"f{view.number}.alto.xml"),
                )
                for view in texts
            ),
            USE="FULLTEXT",
        )
    return tag("fileSec", told)


def _file(identifier: str, media_type: str, address: str) -> str:
    place = tag("FLocat", "", LOCTYPE="URL", xlink__href=address)
    return tag("file", place, ID=identifier, MIMETYPE=media_type)


def _structures(document: Document) -> Iterator[str]:
    item = document.item
    label = clean(item.description.title.value)
    kind = _KINDS[item.description.typology.value]
    pages = (
        ""
        if document.is_whole
        else "".join(_page(document, view, order) for order, view in enumerate(item.public_views, start=1))
    )
    yield tag("structMap", tag("div", pages, ID="PHYS", TYPE="physSequence"), TYPE="PHYSICAL")
    if document.is_whole:
        kind = "newspaper" if kind == "issue" else "multivolume_work"
        parts = "".join(
            tag(
                "div",
                tag("mptr", "", LOCTYPE="URL", xlink__href=link.address),
                TYPE="issue" if kind == "newspaper" else "volume",
                ORDER=str(number),
                LABEL=clean(link.label),
            )
            for number, link in enumerate(document.parts, start=1)
        )
        own = tag("div", parts, ID="LOG0", TYPE=kind, LABEL=label, DMDID="DMD", ADMID="AMD")
        yield tag("structMap", own, TYPE="LOGICAL")
        return
    links: list[tuple[str, int]] = []
    numbers = count(1)
    public = {view.number for view in item.public_views}
    inner = "".join(_division(part, numbers, public, links) for part in item.structure)
    if document.wholes:
        above = tag("mptr", "", LOCTYPE="URL", xlink__href=document.wholes[0].address)
        own = tag("div", inner, ID="LOG0", TYPE=kind, LABEL=label, DMDID="DMD", ADMID="AMD")
        around = "newspaper" if kind == "issue" else "multivolume_work"
        yield tag("structMap", tag("div", above + own, TYPE=around), TYPE="LOGICAL")
    else:
        own = tag("div", inner, ID="LOG0", TYPE=kind, LABEL=label, DMDID="DMD", ADMID="AMD")
        yield tag("structMap", own, TYPE="LOGICAL")
    every = [("LOG0", 0), *links]
    told = "".join(
        tag("smLink", "", xlink__from=division, xlink__to=f"P{view}" if view else "PHYS") for division, view in every
    )
    yield tag("structLink", told)


def _division(part: Range, numbers: Iterator[int], public: set[int], links: list[tuple[str, int]]) -> str:
    """Return a division; what lies only on views that nobody may see is left out with all that is in it."""
    identifier = f"LOG{next(numbers)}"
    mark = len(links)
    links += [(identifier, view) for view in dict.fromkeys(target.view for target in part.targets) if view in public]
    inner = "".join(_division(child, numbers, public, links) for child in part.children)
    if len(links) == mark and not inner:
        return ""
    return tag("div", inner, ID=identifier, TYPE=clean(part.kind) or "section", LABEL=clean(part.label))


def _page(document: Document, view: PublishedView, order: int) -> str:
    letters = "DTI"
    pointers = "".join(tag("fptr", "", FILEID=f"{letter}{view.number}") for letter in letters)
    if view.has_alto and document.item.description.rights.allow_taking:
        pointers += tag("fptr", "", FILEID=f"A{view.number}")
    return tag(
        "div", pointers, ID=f"P{view.number}", TYPE="page", ORDER=str(order), ORDERLABEL=clean(view.notes.label),
        CONTENTIDS=document.addresses.view(document.item.name, view.number),
    )  # fmt: skip
