"""Builds a parsed document block by block, for formats that say themselves what a heading or a table is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from services.shared.components.normalisers.unicode import normalise_text
from services.shared.components.parsers.document import Block, BlockKind, Page, ParsedDocument
from services.shared.components.parsers.outline import Headings
from services.shared.components.parsers.protocol import Source

_GAP = "\n\n"
_MAX_LEVEL = 6


@dataclass(slots=True)
class DocumentBuilder:
    """Puts blocks one below the other and keeps their spans, heading paths and pages.

    Text is normalised and never searched for markup, so a `#` in a cell or a paragraph stays what it is. Text without
    anything to read adds no block.
    """

    _parts: list[str] = field(default_factory=list[str])
    _blocks: list[Block] = field(default_factory=list[Block])
    _pages: list[Page] = field(default_factory=list[Page])
    _headings: Headings = field(default_factory=Headings)
    _end: int = 0
    _page: int | None = None

    def start_page(self, number: int) -> None:
        """What follows stands on this page, until the next one starts."""
        self._page = number
        self._pages.append(Page(number, self._end, self._end))

    def heading(self, level: int, title: str) -> None:
        """A title; what follows stands under it until a heading of the same or a higher rank."""
        shown = " ".join(title.split())
        if shown:
            level = min(level, _MAX_LEVEL)
            self._headings.enter(level, shown)
            self._add(BlockKind.HEADING, f"{'#' * level} {shown}", level)

    def end_section(self, level: int) -> None:
        """What follows no longer stands under headings of this level or below."""
        self._headings.enter(level, "")

    def paragraph(self, text: str) -> None:
        """One block of prose, its lines as they are."""
        self._add(BlockKind.PARAGRAPH, text)

    def code(self, text: str) -> None:
        """One block that is kept verbatim, apart from invisible characters and runs of empty lines."""
        self._add(BlockKind.CODE, text)

    def items(self, items: Iterable[tuple[int, str] | tuple[int, str, str]]) -> None:
        """One list; each item has its depth, from 0, its text, and perhaps its mark, as `1.`."""
        marked = ((depth, text, *mark, "-") for depth, text, *mark in items if text.strip())
        lines = [f"{'  ' * depth}{mark} {' '.join(text.split())}" for depth, text, mark, *_ in marked]
        self._add(BlockKind.LIST, "\n".join(lines))

    def table(self, rows: Iterable[Sequence[str]]) -> None:
        """One table whose first row is its header. Empty rows are left out."""
        filled = (row for row in rows if any(cell.strip() for cell in row))
        header = next(filled, None)
        if header is not None:
            lines = [_row(header), "|" + "---|" * len(header), *map(_row, filled)]
            self._add(BlockKind.TABLE, "\n".join(lines))

    def embed(self, text: str, blocks: Sequence[Block]) -> None:
        """A document inside this one: its heading paths continue the current one, its page numbers are dropped."""
        if not blocks:
            return
        start = self._place(text)
        path = self._headings.path
        for block in blocks:
            span = {"char_start": block.char_start + start, "char_end": block.char_end + start}
            self._blocks.append(replace(block, headings=path + block.headings, page=self._page, **span))

    def document(self, source: Source, *, title: str, warnings: Sequence[str] = ()) -> ParsedDocument:
        """The document so far."""
        return ParsedDocument(
            text=_GAP.join(self._parts),
            title=" ".join(normalise_text(_encodable(title)).split()),
            media_type=source.media_type,
            blocks=tuple(self._blocks),
            pages=tuple(self._pages),
            warnings=tuple(warnings),
        )

    def _add(self, kind: BlockKind, text: str, level: int = 0) -> None:
        text = normalise_text(_encodable(text))
        if text.strip():
            start = self._place(text)
            path = self._headings.path
            self._blocks.append(Block(kind, start, self._end, path, level, self._page))

    def _place(self, text: str) -> int:
        """Append the text and return where it starts."""
        start = self._end + len(_GAP) if self._parts else 0
        self._parts.append(text)
        self._end = start + len(text)
        if self._pages:
            page = self._pages[-1]
            first = start if page.char_start == page.char_end else page.char_start
            self._pages[-1] = Page(page.number, first, self._end)
        return start


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(" ".join(cell.split()).replace("|", "\\|") for cell in cells) + " |"


def _encodable(text: str) -> str:
    """JSON and mail can hold halves of surrogate pairs, which no encoding can write."""
    return text.encode("utf-8", errors="replace").decode("utf-8")
