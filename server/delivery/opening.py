"""Opening a delivery: from a folder to values. Nothing in the folder is changed.

The kind is found from the content: `bagit.txt` for a package around anything, then whatever the registered readers
recognise. Every file is read once for its digests. A document that cannot be read becomes a finding.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from server.delivery.bag import is_bag, open_bag
from server.delivery.checksums import Claim, delivery_digest, hash_files, is_list, read_list
from server.delivery.context import FILE_NAME, read_context
from server.delivery.control_points import read_control_points
from server.delivery.digests import Digests
from server.delivery.folder import Folder, Limits, walk_folder
from server.delivery.registry import Reader, Reading, readers
from server.delivery.rules import finding
from server.delivery.tables import unreadable
from server.delivery.values import Context, DeliveredItem, Delivery, Finding
from server.errors import DeliveryError
from server.told import Told, together, told

_MAY_STAY = frozenset({"views-none", "master-missing", "text-missing", "derivative-missing", "views-row-unknown"})
"""What is no fault of a delivery that brings only parts of documents: the rest is held."""

_ARCHIVES = (b"PK\x03\x04", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"\x1f\x8b")
"""How ZIP, 7z, RAR and gzip (with a tar in it) begin."""
_OFFICE = (".xlsx", ".xlsm", ".ods", ".docx", ".odt", ".pptx", ".odp", ".epub")
"""Files that begin as ZIP does, and that nobody unpacks."""
_TAG_FILES = ("bagit.txt", "bag-info.txt", "package-info.txt", "fetch.txt")


@dataclass(frozen=True, slots=True)
class Look:
    """What a delivery says before its files are read for their digests; `kinds` has the documents of each kind found."""

    folder: Folder
    is_bag: bool
    context: Context
    kinds: tuple[tuple[Reader, tuple[DeliveredItem, ...]], ...]
    findings: tuple[Finding, ...]
    used: frozenset[str]
    claims: tuple[Claim, ...]
    lists: tuple[str, ...]

    @property
    def kind(self) -> str:
        """The kinds found, in one word: `mets`, `bagit/mets+table`."""
        return ("bagit/" if self.is_bag else "") + "+".join(reader.kind for reader, _ in self.kinds)

    @property
    def items(self) -> tuple[DeliveredItem, ...]:
        """The documents of all kinds, in order."""
        return tuple(item for _, items in self.kinds for item in items)


def open_delivery(
    path: Path,
    context: Context | None = None,
    *,
    limits: Limits | None = None,
    progress: Callable[[int], None] | None = None,
    digests: Digests | None = None,
) -> Delivery:
    """Open a delivery. `progress` is called with the number of bytes read so far by each step.

    A file of which `digests` knows what it is is not read again.

    Raises DeliveryError where the folder is empty or holds nothing that a reader recognises, UnsafePath where a link
    or a special file in it leads elsewhere, FormatError where `delivery.toml` is wrong.
    """
    look = look_into(path, context, limits=limits)
    hashed = hash_files(look.folder, look.claims, progress, digests=digests)
    files, checksums = hashed.files, hashed.listed
    return Delivery(
        root=look.folder.root,
        kind=look.kind,
        digest=delivery_digest(files),
        files=files,
        context=look.context,
        items=look.items,
        findings=(*look.findings, *_unreadable(look.items, hashed.unreadable)),
        checksums=checksums,
        used=look.used,
    )


def look_into(path: Path, context: Context | None = None, *, limits: Limits | None = None) -> Look:
    """Read what describes a delivery, and no more of its files than that. Raises as `open_delivery`."""
    folder = walk_folder(path, limits)
    if not folder.files:
        raise DeliveryError(told("{path}: the folder is empty; {expected}", path=str(path), expected=_expected()))
    findings = [*_junk(folder), *_case_duplicates(folder)]
    packed = is_bag(folder)
    if packed:
        folder, found = open_bag(folder)
        findings += found
    known, context_files = read_context(folder, context or Context())
    used = {*context_files, *(tag for tag in _TAG_FILES if packed and tag in folder.files)}
    claims: list[Claim] = []
    lists = tuple(name for name in folder.files if is_list(name))
    for name in lists:
        listed, faults = read_list(folder, name)
        claims += listed
        findings += faults
        used.add(name)
    kinds: list[tuple[Reader, tuple[DeliveredItem, ...]]] = []
    for reader, reading in _readings(folder, known):
        kinds.append((reader, reading.items))
        findings += reading.findings
        used |= reading.used
        claims += reading.claims
    if not kinds:
        why = (*unreadable(folder, folder.delivered), *_packed(folder))[:3]
        raise DeliveryError(
            told(
                "{path}: nothing in it is recognised as a document; {expected}",
                path=str(path),
                expected=together((*why, _expected())),
            )
        )
    if known.brings:
        findings = [
            found
            for found in findings
            if found.rule not in _MAY_STAY or (found.rule == "views-none" and not found.item)
        ]
    items, duplicates = _unique([item for _, found_items in kinds for item in found_items])
    findings += duplicates
    items, wrong, points = read_control_points(folder, items)
    findings += wrong
    used |= points
    kept = {item.identifier: item for item in items}
    return Look(
        folder=folder,
        is_bag=packed,
        context=known,
        kinds=tuple(
            (reader, tuple(kept[item.identifier] for item in read if item.identifier in kept)) for reader, read in kinds
        ),
        findings=tuple(findings),
        used=frozenset(used),
        claims=tuple(claims),
        lists=lists,
    )


def _readings(folder: Folder, context: Context) -> Iterator[tuple[Reader, Reading]]:
    """Yield what each reader of the first stage that finds documents makes of them."""
    for _, stage in groupby(readers(), key=lambda reader: reader.stage):
        found = [(reader, documents) for reader in stage if (documents := reader.find(folder))]
        for reader, documents in found:
            yield reader, reader.read(folder, documents, context)
        if found:
            return


def _expected() -> Told:
    first, *others = (reader.expected for reader in readers())
    return told(
        "expected: {kinds:;}; either may be in a BagIt package, with a {file} beside it",
        kinds=(first, *(told("or {kind}", kind=kind) for kind in others)),
        file=FILE_NAME,
    )


def _packed(folder: Folder) -> Iterator[Told]:
    """Say of each archive that it is to be unpacked: what lies in it is not looked for."""
    for path in folder.delivered:
        if folder.head(path).startswith(_ARCHIVES) and not path.lower().endswith(_OFFICE):
            yield told("{path} is an archive: unpack it, and give the folder that it held", path=path)


def _unreadable(items: Iterable[DeliveredItem], unreadable: Mapping[str, str]) -> Iterator[Finding]:
    """Yield a finding for each file that could not be read, and for each view or document that needs it."""
    needed: dict[str, list[tuple[str, int | None]]] = {}
    if unreadable:
        for item in items:
            needed.setdefault(item.source.path, []).append((item.identifier, None))
            for view in item.views:
                for path in dict.fromkeys(filter(None, (view.master, view.text))):
                    needed.setdefault(path, []).append((item.identifier, view.number))
    for path, fault in unreadable.items():
        message = told("{path}: cannot be read to its end: {fault}; copy the delivery again", path=path, fault=fault)
        for identifier, number in needed.get(path) or [("", None)]:
            yield finding("file-unreadable", message, path, identifier, number)


def _junk(folder: Folder) -> list[Finding]:
    return [
        finding(
            "junk-ignored",
            told("{path} was left behind by a file manager; it is not part of the delivery", path=path),
            path,
        )
        for path in folder.junk
    ]


def _case_duplicates(folder: Folder) -> list[Finding]:
    return [
        finding(
            "case-duplicate",
            told("{names} differ only in case; rename one before it overwrites the other", names=" and ".join(paths)),
            paths[0],
        )
        for paths in folder.by_folded_path.values()
        if len(paths) > 1
    ]


def _unique(items: list[DeliveredItem]) -> tuple[list[DeliveredItem], list[Finding]]:
    counts = Counter(item.identifier for item in items)
    findings = [
        finding(
            "identifier-duplicate",
            told(
                "{path}: the identifier {identifier!r} is used by {counts} documents; give each its own",
                path=item.source.path,
                identifier=item.identifier,
                counts=counts[item.identifier],
            ),
            item.source.path,
            item.identifier,
        )
        for item in items
        if counts[item.identifier] > 1
    ]
    # which of them is meant nobody can say: none is taken
    return [item for item in items if counts[item.identifier] == 1], findings
