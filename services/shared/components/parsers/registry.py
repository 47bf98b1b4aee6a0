"""Which parser reads which media type. Parsers are named, not imported: only a worker process loads them."""

from collections.abc import Mapping
from importlib import import_module
from typing import cast

from services.shared.components.parsers.media_type import MediaType
from services.shared.components.parsers.protocol import Parser

_HERE = "services.shared.components.parsers"

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
}


def load_parser(name: str) -> Parser:
    """The parser that `module:Class` names."""
    module, _, attribute = name.partition(":")
    return cast("type[Parser]", getattr(import_module(module), attribute))()
