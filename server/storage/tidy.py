"""Deleting what is stored of an item and not needed any more."""

from collections.abc import Collection

from server.storage.base import Storage

OF_AN_ITEM = ("pyramids", "masters", "sources")


def delete_others(storage: Storage, name: str, keep: Collection[str]) -> int:
    """Delete what is stored of an item except what is to stay; return how much that was."""
    deleted = 0
    for kind in OF_AN_ITEM:
        for stored in list(storage.list(f"{kind}/{name}")):
            if stored.key not in keep:
                storage.delete(stored.key)
                deleted += 1
    return deleted
