"""What a METS says of a view: which of its files is the master, which is the text, what kind of page it is."""

import re
from dataclasses import dataclass

from server.delivery.folder import Folder, is_image
from server.delivery.paths import How, Resolved
from server.formats.mets import Div, MetsFile
from server.model.view import ViewKind, ViewNotes
from server.model.words import fold

_PREFERENCE: tuple[tuple[str, ...], ...] = (
    ("master", "preservation", "archive", "ocrmasterfiles", "imagesoriginales"),
    ("original", "local", "source"),
    ("ocr d img",),
    ("max",),
    ("image", "images", "img", "scan"),
    ("presentation", "default", "viewing", "reference", "access"),
)
_LAST = ("mid", "min", "preview", "thumb", "thumbs", "thumbnail", "thumbnails", "download")
_WORST = len(_PREFERENCE) + 1

_KIND_WORDS: tuple[tuple[ViewKind, str], ...] = (
    (ViewKind.TARGET, r"target|mires?|chartes?|colou?r ?(checker|chart|target)|charte de couleurs?|etalon"),
    (
        ViewKind.BINDING,
        r"bindings?|reliures?|couvertures?|(front|back)? ?cover( front| back)?|plats?|dos|spine|contreplats?|pastedown|garde",
    ),
    (ViewKind.BLANK, r"blank( page)?|page blanche|blanches?|blancs?|vierge|empty"),
    (ViewKind.TITLE_PAGE, r"title ?page|page de titre|titre|frontispice et titre"),
    (ViewKind.FOLD_OUT, r"fold ?outs?( page)?|depliants?|(planche|carte|page|plan) (depliante?|depliable)"),
    (ViewKind.PLATE, r"plates?|planches?|illustrations?|illustration page|hors texte"),
    (ViewKind.RECTO, r"recto"),
    (ViewKind.VERSO, r"verso"),
    (ViewKind.TEXT, r"text( page)?|texte|content ?page"),
)

_MISSING = re.compile(
    r"(?:(?:page|leaf|folio|image|view)s? )?(?:missing|lacking)(?: (?:page|leaf|folio|image|view)s?)?"
    r"|(?:(?:page|feuillet|folio|planche|vue|image)s? )?(?:manquant|absent|arrache|perdu)e?s?|lacunes?"
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The files of a view that count."""

    image: MetsFile | None
    text: MetsFile | None


def choose_files(files: list[MetsFile], resolved: dict[str, Resolved], folder: Folder) -> Chosen:
    """Return the image and the text of a view: those that are there first, then masters before derivatives."""
    known = [file for file in files if file.identifier in resolved]
    images = [file for file in known if file.media_type.startswith("image/") or is_image(file.href)]
    # addresses on other machines are never fetched: they count only in that the view is said to have an image
    images.sort(
        key=lambda file: (not resolved[file.identifier].found, resolved[file.identifier].how is How.REMOTE, _rank(file))
    )
    texts = [file for file in known if file not in images]
    found = [
        file for file in texts if resolved[file.identifier].found and _is_alto(folder, resolved[file.identifier].path)
    ]
    absent = [file for file in texts if resolved[file.identifier].how is How.MISSING and _claims_alto(file)]
    return Chosen(images[0] if images else None, next(iter(found or absent), None))


def view_notes(div: Div | None) -> ViewNotes:
    """Return kind and label of a view from TYPE, LABEL and ORDERLABEL of its division."""
    if div is None:
        return ViewNotes()
    kinds = [kind for said in (div.kind, div.label, div.order_label) if (kind := view_kind(said))]
    label = div.order_label or ("" if view_kind(div.label) and not re.search(r"\d", div.label) else div.label)
    # Kitodo writes ` - ` where a page bears no number, in its own files `uncounted`
    label = "" if label.strip("-– ") in ("", "uncounted") else label
    return ViewNotes(kind=kinds[0] if kinds else ViewKind.PAGE, label=label)


def missing_label(div: Div) -> str | None:
    """Return the label, which may be empty, of a division that says its page is missing; None for any other.

    It has no file, and its TYPE or LABEL says so in words: a page that merely lost its file is an error of the delivery.
    """
    words = [said for said in (div.kind, div.label) if _MISSING.fullmatch(fold(said))]
    if div.areas or div.children or not words:
        return None
    label = div.order_label or ("" if div.label in words else div.label)
    return "" if label.strip("-– ") == "" else label


def view_kind(said: str) -> ViewKind | None:
    """Return the kind of view that a word in French or English names, or None."""
    folded = fold(said)
    for kind, pattern in _KIND_WORDS:
        if re.fullmatch(rf"(?:{pattern})(?: \w{{1,4}})?", folded):
            return kind
    return None


def _rank(file: MetsFile) -> int:
    ranks = []
    for use in file.uses:
        folded = fold(use)
        if folded.split(" ")[0] in _LAST:
            ranks.append(_WORST)
        ranks += [
            rank
            for rank, names in enumerate(_PREFERENCE)
            if any(folded == n or folded.startswith(f"{n} ") for n in names)
        ]
    return min(ranks, default=len(_PREFERENCE))


def _is_alto(folder: Folder, path: str) -> bool:
    name = folder.root_name(path)
    return name is not None and name.local.lower() == "alto"


def _claims_alto(file: MetsFile) -> bool:
    said = " ".join((file.media_type, *file.uses)).lower()
    return "alto" in said or "fulltext" in said
