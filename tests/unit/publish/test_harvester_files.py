"""A harvester's file: a mistake in it names the file, the line, the fault and the remedy."""

from pathlib import Path

import pytest

from server.errors import CatalogueError
from server.model.harvester import Granularity, Prefix, SetKind
from server.oai.formats.profile import profile_names, read_profile
from server.oai.formats.rules import CHECKS
from server.publish.harvester_files import read_harvester
from server.workshop import Workshop
from tests.support.harvesters import write_harvester
from tests.support.skips import REPOSITORY

OURS = sorted((REPOSITORY / "manifests" / "harvesters").glob("*.toml"))


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.stem)
def test_our_own_files_are_sound(path: Path) -> None:
    harvester = read_harvester(path)
    assert harvester.name == harvester.profile == path.stem


def test_there_are_the_four_that_were_asked_for() -> None:
    assert [path.stem for path in OURS] == ["armarium", "asuivre", "europeana", "gallica"]
    assert profile_names() == ("armarium", "asuivre", "europeana", "gallica", "public")


def test_every_rule_of_every_profile_names_a_test_and_speaks_both_languages() -> None:
    for name in profile_names():
        for rule in read_profile(name).rules:
            assert rule.check in CHECKS
            assert rule.texts["fr"]
            assert rule.texts["en"]


def test_what_is_left_out_is_the_usual(tmp_path: Path) -> None:
    harvester = read_harvester(write_harvester(tmp_path))
    assert harvester.formats == (Prefix.OAI_DC,)
    assert harvester.sets == tuple(SetKind)
    assert (harvester.press, harvester.thumbnail, harvester.manifest) == (Granularity.ISSUE, 400, False)
    assert harvester.selection.institutions is None


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("thumbnail = 401\n", r"line 5: thumbnail: 401 pixels do not suit the profile gallica; give 128 to 400"),
        ("\nthumbnails = 300\n", r"line 6: there is no key thumbnails; did you mean thumbnail\?"),
        ('formats = [\n  "oai_dc",\n  "oai_dcc",\n]\n', r"line 7: formats: 'oai_dcc': .*correct it"),
        ('press = "year"\n', r"line 5: press: 'year': .*'issue', 'title' or 'both'"),
        ("[select]\n\ntypologies = ['presse', \"journaux\"]\n", r"line 7: select.typologies: 'journaux'"),
        (
            '[select]\npartner_of = "gallica"\n',
            r"line 6: there is no key select.partner_of; did you mean partners_of\?",
        ),
        ("select.closed = 3\n", r"line 5: select.closed: 3: .*boolean"),
        ('name = "encore"\n', r"line 5: cannot overwrite a value; this is no TOML"),
        ('thumbnail = "\n', r"line 5: .*this is no TOML, correct the line"),
        ('own_set = "type"\n', r"line 5: own_set: 'type' is a kind of sets; choose another word"),
        ("formats = []\n", r"line 5: formats: \[\]: .*at least 1 item"),
    ],
)
def test_a_mistake_has_its_line(tmp_path: Path, more: str, said: str) -> None:
    path = write_harvester(tmp_path, "gallica", more)
    with pytest.raises(CatalogueError, match=said) as caught:
        read_harvester(path)
    assert str(caught.value).startswith(f"{path}, line ")


def test_a_file_is_called_as_its_repository_and_is_text(tmp_path: Path) -> None:
    path = write_harvester(tmp_path, "gallica")
    with pytest.raises(CatalogueError, match=r"line 1: name: 'gallica' does not fit the file autre\.toml"):
        read_harvester(path.rename(path.with_name("autre.toml")))
    with pytest.raises(CatalogueError, match=r"line 3: profile: there is no profile 'galica'; did you mean gallica\?"):
        read_harvester(write_harvester(tmp_path, "gallica", profile="galica"))
    path.write_bytes(b'name = "x"\nlabel = "\xe9"\n')
    with pytest.raises(CatalogueError, match=r"line 2: this is not UTF-8"):
        read_harvester(path)
    path.write_text('name = "gallica"\n')
    with pytest.raises(CatalogueError, match=r"line 1: label is missing; add it\n.*profile is missing"):
        read_harvester(path)
    path.unlink()
    with pytest.raises(CatalogueError, match="cannot be read"):
        read_harvester(path)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ('institutions = ["bm-lile"]', r"line 6: select.institutions: 'bm-lile' is not known; did you mean bm-lille\?"),
        ('campaigns = [\n"2026-fetes",\n"2027"]', r"line 8: select.campaigns: '2027' is not known"),
        ('collections = ["x"]', r"those of manifests/collections are grand-place"),
        ('include = ["v1xxxx"]', r"give the name part of an ARK"),
        ('partners_of = "galica"', r"no institution is a partner of 'galica'; did you mean gallica\?"),
    ],
)
def test_names_are_looked_up(workshop: Workshop, tmp_path: Path, more: str, said: str) -> None:
    path = write_harvester(tmp_path, "gallica", f"[select]\n{more}\n")
    with workshop.catalogue.read() as session, pytest.raises(CatalogueError, match=said):
        read_harvester(path, session)


def test_a_programme_may_have_no_partner_yet(workshop: Workshop, tmp_path: Path) -> None:
    path = write_harvester(tmp_path, "europeana", '[select]\npartners_of = "europeana"\n')
    with workshop.catalogue.read() as session:
        assert read_harvester(path, session).selection.partners_of == "europeana"
