"""EPUB: the chapters in the order in which they are read, each a web page without furniture."""

import posixpath
import re
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from services.shared.components.parsers.archive import unpack_archive
from services.shared.components.parsers.decoding import decode_text
from services.shared.components.parsers.document import ParsedDocument
from services.shared.components.parsers.failure import ParseFailure, ParseStage
from services.shared.components.parsers.html import whole_page_text
from services.shared.components.parsers.markdown import markdown_document
from services.shared.components.parsers.protocol import Source
from services.shared.components.parsers.xml_tree import attribute, first_named, named, xml_root

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_PARTS = (".xml", ".opf", ".xhtml", ".html", ".htm")
_PAGES = ("application/xhtml+xml", "text/html")
# XHTML may close any element where it opens; in HTML, `<title/>` would swallow the rest of the page.
_SELF_CLOSED = re.compile(r"<(?!(?:area|base|br|col|hr|img|input|link|meta|wbr)\b)([a-zA-Z][\w:-]*)((?:\s[^<>]*)?)/>")


class EpubParser:
    """EPUB 2 and 3 books. The table of contents, pictures and styles are left out."""

    def parse(self, source: Source) -> ParsedDocument:
        """See `Parser.parse`. The title is the book's, else its first heading, else the file's name."""
        parts = unpack_archive(source.content, _PARTS)
        name, package = _package(parts)
        chapters = list(_chapters(package, posixpath.dirname(name)))
        _refuse_encrypted(parts, chapters)
        texts = [_text(parts[chapter]) for chapter in chapters if chapter in parts]
        missing = [chapter for chapter in chapters if chapter not in parts]
        title = first_named(package, "title")
        return markdown_document(
            source,
            "\n\n".join(filter(None, texts)),
            title=" ".join("".join(title.itertext()).split()) if title is not None else "",
            otherwise=PurePath(source.filename).stem,
            warnings=[f"The chapter {chapter!r} is missing from the book." for chapter in missing],
        )


def _package(parts: Mapping[str, bytes]) -> tuple[str, Element]:
    """The name and the root of the part that lists all others."""
    container = xml_root(parts.get(_CONTAINER, b""))
    listed = first_named(container, "rootfile")
    name = attribute(listed, "full-path") if listed is not None else ""
    if name not in parts:
        message = "The book does not say what its parts are: it is damaged or incomplete. Fetch or export it again."
        raise ParseFailure(ParseStage.PARSE, "damaged", message)
    return name, xml_root(parts[name])


def _chapters(package: Element, folder: str) -> Iterator[str]:
    """The names of the chapters' parts in reading order, without the table of contents."""
    items = {attribute(item, "id"): item for item in named(package, "item")}
    for entry in named(package, "itemref"):
        item = items.get(attribute(entry, "idref"))
        if item is None or attribute(item, "media-type") not in _PAGES:
            continue
        if "nav" not in attribute(item, "properties").split():
            yield posixpath.normpath(posixpath.join(folder, unquote(attribute(item, "href"))))


def _refuse_encrypted(parts: Mapping[str, bytes], chapters: list[str]) -> None:
    """Books often have fonts that are encrypted, which does not matter here; chapters are with copy protection."""
    if _ENCRYPTION not in parts:
        return
    references = named(xml_root(parts[_ENCRYPTION]), "CipherReference")
    if not {unquote(attribute(reference, "URI")) for reference in references}.isdisjoint(chapters):
        message = "The book's chapters are encrypted (copy protection). Get a copy without it and upload that."
        raise ParseFailure(ParseStage.PARSE, "encrypted", message)


def _text(page: bytes) -> str:
    return whole_page_text(_SELF_CLOSED.sub(r"<\1\2></\1>", decode_text(page)))
