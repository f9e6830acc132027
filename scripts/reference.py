"""Write the reference of settings, commands and errors in `docs/reference/` from the code; a test holds them equal."""

import sys
from collections.abc import Iterator
from pathlib import Path

import click
from pydantic.fields import FieldInfo

from server.cli import main as vitrine
from server.errors import VitrineError, http_status
from server.formats.crosswalk import TERMS, crosswalk_names, read_crosswalk
from server.formats.crosswalk import Rule as CrosswalkRule
from server.model.rights import RightsStatus
from server.oai.formats.profile import profile_names, read_profile
from server.oai.formats.render import WRITERS
from server.portal.statement import read_statement
from server.publish.harvester_files import HarvesterEntry, SelectEntry
from server.quality.registry import Rule, Value, definitions, rules
from server.settings import Settings

REFERENCE = Path(__file__).resolve().parents[1] / "docs" / "reference"

PIPE = "\\|"
"""A bar inside a cell of a table."""

LIMITS = {"ge": "at least {}", "le": "at most {}", "multiple_of": "a multiple of {}", "pattern": "what matches `{}`"}

SETTINGS_HEAD = """\
# Settings

Every setting is an environment variable. A wrong value stops the command with a message that names the variable.
On one machine none is needed. This page is written by `make docs` from `server/settings.py`.

"""

RGAA_HEAD = """\
# RGAA 4.1, criterion by criterion

The {criteria} criteria of the French accessibility standard, which takes up WCAG 2.1 AA, and what is known of each:
{tested} are shown by automatic tests on every kind of page, {absent} are about what no page has, {person} need a person.
Nothing here is an audit: what the pages say of conformity follows from this table, and is "not compliant" until a person has
judged what only a person can. The statement at `/fr/accessibility` is written from the same file, `server/portal/rgaa.toml`,
and this page by `make docs`.

`axe NAME` is a rule of axe-core, asked of every kind of page in both languages, light and dark, by
`tests/browser/test_accessible.py::test_axe_finds_nothing`, and by `tests/browser/test_rare_pages.py` of pages that the sample
holdings have none of: withdrawn, in volumes, empty, in trouble. Other evidence is named by file and test. A test holds that
all of them are there.

"""

RGAA_STATES = {
    "tested": "tested", "absent": "does not apply", "person": "needs a person", "kept": "kept", "broken": "broken",
}  # fmt: skip

ERRORS_HEAD = """\
# Errors

Every error that Vitrine raises on purpose. The message names the thing, what is wrong and the remedy. On the command
line it is one sentence and exit status 1; on the web it has the status of this table. The errors of OAI-PMH are XML with
status 200, as the protocol wants. This page is written by `make docs` from `server/errors.py`.

"""

COMMANDS_HEAD = """\
# Commands

Everything is done with one command, `vitrine`. It ends with status 0 when all went well, 1 when something was found or
refused (the message says what and what to do), 2 when the command line was not understood, 70 when Vitrine itself is at
fault: the message names a file to send to those who keep the server, and the same command can be given again. Settings
come from the environment: see [settings](settings.md). This page is written by `make docs` from the commands themselves.

"""

RULES_HEAD = """\
# Quality rules

What `vitrine check` may find. An **error** blocks the ingest of its document, a **warning** asks for a look, an
**info** is only told. A finding names the file, what is wrong and the remedy. In the JSON report a finding has
`rule`, `severity`, `item`, `view`, `path`, `message` (English), `message_fr`, and what both are made of: `template` and
`values`; the report's shape is `vitrine-report/1`, and it has no clock
and no machine's own path in it, so that the same delivery gives the same bytes. This page is written by `make docs` from
`server/delivery/rules.py` and the modules `server/quality/*_rules.py`; adding a rule is one function there.

## Contracts

What holds for a supplier is a file in `manifests/contracts`, called as the contract. `vitrine check` takes the one whose
`supplier` is that of the delivery, or the one that `--contract` names; without any, `standard.toml` where it is there, else
what this page says. A mistake in a file stops the check and names file, line, fault and remedy.

| key | what it says | left out |
|---|---|---|
| `name` | the contract's name, that of the file without `.toml` | must be there |
| `label.fr`, `label.en` | its name for people | must be there |
| `supplier` | the supplier whose deliveries are checked by it, as in `suppliers.toml` | none |
| `language` | the language of the supplier's CSV: `fr` or `en`; `--report-language` counts first | `fr` |
| `acceptance.views` | share of views with any error or warning, in per cent, above which the delivery is refused | `100` |
| `acceptance.documents` | share of documents with an error above which it is refused | `100` |
| `rules.NAME.on` | whether the rule is looked for | `true` |
| `rules.NAME.blocking` | whether what it finds is an error, which keeps the document from being ingested | as its weight below |
| `rules.NAME.sampling` | at how many views in a hundred it looks; only rules marked with ◦ | `100` |
| `rules.NAME.accepted` | share of views looked at that may have the fault, in per cent, above which the delivery is refused; ◦ | `100` |
| `rules.NAME.…` | the thresholds of the rule, below its family | as said there |

Which views are in a sample follows from the digest of their files: nobody can know it beforehand, the same delivery has the
same sample, and a larger sample holds the smaller one. A rule of reading that keeps a document from being ingested can
be neither switched off nor made less than blocking.

"""

FAMILIES = {
    "reading": "Documents that cannot be read. The others of the delivery go on.",
    "description": "What is said of a document.",
    "files": "What the documents name, against what is there.",
    "structure": "Tables of contents and articles.",
    "integrity": "Checksums, packages, and images decoded to their last row.",
    "naming": "Names of files.",
    "image": "What the files say of themselves, against the contract, the text, and each other.",
    "picture": "What is seen on the views: each by itself, and beside the others of its document.",
    "text": "ALTO against its page and its image.",
    "order": "What was delivered, against what was ordered (`vitrine check --order`).",
    "acceptance": "Rates above which a contract refuses the whole delivery.",
}


def settings_page() -> str:
    """Return the reference of every setting: its variable, what it is for, its default."""
    parts = [SETTINGS_HEAD]
    for name, field in Settings.model_fields.items():
        lines = [f"## `VITRINE_{name.upper()}`", "", field.description or ""]
        if "Default:" not in lines[-1]:
            given = "" if field.default in ("", ()) else str(field.default)
            lines += ["", f"Default: `{given}`." if given else "Default: empty."]
        limits = [text for metadata in field.metadata for text in _limits(metadata)]
        if limits:
            lines += ["", f"Accepted: {', '.join(limits)}."]
        parts.append("\n".join(lines) + "\n\n")
    return "".join(parts).rstrip() + "\n"


def commands_page() -> str:
    """Return the reference of every command with its arguments and options, as `--help` shows them."""
    parts = [COMMANDS_HEAD]
    context = vitrine.make_context("vitrine", [], resilient_parsing=True)
    for name, command, inner in _commands(context, vitrine):
        parts.append(f"## `{name}`\n\n```text\n{_help(command, inner)}\n```\n\n")
    return "".join(parts).rstrip() + "\n"


def errors_page() -> str:
    """Return the reference of every error that a person may be shown, with its HTTP status."""
    parts = [ERRORS_HEAD, "| error | means | kind of | HTTP status |\n|---|---|---|---|\n"]
    for kind in _tree(VitrineError):
        meaning = (kind.__doc__ or "").splitlines()[0].rstrip(".")
        status = http_status(kind.__new__(kind))
        above = "" if kind is VitrineError else f"`{kind.__bases__[0].__name__}`"
        parts.append(f"| `{kind.__name__}` | {meaning} | {above} | {status.value} |\n")
    return "".join(parts)


def _tree(kind: type[VitrineError]) -> Iterator[type[VitrineError]]:
    yield kind
    for below in kind.__subclasses__():
        if below.__module__ == VitrineError.__module__:
            yield from _tree(below)


def _limits(metadata: object) -> Iterator[str]:
    for attribute, words in LIMITS.items():
        value = getattr(metadata, attribute, None)
        if value is not None:
            yield words.format(value)


def _commands(context: click.Context, command: click.Command) -> Iterator[tuple[str, click.Command, click.Context]]:
    yield context.command_path, command, context
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            if inner is not None and not inner.hidden:
                yield from _commands(inner.make_context(name, [], parent=context, resilient_parsing=True), inner)


def _help(command: click.Command, context: click.Context) -> str:
    context.max_content_width = context.terminal_width = 100
    return "\n".join(line.rstrip() for line in command.get_help(context).strip().splitlines())


def rules_page() -> str:
    """Return every rule of reading and of quality control, by family, in both languages."""
    parts = [RULES_HEAD]
    for family, about in FAMILIES.items():
        parts.append(f"## {family}\n\n{about}\n\n| rule | weight | what it means | sens |\n|---|---|---|---|\n")
        known = {each.definition.name: each for each in rules()}
        of_family = [definition for definition in definitions() if definition.family == family]
        parts += [
            f"| `{rule.name}`{_sampled(known.get(rule.name))} | {rule.severity.value} | {rule.en} | {rule.fr} |\n"
            for rule in of_family
        ]
        limits = [
            f"| `{rule.name}` | `{limit.name}` | {_default(limit.default)} | {limit.en} | {limit.fr} |\n"
            for rule in of_family
            if rule.name in known
            for limit in known[rule.name].limits
        ]
        if limits:
            parts += ["\n| rule | threshold | left out | what it means | sens |\n|---|---|---|---|---|\n", *limits]
        parts.append("\n")
    return "".join(parts).rstrip() + "\n"


def _sampled(found: Rule | None) -> str:
    return " ◦" if found and found.of_views else ""


def _default(value: Value) -> str:
    if isinstance(value, tuple):
        return ", ".join(f"`{one}`" for one in value) or "none"
    return f"`{value:g}`" if isinstance(value, int | float) else f"`{value}`" if value else "none"


CROSSWALKS_HEAD = """\
# Crosswalks

From the formats of deliveries to the catalogue: which place in a source record leads to which term. Each table is a file,
`server/formats/crosswalks/*.toml`; this page is written from them by `make docs`. Nothing of the source record is lost
where no rule takes it: it is kept whole with the document.

In a value `{a}` is a subfield, an attribute (`{@type}`), a path or the text itself (`{.}`); `{a:9-12}` are its characters
from 9 to 12; `{a|roles}` is what the table's map `roles` makes of it. What stands in square brackets stands once for each
value, and not at all where there is none. Of what stands between ` || ` the first that says something counts; `part(type=given)`
is a part with that attribute, `part(type=)` one without. *Else* marks a rule that counts only where none before it gave the term,
*inherited* one whose value holds for what lies inside, too.

## Terms

| term | what it means |
|---|---|
"""


def crosswalks_page() -> str:
    """Return every crosswalk with the source of each of its rules."""
    parts = [CROSSWALKS_HEAD]
    parts += [f"| `{term}` | {meaning} |\n" for term, meaning in TERMS.items()]
    for name in crosswalk_names():
        table = read_crosswalk(name)
        parts.append(f"\n## {table.title}\n\n{table.standard}.\n\n")
        parts.append("| from | when | to | value | source |\n|---|---|---|---|---|\n")
        parts += [f"| {' | '.join(cell.replace('|', PIPE) for cell in _rule_cells(rule))} |\n" for rule in table.rules]
        for key, known in table.maps.items():
            shown = ", ".join(f"`{said.removeprefix('~')}` → `{made}`" for said, made in known.items())
            parts.append(f"\n**{key}**: {shown}.\n")
    return "".join(parts)


def _rule_cells(rule: CrosswalkRule) -> Iterator[str]:
    yield f"`{rule.path}`"
    marks = [f"{key} `{pattern}`" for key, pattern in rule.when.items()]
    marks += ["else"] if rule.otherwise else []
    marks += ["inherited"] if rule.inherit else []
    yield "; ".join(marks)
    yield f"`{rule.term}`"
    value = f"each `{rule.value}`" if rule.each else f"`{rule.value}`"
    value += "".join(f"; {part} `{said}`" for part, said in rule.parts.items())
    yield value + (f"; language `{rule.language}`" if rule.language else "")
    yield f"{rule.source}. {rule.note}" if rule.note else rule.source


HARVESTERS_HEAD = """\
# Harvesters: files, profiles, formats

A file of `manifests/harvesters` is one repository: `manifests/harvesters/gallica.toml` is `/oai/gallica`. `vitrine init`
reads them all, and ordinary publications follow what was read; `vitrine publish --repository NAME` reads one again and
applies it to everything that is public; `vitrine harvest-check NAME` tells what its profile says of each document. How one
is added: [add a harvester](../howto/add-a-harvester.md). This page is written by `make docs` from
`server/publish/harvester_files.py`, `server/oai/formats/profiles/*.toml` and the writers in `server/oai/formats`.

"""

WRITTEN = {
    "oai_dc": "simple Dublin Core, in the words of the profile",
    "oai_dcterms": "qualified Dublin Core: dates by what happened, links with their direction",
    "mods": "MODS 3.8",
    "mets": "METS 1.12: MODS and Dublin Core, rights, every public view with its IIIF service, structure, links; ALTO where it may be taken",
    "edm": "EDM for providers, in the order of Europeana's schema; no record where Europeana has no statement for the rights",
    "unimarc": "the UNIMARC record in the METS that was delivered, in MarcXchange; no record where there was none",
    "marc21": "the same for MARC 21, in MARCXML",
}


def harvesters_page() -> str:
    """Return the keys of a harvester's file, the formats, and what each profile says and asks for."""
    parts = [HARVESTERS_HEAD, "## Keys\n\n| key | what it says | left out |\n|---|---|---|\n"]
    parts += [_key(name, field) for name, field in HarvesterEntry.model_fields.items() if name != "select"]
    parts.append("\n## `[select]`\n\nWhich documents the repository takes. All of it must be true of a document.\n\n")
    parts.append("| key | what it says | left out |\n|---|---|---|\n")
    parts += [_key(name, field) for name, field in SelectEntry.model_fields.items()]
    parts.append("\n## Formats\n\n| metadataPrefix | what it is | namespace |\n|---|---|---|\n")
    parts += [f"| `{one.prefix}` | {WRITTEN[one.prefix]} | `{one.namespace}` |\n" for one in WRITERS.values()]
    parts.append(
        "\nA test holds `oai_dc` to its schema, and the others to rules written after their schemas and guidelines\n"
        "(`tests/conformance/formats`). METS has no prefix, and Dublin Core beside the MODS, as the harvesters of Omeka look for\n"
        "it; a delivered record whose leader nothing is sure of has none in `unimarc` and `marc21`.\n"
    )
    for name in profile_names():
        profile = read_profile(name)
        codes = "ISO 639-2/B" if profile.uses_639_2b else "BCP 47"
        least, most = profile.thumbnail_sides
        parts.append(
            f"\n## Profile `{name}`\n\nxml:lang in {codes}; `{profile.views}`; `{profile.thumbnail}`, {least} to {most} "
            f"pixels; `{profile.manifest}` where the file says `manifest = true`.\n"
        )
        if profile.rights is None:
            parts.append("\nEvery status of rights is said in its own words.\n")
        else:
            parts.append("\n| rights | what is said | address |\n|---|---|---|\n")
            parts += [
                f"| `{status.value}` | {' / '.join(words.texts.values())} | <{words.uri}> |\n"
                for status, words in profile.rights.items()
            ]
            left = ", ".join(f"`{status.value}`" for status in RightsStatus if status not in profile.rights)
            parts.append(f"\nNothing may be said of {left}: such a document is refused there.\n")
        if profile.rules:
            parts.append("\n| rule | level | broken | enfreinte |\n|---|---|---|---|\n")
            parts += [
                f"| `{rule.name}` | {rule.level.value} | {rule.texts['en']} | {rule.texts['fr']} |\n"
                for rule in profile.rules
            ]
    return "".join(parts)


def _key(name: str, field: FieldInfo) -> str:
    default = field.get_default(call_default_factory=True, validated_data={})
    if field.is_required():
        left = "must be there"
    elif default is None:
        left = "any"
    elif isinstance(default, list):
        left = ", ".join(f"`{value}`" for value in default) or "none"
    else:
        left = f"`{str(default).lower() if isinstance(default, bool) else default}`" if default != "" else "none"
    return f"| `{name}` | {field.description} | {left} |\n"


def rgaa_page() -> str:
    """Return the criteria of RGAA 4.1 with what is known of each."""
    statement = read_statement()
    head = RGAA_HEAD.format(
        criteria=statement.criteria, **{state: statement.count(state) for state in ("tested", "absent", "person")}
    )
    parts = [head]
    for theme in statement.themes:
        parts.append(
            f"## {theme.number}. {theme.title['en']} ({theme.title['fr']})\n\n| | criterion | state | evidence |\n|---|---|---|---|\n"
        )
        parts += [
            f"| {each.number} | {each.title['en']} | {RGAA_STATES[each.state]} | {each.evidence} |\n"
            for each in theme.criteria
        ]
        parts.append("\n")
    return "".join(parts).rstrip() + "\n"


PAGES = {
    "../rgaa.md": rgaa_page,
    "harvesters.md": harvesters_page,
    "settings.md": settings_page,
    "commands.md": commands_page,
    "errors.md": errors_page,
    "quality-rules.md": rules_page,
    "crosswalks.md": crosswalks_page,
}


def main() -> int:
    """Write the pages."""
    REFERENCE.mkdir(parents=True, exist_ok=True)
    for name, page in PAGES.items():
        (REFERENCE / name).write_text(page())
    print(f"{', '.join(PAGES)} written in {REFERENCE}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
