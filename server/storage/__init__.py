"""Bytes by key: a local folder or an S3-compatible service behind one interface.

Nothing is opened at import; call `open_storage` in the process that uses it, after any fork.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from server.storage.base import Storage, Stored

if TYPE_CHECKING:
    from server.settings import Settings

__all__ = ["Storage", "Stored", "open_storage"]


def open_storage(settings: "Settings") -> Storage:
    """Open the store that the settings name. Raises SettingsError where its address is wrong."""
    if settings.storage.startswith("s3://"):
        from server.storage.s3 import open_s3

        return open_s3(settings)
    from server.storage.local import LocalStorage

    return LocalStorage(Path(settings.storage))
