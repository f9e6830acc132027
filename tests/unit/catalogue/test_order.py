"""Texts are sorted by their bytes on both databases, whatever language PostgreSQL's was made with."""

import ast
from pathlib import Path

from sqlalchemy import String, inspect, literal, select, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql.base import PGDialect

from server.catalogue import migrations, models, publication_models, published, search_models
from server.catalogue.base import bytewise
from server.catalogue.publication_models import MemberRow
from server.catalogue.session import Catalogue
from server.iiif.build.collection import collection_name
from server.model.description import Typology
from tests.support.publications import Shelf, make_postcard, renamed

ROWS = {
    name: getattr(module, name)
    for module in (models, publication_models, search_models)
    for name in dir(module)
    if name.endswith("Row")
}


def _sorted_by(path: Path) -> list[tuple[str, str]]:
    """Return the columns by which a module sorts as they are, as names of model and attribute."""
    found = []
    for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "order_by":
            for argument in call.args:
                column = argument
                if isinstance(column, ast.Call) and isinstance(column.func, ast.Attribute):  # .desc()
                    column = column.func.value
                if isinstance(column, ast.Attribute) and isinstance(column.value, ast.Name):
                    found.append((column.value.id, column.attr))
    return found


def test_no_query_sorts_a_text_as_the_language_of_the_database_does(repository: Path) -> None:
    looked = [
        (path.name, model, column)
        for path in sorted((repository / "server").rglob("*.py"))
        for model, column in _sorted_by(path)
        if model in ROWS
    ]
    assert ("published.py", "MemberRow", "sort_key") in looked
    texts = [
        (path, model, column)
        for path, model, column in looked
        if isinstance(kind := inspect(ROWS[model]).columns[column].type, String) and kind.collation != "C"
    ]
    assert texts == []


def test_a_name_is_compared_by_its_bytes() -> None:
    query = select(literal(1)).order_by(bytewise(MemberRow.name))
    dialect = PGDialect()  # type: ignore[no-untyped-call]  # SQLAlchemy's own
    assert str(query.compile(dialect=dialect)).endswith('ORDER BY member.name COLLATE "C"')
    assert str(query.compile(dialect=sqlite.dialect())).endswith("ORDER BY member.name")


def test_keys_of_sorting_are_kept_so_that_bytes_are_compared(database_url: str) -> None:
    catalogue = Catalogue(database_url)
    migrations.upgrade(catalogue)
    if not catalogue.is_sqlite:
        asked = text(
            "select c.relname, a.attname, l.collname from pg_attribute a join pg_class c on c.oid = a.attrelid "
            "join pg_collation l on l.oid = a.attcollation where a.attname in ('sort_key', 'term') and c.relkind = 'r' "
            "order by 1"
        )
        with catalogue.snapshot() as connection:
            rows = [tuple(row) for row in connection.execute(asked)]
        assert rows == [
            ("find_document", "sort_key", "C"), ("member", "sort_key", "C"), ("published_collection", "sort_key", "C"),
            ("search_term", "term", "C"),
        ]  # fmt: skip
    shelf = Shelf(catalogue)
    shelf.prepare("http://127.0.0.1:8000")
    titles = ["abbé", "ab be", "Abbe", "abbe", "œuvre", "zèbre"]
    for number, title in enumerate(titles):
        shelf.put(renamed(make_postcard(), f"v1b{number}", title))
    with catalogue.snapshot() as connection:
        members = published.list_member_items(connection, collection_name("typology", Typology.POSTCARDS.value))
    shown = [member.item.description.title.value for member in members]
    assert shown == sorted(titles, key=str.encode)
    catalogue.close()
