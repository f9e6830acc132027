"""Opening a delivery: from a folder to values. Nothing in the folder is changed.

The kind is found from the content: `bagit.txt` for a package around anything, then whatever the registered readers
recognise. Every file is read once for its digests. A document that cannot be read becomes a finding.
"""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from server.delivery.bag import is_bag, open_bag
from server.delivery.checksums import Claim, delivery_digest, hash_files, is_list, read_list
from server.delivery.context import FILE_NAME, read_context
from server.delivery.control_points import read_control_points
from server.delivery.folder import Folder, Limits, walk_folder
from server.delivery.registry import Reading, readers
from server.delivery.rules import finding
from server.delivery.values import Context, DeliveredItem, Delivery, Finding
from server.errors import DeliveryError

_TAG_FILES = ("bagit.txt", "bag-info.txt", "package-info.txt", "fetch.txt")


def open_delivery(
    path: Path,
    context: Context | None = None,
    *,
    limits: Limits | None = None,
    progress: Callable[[int], None] | None = None,
) -> Delivery:
    """Open a delivery. `progress` is called with the number of bytes read so far by each step.

    Raises DeliveryError where the folder is empty or holds nothing that a reader recognises, UnsafePath where a link
    or a special file in it leads elsewhere, FormatError where `delivery.toml` is wrong.
    """
    folder = walk_folder(path, limits)
    if not folder.files:
        raise DeliveryError(f"{path}: the folder is empty; {_expected()}")
    findings = [*_junk(folder), *_case_duplicates(folder)]
    prefix = ""
    if is_bag(folder):
        folder, found = open_bag(folder)
        findings += found
        prefix = "bagit/"
    known, context_files = read_context(folder, context or Context())
    used = {*context_files, *(tag for tag in _TAG_FILES if prefix and tag in folder.files)}
    claims: list[Claim] = []
    for name in folder.files:
        if is_list(name):
            listed, faults = read_list(folder, name)
            claims += listed
            findings += faults
            used.add(name)
    kinds: list[str] = []
    items: list[DeliveredItem] = []
    for reader in readers():
        documents = reader.find(folder)
        if documents:
            reading: Reading = reader.read(folder, documents, known)
            kinds.append(reader.kind)
            items += reading.items
            findings += reading.findings
            used |= reading.used
            claims += reading.claims
    if not kinds:
        raise DeliveryError(f"{path}: nothing in it is recognised as a document; {_expected()}")
    items, duplicates = _unique(items)
    findings += duplicates
    items, wrong, points = read_control_points(folder, items)
    findings += wrong
    used |= points
    files, checksums = hash_files(folder, claims, progress)
    return Delivery(
        root=folder.root,
        kind=prefix + "+".join(kinds),
        digest=delivery_digest(files),
        files=files,
        context=known,
        items=tuple(items),
        findings=tuple(findings),
        checksums=checksums,
        used=frozenset(used),
    )


def _expected() -> str:
    kinds = "; or ".join(reader.expected for reader in readers())
    return f"expected: {kinds}; either may be in a BagIt package, with a {FILE_NAME} beside it"


def _junk(folder: Folder) -> list[Finding]:
    return [
        finding("junk-ignored", f"{path} was left behind by a file manager; it is not part of the delivery", path)
        for path in folder.junk
    ]


def _case_duplicates(folder: Folder) -> list[Finding]:
    return [
        finding(
            "case-duplicate",
            f"{' and '.join(paths)} differ only in case; rename one before it overwrites the other",
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
            f"{item.source.path}: the identifier {item.identifier!r} is used by {counts[item.identifier]} documents; give each its own",
            item.source.path,
            item.identifier,
        )
        for item in items
        if counts[item.identifier] > 1
    ]
    # which of them is meant nobody can say: none is taken
    return [item for item in items if counts[item.identifier] == 1], findings
