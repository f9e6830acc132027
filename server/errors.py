"""Every error that Vitrine raises on purpose, in one tree.

    VitrineError
    ├── SettingsError            a setting is missing or wrong; the command does not start
    ├── DeliveryError            a delivery cannot be read as what it claims to be
    │   ├── FormatError          a file in it breaks its format (names file, line, remedy)
    │   └── UnsafePath           a path in it would leave the delivery
    ├── ImageError               a master or a pyramid cannot be read
    │   └── ImageTooLarge        more pixels than the settings allow
    ├── StorageError             the store did not do what it was asked
    │   ├── NotStored            nothing is stored under that key
    │   └── StorageFull          no room for what is to be written
    ├── CatalogueError           the catalogue refuses a change
    │   └── Busy                 somebody else holds the lock; nothing was changed
    ├── PublicationRefused       a rule forbids to publish this item now
    └── RequestError             the client asked for something it cannot have
        ├── BadRequest           malformed; 400
        ├── Unknown              no such thing; 404
        ├── Withdrawn            was published, is not any more; 410
        ├── NotImplementedHere   well-formed, but not offered; 501
        └── Overloaded           too much to do at this moment; 503

A message names the thing, what is wrong and the remedy. `HTTP_STATUS` is the one table from error to status;
the table from error to OAI-PMH code is in `server/oai/errors.py`.
"""

from http import HTTPStatus

from server.told import Told, told, verbatim


class VitrineError(Exception):
    """Root of the tree: its text may be shown to the person at the keyboard, in French too where it was made by `told`."""

    @property
    def told(self) -> Told:
        """What it says, as a finding keeps it."""
        said = self.args[0] if self.args else ""
        return said if isinstance(said, Told) else verbatim(str(self))


class SettingsError(VitrineError):
    """A setting is missing or wrong."""


class DeliveryError(VitrineError):
    """A delivery cannot be read as what it claims to be."""


class FormatError(DeliveryError):
    """A file breaks its format.

    `path` is relative to the delivery, `line` is 1-based where known.
    """

    def __init__(self, path: str, problem: str, remedy: str = "", line: int | None = None) -> None:
        self.path, self.problem, self.remedy, self.line = path, problem, remedy, line
        where = told("{path}, line {line}", path=path, line=line) if line else path
        if remedy:
            super().__init__(told("{where}: {problem}; {remedy}", where=where, problem=problem, remedy=remedy))
        else:
            super().__init__(told("{where}: {problem}", where=where, problem=problem))


class UnsafePath(DeliveryError):
    """A path in a delivery would leave it."""


class ImageError(VitrineError):
    """A master or a pyramid cannot be read."""


class ImageTooLarge(ImageError):
    """An image has more pixels than the settings allow."""


class StorageError(VitrineError):
    """The store did not do what it was asked."""


class NotStored(StorageError):
    """Nothing is stored under that key."""


class StorageFull(StorageError):
    """There is no room for what is to be written."""


class CatalogueError(VitrineError):
    """The catalogue refuses a change."""


class Busy(CatalogueError):
    """Somebody else holds the lock; nothing was changed."""


class PublicationRefused(VitrineError):
    """A rule forbids to publish this item now."""


class RequestError(VitrineError):
    """The client asked for something it cannot have."""


class BadRequest(RequestError):
    """The request is malformed."""


class Unknown(RequestError):
    """There is no such thing."""


class Withdrawn(RequestError):
    """It was published and is not any more; `reason` is what was said of it then, or empty."""

    def __init__(self, message: str, reason: str = "") -> None:
        self.reason = reason
        super().__init__(message)


class NotImplementedHere(RequestError):
    """The request is well-formed and asks for something that is not offered."""


class Overloaded(RequestError):
    """There is too much to do at this moment; the same request may be sent again in a few seconds."""


HTTP_STATUS: dict[type[VitrineError], HTTPStatus] = {
    BadRequest: HTTPStatus.BAD_REQUEST,
    Unknown: HTTPStatus.NOT_FOUND,
    NotStored: HTTPStatus.NOT_FOUND,
    Withdrawn: HTTPStatus.GONE,
    NotImplementedHere: HTTPStatus.NOT_IMPLEMENTED,
    Busy: HTTPStatus.SERVICE_UNAVAILABLE,
    Overloaded: HTTPStatus.SERVICE_UNAVAILABLE,
    StorageFull: HTTPStatus.INSUFFICIENT_STORAGE,
}


def http_status(error: VitrineError) -> HTTPStatus:
    """Return the status of the nearest class in `HTTP_STATUS`, else 500."""
    for kind in type(error).__mro__:
        if kind in HTTP_STATUS:
            return HTTP_STATUS[kind]
    return HTTPStatus.INTERNAL_SERVER_ERROR
