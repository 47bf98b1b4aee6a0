"""Asks liteparse's engine for the layout of pages, and takes from it what is used.

Its own Python wrapper copies every property of every piece of text, which takes longer than half the parse.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple

from liteparse._liteparse import LiteParse  # pyright: ignore[reportMissingModuleSource] - a compiled module, pinned
from liteparse.types import AnnotationRect, LayoutBlock, LayoutCell

from services.shared.components.parsers.ocr import Ocr


class EngineError(Exception):
    """The engine cannot read the file; its own words."""


class TextPiece(NamedTuple):
    """A run of characters and where it stands, in points from the page's upper left corner."""

    text: str
    x: float
    y: float
    width: float
    height: float
    font_size: float | None


class PageLayout:
    """One page: its layout blocks, and its pieces of text, which are read when somebody asks for them."""

    def __init__(self, page: Any) -> None:  # noqa: ANN401 - the engine's objects have no types
        self._page = page
        self.page_num: int = page.page_num
        self.blocks = [_block(block) for block in page.blocks or ()]

    @cached_property
    def text_items(self) -> Sequence[TextPiece]:
        """In reading order."""
        return [
            TextPiece(item.text, item.x, item.y, item.width, item.height, item.font_size)
            for item in self._page.text_items
        ]

    @cached_property
    def has_text(self) -> bool:
        """False for a scan."""
        return any(block.text or block.lines or block.rows for block in self.blocks) or bool(self._page.text_items)


def page_layouts(
    content: bytes, *, ocr: Ocr | None, only: Sequence[int]
) -> tuple[list[PageLayout], list[tuple[int, str]]]:
    """The pages of a PDF, all or only those with these numbers; number and reason of each unreadable one.

    Raises:
        EngineError: the file cannot be read at all.
    """
    engine = LiteParse(
        ocr_enabled=ocr is not None,
        # Without these it would look for its language data on the network.
        tessdata_path=None if ocr is None else ocr.folder,
        ocr_language=None if ocr is None else ocr.languages,
        target_pages=",".join(map(str, only)) or None,
        output_format="markdown",
        quiet=True,
        num_workers=1,
        image_mode="off",
        extract_links=False,
        extract_blocks=True,
        continue_on_page_error=True,
    )
    try:
        result = engine.parse_bytes(content)
    except Exception as error:  # the engine has no finer ones
        raise EngineError(str(error)) from error
    errors = [(error.page_num, error.message) for error in result.page_errors]
    return [PageLayout(page) for page in result.pages], errors


def _block(block: Any) -> LayoutBlock:  # noqa: ANN401
    header, rows, lines = block.header, block.rows, block.lines
    return LayoutBlock(
        kind=block.kind,
        text=block.text,
        level=block.level,
        bold=block.bold,
        italic=False,
        ordered=block.ordered,
        marker=block.marker,
        lines=None if lines is None else list(lines),
        lang=block.lang,
        header=None if header is None else [_cell(cell) for cell in header],
        rows=None if rows is None else [[_cell(cell) for cell in row] for row in rows],
        bbox=_box(block.bbox),
    )


def _cell(cell: Any) -> LayoutCell:  # noqa: ANN401
    return LayoutCell(text=cell.text, bbox=_box(cell.bbox))


def _box(box: Any) -> AnnotationRect | None:  # noqa: ANN401
    return None if box is None else AnnotationRect(x=box.x, y=box.y, width=box.width, height=box.height)
