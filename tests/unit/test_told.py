"""What is told to a person can be told in French: every sentence, with the same values, written as French writes numbers."""

import ast
import errno
import os
import pickle
import re
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from server import told as module
from server.errors import DeliveryError, FormatError, ImageError
from server.told import NOTHING, Told, counted, either, from_kept, from_parts, listed, together, told, verbatim

FIELD = re.compile(r"(?<!\{)\{(\w+)(?:![rsa])?(?::[^}]*)?\}")
SERVER = Path(module.__file__).parent
RAISED = {"FormatError", "DeliveryError", "UnsafePath", "ImageError", "ImageTooLarge"}
OF_FINDINGS = ("delivery", "formats", "imaging")
"""Folders whose errors become findings."""

OTHERS = {
    # pyramids, which a check does not make
    "imaging/render.py", "imaging/pyramid.py", "imaging/index.py", "imaging/tiles.py", "imaging/page.py",
}  # fmt: skip

OF_COMMANDS = ("catalogue", "cli", "export", "ingest", "publish", "quality", "storage")
"""Folders whose errors a coordinator reads at the keyboard."""
OF_SERVERS = {
    # what readers and harvesters ask of a running server, and what its keeper is told
    "catalogue/browsing.py", "catalogue/mementos.py", "catalogue/offers.py", "catalogue/published.py", "catalogue/renderings.py",
    "catalogue/migrations/versions/0008_what_discovery_tells.py", "cli/serve.py", "publish/harvester_files.py", "cli/harvests.py",
}  # fmt: skip
RAISED_BY_COMMANDS = {
    "CatalogueError", "Busy", "StorageError", "NotStored", "StorageFull", "SettingsError", "Unknown", "PublicationRefused",
    "UsageError", "BadParameter", "ClickException", "Mistake",
}  # fmt: skip


def test_every_sentence_is_there_in_french_with_its_values() -> None:
    french = {str(each.id): str(each.string) for each in module.read_french() if each.id}
    sentences = {str(each.id) for each in module.extract() if each.id}
    assert len(sentences) > 300
    assert french.keys() == sentences, "run `python -m server.told` and translate what is new"
    for english, said in french.items():
        assert said, english
        assert set(FIELD.findall(said)) == set(FIELD.findall(english)), english
        assert "'" not in said.replace("{", ""), f"{said}: French has ’"
        assert not re.search(r" [:;?!»%]", said), f"{said}: a sign that would begin a line"


def test_sentences_are_written_where_they_are_said() -> None:
    for path in SERVER.rglob("*.py"):
        if "told(" not in path.read_text() and "counted(" not in path.read_text():
            continue
        for call in (each for each in ast.walk(ast.parse(path.read_text())) if isinstance(each, ast.Call)):
            name = getattr(call.func, "id", "")
            if name == "told":
                assert isinstance(call.args[0], ast.Constant), f"{path}:{call.lineno}"
            if name == "counted":
                assert all(isinstance(each, ast.Constant) for each in call.args[1:]), f"{path}:{call.lineno}"


def test_errors_that_become_findings_can_be_told_in_french() -> None:
    for folder in OF_FINDINGS:
        for path in (SERVER / folder).rglob("*.py"):
            if str(path.relative_to(SERVER)) in OTHERS:
                continue
            for call in (each for each in ast.walk(ast.parse(path.read_text())) if isinstance(each, ast.Call)):
                if getattr(call.func, "id", "") not in RAISED:
                    continue
                for said in call.args[1:3] if getattr(call.func, "id", "") == "FormatError" else call.args[:1]:
                    plain = isinstance(said, ast.JoinedStr) or (isinstance(said, ast.Constant) and said.value != "")
                    assert not plain, f"{path}:{call.lineno}: an error that a report in French shows in English"


def test_errors_that_a_coordinator_reads_can_be_told_in_french() -> None:
    for folder in OF_COMMANDS:
        for path in (SERVER / folder).rglob("*.py"):
            if str(path.relative_to(SERVER)) in OF_SERVERS:
                continue
            for call in (each for each in ast.walk(ast.parse(path.read_text())) if isinstance(each, ast.Call)):
                if getattr(call.func, "id", getattr(call.func, "attr", "")) not in RAISED | RAISED_BY_COMMANDS:
                    continue
                said = call.args[0] if call.args else None
                plain = isinstance(said, ast.JoinedStr) or (isinstance(said, ast.Constant) and said.value != "")
                is_located = getattr(call.func, "id", "") == "FormatError"
                assert is_located or not plain, f"{path}:{call.lineno}: an error that is English at a French keyboard"


def test_what_the_system_says_of_a_file_is_said_in_french() -> None:
    said = told(
        "{path}: cannot be written: {strerror}; choose another place", path="a", strerror=os.strerror(errno.ENOSPC)
    )
    assert said == "a: cannot be written: No space left on device; choose another place"
    assert "il n’y a plus de place sur le disque" in said.into("fr")


def test_sentences_are_put_one_after_the_other() -> None:
    faults = together(("", told("the file is empty"), told("has no title; {title} stands for it", title="x"), NOTHING))
    assert faults == "the file is empty; has no title; x stands for it"
    assert faults.into("fr").startswith("le fichier est vide\u00a0; ")
    assert together(()) is NOTHING
    assert from_kept(faults.parts(), str(faults)).into("fr") == faults.into("fr")
    assert from_kept(None, "as it was kept").into("fr") == "as it was kept"
    assert from_kept(None, "") is NOTHING
    assert listed("abcde", 3) == "a, b, c and 2 more"


def test_numbers_and_quotations_are_written_as_the_language_has_them() -> None:
    said = told(
        "{share:.1%} of it is {word}; ask for it again with another exposure", share=0.034, word=told("burnt out")
    )
    assert said == "3.4% of it is burnt out; ask for it again with another exposure"
    assert (
        said.into("fr")
        == "partie brûlée\u00a0: 3,4\u00a0% de la page\u00a0; demandez de la refaire avec une autre exposition"
    )
    assert told("has the profile {icc_name!r}", icc_name="sRGB").into("fr") == "a le profil «\u00a0sRGB\u00a0»"
    assert counted(12_345, "{n:,} view", "{n:,} views").into("fr") == "12\u202f345 vues"
    assert counted(1, "{n:,} view", "{n:,} views").into("fr") == "1 vue"
    none = counted(0, "{n:,} view", "{n:,} views")
    assert (none, none.into("fr"), from_parts(none.parts()).into("fr")) == ("0 views", "0 vue", "0 vue")
    assert either(("a", "b", "c")).into("fr") == "a, b ou c"
    assert told("bits {count}", count=True).into("fr") == "bits True", "what nobody translated stays as it is"


def test_what_a_supplier_wrote_is_no_template() -> None:
    said = told("the file is empty: {name}", name="{name!r} {0}")
    assert said == "the file is empty: {name!r} {0}"
    assert verbatim("{x}").into("fr") == "{x}"
    assert verbatim(said) is said


def test_a_sentence_survives_a_process_and_a_file() -> None:
    inner = told("{place} says {across:g}", place="JFIF", across=400)
    said = told("view f{view}: {fault}", view=3, fault=(inner, "x"))
    for again in (pickle.loads(pickle.dumps(said)), from_parts(said.parts())):  # its own bytes
        assert isinstance(again, Told)
        assert again == said
        assert again.into("fr") == "vue f3\u00a0: JFIF indique 400, x"
    kept = TypeAdapter(Told)
    assert kept.validate_json(kept.dump_json(said)).into("fr") == said.into("fr")
    assert kept.dump_json(NOTHING) == b'""'
    assert kept.validate_json(b'""') is NOTHING


@pytest.mark.parametrize(
    ("error", "french"),
    [
        (FormatError("a.xml", told("the file is empty"), told("split it"), 3), "a.xml, ligne 3\u00a0: le fichier est vide\u00a0; divisez-le"),
        (FormatError("a.xml", told("the file is empty")), "a.xml\u00a0: le fichier est vide"),
        (ImageError(told("not a TIFF file")), "ce n’est pas un fichier TIFF"),
        (DeliveryError("as it was said"), "as it was said"),
    ],
)  # fmt: skip
def test_an_error_can_be_told_in_french(error: DeliveryError, french: str) -> None:
    assert error.told == str(error)
    assert error.told.into("fr") == french
