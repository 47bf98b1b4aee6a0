"""Reads one slide: which of its shapes is the title, what is a list, what is a table."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from services.shared.components.parsers.builder import DocumentBuilder
from services.shared.components.parsers.xml_tree import attribute, first_named, name_of, named

_TITLES = ("title", "ctrTitle")
# They say on every slide the same: date, footer, header, number.
_FURNITURE = ("dt", "ftr", "hdr", "sldNum")
# A placeholder without a type is one for content, and its paragraphs have bullets.
_BULLETED = ("", "body", "obj")
_TEXT = ("t", "br")


@dataclass(frozen=True, slots=True)
class Lines:
    """Paragraphs of one shape with their list depth; a depth of None is no list item."""

    lines: Sequence[tuple[int | None, str]]

    def write(self, builder: DocumentBuilder) -> None:
        """Add the paragraphs to the document; neighbouring items become one list."""
        items: list[tuple[int, str]] = []
        for depth, text in self.lines:
            if depth is not None:
                items.append((depth, text))
                continue
            builder.items(items)
            items = []
            builder.paragraph(text)
        builder.items(items)


@dataclass(frozen=True, slots=True)
class Grid:
    """A table's cells."""

    rows: Sequence[Sequence[str]]

    def write(self, builder: DocumentBuilder) -> None:
        """Add the table to the document."""
        builder.table(self.rows)


@dataclass(frozen=True, slots=True)
class Slide:
    """What a slide says. `opens_section` is true for the title slide of a deck or a section."""

    title: str
    opens_section: bool
    content: Sequence[Lines | Grid]
    notes: Sequence[str]

    @property
    def is_empty(self) -> bool:
        """True for a slide of pictures."""
        return not (self.title or self.content or self.notes)


def read_slide(slide: Element, *, notes: Element | None, diagrams: Sequence[Element]) -> Slide:
    """The slide of this XML, with its notes page and the data of its diagrams."""
    title, kind = "", ""
    content: list[Lines | Grid] = []
    for shape in _shapes(slide):
        role = _role(shape)
        if role in _TITLES and not title:
            title, kind = " ".join(text for _, text in _paragraphs(shape)), role
        elif role not in _FURNITURE:
            content.extend(_content(shape, bulleted=role in _BULLETED))
    for diagram in diagrams:
        content.extend(_filled([(0, text) for _, text in _paragraphs(diagram)]))
    return Slide(title, kind == "ctrTitle", content, _notes(notes))


def _shapes(element: Element) -> Iterator[Element]:
    """Text shapes and tables in document order, those in groups too.

    Newer drawings come with a fallback for older programs that says the same again.
    """
    for child in element:
        if name_of(child) in ("sp", "graphicFrame"):
            yield child
        elif name_of(child) != "Fallback":
            yield from _shapes(child)


def _role(shape: Element) -> str | None:
    """The type of the placeholder that a shape fills; None for a shape that fills none."""
    placeholder = first_named(shape, "ph")
    return None if placeholder is None else attribute(placeholder, "type")


def _content(shape: Element, *, bulleted: bool) -> Sequence[Lines | Grid]:
    table = first_named(shape, "tbl")
    if table is not None:
        return [Grid([_cells(row) for row in named(table, "tr")])]
    lines = [(_depth(paragraph, bulleted=bulleted), text) for paragraph, text in _paragraphs(shape)]
    return _filled(lines)


def _filled(lines: Sequence[tuple[int | None, str]]) -> Sequence[Lines]:
    return [Lines(lines)] if lines else []


def _cells(row: Element) -> list[str]:
    return [" ".join(text for _, text in _paragraphs(cell)) for cell in named(row, "tc")]


def _paragraphs(element: Element) -> Iterator[tuple[Element, str]]:
    """The paragraphs that say something."""
    for paragraph in named(element, "p"):
        pieces = (piece.text or "" if name_of(piece) == "t" else " " for piece in named(paragraph, *_TEXT))
        if text := " ".join("".join(pieces).split()):
            yield paragraph, text


def _depth(paragraph: Element, *, bulleted: bool) -> int | None:
    marked = first_named(paragraph, "buChar", "buAutoNum", "buBlip") is not None
    if not marked and (not bulleted or first_named(paragraph, "buNone") is not None):
        return None
    properties = first_named(paragraph, "pPr")
    level = attribute(properties, "lvl") if properties is not None else ""
    return int(level) if level.isdecimal() and len(level) == 1 else 0


def _notes(notes: Element | None) -> list[str]:
    """The speaker's text; a notes page also shows the slide's picture and its number."""
    if notes is None:
        return []
    bodies = [shape for shape in _shapes(notes) if _role(shape) == "body"]
    return [text for body in bodies for _, text in _paragraphs(body)]
