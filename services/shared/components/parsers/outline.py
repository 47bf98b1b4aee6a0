"""Finds the blocks of normalised text: what the structure-aware chunker and citations stand on.

The text is never changed here, so every span is exact by construction.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from services.shared.components.normalisers.tables import is_separator_row
from services.shared.components.parsers.document import Block, BlockKind, Page

_ATX = re.compile(r" {0,3}(#{1,6})[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*$")
_SETEXT = re.compile(r" {0,3}(=+|-{2,})[ \t]*$")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_CLOSING_FENCE = re.compile(r" {0,3}(?:`{3,}|~{3,})[ \t]*$")
_LIST_ITEM = re.compile(r"[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+\S")
_OPENS = re.compile(rf" {{0,3}}(?:#{{1,6}}[ \t]|`{{3}}|~{{3}})|{_LIST_ITEM.pattern}")
"""Whatever begins a heading, a fenced block or a list: one look at each line instead of three."""
_EMPHASIS = re.compile(r"[*_`]{1,3}(\S(?:.*?\S)?)[*_`]{1,3}")
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_PARAGRAPH_GAP = re.compile(r"\n[ \t]*\n\s*")
# A heading is a path entry that is embedded with every chunk under it; nobody writes longer ones on purpose.
_MAX_TITLE_CHARS = 200


@dataclass(slots=True)
class Headings:
    """The titles that are open at the current place of a document."""

    path: tuple[str, ...] = ()
    """Those that say something, outermost first."""
    _open: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])

    def enter(self, level: int, title: str) -> None:
        """Open a title, which closes those of its own level and below."""
        while self._open and self._open[-1][0] >= level:
            self._open.pop()
        self._open.append((level, title[:_MAX_TITLE_CHARS]))
        self.path = tuple(title for _, title in self._open if title)


def markdown_blocks(text: str, pages: Sequence[Page] = ()) -> tuple[Block, ...]:
    """The blocks of Markdown text, in order; together they cover every non-whitespace character."""
    page_starts = [page.char_start for page in pages]
    lines = text.split("\n")
    starts = list(accumulate((len(line) + 1 for line in lines), initial=0))
    headings = Headings()
    blocks: list[Block] = []
    for kind, at, length, level in _runs(lines):
        if level:
            headings.enter(level, heading_title(lines[at]))
        start, end = starts[at], starts[at + length] - 1
        page = pages[max(0, bisect_right(page_starts, start) - 1)].number if pages else None
        blocks.append(Block(kind, start, end, headings.path, level, page))
    return tuple(blocks)


def paragraph_blocks(text: str) -> tuple[Block, ...]:
    """The blocks of plain text: paragraphs between empty lines. Nothing in plain text is taken for markup."""
    blocks: list[Block] = []
    start = 0
    for gap in _PARAGRAPH_GAP.finditer(text):
        blocks.append(Block(BlockKind.PARAGRAPH, start, gap.start()))
        start = gap.end()
    blocks.append(Block(BlockKind.PARAGRAPH, start, len(text)))
    return tuple(block for block in blocks if text[block.char_start : block.char_end].strip())


def heading_title(line: str) -> str:
    """The title in a heading's line, without its markup."""
    match = _ATX.match(line)
    title = _LINK.sub(r"\1", match[2] if match else line)
    return _EMPHASIS.sub(r"\1", title).replace("\\", "").rstrip("¶").strip()


def _runs(lines: list[str]) -> Iterator[tuple[BlockKind, int, int, int]]:
    """Group lines into (kind, place of the first line, number of lines, heading level)."""
    fences = [at for at, line in enumerate(lines) if ("```" in line or "~~~" in line) and _CLOSING_FENCE.match(line)]
    position = 0
    while position < len(lines):
        if not lines[position].strip():
            position += 1
            continue
        kind, length, level = _run_at(lines, position, fences)
        yield kind, position, length, level
        position += length


def _run_at(lines: list[str], at: int, fences: list[int]) -> tuple[BlockKind, int, int]:
    """The kind, the number of lines and the heading level of the run that begins at a line."""
    line = lines[at]
    if not _may_open(line):
        return _run_of_prose(lines, at)
    if (fence := _FENCE.match(line)) is not None:
        return BlockKind.CODE, _fenced_length(lines, at, fence[1], fences), 0
    if (atx := _ATX.match(line)) is not None:
        return BlockKind.HEADING, 1, len(atx[1])
    if _is_table_start(lines, at):
        return BlockKind.TABLE, _length_while(lines, at, _is_table_row), 0
    if _LIST_ITEM.match(line):
        return BlockKind.LIST, _list_length(lines, at), 0
    return _run_of_prose(lines, at)


def _run_of_prose(lines: list[str], at: int) -> tuple[BlockKind, int, int]:
    if _is_indented(lines[at]):
        return BlockKind.CODE, _length_while(lines, at, _is_indented), 0
    if level := _setext_level(lines, at):
        return BlockKind.HEADING, 2, level
    return BlockKind.PARAGRAPH, _paragraph_length(lines, at), 0


def _fenced_length(lines: list[str], at: int, fence: str, fences: list[int]) -> int:
    """Lines of a fenced block with both fences; without a closing fence only the opening line is one, so that a stray
    fence does not turn the rest of a document into code."""
    for end in fences[bisect_right(fences, at) :]:
        if lines[end].lstrip().startswith(fence):
            return end - at + 1
    return 1


def _length_while(lines: list[str], at: int, belongs: Callable[[str], bool]) -> int:
    end = at + 1
    while end < len(lines) and belongs(lines[end]):
        end += 1
    return end - at


def _list_length(lines: list[str], at: int) -> int:
    """A list runs over its items, their continuation lines, and single empty lines between them."""
    end = at + 1
    while end < len(lines):
        text = lines[end]
        if not text.strip():
            follows = lines[end + 1] if end + 1 < len(lines) else ""
            if not (_LIST_ITEM.match(follows) or (follows.startswith("  ") and follows.strip())):
                break
        elif _ATX.match(text) or _FENCE.match(text) or _is_table_start(lines, end):
            break
        end += 1
    return end - at


def _paragraph_length(lines: list[str], at: int) -> int:
    end = at + 1
    while end < len(lines) and lines[end].strip() and not _interrupts_paragraph(lines, end):
        end += 1
    return end - at


def _interrupts_paragraph(lines: list[str], at: int) -> bool:
    text = lines[at]
    return _may_open(text) and (bool(_OPENS.match(text)) or _is_table_start(lines, at))


def _may_open(line: str) -> bool:
    """False for nearly every line of prose, quickly: it begins nothing but a paragraph, or goes on with one."""
    return not line[0].isalpha() or "|" in line


def _setext_level(lines: list[str], at: int) -> int:
    if at + 1 >= len(lines) or (underline := _SETEXT.match(lines[at + 1])) is None:
        return 0
    return 1 if underline[1][0] == "=" else 2


def _is_table_start(lines: list[str], at: int) -> bool:
    if "|" not in lines[at]:
        return False
    return is_separator_row(lines[at]) or (at + 1 < len(lines) and is_separator_row(lines[at + 1]))


def _is_table_row(line: str) -> bool:
    return "|" in line


def _is_indented(line: str) -> bool:
    return line.startswith(("    ", "\t")) and bool(line.strip())
