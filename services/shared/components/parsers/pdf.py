"""PDF: liteparse's layout blocks, page by page."""

from collections.abc import Sequence
from pathlib import PurePath
from typing import NoReturn

from services.shared.components.normalisers.hyphenation import join_hyphenated_lines
from services.shared.components.normalisers.running_lines import drop_running_lines
from services.shared.components.normalisers.tables import compact_tables
from services.shared.components.normalisers.unicode import normalise_text
from services.shared.components.parsers.document import Page, ParsedDocument
from services.shared.components.parsers.failure import ParseFailure, ParseStage
from services.shared.components.parsers.markdown import document_title
from services.shared.components.parsers.ocr import Ocr, no_ocr
from services.shared.components.parsers.outline import markdown_blocks
from services.shared.components.parsers.pdf_engine import EngineError, PageLayout, page_layouts
from services.shared.components.parsers.pdf_layout import page_markdown
from services.shared.components.parsers.protocol import Source

_TRAILER_BYTES = 2048
_PAGE_GAP = "\n\n"


class PdfParser:
    """PDF files: headings, lists and tables as Markdown, and the page of every block; pages without text by OCR."""

    def parse(self, source: Source) -> ParsedDocument:
        """See `Parser.parse`. The title is the first heading, else the file's name."""
        _refuse_incomplete(source.content)
        pages, warnings = liteparse_pages(source.content)
        scanned = [page.page_num for page in pages if not page.has_text]
        if scanned and source.ocr is not None:
            recognised, more = liteparse_pages(source.content, ocr=source.ocr, only=scanned)
            by_number = {page.page_num: page for page in recognised}
            pages = [by_number.get(page.page_num, page) for page in pages]
            return pages_document(source, pages, (*warnings, *more), otherwise=PurePath(source.filename).stem)
        if len(scanned) == len(pages):
            raise no_ocr(f"None of the {len(scanned)} page(s) has a text layer: this is a scan.")
        return pages_document(source, pages, (*_skipped(scanned), *warnings), otherwise=PurePath(source.filename).stem)


def pages_document(
    source: Source, pages: Sequence[PageLayout], warnings: Sequence[str], *, otherwise: str
) -> ParsedDocument:
    """The document of these pages; its title is the first heading, else `otherwise`."""
    text, spans = _joined(_page_texts(pages), [page.page_num for page in pages])
    blocks = markdown_blocks(text, spans)
    return ParsedDocument(
        text=text,
        title=document_title(blocks, otherwise),
        media_type=source.media_type,
        blocks=blocks,
        pages=spans,
        warnings=tuple(warnings),
    )


def liteparse_pages(
    content: bytes, *, ocr: Ocr | None = None, only: Sequence[int] = (), first_number: int = 1
) -> tuple[Sequence[PageLayout], Sequence[str]]:
    """The pages of a PDF, or some of them, and what could not be read. The first page counts as `first_number`.

    Raises:
        ParseFailure: the file is damaged or behind a password.
    """
    try:
        pages, errors = page_layouts(content, ocr=ocr, only=only)
    except EngineError as error:
        _raise_failure(str(error))
    before = first_number - 1
    for page in pages:
        page.page_num += before
    return pages, [f"Page {before + number} could not be read: {message}." for number, message in errors[:20]]


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


def _page_texts(pages: Sequence[PageLayout]) -> list[str]:
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


def _skipped(scanned: Sequence[int]) -> tuple[str, ...]:
    if not scanned:
        return ()
    listed = ", ".join(map(str, scanned[:20]))
    return (f"{len(scanned)} page(s) have no text and were skipped; scans need OCR first (pages {listed}).",)
