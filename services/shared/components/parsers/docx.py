"""DOCX: paragraphs, headings, lists, tables, notes and text boxes of Word documents, by the meaning of their styles."""

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import PurePath
from xml.etree.ElementTree import Element

from services.shared.components.parsers.archive import damaged_office_file, unpack_archive
from services.shared.components.parsers.builder import DocumentBuilder
from services.shared.components.parsers.document import ParsedDocument
from services.shared.components.parsers.docx_numbering import Numbering
from services.shared.components.parsers.docx_styles import Meaning, Role, Styles, is_contents, is_on
from services.shared.components.parsers.protocol import Source
from services.shared.components.parsers.xml_tree import attribute, child_named, first_named, name_of, named, xml_root

_RELATIONS = "_rels/.rels"
_USUAL_MAIN_PART = "word/document.xml"
# What was deleted or moved away, codes of fields, readings above characters, and second forms of the same picture.
_LEFT_OUT = frozenset({"del", "moveFrom", "instrText", "delText", "rt", "Fallback", "pPr", "rPr", "tblPr", "tcPr"})
_WRITTEN = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "softHyphen": ""}
_NOTES = {"footnoteReference": "footnotes", "endnoteReference": "endnotes"}
_MOST_COLUMNS = 1000


class DocxParser:
    """Word documents: pictures, comments, headers, deleted and hidden text are left out; a DOCX has no fixed pages."""

    def parse(self, source: Source) -> ParsedDocument:
        """See `Parser.parse`. The title is the Title paragraph, else the first heading, else the file's name."""
        package = _Package(source.content)
        body = first_named(package.main, "body")
        if body is None:
            raise damaged_office_file()
        notes = {kind: _notes(package.part(kind)) for kind in _NOTES.values()}
        reading = _Reading(Styles(package.part("styles")), notes, Numbering(package.part("numbering")))
        writing = _Writing(DocumentBuilder())
        writing.write(reading.blocks(body))
        return writing.builder.document(source, title=writing.title or PurePath(source.filename).stem)


class _Package:
    """The parts of the document that hold its text: the main one is where the package says, the others beside it."""

    def __init__(self, content: bytes) -> None:
        self._parts = unpack_archive(content)
        main = _main_part(self._parts)
        self._folder = posixpath.dirname(main)
        if main not in self._parts:
            raise damaged_office_file()
        self.main = xml_root(self._parts[main])

    def part(self, name: str) -> bytes:
        """A part's content; empty when there is none."""
        return self._parts.get(posixpath.join(self._folder, f"{name}.xml"), b"")


@dataclass(frozen=True, slots=True)
class _Block:
    """A paragraph, or a table with its rows."""

    meaning: Meaning
    text: str = ""
    rows: tuple[list[str], ...] = ()
    mark: str = "-"


class _Reading:
    """Reads the blocks of a document."""

    def __init__(self, styles: Styles, notes: Mapping[str, Mapping[str, str]], numbering: Numbering) -> None:
        self._styles = styles
        self._notes = notes
        self._numbering = numbering

    def blocks(self, element: Element) -> Iterator[_Block]:
        """Paragraphs and tables inside the element, in order."""
        for found in _inside(element, "p", "tbl"):
            if name_of(found) == "tbl":
                yield _Block(Meaning(Role.BODY), rows=tuple(self._rows(found)))
                continue
            meaning = self._styles.meaning(found)
            if meaning.role is not Role.LEFT_OUT:
                yield _Block(meaning, "".join(self._pieces(found)), mark=self._numbering.mark(meaning))
            for box in _inside(found, "txbxContent"):
                yield from self.blocks(box)

    def _rows(self, table: Element) -> Iterator[list[str]]:
        """The rows; a cell that spans rows stands in each of them, as a row may be read without those above it."""
        above: list[str] = []
        for row in _inside(table, "tr"):
            if is_on(child_named(row, "trPr"), "del"):
                continue
            cells: list[str] = []
            for cell in _inside(row, "tc"):
                settings = child_named(cell, "tcPr")
                text = above[len(cells)] if _goes_on(settings) and len(cells) < len(above) else self._cell(cell)
                cells += [text, *[""] * (_columns(settings) - 1)]
            above = cells
            yield cells

    def _cell(self, cell: Element) -> str:
        return " ".join(block.text.strip() or " ".join(map(" ".join, block.rows)) for block in self.blocks(cell))

    def _pieces(self, element: Element) -> Iterator[str]:
        for child in element:
            name = name_of(child)
            if name == "t":
                yield (child.text or "").replace("\n", " ")
            elif name in _WRITTEN:
                yield _WRITTEN[name]
            elif name in _NOTES:
                yield self._note(_NOTES[name], attribute(child, "id"))
            elif name not in _LEFT_OUT and name != "txbxContent" and not _hidden(child):
                yield from self._pieces(child)

    def _note(self, kind: str, note_id: str) -> str:
        text = self._notes.get(kind, {}).get(note_id)
        return f" [{text}]" if text else ""


class _Writing:
    """Writes blocks into a document; a Title paragraph stands above the headings."""

    def __init__(self, builder: DocumentBuilder) -> None:
        self.title = ""
        self.builder = builder
        self._lowered_by = 0

    def write(self, blocks: Iterator[_Block]) -> None:
        """Add the blocks; neighbours in a list or in code become one."""
        for role, group in groupby(blocks, key=lambda block: block.meaning.role):
            if role is Role.ITEM:
                self.builder.items((block.meaning.level, block.text, block.mark) for block in group)
            elif role is Role.CODE:
                self.builder.code("\n".join(block.text for block in group))
            else:
                for block in group:
                    self._write_one(block)

    def _write_one(self, block: _Block) -> None:
        role, text = block.meaning.role, " ".join(block.text.split())
        if role is Role.BODY:
            self.builder.table(block.rows)
            self.builder.paragraph(block.text.replace("\t", " ").strip())
            return
        self.title = self.title or text
        if role is Role.TITLE and text:
            self._lowered_by = 1
        self.builder.heading(1 if role is Role.TITLE else block.meaning.level + self._lowered_by, text)


def _inside(element: Element, *names: str) -> Iterator[Element]:
    """The nearest elements with one of these names, through whatever wraps them but what is left out."""
    for child in element:
        name = name_of(child)
        if name in names:
            yield child
        elif name not in _LEFT_OUT and not (name == "sdt" and is_contents(child)):
            yield from _inside(child, *names)


def _goes_on(settings: Element | None) -> bool:
    """Whether a cell is the lower part of the one above it."""
    merged = None if settings is None else child_named(settings, "vMerge")
    return merged is not None and attribute(merged, "val") != "restart"


def _columns(settings: Element | None) -> int:
    span = None if settings is None else child_named(settings, "gridSpan")
    value = "" if span is None else attribute(span, "val")
    return min(int(value), _MOST_COLUMNS) if value.isdecimal() and len(value) < 6 else 1


def _hidden(run: Element) -> bool:
    return is_on(child_named(run, "rPr"), "vanish")


def _notes(content: bytes) -> Mapping[str, str]:
    """The text of each note by its id."""
    if not content:
        return {}
    reading = _Reading(Styles(b""), {}, Numbering(b""))
    notes = (note for note in xml_root(content) if name_of(note) in ("footnote", "endnote"))
    return {attribute(note, "id"): " ".join(block.text for block in reading.blocks(note)).strip() for note in notes}


def _main_part(parts: Mapping[str, bytes]) -> str:
    relations = parts.get(_RELATIONS)
    if relations:
        for relation in named(xml_root(relations), "Relationship"):
            if attribute(relation, "Type").endswith("/officeDocument"):
                return attribute(relation, "Target").lstrip("/")
    return _USUAL_MAIN_PART
