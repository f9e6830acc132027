"""The documentation: complete where the code decides, true where it names things, and without dead links."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from scripts.reference import PAGES, REFERENCE
from server.cli import main as vitrine
from server.settings import Settings
from tests.support.skips import ALLOWED, REPOSITORY

PROSE = sorted(
    [*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").rglob("*.md"), *(REPOSITORY / "benchmarks").glob("*.md")]
)
DECISIONS = sorted((REPOSITORY / "docs" / "decisions").glob("[0-9]*.md"))


def name(path: Path) -> str:
    return str(path.relative_to(REPOSITORY))


@pytest.mark.parametrize("page", PAGES)
def test_the_reference_is_the_one_of_the_code(page: str) -> None:
    assert (REFERENCE / page).read_text() == PAGES[page](), f"docs/reference/{page} is out of date: run `make docs`"


def test_every_setting_is_described() -> None:
    page = (REFERENCE / "settings.md").read_text()
    for field, about in Settings.model_fields.items():
        assert f"## `VITRINE_{field.upper()}`\n\n{about.description}\n" in page
        assert about.description


def commands(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for verb in command.list_commands(context):
            inner = command.get_command(context, verb)
            assert inner is not None
            yield from commands(inner, f"{path} {verb}")


def test_every_command_and_option_is_described() -> None:
    page = (REFERENCE / "commands.md").read_text()
    for path, command in commands(vitrine, "vitrine"):
        assert f"## `{path}`\n" in page
        assert command.help, f"{path} says nothing of itself"
        section = page.split(f"## `{path}`\n", 1)[1].split("\n## ", 1)[0]
        for parameter in command.params:
            assert not isinstance(parameter, click.Option) or parameter.help, f"{path} {parameter.opts[0]} says nothing"
            for option in parameter.opts if isinstance(parameter, click.Option) else ():
                assert option in section


@pytest.mark.parametrize("path", PROSE, ids=name)
def test_links_lead_somewhere(path: Path) -> None:
    text = re.sub(r"```.*?```", "", path.read_text(), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        file, _, anchor = target.partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        place = path.parent / file if file else path
        assert place.exists(), f"{name(path)} links to {target}, which is not there"
        if anchor and place.suffix == ".md":
            headings = {slug(line) for line in place.read_text().splitlines() if line.startswith("#")}
            assert anchor in headings, f"{name(path)} links to {target}, and there is no such heading"


def slug(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lstrip("#").strip().lower()).replace(" ", "-")


@pytest.mark.parametrize("path", PROSE, ids=name)
def test_commands_and_targets_that_are_named_exist(path: Path) -> None:
    text = path.read_text()
    code = "\n".join(
        re.findall(r"```(?:sh|shell|console|bash)\n(.*?)```", text, flags=re.DOTALL) + re.findall(r"`([^`\n]+)`", text)
    )
    verbs = set(vitrine.list_commands(click.Context(vitrine)))
    targets = set(re.findall(r"^([a-z]+):", (REPOSITORY / "Makefile").read_text(), flags=re.MULTILINE))
    fields = {f"VITRINE_{field.upper()}" for field in Settings.model_fields}
    for verb in re.findall(r"(?:^|[ /$])vitrine ([a-z][a-z-]*)", code, flags=re.MULTILINE):
        assert verb in verbs, f"{name(path)} names `vitrine {verb}`"
    for target in re.findall(r"(?:^|[ $])make ([a-z]+)", code, flags=re.MULTILINE):
        assert target in targets, f"{name(path)} names `make {target}`"
    for variable in re.findall(r"VITRINE_[A-Z0-9_]+", text):
        assert variable in fields or variable.endswith("_"), f"{name(path)} names {variable}"


@pytest.mark.parametrize("path", PROSE, ids=name)
def test_files_that_are_named_exist(path: Path) -> None:
    later = {"data/var", "server/portal/static/vendor"}  # made by make, git-ignored
    for place in re.findall(
        r"`((?:server|tests|docs|deploy|scripts|data|manifests|benchmarks)/[\w./-]*)`", path.read_text()
    ):
        if not any(place.startswith(each) for each in later) and "…" not in place:
            assert (REPOSITORY / place).exists() or path in DECISIONS, f"{name(path)} names {place}"


@pytest.mark.parametrize("path", DECISIONS, ids=name)
def test_a_decision_fits_on_a_screen_and_has_its_four_parts(path: Path) -> None:
    text = path.read_text()
    assert text.startswith(f"# {path.name[:4]}: ")
    for part in ("**Status.**", "**Context.**", "**Decision.**", "**Consequences.**"):
        assert text.count(part) == 1
    assert len(text.splitlines()) <= 50
    assert f"]({path.name})" in (path.parent / "README.md").read_text()


def test_every_allowed_reason_to_skip_is_told_to_contributors() -> None:
    page = (REPOSITORY / "CONTRIBUTING.md").read_text()
    assert [reason for reason in ALLOWED if reason not in page] == []
