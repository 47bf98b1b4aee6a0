"""XML: elements with a title as headings, the others as lines that name them."""

import re
from collections.abc import Iterator
from pathlib import PurePath
from xml.etree.ElementTree import Element

from services.shared.components.parsers.builder import DocumentBuilder
from services.shared.components.parsers.decoding import decode_text
from services.shared.components.parsers.document import ParsedDocument
from services.shared.components.parsers.protocol import Source
from services.shared.components.parsers.xml_tree import attribute, name_of, named, xml_root

_DECLARED_ENCODING = re.compile(rb"<\?xml[^>]{0,100}?encoding=[\"']([\w.-]{2,40})")
_TITLES = ("title", "heading", "head", "name", "label")
_PROSE = ("p", "para", "paragraph", "simpara")
_ROWS = ("tr", "row")
_CELLS = ("td", "th", "entry", "cell")


class XmlParser:
    """XML of any kind. What an element says about itself is kept; comments and processing instructions are not."""

    def parse(self, source: Source) -> ParsedDocument:
        """See `Parser.parse`. The title is that of the outermost element, else the file's name."""
        declared = _DECLARED_ENCODING.search(source.content[:200])
        text = decode_text(source.content, declared=declared[1].decode("ascii") if declared else None)
        root = xml_root(text.encode("utf-8", errors="replace"), encoding="utf-8")
        builder = DocumentBuilder()
        _write(builder, root, level=1)
        return builder.document(source, title=_title_of(root) or PurePath(source.filename).stem)


def _write(builder: DocumentBuilder, element: Element, *, level: int) -> None:
    """Add an element with elements inside: its heading, its lines, and below them the elements that have more."""
    if _is_leaf(element):
        builder.paragraph(_line(element))
        return
    title = _title_of(element)
    builder.heading(level, title)
    lines = [_attributes(element)] if element.attrib else []
    for child in element:
        if not title or name_of(child) not in _TITLES or _text(child) != title:
            _write_child(builder, child, lines, level=level + bool(title))
    _flush(builder, lines)


def _write_child(builder: DocumentBuilder, child: Element, lines: list[str], *, level: int) -> None:
    """A leaf waits in `lines` for its neighbours; anything else ends the paragraph that they make."""
    builder.end_section(level)
    prose = name_of(child) in _PROSE
    if _is_leaf(child) and not prose:
        lines.append(_line(child))
        return
    _flush(builder, lines)
    if prose:
        builder.paragraph(_text(child))
    elif name_of(child) == "table":
        builder.table(_rows(child))
    else:
        _write(builder, child, level=level)


def _flush(builder: DocumentBuilder, lines: list[str]) -> None:
    builder.paragraph("\n".join(filter(None, lines)))
    lines.clear()


def _is_leaf(element: Element) -> bool:
    """True for an element without others inside, and for text with markup in it, which is read as one."""
    if len(element) == 0:
        return True
    return any((text or "").strip() for text in (element.text, *(child.tail for child in element)))


def _line(element: Element) -> str:
    """`name (attribute=value): text`; empty for an element that says nothing."""
    name, text, attributes = name_of(element), _text(element), _attributes(element)
    if not text and not attributes:
        return ""
    about = f"{name} ({attributes})" if attributes else name
    return f"{about}: {text}" if text else about


def _attributes(element: Element) -> str:
    return ", ".join(f"{key.rpartition('}')[2]}={value}" for key, value in element.items())


def _text(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def _title_of(element: Element) -> str:
    """The text of the element inside that names it, else its own attribute that does."""
    child = next((child for child in element if name_of(child) in _TITLES and _is_leaf(child)), None)
    if child is not None and (text := _text(child)):
        return text
    return next(filter(None, (attribute(element, name) for name in ("title", "name"))), "")


def _rows(table: Element) -> Iterator[list[str]]:
    for row in named(table, *_ROWS):
        yield [_text(cell) for cell in row if name_of(cell) in _CELLS]
