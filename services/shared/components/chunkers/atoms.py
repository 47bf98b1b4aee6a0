"""Cuts blocks into atoms: the pieces that a chunk holds whole. A block that fits a chunk is one atom."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from services.shared.components.chunkers.tokens import TokenMap
from services.shared.components.normalisers.tables import is_separator_row
from services.shared.components.parsers.document import Block, BlockKind

_SENTENCE_GAP = re.compile(r"(?<=[.!?…])[\"')\]”’]*\s+|(?<=[。！？])|\n+")
LINE_GAP = re.compile(r"\n+")


@dataclass(frozen=True, slots=True)
class Atom:
    """An indivisible span of a block. `table_header` is the header row that a later row of a table needs to be read."""

    block: Block
    start: int
    end: int
    table_header: str = ""

    @property
    def is_heading(self) -> bool:
        """True for a heading, which must not end a chunk."""
        return self.block.kind is BlockKind.HEADING


def atoms_of(block: Block, tokens: TokenMap, *, room: int, header_room: int) -> Iterator[Atom]:
    """Cut one block into atoms of at most `room` tokens; a repeated table header has at most `header_room`.

    Tables are cut between rows, code and lists between lines, prose between sentences; only a single row, line or
    sentence that is too long by itself is cut between words.
    """
    if tokens.count(block.char_start, block.char_end) <= room:
        yield Atom(block, block.char_start, block.char_end)
    elif block.kind is BlockKind.TABLE:
        yield from _rows(block, tokens, room=room, header_room=header_room)
    else:
        gap = LINE_GAP if block.kind is BlockKind.CODE else _SENTENCE_GAP
        spans = between_gaps(tokens.text, block.char_start, block.char_end, gap)
        yield from (Atom(block, start, end) for start, end in fitting(spans, tokens, room))


def sentence_starts(text: str, start: int, end: int) -> Iterator[int]:
    """Where sentences begin in `text[start:end]`, the first of which may have begun before `start`."""
    return (gap.end() for gap in _SENTENCE_GAP.finditer(text, start, end) if gap.end() < end)


def between_gaps(text: str, start: int, end: int, gap: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """What lies between the gaps in `text[start:end]`, as spans; blank ones are left out."""
    for match in gap.finditer(text, start, end):
        if text[start : match.start()].strip():
            yield start, match.start()
            start = match.end()
    if text[start:end].strip():
        yield start, end


def fitting(spans: Iterable[tuple[int, int]], tokens: TokenMap, room: int) -> Iterator[tuple[int, int]]:
    """The spans, with those of more than `room` tokens cut between words."""
    for start, end in spans:
        at = start
        while tokens.count(at, end) > room:
            cut = tokens.furthest(at, room)
            yield at, at + len(tokens.text[at:cut].rstrip())
            at = cut
        if tokens.text[at:end].strip():
            yield at, end


def _rows(block: Block, tokens: TokenMap, *, room: int, header_room: int) -> Iterator[Atom]:
    text = tokens.text
    rows = list(between_gaps(text, block.char_start, block.char_end, LINE_GAP))
    has_header = len(rows) > 2 and is_separator_row(text[slice(*rows[1])])
    header = text[slice(*rows[0])] if has_header else ""
    if has_header and tokens.count(*rows[0]) > header_room:
        header = ""
    opening = (rows[0][0], rows[2][1]) if has_header else rows[0]
    fits = has_header and tokens.count(*opening) <= room
    rest = rows[3:] if fits else rows
    if fits:
        yield Atom(block, *opening)
    header_tokens = header_room if header else 0
    for number, (start, end) in enumerate(fitting(rest, tokens, room - header_tokens)):
        is_header_itself = not fits and number == 0
        yield Atom(block, start, end, "" if is_header_itself else header)
