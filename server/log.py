"""What the running server writes about itself: one line per event on standard error, with the number of the request.

Nothing personal is written: no address of a reader, no query text. `configure_logging` is for processes, not for
modules; a module says `logging.getLogger("vitrine.room")` and nothing else.
"""

import logging
import secrets
import sys
from contextvars import ContextVar

REQUEST: ContextVar[str] = ContextVar("request", default="-")
"""Number of the request that is being answered: in the log, and on the page that apologises."""

_FORMAT = "%(asctime)s %(levelname)s %(name)s [%(request)s] %(message)s"


class _WithRequest(logging.Filter):
    """Puts the number of the request into each line."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request = REQUEST.get()
        return True


def new_request() -> str:
    """Give the current request a number and return it: twelve hexadecimal digits."""
    number = secrets.token_hex(6)
    REQUEST.set(number)
    return number


def configure_logging(level: int = logging.INFO, room: str = "vitrine") -> None:
    """Write the lines of `vitrine.*` to standard error. Calling it twice changes nothing."""
    logger = logging.getLogger(room)
    logger.setLevel(level)
    if not any(isinstance(handler, _Handler) for handler in logger.handlers):
        logger.addHandler(_Handler())


class _Handler(logging.Handler):
    """Standard error, whatever it is when a line is written, with our format."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(logging.Formatter(_FORMAT, "%Y-%m-%dT%H:%M:%S%z"))
        self.addFilter(_WithRequest())

    def emit(self, record: logging.LogRecord) -> None:
        try:
            sys.stderr.write(self.format(record) + "\n")
        except Exception:  # noqa: BLE001  # a line that cannot be written must not break what it tells of
            self.handleError(record)
