"""The command `vitrine`: one module per verb, each loaded only when it is called."""

import tempfile
import traceback
from importlib import import_module

import click

from server.cli.given import Mistake
from server.cli.speech import complain
from server.errors import VitrineError
from server.memory import keep_small
from server.told import told

VERBS = (
    "init",
    "inspect",
    "check",
    "accept",
    "refuse",
    "review",
    "ingest",
    "publish",
    "withdraw",
    "export",
    "rebase",
    "harvest-check",
    "status",
    "harvests",
    "report",
    "sweep",
    "serve",
)


class Verbs(click.Group):
    """A group whose commands are the modules of this package."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the verbs in the order of a delivery's way."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one verb's module and return its command."""
        if cmd_name not in VERBS:
            return None
        module = cmd_name.replace("-", "_")
        command: click.Command = getattr(import_module(f"server.cli.{module}"), module)
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Refuse words that are no text: they could be neither recorded nor printed."""
        for word in args:
            if any("\ud800" <= letter <= "\udfff" for letter in word):
                shown = word.encode("ascii", "backslashreplace").decode()
                raise Mistake(
                    told(
                        "{shown!r} holds bytes that are not UTF-8; rename the file, or type the word anew",
                        shown=shown,
                    ),
                    ctx,
                )
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        """Run a verb; an error of ours is a sentence on standard error and exit status 1, never a traceback."""
        keep_small()
        try:
            return super().invoke(ctx)
        except VitrineError as error:
            complain(error.told)
            ctx.exit(1)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:  # noqa: BLE001  # a fault of ours: the details go to a file, for whoever mends it
            with tempfile.NamedTemporaryFile("w", prefix="vitrine-", suffix=".log", delete=False) as log:
                traceback.print_exc(file=log)
            complain(
                told(
                    "this is a fault of Vitrine, not of yours: {kind}. Please send the file {log} to those who keep this "
                    "server.",
                    kind=type(error).__name__,
                    log=log.name,
                )
            )
            ctx.exit(70)


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="vitrine", prog_name="vitrine")
def main() -> None:
    """Vitrine publishes digitised heritage: from a supplier's delivery to IIIF, OAI-PMH and a portal.

    A delivery goes: inspect, check, accept, ingest, publish. Settings are environment variables beginning with VITRINE_.
    """
