"""The kinds of delivery that can be opened. A kind is one module `server/delivery/*_reader.py`, found by itself.

A reader says which files of a folder open documents of its kind, judged by their content, and reads them. It keeps
going when one document is broken: that becomes a finding.
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


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read: documents in order, findings, the files accounted for, and the checksums stated on the way."""

    items: tuple[DeliveredItem, ...] = ()
    findings: tuple[Finding, ...] = ()
    used: frozenset[str] = frozenset()
    claims: tuple[Claim, ...] = ()


@dataclass(frozen=True, slots=True)
class Reader:
    """A kind of delivery: `expected` tells a person how to recognise one."""

    kind: str
    expected: str
    find: Callable[[Folder], tuple[str, ...]]
    read: Callable[[Folder, tuple[str, ...], Context], Reading]


@lru_cache(maxsize=1)
def readers() -> tuple[Reader, ...]:
    """Return every reader, in the order of its module's name: each module ending in `_reader` has one `READER`."""
    names = sorted(
        module.name for module in pkgutil.iter_modules(server.delivery.__path__) if module.name.endswith("_reader")
    )
    found = []
    for name in names:
        reader = importlib.import_module(f"server.delivery.{name}").READER
        assert isinstance(reader, Reader)
        found.append(reader)
    return tuple(found)
