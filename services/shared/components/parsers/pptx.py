"""PPTX: the slides in order, each a page with its title, text, tables and notes."""

import posixpath
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from xml.etree.ElementTree import Element

from services.shared.components.parsers.archive import damaged_office_file, unpack_archive
from services.shared.components.parsers.builder import DocumentBuilder
from services.shared.components.parsers.document import ParsedDocument
from services.shared.components.parsers.pptx_slide import Slide, read_slide
from services.shared.components.parsers.protocol import Source
from services.shared.components.parsers.xml_tree import attribute, named, xml_root

_PRESENTATION = "ppt/presentation.xml"


class PptxParser:
    """PowerPoint presentations. Pictures and charts are left out; a slide without a title is named by its number."""

    def parse(self, source: Source) -> ParsedDocument:
        """See `Parser.parse`. The title is the first slide's, else the file's name."""
        parts = unpack_archive(source.content)
        builder = DocumentBuilder()
        titles: list[str] = []
        for number, part in enumerate(_slide_parts(parts), 1):
            slide = _slide(parts, part)
            titles.append(slide.title)
            builder.start_page(number)
            _write(builder, slide, number)
        title = titles[0] if titles else ""
        return builder.document(source, title=title or PurePath(source.filename).stem)


def _write(builder: DocumentBuilder, slide: Slide, number: int) -> None:
    """A deck's or a section's title slide stands above the slides that follow it."""
    if slide.is_empty:
        return
    builder.heading(1 if slide.opens_section else 2, slide.title or f"Slide {number}")
    for content in slide.content:
        content.write(builder)
    if slide.notes:
        builder.heading(3, "Notes")
        builder.paragraph("\n".join(slide.notes))


def _slide_parts(parts: Mapping[str, bytes]) -> Iterator[str]:
    """The names of the slides' parts, in the order in which they are shown."""
    targets = {identity: target for identity, _, target in _relations(parts, _PRESENTATION)}
    for entry in named(_root(parts, _PRESENTATION), "sldId"):
        # It has an id of its own beside that of the relation: only the latter is in a namespace.
        relation = next((value for key, value in entry.items() if key.endswith("}id")), "")
        if relation not in targets:
            raise damaged_office_file()
        yield targets[relation]


def _slide(parts: Mapping[str, bytes], part: str) -> Slide:
    notes: Element | None = None
    diagrams: list[Element] = []
    for _, kind, target in _relations(parts, part):
        if kind == "notesSlide":
            notes = _root(parts, target)
        elif kind == "diagramData":
            diagrams.append(_root(parts, target))
    return read_slide(_root(parts, part), notes=notes, diagrams=diagrams)


def _relations(parts: Mapping[str, bytes], part: str) -> Iterator[tuple[str, str, str]]:
    """The id, the kind and the target of everything inside the file that a part refers to."""
    folder, name = posixpath.split(part)
    listed = f"{folder}/_rels/{name}.rels"
    if listed not in parts:
        return
    for relation in named(xml_root(parts[listed]), "Relationship"):
        if attribute(relation, "TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/", folder, attribute(relation, "Target")))
            kind = attribute(relation, "Type").rpartition("/")[2]
            yield attribute(relation, "Id"), kind, target.lstrip("/")


def _root(parts: Mapping[str, bytes], part: str) -> Element:
    if part not in parts:
        raise damaged_office_file()
    return xml_root(parts[part])
