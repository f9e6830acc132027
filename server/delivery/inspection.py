"""What a person sees of a delivery before it is checked: kinds, documents, views, text, checksums, what is missing.

A summary of `server.delivery.opening.look_into`: no image is decoded, and the files are read for their checksums only
where that is asked for.
"""

import contextlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from server.delivery.checksums import hash_files
from server.delivery.folder import Folder, is_image
from server.delivery.opening import Look
from server.delivery.values import DeliveredItem, Finding, Severity
from server.errors import FormatError
from server.formats.pdf.reading import list_pages_with_text
from server.told import Told

_SAID = ("institution", "supplier", "campaign", "typology", "rights", "language")
_WEIGHTS = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


@dataclass(frozen=True, slots=True)
class ItemSeen:
    """One document: `missing` counts its views whose image is not there, `texts` those with a text, or a text layer."""

    identifier: str
    kind: Told
    title: str
    typology: str
    rights: str
    views: int
    texts: int
    missing: int
    ranges: int
    source: str
    problems: int


@dataclass(frozen=True, slots=True)
class Checksums:
    """What the lists say: `verified` is None where the files were not read; `absent` are listed and not there."""

    lists: tuple[str, ...]
    listed: int
    absent: tuple[str, ...]
    verified: int | None = None
    wrong: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Inspection:
    """All that is seen of a delivery; `images` and `bytes` count what lies there, `unused` is what nothing names."""

    name: str
    kind: str
    kinds: tuple[Told, ...]
    is_bag: bool
    context: Mapping[str, str]
    files: int
    bytes: int
    images: int
    items: tuple[ItemSeen, ...]
    checksums: Checksums
    unused: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """The sentences about what is missing or cannot be read."""
        return tuple(finding.message for finding in self.findings if finding.severity is Severity.ERROR)


def inspect_delivery(look: Look, *, hashed: bool = True, progress: Callable[[int], None] | None = None) -> Inspection:
    """Return what is seen; with `hashed`, every file is read and its listed checksums are verified."""
    folder = look.folder
    problems = Counter(finding.item for finding in look.findings if finding.severity is Severity.ERROR)
    used = set(look.used)
    items = []
    for reader, read in look.kinds:
        for item in read:
            used |= {path for view in item.views for path in (view.master, view.text or "")}
            items.append(_seen(item, reader.title, folder, problems[item.identifier]))
    return Inspection(
        name=folder.root.name,
        kind=look.kind,
        kinds=tuple(reader.title for reader, _ in look.kinds),
        is_bag=look.is_bag,
        context={name: value for name in _SAID if (value := getattr(look.context, name))}
        | ({"brings only": " and ".join(look.context.brings)} if look.context.brings else {}),
        files=len(folder.files),
        bytes=sum(folder.files.values()),
        images=sum(is_image(path) for path in folder.delivered),
        items=tuple(items),
        checksums=_checksums(look, hashed=hashed, progress=progress),
        unused=tuple(path for path in folder.delivered if path not in used and path not in look.lists),
        findings=tuple(sorted(look.findings, key=lambda found: _WEIGHTS[found.severity])),
    )


def _seen(item: DeliveredItem, kind: Told, folder: Folder, problems: int) -> ItemSeen:
    return ItemSeen(
        identifier=item.identifier,
        kind=kind,
        title=item.description.title.value,
        typology=item.description.typology.value,
        rights=item.description.rights.status.value,
        views=len(item.views),
        texts=_count_texts(item, folder),
        missing=sum(view.master not in folder.files for view in item.views),
        ranges=len(item.structure),
        source=item.source.path,
        problems=problems,
    )


def _count_texts(item: DeliveredItem, folder: Folder) -> int:
    layers: set[tuple[str, int]] = set()
    for master in dict.fromkeys(view.master for view in item.views if view.page):
        with contextlib.suppress(FormatError):  # its reader has told
            layers |= {(master, page) for page in list_pages_with_text(folder.root / master, master)}
    return sum(view.text is not None or (view.master, view.page) in layers for view in item.views)


def _checksums(look: Look, *, hashed: bool, progress: Callable[[int], None] | None) -> Checksums:
    absent = tuple(dict.fromkeys(claim.path for claim in look.claims if not claim.found))
    if not hashed:
        return Checksums(look.lists, len(look.claims), absent)
    found = [one for one in hash_files(look.folder, look.claims, progress).listed if one.actual]
    wrong = tuple(dict.fromkeys(one.path for one in found if one.actual != one.expected))
    right = sum(one.actual == one.expected for one in found)
    return Checksums(look.lists, len(look.claims), absent, right, wrong)
