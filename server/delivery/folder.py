"""A delivery's folder, walked once: which files it holds, and the first look at each.

Nothing outside the folder is ever opened: links that lead out, links to folders and special files are refused.
"""

import os
import re
import stat
import unicodedata
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath

from server.errors import DeliveryError, FormatError, UnsafePath
from server.formats.table import MAX_TABLE_BYTES, Table
from server.formats.xml import MAX_XML_BYTES, RootName, read_bounded, sniff_root
from server.told import told

IMAGE_SUFFIXES = frozenset({".tif", ".tiff", ".jpg", ".jpeg", ".png", ".jp2", ".j2k", ".jpx", ".jpf", ".jpc"})
JUNK = re.compile(r"(^|/)(\.DS_Store|Thumbs\.db|ehthumbs\.db|desktop\.ini|\._[^/]*)$", re.IGNORECASE)
"""What file managers leave behind: not part of a delivery, so that looking at it does not change its digest."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
MAX_DEPTH = 40
SNIFFED_HEAD = 4096


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a delivery may ask of the one who opens it."""

    max_xml_bytes: int = MAX_XML_BYTES
    max_table_bytes: int = MAX_TABLE_BYTES
    max_files: int = 1_000_000


@dataclass(frozen=True)
class Folder:
    """The files of a delivery: `files` maps posix paths relative to `root`, sorted, to sizes in bytes.

    `payload` is the prefix of what the supplier delivers: empty, or `data/` inside a bag.
    """

    root: Path
    files: dict[str, int]
    junk: tuple[str, ...] = ()
    payload: str = ""
    limits: Limits = field(default_factory=Limits)
    _roots: dict[str, RootName | None] = field(default_factory=dict, repr=False)
    workbooks: dict[str, tuple[Table, ...] | FormatError | None] = field(default_factory=dict, repr=False)
    """What was read of the workbooks, by path: a sheet is asked for by several readers."""

    def inside(self, payload: str) -> "Folder":
        """Return the same folder with its payload under a prefix."""
        return Folder(self.root, self.files, self.junk, payload, self.limits, self._roots, self.workbooks)

    @property
    def delivered(self) -> tuple[str, ...]:
        """The paths of the payload, in order."""
        return tuple(path for path in self.files if path.startswith(self.payload))

    def read(self, path: str, *, max_bytes: int | None = None) -> bytes:
        """Return the bytes of a file. Raises FormatError where it is larger than the limit or unreadable."""
        return read_bounded(self.root / path, path, max_bytes=max_bytes or self.limits.max_xml_bytes)

    def root_name(self, path: str) -> RootName | None:
        """Return the name of a file's root element, or None where it is no XML; each file is looked at once."""
        if path not in self._roots:
            self._roots[path] = sniff_root(self.root / path) if is_maybe_xml(path) else None
        return self._roots[path]

    def head(self, path: str) -> bytes:
        """Return the first bytes of a file, enough to tell what it is; empty where it cannot be read."""
        try:
            with (self.root / path).open("rb") as stream:
                return stream.read(SNIFFED_HEAD)
        except OSError:
            return b""

    @cached_property
    def by_folded_path(self) -> dict[str, tuple[str, ...]]:
        """Paths by what a file system that ignores case and Unicode form would call them."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for path in self.files:
            found[fold_path(path)].append(path)
        return {folded: tuple(paths) for folded, paths in found.items()}

    @cached_property
    def images_by_folder(self) -> dict[str, list[tuple[str, str]]]:
        """Images of the payload by their folded folder: sorted pairs of folded name and path."""
        found: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
        for path in self.delivered:
            if is_image(path):
                place, _, name = fold_path(path).rpartition("/")
                found[place].append((name, path))
        return {place: sorted(images) for place, images in found.items()}

    @cached_property
    def by_tail(self) -> dict[str, str | None]:
        """Payload paths by every tail of their folded path, from the last part on; None where several end alike."""
        found: dict[str, str | None] = {}
        for path in self.delivered:
            parts = fold_path(path).split("/")
            for length in range(1, len(parts) + 1):
                tail = "/".join(parts[-length:])
                found[tail] = None if tail in found else path
        return found

    @cached_property
    def by_folded_name(self) -> dict[str, tuple[str, ...]]:
        """Payload paths by their folded last part."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for path in self.delivered:
            found[fold_path(path).rpartition("/")[2]].append(path)
        return {folded: tuple(paths) for folded, paths in found.items()}


def walk_folder(path: Path, limits: Limits | None = None) -> Folder:
    """Walk a folder. Raises DeliveryError where it is none, UnsafePath for links that lead out and special files."""
    limits = limits or Limits()
    try:
        root = path.resolve(strict=True)
    except (OSError, RuntimeError):
        raise DeliveryError(
            told("{path}: there is no such folder; give the folder of the delivery", path=path)
        ) from None
    if not root.is_dir():
        raise DeliveryError(told("{path}: is not a folder; give the folder of the delivery, unpacked", path=path))
    files: dict[str, int] = {}
    junk: list[str] = []
    pending: list[tuple[Path, str, int]] = [(root, "", 0)]
    while pending:
        folder, prefix, depth = pending.pop()
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            raise DeliveryError(
                told("{prefix}: cannot be opened: {strerror}", prefix=prefix or path, strerror=error.strerror)
            ) from None
        for entry in entries:
            name = prefix + _checked_name(entry.name, prefix)
            if entry.is_symlink():
                _check_link(root, Path(entry.path), name)
            if entry.is_dir(follow_symlinks=False):
                if depth >= MAX_DEPTH:
                    raise DeliveryError(
                        told(
                            "{name}: folders are nested deeper than {max_depth}; ask for a flatter delivery",
                            name=name,
                            max_depth=MAX_DEPTH,
                        )
                    )
                pending.append((Path(entry.path), name + "/", depth + 1))
                continue
            facts = entry.stat()
            if not stat.S_ISREG(facts.st_mode):
                raise UnsafePath(told("{name}: is neither a file nor a folder; remove it from the delivery", name=name))
            if JUNK.search(name):
                junk.append(name)
                continue
            files[name] = facts.st_size
            if len(files) > limits.max_files:
                raise DeliveryError(
                    told(
                        "{path}: more than {max_files:,} files; split the delivery",
                        path=path,
                        max_files=limits.max_files,
                    )
                )
    return Folder(root, dict(sorted(files.items())), tuple(sorted(junk)), "", limits)


def is_image(path: str) -> bool:
    """Return whether a file is an image by its name; what it really is, imaging says."""
    return PurePosixPath(path).suffix.lower() in IMAGE_SUFFIXES


def is_maybe_xml(path: str) -> bool:
    """Return whether it is worth looking for a root element: everything but images and their like."""
    return PurePosixPath(path).suffix.lower() not in IMAGE_SUFFIXES | {".pdf", ".zip", ".tar"}


def fold_path(path: str) -> str:
    """Return the path as a file system sees it that ignores case and Unicode form."""
    return unicodedata.normalize("NFC", path).casefold()


def natural_key(path: str) -> tuple[tuple[int, int, str], ...]:
    """Sort key by which `p2` comes before `p10`; ties are broken by the caller's own order."""
    return tuple(
        (0, int(part), "") if part.isdecimal() and len(part) < 20 else (1, 0, part)
        for part in re.split(r"(\d+)", unicodedata.normalize("NFC", path).casefold())
    )


def _checked_name(name: str, prefix: str) -> str:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        shown = os.fsencode(name).decode("utf-8", "replace")
        raise DeliveryError(
            told("{prefix}{shown}: its name is not in UTF-8; rename it", prefix=prefix, shown=shown)
        ) from None
    if _CONTROL.search(name) or "\\" in name:
        raise UnsafePath(
            told(
                "{prefix}{name!r}: its name holds a control character or a backslash; rename it",
                prefix=prefix,
                name=name,
            )
        )
    return name


def _check_link(root: Path, link: Path, name: str) -> None:
    try:
        target = link.resolve(strict=True)
    except (OSError, RuntimeError):
        raise UnsafePath(told("{name}: is a link that leads nowhere; deliver the file itself", name=name)) from None
    if not target.is_relative_to(root):
        raise UnsafePath(told("{name}: is a link that leads out of the delivery; deliver the file itself", name=name))
    if target.is_dir():
        raise UnsafePath(told("{name}: is a link to a folder; deliver the folder itself", name=name))
