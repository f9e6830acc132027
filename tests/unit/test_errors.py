"""The tree of errors: drawn in its docstring, and one table to HTTP status."""

import inspect
import re
from http import HTTPStatus

import pytest

from server import errors


def tree() -> list[type[errors.VitrineError]]:
    return [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, errors.VitrineError)]


def test_the_docstring_draws_the_tree_as_it_is() -> None:
    drawn: dict[str, str] = {}
    above: dict[int, str] = {}
    for line in (errors.__doc__ or "").splitlines():
        match = re.match(r"^(?P<indent>    [│├└─ ]*)(?P<name>[A-Z][A-Za-z]+)(?:  |$)", line)
        if match:
            depth = len(match["indent"]) // 4
            above[depth] = match["name"]
            drawn[match["name"]] = above.get(depth - 1, "Exception")
    assert drawn == {kind.__name__: kind.__bases__[0].__name__ for kind in tree()}


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.BadRequest("x"), HTTPStatus.BAD_REQUEST),
        (errors.Unknown("x"), HTTPStatus.NOT_FOUND),
        (errors.Withdrawn("x"), HTTPStatus.GONE),
        (errors.NotImplementedHere("x"), HTTPStatus.NOT_IMPLEMENTED),
        (errors.NotStored("x"), HTTPStatus.NOT_FOUND),
        (errors.Busy("x"), HTTPStatus.SERVICE_UNAVAILABLE),
        (errors.ImageError("x"), HTTPStatus.INTERNAL_SERVER_ERROR),
    ],
)
def test_an_error_has_the_status_of_its_nearest_class(error: errors.VitrineError, status: HTTPStatus) -> None:
    assert errors.http_status(error) == status


def test_a_subclass_takes_the_status_of_its_parent() -> None:
    class Gone(errors.Withdrawn):
        """A kind of its own."""

    assert errors.http_status(Gone("x")) == HTTPStatus.GONE


def test_a_broken_format_names_file_line_and_remedy() -> None:
    error = errors.FormatError("mets.xml", "the tag is not closed", "ask the supplier for it again", 12)
    assert str(error) == "mets.xml, line 12: the tag is not closed; ask the supplier for it again"
    assert str(errors.FormatError("a.xml", "it is empty")) == "a.xml: it is empty"
