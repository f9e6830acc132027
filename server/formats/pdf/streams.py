"""Streams on their way into a document: a PDF file that holds nothing else, written from its beginning to its end.

pikepdf holds what it is given in memory until a document is saved, but reads what lies in a file only then. So the pictures
and contents of a long document go here first, one after the other (ISO 32000-1 §7.3.8 and §7.5).
"""

from pathlib import Path
from types import TracebackType
from typing import Self

_HEADER = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"


class StreamFile:
    """A file of streams. `add` returns the object number under which one is found."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("wb")
        self._offsets: list[int] = []
        self._position = 0

    def __enter__(self) -> Self:
        """Begin the file."""
        self._write(_HEADER)
        for body in (b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>"):
            self._put(body)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the file, with the table that says where each stream lies."""
        with self._file:
            if kind is None:
                at, count = self._position, len(self._offsets) + 1
                self._write(b"xref\n0 %d\n0000000000 65535 f \n" % count)
                for offset in self._offsets:
                    self._write(b"%010d 00000 n \n" % offset)
                self._write(b"trailer\n<</Root 1 0 R/Size %d>>\nstartxref\n%d\n%%%%EOF\n" % (count, at))

    def add(self, entries: str, body: bytes) -> int:
        """Write a stream; `entries` are those of its dictionary but for the length, as PDF writes them."""
        self._put(f"<<{entries}/Length {len(body)}>>\nstream\n".encode("ascii") + body + b"\nendstream")
        return len(self._offsets)

    def _put(self, body: bytes) -> None:
        self._offsets.append(self._position)
        self._write(b"%d 0 obj\n" % len(self._offsets) + body + b"\nendobj\n")

    def _write(self, data: bytes) -> None:
        self._file.write(data)
        self._position += len(data)
