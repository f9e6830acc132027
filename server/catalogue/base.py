"""What all tables share: the declarative base, names of constraints, the type of moments."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, MetaData, String
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator


class Base(DeclarativeBase):
    """Declarative base; constraints are named so that migrations can find them on both databases."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def bytewise_string(length: int) -> String:
    """Return the type of a text by which is sorted: byte by byte on both databases, whatever their language is."""
    return String(length, collation="C").with_variant(String(length), "sqlite")  # SQLite compares so anyway


class bytewise(FunctionElement[str]):  # noqa: N801  # it stands in queries as `func` does
    """A column in `order_by`, compared byte by byte on both databases, so that both list and page alike.

    For names, which are compared with those of other tables: columns of two collations could not be.
    """

    name = "bytewise"
    inherit_cache = True


@compiles(bytewise)
def _compile(element: bytewise, compiler: SQLCompiler, **more: Any) -> str:
    return compiler.process(element.clauses, **more)


@compiles(bytewise, "postgresql")
def _compile_for_postgresql(element: bytewise, compiler: SQLCompiler, **more: Any) -> str:
    return f'{compiler.process(element.clauses, **more)} COLLATE "C"'


def keywise(*columns: Any) -> tuple[Any, ...]:
    """Return texts as an index holds them, for going through a table piece by piece in an order that nobody is shown."""
    return columns


class Moment(TypeDecorator[datetime]):
    """A moment in UTC, to the second; aware in Python on both databases."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Refuse naive moments: a moment without a zone is a bug, not a guess."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"moment {value!r} has no time zone")
        return value.astimezone(UTC).replace(microsecond=0)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """SQLite gives naive moments back: they are UTC."""
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
