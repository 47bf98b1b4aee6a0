"""Writes a PDF's layout blocks as Markdown with one scale of headings for the whole document."""

import re
from collections.abc import Callable, Mapping, Sequence

from liteparse.types import LayoutBlock, LayoutCell

from services.shared.components.parsers.pdf_engine import PageLayout
from services.shared.components.parsers.pdf_tables import whole_tables

_MAX_HEADING_CHARS = 120
_SENTENCE_END = (".", ":", ";", ",", "!", "?")
_MARKUP_START = re.compile(r"^(#{1,6}\s|[-*+]\s|```|~~~)")
_ORDERED_MARKER = re.compile(r"\d{1,9}[.)]")
_MAX_LEVEL = 6

_Levels = Mapping[float, int]


def page_markdown(pages: Sequence[PageLayout]) -> list[str]:
    """The Markdown of each page.

    A heading's level follows from its font size among all headings of the document: layout analysis looks at one page
    at a time, and gives the same style another level, or none, from page to page.
    """
    levels = _heading_levels(pages)
    return [_rendered(page, levels) for page in pages]


def _heading_levels(pages: Sequence[PageLayout]) -> _Levels:
    """Font sizes of recognised headings, the largest first, as levels 1 to 6."""
    sizes = {_font_size(page, block) for page in pages for block in page.blocks if block.kind == "heading"}
    ranked = sorted(sizes - {0.0}, reverse=True)
    return {size: min(rank, _MAX_LEVEL) for rank, size in enumerate(ranked, 1)}


def _font_size(page: PageLayout, block: LayoutBlock) -> float:
    """The size in half points of the first text inside the block; 0 when there is none."""
    box = block.bbox
    if box is None:
        return 0.0
    for item in page.text_items:
        middle = item.y + item.height / 2
        if box.y <= middle <= box.y + box.height and box.x - 1 <= item.x <= box.x + box.width:
            return round(2 * (item.font_size or 0.0))
    return 0.0


def _rendered(page: PageLayout, levels: _Levels) -> str:
    parts: list[str] = []
    previous = ""
    for block in whole_tables(page):
        text = _heading(page, block, levels) or _RENDERERS.get(block.kind, _nothing)(block)
        if not text:
            continue
        together = block.kind == previous == "list_item"
        parts.append(("\n" if together else "\n\n") + text)
        previous = block.kind
    return "".join(parts).strip("\n")


def _heading(page: PageLayout, block: LayoutBlock, levels: _Levels) -> str:
    """The block as a heading line; empty when it is none."""
    text = " ".join((block.text or "").split())
    size = _font_size(page, block) if block.kind == "heading" or _looks_like_heading(block, text) else 0.0
    if block.kind == "heading":
        return f"{'#' * levels.get(size, block.level or 1)} {text}"
    return f"{'#' * levels[size]} {text}" if size in levels else ""


def _looks_like_heading(block: LayoutBlock, text: str) -> bool:
    short = 0 < len(text) <= _MAX_HEADING_CHARS
    return block.kind == "paragraph" and block.bold and short and not text.endswith(_SENTENCE_END)


def _paragraph(block: LayoutBlock) -> str:
    text = block.text or ""
    return f"\\{text}" if _MARKUP_START.match(text) else text


def _list_item(block: LayoutBlock) -> str:
    ordered = block.ordered and block.marker and _ORDERED_MARKER.fullmatch(block.marker)
    return f"{'  ' * (block.level or 0)}{block.marker if ordered else '-'} {block.text or ''}"


def _code(block: LayoutBlock) -> str:
    lines = "\n".join(block.lines or []).strip("\n")
    return f"```{block.lang or ''}\n{lines}\n```" if lines.strip() else ""


def _table(block: LayoutBlock) -> str:
    rows = ([block.header] if block.header else []) + (block.rows or [])
    if not rows:
        return ""
    rule = "|" + " --- |" * len(rows[0])
    return "\n".join([_row(rows[0]), rule, *map(_row, rows[1:])])


def _row(cells: Sequence[LayoutCell]) -> str:
    return "| " + " | ".join(" ".join(cell.text.split()) for cell in cells) + " |"


def _nothing(_block: LayoutBlock) -> str:
    return ""


# Rules and figures carry no text.
_RENDERERS: Mapping[str, Callable[[LayoutBlock], str]] = {
    "paragraph": _paragraph,
    "list_item": _list_item,
    "code": _code,
    "grid_fallback": _code,
    "table": _table,
}
