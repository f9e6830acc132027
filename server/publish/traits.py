"""What a publication is browsed by: rows beside its documents, written in the same transaction."""

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from server.catalogue.publication_models import TraitRow
from server.model.item import Item
from server.model.traits import list_traits


def keep_traits(session: Session, item: Item) -> None:
    """Write the traits of a live item; those that it has no more go."""
    forget_traits(session, item.name)
    rows = [
        {
            "name": item.name, "kind": trait.kind, "value": trait.value, "label": trait.label,
            "latitude": trait.latitude, "longitude": trait.longitude,
        }
        for trait in list_traits(item)
    ]  # fmt: skip
    if rows:
        session.flush()
        session.execute(insert(TraitRow), rows)


def forget_traits(session: Session, name: str) -> None:
    """Remove the traits of an item that is not live any more."""
    session.execute(delete(TraitRow).where(TraitRow.name == name))
