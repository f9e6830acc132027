"""Large deliveries of small views, and commands that are watched while they run: how long, how much memory, killed on the way.

Shared by the test of a delivery of some hundred views and the benchmark of ten thousand.
"""

import contextlib
import io
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil
from PIL import Image, ImageDraw

from tests.support.deliveries import write_registers

SIZE = (240, 320)
_DRAWN = 64
_EVERY_SECONDS = 0.05
_LOOKED_AFTER = 20
"""Looking whether to kill may take as long as listing ten thousand files: not more often than every so many times that long."""
_RESTING_SECONDS = 2.5

_PAGE = """<?xml version="1.0" encoding="UTF-8"?>
<alto xmlns="http://www.loc.gov/standards/alto/ns-v4#"><Description><MeasurementUnit>pixel</MeasurementUnit></Description>
<Layout><Page ID="P1" WIDTH="{width}" HEIGHT="{height}"><PrintSpace><TextBlock ID="B1" HPOS="20" VPOS="30" WIDTH="200" HEIGHT="260">
{lines}</TextBlock></PrintSpace></Page></Layout></alto>
"""
_LINE = '<TextLine HPOS="20" VPOS="{top}" WIDTH="200" HEIGHT="10">{words}</TextLine>\n'
_WORD = '<String CONTENT="{word}" HPOS="{left}" VPOS="{top}" WIDTH="60" HEIGHT="10" WC="0.9"/>'
_WORDS = ("beffroi", "canal", "marché", "fête", "gare", "filature", "tramway")

_METS = """<?xml version="1.0" encoding="UTF-8"?>
<mets:mets xmlns:mets="http://www.loc.gov/METS/" xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:m="http://www.loc.gov/mods/v3" OBJID="{name}" LABEL="Registre {name}">
<mets:dmdSec ID="D"><mets:mdWrap MDTYPE="MODS"><mets:xmlData><m:mods><m:titleInfo xml:lang="fr"><m:title>Registre {name}</m:title></m:titleInfo>
<m:genre>book</m:genre></m:mods></mets:xmlData></mets:mdWrap></mets:dmdSec>
<mets:fileSec><mets:fileGrp USE="MASTER">{images}</mets:fileGrp><mets:fileGrp USE="FULLTEXT">{texts}</mets:fileGrp></mets:fileSec>
<mets:structMap TYPE="PHYSICAL"><mets:div TYPE="physSequence" DMDID="D">{pages}</mets:div></mets:structMap></mets:mets>
"""
_FILE = (
    '<mets:file ID="{letter}{number}" MIMETYPE="{kind}"><mets:FLocat LOCTYPE="URL" xlink:href="{path}"/></mets:file>'
)
_DIV = (
    '<mets:div TYPE="page" ORDER="{n}" ORDERLABEL="{n}"><mets:fptr FILEID="I{n}"/><mets:fptr FILEID="A{n}"/></mets:div>'
)


def write_large(folder: Path, documents: int, views: int, broken: int = 0) -> list[str]:
    """Write METS documents with small JPEG and ALTO; `broken` documents have one image cut off. Return their names."""
    folder.mkdir(parents=True)
    (folder / "delivery.toml").write_text(
        'institution = "bm-lille"\nsupplier = "numerix"\ntypology = "livres-imprimes"\nrights = "public-domain"\nlanguage = "fre"\n'
    )
    drawn = [_picture(seed) for seed in range(_DRAWN)]
    text = _alto()
    cut = []
    for document in range(documents):
        name = f"R{document + 1:04}"
        for kind in ("images", "alto"):
            (folder / name / kind).mkdir(parents=True)
        for number in range(1, views + 1):
            body = _different(drawn[(document * 7 + number) % _DRAWN], f"{name} {number}")
            if document < broken and number == views // 2:
                body = body[: len(body) // 2]
                cut.append(name)
            (folder / name / f"images/p_{number:04}.jpg").write_bytes(body)
            (folder / name / f"alto/p_{number:04}.xml").write_text(text, encoding="utf-8")
        numbers = range(1, views + 1)
        mets = _METS.format(
            name=name,
            images="".join(
                _FILE.format(letter="I", number=n, kind="image/jpeg", path=f"images/p_{n:04}.jpg") for n in numbers
            ),
            texts="".join(
                _FILE.format(letter="A", number=n, kind="text/xml", path=f"alto/p_{n:04}.xml") for n in numbers
            ),
            pages="".join(_DIV.format(n=n) for n in numbers),
        )
        (folder / name / f"{name}-METS.xml").write_text(mets, encoding="utf-8")
    return cut


def settle(folder: Path) -> None:
    """Return when every file has been at rest for so long that its digest is remembered."""
    last = max(path.stat().st_ctime for path in folder.rglob("*"))
    while time.time() - last < _RESTING_SECONDS:
        time.sleep(_EVERY_SECONDS)


def _picture(seed: int) -> bytes:
    image = Image.new("L", SIZE, 235)
    pen = ImageDraw.Draw(image)
    pen.line((0, seed * 5, SIZE[0], SIZE[1] - seed * 5), fill=90, width=3)
    for row in range(24):
        pen.rectangle((20, 30 + row * 11, 90 + (row * 37 + seed * 53) % 130, 35 + row * 11), fill=40)
    body = io.BytesIO()
    image.save(body, "JPEG", quality=80, dpi=(300, 300))
    return body.getvalue()


def _different(jpeg: bytes, said: str) -> bytes:
    """Return a JPEG with a comment: other bytes, the same picture."""
    comment = said.encode()
    return jpeg[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + jpeg[2:]


def _alto() -> str:
    lines = ""
    for row in range(10):
        top = 30 + row * 22
        words = "".join(
            _WORD.format(word=_WORDS[(row * 3 + place) % len(_WORDS)], left=20 + place * 66, top=top)
            for place in range(3)
        )
        lines += _LINE.format(top=top, words=words)
    return _PAGE.format(width=SIZE[0], height=SIZE[1], lines=lines)


@dataclass(frozen=True, slots=True)
class Watched:
    """How a command went: seconds, its largest process and all together in MB, the exit status, what it said."""

    seconds: float
    largest: float
    together: float
    status: int
    said: str


class House:
    """An installation of its own, in a folder, on SQLite; its commands are run as a person runs them."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        data, manifests = write_registers(folder / "registers")
        self._env = {
            **{name: value for name, value in os.environ.items() if not name.startswith("VITRINE_")},
            "VITRINE_LANGUAGE": "en",
            "VITRINE_HOME_DIR": str(self.home),
            "VITRINE_DATA_DIR": str(data),
            "VITRINE_MANIFESTS_DIR": str(manifests),
            "VITRINE_WORKERS": "2",
            "VITRINE_BASE_URL": "http://127.0.0.1:8000",
        }
        assert self.run("init").status == 0

    def run(
        self, *arguments: str | Path, kill_when: Callable[[], bool] | None = None, seconds: float = 3600
    ) -> Watched:
        """Run a command; where `kill_when` says so, end it and whatever it started with SIGKILL."""
        began = next_look = time.monotonic()
        largest = together = 0.0
        with (self.home.parent / "said.log").open("w+b") as log:
            process = subprocess.Popen(
                [Path(sys.executable).with_name("vitrine"), *arguments],
                env=self._env, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
            try:
                while process.poll() is None:
                    sizes = _sizes(process.pid)
                    largest, together = max(largest, *sizes, 0), max(together, sum(sizes))
                    looked = time.monotonic()
                    if kill_when is not None and looked >= next_look:
                        if kill_when():
                            os.killpg(process.pid, 9)
                            process.wait()
                            break
                        next_look = time.monotonic() + _LOOKED_AFTER * (time.monotonic() - looked)
                    if time.monotonic() - began > seconds:
                        raise RuntimeError(f"{arguments!r} was not done after {seconds:g} s")
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        process.wait(_EVERY_SECONDS)
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, 9)
            log.seek(0)
            said = log.read().decode("utf-8", "replace")
        return Watched(time.monotonic() - began, largest / 2**20, together / 2**20, process.returncode, said)

    def read(self) -> int:
        """How many files are known by their digests."""
        return _lines(self.home / "digests")

    def looked_at(self) -> int:
        """How many views a check has seen."""
        return _lines(self.home / "checks")

    def made(self) -> int:
        """How many pyramids are whole."""
        return sum(1 for _ in (self.home / "storage").rglob("*.idx")) if self.home.is_dir() else 0


def _lines(folder: Path) -> int:
    found = 0
    for path in folder.glob("*.jsonl"):
        with path.open("rb") as file:
            found += sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(2**20), b""))
    return found


def _sizes(pid: int) -> list[int]:
    """Return the resident memory of a process and of its children, in bytes."""
    with contextlib.suppress(psutil.NoSuchProcess):
        top = psutil.Process(pid)
        sizes = []
        for each in (top, *top.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):
                sizes.append(int(each.memory_info().rss))
        return sizes
    return []
