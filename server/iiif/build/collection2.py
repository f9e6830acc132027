"""Collections of Presentation API 2.1 (§5.8) from those of 3.0: heads, and the entries of members and children. Pure."""

from collections.abc import Mapping
from typing import Any

from server.iiif.build.properties2 import CONTEXT, hint, second, shared_properties
from server.model.addresses import Addresses

MANIFESTS, COLLECTIONS = "manifests", "collections"
"""Where a collection of 2.1 holds its entries."""


def convert_member(entry: Mapping[str, Any], addresses: Addresses) -> dict[str, Any]:
    """Return an entry of a collection: a reference to a manifest or to a collection."""
    found: dict[str, Any] = {
        "@id": second(entry["id"], addresses),
        "@type": f"sc:{entry['type']}",
        **shared_properties(entry, addresses),
    }
    return found | ({"navDate": entry["navDate"]} if "navDate" in entry else {})


def convert_head(head: Mapping[str, Any], addresses: Addresses) -> dict[str, Any]:
    """Return a collection without its entries."""
    return {"@context": CONTEXT, **convert_member(head, addresses), **hint(head)}
