"""ODT: paragraphs, headings, lists and tables of OpenDocument text files."""

import re
from collections.abc import Iterator
from pathlib import PurePath
from xml.etree.ElementTree import Element

from services.shared.components.parsers.archive import damaged_office_file, encrypted_office_file, unpack_archive
from services.shared.components.parsers.builder import DocumentBuilder
from services.shared.components.parsers.document import ParsedDocument
from services.shared.components.parsers.protocol import Source
from services.shared.components.parsers.xml_tree import attribute, first_named, name_of, named, xml_root

_CONTENT = "content.xml"
_MANIFEST = "META-INF/manifest.xml"
# What is deleted, what a program made from the rest, and what readers remarked.
_LEFT_OUT = ("tracked-changes", "table-of-content", "alphabetical-index", "annotation", "sequence-decls", "forms")
_SPACES = re.compile(r"\s+")
# A repeated cell or row is written once with its count; what fills a sheet to its edge is empty.
_MAX_REPEATED = 100


class OdtParser:
    """OpenDocument text: tracked deletions, comments, indexes and pictures are left out; an ODT has no fixed pages."""

    def parse(self, source: Source) -> ParsedDocument:
        """See `Parser.parse`. The title is the first heading or paragraph in Title style, else the file's name."""
        parts = unpack_archive(source.content)
        if b"encryption-data" in parts.get(_MANIFEST, b""):
            raise encrypted_office_file()
        root = xml_root(parts.get(_CONTENT, b""))
        body = first_named(root, "text")
        if body is None:
            raise damaged_office_file()
        writing = _Writing(DocumentBuilder(), _title_styles(root))
        writing.write(body)
        return writing.builder.document(source, title=writing.title or PurePath(source.filename).stem)


class _Writing:
    """Writes elements into a document; a paragraph in Title style stands above the headings."""

    def __init__(self, builder: DocumentBuilder, title_styles: set[str]) -> None:
        self.builder = builder
        self.title = ""
        self._title_styles = title_styles
        self._lowered_by = 0

    def write(self, element: Element) -> None:
        """Add what is inside an element, in order."""
        for child in element:
            name = name_of(child)
            if name == "h" or (name == "p" and attribute(child, "style-name") in self._title_styles):
                self._write_heading(child)
            elif name == "p":
                self.builder.paragraph(_text(child))
            elif name == "list" and first_named(child, "h") is None:  # numbered headings stand in lists
                self.builder.items(_items(child))
            elif name == "table":
                self.builder.table(_rows(child))
            elif name not in _LEFT_OUT:
                self.write(child)

    def _write_heading(self, element: Element) -> None:
        text, level = _text(element), attribute(element, "outline-level")
        self.title = self.title or " ".join(text.split())
        if name_of(element) == "p":
            self._lowered_by = 1
            self.builder.heading(1, text)
        else:
            self.builder.heading(self._lowered_by + (int(level) if level in {*"123456"} else 1), text)


def _title_styles(root: Element) -> set[str]:
    """The style called Title, and those that the document made from it."""
    made = (style for style in named(root, "style") if attribute(style, "parent-style-name") == "Title")
    return {"Title", *(attribute(style, "name") for style in made)}


def _items(element: Element, depth: int = 0) -> Iterator[tuple[int, str]]:
    """The items of a list and of the lists inside it, each with its depth."""
    for item in element:
        for child in item:
            if name_of(child) == "list":
                yield from _items(child, depth + 1)
            elif name_of(child) in ("p", "h"):
                yield depth, _text(child)


def _rows(table: Element) -> Iterator[list[str]]:
    for row in named(table, "table-row"):
        cells = [cell for cell in row if name_of(cell) in ("table-cell", "covered-table-cell")]
        yield [text for cell in cells for text in _repeated(cell)]


def _repeated(cell: Element) -> list[str]:
    count = attribute(cell, "number-columns-repeated")
    times = int(count) if count.isdecimal() and len(count) < 6 else 1
    return [" ".join(_text(part) for part in named(cell, "p", "h"))] * min(times, _MAX_REPEATED)


def _text(element: Element) -> str:
    return "".join(_pieces(element)).strip()


def _pieces(element: Element) -> Iterator[str]:
    """The text in and between elements; spaces, tabs and line ends are elements here, notes stand in brackets."""
    yield _plain(element.text)
    for child in element:
        name = name_of(child)
        if name in ("s", "tab", "line-break"):
            yield "\n" if name == "line-break" else " "
        elif name == "note":
            yield from _note(child)
        elif name not in _LEFT_OUT:
            yield from _pieces(child)
        yield _plain(child.tail)


def _note(note: Element) -> Iterator[str]:
    body = first_named(note, "note-body")
    if body is not None:
        yield f" [{_text(body)}]"


def _plain(text: str | None) -> str:
    """Line ends in the file's own layout are spaces."""
    return _SPACES.sub(" ", text or "")
