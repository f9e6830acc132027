"""BagIt (RFC 8493): a package around any kind of delivery; what lies in `data/` is the delivery.

The `bagit` library reads the package and says whether it is complete; the digests themselves are compared with those
of all other lists, in `checksums.py`, so that every file is read once.
"""

import logging
from collections.abc import Iterable

import bagit  # type: ignore[import-untyped]  # it has no types

from server.delivery.folder import Folder
from server.delivery.rules import finding
from server.delivery.values import Finding
from server.errors import DeliveryError
from server.told import told

PAYLOAD = "data/"
_MAX_TAG_BYTES = 2**20
_MAX_MANIFEST_BYTES = 64 * 2**20

# the library logs each fault that it also raises; here a fault is a finding
bagit.LOGGER.setLevel(logging.CRITICAL)


def is_bag(folder: Folder) -> bool:
    """Return whether the folder declares itself a bag."""
    return "bagit.txt" in folder.files


def open_bag(folder: Folder) -> tuple[Folder, tuple[Finding, ...]]:
    """Return the folder with its payload under `data/`, and what is wrong with the package.

    Raises DeliveryError for a package that cannot be read, or that leaves files to be fetched from elsewhere.
    """
    if folder.files.get("fetch.txt"):
        raise DeliveryError(told("fetch.txt: files of this bag are elsewhere; ask the supplier for a complete bag"))
    for path, limit in (("bagit.txt", _MAX_TAG_BYTES), ("bag-info.txt", _MAX_TAG_BYTES)):
        if folder.files.get(path, 0) > limit:
            raise DeliveryError(
                told(
                    "{path}: {files:,} bytes, the limit is {limit:,}; ask for the bag again",
                    path=path,
                    files=folder.files[path],
                    limit=limit,
                )
            )
    manifests = [path for path in folder.files if "/" not in path and path.startswith(("manifest-", "tagmanifest-"))]
    for path in manifests:
        if folder.files[path] > _MAX_MANIFEST_BYTES:
            raise DeliveryError(
                told(
                    "{path}: larger than {max_manifest_bytes:,} bytes; split the delivery",
                    path=path,
                    max_manifest_bytes=_MAX_MANIFEST_BYTES,
                )
            )
    try:
        package = bagit.Bag(str(folder.root))
    except Exception as error:  # noqa: BLE001  # the library lets ValueError, LookupError, UnicodeError and more through
        raise DeliveryError(
            told("bagit.txt: this bag cannot be read: {said}; ask for it again", said=_said(error, folder))
        ) from None
    findings: list[Finding] = []
    if not any(path.startswith("manifest-") for path in manifests):
        findings.append(
            finding("bag-invalid", told("the bag has no manifest-*.txt; ask the supplier for one"), "bagit.txt")
        )
    findings += _oxum(folder, package.info.get("Payload-Oxum"))
    inside = folder.inside(PAYLOAD)
    listed = {str(path) for path in package.payload_entries()}
    for path in inside.delivered:
        if path not in listed and manifests and not _listed_in_other_form(path, listed):
            message = told(
                "{path} is in the bag but in none of its manifests; ask the supplier whether it belongs to it",
                path=path,
            )
            findings.append(finding("bag-invalid", message, path))
    return inside, tuple(findings)


def _oxum(folder: Folder, said: object) -> Iterable[Finding]:
    if said is None:
        return
    sizes = [size for path, size in folder.files.items() if path.startswith(PAYLOAD)]
    is_right = str(said).strip() == f"{sum(sizes)}.{len(sizes)}"
    # file managers' leftovers were in the payload when the bag was made, perhaps
    if not is_right and not folder.junk:
        message = told(
            "bag-info.txt: Payload-Oxum says {said}, the payload has {number}.{count} (bytes, files); "
            "ask the supplier for the bag again",
            said=str(said)[:60],
            number=sum(sizes),
            count=len(sizes),
        )
        yield finding("bag-invalid", message, "bag-info.txt")


def _listed_in_other_form(path: str, listed: set[str]) -> bool:
    return bagit.normalize_unicode(path) in {bagit.normalize_unicode(name) for name in listed}


def _said(error: Exception, folder: Folder) -> str:
    return " ".join(str(error).replace(f"{folder.root}/", "").replace(str(folder.root), ".").split())[:300]
