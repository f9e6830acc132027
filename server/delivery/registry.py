"""The kinds of delivery that can be opened. A kind is one module `server/delivery/*_reader.py`, found by itself.

A reader says which files of a folder open documents of its kind, judged by their content, and reads them. It keeps
going when one document is broken: that becomes a finding.

Readers are asked in stages: those of a later one only where none of the earlier ones found a document. So a catalogue
record beside METS is no second document, and a PDF is one only where nothing else describes the delivery.
"""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import server.delivery
from server.delivery.checksums import Claim
from server.delivery.folder import Folder
from server.delivery.values import Context, DeliveredItem, Finding
from server.told import Told


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read: documents in order, findings, the files accounted for, and the checksums stated on the way."""

    items: tuple[DeliveredItem, ...] = ()
    findings: tuple[Finding, ...] = ()
    used: frozenset[str] = frozenset()
    claims: tuple[Claim, ...] = ()


@dataclass(frozen=True, slots=True)
class Reader:
    """A kind of delivery: `title` is its name for people, `expected` tells a person how to recognise one."""

    kind: str
    title: Told
    expected: Told
    find: Callable[[Folder], tuple[str, ...]]
    read: Callable[[Folder, tuple[str, ...], Context], Reading]
    stage: int = 0


@lru_cache(maxsize=1)
def readers() -> tuple[Reader, ...]:
    """Return every reader by stage, then by its module's name: each module ending in `_reader` has one `READER`."""
    names = sorted(
        module.name for module in pkgutil.iter_modules(server.delivery.__path__) if module.name.endswith("_reader")
    )
    found = []
    for name in names:
        reader = importlib.import_module(f"server.delivery.{name}").READER
        assert isinstance(reader, Reader)
        found.append(reader)
    return tuple(sorted(found, key=lambda reader: reader.stage))
