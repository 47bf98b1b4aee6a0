"""Which parser reads which media type. Parsers are named, not imported: only a worker process loads them.

A collection may choose another parser for a media type, by name. Packages add parsers of their own under the entry
point group `ragworks.parsers`: the name, and `module:Class` of what `protocol.Parser` describes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import cast

from services.shared.components.parsers.media_type import MediaType
from services.shared.components.parsers.protocol import Parser

ENTRY_POINTS = "ragworks.parsers"
_HERE = "services.shared.components.parsers"


@dataclass(frozen=True, slots=True)
class NamedParser:
    """A parser to choose: `place` is `module:Class`; without media types it says nothing about what it reads."""

    name: str
    place: str
    media_types: frozenset[str]


class UnknownParserError(ValueError):
    """No parser has this name here, or it does not read this media type."""


PARSERS: Mapping[str, str] = {
    MediaType.MARKDOWN: f"{_HERE}.markdown:MarkdownParser",
    MediaType.PLAIN_TEXT: f"{_HERE}.plain_text:PlainTextParser",
    MediaType.RST: f"{_HERE}.rst:RstParser",
    MediaType.SOURCE_CODE: f"{_HERE}.source_code:SourceCodeParser",
    MediaType.HTML: f"{_HERE}.html:HtmlParser",
    MediaType.XML: f"{_HERE}.xml_document:XmlParser",
    MediaType.JSON: f"{_HERE}.json_document:JsonParser",
    MediaType.JSONL: f"{_HERE}.json_lines:JsonLinesParser",
    MediaType.CSV: f"{_HERE}.delimited:DelimitedParser",
    MediaType.TSV: f"{_HERE}.delimited:DelimitedParser",
    MediaType.EMAIL: f"{_HERE}.email_message:EmailParser",
    MediaType.PDF: f"{_HERE}.pdf:PdfParser",
    MediaType.DOCX: f"{_HERE}.docx:DocxParser",
    MediaType.PPTX: f"{_HERE}.pptx:PptxParser",
    MediaType.XLSX: f"{_HERE}.xlsx:XlsxParser",
    MediaType.ODT: f"{_HERE}.odt:OdtParser",
    MediaType.EPUB: f"{_HERE}.epub:EpubParser",
    MediaType.PNG: f"{_HERE}.picture:PictureParser",
    MediaType.JPEG: f"{_HERE}.picture:PictureParser",
    MediaType.TIFF: f"{_HERE}.picture:PictureParser",
    MediaType.WEBP: f"{_HERE}.picture:PictureParser",
    MediaType.GIF: f"{_HERE}.picture:PictureParser",
    MediaType.BMP: f"{_HERE}.picture:PictureParser",
    MediaType.ZIP: f"{_HERE}.packed_files:PackedFilesParser",
    MediaType.TAR: f"{_HERE}.packed_files:PackedFilesParser",
}
"""What reads each media type where nobody chose another."""

_WRITTEN_TEXT = frozenset(
    {
        MediaType.MARKDOWN, MediaType.PLAIN_TEXT, MediaType.RST, MediaType.SOURCE_CODE, MediaType.HTML, MediaType.XML,
        MediaType.JSON, MediaType.JSONL, MediaType.CSV, MediaType.TSV,
    }
)  # fmt: skip
_OTHERS = (
    NamedParser("text", PARSERS[MediaType.PLAIN_TEXT], _WRITTEN_TEXT),
    NamedParser("code", PARSERS[MediaType.SOURCE_CODE], _WRITTEN_TEXT),
    NamedParser("markdown", PARSERS[MediaType.MARKDOWN], frozenset({MediaType.MARKDOWN, MediaType.PLAIN_TEXT})),
    NamedParser("html-page", f"{_HERE}.html:WholePageParser", frozenset({MediaType.HTML})),
)


@cache
def selectable_parsers() -> tuple[NamedParser, ...]:
    """The parsers that a collection may choose: our own, then those of the packages that are installed."""
    own = {parser.name for parser in _OTHERS}
    found = sorted(entry_points(group=ENTRY_POINTS), key=lambda each: each.name)
    return (*_OTHERS, *(NamedParser(each.name, each.value, frozenset()) for each in found if each.name not in own))


def chosen_parsers(choice: Mapping[str, str]) -> dict[str, str]:
    """Where the chosen parsers are, by media type, from their names.

    Raises:
        UnknownParserError: a media type or a name is unknown, or the two do not go together; says what there is.
    """
    if not choice:
        return {}
    named = {parser.name: parser for parser in selectable_parsers()}
    return {media_type: _place(media_type, name, named) for media_type, name in choice.items()}


def load_parser(place: str) -> Parser:
    """The parser that `module:Class` names."""
    module, _, attribute = place.partition(":")
    return cast("type[Parser]", getattr(import_module(module), attribute))()


def _place(media_type: str, name: str, named: Mapping[str, NamedParser]) -> str:
    if media_type not in PARSERS:
        raise UnknownParserError(f"no document is found to be '{media_type}'; there are {', '.join(sorted(PARSERS))}")
    parser = named.get(name)
    if parser is None:
        raise UnknownParserError(f"there is no parser '{name}' here; there are {', '.join(sorted(named))}")
    if parser.media_types and media_type not in parser.media_types:
        fitting = sorted(each.name for each in named.values() if not each.media_types or media_type in each.media_types)
        others = f"choose {', '.join(fitting)}" if fitting else "leave it to the platform's own"
        raise UnknownParserError(f"the parser '{name}' does not read '{media_type}'; {others}")
    return parser.place
