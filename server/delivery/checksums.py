"""Lists of checksums as suppliers write them: `*.md5`, `checkmd5.txt`, `manifest-sha512.txt`, `SHA256SUMS`, and so on.

The forms of md5sum (`digest  name`, `digest *name`), of BSD (`MD5 (name) = digest`), and the reverse (`name;digest`);
any case, any path separator. The algorithm is known by the length of the digest. No database.
"""

import hashlib
import os
import re
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from server.delivery.digests import Digests, Found, State
from server.delivery.folder import Folder
from server.delivery.paths import How, resolve
from server.delivery.rules import finding
from server.delivery.values import Finding, ListedChecksum
from server.errors import DeliveryError, UnsafePath
from server.formats.table import decode
from server.told import told

ALGORITHMS: dict[int, str] = {32: "md5", 40: "sha1", 56: "sha224", 64: "sha256", 96: "sha384", 128: "sha512"}
"""Algorithm by the number of hexadecimal digits."""

_LIST_NAME = re.compile(
    r"^(?:(?:tag)?manifest-(?:md5|sha1|sha224|sha256|sha384|sha512)\.txt|.*\.(?:md5|sha1|sha224|sha256|sha384|sha512)|"
    r"(?:md5|sha1|sha224|sha256|sha384|sha512)sums?(?:\.txt)?|check(?:md5|sha1|sha256|sha512|sums?)\.txt|checksums?\.txt)$",
    re.IGNORECASE,
)
_DIGEST = r"(?P<digest>(?:[0-9a-fA-F]{2}){16,64})"
_FORMS = (
    re.compile(rf"^\\?{_DIGEST}(?:[ \t]+\*?|[ \t]*[;,][ \t]*\*?)(?P<name>.+)$"),
    re.compile(rf"^[A-Za-z0-9-]+[ \t]*\((?P<name>.+)\)[ \t]*=[ \t]*{_DIGEST}$"),
    re.compile(rf"^(?P<name>.+?)(?:[ \t]+|[ \t]*[;,:=][ \t]*){_DIGEST}$"),
    re.compile(rf"^{_DIGEST}$"),
)
_CHUNK = 2**20
_LONGEST = 4096 + 200
"""Characters of a line: more than the longest path and the longest digest."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a list says of a file before the file is read; `found` is false where it is not in the delivery."""

    path: str
    algorithm: str
    expected: str
    source: str
    line: int | None
    found: bool


def is_list(path: str) -> bool:
    """Return whether a file is a list of checksums, by its name."""
    return bool(_LIST_NAME.match(path.rpartition("/")[2]))


def read_list(folder: Folder, path: str) -> tuple[tuple[Claim, ...], tuple[Finding, ...]]:
    """Read one list; a line that is no checksum, or that leads out of the delivery, becomes a finding."""
    claims: list[Claim] = []
    findings: list[Finding] = []
    try:
        text, _ = decode(folder.read(path), path)
    except DeliveryError as error:
        return (), (finding("checksum-list-unreadable", error.told, path),)
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        if not line or line.startswith(("#", "//")):
            continue
        match = next((found for form in _FORMS if (found := form.match(line))), None) if len(line) < _LONGEST else None
        algorithm = ALGORITHMS.get(len(match["digest"])) if match else None
        if match is None or algorithm is None:
            message = told(
                "{path}, line {number}: {line!r} is not a checksum and a file name; correct the list",
                path=path,
                number=number,
                line=line[:60],
            )
            findings.append(finding("checksum-list-unreadable", message, path))
            if len(findings) >= 20:
                break
            continue
        name = match.groupdict().get("name") or path.rpartition("/")[2].rpartition(".")[0]
        try:
            resolved = resolve(folder, _bag_name(name) if "manifest-" in path else name, source=path, line=number)
        except UnsafePath as error:
            findings.append(finding("path-unsafe", error.told, path))
            continue
        if resolved.how is not How.REMOTE:
            claims.append(Claim(resolved.path, algorithm, match["digest"].lower(), path, number, resolved.found))
    return tuple(claims), tuple(findings)


@dataclass(frozen=True, slots=True)
class Hashed:
    """What reading every file gave: SHA-256 by path, the claims with what was really found, what could not be read and why."""

    files: dict[str, str]
    listed: tuple[ListedChecksum, ...]
    unreadable: dict[str, str]


def hash_files(
    folder: Folder,
    claims: Iterable[Claim],
    progress: Callable[[int], None] | None = None,
    threads: int = 2,
    digests: Digests | None = None,
) -> Hashed:
    """Read every file once, but for those that `digests` knows. A file that cannot be read is told and stops no other.

    `progress` is called with the number of bytes read.
    """
    claims = tuple(claims)
    wanted: dict[str, set[str]] = {path: {"sha256"} for path in folder.files}
    for claim in claims:
        if claim.found:
            wanted[claim.path].add(claim.algorithm)

    unreadable: dict[str, str] = {}

    def one(path: str) -> Found:
        try:
            return _digests(folder.root / path, path, wanted[path], progress, digests)
        except OSError as error:
            unreadable[path] = error.strerror or str(error)
            return {}

    with ThreadPoolExecutor(max_workers=max(1, threads)) as pool:
        found = dict(zip(wanted, pool.map(one, wanted), strict=True))
    listed = tuple(
        ListedChecksum(
            claim.path, claim.algorithm, claim.expected, found[claim.path][claim.algorithm] if claim.found else "",
            claim.source, claim.line,
        )
        for claim in claims
        if claim.path not in unreadable
    )  # fmt: skip
    files = {path: of_file["sha256"] for path, of_file in found.items() if of_file}
    return Hashed(files, listed, dict(sorted(unreadable.items())))


def delivery_digest(files: dict[str, str]) -> str:
    """Return the SHA-256 over the sorted lines `{sha256}  {path}`."""
    lines = sorted(f"{digest}  {path}\n" for path, digest in files.items())
    return hashlib.sha256("".join(lines).encode("utf-8")).hexdigest()


def _digests(
    file: Path, path: str, algorithms: set[str], progress: Callable[[int], None] | None, known: Digests | None
) -> Found:
    with file.open("rb") as stream:
        state = State.of(os.fstat(stream.fileno()))
        found = known.find(path, state, algorithms) if known else None
        if found is not None:
            if progress:
                progress(state.size)
            return found
        running = {name: hashlib.new(name, usedforsecurity=False) for name in sorted(algorithms)}
        while chunk := stream.read(_CHUNK):
            for digest in running.values():
                digest.update(chunk)
            if progress:
                progress(len(chunk))
        is_at_rest = State.of(os.fstat(stream.fileno())) == state
    found = {name: digest.hexdigest() for name, digest in running.items()}
    if known and is_at_rest:
        known.keep(path, state, found)
    return found


def _bag_name(name: str) -> str:
    # RFC 8493 §2.1.3: line ends and the percent sign are percent-encoded in manifests, nothing else
    return re.sub("%(0[aAdD]|25)", lambda match: chr(int(match[1], 16)), name)
