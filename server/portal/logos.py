"""Logos of institutions, served from here: the registers name them as files below the data folder. No flask."""

from pathlib import Path

from server.errors import Unknown

TYPES = {
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
}

_LARGEST = 1_000_000


def read_logo(data_dir: Path, file: str, asked: str) -> tuple[bytes, str]:
    """Return a logo's bytes and media type. Raises Unknown: no such file, another kind of file, one beyond the folder."""
    suffix = Path(file).suffix
    root = data_dir.resolve()
    path = (root / file).resolve() if file and "\0" not in file else root
    if suffix not in TYPES or suffix != asked or not path.is_relative_to(root) or not path.is_file():
        raise Unknown("this institution has no such logo")
    if path.stat().st_size > _LARGEST:
        raise Unknown(f"the logo {file} is larger than {_LARGEST} bytes; make it smaller")
    return path.read_bytes(), TYPES[suffix]
