"""What is given on the command line: folders and files that must be there, and mistakes told in the person's language."""

import os
from pathlib import Path
from typing import IO, Any

import click

from server.cli.speech import complain, spell
from server.told import Told, told

_ARCHIVES = (".zip", ".7z", ".rar", ".tar", ".tgz", ".gz")


class Mistake(click.UsageError):
    """What was typed cannot be done; the exit status is 2. It is told without the usage, in which nothing was wrong."""

    def __init__(self, said: Told, context: click.Context | None = None) -> None:
        self.said = said
        super().__init__(spell(said), context)

    def show(self, file: IO[Any] | None = None) -> None:
        """Print it on standard error."""
        complain(self.said)


class Folder(click.Path):
    """A folder that is there and may be read."""

    def __init__(self) -> None:
        super().__init__(exists=True, file_okay=False, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the folder."""
        path = _must_be_there(value, ctx)
        if not path.is_dir():
            if path.suffix.lower() in _ARCHIVES:
                raise Mistake(
                    told("{path} is an archive: unpack it, and give the folder that it held", path=value), ctx
                )
            raise Mistake(told("{path} is a file; give the folder that holds it", path=value), ctx)
        return path


class File(click.Path):
    """A file that is there and may be read."""

    def __init__(self) -> None:
        super().__init__(exists=True, dir_okay=False, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the file."""
        path = _must_be_there(value, ctx)
        if path.is_dir():
            raise Mistake(told("{path} is a folder; name the file in it", path=value), ctx)
        return path


def _must_be_there(value: Any, ctx: click.Context | None) -> Path:
    path = Path(value)
    try:
        path.stat()
    except OSError as error:
        raise Mistake(told("{path}: {strerror}", path=value, strerror=error.strerror), ctx) from None
    if not value or not os.access(path, os.R_OK):
        raise Mistake(told("{path}: may not be read by this user; look at its rights", path=value), ctx)
    return path
