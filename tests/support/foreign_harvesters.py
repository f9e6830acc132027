"""Harvesters that others wrote, each asked the same way: for the records of a repository, as they understand them.

sickle, the client of the oaipmh toolkit, Perl's HTTP::OAI as a library and as the command `oai_pmh`, Catmandu.
"""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from oaipmh.client import Client  # type: ignore[import-untyped]  # it ships no types
from oaipmh.error import NoRecordsMatchError  # type: ignore[import-untyped]
from oaipmh.metadata import MetadataRegistry, oai_dc_reader  # type: ignore[import-untyped]
from sickle import Sickle  # type: ignore[import-untyped]  # it ships no types
from sickle.oaiexceptions import NoRecordsMatch  # type: ignore[import-untyped]

SECONDS = 120

_PERL = r"""
use strict; use warnings; use HTTP::OAI;
my ($base, %asked) = @ARGV;
my $harvester = HTTP::OAI::Harvester->new(baseURL => $base);
my $identify = $harvester->Identify;
die $identify->message if $identify->is_error;
my $list = $harvester->ListRecords(%asked, onRecord => sub {
    my ($record) = @_;
    my ($title) = $record->is_deleted ? () : $record->metadata->dom->findnodes('.//*[local-name()="title"]');
    print join("\t", $record->identifier, $record->is_deleted ? 1 : 0, $title ? $title->textContent : ""), "\n";
});
die $list->message if $list->is_error;
"""
_BLOCK = re.compile(r"(?:^|\f)identifier: (\S+)\ndatestamp: \S+\nstatus: ?(\w*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True, order=True)
class Took:
    """A record as a harvester understood it; a deleted one has no title."""

    identifier: str
    is_deleted: bool = False
    title: str = ""


def has_http_oai() -> bool:
    """Whether Perl's HTTP::OAI is there, with its command."""
    return shutil.which("oai_pmh") is not None and _has_module("HTTP::OAI")


def has_catmandu() -> bool:
    """Whether Catmandu is there and can read OAI-PMH."""
    return shutil.which("catmandu") is not None and _has_module("Catmandu::Importer::OAI")


@cache
def _has_module(name: str) -> bool:
    perl = shutil.which("perl")
    return (
        perl is not None
        and subprocess.run([perl, f"-M{name}", "-e1"], capture_output=True, check=False).returncode == 0
    )


def _run(*command: str) -> str:
    # what `oai_pmh` prints is UTF-8 when Perl is told so
    told = os.environ | {"PERL_UNICODE": "S"}
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False, timeout=SECONDS, env=told)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _sickle(base: str, asked: dict[str, str]) -> list[Took]:
    try:
        found = list(Sickle(base).ListRecords(metadataPrefix="oai_dc", **asked))
    except NoRecordsMatch:
        return []
    return [
        Took(each.header.identifier, each.deleted, "" if each.deleted else each.metadata["title"][0]) for each in found
    ]


def _toolkit(base: str, asked: dict[str, str]) -> list[Took]:
    registry = MetadataRegistry()
    registry.registerReader("oai_dc", oai_dc_reader)
    client = Client(base, registry)
    client.updateGranularity()
    given = {
        f"{name}_" if name == "from" else name: value
        if name == "set"
        else datetime.fromisoformat(value).replace(tzinfo=None)
        for name, value in asked.items()
    }
    try:
        found = list(client.listRecords(metadataPrefix="oai_dc", **given))
    except NoRecordsMatchError:
        return []
    return [
        Took(header.identifier(), header.isDeleted(), metadata.getField("title")[0] if metadata else "")
        for header, metadata, _about in found
    ]


def _http_oai(base: str, asked: dict[str, str]) -> list[Took]:
    pairs = [part for pair in {"metadataPrefix": "oai_dc", **asked}.items() for part in pair]
    lines = _run("perl", "-e", _PERL, base, *pairs).splitlines()
    return [Took(name, deleted == "1", title) for name, deleted, title in (line.split("\t") for line in lines)]


def _oai_pmh(base: str, asked: dict[str, str]) -> list[Took]:
    options = [part for name, value in asked.items() for part in (f"--{name}", value)]
    said = _run("oai_pmh", "--metadataPrefix", "oai_dc", *options, base)
    found = list(_BLOCK.finditer(said))
    ends = [*(each.start() for each in found[1:]), len(said)]
    return [
        Took(each[1], each[2] == "deleted", (re.findall(r"<dc:title[^>]*>([^<]*)<", said[each.end() : end]) or [""])[0])
        for each, end in zip(found, ends, strict=False)  # none was found: none ends
    ]


def _catmandu(base: str, asked: dict[str, str]) -> list[Took]:
    options = [part for name, value in asked.items() for part in (f"--{name}", value)]
    said = _run(
        "catmandu", "convert", "OAI", "--url", base, "--metadataPrefix", "oai_dc", *options, "to", "JSON",
    )  # fmt: skip
    return [
        Took(each["_id"], each.get("_status") == "deleted", (each.get("title") or [""])[0]) for each in json.loads(said)
    ]


HARVESTERS: dict[str, Callable[[str, dict[str, str]], list[Took]]] = {
    "sickle": _sickle,
    "oaipmh": _toolkit,
    "HTTP::OAI": _http_oai,
    "oai_pmh": _oai_pmh,
    "catmandu": _catmandu,
}
"""Each takes every record of a request (`from`, `until`, `set`), in the order in which they came."""
