"""A person at the keyboard: the command `vitrine`, typed."""

from pathlib import Path

from click.testing import CliRunner, Result

from server.cli import main


class Typed:
    """The command, and what it printed with its spaces made one."""

    def __call__(self, *words: str | Path) -> Result:
        return CliRunner().invoke(main, [str(word) for word in words])

    def well(self, *words: str | Path) -> str:
        result = self(*words)
        assert result.exit_code == 0, result.output
        return " ".join(result.output.split())

    def badly(self, *words: str | Path) -> str:
        result = self(*words)
        assert result.exit_code != 0, result.output
        assert "Traceback" not in result.output
        return " ".join(result.output.split())
