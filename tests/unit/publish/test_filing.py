from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from server.catalogue.find_models import FindDocumentRow
from server.publish.filing import file_published
from server.search.library.find import Library as Search
from server.search.library.write import refile_document
from server.search.write import remove_view
from server.workshop import Workshop
from tests.support.finding import Finder
from tests.support.searching import make_item, open_library, set_page


def test_what_was_published_before_there_was_the_search_is_filed_once(database_url: str, workshop: Workshop) -> None:
    library = open_library(database_url)
    finder = Finder(library, Search())
    library.put(make_item("v1a", 2, "L’Écho"), {1: set_page("Incendie à Lille"), 2: set_page("Grains")})
    library.put(make_item("v1b", 1, "Le Phare"), {})
    library.put(make_item("v1c", 1, "La Gazette"), {})
    library.withdraw("v1c")
    with library.catalogue.write() as session:
        before = _rows(session)
        session.execute(delete(FindDocumentRow).where(FindDocumentRow.name != "v1b"))
        session.execute(update(FindDocumentRow).values(recipe=0))
        key = "rowid" if library.catalogue.is_sqlite else "identifier"
        session.execute(text(f"delete from find_index where {key} >> 10 <> 2"))
    assert file_published(workshop) == 2, "live documents without a row, or of another recipe"
    assert file_published(workshop) == 0
    with library.catalogue.read() as session:
        after = _rows(session)
    assert after.keys() == {"v1a", "v1b"}
    assert {name: after[name] for name in after} == {name: before[name] for name in after}
    assert finder.names("incendie lille") == ["v1a"]
    assert finder.names("phare") == ["v1b"]
    assert finder.find().total == 2
    library.service.close()
    library.catalogue.close()


def test_the_words_of_a_withdrawn_view_are_nowhere_before_its_document_is_published_anew(
    database_url: str, workshop: Workshop
) -> None:
    library = open_library(database_url)
    finder = Finder(library, Search())
    library.put(make_item("v1a", 2, "L’Écho"), {1: set_page("Incendie à Lille"), 2: set_page("Grains")})
    with library.catalogue.write() as session:
        remove_view(session, "v1a", 2)
        refile_document(session, "v1a", make_item("v1a", 1, "L’Écho"))
    assert finder.names("grains") == []
    assert finder.names("incendie") == ["v1a"]
    library.service.close()
    library.catalogue.close()


def _rows(session: Session) -> dict[str, tuple[object, ...]]:
    return {
        row.name: (row.digest, row.first_sequence, row.text_number, row.facets, row.shown, row.sort_key)
        for row in session.scalars(select(FindDocumentRow).where(FindDocumentRow.live))
    }
