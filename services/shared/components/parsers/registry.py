"""Which parser reads which media type. Parsers are named, not imported: only a worker process loads them."""

from collections.abc import Mapping
from importlib import import_module
from typing import cast

from services.shared.components.parsers.detect import MediaType
from services.shared.components.parsers.protocol import Parser

_HERE = "services.shared.components.parsers"

PARSERS: Mapping[str, str] = {
    MediaType.MARKDOWN: f"{_HERE}.markdown:MarkdownParser",
    MediaType.PLAIN_TEXT: f"{_HERE}.plain_text:PlainTextParser",
    MediaType.HTML: f"{_HERE}.html:HtmlParser",
    MediaType.PDF: f"{_HERE}.pdf:PdfParser",
    MediaType.DOCX: f"{_HERE}.docx:DocxParser",
}


def load_parser(name: str) -> Parser:
    """The parser that `module:Class` names."""
    module, _, attribute = name.partition(":")
    return cast("type[Parser]", getattr(import_module(module), attribute))()
