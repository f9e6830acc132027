"""Writing a delivery's folder: files by their path, pictures as JPEG or TIFF, tables, lists of checksums, a bag.

A folder is made under a temporary name and renamed when it is whole, so that a broken run leaves nothing behind.
"""

import csv
import hashlib
import io
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

SEPARATOR = " | "


@dataclass(frozen=True, slots=True)
class Folder:
    """A delivery while it is written."""

    root: Path

    def write(self, path: str, body: bytes) -> str:
        """Write a file and return its SHA-256."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(body)
        return hashlib.sha256(body).hexdigest()

    def picture(self, path: str, picture: Image.Image, dpi: int, quality: int = 72) -> str:
        """Write a picture as JPEG, or as a TIFF compressed as JPEG, by the path's ending; return its SHA-256."""
        if path.endswith(".tif"):
            # Into a file: in memory, Pillow leaves the byte that fills up an odd length as it happens to be.
            with tempfile.TemporaryFile() as out:
                picture.convert("YCbCr").save(out, "TIFF", compression="jpeg", quality=quality, dpi=(dpi, dpi))
                out.seek(0)
                return self.write(path, out.read())
        encoded = io.BytesIO()
        picture.save(encoded, "JPEG", quality=quality, optimize=True, dpi=(dpi, dpi))
        return self.write(path, encoded.getvalue())

    def context(self, **values: str | Sequence[str]) -> None:
        """Write `delivery.toml`: what the supplier's files do not say."""
        lines = []
        for key, value in values.items():
            said = f'"{value}"' if isinstance(value, str) else "[" + ", ".join(f'"{part}"' for part in value) + "]"
            lines.append(f"{key} = {said}\n")
        self.write("delivery.toml", "".join(lines).encode("utf-8"))

    def table(
        self,
        path: str,
        rows: Sequence[Mapping[str, str | Sequence[str]]],
        encoding: str = "utf-8-sig",
        delimiter: str = ",",
    ) -> None:
        """Write a table; a value in several parts is written in one cell, parted by ` | `."""
        columns = list(dict.fromkeys(key for row in rows for key in row))
        out = io.StringIO(newline="")
        writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
        writer.writerow(columns)
        for row in rows:
            cells = [row.get(column, "") for column in columns]
            writer.writerow([cell if isinstance(cell, str) else SEPARATOR.join(cell) for cell in cells])
        self.write(path, out.getvalue().encode(encoding))

    def checksums(self, name: str, algorithm: str) -> None:
        """Write a list of the checksums of every file, as md5sum does."""
        files = sorted(path for path in self.root.rglob("*") if path.is_file() and path.name != name)
        lines = [
            f"{hashlib.new(algorithm, path.read_bytes()).hexdigest()}  {path.relative_to(self.root).as_posix()}\n"
            for path in files
        ]
        self.write(name, "".join(lines).encode("utf-8"))

    def bag(self, day: str, organisation: str) -> None:
        """Turn the folder into a bag with SHA-512 (RFC 8493): everything moves into `data/`."""
        inner = self.root / "data"
        parts = [path for path in self.root.iterdir() if path.name != "delivery.toml"]
        inner.mkdir()
        for path in parts:
            path.rename(inner / path.name)
        payload = sorted(path for path in inner.rglob("*") if path.is_file())
        octets = sum(path.stat().st_size for path in payload)

        def lines(paths: Sequence[Path]) -> bytes:
            return "".join(
                f"{hashlib.sha512(path.read_bytes()).hexdigest()}  {path.relative_to(self.root).as_posix()}\n"
                for path in paths
            ).encode()

        self.write("manifest-sha512.txt", lines(payload))
        self.write("bagit.txt", b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n")
        self.write(
            "bag-info.txt",
            f"Source-Organization: {organisation}\nBagging-Date: {day}\nPayload-Oxum: {octets}.{len(payload)}\n".encode(),
        )
        tags = sorted(path for path in self.root.iterdir() if path.is_file())
        self.write("tagmanifest-sha512.txt", lines(tags))


def begin(target: Path) -> Folder:
    """Return an empty folder beside `target`, to be renamed to it by `finish`."""
    fresh = target.with_name(f".{target.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    return Folder(fresh)


def finish(folder: Folder, target: Path) -> None:
    """Put a finished folder in its place."""
    if target.exists():
        old = target.with_name(f".{target.name}.old")
        shutil.rmtree(old, ignore_errors=True)
        target.rename(old)
        folder.root.rename(target)
        shutil.rmtree(old)
    else:
        folder.root.rename(target)
