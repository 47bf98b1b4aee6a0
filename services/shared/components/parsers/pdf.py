"""PDF: liteparse's layout blocks, page by page."""

from collections.abc import Sequence
from pathlib import PurePath
from typing import NoReturn

from liteparse.parser import LiteParse
from liteparse.types import ParsedPage, ParseError, ParseResult

from services.shared.components.normalisers.hyphenation import join_hyphenated_lines
from services.shared.components.normalisers.running_lines import drop_running_lines
from services.shared.components.normalisers.tables import compact_tables
from services.shared.components.normalisers.unicode import normalise_text
from services.shared.components.parsers.document import Page, ParsedDocument
from services.shared.components.parsers.failure import ParseFailure, ParseStage
from services.shared.components.parsers.markdown import document_title
from services.shared.components.parsers.outline import markdown_blocks
from services.shared.components.parsers.pdf_layout import page_markdown
from services.shared.components.parsers.protocol import Source

_TRAILER_BYTES = 2048
_PAGE_GAP = "\n\n"


class PdfParser:
    """PDF files with a text layer: headings, lists and tables as Markdown, and the page of every block."""

    def parse(self, source: Source) -> ParsedDocument:
        """See `Parser.parse`. The title is the first heading, else the file's name."""
        _refuse_incomplete(source.content)
        result = _liteparse(source.content)
        scanned = [page.page_num for page in result.pages if not page.text_items]
        if len(scanned) == len(result.pages):
            raise _no_text_layer(len(scanned))
        text, pages = _joined(_page_texts(result.pages), [page.page_num for page in result.pages])
        blocks = markdown_blocks(text, pages)
        return ParsedDocument(
            text=text,
            title=document_title(blocks, PurePath(source.filename).stem),
            media_type=source.media_type,
            blocks=blocks,
            pages=pages,
            warnings=_warnings(scanned, result),
        )


def _liteparse(content: bytes) -> ParseResult:
    parser = LiteParse(
        ocr_enabled=False,  # it would look for its language data on the network
        output_format="markdown",
        quiet=True,
        num_workers=1,
        image_mode="off",
        extract_links=False,
        extract_blocks=True,
        continue_on_page_error=True,
    )
    try:
        return parser.parse(content)
    except ParseError as error:
        _raise_failure(str(error))


def _raise_failure(reason: str) -> NoReturn:
    if "password" in reason:
        message = "The PDF is protected by a password. Save a copy without the password and upload that."
        raise ParseFailure(ParseStage.PARSE, "encrypted", message)
    message = (
        f"The PDF cannot be read ({reason}). It is probably damaged or incomplete: fetch it again, "
        "or open it in a PDF reader and print it to a new PDF."
    )
    raise ParseFailure(ParseStage.PARSE, "damaged", message)


def _refuse_incomplete(content: bytes) -> None:
    """A reader can often rebuild the front part of a cut file; indexing that would lose the rest without a word."""
    if b"%%EOF" in content.rstrip(b"\x00\r\n\t ")[-_TRAILER_BYTES:]:
        return
    message = (
        "The PDF ends before its end mark, so pages are missing. Fetch or export it again and upload the new copy."
    )
    raise ParseFailure(ParseStage.PARSE, "damaged", message)


def _page_texts(pages: Sequence[ParsedPage]) -> list[str]:
    trimmed = drop_running_lines([normalise_text(text) for text in page_markdown(pages)])
    return [normalise_text(compact_tables(join_hyphenated_lines(text))) for text in trimmed]


def _joined(texts: Sequence[str], numbers: Sequence[int]) -> tuple[str, tuple[Page, ...]]:
    """One text of all pages, and each page's span in it; pages without text have an empty span."""
    pages: list[Page] = []
    parts: list[str] = []
    end = 0
    for text, number in zip(texts, numbers, strict=True):
        start = end + len(_PAGE_GAP) if text and end else end
        if text:
            parts.append(text)
            end = start + len(text)
        pages.append(Page(number, start, end))
    return _PAGE_GAP.join(parts), tuple(pages)


def _no_text_layer(pages: int) -> ParseFailure:
    message = (
        f"None of the {pages} page(s) has a text layer: this is a scan. "
        "Run OCR over it first (for example with ocrmypdf) and upload the result."
    )
    return ParseFailure(ParseStage.CHECK, "ocr_needed", message)


def _warnings(scanned: Sequence[int], result: ParseResult) -> tuple[str, ...]:
    found: list[str] = []
    if scanned:
        listed = ", ".join(map(str, scanned[:20]))
        found.append(f"{len(scanned)} page(s) have no text and were skipped; scans need OCR first (pages {listed}).")
    found.extend(f"Page {error.page_num} could not be read: {error.message}." for error in result.page_errors[:20])
    return tuple(found)
