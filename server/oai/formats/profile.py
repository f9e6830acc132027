"""Profiles: what a harvester asks for, as data. One TOML file each in `profiles/`, checked when it is read.

A profile says which codes languages have, the wording of what a record says beside its elements, what may be said of
rights, and the rules that a record is held to. Pure.
"""

import re
import tomllib
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

from server.model.rights import LICENCE_OUVERTE_URI, Rights, RightsStatus

_FOLDER = Path(__file__).parent / "profiles"
_NAME = re.compile(r"[a-z0-9-]+")
_NO_PROFILES = frozenset({"types"})


class Level(StrEnum):
    """How much a rule weighs: what breaks a required one does not go out."""

    REQUIRED = "required"
    ADVISED = "advised"


@dataclass(frozen=True, slots=True)
class RightsWords:
    """What a profile says of one status of rights: a text by language, and an address that may be empty."""

    texts: dict[str, str]
    uri: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of a profile. `elements` are those that it looks at, `check` names the test, the texts are what it says."""

    name: str
    elements: tuple[str, ...]
    level: Level
    check: str
    texts: dict[str, str]
    pattern: str = ""


@dataclass(frozen=True, slots=True)
class Profile:
    """A profile. `rights` is None where every status is said in its own words; patterns have a `{}` for the value.

    `thumbnail_sides` are the least and the most pixels that the longest side of a thumbnail may have.
    """

    name: str
    uses_639_2b: bool = False
    views: str = "Nombre total de vues : {}"
    thumbnail: str = "vignette : {}"
    thumbnail_sides: tuple[int, int] = (64, 1000)
    manifest: str = "manifeste IIIF : {}"
    issue_title: bool = False
    rights: dict[RightsStatus, RightsWords] | None = None
    rules: tuple[Rule, ...] = field(default=())

    def rights_words(self, rights: Rights) -> RightsWords | None:
        """Return what is said of rights, or None where this profile has nothing that may be said."""
        if self.rights is not None:
            return self.rights.get(rights.status)
        uri = rights.uri or (LICENCE_OUVERTE_URI if rights.status is RightsStatus.LICENCE_OUVERTE else "")
        return RightsWords(rights.label, uri)


def profile_names() -> tuple[str, ...]:
    """Return the names of the profiles that there are."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.toml") if path.stem not in _NO_PROFILES))


@lru_cache(maxsize=32)
def read_profile(name: str) -> Profile:
    """Return a profile by its name. Raises KeyError for one that there is not."""
    path = _FOLDER / f"{name}.toml"
    if not _NAME.fullmatch(name) or name in _NO_PROFILES or not path.is_file():
        raise KeyError(name)
    return _profile(name, tomllib.loads(path.read_text(encoding="utf-8")))


def _profile(name: str, data: dict[str, Any]) -> Profile:
    rights = data.get("rights")
    least, most = data.get("thumbnail_sides", (64, 1000))
    return Profile(
        name=name,
        uses_639_2b=data["languages"] == "iso639-2b",
        views=data["views"],
        thumbnail=data["thumbnail"],
        thumbnail_sides=(least, most),
        manifest=data["manifest"],
        issue_title=data.get("issue_title", False),
        rights=None if rights is None else {RightsStatus(status): _words(said) for status, said in rights.items()},
        rules=tuple(_rule(rule) for rule in data.get("rule", ())),
    )


def _words(said: dict[str, str]) -> RightsWords:
    return RightsWords({language: text for language, text in said.items() if language != "uri"}, said["uri"])


def _rule(data: dict[str, str]) -> Rule:
    return Rule(
        data["name"], tuple(data["element"].split()), Level(data["level"]), data["check"],
        {"fr": data["fr"], "en": data["en"]}, data.get("pattern", ""),
    )  # fmt: skip


PUBLIC = read_profile("public")
"""The profile of the repository of everything public."""
