"""Run by alembic: takes the connection that `upgrade` hands over, inside its transaction."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from server.catalogue.base import Base, Moment


def _render(kind: str, value: Any, _context: AutogenContext) -> str | Literal[False]:
    """Write our own type as what it is in the database: a step must not depend on the code of its day."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(value, Moment) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
    render_item=_render,
)
context.run_migrations()
