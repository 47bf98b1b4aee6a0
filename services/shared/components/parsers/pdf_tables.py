"""Puts tables back together that a PDF's layout analysis took for two columns of text.

A ruled table whose column gap runs down the page comes out as one grid with its right half empty and another with its
left half empty. The grid knows the box of each cell, and the page knows where each piece of text lies.
"""

from collections.abc import Sequence
from dataclasses import replace

from liteparse.types import AnnotationRect, LayoutBlock, LayoutCell

from services.shared.components.parsers.pdf_engine import PageLayout, TextPiece

_MARGIN = 1.0  # points; rules and glyph boxes touch


def whole_tables(page: PageLayout) -> list[LayoutBlock]:
    """The page's blocks, with empty columns of ruled tables filled and the torn-off halves removed."""
    blocks = page.blocks
    whole: list[LayoutBlock] = []
    filled: list[AnnotationRect] = []
    for block in blocks:
        if block.kind == "table" and _lies_in_one_of(block, filled):
            continue
        if _is_torn(block) and _has_text_in_gaps(block, page.text_items):
            block = _filled(block, page.text_items)  # noqa: PLW2901
            filled.extend([block.bbox] if block.bbox else [])
        whole.append(block)
    return whole


def _is_torn(block: LayoutBlock) -> bool:
    """True for a table with a column that is empty from the header to the last row."""
    if block.kind != "table" or not block.header or not block.rows:
        return False
    rows = [block.header, *block.rows]
    width = min(len(row) for row in rows)
    return any(all(not row[column].text for row in rows) for column in range(width))


def _has_text_in_gaps(block: LayoutBlock, items: Sequence[TextPiece]) -> bool:
    gaps = [cell for cell in block.header or [] if not cell.text]
    return any(_text_in(cell.bbox, items) for cell in gaps)


def _filled(block: LayoutBlock, items: Sequence[TextPiece]) -> LayoutBlock:
    inside = [item for item in items if block.bbox is not None and _contains(block.bbox, item)]
    return replace(
        block,
        header=[_with_text(cell, inside) for cell in block.header or []],
        rows=[[_with_text(cell, inside) for cell in row] for row in block.rows or []],
    )


def _with_text(cell: LayoutCell, items: Sequence[TextPiece]) -> LayoutCell:
    return cell if cell.text else replace(cell, text=_text_in(cell.bbox, items))


def _text_in(box: AnnotationRect | None, items: Sequence[TextPiece]) -> str:
    if box is None:
        return ""
    inside = sorted((i for i in items if _contains(box, i)), key=lambda item: (round(item.y), item.x))
    return " ".join(item.text.strip() for item in inside).replace("|", "\\|")


def _contains(box: AnnotationRect, item: TextPiece) -> bool:
    x, y = item.x + item.width / 2, item.y + item.height / 2
    return box.x <= x <= box.x + box.width and box.y <= y <= box.y + box.height


def _lies_in_one_of(block: LayoutBlock, boxes: Sequence[AnnotationRect]) -> bool:
    inner = block.bbox
    return inner is not None and any(_encloses(outer, inner) for outer in boxes)


def _encloses(outer: AnnotationRect, inner: AnnotationRect) -> bool:
    return (
        outer.x - _MARGIN <= inner.x
        and outer.y - _MARGIN <= inner.y
        and inner.x + inner.width <= outer.x + outer.width + _MARGIN
        and inner.y + inner.height <= outer.y + outer.height + _MARGIN
    )
