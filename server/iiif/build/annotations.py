"""The text of a view as annotations: a page of its lines and transcriptions, a page of its words, and a list for 2.1.

Presentation API 3.0 §5.5 and §5.6; the extension text granularity (iiif.io/api/extension/text-granularity) says of each
annotation whether it is a word, a line or a whole page. Words are a page of their own, after that of the lines: a viewer
that shows lines need not take thousands of words. Presentation API 2.1 §4.3: the list holds lines and transcriptions.
Its motivation is `sc:supplementing`, as those who publish both versions write it: `sc:painting` is what is looked at, and
text overlays take any `cnt:ContentAsText`. Addresses of annotations are fragments of their page's, so each one answers.

Written as text, not built of dicts: a newspaper page has thousands of words, whose annotations differ in three places.
Pure.
"""

from collections.abc import Iterator

from server.iiif.build.bytes import encode, quote, to_bytes
from server.iiif.build.collection import PRESENTATION
from server.model.addresses import Addresses
from server.model.item import Item, PublishedView
from server.model.text import Hyphen, Line, PageText, Word

TEXT_GRANULARITY = "http://iiif.io/api/extension/text-granularity/context.json"
_NOWHERE = (0, 0, 0, 0)
PRESENTATION_2 = "http://iiif.io/api/presentation/2/context.json"


def has_text_page(view: PublishedView) -> bool:
    """Whether a view has an annotation page: it has text with boxes, or a transcription."""
    return view.has_text or any(text.value for text in view.notes.transcriptions)


def write_text_pages(
    item: Item, view: PublishedView, text: PageText | None, addresses: Addresses
) -> tuple[bytes, bytes]:
    """Return the page of a view's lines and transcriptions in 3.0, and the list of 2.1, on the canvas of that version.

    Boxes are brought to the view's pixels and kept inside it.
    """
    lines = _Annotations(item, view, addresses.text(item.name, view.number), "line", addresses)
    listed = _Resources(item, view, addresses)
    fit = text.fitting((view.width, view.height)) if text is not None else None
    for line, language in _lines(text):
        if words := _read(line):
            value, inside = quote(words), fit(line.box) if fit is not None else None
            # a box without an inside says nothing: the whole canvas is the truth that is left
            target = f"#xywh={','.join(map(str, inside))}" if inside is not None else ""
            lines.add(f"line-{len(lines.parts) + 1}", value, language, target)
            listed.add(f"line-{len(lines.parts)}", value, language, target)
    lines.granularity = "page"
    for number, transcription in enumerate((t for t in view.notes.transcriptions if t.value), start=1):
        value = quote(transcription.value)
        lines.add(f"transcription-{number}", value, transcription.language, "")
        listed.add(f"transcription-{number}", value, transcription.language, "")
    return lines.finish(), listed.finish()


def write_word_page(item: Item, view: PublishedView, text: PageText, addresses: Addresses) -> bytes:
    """Return the page of a view's words, as printed. A word whose box lies outside the view has its line's."""
    page = _Annotations(item, view, addresses.words(item.name, view.number), "word", addresses)
    fit, parts = text.fitting((view.width, view.height)), page.parts
    begin, between = page.around("#word-")
    end = page.end(text.language)
    number = 0
    for line, _ in _lines(text):
        around = fit(line.box) or _NOWHERE
        for word in line.words:
            shown = word.content if word.hyphen is None else _printed(word)
            if shown:
                number += 1
                x, y, width, height = fit(word.box) or around
                if width:
                    parts.append(f'{begin}{number}{between}{quote(shown)}{end}#xywh={x},{y},{width},{height}"}}')
                else:
                    parts.append(f'{begin}{number}{between}{quote(shown)}{end}"}}')
    return page.finish()


class _Annotations:
    """An annotation page of 3.0 on its way: each of its `parts` is an annotation as JSON."""

    def __init__(self, item: Item, view: PublishedView, address: str, granularity: str, addresses: Addresses) -> None:
        self.parts: list[str] = []
        self.granularity = granularity
        self._address = address
        self._canvas = quote(addresses.canvas(item.name, view.number))[:-1]

    def add(self, name: str, value: str, language: str | None, target: str) -> None:
        """Add an annotation: what stands behind the page's address, its text as JSON, where on the canvas it is."""
        begin, between = self.around(f"#{name}")
        self.parts.append(f'{begin}{between}{value}{self.end(language)}{target}"}}')

    def around(self, name: str) -> tuple[str, str]:
        """Return what stands before the number of an annotation whose address ends so, and what before its text."""
        said = f'","type":"Annotation","motivation":"supplementing","textGranularity":"{self.granularity}"'
        return '{"id":' + quote(self._address + name)[:-1], said + ',"body":{"type":"TextualBody","value":'

    def end(self, language: str | None) -> str:
        """Return what stands between the text of an annotation and its place on the canvas."""
        spoken = f',"language":{quote(language)}' if language else ""
        return f',"format":"text/plain"{spoken}}},"target":{self._canvas}'

    def finish(self) -> bytes:
        """Return the page."""
        head = {"@context": [TEXT_GRANULARITY, PRESENTATION], "id": self._address, "type": "AnnotationPage"}
        return to_bytes(head)[:-1] + encode(f',"items":[{",".join(self.parts)}]}}')


class _Resources:
    """An annotation list of 2.1 on its way."""

    def __init__(self, item: Item, view: PublishedView, addresses: Addresses) -> None:
        self._parts: list[str] = []
        self._address = addresses.text(item.name, view.number, version=2)
        self._canvas = addresses.canvas(item.name, view.number, 2)

    def add(self, name: str, value: str, language: str | None, target: str) -> None:
        """Add an annotation, as to a page of 3.0."""
        spoken = f',"language":{quote(language)}' if language else ""
        self._parts.append(
            f'{{"@id":{quote(f"{self._address}#{name}")},"@type":"oa:Annotation","motivation":"sc:supplementing","resource":'
            f'{{"@type":"cnt:ContentAsText","format":"text/plain","chars":{value}{spoken}}},"on":{quote(self._canvas + target)}}}'
        )

    def finish(self) -> bytes:
        """Return the list."""
        head = {"@context": PRESENTATION_2, "@id": self._address, "@type": "sc:AnnotationList"}
        return to_bytes(head)[:-1] + encode(f',"resources":[{",".join(self._parts)}]}}')


def _lines(text: PageText | None) -> Iterator[tuple[Line, str | None]]:
    if text is not None:
        for block in text.blocks:
            for line in block.lines:
                yield line, text.language


def _read(line: Line) -> str:
    return " ".join([shown for word in line.words if (shown := _printed(word))])


def _printed(word: Word) -> str:
    # the halves of a broken word stay where they are printed; the hyphen shows that the word goes on
    if word.hyphen is Hyphen.FIRST and not word.content.endswith(("-", "¬", "\u00ad", "‐")):
        return word.content + "-"
    return word.content
